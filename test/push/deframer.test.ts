import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeApdu } from '../../src/apdu/codec.js';
import { concat, fromHex, fromLatin1, toHex } from '../../src/base/bytes.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import { octets, structureOf, u8, u16, u32, visible } from '../../src/codec/make.js';
import { iControl } from '../../src/link/hdlc-frame.js';
import { PushDeframer } from '../../src/push/deframer.js';
import type { DeframerEvent } from '../../src/push/found.js';
import { arbitraryData } from '../support/arbitraries.js';
import { blocks, ciphered, hdlc, mbus, notification, TELEGRAM, wrapped } from './lines.js';

const time = CosemDateTime.fromDate(new Date(Date.UTC(2026, 10, 30, 9)), -60);
const list = structureOf([
  visible('LIST'),
  ...Array.from({ length: 40 }, (_, i) => u32(i)),
  octets(Uint8Array.of(1, 2, 3)),
]);
const apdu = notification(list, time);
const other = notification(structureOf([u8(7), u16(8)]));

function events(deframer: PushDeframer): DeframerEvent[] {
  const all: DeframerEvent[] = [];
  for (let event = deframer.pollEvent(); event !== undefined; event = deframer.pollEvent()) all.push(event);
  return all;
}

function run(...chunks: readonly Uint8Array[]): DeframerEvent[] {
  const deframer = new PushDeframer();
  for (const chunk of chunks) deframer.push(chunk);
  deframer.flush();
  return events(deframer);
}

const payloads = (all: readonly DeframerEvent[]) =>
  all.flatMap((event) => (event.type === 'payload' ? [toHex(event.bytes)] : []));
const reasons = (all: readonly DeframerEvent[]) => all.flatMap((event) => ('reason' in event ? [event.reason] : []));

const FORMS: Readonly<Record<string, (message: Uint8Array) => Uint8Array[]>> = {
  wrapper: (message) => [wrapped(message)],
  'one UI frame': (message) => hdlc(message),
  'UI frames in segments': (message) => hdlc(message, { size: 50 }),
  'UI frames without LLC': (message) => hdlc(message, { llc: false }),
  'one M-Bus frame': (message) => mbus(message, 4096),
  'M-Bus frames in parts': (message) => mbus(message, 50),
  'bare APDU': (message) => [message],
  'APDU behind LLC': (message) => [concat(fromHex('E6E700'), message)],
  'general block transfer': (message) => blocks(message),
  'blocks in UI frames': (message) => blocks(message).flatMap((block) => hdlc(block)),
  'blocks in UI frames, LLC before the first alone': (message) =>
    blocks(message).flatMap((block, i) => hdlc(block, { llc: i === 0 })),
  'blocks in WPDUs': (message) => blocks(message).map((block) => wrapped(block)),
  'LLC header twice': (message) => hdlc(concat(fromHex('E6E700'), message)),
};

describe.each(Object.entries(FORMS))('%s', (_, form) => {
  it.each([
    ['a notification', apdu],
    ['a ciphered one', ciphered(apdu)],
    ['a short one', other],
    ['a ciphered telegram', ciphered(TELEGRAM)],
  ])('%s is found, two glued together too', (_name, message) => {
    const line = concat(...form(message), ...form(other));
    expect(payloads(run(line))).toEqual([toHex(message), toHex(other)]);
    expect(reasons(run(line))).toEqual([]);
  });

  it('noise before, between and behind is told and does no harm', () => {
    const noise = fromHex('AB0F68007E11');
    const all = run(concat(noise, ...form(apdu), noise, ...form(other), noise));
    // Without a check sequence an APDU is believed only where it stands clean.
    if (form(apdu)[0]?.[0] === apdu[0] || form(apdu)[0]?.[0] === 0xe6 || form(apdu)[0]?.[0] === 0xe0) {
      expect(payloads(all)).toEqual([]);
      return;
    }
    expect(payloads(all)).toEqual([toHex(apdu), toHex(other)]);
    expect(all.filter(({ type }) => type === 'discarded')).toHaveLength(3);
  });

  it('NULs and a login text before and between are told and do no harm', () => {
    const login = fromLatin1('\r\nCONNECT 9600\r\n\0');
    const all = run(concat(login, ...form(apdu), Uint8Array.of(0), ...form(other), Uint8Array.of(0, 0)));
    expect(payloads(all)).toEqual([toHex(apdu), toHex(other)]);
    expect(all.filter(({ type }) => type === 'discarded')).toHaveLength(3);
  });
});

it('every form behind every other, on one line', () => {
  for (const first of Object.values(FORMS)) {
    for (const second of Object.values(FORMS)) {
      const line = concat(...first(apdu), ...second(other), TELEGRAM, ...first(other));
      expect(payloads(run(line))).toEqual([apdu, other, TELEGRAM, other].map(toHex));
      expect(reasons(run(line))).toEqual([]);
    }
  }
});

