/**
 * Long frames of the wired M-Bus (EN 13757-2, EN 13757-3) that carry DLMS, as the consumer port of some meters sends them:
 * 68 L L 68 C A CI STSAP DTSAP, octets, checksum, 16.
 */

import { concat, hexOctet } from '../base/bytes.js';
import { DecodeError } from '../base/errors.js';
import { counted } from '../base/words.js';

export interface MbusFrame {
  /** The L field as it was sent. */
  readonly lengthField: number;
  /** Octets from C to the last before the checksum: the L field, or 256, 512 or 768 more. */
  readonly length: number;
  readonly control: number;
  readonly address: number;
  /** CI field 00 to 1F: bits 0-3 number the segment from 0, bit 4 marks the last one. */
  readonly ci: number;
  readonly sourceSap: number;
  readonly destinationSap: number;
  readonly checksum: number;
  /** A view of the octets after the addresses: a segment of an APDU. */
  readonly information: Uint8Array;
}

const START = 0x68;
const STOP = 0x16;
/** The four octets before those that L counts. */
const HEAD = 4;
/** C, A, CI, STSAP, DTSAP. */
const FIELDS = 5;
const LAST_SEGMENT = 0x10;
const MODULUS = 0x100;
/** How often the L field may have overflowed. Each further overflow would make us wait for 256 octets more after a broken frame. */
const MAX_OVERRUNS = 3;

/** Whether a long frame may begin here. */
export function isMbusStart(bytes: Uint8Array, offset = 0): boolean {
  return bytes[offset] === START && bytes[offset + 3] === START && bytes[offset + 1] === bytes[offset + 2];
}

/**
 * The length of the frame that begins here, with start and stop, if its checksum and stop octet are right. Some meters send more than 255 octets, but
 * only the low octet of their number: then checksum and stop octet tell the length. `more` when further octets are needed to decide, undefined when no
 * length is right.
 */
export function mbusFrameLength(bytes: Uint8Array, offset: number): number | 'more' | undefined {
  if (offset + 1 >= bytes.length) return 'more';
  const declared = bytes[offset + 1] as number;
  let sum = 0;
  let summed = offset + HEAD;
  for (let overruns = 0; overruns <= MAX_OVERRUNS; overruns++) {
    const length = declared + overruns * MODULUS;
    if (length < FIELDS) continue;
    const check = offset + HEAD + length;
    if (check + 2 > bytes.length) return 'more';
    // Anything may look like a start: the sum is computed only when the stop octet is right.
    if (bytes[check + 1] !== STOP) continue;
    for (; summed < check; summed++) sum = (sum + (bytes[summed] as number)) & 0xff;
    if (bytes[check] === sum) return HEAD + length + 2;
  }
  return undefined;
}

/** Number of a frame's segment, from 0, and whether it is the last. */
export function mbusSegment({ ci }: MbusFrame): { readonly number: number; readonly last: boolean } {
  return { number: ci & 0x0f, last: (ci & LAST_SEGMENT) !== 0 };
}

/**
 * Reads the long frame that begins at an offset.
 * @throws DecodeError `no-frame`, `truncated`, `bad-length`, `bad-checksum`, `bad-frame` (no stop octet), `bad-control` (a CI field
 * that is not for DLMS).
 */
export function decodeMbusFrame(bytes: Uint8Array, offset = 0): MbusFrame {
  if (!isMbusStart(bytes, offset))
    throw new DecodeError('no-frame', 'an M-Bus long frame begins with 68 L L 68', offset);
  const lengthField = bytes[offset + 1] as number;
  const whole = mbusFrameLength(bytes, offset);
  if (typeof whole !== 'number') throw faultOf(bytes, offset, lengthField);
  const end = offset + whole;
  const body = offset + HEAD;
  const ci = bytes[body + 2] as number;
  if (ci > 0x1f) throw new DecodeError('bad-control', `CI field ${hexOctet(ci)} carries no DLMS`, body + 2);
  return {
    lengthField,
    length: whole - HEAD - 2,
    control: bytes[body] as number,
    address: bytes[body + 1] as number,
    ci,
    sourceSap: bytes[body + 3] as number,
    destinationSap: bytes[body + 4] as number,
    checksum: bytes[end - 2] as number,
    information: bytes.subarray(body + FIELDS, end - 2),
  };
}

/** What is wrong with a frame if its L field is right. */
function faultOf(bytes: Uint8Array, offset: number, lengthField: number): DecodeError {
  if (lengthField < FIELDS) return new DecodeError('bad-length', `an L field of ${lengthField}`, offset + 1);
  const end = offset + HEAD + lengthField + 2;
  if (end > bytes.length) {
    const text = `the frame has ${counted(end - offset, 'octet')}, ${bytes.length - offset} are here`;
    return new DecodeError('truncated', text, bytes.length);
  }
  let sum = 0;
  for (let i = offset + HEAD; i < end - 2; i++) sum = (sum + (bytes[i] as number)) & 0xff;
  const checksum = bytes[end - 2] as number;
  if (sum !== checksum) {
    return new DecodeError('bad-checksum', `checksum ${hexOctet(checksum)}, ${hexOctet(sum)} expected`, end - 2);
  }
  return new DecodeError('bad-frame', 'the frame does not end with 16', end - 1);
}

/** The most octets of an APDU in one frame, as meters of Austria fill it: an L field of FA counts them with the five fields before. */
const MOST_INFORMATION = 0xfa - FIELDS;
/** SND_UD, and the address to which a master without bus listens. */
const SEND = 0x53;
const BROADCAST = 0xff;
/** Segments are numbered by four bits. */
const MOST_SEGMENTS = 16;

/**
 * The long frames that carry an APDU, as a customer port sends them.
 * @throws DecodeError `bad-length` when the APDU needs more frames than can be numbered.
 */
export function encodeMbusFrames(apdu: Uint8Array, sourceSap: number, destinationSap: number): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const count = Math.max(1, Math.ceil(apdu.length / MOST_INFORMATION));
  if (count > MOST_SEGMENTS) {
    throw new DecodeError('bad-length', `${counted(apdu.length, 'octet')} do not fit into ${MOST_SEGMENTS} frames`, 0);
  }
  for (let number = 0; number < count; number++) {
    const segment = apdu.subarray(number * MOST_INFORMATION, (number + 1) * MOST_INFORMATION);
    const ci = number | (number === count - 1 ? LAST_SEGMENT : 0);
    const body = concat(Uint8Array.of(SEND, BROADCAST, ci, sourceSap, destinationSap), segment);
    const sum = body.reduce((total, octet) => (total + octet) & 0xff, 0);
    frames.push(concat(Uint8Array.of(START, body.length, body.length, START), body, Uint8Array.of(sum, STOP)));
  }
  return frames;
}
