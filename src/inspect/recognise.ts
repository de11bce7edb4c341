import { decodeApdu } from '../apdu/codec.js';
import { apduTagName } from '../apdu/tags.js';
import { Reader } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { decodeData, readData } from '../codec/axdr.js';
import { FLAG } from '../link/hdlc-frame.js';
import { isLlc } from '../link/hdlc-llc.js';
import { FrameSplitter } from '../link/hdlc-splitter.js';
import { isMbusStart } from '../link/mbus.js';
import { isIec21 } from './iec21-node.js';
import type { InspectedFraming } from './units.js';

/** Recognises the layer with which octets begin. HDLC frames are also found after garbage. */
export function recogniseFraming(bytes: Uint8Array): InspectedFraming {
  if (isMbusStart(bytes)) return 'm-bus';
  if (bytes[0] === 0 && bytes[1] === 1 && bytes.length >= 8) return 'wrapper';
  return bytes[0] === FLAG || (bytes.includes(FLAG) && holdsFrame(bytes)) ? 'hdlc' : 'bare';
}

function holdsFrame(bytes: Uint8Array): boolean {
  const splitter = new FrameSplitter(() => {});
  splitter.push(bytes);
  return splitter.next() !== undefined;
}

/** What a payload without a frame can be. */
export type Payload = 'llc' | 'apdu' | 'data' | 'cut-data' | 'iec-62056-21' | 'unknown';

/**
 * Recognises a payload. A first octet below 22 may begin an APDU or a Data: what decodes to the end is right, where an APDU goes before a Data, and
 * a Data before a service that is known only by name. After that come deviating APDUs and Data, unless `strict`.
 */
export function recognisePayload(bytes: Uint8Array, strict = false): Payload {
  if (bytes.length > 3 && isLlc(bytes)) return 'llc';
  const first = bytes[0];
  if (first === undefined) return 'unknown';
  if (isIec21(bytes)) return 'iec-62056-21';
  const type = attempt(() => decodeApdu(bytes).type);
  if (type !== undefined && type !== 'unsupported') return 'apdu';
  if (attempt(() => decodeData(bytes)) !== undefined) return 'data';
  // These tags belong to APDUs as well as to Data. An array (tag 1) that is cut off hardly has 0 elements.
  const isData = first === 1 ? bytes[1] !== 0 : first < FIRST_REQUEST && first !== INITIATE_RESPONSE;
  if (isData && isCutData(bytes)) return 'cut-data';
  if (type === 'unsupported') return 'apdu';
  if (!strict && attempt(() => decodeApdu(bytes, { lenient: true })) !== undefined) return 'apdu';
  if (!strict && attempt(() => beginsWithData(bytes)) === true) return 'data';
  return apduTagName(first) === undefined ? 'unknown' : 'apdu';
}

/** InitiateResponse. The other tags below that of the AARQ belong to Data, or to services of SN referencing. */
const INITIATE_RESPONSE = 8;
const FIRST_REQUEST = 0x1c;

function isCutData(bytes: Uint8Array): boolean {
  try {
    decodeData(bytes);
    return false;
  } catch (error) {
    return error instanceof DecodeError && error.reason === 'truncated';
  }
}

/** Whether a value of more than one octet begins here: a single octet 0 (null-data) proves nothing. */
function beginsWithData(bytes: Uint8Array): boolean {
  const r = new Reader(bytes);
  readData(r);
  return r.offset > 1;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