describe('telegrams', () => {
  const ends = (text: string) => toHex(fromLatin1(text));
  it.each([
    ['without CRC', '/XXX5\\2A\r\n\r\n1-0:1.8.0(1*kWh)\r\n!\r\n'],
    ['with CRC', '/XXX5\\2A\r\n\r\n1-0:1.8.0(1*kWh)\r\n!ABCD\r\n'],
    ['whose identification has the speed 9', '/XXX9\\2A\r\n\r\n1-0:1.8.0(1*kWh)\r\n!\r\n'],
  ])('%s, with line ends before them, glued to frames', (_, text) => {
    const all = run(concat(fromLatin1(`\r\n${text}\r\n`), ...hdlc(apdu), fromLatin1(text)));
    expect(payloads(all)).toEqual([ends(text), toHex(apdu), ends(text)]);
    expect(reasons(all)).toEqual([]);
  });

  it('parity bits are looked over', () => {
    const parity = TELEGRAM.map((octet) => {
      let bits = 0;
      for (let i = 0; i < 7; i++) bits ^= (octet >> i) & 1;
      return octet | (bits << 7);
    });
    expect(payloads(run(concat(Uint8Array.of(0xff, 0x55), parity)))).toEqual([toHex(parity)]);
  });

  it('a login text is quoted, and escapes in it do nothing', () => {
    const [reason] = reasons(run(concat(fromLatin1('\r\nlogin: ok\r\n'), wrapped(apdu))));
    expect(reason).toBe('text that is not a telegram, skipped: "login: ok"');
    expect(reasons(run(fromLatin1('\x1b[2J\x1b[2J')))[0]).not.toContain('\x1b');
  });
});

describe('what is not right is said', () => {
  it.each<[string, Uint8Array, RegExp]>([
    ['FCS', damaged(hdlc(apdu)[0] as Uint8Array, 40), /frame check sequence/],
    ['HCS', damaged(hdlc(apdu)[0] as Uint8Array, 6), /header check sequence|frame/],
    ['M-Bus checksum', damaged(mbus(other)[0] as Uint8Array, 12), /M-Bus frame: checksum/],
    ['M-Bus stop', damaged(mbus(other)[0] as Uint8Array, (mbus(other)[0] as Uint8Array).length - 1), /not end with 16/],
    ['standard M-Bus', mbusWith(0x72), /CI field 0x72 carries no DLMS/],
    ['M-Bus short frame', fromHex('1040FE3E16'), /M-Bus short frame/],
    ['a frame cut off', (hdlc(apdu)[0] as Uint8Array).subarray(0, 60), /60 octets of it came/],
  ])('%s, and what follows is read', (_, bad, reason) => {
    const all = run(concat(bad, ...hdlc(other)));
    expect(payloads(all)).toEqual([toHex(other)]);
    expect(reasons(all).join('\n')).not.toBe('');
    expect(reasons(run(bad)).join('\n')).toMatch(reason);
  });

  it.each<[string, Uint8Array[], RegExp]>([
    ['the first of two M-Bus frames', mbus(apdu, 150).slice(0, 1), /its first part came, part 1 is missing/],
    [
      'two of three segments',
      hdlc(apdu, { size: 100 }).slice(0, 2),
      /2 segments of it came, the last segment is missing/,
    ],
    ['blocks without the last', blocks(apdu).slice(0, 3), /3 blocks of it came, block 4 is missing/],
  ])('%s: at the end of input, or when the next begins', (_, parts, reason) => {
    expect(reasons(run(...parts))).toEqual([expect.stringMatching(reason)]);
    const deframer = new PushDeframer();
    for (const part of parts) deframer.push(part);
    expect(events(deframer)).toEqual([]);
    deframer.push(
      concat(...(parts[0]?.[0] === 0x68 ? mbus(other) : parts[0]?.[0] === 0x7e ? hdlc(other) : blocks(other))),
    );
    const all = events(deframer);
    expect(reasons(all)).toEqual([expect.stringMatching(reason)]);
    expect(payloads(all)).toEqual([toHex(other)]);
  });

  it.each([
    ['M-Bus', mbus(apdu, 60), /part 2 came instead of part 1/],
    ['blocks', blocks(apdu), /block 3 came instead of block 2/],
  ])('%s: a part that is missing in between voids the message', (_, parts, reason) => {
    const all = run(...parts.filter((_part, i) => i !== 1));
    expect(payloads(all)).toEqual([]);
    expect(reasons(all).join('\n')).toMatch(reason);
  });

  it('segments are not joined over a broken one', () => {
    const [first, second, third] = hdlc(apdu, { size: 80 }) as [Uint8Array, Uint8Array, Uint8Array];
    const all = run(first, damaged(second, 20), third);
    expect(payloads(all)).toEqual([]);
    expect(reasons(all).join('\n')).toMatch(/segment of a message whose beginning is missing/);
  });

  it('parts of two senders do not mix', () => {
    const a = hdlc(apdu, { size: 50, server: 1 });
    const b = hdlc(ciphered(apdu), { size: 50, server: 2 });
    const mixed = b.flatMap((frame, i) => (a[i] === undefined ? [frame] : [a[i] as Uint8Array, frame]));
    expect(payloads(run(...mixed)).sort()).toEqual([toHex(apdu), toHex(ciphered(apdu))].sort());
    const w = blocks(apdu).map((block) => wrapped(block, 1));
    const v = blocks(ciphered(apdu)).map((block) => wrapped(block, 2));
    expect(payloads(run(...v.flatMap((block, i) => [...(w[i] ? [w[i] as Uint8Array] : []), block]))).sort()).toEqual(
      [toHex(apdu), toHex(ciphered(apdu))].sort(),
    );
  });

  it('silence ends what was cut off, and the next message comes through', () => {
    const deframer = new PushDeframer();
    deframer.push((mbus(apdu)[0] as Uint8Array).subarray(0, 30));
    deframer.pause();
    deframer.push(concat(...mbus(other)));
    const all = events(deframer);
    expect(payloads(all)).toEqual([toHex(other)]);
    expect(reasons(all).join()).toMatch(/octets/);
  });

  it('a datagram is whole or not; the next is not touched', () => {
    const deframer = new PushDeframer({ mode: 'datagram' });
    deframer.push(wrapped(apdu).subarray(0, 40));
    deframer.push(concat(wrapped(apdu), other));
    expect(payloads(events(deframer))).toEqual([toHex(apdu), toHex(other)]);
  });

  it('I frames without a connection count like UI frames', () => {
    expect(payloads(run(...hdlc(other, { control: iControl(0, 0, true) })))).toEqual([toHex(other)]);
  });

  it('the inside of a broken frame is never taken for a message without one', () => {
    const frames = [...hdlc(apdu), ...mbus(other), ...hdlc(ciphered(apdu))];
    for (const frame of frames) {
      for (let at = 0; at < frame.length; at++) {
        const line = concat(...hdlc(other), damaged(frame, at), ...hdlc(other));
        const found = payloads(run(line));
        expect(found.filter((payload) => payload !== toHex(other))).toEqual([]);
        expect(found.length).toBeGreaterThanOrEqual(2);
      }
    }
  });
});

