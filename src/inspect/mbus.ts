/**
 * Long frames of the wired M-Bus (EN 13757-2, EN 13757-3) that carry DLMS, as the consumer port of some meters sends them:
 * 68 L L 68 C A CI STSAP DTSAP, octets, checksum, 16.
 */

import { hexOctet } from '../base/bytes.js';
import { DecodeError } from '../base/errors.js';

export interface MbusFrame {
  /** L field: octets from C to the last before the checksum. */
  readonly length: number;
  readonly control: number;
  readonly address: number;
  /** CI field 00 to 1F: bits 0-3 number the segment from 0, bit 4 marks the last one. */
  readonly ci: number;
  readonly sourceSap: number;
  readonly destinationSap: number;
  readonly checksum: number;
  /** A view of the octets behind the addresses: a segment of an APDU. */
  readonly information: Uint8Array;
}

const START = 0x68;
const STOP = 0x16;
/** The four octets before what L counts. */
const HEAD = 4;
/** C, A, CI, STSAP, DTSAP. */
const FIELDS = 5;
const LAST_SEGMENT = 0x10;

/** Whether a long frame may begin here. */
export function isMbusStart(bytes: Uint8Array, offset = 0): boolean {
  return bytes[offset] === START && bytes[offset + 3] === START && bytes[offset + 1] === bytes[offset + 2];
}

/** Octets of the frame that begins here, with start and stop. */
export function mbusFrameLength(bytes: Uint8Array, offset: number): number {
  return (bytes[offset + 1] as number) + HEAD + 2;
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
  const length = bytes[offset + 1] as number;
  const end = offset + mbusFrameLength(bytes, offset);
  if (length < FIELDS) throw new DecodeError('bad-length', `an L field of ${length}`, offset + 1);
  if (end > bytes.length) {
    throw new DecodeError(
      'truncated',
      `the frame has ${end - offset} octets, ${bytes.length - offset} are here`,
      bytes.length,
    );
  }
  const body = offset + HEAD;
  let sum = 0;
  for (let i = body; i < end - 2; i++) sum = (sum + (bytes[i] as number)) & 0xff;
  const checksum = bytes[end - 2] as number;
  if (sum !== checksum) {
    throw new DecodeError('bad-checksum', `checksum ${hexOctet(checksum)}, ${hexOctet(sum)} expected`, end - 2);
  }
  if (bytes[end - 1] !== STOP) throw new DecodeError('bad-frame', 'the frame does not end with 16', end - 1);
  const ci = bytes[body + 2] as number;
  if (ci > 0x1f) throw new DecodeError('bad-control', `CI field ${hexOctet(ci)} carries no DLMS`, body + 2);
  return {
    length,
    control: bytes[body] as number,
    address: bytes[body + 1] as number,
    ci,
    sourceSap: bytes[body + 3] as number,
    destinationSap: bytes[body + 4] as number,
    checksum,
    information: bytes.subarray(body + FIELDS, end - 2),
  };
}
