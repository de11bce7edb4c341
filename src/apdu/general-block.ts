/** general-block-transfer E0 (IEC 62056-5-3 clause 6.13). */

import type { Reader, Writer } from '../base/cursor.js';
import type { GeneralBlockTransfer } from './apdu.js';
import { checkUnsigned, readOctets, readU8, writeU16 } from './fields.js';
import { APDU_TAGS } from './tags.js';

/** Bits of the block-control octet; the rest is the window. */
const LAST = 0x80;
const STREAMING = 0x40;
const WINDOW = 0x3f;

export function readGeneralBlock(r: Reader): GeneralBlockTransfer {
  const control = readU8(r, 'block-control');
  r.field = 'block-number';
  const blockNumber = r.u16();
  r.field = 'block-number-ack';
  const blockNumberAck = r.u16();
  return {
    type: 'general-block-transfer',
    last: (control & LAST) !== 0,
    streaming: (control & STREAMING) !== 0,
    window: control & WINDOW,
    blockNumber,
    blockNumberAck,
    raw: readOctets(r, 'block-data'),
  };
}

export function writeGeneralBlock(w: Writer, apdu: GeneralBlockTransfer): void {
  w.u8(APDU_TAGS['general-block-transfer']);
  const window = checkUnsigned(apdu.window, 6, 'window');
  w.u8((apdu.last ? LAST : 0) | (apdu.streaming ? STREAMING : 0) | window);
  writeU16(w, apdu.blockNumber, 'block-number');
  writeU16(w, apdu.blockNumberAck, 'block-number-ack');
  w.octets(apdu.raw);
}
