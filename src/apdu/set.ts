/** The SET service (IEC 62056-5-3 clause 6.7 and its ASN.1): bodies of tags C1 and C5. */

import type { Reader, Writer } from '../base/cursor.js';
import { writeData } from '../codec/axdr.js';
import {
  checkSameCount,
  readAttributeWithSelection,
  readBlock,
  readDataField,
  readList,
  readPairs,
  readU8,
  readU32,
  unknownChoice,
  writeAttributeWithSelection,
  writeBlock,
  writeList,
  writeU8,
  writeU32,
} from './fields.js';
import type { SetRequest, SetResponse } from './service-apdus.js';
import { APDU_TAGS } from './tags.js';

export function readSetRequest(r: Reader): SetRequest {
  const choice = r.u8();
  if (choice < 1 || choice > 5) unknownChoice(r, choice, 'Set-Request');
  const invokeId = readU8(r, 'invoke-id-and-priority');
  switch (choice) {
    case 1: {
      const attribute = readAttributeWithSelection(r);
      return { type: 'set-request-normal', invokeId, attribute, value: readDataField(r, 'value') };
    }
    case 2: {
      const attribute = readAttributeWithSelection(r);
      return { type: 'set-request-with-first-datablock', invokeId, attribute, block: readBlock(r) };
    }
    case 3:
      return { type: 'set-request-with-datablock', invokeId, block: readBlock(r) };
    case 4: {
      const [attributes, values] = readPairs(r, 'attributes', readAttributeWithSelection);
      return { type: 'set-request-with-list', invokeId, attributes, values };
    }
    default: {
      const attributes = readList(r, 'attributes', readAttributeWithSelection);
      return { type: 'set-request-with-list-and-first-datablock', invokeId, attributes, block: readBlock(r) };
    }
  }
}

export function writeSetRequest(w: Writer, apdu: SetRequest): void {
  w.u8(APDU_TAGS['set-request']);
  switch (apdu.type) {
    case 'set-request-normal':
      w.u8(1);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeAttributeWithSelection(w, apdu.attribute);
      writeData(w, apdu.value);
      break;
    case 'set-request-with-first-datablock':
      w.u8(2);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeAttributeWithSelection(w, apdu.attribute);
      writeBlock(w, apdu.block);
      break;
    case 'set-request-with-datablock':
      w.u8(3);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeBlock(w, apdu.block);
      break;
    case 'set-request-with-list':
      checkSameCount('attribute', apdu.attributes.length, apdu.values.length);
      w.u8(4);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeList(w, apdu.attributes, writeAttributeWithSelection);
      writeList(w, apdu.values, writeData);
      break;
    case 'set-request-with-list-and-first-datablock':
      w.u8(5);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeList(w, apdu.attributes, writeAttributeWithSelection);
      writeBlock(w, apdu.block);
  }
}

export function readSetResponse(r: Reader): SetResponse {
  const choice = r.u8();
  if (choice < 1 || choice > 5) unknownChoice(r, choice, 'Set-Response');
  const invokeId = readU8(r, 'invoke-id-and-priority');
  switch (choice) {
    case 1:
      return { type: 'set-response-normal', invokeId, result: readU8(r, 'result') };
    case 2:
      return { type: 'set-response-datablock', invokeId, blockNumber: readU32(r, 'block-number') };
    case 3: {
      const result = readU8(r, 'result');
      return { type: 'set-response-last-datablock', invokeId, result, blockNumber: readU32(r, 'block-number') };
    }
    case 4: {
      const results = readList(r, 'result', readResult);
      const blockNumber = readU32(r, 'block-number');
      return { type: 'set-response-last-datablock-with-list', invokeId, results, blockNumber };
    }
    default:
      return { type: 'set-response-with-list', invokeId, results: readList(r, 'result', readResult) };
  }
}

export function writeSetResponse(w: Writer, apdu: SetResponse): void {
  w.u8(APDU_TAGS['set-response']);
  switch (apdu.type) {
    case 'set-response-normal':
      w.u8(1);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeResult(w, apdu.result);
      break;
    case 'set-response-datablock':
      w.u8(2);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeU32(w, apdu.blockNumber, 'block-number');
      break;
    case 'set-response-last-datablock':
      w.u8(3);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeResult(w, apdu.result);
      writeU32(w, apdu.blockNumber, 'block-number');
      break;
    case 'set-response-last-datablock-with-list':
      w.u8(4);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeList(w, apdu.results, writeResult);
      writeU32(w, apdu.blockNumber, 'block-number');
      break;
    case 'set-response-with-list':
      w.u8(5);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeList(w, apdu.results, writeResult);
  }
}

function readResult(r: Reader): number {
  return r.u8();
}

function writeResult(w: Writer, result: number): void {
  writeU8(w, result, 'data-access-result');
}
