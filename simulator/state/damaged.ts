import { StateError } from '../../src/base/errors.js';
import { given } from '../../src/base/given.js';

/** The error for stored state that cannot be read. The meter must not start again from nothing, because counters would then repeat. */
export function damaged(meter: string, what: string, cause?: unknown): StateError {
  return new StateError(`what is kept of meter ${meter} is damaged: ${what}`, {
    hint: 'put a copy of the file in its place, or begin with a new file',
    ...given({ cause }),
  });
}

/** Reads a stored whole number from 0. @throws StateError */
export function keptNumber(text: string, meter: string, what: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw damaged(meter, `${what} is no number`);
  return value;
}
