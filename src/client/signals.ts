import type { ConformanceName } from '../apdu/conformance.js';
import { onAbort } from '../base/abort.js';
import type { Exchange, Procedure } from '../contracts/procedure.js';
import type { ClientCore } from '../session/client-core.js';

/** The outcome of the promise, or the signal's reason if that comes first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const off = onAbort(signal, () => reject(signal.reason));
    promise.then(resolve, reject).finally(off);
  });
}

/** What callers know about a running procedure. */
export interface Course {
  /** Whether anything of it was sent. */
  sent: boolean;
  /** Whether an answer came with which it continued. */
  answered?: boolean;
  /** The kind of block transfer in which it stopped. */
  stopped?: ConformanceName | undefined;
}

/**
 * A procedure of this session, as {@link supervised}; `course` also notes in which kind of transfer it stopped. Every call goes through it,
 * so it passes steps on by itself and is no generator around another.
 */
export class Followed<T> implements Pick<Procedure<T>, 'next' | 'throw'> {
  readonly #procedure: Procedure<T>;
  readonly #course: Course;
  readonly #session: ClientCore;
  readonly #signal: AbortSignal | undefined;
  #begun = false;
  #sent = false;

  constructor(procedure: Procedure<T>, course: Course, session: ClientCore, signal: AbortSignal | undefined) {
    this.#procedure = procedure;
    this.#course = course;
    this.#session = session;
    this.#signal = signal;
  }

  next(answer: Uint8Array): IteratorResult<Exchange, T> {
    let step: IteratorResult<Exchange, T>;
    try {
      step = this.#procedure.next(answer);
    } catch (error) {
      this.#stop();
      throw error;
    }
    if (this.#sent) this.#course.answered = true;
    this.#begun = true;
    return this.#onward(step);
  }

  throw(error: unknown): IteratorResult<Exchange, T> {
    let step: IteratorResult<Exchange, T>;
    try {
      step = this.#procedure.throw(error);
    } catch (thrown) {
      if (this.#begun) this.#stop();
      throw thrown;
    }
    return this.#onward(step);
  }

  #onward(step: IteratorResult<Exchange, T>): IteratorResult<Exchange, T> {
    if (step.done === true) {
      this.#stop();
      return step;
    }
    if (this.#signal?.aborted === true) {
      this.#stop();
      this.#procedure.throw(this.#signal.reason);
      throw this.#signal.reason;
    }
    // What only waits for something of ours sends nothing.
    this.#sent = step.value.until === undefined;
    if (this.#sent) this.#course.sent = true;
    return step;
  }

  #stop(): void {
    this.#course.stopped = this.#session.transfer;
  }
}

/** Runs a procedure, and notes in `course` what becomes of it. */
export function* supervised<T>(procedure: Procedure<T>, course: Course): Procedure<T> {
  let step = procedure.next(new Uint8Array(0));
  while (step.done !== true) {
    course.sent = true;
    let answer: Uint8Array;
    try {
      answer = yield step.value;
    } catch (error) {
      step = procedure.throw(error);
      continue;
    }
    step = procedure.next(answer);
    course.answered = true;
  }
  return step.value;
}