describe('any octets', () => {
  const message = fc.oneof(
    arbitraryData.map((value) => notification(structureOf([value]))),
    fc.constant(apdu),
    fc.constant(ciphered(apdu)),
    fc.constant(
      encodeApdu({
        type: 'event-notification-request',
        attribute: { classId: 3, instanceId: Uint8Array.of(1, 0, 1, 8, 0, 255), attributeId: 2 },
        value: u32(5),
      }),
    ),
  );
  const piece = fc.oneof(
    fc.tuple(message, fc.constantFrom(...Object.values(FORMS))).map(([octets_, form]) => concat(...form(octets_))),
    fc.uint8Array({ maxLength: 40 }),
    fc.constant(TELEGRAM),
    fc.constant(fromLatin1('/XXX5 only\r\n')),
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 12 });

  it('give the same events in any chunking', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 2 }),
        sizes,
        (pieces, flips, chunks) => {
          const line = concat(...pieces);
          for (const flip of flips) if (line.length > 0) line[flip % line.length] = flip & 0xff;
          const whole = run(line);
          const parts: Uint8Array[] = [];
          for (let at = 0, i = 0; at < line.length; i++) {
            const size = chunks[i % chunks.length] as number;
            parts.push(line.slice(at, at + size));
            at += size;
          }
          expect(run(...parts)).toEqual(whole);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('no octet of a stream is passed over in silence', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000, min: 0x80, max: 0xa0 }), (noise) => {
        const all = run(noise);
        const told = all.reduce((sum, event) => sum + (event.type === 'discarded' ? event.bytes.length : 0), 0);
        expect(told).toBe(noise.length);
      }),
      { numRuns: 200 },
    );
  });
});

function damaged(frame: Uint8Array, at: number): Uint8Array {
  const bad = frame.slice();
  bad[at] = (bad[at] as number) ^ 0x10;
  return bad;
}

function mbusWith(ci: number): Uint8Array {
  const frame = (mbus(other)[0] as Uint8Array).slice();
  const before = frame[6] as number;
  frame[6] = ci;
  frame[frame.length - 2] = ((frame[frame.length - 2] as number) + ci - before) & 0xff;
  return frame;
}
