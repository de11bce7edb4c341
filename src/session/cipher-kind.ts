/** How APDUs are wrapped, told by their tags, and how many octets that adds. */

import { isProtected, type ProtectedApdu } from '../apdu/ciphered.js';
import { decodeApdu } from '../apdu/codec.js';
import { APDU_TAGS, isServiceCiphered } from '../apdu/tags.js';
import type { MessageKey, Protection } from '../contracts/protection.js';
import { TAG_LENGTH } from '../security/ciphering.js';
import type { SuiteId } from '../security/suites.js';
import { generalOverhead, isMessageKey, messageKeyOf, signingOverhead } from './general-protection.js';

/**
 * How a ciphered APDU is wrapped: service-specific (glo-, ded-) or general, with the global or the dedicated key
 * (IEC 62056-5-3, Green Book 9.2.7.2.3); or in general-ciphering under the key of that name.
 */
export type CipherKind = 'glo' | 'ded' | 'general-glo' | 'general-ded' | MessageKey;

const GENERAL_GLO = APDU_TAGS['general-glo-ciphering'];
const GENERAL_DED = APDU_TAGS['general-ded-ciphering'];
/** Tag, length of up to three octets, security control, invocation counter. */
const SERVICE_OVERHEAD = 9;
/** A length octet and the system title. */
const TITLE_OVERHEAD = 9;

/** The tag of a service-specific ciphered APDU, or undefined where the standard has none (exception-response, notifications). */
export function serviceCipheredTag(tag: number, dedicated: boolean): number | undefined {
  if (tag >= 0xc0 && tag <= 0xc7) return tag + (dedicated ? 0x10 : 0x08);
  const ciphered = tag + (dedicated ? 0x40 : 0x20);
  return tag < 0x20 && isServiceCiphered(ciphered) ? ciphered : undefined;
}

/** How many octets protection adds to an APDU, at most. */
export function protectionOverhead(
  kind: CipherKind,
  protection: Protection,
  { suite = 0, signing = false }: { readonly suite?: SuiteId | undefined; readonly signing?: boolean } = {},
): number {
  const tag = protection === 'encryption' ? 0 : TAG_LENGTH;
  const head = isMessageKey(kind)
    ? generalOverhead(kind, suite)
    : kind === 'glo' || kind === 'ded'
      ? 0
      : TITLE_OVERHEAD;
  return SERVICE_OVERHEAD + tag + head + (signing ? signingOverhead(suite) : 0);
}

/** Whether it is protected by the key of one association. */
export function isDedicated(kind: CipherKind): boolean {
  return kind === 'ded' || kind === 'general-ded';
}

/** How blocks go beside an APDU that is wrapped so: general, under the same key. */
export function inBlocks(kind: CipherKind | undefined): CipherKind {
  if (kind !== undefined && isMessageKey(kind)) return kind;
  return kind !== undefined && isDedicated(kind) ? 'general-ded' : 'general-glo';
}

/**
 * How a protected APDU is wrapped, as its envelope says, whatever is signed around it; undefined where that cannot be read.
 */
export function wrappingOf(message: ProtectedApdu): CipherKind | undefined {
  if (message.type === 'ciphered') return cipherKindOf(message.tag);
  try {
    if (message.type === 'general-ciphering') return messageKeyOf(message);
    const content = decodeApdu(message.content);
    return isProtected(content) && content.type !== 'general-signing' ? wrappingOf(content) : undefined;
  } catch {
    // Who opens it says what is wrong.
    return undefined;
  }
}

/** How a ciphered APDU was wrapped, by its tag. */
export function cipherKindOf(tag: number): CipherKind {
  if (tag === GENERAL_GLO) return 'general-glo';
  if (tag === GENERAL_DED) return 'general-ded';
  if (tag === APDU_TAGS['general-ciphering'] || tag === APDU_TAGS['general-signing']) return 'identified';
  if (tag >= 0xd0 || (tag >= 0x41 && tag <= 0x5f)) return 'ded';
  return 'glo';
}
