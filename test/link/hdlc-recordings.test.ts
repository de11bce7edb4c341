import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex } from '../../src/base/bytes.js';
import { decodeFrame, encodeFrame } from '../../src/link/hdlc-frame.js';
import { FrameSplitter } from '../../src/link/hdlc-splitter.js';
import { sharedFolder } from '../support/vectors.js';

const folder = `${sharedFolder}transcripts/`;
const have = existsSync(folder);

/** One chunk of octets a line, in hex, `>` client to server, `<` server to client. */
interface Line {
  readonly direction: '>' | '<';
  readonly hex: string;
}

function meterLines(name: string): Line[] {
  const lines: Line[] = [];
  for (const text of readFileSync(`${folder}indian-3ph-meter/${name}`, 'utf8').split('\n')) {
    if (text === '') continue;
    const step = JSON.parse(text) as { request?: { hex: string }; responses?: { hex: string }[] };
    if (step.request) lines.push({ direction: '>', hex: step.request.hex });
    for (const response of step.responses ?? []) lines.push({ direction: '<', hex: response.hex });
  }
  return lines;
}

function peerLines(name: string): Line[] {
  const lines = readFileSync(`${folder}peers/${name}`, 'utf8').split('\n');
  return lines
    .filter((text) => /^[<>] 7e/.test(text))
    .map((text) => ({ direction: text[0] as '<', hex: text.slice(2).trim().toUpperCase() }));
}

const conversations: [string, () => Line[]][] = have
  ? [
      ...readdirSync(`${folder}indian-3ph-meter`)
        .filter((name) => name.endsWith('.jsonl'))
        .map((name): [string, () => Line[]] => [`indian-3ph-meter/${name}`, () => meterLines(name)]),
      ...readdirSync(`${folder}peers`)
        .filter((name) => name.includes('hdlc'))
        .map((name): [string, () => Line[]] => [`peers/${name}`, () => peerLines(name)]),
      ['peers/modeE', () => peerLines('gxc-client_gxc-server2_serial-modeE_lls_sel.txt')],
    ]
  : [];

describe.skipIf(!have)('recorded frames', () => {
  let total = 0;
  let passed = 0;

  test.each(conversations)('%s: each decodes and encodes to the same octets', (_, read) => {
    const lines = read();
    total += lines.length;
    for (const { hex } of lines) {
      expect(toHex(encodeFrame(decodeFrame(fromHex(hex))))).toBe(hex);
      passed++;
    }
    expect(lines.length).toBeGreaterThan(8);
  });

  test.each(conversations)('%s: the stream of each direction splits into its frames, none left over', (_, read) => {
    for (const direction of ['<', '>']) {
      const hexes = read()
        .filter((line) => line.direction === direction)
        .map(({ hex }) => hex);
      const discarded: string[] = [];
      const splitter = new FrameSplitter((bytes, reason) => discarded.push(`${reason}: ${toHex(bytes)}`));
      const got: string[] = [];
      const stream = concat(...hexes.map(fromHex));
      for (let at = 0; at < stream.length; at += 61) {
        splitter.push(stream.subarray(at, at + 61));
        for (let frame = splitter.next(); frame; frame = splitter.next()) got.push(toHex(encodeFrame(frame)));
      }
      expect(got).toEqual(hexes);
      expect(discarded).toEqual([]);
      expect(splitter.partial).toBe(false);
    }
  });

  test('all of them', () => {
    console.log(`recorded HDLC frames: ${passed} of ${total} in ${conversations.length} conversations`);
    expect(total).toBe(2264 + 3028);
    expect(passed).toBe(total);
  });
});
