import { keptUntil, type MeterOptions } from '../../simulator/index.js';
import { type Clock, systemClock } from '../../src/index.js';
import { type MeterFile, openMeterStore } from '../../src/node.js';
import { ScaledClock } from '../../src/protocol.js';
import type { Run } from '../command.js';
import { UsageError } from '../failure.js';
import { numberIn } from '../settings.js';

/** For how many real milliseconds one write to the state file holds. */
const LEASE = 15_000;

/** The simulated time, and the file that stores it. */
export interface Life {
  /** For the options of a meter or a fleet. */
  readonly options: Pick<MeterOptions, 'lineClock' | 'store' | 'lease' | 'realistic'> & { readonly clock: Clock };
  readonly speed: number;
  close(): void;
}

/**
 * Opens the state file of the options, if they name one, and starts the clock: now, or where those in the file were last seen when they lived
 * ahead of real time.
 * @throws UsageError, StateError
 */
export async function lifeOf({ options }: Run, who: { readonly seed: number; readonly count?: number }): Promise<Life> {
  if (options.state !== undefined && options.template !== undefined) {
    throw new UsageError('a recorded meter keeps no state', 'leave out --state or --template');
  }
  const speed = typeof options.speed === 'string' ? numberIn(options.speed, '--speed', 0.1, 1_000_000) : 1;
  const store: MeterFile | undefined =
    typeof options.state === 'string' ? await openMeterStore(options.state) : undefined;
  const start = Math.max(systemClock.now(), (store && keptUntil(store, who)) ?? 0);
  const clock = speed === 1 && start <= systemClock.now() ? systemClock : new ScaledClock(systemClock, speed, start);
  return {
    options: {
      clock,
      lineClock: systemClock,
      lease: LEASE * speed,
      ...(options.realistic === true ? { realistic: true } : {}),
      ...(store === undefined ? {} : { store }),
    },
    speed,
    close: () => store?.close(),
  };
}
