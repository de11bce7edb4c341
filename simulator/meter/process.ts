import type { Millis } from '../../src/base/clock.js';

/** A part of a meter that does things by itself. */
export interface Process {
  /**
   * When {@link step} must be called: the time of what already fell due, however long ago, or else of the next thing after `after`.
   * Undefined when nothing waits. It is asked often, so it must be cheap.
   */
  next(after: Millis): Millis | undefined;
  /** Does what fell due at this time. Afterwards `next` gives a later time. */
  step(at: Millis): void;
}
