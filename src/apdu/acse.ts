/** ACSE APDUs in BER (IEC 62056-5-3 clause 7.2): AARQ 60, AARE 61, RLRQ 62, RLRE 63. Fields stand in the order of the ASN.1. */

import { concat } from '../base/bytes.js';
import { Reader, type Writer } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import {
  berInteger,
  readBer,
  readBerBits,
  readBerInteger,
  readBerLength,
  writeBer,
  writeBerWith,
} from '../codec/ber.js';
import type { Aare, Aarq, AuthenticationValue, Rlre, Rlrq } from './apdu.js';
import { present } from './present.js';
import { APDU_TAGS } from './tags.js';

const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;

/** Context tags that stand for the same in AARQ and AARE. */
const PROTOCOL_VERSION = 0x80;
const APPLICATION_CONTEXT_NAME = 0xa1;
const IMPLEMENTATION_INFORMATION = 0x9d;
const USER_INFORMATION = 0xbe;

const AUTHENTICATION_TAGS = { charstring: 0x80, bitstring: 0x81, external: 0xa2, other: 0xa3 } as const;
const AUTHENTICATION_TYPES = ['charstring', 'bitstring', 'external', 'other'] as const;
const DIAGNOSTIC_TAGS = { 'acse-service-user': 0xa1, 'acse-service-provider': 0xa2 } as const;
const DIAGNOSTIC_SOURCES = ['acse-service-user', 'acse-service-provider'] as const;

/** The body of an AARQ, after its tag. */
export function readAarq(whole: Reader): Aarq {
  const r = enter(whole);
  const aarq = present<Aarq>({
    type: 'aarq',
    protocolVersion: optional(r, PROTOCOL_VERSION, 'protocol-version', readVersion),
    applicationContextName: required(r, APPLICATION_CONTEXT_NAME, 'application-context-name', readOid),
    calledApTitle: optional(r, 0xa2, 'called-AP-title', readOctetString),
    calledAeQualifier: optional(r, 0xa3, 'called-AE-qualifier', readOctetString),
    calledApInvocationId: optional(r, 0xa4, 'called-AP-invocation-id', readInteger),
    calledAeInvocationId: optional(r, 0xa5, 'called-AE-invocation-id', readInteger),
    callingApTitle: optional(r, 0xa6, 'calling-AP-title', readOctetString),
    callingAeQualifier: optional(r, 0xa7, 'calling-AE-qualifier', readOctetString),
    callingApInvocationId: optional(r, 0xa8, 'calling-AP-invocation-id', readInteger),
    callingAeInvocationId: optional(r, 0xa9, 'calling-AE-invocation-id', readInteger),
    senderAcseRequirements: optional(r, 0x8a, 'sender-acse-requirements', readRequirements),
    mechanismName: optional(r, 0x8b, 'mechanism-name', readBareOid),
    callingAuthenticationValue: optional(r, 0xac, 'calling-authentication-value', readAuthentication),
    implementationInformation: optional(r, IMPLEMENTATION_INFORMATION, 'implementation-information', readRest),
    userInformation: optional(r, USER_INFORMATION, 'user-information', readOctetString),
  });
  return leave(r, aarq);
}

/** A whole AARQ. */
export function writeAarq(w: Writer, apdu: Aarq): void {
  writeBerWith(w, APDU_TAGS.aarq, (c) => {
    writeVersion(c, apdu.protocolVersion);
    writeExplicit(c, APPLICATION_CONTEXT_NAME, OBJECT_IDENTIFIER, apdu.applicationContextName);
    writeExplicit(c, 0xa2, OCTET_STRING, apdu.calledApTitle);
    writeExplicit(c, 0xa3, OCTET_STRING, apdu.calledAeQualifier);
    writeInteger(c, 0xa4, apdu.calledApInvocationId);
    writeInteger(c, 0xa5, apdu.calledAeInvocationId);
    writeExplicit(c, 0xa6, OCTET_STRING, apdu.callingApTitle);
    writeExplicit(c, 0xa7, OCTET_STRING, apdu.callingAeQualifier);
    writeInteger(c, 0xa8, apdu.callingApInvocationId);
    writeInteger(c, 0xa9, apdu.callingAeInvocationId);
    writeRequirements(c, 0x8a, apdu.senderAcseRequirements);
    writeOptional(c, 0x8b, apdu.mechanismName);
    writeAuthentication(c, 0xac, apdu.callingAuthenticationValue);
    writeOptional(c, IMPLEMENTATION_INFORMATION, apdu.implementationInformation);
    writeExplicit(c, USER_INFORMATION, OCTET_STRING, apdu.userInformation);
  });
}

