/** The xDLMS InitiateRequest 01 and InitiateResponse 08 (IEC 62056-5-3 clause 7.3), which travel in the ACSE user-information. */

import type { Reader, Writer } from '../base/cursor.js';
import { present } from '../base/given.js';
import { counted } from '../base/words.js';
import type { InitiateRequest, InitiateResponse } from './apdu.js';
import { checkUnsigned, readFlag, readOctets, readU8, writeFlag, writeU8, writeU16 } from './fields.js';
import { APDU_TAGS } from './tags.js';

/** vaa-name with LN referencing. */
export const VAA_LN = 0x0007;
/** vaa-name with SN referencing: the base name of the association object. */
export const VAA_SN = 0xfa00;

export function readInitiateRequest(r: Reader): InitiateRequest {
  const dedicatedKey = readFlag(r, 'dedicated-key') ? readOctets(r, 'dedicated-key') : undefined;
  const responseAllowed = readFlag(r, 'response-allowed') ? readFlag(r, 'response-allowed') : true;
  const proposedQualityOfService = readFlag(r, 'proposed-quality-of-service')
    ? readQuality(r, 'proposed-quality-of-service')
    : undefined;
  const proposedDlmsVersionNumber = readU8(r, 'proposed-dlms-version-number');
  const proposedConformance = readConformance(r, 'proposed-conformance');
  r.field = 'client-max-receive-pdu-size';
  const clientMaxReceivePduSize = r.u16();
  return present<InitiateRequest>({
    type: 'initiate-request',
    dedicatedKey,
    responseAllowed,
    proposedQualityOfService,
    proposedDlmsVersionNumber,
    proposedConformance,
    clientMaxReceivePduSize,
  });
}

export function writeInitiateRequest(w: Writer, apdu: InitiateRequest): void {
  w.u8(APDU_TAGS['initiate-request']);
  writeFlag(w, apdu.dedicatedKey !== undefined);
  if (apdu.dedicatedKey !== undefined) w.octets(apdu.dedicatedKey);
  // DEFAULT TRUE: the field is sent only when false.
  writeFlag(w, !apdu.responseAllowed);
  if (!apdu.responseAllowed) writeFlag(w, false);
  writeQuality(w, apdu.proposedQualityOfService);
  writeU8(w, apdu.proposedDlmsVersionNumber, 'proposed-dlms-version-number');
  writeConformance(w, apdu.proposedConformance);
  writeU16(w, apdu.clientMaxReceivePduSize, 'client-max-receive-pdu-size');
}

export function readInitiateResponse(r: Reader): InitiateResponse {
  const negotiatedQualityOfService = readFlag(r, 'negotiated-quality-of-service')
    ? readQuality(r, 'negotiated-quality-of-service')
    : undefined;
  const negotiatedDlmsVersionNumber = readU8(r, 'negotiated-dlms-version-number');
  const negotiatedConformance = readConformance(r, 'negotiated-conformance');
  r.field = 'server-max-receive-pdu-size';
  const serverMaxReceivePduSize = r.u16();
  r.field = 'vaa-name';
  const vaaName = r.u16();
  return present<InitiateResponse>({
    type: 'initiate-response',
    negotiatedQualityOfService,
    negotiatedDlmsVersionNumber,
    negotiatedConformance,
    serverMaxReceivePduSize,
    vaaName,
  });
}

export function writeInitiateResponse(w: Writer, apdu: InitiateResponse): void {
  w.u8(APDU_TAGS['initiate-response']);
  writeQuality(w, apdu.negotiatedQualityOfService);
  writeU8(w, apdu.negotiatedDlmsVersionNumber, 'negotiated-dlms-version-number');
  writeConformance(w, apdu.negotiatedConformance);
  writeU16(w, apdu.serverMaxReceivePduSize, 'server-max-receive-pdu-size');
  writeU16(w, apdu.vaaName, 'vaa-name');
}

function readQuality(r: Reader, field: string): number {
  r.field = field;
  return r.i8();
}

function writeQuality(w: Writer, quality: number | undefined): void {
  writeFlag(w, quality !== undefined);
  if (quality !== undefined) writeU8(w, quality & 0xff, 'quality-of-service');
}

/**
 * Conformance ::= [APPLICATION 31] IMPLICIT BIT STRING (SIZE(24)), in BER: 5F 1F 04 00 and three octets. Older meters write the
 * tag in one octet, 5F; the standard says to accept that.
 */
function readConformance(r: Reader, field: string): number {
  r.field = field;
  const start = r.offset;
  if (r.u8() !== 0x5f) r.fail('bad-value', 'the conformance block does not begin with tag 5F 1F', start);
  let length = r.u8();
  if (length === 0x1f) length = r.u8();
  if (length !== 4)
    r.fail('bad-length', `a conformance block of ${counted(length, 'octet')} instead of 4`, r.offset - 1);
  if (r.u8() !== 0) r.fail('bad-value', 'the conformance block has unused bits', r.offset - 1);
  return (r.u8() << 16) | r.u16();
}

function writeConformance(w: Writer, bits: number): void {
  checkUnsigned(bits, 24, 'conformance');
  w.u32(0x5f1f0400)
    .u8(bits >>> 16)
    .u16(bits & 0xffff);
}
