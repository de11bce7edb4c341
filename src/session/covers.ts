import type { AssociationDefinition } from '../contracts/association.js';
import type { Protection } from '../contracts/protection.js';
import { protectionBits } from '../security/ciphering.js';

/** Whether a security control byte, undefined for a message in clear, protects at least as demanded. */
export function covers(control: number | undefined, demanded: Protection): boolean {
  const wanted = protectionBits[demanded];
  return ((control ?? 0) & wanted) === wanted;
}

/** What a message that was opened has: its ciphering, and a signature. */
export interface Borne {
  readonly protection: Protection;
  readonly signed: boolean;
}

/** Whether a message that was opened is protected at least as demanded. */
export function meets(opened: Borne, demanded: Protection, signing: boolean): boolean {
  return covers(protectionBits[opened.protection], demanded) && (opened.signed || !signing);
}

/** How an answer is protected: as the policy of answers says, and where that asks for nothing as the request is. */
export function answerProtection(
  { policy, responsePolicy = policy }: AssociationDefinition,
  request: Protection,
): Protection {
  return responsePolicy === undefined || responsePolicy === 'none' ? request : responsePolicy;
}