/** The body of an AARE, after its tag. */
export function readAare(whole: Reader): Aare {
  const r = enter(whole);
  const aare = present<Aare>({
    type: 'aare',
    protocolVersion: optional(r, PROTOCOL_VERSION, 'protocol-version', readVersion),
    applicationContextName: required(r, APPLICATION_CONTEXT_NAME, 'application-context-name', readOid),
    result: required(r, 0xa2, 'result', readInteger),
    resultSourceDiagnostic: required(r, 0xa3, 'result-source-diagnostic', readDiagnostic),
    respondingApTitle: optional(r, 0xa4, 'responding-AP-title', readOctetString),
    respondingAeQualifier: optional(r, 0xa5, 'responding-AE-qualifier', readOctetString),
    respondingApInvocationId: optional(r, 0xa6, 'responding-AP-invocation-id', readInteger),
    respondingAeInvocationId: optional(r, 0xa7, 'responding-AE-invocation-id', readInteger),
    responderAcseRequirements: optional(r, 0x88, 'responder-acse-requirements', readRequirements),
    mechanismName: optional(r, 0x89, 'mechanism-name', readBareOid),
    respondingAuthenticationValue: optional(r, 0xaa, 'responding-authentication-value', readAuthentication),
    implementationInformation: optional(r, IMPLEMENTATION_INFORMATION, 'implementation-information', readRest),
    userInformation: optional(r, USER_INFORMATION, 'user-information', readOctetString),
  });
  return leave(r, aare);
}

/** A whole AARE. */
export function writeAare(w: Writer, apdu: Aare): void {
  writeBerWith(w, APDU_TAGS.aare, (c) => {
    writeVersion(c, apdu.protocolVersion);
    writeExplicit(c, APPLICATION_CONTEXT_NAME, OBJECT_IDENTIFIER, apdu.applicationContextName);
    writeInteger(c, 0xa2, apdu.result);
    const { source, diagnostic } = apdu.resultSourceDiagnostic;
    writeBerWith(c, 0xa3, (choice) => writeInteger(choice, DIAGNOSTIC_TAGS[source], diagnostic));
    writeExplicit(c, 0xa4, OCTET_STRING, apdu.respondingApTitle);
    writeExplicit(c, 0xa5, OCTET_STRING, apdu.respondingAeQualifier);
    writeInteger(c, 0xa6, apdu.respondingApInvocationId);
    writeInteger(c, 0xa7, apdu.respondingAeInvocationId);
    writeRequirements(c, 0x88, apdu.responderAcseRequirements);
    writeOptional(c, 0x89, apdu.mechanismName);
    writeAuthentication(c, 0xaa, apdu.respondingAuthenticationValue);
    writeOptional(c, IMPLEMENTATION_INFORMATION, apdu.implementationInformation);
    writeExplicit(c, USER_INFORMATION, OCTET_STRING, apdu.userInformation);
  });
}

/** The body of an RLRQ, after its tag. */
export function readRlrq(whole: Reader): Rlrq {
  const r = enter(whole);
  const reason = optional(r, 0x80, 'reason', readBerInteger);
  const userInformation = optional(r, USER_INFORMATION, 'user-information', readOctetString);
  return leave(r, present<Rlrq>({ type: 'rlrq', reason, userInformation }));
}

/** The body of an RLRE, after its tag. */
export function readRlre(whole: Reader): Rlre {
  const r = enter(whole);
  const reason = optional(r, 0x80, 'reason', readBerInteger);
  const userInformation = optional(r, USER_INFORMATION, 'user-information', readOctetString);
  return leave(r, present<Rlre>({ type: 'rlre', reason, userInformation }));
}

/** A whole RLRQ or RLRE. */
export function writeRelease(w: Writer, apdu: Rlrq | Rlre): void {
  writeBerWith(w, APDU_TAGS[apdu.type], (c) => {
    if (apdu.reason !== undefined) writeBer(c, 0x80, berInteger(apdu.reason));
    writeExplicit(c, USER_INFORMATION, OCTET_STRING, apdu.userInformation);
  });
}

// ---- reading

/** The contents of the APDU. */
function enter(whole: Reader): Reader {
  const length = readBerLength(whole);
  whole.need(length);
  const start = whole.offset;
  whole.offset += length;
  return new Reader(whole.bytes, start, whole.offset);
}

/** Asserts that no field is left: what is left has no place here, or came out of order or twice. */
function leave<T>(r: Reader, apdu: T): T {
  if (r.remaining > 0) r.fail('bad-value', `a field with tag ${hex(r.peek())} that has no place here`);
  return apdu;
}

