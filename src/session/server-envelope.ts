/** How requests to a server are protected, and therefore their answers and further blocks. */

import type { Apdu, CipheredApdu, InitiateRequest } from '../apdu/apdu.js';
import { decodeApdu } from '../apdu/codec.js';
import { APDU_TAGS } from '../apdu/tags.js';
import { toHex } from '../base/bytes.js';
import { DecodeError } from '../base/errors.js';
import type { Protection } from '../contracts/protection.js';
import { covers } from './covers.js';
import { type Ciphering, type CipherKind, cipherKindOf, decodeOpened, isDedicated, type Opened } from './protection.js';
import { takeIn } from './server-acceptance.js';
import { DECIPHERING_ERROR, isRequestTag, malformed, SERVICE_UNKNOWN } from './server-answers.js';

/** How a request was protected; its answer is protected alike. */
export interface Envelope {
  readonly kind: CipherKind | undefined;
  readonly protection: Protection;
  /** Kind, protection and system title as the request itself had them: what goes on in blocks goes on in the same. */
  readonly wrapping: string;
}

/** The same of one that was protected. */
export type Wrapped = Envelope & { readonly kind: CipherKind };

export const CLEAR: Envelope = { kind: undefined, protection: 'none', wrapping: '' };

/** The envelope of a protected request that was opened. */
export function envelopeOf({ systemTitle }: CipheredApdu, { kind, protection }: Opened): Wrapped {
  return { kind, protection, wrapping: `${kind} ${protection} ${toHex(systemTitle ?? new Uint8Array(0))}` };
}

/**
 * The request in a message that was opened; undefined where it cannot be read, or no tag holds and it does not even begin as one: that is of
 * another key, though chance may make it another APDU.
 * @throws SecurityError, DecodeError for a block that cannot be read, or not strictly.
 */
export function requestIn(opened: Opened): Apdu | undefined {
  if (opened.apdu[0] === APDU_TAGS['general-block-transfer']) return decodeOpened(opened, { strict: true });
  if (ofAnotherKey(opened)) return undefined;
  try {
    return decodeApdu(opened.apdu);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** The answer to a message whose content {@link requestIn} cannot read. */
export function unreadable(opened: Opened): Uint8Array | undefined {
  return ofAnotherKey(opened) ? DECIPHERING_ERROR : malformed(opened.apdu);
}

function ofAnotherKey({ apdu, protection }: Opened): boolean {
  return protection === 'encryption' && !isRequestTag(apdu[0]);
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
  if (outer.type !== 'ciphered' || ciphering === undefined) return SERVICE_UNKNOWN;
  if (!covers(outer.securityControl, demanded)) return SERVICE_UNKNOWN;
  if (isDedicated(cipherKindOf(outer.tag))) return DECIPHERING_ERROR;
  return takeIn(ciphering, outer, initiateRequestIn).judged === undefined ? SERVICE_UNKNOWN : undefined;
}

/** The InitiateRequest in a message that was opened; undefined where it is something else. @throws SecurityError, DecodeError */
export function initiateRequestIn(opened: Opened): InitiateRequest | undefined {
  const apdu = decodeOpened(opened, {});
  return apdu.type === 'initiate-request' ? apdu : undefined;
}
