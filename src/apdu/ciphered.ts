/**
 * Envelopes of ciphered APDUs (IEC 62056-5-3 clause 5.7): service-specific glo- and ded-ciphering, general-glo- and
 * general-ded-ciphering. Only the envelope is read here; the `security` room opens the content.
 */

import { Reader, type Writer } from '../base/cursor.js';
import { StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { Apdu, CipheredApdu, GeneralCiphering, GeneralSigning } from './apdu.js';
import type { OnDeviation } from './deviation.js';
import { readOctets, writeU8, writeU32 } from './fields.js';
import { APDU_TAGS, isServiceCiphered } from './tags.js';

const AUTHENTICATION = 0x10;
/** Octets of the authentication tag of suites 0 to 2. */
const TAG_LENGTH = 12;
/** Security control and invocation counter. */
const HEADER_LENGTH = 5;

/** An APDU that is protected as a whole, whatever the envelope. */
export type ProtectedApdu = CipheredApdu | GeneralCiphering | GeneralSigning;

/** Whether an APDU is protected as a whole. */
export function isProtected(apdu: Apdu): apdu is ProtectedApdu {
  return apdu.type === 'ciphered' || apdu.type === 'general-ciphering' || apdu.type === 'general-signing';
}

/** Whether an APDU with this tag is decoded as {@link ProtectedApdu}. */
export function isProtectedTag(tag: number | undefined): boolean {
  if (tag === undefined) return false;
  return isCipheredTag(tag) || tag === APDU_TAGS['general-ciphering'] || tag === APDU_TAGS['general-signing'];
}

/** After the tag: length, security header, content. */
export function readServiceCiphered(r: Reader, tag: number, bear: OnDeviation | undefined): CipheredApdu {
  return readContent(r, tag, undefined, bear);
}

/** After the tag: system title, length, security header, content. */
export function readGeneralCiphered(r: Reader, tag: number, bear: OnDeviation | undefined): CipheredApdu {
  return readContent(r, tag, readOctets(r, 'system-title'), bear);
}

/** Whether an APDU with this tag is decoded as {@link CipheredApdu}. */
export function isCipheredTag(tag: number): boolean {
  return isServiceCiphered(tag) || isGeneral(tag);
}

function isGeneral(tag: number): boolean {
  return tag === APDU_TAGS['general-glo-ciphering'] || tag === APDU_TAGS['general-ded-ciphering'];
}

function readContent(
  r: Reader,
  tag: number,
  systemTitle: Uint8Array | undefined,
  bear: OnDeviation | undefined,
): CipheredApdu {
  return { type: 'ciphered', tag, ...given({ systemTitle }), ...readCipheredContent(r, bear) };
}

/** The security header and what it protects, in an OCTET STRING. */
export function readCipheredContent(
  r: Reader,
  bear: OnDeviation | undefined,
): Pick<CipheredApdu, 'securityControl' | 'invocationCounter' | 'content'> {
  r.field = 'ciphered-content';
  let length = r.length();
  // Some clients count an authentication tag that they do not send (encryption only): the content then ends where the APDU does.
  const counted = length === r.remaining + TAG_LENGTH && length > TAG_LENGTH;
  if (bear !== undefined && counted && (r.peek() & AUTHENTICATION) === 0) {
    bear({ code: 'counted-tag', text: 'the length counts an authentication tag that is not there' });
    length = r.remaining;
  }
  r.need(length);
  const content = new Reader(r.bytes, r.offset, r.offset + length);
  content.need(HEADER_LENGTH);
  const securityControl = content.u8();
  const invocationCounter = content.u32();
  if ((securityControl & AUTHENTICATION) !== 0 && content.remaining < TAG_LENGTH) {
    content.fail(
      'truncated',
      `it is authenticated, so a tag of ${TAG_LENGTH} octets is expected, but ${content.remaining} are left`,
    );
  }
  r.offset += length;
  return { securityControl, invocationCounter, content: content.rest() };
}

/** The inverse of {@link readCipheredContent}. */
export function writeCipheredContent(
  w: Writer,
  {
    securityControl,
    invocationCounter,
    content,
  }: Pick<CipheredApdu, 'securityControl' | 'invocationCounter' | 'content'>,
): void {
  w.length(HEADER_LENGTH + content.length);
  writeU8(w, securityControl, 'security-control');
  writeU32(w, invocationCounter, 'invocation-counter');
  w.bytes(content);
}

/** @throws StateError for a tag that is not that of a ciphered APDU, or a system title in an envelope that has none. */
export function writeCiphered(w: Writer, apdu: CipheredApdu): void {
  if (!isCipheredTag(apdu.tag)) throw new StateError(`tag ${apdu.tag} is not that of a ciphered APDU`);
  if (isGeneral(apdu.tag) !== (apdu.systemTitle !== undefined)) {
    throw new StateError('general-glo- and general-ded-ciphering carry a system title, the other envelopes none', {
      hint: 'give an empty one to leave it out',
    });
  }
  w.u8(apdu.tag);
  if (apdu.systemTitle !== undefined) w.octets(apdu.systemTitle);
  writeCipheredContent(w, apdu);
}
