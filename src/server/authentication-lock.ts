import type { Millis } from '../base/clock.js';
import { checkOptions } from '../base/known-options.js';
import type { AuthenticationLock } from '../contracts/association.js';

/** When an association is locked, and for how long. */
export interface LockOptions {
  /** Failures in a row after which it is locked. */
  readonly attempts: number;
  /** How long it stays locked, in milliseconds. */
  readonly duration: Millis;
}

/** The part of a lock that must outlive a restart. */
export interface LockState {
  readonly failures: number;
  readonly until: Millis | undefined;
}

/**
 * Locks an association after failed authentications in a row, so that guessing passwords takes long. While it is locked every AARQ is refused,
 * whether its secret is right or not, and is not counted. When the time is over, the next failure locks it again.
 */
export class FailureLock implements AuthenticationLock {
  readonly #attempts: number;
  readonly #duration: Millis;
  #failures = 0;
  #until: Millis | undefined;
  /** Called when a failure was counted, or failures were forgotten. */
  onChange: ((state: LockState) => void) | undefined;

  constructor(options: LockOptions) {
    checkOptions(options, { attempts: true, duration: true }, 'FailureLock');
    const { attempts, duration } = options;
    this.#attempts = attempts;
    this.#duration = duration;
  }

  locked(now: Millis): boolean {
    return this.#until !== undefined && now < this.#until;
  }

  attempted(succeeded: boolean, now: Millis): void {
    if (succeeded && this.#failures === 0) return;
    this.#failures = succeeded ? 0 : Math.min(this.#failures + 1, this.#attempts);
    this.#until = this.#failures < this.#attempts ? undefined : now + this.#duration;
    this.onChange?.(this.state);
  }

  get state(): LockState {
    return { failures: this.#failures, until: this.#until };
  }

  set state({ failures, until }: LockState) {
    this.#failures = failures;
    this.#until = until;
  }
}
