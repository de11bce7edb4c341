/** How requests to a server are protected, and therefore their answers and further blocks. */

import type { Apdu, InitiateRequest } from '../apdu/apdu.js';
import { isProtected, type ProtectedApdu } from '../apdu/ciphered.js';
import { decodeApdu } from '../apdu/codec.js';
import { APDU_TAGS } from '../apdu/tags.js';
import { toHex } from '../base/bytes.js';
import { DecodeError } from '../base/errors.js';
import type { Naming } from '../contracts/association.js';
import type { Protection } from '../contracts/protection.js';
import { type CipherKind, cipherKindOf, isDedicated } from './cipher-kind.js';
import { covers, meets } from './covers.js';
import { decodeOpened } from './decode-opened.js';
import type { Ciphering, Opened } from './protection.js';
import { takeIn } from './server-acceptance.js';
import { DECIPHERING_ERROR, isRequestTag, malformed, SERVICE_UNKNOWN } from './server-answers.js';

/** How a request was protected; its answer is protected alike. */
export interface Envelope {
  readonly kind: CipherKind | undefined;
  readonly protection: Protection;
  readonly signed: boolean;
  /** Kind, protection and system title as the request itself had them: what goes on in blocks goes on in the same. */
  readonly wrapping: string;
}

/** The same of one that was protected. */
export type Wrapped = Envelope & { readonly kind: CipherKind };

export const CLEAR: Envelope = { kind: undefined, protection: 'none', signed: false, wrapping: '' };

/** The envelope of a protected request that was opened. */
export function envelopeOf(outer: ProtectedApdu, { kind, protection, signed }: Opened): Wrapped {
  const title = (outer.type === 'ciphered' ? outer.systemTitle : outer.originatorTitle) ?? new Uint8Array(0);
  return { kind, protection, signed, wrapping: `${kind} ${protection} ${signed ? 'signed ' : ''}${toHex(title)}` };
}

/**
 * The request in a message that was opened; undefined where it cannot be read, or no tag holds and it does not even begin as one: that is of
 * another key, though chance may make it another APDU.
 * @throws SecurityError, DecodeError for a block that cannot be read, or not strictly.
 */
export function requestIn(opened: Opened, naming: Naming): Apdu | undefined {
  if (opened.apdu[0] === APDU_TAGS['general-block-transfer']) return decodeOpened(opened, { strict: true });
  if (ofAnotherKey(opened, naming)) return undefined;
  try {
    return decodeApdu(opened.apdu);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** The answer to a message whose content {@link requestIn} cannot read. */
export function unreadable(opened: Opened, naming: Naming): Uint8Array | undefined {
  return ofAnotherKey(opened, naming) ? DECIPHERING_ERROR : malformed(opened.apdu, naming);
}

function ofAnotherKey({ apdu, protection }: Opened, naming: Naming): boolean {
  return protection === 'encryption' && !isRequestTag(apdu[0], naming);
}

/**
 * Judges the InitiateRequest in the RLRQ of a ciphered association: it proves that it is the client who wants to leave.
 * @returns the answer that refuses; undefined when it holds.
 * @throws SecurityError, DecodeError when it cannot be opened.
 */
export function judgeRelease(
  information: Uint8Array,
  ciphering: Ciphering | undefined,
  demanded: Protection,
): Uint8Array | undefined {
  const outer = decodeApdu(information, { lenient: true });
  if (!isProtected(outer) || ciphering === undefined) return SERVICE_UNKNOWN;
  if (outer.type === 'ciphered' && !covers(outer.securityControl, demanded)) return SERVICE_UNKNOWN;
  if (outer.type === 'ciphered' && isDedicated(cipherKindOf(outer.tag))) return DECIPHERING_ERROR;
  const { opened, judged } = takeIn(ciphering, outer, initiateRequestIn);
  return judged === undefined || !meets(opened, demanded, false) ? SERVICE_UNKNOWN : undefined;
}

/** The InitiateRequest in a message that was opened; undefined where it is something else. @throws SecurityError, DecodeError */
export function initiateRequestIn(opened: Opened): InitiateRequest | undefined {
  const apdu = decodeOpened(opened, {});
  return apdu.type === 'initiate-request' ? apdu : undefined;
}
