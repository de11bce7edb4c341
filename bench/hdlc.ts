/**
 * HDLC frames a second, 128-octet I frames, against the CRC alone over the same octets (`crc`, Kermit table, one call a frame).
 */
import crc16kermit from 'crc/calculators/crc16kermit';
import { concat } from '../src/base/bytes.js';
import { FrameEncoder, type HdlcFrame, hdlcAddress, iControl } from '../src/link/hdlc-frame.js';
import { FrameSplitter } from '../src/link/hdlc-splitter.js';
import { compare, type Row } from './harness.js';

const COUNT = 2000;
/** As a TCP socket or a serial port hands them over. */
const CHUNK = 4096;

const frames: HdlcFrame[] = Array.from({ length: COUNT }, (_, i) => ({
  destination: hdlcAddress(16),
  source: hdlcAddress(1, 17),
  control: iControl(i & 7, (i >> 3) & 7, true),
  segmented: i % 3 === 0,
  information: Uint8Array.from({ length: 128 }, (_, j) => i * 7 + j * 13),
}));
const encoder = new FrameEncoder();
const encoded = frames.map((frame) => encoder.encode(frame));
const stream = concat(...encoded);
const chunks: Uint8Array[] = [];
for (let at = 0; at < stream.length; at += CHUNK) chunks.push(stream.slice(at, at + CHUNK));
/** What the check sequences cover: all between the flags. */
const covered = encoded.map((bytes) => bytes.slice(1, -1));

function crcAlone(): number {
  let sum = 0;
  for (const bytes of covered) sum ^= crc16kermit(bytes, 0xffff);
  return sum;
}

function decode(): number {
  let got = 0;
  const splitter = new FrameSplitter((_, reason) => {
    throw new Error(reason);
  });
  for (const chunk of chunks) {
    splitter.push(chunk);
    for (let frame = splitter.next(); frame !== undefined; frame = splitter.next()) got++;
  }
  if (got !== COUNT) throw new Error(`${got} frames of ${COUNT}`);
  return got;
}

function encode(): number {
  let length = 0;
  for (const frame of frames) length += encoder.encode(frame).length;
  return length;
}

export function hdlc(): Row[] {
  const common = {
    against: 'crc alone',
    reference: crcAlone,
    target: { atLeast: 0.6 },
    per: { count: COUNT, unit: 'frames' },
  };
  return [
    compare({ ...common, name: 'HDLC frames from a stream, 128 octets', work: decode }),
    compare({ ...common, name: 'HDLC frames to octets, 128 octets', work: encode }),
  ];
}
