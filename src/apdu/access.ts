/** The ACCESS service (IEC 62056-5-3, Green Book 9.3.9 and the ASN.1 module COSEMpdu): bodies of tags D9 and DA. */

import type { Reader, Writer } from '../base/cursor.js';
import { StateError } from '../base/errors.js';
import { counted } from '../base/words.js';
import { readData, writeData } from '../codec/axdr.js';
import {
  readAttribute,
  readFlag,
  readList,
  readMethod,
  readOptionalDateTime,
  readSelection,
  readU8,
  readU32,
  unknownChoice,
  writeAttribute,
  writeFlag,
  writeList,
  writeMethod,
  writeOptionalDateTime,
  writeSelection,
  writeU8,
  writeU32,
} from './fields.js';
import type { AccessRequest, AccessResponse, AccessResult, AccessSpecification } from './service-apdus.js';
import { APDU_TAGS } from './tags.js';

const SERVICES = [undefined, 'get', 'set', 'action'] as const;
/** Choices 4 and 5 are GET and SET of a part. */
const WITH_SELECTION = 3;
const NUMBERS = { get: 1, set: 2, action: 3 } as const;

export function readAccessRequest(r: Reader): AccessRequest {
  const longInvokeId = readU32(r, 'long-invoke-id-and-priority');
  const dateTime = readOptionalDateTime(r);
  const specifications = readList(r, 'specifications', readSpecification);
  const data = readList(r, 'data', readData);
  if (data.length !== specifications.length && data.length > 0) {
    r.fail('bad-value', misfit(specifications, data));
  }
  return { type: 'access-request', longInvokeId, ...dateTime, specifications, data };
}

export function writeAccessRequest(w: Writer, apdu: AccessRequest): void {
  const { specifications, data } = apdu;
  if (data.length !== specifications.length && data.length > 0) {
    throw new StateError(misfit(specifications, data), {
      hint: 'give null-data for what takes no value, or no data at all',
    });
  }
  w.u8(APDU_TAGS['access-request']);
  writeU32(w, apdu.longInvokeId, 'long-invoke-id-and-priority');
  writeOptionalDateTime(w, apdu.dateTime);
  writeList(w, specifications, writeSpecification);
  writeList(w, data, writeData);
}

export function readAccessResponse(r: Reader): AccessResponse {
  const longInvokeId = readU32(r, 'long-invoke-id-and-priority');
  const dateTime = readOptionalDateTime(r);
  const echo = readFlag(r, 'echo') ? { specifications: readList(r, 'specifications', readSpecification) } : {};
  const data = readList(r, 'data', readData);
  return {
    type: 'access-response',
    longInvokeId,
    ...dateTime,
    ...echo,
    data,
    results: readList(r, 'results', readResult),
  };
}

/** @param encoded the data, where they are encoded already: they may be long. */
export function writeAccessResponse(w: Writer, apdu: AccessResponse, encoded?: readonly Uint8Array[]): void {
  w.u8(APDU_TAGS['access-response']);
  writeU32(w, apdu.longInvokeId, 'long-invoke-id-and-priority');
  writeOptionalDateTime(w, apdu.dateTime);
  writeFlag(w, apdu.specifications !== undefined);
  if (apdu.specifications !== undefined) writeList(w, apdu.specifications, writeSpecification);
  if (encoded === undefined) writeList(w, apdu.data, writeData);
  else writeList(w, encoded, (_, octets) => w.bytes(octets));
  writeList(w, apdu.results, writeResult);
}

function misfit(specifications: readonly unknown[], data: readonly unknown[]): string {
  return `${counted(specifications.length, 'access-request-specification')} with ${counted(data.length, 'value')}`;
}

function readSpecification(r: Reader): AccessSpecification {
  const choice = r.u8();
  const service = SERVICES[choice] ?? SERVICES[choice - WITH_SELECTION];
  if (service === undefined || choice > 5) unknownChoice(r, choice, 'Access-Request-Specification');
  if (service === 'action') return { service, method: readMethod(r) };
  const attribute = readAttribute(r);
  return { service, attribute: choice > WITH_SELECTION ? { ...attribute, selection: readSelection(r) } : attribute };
}

function writeSpecification(w: Writer, specification: AccessSpecification): void {
  const number = NUMBERS[specification.service];
  if (specification.service === 'action') {
    w.u8(number);
    writeMethod(w, specification.method);
    return;
  }
  const { attribute } = specification;
  const { selection } = attribute;
  w.u8(selection === undefined ? number : number + WITH_SELECTION);
  writeAttribute(w, attribute);
  if (selection !== undefined) writeSelection(w, selection);
}

function readResult(r: Reader): AccessResult {
  const choice = r.u8();
  const service = SERVICES[choice];
  if (service === undefined) unknownChoice(r, choice, 'Access-Response-Specification');
  return { service, result: readU8(r, 'result') };
}

function writeResult(w: Writer, { service, result }: AccessResult): void {
  w.u8(NUMBERS[service]);
  writeU8(w, result, 'result');
}
