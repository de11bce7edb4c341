import type { ConformanceName } from '../apdu/conformance.js';
import { onAbort } from '../base/abort.js';
import type { Procedure } from '../contracts/procedure.js';
import type { ClientSession } from '../session/client-session.js';

/** The promise's outcome, or the signal's reason when that comes first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const off = onAbort(signal, () => reject(signal.reason));
    promise.then(resolve, reject).finally(off);
  });
}

/** What is known of a procedure from outside. */
export interface Course {
  /** Something of it went out. */
  sent: boolean;
  /** An answer came on which it went on. */
  answered?: boolean;
  /** The kind of block transfer in which it stopped before its end. */
  stopped?: ConformanceName | undefined;
}

/** A procedure of this session; `course` is told where it stopped. */
export function* followed<T>(procedure: Procedure<T>, course: Course, session: ClientSession): Procedure<T> {
  try {
    return yield* procedure;
  } finally {
    course.stopped = session.transfer;
  }
}

/** The procedure, until the signal says stop: it ends before its next exchange. `course` is told what becomes of it. */
export function* supervised<T>(procedure: Procedure<T>, course: Course, signal?: AbortSignal): Procedure<T> {
  let step = procedure.next(new Uint8Array(0));
  while (step.done !== true) {
    if (signal?.aborted === true) {
      procedure.throw(signal.reason);
      throw signal.reason;
    }
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
