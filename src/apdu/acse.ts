/**
 * ACSE APDUs in BER (IEC 62056-5-3 clause 7.2): AARQ 60, AARE 61, RLRQ 62, RLRE 63. Fields are written in the order of the ASN.1. Here is what a
 * client writes and reads; the other half is in `acse-server.ts`.
 */

import { concat, hexOctet } from '../base/bytes.js';
import type { Reader, Writer } from '../base/cursor.js';
import { present } from '../base/given.js';
import { berInteger, readBer, readBerBits, readBerInteger, writeBer, writeBerWith } from '../codec/ber.js';
import { readFields, readOctetString } from './acse-fields.js';
import type { Aare, Aarq, AuthenticationValue, Rlre, Rlrq } from './apdu.js';
import type { OnDeviation } from './deviation.js';
import { APDU_TAGS } from './tags.js';

const INTEGER = 0x02;
export const OCTET_STRING = 0x04;
export const OBJECT_IDENTIFIER = 0x06;

/** Fields of the AARQ with their tags, in the order of the ASN.1. */
export const AARQ_TAGS = {
  'protocol-version': 0x80,
  'application-context-name': 0xa1,
  'called-AP-title': 0xa2,
  'called-AE-qualifier': 0xa3,
  'called-AP-invocation-id': 0xa4,
  'called-AE-invocation-id': 0xa5,
  'calling-AP-title': 0xa6,
  'calling-AE-qualifier': 0xa7,
  'calling-AP-invocation-id': 0xa8,
  'calling-AE-invocation-id': 0xa9,
  'sender-acse-requirements': 0x8a,
  'mechanism-name': 0x8b,
  'calling-authentication-value': 0xac,
  'implementation-information': 0x9d,
  'user-information': 0xbe,
} as const;

/** Fields of the AARE with their tags, in the order of the ASN.1. */
export const AARE_TAGS = {
  'protocol-version': 0x80,
  'application-context-name': 0xa1,
  result: 0xa2,
  'result-source-diagnostic': 0xa3,
  'responding-AP-title': 0xa4,
  'responding-AE-qualifier': 0xa5,
  'responding-AP-invocation-id': 0xa6,
  'responding-AE-invocation-id': 0xa7,
  'responder-acse-requirements': 0x88,
  'mechanism-name': 0x89,
  'responding-authentication-value': 0xaa,
  'implementation-information': 0x9d,
  'user-information': 0xbe,
} as const;

/** Fields of RLRQ and RLRE with their tags. */
export const RELEASE_TAGS = { reason: 0x80, 'user-information': 0xbe } as const;

const AUTHENTICATION_TAGS = { charstring: 0x80, bitstring: 0x81, external: 0xa2, other: 0xa3 } as const;
const AUTHENTICATION_TYPES = ['charstring', 'bitstring', 'external', 'other'] as const;
export const DIAGNOSTIC_TAGS = { 'acse-service-user': 0xa1, 'acse-service-provider': 0xa2 } as const;
const DIAGNOSTIC_SOURCES = ['acse-service-user', 'acse-service-provider'] as const;

/** A whole AARQ. */
export function writeAarq(w: Writer, apdu: Aarq): void {
  writeBerWith(w, APDU_TAGS.aarq, (c) => {
    writeVersion(c, AARQ_TAGS['protocol-version'], apdu.protocolVersion);
    writeExplicit(c, AARQ_TAGS['application-context-name'], OBJECT_IDENTIFIER, apdu.applicationContextName);
    writeExplicit(c, AARQ_TAGS['called-AP-title'], OCTET_STRING, apdu.calledApTitle);
    writeExplicit(c, AARQ_TAGS['called-AE-qualifier'], OCTET_STRING, apdu.calledAeQualifier);
    writeInteger(c, AARQ_TAGS['called-AP-invocation-id'], apdu.calledApInvocationId);
    writeInteger(c, AARQ_TAGS['called-AE-invocation-id'], apdu.calledAeInvocationId);
    writeExplicit(c, AARQ_TAGS['calling-AP-title'], OCTET_STRING, apdu.callingApTitle);
    writeExplicit(c, AARQ_TAGS['calling-AE-qualifier'], OCTET_STRING, apdu.callingAeQualifier);
    writeInteger(c, AARQ_TAGS['calling-AP-invocation-id'], apdu.callingApInvocationId);
    writeInteger(c, AARQ_TAGS['calling-AE-invocation-id'], apdu.callingAeInvocationId);
    writeRequirements(c, AARQ_TAGS['sender-acse-requirements'], apdu.senderAcseRequirements);
    writeOptional(c, AARQ_TAGS['mechanism-name'], apdu.mechanismName);
    writeAuthentication(c, AARQ_TAGS['calling-authentication-value'], apdu.callingAuthenticationValue);
    writeOptional(c, AARQ_TAGS['implementation-information'], apdu.implementationInformation);
    writeExplicit(c, AARQ_TAGS['user-information'], OCTET_STRING, apdu.userInformation);
  });
}

