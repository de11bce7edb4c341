import type { Millis } from '../base/clock.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import type { PayloadEvent } from '../contracts/link.js';
import type { EchoCanceller } from './echo-canceller.js';
import type { PumpOptions } from './pump.js';

/** Options of {@link ClientDriver}. Times are in milliseconds. */
export interface ClientDriverOptions extends Omit<PumpOptions, 'echo'> {
  /**
   * Whether our own octets come back, as from an optical probe, and must be removed. Default `auto`: from the first complete frame that
   * comes back. An existing canceller continues with what it knows about the line.
   */
  readonly echo?: boolean | 'auto' | EchoCanceller;
  /**
   * How long the peer may stay silent while an answer is awaited. Default 10 s. A link that repeats by itself (HDLC) may finish its own
   * repetitions first.
   */
  readonly responseTimeout?: Millis;
  /** How long one exchange, or connecting, may take in total, however much is received meanwhile. Default 5 minutes. */
  readonly exchangeLimit?: Millis;
  /** The same for connecting, if it may take longer, because a meter that refuses the link is tried again later. */
  readonly connectLimit?: Millis;
  /**
   * Gets every payload before it is taken as an answer. Returns true when it was unsolicited (a notification) and has been handled. It must
   * not throw.
   */
  readonly onUnsolicited?: (payload: PayloadEvent) => boolean;
  /**
   * Called before each step of a procedure. Returns what must be waited for first, such as counters from a remote store; undefined for
   * nothing. If it rejects, the procedure fails and the link stays up.
   */
  readonly ready?: (() => Promise<void> | undefined) | undefined;
  /**
   * Called with each payload before anything judges it. Returns what must be waited for first, such as what a remote store knows of its
   * sender; undefined for nothing. Payloads that come meanwhile wait in their order. If it rejects, the running procedure fails, the payload
   * is put aside, and the link stays up.
   */
  readonly arriving?: ((payload: PayloadEvent) => Promise<void> | undefined) | undefined;
  /**
   * Called when a payload was judged. Returns what must be waited for before a procedure goes on or ends because of it, such as a counter that
   * a remote store is to keep; undefined for nothing. If it rejects, the running procedure fails and the link stays up.
   */
  readonly judged?: (() => Promise<void> | undefined) | undefined;
}

const OPTIONS: OptionNames<ClientDriverOptions> = {
  echo: true,
  responseTimeout: true,
  exchangeLimit: true,
  connectLimit: true,
  onUnsolicited: true,
  ready: true,
  arriving: true,
  judged: true,
  trace: true,
  onLinkEvent: true,
};

/** @throws StateError for an unknown option. */
export function checkDriverOptions(options: ClientDriverOptions): void {
  checkOptions(options, OPTIONS, 'ClientDriver', { others: { timeout: 'responseTimeout', onTrace: 'trace' } });
}