/** The field with this tag, when it comes next. */
function optional<T>(r: Reader, tag: number, field: string, read: (contents: Reader) => T): T | undefined {
  if (r.remaining === 0 || r.peek() !== tag) return undefined;
  try {
    const { contents } = readBer(r);
    const value = read(contents);
    contents.done('field');
    return value;
  } catch (error) {
    throw error instanceof DecodeError ? error.within(field) : error;
  }
}

function required<T>(r: Reader, tag: number, field: string, read: (contents: Reader) => T): T {
  const value = optional(r, tag, field, read);
  return value === undefined ? r.fail('missing-field', `${field} is missing`) : value;
}

/** The contents of an element that must have this tag. */
function inner(r: Reader, tag: number, what: string): Reader {
  const element = readBer(r);
  if (element.tag !== tag) r.fail('bad-value', `tag ${hex(element.tag)} where ${what} belongs`, element.offset);
  return element.contents;
}

function readRest(r: Reader): Uint8Array {
  return r.rest();
}

function readOctetString(r: Reader): Uint8Array {
  return inner(r, OCTET_STRING, 'an OCTET STRING').rest();
}

function readInteger(r: Reader): number {
  return readBerInteger(inner(r, INTEGER, 'an INTEGER'));
}

function readOid(r: Reader): Uint8Array {
  return readBareOid(inner(r, OBJECT_IDENTIFIER, 'an OBJECT IDENTIFIER'));
}

function readBareOid(r: Reader): Uint8Array {
  const octets = r.rest();
  const last = octets[octets.length - 1];
  if (last === undefined || last > 0x7f) r.fail('truncated', 'an OBJECT IDENTIFIER that does not end');
  return octets;
}

function readVersion(r: Reader): Uint8Array {
  return readBerBits(r).bytes;
}

/** ACSE-requirements: bit 0 is authentication. */
function readRequirements(r: Reader): boolean {
  const { bytes, length } = readBerBits(r);
  return length > 0 && ((bytes[0] as number) & 0x80) !== 0;
}

function readAuthentication(r: Reader): AuthenticationValue {
  const { tag, contents, offset } = readBer(r);
  for (const type of AUTHENTICATION_TYPES) {
    if (AUTHENTICATION_TAGS[type] === tag) return { type, value: contents.rest() };
  }
  return r.fail('unknown-choice', `Authentication-value has no alternative with tag ${hex(tag)}`, offset);
}

function readDiagnostic(r: Reader): Aare['resultSourceDiagnostic'] {
  const { tag, contents, offset } = readBer(r);
  for (const source of DIAGNOSTIC_SOURCES) {
    if (DIAGNOSTIC_TAGS[source] !== tag) continue;
    const diagnostic = readInteger(contents);
    contents.done('diagnostic');
    return { source, diagnostic };
  }
  return r.fail('unknown-choice', `Associate-source-diagnostic has no alternative with tag ${hex(tag)}`, offset);
}

// ---- writing

function writeOptional(w: Writer, tag: number, contents: Uint8Array | undefined): void {
  if (contents !== undefined) writeBer(w, tag, contents);
}

/** A field with EXPLICIT tag: the element stands whole inside of it. */
function writeExplicit(w: Writer, tag: number, innerTag: number, contents: Uint8Array | undefined): void {
  if (contents !== undefined) writeBerWith(w, tag, (element) => writeBer(element, innerTag, contents));
}

function writeInteger(w: Writer, tag: number, value: number | undefined): void {
  if (value !== undefined) writeExplicit(w, tag, INTEGER, berInteger(value));
}

/** A BIT STRING with named bits ends with its last bit that is set: so many bits are unused as there are zeros behind it. */
function writeVersion(w: Writer, bytes: Uint8Array | undefined): void {
  if (bytes === undefined) return;
  const last = bytes[bytes.length - 1] ?? 0;
  const unused = last === 0 ? 0 : 31 - Math.clz32(last & -last);
  writeBer(w, PROTOCOL_VERSION, concat(Uint8Array.of(unused), bytes));
}

function writeRequirements(w: Writer, tag: number, authentication: boolean | undefined): void {
  if (authentication !== undefined) writeBer(w, tag, Uint8Array.of(7, authentication ? 0x80 : 0));
}

function writeAuthentication(w: Writer, tag: number, value: AuthenticationValue | undefined): void {
  if (value !== undefined)
    writeBerWith(w, tag, (choice) => writeBer(choice, AUTHENTICATION_TAGS[value.type], value.value));
}

function hex(octet: number): string {
  return octet.toString(16).padStart(2, '0').toUpperCase();
}
