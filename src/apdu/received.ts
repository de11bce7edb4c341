import { Reader } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { OnRemark, Remark } from '../base/remark.js';
import { momentDeviation } from '../codec/datetime.js';
import type { Apdu } from './apdu.js';
import { type Deviation, deviationText, type OnDeviation } from './deviation.js';
import { type DecodeOptions, decodeOpening, surplus } from './opening-codec.js';

const STRICT_HINT = 'without strict (--strict) it is tolerated: nothing that is authenticated depends on it';

/** How to read what a peer sends: tolerating faults of form, with a remark for each, or strictly. */
export interface Reception {
  /** Refuses what the standard does not allow, with an error that names it. Default off. */
  readonly strict?: boolean;
  /** Is called for each fault that was tolerated. Must not throw. */
  readonly onRemark?: OnRemark;
}

/**
 * Decodes an APDU that a peer sent.
 * @throws DecodeError; where it would be readable without `strict`, the message names what deviates.
 */
export function readReceived(octets: Uint8Array, reception: Reception): Apdu {
  return received(reception, (options) => decodeOpening(octets, options));
}

/** Decodes octets that were joined from blocks; what is left after the value is surplus. @throws DecodeError, as {@link readReceived}. */
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
 * Runs a decoder as the reception says: leniently, with a remark for each deviation, or strictly, with an error that names them all.
 * @param read the decoder; it may be called a second time.
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
      // It cannot be read leniently either.
      throw error;
    }
    throw strictly(deviations, error);
  }
}

/** Where a count is wrong, elements may be missing: the person who asked should be told. */
function weightOf({ code }: Deviation): Remark['weight'] {
  return code === 'wrong-count' ? 'note' : 'detail';
}

/**
 * Reports a date or time that has an impossible field.
 * @param problem what is wrong with it; undefined when nothing is.
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

/** Whether it could be read without `strict`. */
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
