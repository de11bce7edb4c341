import { hexOctet } from '../base/bytes.js';
import { Reader, Writer } from '../base/cursor.js';
import { StateError } from '../base/errors.js';
import { counted } from '../base/words.js';
import { readAccessRequest, readAccessResponse, writeAccessRequest, writeAccessResponse } from './access.js';
import { readAare, readAarq, readRlre, readRlrq, writeAare, writeAarq, writeRelease } from './acse.js';
import { readActionRequest, readActionResponse, writeActionRequest, writeActionResponse } from './action.js';
import type { Apdu } from './apdu.js';
import { readGeneralCiphered, readServiceCiphered, writeCiphered } from './ciphered.js';
import type { Deviation, OnDeviation } from './deviation.js';
import {
  readConfirmedServiceError,
  readExceptionResponse,
  writeConfirmedServiceError,
  writeExceptionResponse,
} from './errors.js';
import { placeError } from './fields.js';
import { readGateway, writeGateway } from './gateway.js';
import { readGeneralBlock, writeGeneralBlock } from './general-block.js';
import {
  readGeneralCiphering,
  readGeneralSigning,
  writeGeneralCiphering,
  writeGeneralSigning,
} from './general-protection.js';
import { readGetRequest, readGetResponse, writeGetRequest, writeGetResponse } from './get.js';
import { readInitiateRequest, readInitiateResponse, writeInitiateRequest, writeInitiateResponse } from './initiate.js';
import {
  readDataNotification,
  readDataNotificationConfirm,
  readEventNotification,
  writeDataNotification,
  writeDataNotificationConfirm,
  writeEventNotification,
} from './notification.js';
import { readSetRequest, readSetResponse, writeSetRequest, writeSetResponse } from './set.js';
import {
  readInformationReport,
  readReadRequest,
  readReadResponse,
  readWriteRequest,
  readWriteResponse,
  writeShortNames,
} from './short-names.js';
import { apduTagName, isServiceCiphered, APDU_TAGS as TAG } from './tags.js';

/** How strictly {@link decodeApdu} reads. */
export interface DecodeOptions {
  /**
   * Tolerates what some devices send against the standard: every {@link DeviationCode}, and nothing else. Surplus octets after an APDU are
   * ignored. Default off.
   */
  readonly lenient?: boolean;
  /** With `lenient`: is called for each deviation that was tolerated. Must not throw. */
  readonly onDeviation?: OnDeviation;
}

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
  return readApdu(new Reader(bytes), options);
}

/** As {@link decodeApdu}, with a reader of the caller's own. */
export function readApdu(r: Reader, options?: DecodeOptions): Apdu {
  const tag = r.u8();
  try {
    const bear = options?.lenient === true ? (options.onDeviation ?? NOBODY) : undefined;
    const apdu = readBody(r, tag, bear);
    if (r.offset !== r.end) {
      r.field = '';
      if (bear === undefined) r.done('APDU');
      else bear(surplus(r, 'APDU'));
    }
    return apdu;
  } catch (error) {
    throw placeError(r, error).within(apduTagName(tag) ?? tag);
  }
}

const NOBODY: OnDeviation = () => {};

/** The octets left after something that is complete, as a deviation. They are not read. */
export function surplus({ remaining }: Reader, what: string): Deviation {
  return { code: 'surplus-octets', text: `${counted(remaining, 'octet')} after the ${what}` };
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
  const w = new Writer();
  writeApdu(w, apdu);
  return w.finish();
}

function readBody(r: Reader, tag: number, bear: OnDeviation | undefined): Apdu {
  switch (tag) {
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
    case TAG['data-notification']:
      return readDataNotification(r, bear);
    case TAG['data-notification-confirm']:
      return readDataNotificationConfirm(r);
    case TAG['event-notification-request']:
      return readEventNotification(r);
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
    case TAG['initiate-request']:
      return readInitiateRequest(r);
    case TAG['initiate-response']:
      return readInitiateResponse(r);
    case TAG['confirmed-service-error']:
      return readConfirmedServiceError(r);
    case TAG['exception-response']:
      return readExceptionResponse(r, bear);
    case TAG.aarq:
      return readAarq(r, bear);
    case TAG.aare:
      return readAare(r, bear);
    case TAG.rlrq:
      return readRlrq(r, bear);
    case TAG.rlre:
      return readRlre(r, bear);
    case TAG['general-glo-ciphering']:
    case TAG['general-ded-ciphering']:
      return readGeneralCiphered(r, tag, bear);
    case TAG['general-ciphering']:
      return readGeneralCiphering(r, bear);
    case TAG['general-signing']:
      return readGeneralSigning(r);
    case TAG['general-block-transfer']:
      return readGeneralBlock(r);
    case TAG['gateway-request']:
    case TAG['gateway-response']:
      return readGateway(r, tag);
    default:
      return isServiceCiphered(tag) ? readServiceCiphered(r, tag, bear) : readUnsupported(r, tag);
  }
}

function readUnsupported(r: Reader, tag: number): Apdu {
  const name = apduTagName(tag);
  const start = r.offset - 1;
  if (name === undefined) r.fail('unknown-tag', `no APDU begins with ${hexOctet(tag)}`, start);
  r.offset = r.end;
  return { type: 'unsupported', tag, name, bytes: r.bytes.subarray(start, r.end) };
}

function writeApdu(w: Writer, apdu: Apdu): void {
  switch (apdu.type) {
    case 'aarq':
      writeAarq(w, apdu);
      break;
    case 'aare':
      writeAare(w, apdu);
      break;
    case 'rlrq':
    case 'rlre':
      writeRelease(w, apdu);
      break;
    case 'initiate-request':
      writeInitiateRequest(w, apdu);
      break;
    case 'initiate-response':
      writeInitiateResponse(w, apdu);
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
    case 'data-notification':
      writeDataNotification(w, apdu);
      break;
    case 'data-notification-confirm':
      writeDataNotificationConfirm(w, apdu);
      break;
    case 'event-notification-request':
      writeEventNotification(w, apdu);
      break;
    case 'exception-response':
      writeExceptionResponse(w, apdu);
      break;
    case 'confirmed-service-error':
      writeConfirmedServiceError(w, apdu);
      break;
    case 'ciphered':
      writeCiphered(w, apdu);
      break;
    case 'general-ciphering':
      writeGeneralCiphering(w, apdu);
      break;
    case 'general-signing':
      writeGeneralSigning(w, apdu);
      break;
    case 'general-block-transfer':
      writeGeneralBlock(w, apdu);
      break;
    case 'gateway-request':
    case 'gateway-response':
      writeGateway(w, apdu);
      break;
    case 'unsupported':
      w.bytes(apdu.bytes);
      break;
    default:
      neverType(apdu);
  }
}

function neverType(apdu: never): never {
  throw new StateError(`'${(apdu as { type?: unknown }).type}' is not an APDU`);
}
