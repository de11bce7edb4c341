import { type Backoff, chanceOf, checkBackoff, pauseBefore } from '../base/backoff.js';
import type { Clock, Millis } from '../base/clock.js';
import { StateError } from '../base/errors.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import { attempted, mayPass } from './attempts.js';
import type { Established } from './connection.js';
import type { MeterServices } from './meter-services.js';
import { mayBeConformance } from './open-refusals.js';
import type { OpenOptions } from './options.js';
import { Unanswered } from './unaccepted.js';

/** For how long a lost meter is tried again by default. */
export const PATIENCE: Millis = 60_000;
/** Half of the default inactivity time-out of meters (class 23, attribute 8). */
const HDLC_KEEP_ALIVE: Millis = 60_000;

/** The option `reconnect` with its defaults. */
export interface ReconnectPolicy {
  readonly first: boolean;
  readonly background: boolean;
  readonly backoff: Backoff | undefined;
}

/** @throws StateError for an invalid number. */
export function reconnectPolicy({ reconnect = false, keepAlive = 0, patience = 0 }: OpenOptions): ReconnectPolicy {
  if (!(keepAlive >= 0 && patience >= 0)) throw new StateError('keepAlive and patience are milliseconds from 0 on');
  if (typeof reconnect === 'boolean') {
    return { first: false, background: reconnect, backoff: reconnect ? {} : undefined };
  }
  const { first = false, backoff = {} } = reconnect;
  checkBackoff(backoff);
  return { first, background: true, backoff };
}

/** The pause before each try, by its number. */
export function pausesOf(backoff: Backoff, crypto: CryptoProvider): (n: number) => Millis {
  const chance = chanceOf((length) => crypto.random(length));
  return (n) => pauseBefore(n, backoff, chance);
}

/** For how long a link tries a meter that is there and refuses. Not for ever, because everything else waits meanwhile. */
export function refusalPatience({ patience = PATIENCE }: OpenOptions): Millis {
  return Number.isFinite(patience) ? patience : PATIENCE;
}

/** After this much silence HDLC checks the link by RR; 0 for never. */
export function hdlcKeepAlive({ keepAlive, reconnect = false }: OpenOptions): Millis {
  return keepAlive ?? (reconnect === false ? 0 : HDLC_KEEP_ALIVE);
}

interface FirstOpening {
  readonly clock: Clock;
  readonly patience: Millis;
  readonly signal: AbortSignal | undefined;
  /** The pause before each try; undefined where it is not tried again. */
  readonly pause: ((n: number) => Millis) | undefined;
}

/** Opens for the first time and again. */
interface Opens {
  open(signal: AbortSignal | undefined): Promise<Established>;
  again(attempt: number, signal: AbortSignal, lost?: unknown): Promise<Established>;
}

/** The first opening, which is tried again where the policy says so and another try may help. */
export async function firstOpened(
  opener: Opens,
  services: MeterServices,
  { first }: ReconnectPolicy,
  { clock, patience, signal, pause }: FirstOpening,
): Promise<Established> {
  const unanswered = new Unanswered();
  try {
    return await opener.open(signal).catch((error) => {
      if (!mayBeConformance(error) || services.without.size === 0) throw error;
      services.forget();
      return opener.open(signal);
    });
  } catch (error) {
    if (!first || pause === undefined || !mayPass(error) || signal?.aborted === true) throw error;
    if (!unanswered.mayGoAgain(error)) throw error;
    const stop = signal ?? new AbortController().signal;
    const again = (n: number, limit: AbortSignal) => opener.again(n, limit, error);
    const outcome = await attempted(again, { clock, patience, pause, stop, error: error as Error, unanswered });
    if ('value' in outcome) return outcome.value;
    throw stop.aborted ? stop.reason : outcome.failed;
  }
}
