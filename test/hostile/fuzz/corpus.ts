/** What mutations begin with: what our own encoders make of anything, and recordings where they are there. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { decodeApdu, encodeApdu } from '../../../src/apdu/codec.js';
import { fromHex, fromLatin1 } from '../../../src/base/bytes.js';
import { encodeData } from '../../../src/codec/axdr.js';
import { encodeCommand, encodeIdentification, encodeReadout, encodeRequest } from '../../../src/link/iec21.js';
import { anyApdu } from '../../support/apdu-arbitrary.js';
import { arbitraryData } from '../../support/arbitraries.js';
import { sharedFolder } from '../../support/vectors.js';

/** The corpus is the same for every seed. */
const SAMPLE = { seed: 20261130, numRuns: 300 };
const MOST = 1500;

const short = (octets: Uint8Array) => octets.length <= MOST;

/** Makes it when it is first asked for, and once. */
export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

export const sampledApdus = lazy(() => fc.sample(anyApdu, SAMPLE).map(encodeApdu).filter(short));

export const sampledData = lazy(() => fc.sample(arbitraryData, SAMPLE).map(encodeData).filter(short));

/** Conversations that were recorded: whole frames as they crossed the line. None where the folder of recordings is not there. */
export const recordedFrames = lazy((): readonly Uint8Array[] => {
  const folder = join(sharedFolder, 'transcripts');
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const frames = files.flatMap((file) => {
    if (file.endsWith('.txt')) {
      const text = readFileSync(join(folder, file), 'utf8');
      return [...text.matchAll(/^[<>] ([0-9a-fA-F]+)$/gm)].slice(0, 20).map(([, hex]) => hex as string);
    }
    if (!file.endsWith('.jsonl')) return [];
    const text = readFileSync(join(folder, file), 'utf8');
    return [...text.matchAll(/"hex": ?"([0-9a-fA-F]+)"/g)].slice(0, 60).map(([, hex]) => hex as string);
  });
  return frames
    .filter((hex) => hex.length % 2 === 0)
    .map(fromHex)
    .filter(short);
});

/** APDUs, of our encoders and recorded over the wrapper. */
export const apdus = lazy(() => {
  const recorded = recordedFrames().filter((frame) => frame[0] === 0 && frame[1] === 1 && frame.length > 9);
  return [...sampledApdus(), ...recorded.map((frame) => frame.subarray(8))];
});

/** Of the APDUs those that a client sends, or those that it hears. */
export const apdusOf = (from: 'client' | 'server') =>
  apdus().filter((octets) => {
    try {
      const { type } = decodeApdu(octets);
      const isRequest = /request|aarq|rlrq/.test(type) && !/notification/.test(type);
      return type === 'ciphered' || type === 'general-block-transfer' || isRequest === (from === 'client');
    } catch {
      return false;
    }
  });

/** What meters and readers of IEC 62056-21 say. */
export const modeTexts = lazy((): readonly Uint8Array[] => [
  encodeRequest(),
  encodeRequest('12345678'),
  encodeIdentification({ manufacturer: 'XXX', identification: 'METER', baud: 9600 }),
  fromLatin1('/XXX5\\2METER\r\n'),
  fromLatin1('/XXxA\\W2 9-long name\r\n'),
  fromLatin1('\x06252\r\n'),
  fromLatin1('\x06050\r\n'),
  Uint8Array.of(6),
  Uint8Array.of(0x15),
  encodeReadout([
    { address: '1.8.0', values: [{ value: '000123.4', unit: 'kWh' }] },
    { address: '0.9.1', values: [{ value: '101112', unit: null }] },
  ]),
  encodeCommand('P1', '(00000000)'),
  encodeCommand('R1', '1.8.0()'),
  encodeCommand('B0'),
]);
