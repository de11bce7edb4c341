import type { Backoff } from '../base/backoff.js';

/** How a meter is kept at hand. */
export interface Reconnect {
  /** Opening is tried again too, as long as `patience`, where another try may fare better: nobody answers, the line is busy. False unless told otherwise. */
  readonly first?: boolean;
  /** The pauses between tries. */
  readonly backoff?: Backoff;
}
