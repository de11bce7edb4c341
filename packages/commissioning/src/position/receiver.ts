import { type Clock, CosemError, type Transport } from 'cosem';
import { refuse } from '../refused.js';
import { type Fix, type FixFault, type FixLimits, faultOfFix } from './fix.js';
import { GPSD_WATCH, GpsdReader } from './gpsd.js';
import { NmeaReader } from './nmea.js';

/** How long a receiver may take, in milliseconds: a warm one needs a second, a cold one half a minute. */
const PATIENCE = 40_000;

/** A fix, or why none is waited for any more. */
type Ended = Fix | 'away' | 'patience';

export interface ReceiverOptions {
  readonly kind: Fix['receiver'];
  readonly clock: Clock;
  readonly limits: FixLimits;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. Default 40 s. */
  readonly patience?: number;
  /** Told of each fix that is not believed, while a better one is waited for. */
  readonly onFault?: (fault: FixFault) => void;
}

/**
 * Reads a receiver until it gives a fix that is to be believed, and lets go of it.
 * @throws RefusedError `gps-silent`, `gps-garbled`, `gps-no-fix`, or why the last fix is not believed, when patience ends; `gps-away` when the
 * receiver cannot be opened or goes away.
 */
export async function readReceiver(transport: Transport, options: ReceiverOptions): Promise<Fix> {
  const { kind, clock, limits, signal, patience = PATIENCE, onFault } = options;
  const reader = kind === 'gpsd' ? new GpsdReader() : new NmeaReader();
  let came = false;
  let why: FixFault | { readonly code: 'gps-no-fix' } | undefined;
  // A receiver that has stopped repeats its last fix: the second one must be of another time.
  let before: Fix | undefined;
  let settle: (ended: Ended) => void = () => undefined;
  const found = new Promise<Ended>((resolve) => {
    settle = resolve;
  });
  const judge = (fix: Fix | undefined) => {
    if (fix === undefined) why = { code: 'gps-no-fix' };
    else {
      const fault = faultOfFix(fix, limits, clock.now());
      const isNew = before !== undefined && (fix.time === undefined || fix.time !== before.time);
      before ??= fix;
      why =
        fault ??
        (isNew
          ? undefined
          : { code: 'gps-stale', seconds: Math.round(Math.max(0, clock.now() - (fix.time ?? 0)) / 1000) });
      if (fault === undefined && isNew) settle(fix);
      if (fault !== undefined) onFault?.(fault);
    }
  };
  const cancel = clock.at(clock.now() + patience, () => settle('patience'));
  const stop = () => settle('away');
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await transport.open({
      data: (chunk) => {
        came = true;
        for (const { fix } of reader.push(chunk)) judge(fix);
      },
      closed: () => settle('away'),
    });
    if (signal?.aborted) stop();
    if (kind === 'gpsd') transport.write(new TextEncoder().encode(GPSD_WATCH));
    const ended = await found;
    if (signal?.aborted) throw signal.reason;
    if (ended === 'away') return refuse('gps-away', { name: transport.name });
    if (ended !== 'patience') return ended;
  } catch (error) {
    if (error instanceof CosemError && error.code === 'link') return refuse('gps-away', { name: transport.name });
    throw error;
  } finally {
    cancel();
    signal?.removeEventListener('abort', stop);
    await transport.close();
  }
  if (!came) return refuse('gps-silent', { name: transport.name });
  if (!reader.understood) return refuse('gps-garbled', { name: transport.name });
  const { code, ...params } = why ?? { code: 'gps-no-fix' as const };
  return refuse(code, params);
}
