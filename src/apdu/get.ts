/** The GET service (IEC 62056-5-3 clause 6.6 and its ASN.1): bodies of tags C0 and C4. */

import type { Reader, Writer } from '../base/cursor.js';
import type { OnDeviation } from './deviation.js';
import {
  readAttributeWithSelection,
  readDataResult,
  readFlag,
  readList,
  readOctets,
  readU8,
  readU32,
  unknownChoice,
  writeAttributeWithSelection,
  writeDataResult,
  writeFlag,
  writeList,
  writeU8,
  writeU32,
} from './fields.js';
import type { GetBlock, GetRequest, GetResponse } from './service-apdus.js';
import { APDU_TAGS } from './tags.js';

export function readGetRequest(r: Reader): GetRequest {
  const choice = r.u8();
  if (choice < 1 || choice > 3) unknownChoice(r, choice, 'Get-Request');
  const invokeId = readU8(r, 'invoke-id-and-priority');
  switch (choice) {
    case 1:
      return { type: 'get-request-normal', invokeId, attribute: readAttributeWithSelection(r) };
    case 2:
      return { type: 'get-request-next', invokeId, blockNumber: readU32(r, 'block-number') };
    default:
      return {
        type: 'get-request-with-list',
        invokeId,
        attributes: readList(r, 'attributes', readAttributeWithSelection),
      };
  }
}

export function writeGetRequest(w: Writer, apdu: GetRequest): void {
  w.u8(APDU_TAGS['get-request']);
  switch (apdu.type) {
    case 'get-request-normal':
      w.u8(1);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeAttributeWithSelection(w, apdu.attribute);
      break;
    case 'get-request-next':
      w.u8(2);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeU32(w, apdu.blockNumber, 'block-number');
      break;
    case 'get-request-with-list':
      w.u8(3);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeList(w, apdu.attributes, writeAttributeWithSelection);
  }
}

/** @param bear is told of a value with wrong counts; without it such a value is refused. */
export function readGetResponse(r: Reader, bear?: OnDeviation): GetResponse {
  const choice = r.u8();
  if (choice < 1 || choice > 3) unknownChoice(r, choice, 'Get-Response');
  const invokeId = readU8(r, 'invoke-id-and-priority');
  switch (choice) {
    case 1:
      r.field = 'result';
      return { type: 'get-response-normal', invokeId, result: readDataResult(r, bear) };
    case 2:
      return { type: 'get-response-with-datablock', invokeId, block: readGetBlock(r) };
    default:
      return {
        type: 'get-response-with-list',
        invokeId,
        results: readList(r, 'result', (each) => readDataResult(each)),
      };
  }
}

export function writeGetResponse(w: Writer, apdu: GetResponse): void {
  w.u8(APDU_TAGS['get-response']);
  switch (apdu.type) {
    case 'get-response-normal':
      w.u8(1);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeDataResult(w, apdu.result);
      break;
    case 'get-response-with-datablock':
      w.u8(2);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeGetBlock(w, apdu.block);
      break;
    case 'get-response-with-list':
      w.u8(3);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeList(w, apdu.results, writeDataResult);
  }
}

/** DataBlock-G: its result is a CHOICE of raw-data [0] and data-access-result [1]. */
function readGetBlock(r: Reader): GetBlock {
  const last = readFlag(r, 'block.last-block');
  const number = readU32(r, 'block.block-number');
  const choice = readU8(r, 'block.result');
  if (choice === 0) return { last, number, raw: readOctets(r, 'block.raw-data') };
  if (choice === 1) return { last, number, error: readU8(r, 'block.data-access-result') };
  return unknownChoice(r, choice, 'DataBlock-G');
}

function writeGetBlock(w: Writer, block: GetBlock): void {
  writeFlag(w, block.last);
  writeU32(w, block.number, 'block-number');
  if ('raw' in block) {
    w.u8(0).octets(block.raw);
    return;
  }
  w.u8(1);
  writeU8(w, block.error, 'data-access-result');
}
