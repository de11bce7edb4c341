/** All APDUs: those that open and close an association, and the services. */

import type { Reader, Writer } from '../base/cursor.js';
import { readAccessRequest, readAccessResponse, writeAccessRequest, writeAccessResponse } from './access.js';
import { readAarq, readRlrq, writeAare } from './acse-server.js';
import { readActionRequest, readActionResponse, writeActionRequest, writeActionResponse } from './action.js';
import type { Apdu } from './apdu.js';
import type { OnDeviation } from './deviation.js';
import { readGateway, writeGateway } from './gateway.js';
import {
  readGeneralCiphering,
  readGeneralSigning,
  writeGeneralCiphering,
  writeGeneralSigning,
} from './general-protection.js';
import { readGetRequest, readGetResponse, writeGetRequest, writeGetResponse } from './get.js';
import { type DecodeOptions, decodeOpening, encodeOpening, readOpening, useServices } from './opening-codec.js';

export type { DecodeOptions } from './opening-codec.js';

import { readSetRequest, readSetResponse, writeSetRequest, writeSetResponse } from './set.js';
import {
  readInformationReport,
  readReadRequest,
  readReadResponse,
  readWriteRequest,
  readWriteResponse,
  writeShortNames,
} from './short-names.js';
import { APDU_TAGS as TAG } from './tags.js';

useServices({ read: readService, write: writeService });

/**
 * Decodes one APDU, which must be all of `bytes`. Octet strings in it are views of `bytes`. A service of the standard that is not supported here
 * gives an `unsupported` APDU with its name. Ciphered APDUs stay ciphered.
 *
 * @example
 * ```ts
 * const apdu = decodeApdu(fromHex('C401C1000600000001'));
 * if (apdu.type === 'get-response-normal') console.log(apdu.result);
 * ```
 * @throws DecodeError with a path such as `get-response.result.data.3`.
 */
export function decodeApdu(bytes: Uint8Array, options?: DecodeOptions): Apdu {
  return decodeOpening(bytes, options);
}

/** As {@link decodeApdu}, with a reader of the caller's own. */
export function readApdu(r: Reader, options?: DecodeOptions): Apdu {
  return readOpening(r, options);
}

/**
 * Encodes an APDU.
 *
 * @example
 * ```ts
 * const instanceId = fromHex('0100010800FF');
 * encodeApdu({ type: 'get-request-normal', invokeId: 0xc1, attribute: { classId: 3, instanceId, attributeId: 2 } });
 * ```
 * @throws StateError when a value does not fit its field.
 */
export function encodeApdu(apdu: Apdu): Uint8Array {
  return encodeOpening(apdu);
}

function readService(r: Reader, tag: number, bear: OnDeviation | undefined): Apdu | undefined {
  switch (tag) {
    case TAG.aarq:
      return readAarq(r, bear);
    case TAG.rlrq:
      return readRlrq(r, bear);
    case TAG['get-request']:
      return readGetRequest(r);
    case TAG['get-response']:
      return readGetResponse(r, bear);
    case TAG['set-request']:
      return readSetRequest(r);
    case TAG['set-response']:
      return readSetResponse(r);
    case TAG['action-request']:
      return readActionRequest(r);
    case TAG['action-response']:
      return readActionResponse(r, bear);
    case TAG['access-request']:
      return readAccessRequest(r);
    case TAG['access-response']:
      return readAccessResponse(r);
    case TAG['read-request']:
      return readReadRequest(r);
    case TAG['read-response']:
      return readReadResponse(r, bear);
    case TAG['write-request']:
      return readWriteRequest(r, 'write-request');
    case TAG['write-response']:
      return readWriteResponse(r);
    case TAG['unconfirmed-write-request']:
      return readWriteRequest(r, 'unconfirmed-write-request');
    case TAG['information-report-request']:
      return readInformationReport(r);
    case TAG['general-ciphering']:
      return readGeneralCiphering(r, bear);
    case TAG['general-signing']:
      return readGeneralSigning(r);
    case TAG['gateway-request']:
    case TAG['gateway-response']:
      return readGateway(r, tag);
    default:
      return undefined;
  }
}

function writeService(w: Writer, apdu: Apdu): boolean {
  switch (apdu.type) {
    case 'aare':
      writeAare(w, apdu);
      break;
    case 'get-request-normal':
    case 'get-request-next':
    case 'get-request-with-list':
      writeGetRequest(w, apdu);
      break;
    case 'get-response-normal':
    case 'get-response-with-datablock':
    case 'get-response-with-list':
      writeGetResponse(w, apdu);
      break;
    case 'set-request-normal':
    case 'set-request-with-first-datablock':
    case 'set-request-with-datablock':
    case 'set-request-with-list':
    case 'set-request-with-list-and-first-datablock':
      writeSetRequest(w, apdu);
      break;
    case 'set-response-normal':
    case 'set-response-datablock':
    case 'set-response-last-datablock':
    case 'set-response-last-datablock-with-list':
    case 'set-response-with-list':
      writeSetResponse(w, apdu);
      break;
    case 'action-request-normal':
    case 'action-request-next-pblock':
    case 'action-request-with-list':
    case 'action-request-with-first-pblock':
    case 'action-request-with-list-and-first-pblock':
    case 'action-request-with-pblock':
      writeActionRequest(w, apdu);
      break;
    case 'action-response-normal':
    case 'action-response-with-pblock':
    case 'action-response-with-list':
    case 'action-response-next-pblock':
      writeActionResponse(w, apdu);
      break;
    case 'read-request':
    case 'read-response':
    case 'write-request':
    case 'write-response':
    case 'unconfirmed-write-request':
    case 'information-report-request':
      writeShortNames(w, apdu);
      break;
    case 'access-request':
      writeAccessRequest(w, apdu);
      break;
    case 'access-response':
      writeAccessResponse(w, apdu);
      break;
    case 'general-ciphering':
      writeGeneralCiphering(w, apdu);
      break;
    case 'general-signing':
      writeGeneralSigning(w, apdu);
      break;
    case 'gateway-request':
    case 'gateway-response':
      writeGateway(w, apdu);
      break;
    default:
      return false;
  }
  return true;
}
