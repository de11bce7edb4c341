import type { Procedure } from '../session/procedure.js';

/** The promise's outcome, or the signal's reason when that comes first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** The procedure, until the signal says stop: it ends before its next exchange. */
export function* stoppable<T>(procedure: Procedure<T>, signal: AbortSignal): Procedure<T> {
  let step = procedure.next(new Uint8Array(0));
  while (step.done !== true) {
    if (signal.aborted) {
      procedure.throw(signal.reason);
      throw signal.reason;
    }
    let answer: Uint8Array;
    try {
      answer = yield step.value;
    } catch (error) {
      step = procedure.throw(error);
      continue;
    }
    step = procedure.next(answer);
  }
  return step.value;
}
