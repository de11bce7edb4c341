import { expect, it, vi } from 'vitest';
import { concat, fromLatin1, toHex } from '../../src/base/bytes.js';
import { DecodeError } from '../../src/base/errors.js';
import { structureOf, u8 } from '../../src/codec/make.js';
import { decodeMbusFrame, mbusFrameLength } from '../../src/link/mbus.js';
import { TelegramScan } from '../../src/link/telegram-scan.js';
import { PushDeframer } from '../../src/push/deframer.js';
import { countingReads } from '../support/counting-reads.js';
import { mbus, notification } from './lines.js';

vi.mock('../../src/link/mbus.js', async (original) => {
  const actual = await original<typeof import('../../src/link/mbus.js')>();
  return { ...actual, decodeMbusFrame: vi.fn(actual.decodeMbusFrame) };
});

/** Octets that were looked through for text. */
let lookedThrough = 0;
vi.mock('../../src/base/bytes.js', async (original) => {
  const actual = await original<typeof import('../../src/base/bytes.js')>();
  const isPrintable = (bytes: Uint8Array): boolean => {
    lookedThrough += bytes.length;
    return actual.isPrintable(bytes);
  };
  return { ...actual, isPrintable };
});

const message = notification(structureOf([u8(7)]));

it.each([
  ['tags of an APDU', [0x0f], 250_000],
  ['tags of ciphered APDUs', [0xdb, 8], 125_000],
  ['LLC headers', [0xe6, 0xe7], 125_000],
  ['starts of the M-Bus', [0x68], 150_000],
  ['starts of the M-Bus with stops', [0x68, 0x16, 0x16, 0x68], 50_000],
  ['flags', [0x7e], 100_000],
  ['telegrams without end', [...fromLatin1('/ABC5\r\n\r\n')], 20_000],
])('%s by the thousand cost a few steps an octet, and what follows is read', (_, pattern, count) => {
  const noise = new Uint8Array(pattern.length * count).map((_octet, i) => pattern[i % pattern.length] as number);
  const deframer = new PushDeframer();
  deframer.push(concat(noise, new Uint8Array(2000), ...mbus(message)));
  deframer.flush();
  let told = 0;
  let found: string[] = [];
  for (let event = deframer.pollEvent(); event !== undefined; event = deframer.pollEvent()) {
    if (event.type === 'discarded') told += event.bytes.length;
    if (event.type === 'payload') found = [...found, toHex(event.bytes)];
  }
  expect(found).toEqual([toHex(message)]);
  // Flags alone stand between messages and are not told.
  expect(told).toBeGreaterThanOrEqual(pattern[0] === 0x7e ? 1000 : noise.length);
});

it('starts of the M-Bus are decoded once for all octets that are skipped together', () => {
  vi.mocked(decodeMbusFrame).mockClear();
  const deframer = new PushDeframer();
  deframer.push(new Uint8Array(20_480).fill(0x68));
  deframer.flush();
  expect(vi.mocked(decodeMbusFrame).mock.calls.length).toBeLessThanOrEqual(21);
});

it('a start of the M-Bus is not summed where no stop octet is', () => {
  const { bytes, reads } = countingReads(new Uint8Array(1100).fill(0x68));
  expect(mbusFrameLength(bytes, 0)).toBeUndefined();
  expect(reads()).toBeLessThan(20);
});

it.each([
  ['with text alone', '/ABC5\r\n\r\n'],
  ['with lines of data', '/ABC5\r\n1-0:1.8.0(1)\r\n'],
  ['between STX and no ETX', '/ABC5\r\n\x02a(b)\r\n'],
  ['without a line end', '/ABC'],
])('beginnings of telegrams %s: what was looked through for one is not looked through for the next', (_, line) => {
  const reading = (starts: number) => {
    const { bytes, reads } = countingReads(fromLatin1(line.repeat(starts)));
    const scan = new TelegramScan(32_768, { mixed: true });
    for (let i = 0; i < starts; i++) {
      try {
        expect(scan.endOf(bytes, i * line.length)).toBeUndefined();
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
      }
    }
    return reads();
  };
  expect(reading(4000)).toBeLessThan(4.2 * reading(1000));
  expect(reading(4000) / (4000 * line.length)).toBeLessThan(130);
});

it('octets before a tag are not looked through again at each tag', () => {
  lookedThrough = 0;
  const deframer = new PushDeframer();
  deframer.push(new Uint8Array(20_480).fill(0x0f));
  deframer.flush();
  expect(lookedThrough).toBeLessThanOrEqual(2 * 20_480);
});
