import type { Millis } from '../../src/base/clock.js';

/** Something in a meter that happens by itself. */
export interface Process {
  /**
   * When it wants {@link step} to be called: what fell due, however long ago, or the next thing after `after`. Undefined when nothing
   * waits. Asked often: it must cost little.
   */
  next(after: Millis): Millis | undefined;
  /** Does what fell due at this time. After it `next` gives a later time. */
  step(at: Millis): void;
}
