/** How requests come to a server: in clear or protected, and what that says of their answers and of what goes on in blocks. */

import type { CipheredApdu } from '../apdu/apdu.js';
import { decodeApdu } from '../apdu/codec.js';
import { toHex } from '../base/bytes.js';
import type { Protection } from '../contracts/protection.js';
import { covers } from './association.js';
import { type Ciphering, type CipherKind, cipherKindOf, decodeOpened, isDedicated, type Opened } from './protection.js';
import { DECIPHERING_ERROR, SERVICE_UNKNOWN } from './server-answers.js';

/** How a request came, which is how its answer goes. */
export interface Envelope {
  readonly kind: CipherKind | undefined;
  readonly protection: Protection;
  /** Kind, protection and system title as the request itself had them: what goes on in blocks goes on in the same. */
  readonly wrapping: string;
}

/** The same of one that was protected. */
export type Wrapped = Envelope & Opened;

export const CLEAR: Envelope = { kind: undefined, protection: 'none', wrapping: '' };

/** What the envelope of a protected message says of who sent it and how, for comparison. */
export function wrappingOf({ systemTitle }: CipheredApdu, { kind, protection }: Opened): string {
  return `${kind} ${protection} ${toHex(systemTitle ?? new Uint8Array(0))}`;
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
  const opened = ciphering.open(outer);
  if (decodeOpened(opened, {}).type !== 'initiate-request') return SERVICE_UNKNOWN;
  ciphering.accept(opened);
  return undefined;
}
