import type { Backoff } from '../base/backoff.js';

/** How a meter is kept connected. */
export interface Reconnect {
  /**
   * Whether the first opening is tried again too, for as long as `patience`, where another try may help: nobody answers, the line is busy.
   * Default false.
   */
  readonly first?: boolean;
  /** The pauses between tries. */
  readonly backoff?: Backoff;
}