/** The body of an AARE, after its tag. */
export function readAare(whole: Reader, bear: OnDeviation | undefined): Aare {
  return readFields(whole, AARE_TAGS, bear, (fields) =>
    present<Aare>({
      type: 'aare',
      protocolVersion: fields.optional('protocol-version', readVersion),
      applicationContextName: fields.required('application-context-name', readOid),
      result: fields.required('result', readInteger),
      resultSourceDiagnostic: fields.required('result-source-diagnostic', readDiagnostic),
      respondingApTitle: fields.optional('responding-AP-title', readOctetString),
      respondingAeQualifier: fields.optional('responding-AE-qualifier', readOctetString),
      respondingApInvocationId: fields.optional('responding-AP-invocation-id', readInteger),
      respondingAeInvocationId: fields.optional('responding-AE-invocation-id', readInteger),
      responderAcseRequirements: fields.optional('responder-acse-requirements', readRequirements),
      mechanismName: fields.optional('mechanism-name', readBareOid),
      respondingAuthenticationValue: fields.optional('responding-authentication-value', readAuthentication),
      implementationInformation: fields.optional('implementation-information', readRest),
      userInformation: fields.userInformation(),
    }),
  );
}

/** The body of an RLRE, after its tag. */
export function readRlre(whole: Reader, bear: OnDeviation | undefined): Rlre {
  return readFields(whole, RELEASE_TAGS, bear, (fields) =>
    present<Rlre>({
      type: 'rlre',
      reason: fields.optional('reason', readBerInteger),
      userInformation: fields.userInformation(),
    }),
  );
}

/** A whole RLRQ or RLRE. */
export function writeRelease(w: Writer, apdu: Rlrq | Rlre): void {
  writeBerWith(w, APDU_TAGS[apdu.type], (c) => {
    if (apdu.reason !== undefined) writeBer(c, RELEASE_TAGS.reason, berInteger(apdu.reason));
    writeExplicit(c, RELEASE_TAGS['user-information'], OCTET_STRING, apdu.userInformation);
  });
}

// ---- reading

/** The contents of an element that must have this tag. */
function inner(r: Reader, tag: number, what: string): Reader {
  const element = readBer(r);
  if (element.tag !== tag) r.fail('bad-value', `tag ${hexOctet(element.tag)} where ${what} belongs`, element.offset);
  return element.contents;
}

export function readRest(r: Reader): Uint8Array {
  return r.rest();
}

export function readInteger(r: Reader): number {
  return readBerInteger(inner(r, INTEGER, 'an INTEGER'));
}

export function readOid(r: Reader): Uint8Array {
  return readBareOid(inner(r, OBJECT_IDENTIFIER, 'an OBJECT IDENTIFIER'));
}

export function readBareOid(r: Reader): Uint8Array {
  const octets = r.rest();
  const last = octets[octets.length - 1];
  if (last === undefined || last > 0x7f) r.fail('truncated', 'an OBJECT IDENTIFIER that does not end');
  return octets;
}

export function readVersion(r: Reader): Uint8Array {
  return readBerBits(r).bytes;
}

/** ACSE-requirements: bit 0 is authentication. */
export function readRequirements(r: Reader): boolean {
  const { bytes, length } = readBerBits(r);
  return length > 0 && ((bytes[0] as number) & 0x80) !== 0;
}

export function readAuthentication(r: Reader): AuthenticationValue {
  const { tag, contents, offset } = readBer(r);
  for (const type of AUTHENTICATION_TYPES) {
    if (AUTHENTICATION_TAGS[type] === tag) return { type, value: contents.rest() };
  }
  return r.fail('unknown-choice', `Authentication-value has no alternative with tag ${hexOctet(tag)}`, offset);
}

function readDiagnostic(r: Reader): Aare['resultSourceDiagnostic'] {
  const { tag, contents, offset } = readBer(r);
  for (const source of DIAGNOSTIC_SOURCES) {
    if (DIAGNOSTIC_TAGS[source] !== tag) continue;
    const diagnostic = readInteger(contents);
    contents.done('diagnostic');
    return { source, diagnostic };
  }
  return r.fail('unknown-choice', `Associate-source-diagnostic has no alternative with tag ${hexOctet(tag)}`, offset);
}

// ---- writing

export function writeOptional(w: Writer, tag: number, contents: Uint8Array | undefined): void {
  if (contents !== undefined) writeBer(w, tag, contents);
}

/** A field with EXPLICIT tag: it contains a whole element. */
export function writeExplicit(w: Writer, tag: number, innerTag: number, contents: Uint8Array | undefined): void {
  if (contents !== undefined) writeBerWith(w, tag, (element) => writeBer(element, innerTag, contents));
}

export function writeInteger(w: Writer, tag: number, value: number | undefined): void {
  if (value !== undefined) writeExplicit(w, tag, INTEGER, berInteger(value));
}

/** A BIT STRING with named bits ends with the last bit that is set: the zeros after it count as unused bits. */
export function writeVersion(w: Writer, tag: number, bytes: Uint8Array | undefined): void {
  if (bytes === undefined) return;
  const last = bytes[bytes.length - 1] ?? 0;
  const unused = last === 0 ? 0 : 31 - Math.clz32(last & -last);
  writeBer(w, tag, concat(Uint8Array.of(unused), bytes));
}

export function writeRequirements(w: Writer, tag: number, authentication: boolean | undefined): void {
  if (authentication !== undefined) writeBer(w, tag, Uint8Array.of(7, authentication ? 0x80 : 0));
}

export function writeAuthentication(w: Writer, tag: number, value: AuthenticationValue | undefined): void {
  if (value !== undefined)
    writeBerWith(w, tag, (choice) => writeBer(choice, AUTHENTICATION_TAGS[value.type], value.value));
}
