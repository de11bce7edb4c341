import { StateError } from './errors.js';

/** Levels that no file of this library has. What walks over a value calls itself for each, and a stack has an end. */
const MOST_LEVELS = 64;

/** Whether a value is nested in more levels than anything here is. Asks without calling itself. */
export function isTooDeep(value: unknown, most = MOST_LEVELS): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > most) return true;
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return false;
}

/**
 * The value of a text that is JSON.
 * @param what how it is called in messages: `the template`.
 * @throws StateError when it is no JSON, or nested too deep.
 */
export function jsonValue(text: string, what: string, hint: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new StateError(`${what} is not JSON`, { hint, cause });
  }
  checkDepth(value, what, hint);
  return value;
}

/** @throws StateError for a value that is nested too deep to be looked at. */
export function checkDepth(value: unknown, what: string, hint: string): void {
  if (isTooDeep(value)) throw new StateError(`${what} is nested in more than ${MOST_LEVELS} levels`, { hint });
}
