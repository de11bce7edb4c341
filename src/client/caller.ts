import { CosemError } from '../base/errors.js';

/** The original stacks of errors. An error that ends later calls too is thrown to each of them. */
const origins = new WeakMap<CosemError, string>();

/** The part of `Error` that V8 provides. */
interface Traced {
  stackTraceLimit?: number;
}
const DEPTH = 40;
const OWN_FRAMES = 2;

/**
 * Adds the frames of the awaiting caller to the stack of an error. Errors of a line are made where octets arrive, and nothing there names
 * the caller; an async function that catches the error knows it. It costs nothing where nothing fails, and does nothing in engines without
 * such stacks.
 */
export function withCaller<E>(error: E): E {
  if (!(error instanceof CosemError) || error.stack === undefined) return error;
  const own = origins.get(error) ?? error.stack;
  origins.set(error, own);
  const frames = callerFrames();
  if (frames.length > 0) error.stack = `${own}\n${frames.join('\n')}`;
  return error;
}

/**
 * Awaits a promise that several callers share; an error names the caller that waits here, because engines do not follow the stack beyond
 * such a promise.
 */
export async function awaited<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw withCaller(error);
  }
}

/** The frames above this function and its caller. */
function callerFrames(): string[] {
  const traced = Error as Traced;
  const { stackTraceLimit } = traced;
  if (stackTraceLimit !== undefined) traced.stackTraceLimit = DEPTH;
  const stack = new Error().stack ?? '';
  if (stackTraceLimit !== undefined) traced.stackTraceLimit = stackTraceLimit;
  const frames = stack.split('\n').filter((line) => line.trimStart().startsWith('at '));
  return frames.slice(OWN_FRAMES);
}
