/** The ACTION service (IEC 62056-5-3 clause 6.8 and its ASN.1): bodies of tags C3 and C7. */

import { Reader, type Writer } from '../base/cursor.js';
import { DecodeError, StateError } from '../base/errors.js';
import { counted } from '../base/words.js';
import { readData, writeData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import type { ActionResult } from '../contracts/services.js';
import type { OnDeviation } from './deviation.js';
import {
  readBlock,
  readDataField,
  readDataResult,
  readFlag,
  readList,
  readMethod,
  readU8,
  readU32,
  unknownChoice,
  writeBlock,
  writeDataResult,
  writeFlag,
  writeList,
  writeMethod,
  writeU8,
  writeU32,
} from './fields.js';
import type { ActionRequest, ActionResponse } from './service-apdus.js';
import { APDU_TAGS } from './tags.js';

export function readActionRequest(r: Reader): ActionRequest {
  const choice = r.u8();
  if (choice < 1 || choice > 6) unknownChoice(r, choice, 'Action-Request');
  const invokeId = readU8(r, 'invoke-id-and-priority');
  switch (choice) {
    case 1: {
      const method = readMethod(r);
      return readFlag(r, 'parameters')
        ? { type: 'action-request-normal', invokeId, method, parameter: readDataField(r, 'parameters') }
        : { type: 'action-request-normal', invokeId, method };
    }
    case 2:
      return { type: 'action-request-next-pblock', invokeId, blockNumber: readU32(r, 'block-number') };
    case 3: {
      const methods = readList(r, 'methods', readMethod);
      const parameters = readList(r, 'parameters', readData);
      if (methods.length !== parameters.length) {
        r.fail('bad-value', `${counted(methods.length, 'method')} with ${counted(parameters.length, 'parameter')}`);
      }
      return { type: 'action-request-with-list', invokeId, methods, parameters };
    }
    case 4: {
      const method = readMethod(r);
      return { type: 'action-request-with-first-pblock', invokeId, method, block: readBlock(r) };
    }
    case 5: {
      const methods = readList(r, 'methods', readMethod);
      return { type: 'action-request-with-list-and-first-pblock', invokeId, methods, block: readBlock(r) };
    }
    default:
      return { type: 'action-request-with-pblock', invokeId, block: readBlock(r) };
  }
}

export function writeActionRequest(w: Writer, apdu: ActionRequest): void {
  w.u8(APDU_TAGS['action-request']);
  switch (apdu.type) {
    case 'action-request-normal':
      w.u8(1);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeMethod(w, apdu.method);
      writeFlag(w, apdu.parameter !== undefined);
      if (apdu.parameter !== undefined) writeData(w, apdu.parameter);
      return;
    case 'action-request-next-pblock':
      w.u8(2);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeU32(w, apdu.blockNumber, 'block-number');
      break;
    case 'action-request-with-list':
      if (apdu.methods.length !== apdu.parameters.length) {
        throw new StateError(
          `${counted(apdu.methods.length, 'method')} with ${counted(apdu.parameters.length, 'parameter')}`,
          {
            hint: 'give null-data for a method without a parameter',
          },
        );
      }
      w.u8(3);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeList(w, apdu.methods, writeMethod);
      writeList(w, apdu.parameters, writeData);
      break;
    case 'action-request-with-first-pblock':
      w.u8(4);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeMethod(w, apdu.method);
      writeBlock(w, apdu.block);
      break;
    case 'action-request-with-list-and-first-pblock':
      w.u8(5);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeList(w, apdu.methods, writeMethod);
      writeBlock(w, apdu.block);
      break;
    case 'action-request-with-pblock':
      w.u8(6);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeBlock(w, apdu.block);
  }
}

export function readActionResponse(r: Reader, bear: OnDeviation | undefined): ActionResponse {
  const choice = r.u8();
  if (choice < 1 || choice > 4) unknownChoice(r, choice, 'Action-Response');
  const invokeId = readU8(r, 'invoke-id-and-priority');
  switch (choice) {
    case 1:
      return { type: 'action-response-normal', invokeId, response: readActionResult(r, bear) };
    case 2:
      return { type: 'action-response-with-pblock', invokeId, block: readBlock(r) };
    case 3:
      return {
        type: 'action-response-with-list',
        invokeId,
        responses: readList(r, 'responses', (one) => readActionResult(one)),
      };
    default:
      return { type: 'action-response-next-pblock', invokeId, blockNumber: readU32(r, 'block-number') };
  }
}

export function writeActionResponse(w: Writer, apdu: ActionResponse): void {
  w.u8(APDU_TAGS['action-response']);
  switch (apdu.type) {
    case 'action-response-normal':
      w.u8(1);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeActionResult(w, apdu.response);
      break;
    case 'action-response-with-pblock':
      w.u8(2);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeBlock(w, apdu.block);
      break;
    case 'action-response-with-list':
      w.u8(3);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeList(w, apdu.responses, writeActionResult);
      break;
    case 'action-response-next-pblock':
      w.u8(4);
      writeU8(w, apdu.invokeId, 'invoke-id-and-priority');
      writeU32(w, apdu.blockNumber, 'block-number');
  }
}

/** Action-Response-With-Optional-Data. */
export function readActionResult(r: Reader, bear?: OnDeviation): ActionResult {
  const result = readU8(r, 'result');
  if (bear !== undefined && r.remaining === 0) {
    bear({ code: 'missing-choice', text: 'the flag of the return parameters is missing' });
    return { result };
  }
  const { offset } = r;
  if (!readFlag(r, 'return-parameters')) return { result };
  const data = bear === undefined ? undefined : bareData(r, offset);
  if (data === undefined) return { result, returned: readDataResult(r) };
  bear?.({ code: 'missing-choice', text: 'the return parameters lack the octet of their CHOICE' });
  return { result, returned: { data } };
}

/**
 * Return parameters whose flag or CHOICE is missing. Both are 0 or 1, so a higher octet in their place is taken as the tag of a value if that
 * value ends exactly where the APDU does.
 */
function bareData(r: Reader, flagAt: number): Data | undefined {
  const at = (r.bytes[flagAt] as number) > 1 ? flagAt : r.offset;
  if (at >= r.end || (r.bytes[at] as number) <= 1) return undefined;
  const value = new Reader(r.bytes, at, r.end);
  try {
    const data = readData(value);
    if (value.remaining > 0) return undefined;
    r.offset = r.end;
    return data;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

export function writeActionResult(w: Writer, response: ActionResult): void {
  writeU8(w, response.result, 'action-result');
  writeFlag(w, response.returned !== undefined);
  if (response.returned !== undefined) writeDataResult(w, response.returned);
}
