import type { ConformanceName } from '../apdu/conformance.js';
import { onAbort } from '../base/abort.js';
import type { Procedure } from '../contracts/procedure.js';
import type { ClientSession } from '../session/client-session.js';

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

/** Runs a procedure of this session and notes in `course` where it stopped. */
export function* followed<T>(procedure: Procedure<T>, course: Course, session: ClientSession): Procedure<T> {
  try {
    return yield* procedure;
  } finally {
    course.stopped = session.transfer;
  }
}

/** Runs a procedure until the signal aborts; it then ends before its next exchange. `course` notes what becomes of it. */
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
