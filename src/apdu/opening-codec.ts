/**
 * The APDUs that open and close an association, and what comes unasked: all that a page needs until a meter is open. The services are in
 * `codec.ts`, which enters them here when it is loaded.
 */

import { hexOctet } from '../base/bytes.js';
import { Reader, Writer } from '../base/cursor.js';
import { StateError } from '../base/errors.js';
import { counted } from '../base/words.js';
import { readAare, readRlre, writeAarq, writeRelease } from './acse.js';
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
import { readGeneralBlock, writeGeneralBlock } from './general-block.js';
import { readInitiateRequest, readInitiateResponse, writeInitiateRequest, writeInitiateResponse } from './initiate.js';
import {
  readDataNotification,
  readDataNotificationConfirm,
  readEventNotification,
  writeDataNotification,
  writeDataNotificationConfirm,
  writeEventNotification,
} from './notification.js';
import { apduTagName, isServiceCiphered, APDU_TAGS as TAG } from './tags.js';

/** How strictly `decodeApdu` reads. */
export interface DecodeOptions {
  /**
   * Tolerates what some devices send against the standard: every {@link DeviationCode}, and nothing else. Surplus octets after an APDU are
   * ignored. Default off.
   */
  readonly lenient?: boolean;
  /** With `lenient`: is called for each deviation that was tolerated. Must not throw. */
  readonly onDeviation?: OnDeviation;
}

/** The APDUs of the services of an open association: code that a page loads with the first service. */
export interface ServiceCodec {
  /** The APDU behind a tag; undefined for a tag that is no service. */
  read(r: Reader, tag: number, bear: OnDeviation | undefined): Apdu | undefined;
  /** Writes an APDU. @returns false for one that is no service. */
  write(w: Writer, apdu: Apdu): boolean;
}

let services: ServiceCodec | undefined;

/** Called once by the module that has them: whoever speaks a service has loaded it. Until then their APDUs are `unsupported`. */
export function useServices(codec: ServiceCodec): void {
  services = codec;
}

/** As `decodeApdu`, for what opens and closes an association; services too, once their code is loaded. @throws DecodeError */
export function decodeOpening(bytes: Uint8Array, options?: DecodeOptions): Apdu {
  return readOpening(new Reader(bytes), options);
}

/** As {@link decodeOpening}, with a reader of the caller's own. */
export function readOpening(r: Reader, options?: DecodeOptions): Apdu {
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

/** As `encodeApdu`, for what opens and closes an association; services too, once their code is loaded. @throws StateError */
export function encodeOpening(apdu: Apdu): Uint8Array {
  const w = new Writer();
  writeApdu(w, apdu);
  return w.finish();
}

function readBody(r: Reader, tag: number, bear: OnDeviation | undefined): Apdu {
  switch (tag) {
    case TAG['data-notification']:
      return readDataNotification(r, bear);
    case TAG['data-notification-confirm']:
      return readDataNotificationConfirm(r);
    case TAG['event-notification-request']:
      return readEventNotification(r);
    case TAG['initiate-request']:
      return readInitiateRequest(r);
    case TAG['initiate-response']:
      return readInitiateResponse(r);
    case TAG['confirmed-service-error']:
      return readConfirmedServiceError(r);
    case TAG['exception-response']:
      return readExceptionResponse(r, bear);
    case TAG.aare:
      return readAare(r, bear);
    case TAG.rlre:
      return readRlre(r, bear);
    case TAG['general-glo-ciphering']:
    case TAG['general-ded-ciphering']:
      return readGeneralCiphered(r, tag, bear);
    case TAG['general-block-transfer']:
      return readGeneralBlock(r);
    default:
      if (isServiceCiphered(tag)) return readServiceCiphered(r, tag, bear);
      return services?.read(r, tag, bear) ?? readUnsupported(r, tag);
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
    case 'general-block-transfer':
      writeGeneralBlock(w, apdu);
      break;
    case 'unsupported':
      w.bytes(apdu.bytes);
      break;
    default:
      if (services?.write(w, apdu) !== true)
        throw new StateError(`'${(apdu as { type?: unknown }).type}' is not an APDU`);
  }
}
