import { Reader } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { OnRemark, Remark } from '../base/remark.js';
import { momentDeviation } from '../codec/datetime.js';
import type { Apdu } from './apdu.js';
import { type DecodeOptions, decodeApdu, surplus } from './codec.js';
import { type Deviation, deviationText, type OnDeviation } from './deviation.js';

const STRICT_HINT = 'that is borne without strict (--strict): nothing that is proved hangs on it';

/** How what a peer sends is read: with its faults of form, each told by a remark, or not. */
export interface Reception {
  /** Refuses by name what the standard does not allow. Off unless told otherwise. */
  readonly strict?: boolean;
  /** Hears of each fault that was borne. Must not throw. */
  readonly onRemark?: OnRemark;
}

/**
 * Reads an APDU that a peer sent.
 * @throws DecodeError; where only `strict` keeps it from being read, its message names what deviates.
 */
export function readReceived(octets: Uint8Array, reception: Reception): Apdu {
  return received(reception, (options) => decodeApdu(octets, options));
}

/** Reads the whole of octets that blocks made together; what stands behind is surplus. @throws DecodeError, as {@link readReceived}. */
export function readJoined<T>(
  octets: Uint8Array,
  reception: Reception,
  read: (r: Reader, bear: OnDeviation | undefined) => T,
): T {
  return received(reception, ({ onDeviation }) => {
    const r = new Reader(octets);
    const value = read(r, onDeviation);
    if (onDeviation === undefined) r.done('answer');
    else if (r.remaining > 0) onDeviation(surplus(r, 'answer'));
    return value;
  });
}

/**
 * Runs a reader as a reception wants it: leniently, with a remark of each deviation, or strictly, with an error that names them all.
 * @param read may be called a second time.
 */
export function received<T>({ strict, onRemark }: Reception, read: (options: DecodeOptions) => T): T {
  if (strict !== true)
    return read({ lenient: true, onDeviation: (one) => onRemark?.({ ...one, weight: weightOf(one) }) });
  try {
    return read({});
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const deviations: Deviation[] = [];
    try {
      read({ lenient: true, onDeviation: (one) => deviations.push(one) });
    } catch {
      // It is wrong however it is read.
      throw error;
    }
    throw strictly(deviations, error);
  }
}

/** Elements may be missing where counts do not hold: whoever asked should be told. */
function weightOf({ code }: Deviation): Remark['weight'] {
  return code === 'wrong-count' ? 'note' : 'detail';
}

/**
 * A date or time with a field that cannot be so was read: it is told of.
 * @param problem what is wrong with it, undefined for nothing.
 * @param target the object, where it is known.
 * @throws DecodeError where the reception is strict.
 */
export function judgeMoment({ strict, onRemark }: Reception, problem: string | undefined, target?: string): void {
  if (problem === undefined) return;
  const { code, text } = momentDeviation(problem);
  const where = given({ target });
  if (strict !== true) {
    onRemark?.({ code, text, ...where, weight: 'detail' });
    return;
  }
  throw new DecodeError('bad-value', `it deviates from the standard (${code}: ${text})`, -1, {
    path: target === undefined ? [] : [target],
    hint: STRICT_HINT,
  });
}

/** Whether only `strict` kept this from being read. */
export function isDeviation(error: unknown): boolean {
  return error instanceof DecodeError && error.cause instanceof DecodeError;
}

function strictly(deviations: readonly Deviation[], cause: DecodeError): DecodeError {
  const { reason, offset, path } = cause;
  const named = deviations.map(deviationText).join('; ');
  const message = `an answer deviates from the standard (${named})`;
  return new DecodeError(reason, message, offset, {
    path: [...path],
    cause,
    hint: STRICT_HINT,
  });
}
