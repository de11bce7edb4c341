import { CosemError } from '../base/errors.js';

/** Stacks as they were where the errors were made: what breaks later calls too may be thrown to each of them. */
const origins = new WeakMap<CosemError, string>();

/** The part of `Error` that engines of V8 have. */
interface Traced {
  stackTraceLimit?: number;
}
const DEPTH = 40;
const OWN_FRAMES = 2;

/**
 * The error with the frames of who awaits behind its own. Errors of a line are made where octets come in, and nothing there names the
 * caller; who awaits is known where an async function has caught the error. Costs nothing where nothing fails, and adds nothing where an
 * engine has no such stacks.
 */
export function withCaller<E>(error: E): E {
  if (!(error instanceof CosemError) || error.stack === undefined) return error;
  const own = origins.get(error) ?? error.stack;
  origins.set(error, own);
  const frames = callerFrames();
  if (frames.length > 0) error.stack = `${own}\n${frames.join('\n')}`;
  return error;
}

/** What becomes of a promise that several wait for; an error of it names who waits here: engines follow no further than to such a promise. */
export async function awaited<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw withCaller(error);
  }
}

/** Those above this function and the one that calls it. */
function callerFrames(): string[] {
  const traced = Error as Traced;
  const { stackTraceLimit } = traced;
  if (stackTraceLimit !== undefined) traced.stackTraceLimit = DEPTH;
  const stack = new Error().stack ?? '';
  if (stackTraceLimit !== undefined) traced.stackTraceLimit = stackTraceLimit;
  const frames = stack.split('\n').filter((line) => line.trimStart().startsWith('at '));
  return frames.slice(OWN_FRAMES);
}
