import { expect, it } from 'vitest';
import { concat, toHex } from '../../src/base/bytes.js';
import { structureOf, u8 } from '../../src/codec/make.js';
import { PushDeframer } from '../../src/push/deframer.js';
import { mbus, notification } from './lines.js';

const message = notification(structureOf([u8(7)]));

// At a thousand steps an octet each of these would run for longer than a test may.
it.each([
  ['tags of an APDU', [0x0f], 500_000],
  ['tags of ciphered APDUs', [0xdb, 8], 250_000],
  ['LLC headers', [0xe6, 0xe7], 250_000],
  ['starts of the M-Bus', [0x68], 300_000],
  ['starts of the M-Bus with stops', [0x68, 0x16, 0x16, 0x68], 100_000],
  ['flags', [0x7e], 500_000],
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
