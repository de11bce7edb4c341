import { StateError } from './errors.js';

/** No file of this library has so many levels. Code that walks over a value calls itself for each level, and the stack is finite. */
const MOST_LEVELS = 64;

/** Whether a value has more levels of nesting than any file of this library. This check itself does not recurse. */
export function isTooDeep(value: unknown, most = MOST_LEVELS): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > most) return true;
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return false;
}

/**
 * Parses JSON text.
 * @param what what messages call it: `the template`.
 * @throws StateError when it is not JSON, or nested too deep.
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

/** Whether a value is an object with fields, and no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws StateError for a value that is nested too deep to be walked over. */
export function checkDepth(value: unknown, what: string, hint: string): void {
  if (isTooDeep(value)) throw new StateError(`${what} is nested in more than ${MOST_LEVELS} levels`, { hint });
}
