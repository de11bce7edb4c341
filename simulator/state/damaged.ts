import { StateError } from '../../src/base/errors.js';
import { given } from '../../src/base/given.js';

/** What is kept of a meter is not what was written. Never a restart from nothing: counters would come twice. */
export function damaged(meter: string, what: string, cause?: unknown): StateError {
  return new StateError(`what is kept of meter ${meter} is damaged: ${what}`, {
    hint: 'put a copy of the file in its place, or begin with a new file',
    ...given({ cause }),
  });
}

/** A whole number from 0 as it was written down. @throws StateError */
export function keptNumber(text: string, meter: string, what: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw damaged(meter, `${what} is no number`);
  return value;
}
