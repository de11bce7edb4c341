/** Whatever octets and text come, the work grows with their number: counted in steps, for so many and four times as many. */
import { countWork } from '../support/steps.js';

// It has begun before what it counts is compiled.

import { describe, expect, test } from 'vitest';
import { CSV_COLUMNS } from '../../packages/commissioning/src/index/export.js';
import { readCsv } from '../../packages/commissioning/src/index/import.js';
import { parseWorkOrder } from '../../packages/commissioning/src/work-order.js';
import { parseScenario } from '../../simulator/scenario/parse.js';
import { fromLatin1, toHex } from '../../src/base/bytes.js';
import { CosemError } from '../../src/base/errors.js';
import type { Link } from '../../src/contracts/link.js';
import { readCapture } from '../../src/inspect/input/capture.js';
import { readInput, readInputText } from '../../src/inspect/input/input.js';
import { inspectInput } from '../../src/inspect/input/inspect-input.js';
import { inspect } from '../../src/inspect/inspect.js';
import { checkSequence } from '../../src/link/hdlc-frame.js';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import { ModeCLink } from '../../src/link/mode-c.js';
import { ModeELink } from '../../src/link/mode-e.js';
import { TelegramLink } from '../../src/link/telegram-link.js';
import { WrapperLink } from '../../src/link/wrapper-link.js';
import { PushDeframer } from '../../src/push/deframer.js';

const FEW = 1000;
/** Four times the octets may cost so many times the steps: four, and what is paid in blocks; where it grows with their square it is sixteen. */
const MOST = 8;

const octets = (text: string) => fromLatin1(text);

function bareFrame(): Uint8Array {
  const check = (bytes: number[]) => {
    const sum = checkSequence(Uint8Array.from(bytes));
    return [...bytes, sum & 0xff, sum >> 8];
  };
  return Uint8Array.from([0x7e, ...check(check([0xa0, 9, 3, 0x21, 0x93])), 0x7e]);
}

const PATTERNS: Readonly<Record<string, Uint8Array>> = {
  'frames with a header check sequence and no information': bareFrame(),
  flags: Uint8Array.of(0x7e),
  'flags and formats': Uint8Array.of(0x7e, 0xa0),
  'begun frames': Uint8Array.of(0x7e, 0xa7, 0xff, 3, 0x21),
  SOH: Uint8Array.of(1),
  STX: Uint8Array.of(2),
  'slash and STX': octets('/\x02'),
  slashes: octets('/'),
  requests: octets('/?'),
  identifications: octets('/ABC5x\r\n'),
  'begun telegrams': octets('/ABC5x\r\n\r\n'),
  'ended telegrams': octets('/ABC5x\r\n\r\n!\r\n'),
  ACK: Uint8Array.of(6),
  NAK: Uint8Array.of(0x15),
  'line ends': octets('\r\n'),
  NUL: Uint8Array.of(0),
  'begun M-Bus frames': Uint8Array.of(0x68, 0xff, 0xff, 0x68),
  'starts of M-Bus': Uint8Array.of(0x68),
  'short M-Bus frames': Uint8Array.of(0x68, 5, 5, 0x68, 0, 0, 0, 0, 0, 0, 0x16),
  'wrapper headers': Uint8Array.of(0, 1, 0, 1, 0, 16, 0, 0),
  'wrapper versions': Uint8Array.of(0, 1),
  parentheses: octets('1.0.1('),
  'data sets': octets('1.0.1(1)'),
  'begun arrays': Uint8Array.of(1, 1),
  'long arrays': Uint8Array.of(1, 0x82, 0x40, 0),
  'begun structures': Uint8Array.of(2, 2),
  'begun AARQs': Uint8Array.of(0x60, 0x82, 0xff, 0xff),
  'ciphered APDUs': Uint8Array.of(0xdb, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x82, 0xff, 0xff),
  LLC: Uint8Array.of(0xe6, 0xe7, 0),
};

function repeated(pattern: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => pattern[i % pattern.length] as number);
}

/** The link hears it in so many octets at once, and its owner takes its events. */
const heard = (make: () => Link, chunk: number) => (bytes: Uint8Array) => {
  const link = make();
  link.connect(0);
  for (let i = 0; i < bytes.length; i += chunk) {
    while (link.pollTransmit() !== undefined || link.pollEvent() !== undefined);
    link.receive(bytes.subarray(i, i + chunk), 10);
  }
  while (link.pollEvent() !== undefined);
};

const hdlc = () => new HdlcLink('client', { client: 16, server: 1 });
const LINKS: Readonly<Record<string, () => Link>> = {
  'mode C': () => new ModeCLink({ role: 'client' }),
  'mode C, the meter': () => new ModeCLink({ role: 'server', manufacturer: 'ABC', identification: 'x', baud: 300 }),
  'mode E': () => new ModeELink({ role: 'client' }, hdlc()),
  telegrams: () => new TelegramLink({ listen: 1000 }),
  wrapper: () => new WrapperLink('client', { client: 16, server: 1 }),
  HDLC: hdlc,
};

const WORK: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  inspect: (bytes) => inspect(bytes),
  'a file': (bytes) => inspectInput(readInput(bytes)),
  'a file of hexadecimal': (bytes) => inspectInput(readInputText(toHex(bytes))),
  pushes: (bytes) => {
    const deframer = new PushDeframer();
    for (let i = 0; i < bytes.length; i += 16) deframer.push(bytes.subarray(i, i + 16));
    deframer.flush();
    while (deframer.pollEvent() !== undefined);
  },
  ...Object.fromEntries(
    Object.entries(LINKS).flatMap(([name, make]) => [
      [`${name}, octets one by one`, heard(make, 1)],
      [`${name}, all at once`, heard(make, Number.POSITIVE_INFINITY)],
    ]),
  ),
};

/** Errors are an end like any other. */
function borne(work: () => unknown): () => void {
  return () => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof CosemError)) throw error;
    }
  };
}

function growth(work: (length: number) => unknown, few = FEW): number {
  borne(() => work(few))();
  borne(() => work(4 * few))();
  const steps = (length: number) => countWork(borne(() => work(length)));
  // A few steps an octet are what it may cost: what costs less is told by chance.
  return steps(4 * few) / Math.max(steps(few), 4 * few);
}

describe.each(Object.keys(WORK))('%s: the work grows with the octets', (name) => {
  test.each(Object.keys(PATTERNS))('%s', (pattern) => {
    const work = WORK[name] as (bytes: Uint8Array) => unknown;
    expect(growth((length) => work(repeated(PATTERNS[pattern] as Uint8Array, length)))).toBeLessThan(MOST);
  });
});

test.each(['STX', 'begun telegrams'])('mode C: %s beyond the longest message', (pattern) => {
  const work = heard(LINKS['mode C'] as () => Link, 32_768);
  expect(growth((length) => work(repeated(PATTERNS[pattern] as Uint8Array, length)), 70_000)).toBeLessThan(MOST);
});

const TEXTS = [
  '7E ',
  '7E\n',
  '\\x7E',
  '0x7e, ',
  '"\\x7e" ',
  '{',
  '[',
  '[7E',
  '= {',
  'new ',
  '7e:',
  '# ',
  '//',
  '/*',
  '<',
  '-> 7E\n',
  '2026-01-01 12:00:00 7E\n',
  'A',
  '=',
  ' ',
  '\t',
  '\n',
  'x=[',
  '"',
  "'",
  '(',
  'AA==',
  '1.0.1(',
];

describe('text that is to be read as octets: the work grows with it', () => {
  test.each(TEXTS)('%j', (piece) => {
    expect(growth((length) => inspectInput(readInputText(piece.repeat(length / piece.length))))).toBeLessThan(MOST);
  });
});

describe('a scenario: the work grows with its text', () => {
  test.each([
    '}',
    '[',
    '{',
    '- ',
    '? ',
    '- [\n',
    '&a ',
    '!a ',
    'a:\n ',
    'a: b\n',
    '- }\n',
    '- at 18:00 magnet on\n',
    '"',
  ])('%j', (piece) => {
    expect(growth((length) => parseScenario(piece.repeat(length / piece.length)))).toBeLessThan(MOST);
  });

  test('one of more than 65,536 characters is refused before it is parsed', () => {
    let said = '';
    const steps = countWork(() => {
      try {
        parseScenario('}'.repeat(160_000), 'night.yaml');
      } catch (error) {
        said = (error as Error).message;
      }
    });
    expect(said).toBe('night.yaml: 160000 characters, and a scenario has 65536 at most');
    expect(steps).toBeLessThan(100);
  });

  test('one that is nested too deep is refused before it is composed', () => {
    expect(() => parseScenario('['.repeat(60_000), 'night.yaml')).toThrow('night.yaml:1:');
  });
});

test('a capture of headers alone', () => {
  const header = [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, ...Array<number>(8).fill(0), 0xff, 0xff, 0, 0, 1, 0, 0, 0];
  const work = (length: number) => readCapture(Uint8Array.from([...header, ...Array<number>(length).fill(0)]));
  expect(growth(work)).toBeLessThan(MOST);
});

/** A recording of so many octets, of packets of IPv4 without a link layer. */
function recording(length: number, packet: (i: number) => readonly number[]): Uint8Array {
  const bytes = [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, ...Array<number>(8).fill(0), 0xff, 0xff, 0, 0, 101, 0, 0, 0];
  for (let i = 0; bytes.length < length; i++) {
    const octets = packet(i);
    const size = [octets.length & 0xff, octets.length >> 8, 0, 0];
    bytes.push(i & 0xff, (i >> 8) & 0xff, 0, 0, 0, 0, 0, 0, ...size, ...size, ...octets);
  }
  return Uint8Array.from(bytes);
}

const two = (n: number) => [(n >> 8) & 0xff, n & 0xff];
const ip = (protocol: number, body: readonly number[], host = 1) => [
  ...[0x45, 0, ...two(20 + body.length), 0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, ...two(host), 10, 1, 0, 1],
  ...body,
];
const SYN = 2;
const ACK = 16;
interface Segment {
  readonly sequence: number;
  readonly data?: readonly number[];
  readonly port?: number;
  readonly flags?: number;
}
const segment = ({ sequence, data = [0x7e], port = 50_000, flags = ACK }: Segment) =>
  ip(6, [
    ...two(port),
    ...two(4059),
    ...two(sequence >>> 16),
    ...two(sequence),
    0,
    0,
    0,
    0,
    0x50,
    flags,
    ...Array<number>(6).fill(0),
    ...data,
  ]);
const datagram = (data: readonly number[], port = 50_000) =>
  ip(17, [...two(port), ...two(4059), ...two(8 + data.length), 0, 0, ...data]);

const RECORDINGS: Readonly<Record<string, (i: number) => readonly number[]>> = {
  'octets one by one': (i) => segment({ sequence: i }),
  'one octet again and again': () => segment({ sequence: 5 }),
  'octets that leave every second one out': (i) => segment({ sequence: 2 * i }),
  'octets behind a gap, the last first': (i) => segment({ sequence: i === 0 ? 0 : 1_000_000 - 2 * i }),
  'octets behind a gap, in the middle of what came': (i) =>
    segment({ sequence: i === 0 ? 0 : 1000 + ((i * 7919) % 65_536) }),
  'segments that overlap': (i) => segment({ sequence: i, data: [0x7e, 0xa0, 0x7e, 0xa0] }),
  'segments that overlap behind a gap': (i) =>
    segment({ sequence: i === 0 ? 0 : 9 + i, data: [0x7e, 0xa0, 0x7e, 0xa0] }),
  'a connection for each packet': (i) => segment({ sequence: 0, port: 1024 + (i % 60_000) }),
  'one connection opened again and again': (i) => segment({ sequence: 0, flags: i % 2 === 0 ? SYN : ACK }),
  'begun wrapper headers': (i) => segment({ sequence: 2 * i, data: [0, 1] }),
  'wrappers without content': (i) => segment({ sequence: 8 * i, data: [0, 1, 0, 1, 0, 16, 0, 0] }),
  'empty packets': (i) => segment({ sequence: i, data: [] }),
  datagrams: () => datagram([0, 1, 0, 1, 0, 16, 0, 0]),
  'a peer for each datagram': (i) => datagram([0, 1], 1024 + (i % 60_000)),
  'parts of packets': () => [
    0x45, 0, 0, 28, 0, 0, 0x20, 1, 64, 17, 0, 0, 10, 0, 0, 1, 10, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0,
  ],
  'headers of IPv6 without end': () => [
    0x60,
    0,
    0,
    0,
    0,
    64,
    0,
    64,
    ...Array<number>(32).fill(1),
    ...Array<number>(64).fill(0),
  ],
};

describe('a recording of a network: the work grows with it', () => {
  test.each(Object.keys(RECORDINGS))('%s', (name) => {
    const packet = RECORDINGS[name] as (i: number) => readonly number[];
    expect(growth((length) => inspectInput(readCapture(recording(length, packet))), 20_000)).toBeLessThan(MOST);
  });
});

const HEADING = 'work_order,consumer_number,seals,start_readings\n';
describe('a CSV file that is to be imported: the work grows with it', () => {
  test.each([
    ['', '"'],
    ['', ','],
    ['', '\n'],
    ['', '\r'],
    ['', 'work_order,'],
    ['', 'a'],
    ['', '""'],
    ['', '\uFEFF'],
    [HEADING, '"'],
    [HEADING, '""'],
    [HEADING, '"a'],
    [HEADING, ','],
    [HEADING, ',\n'],
    [HEADING, 'a,b,c,d\n'],
    [HEADING, "'=\n"],
    [HEADING, 'a'],
    [`${HEADING}a,b,`, 'S;'],
    [`${HEADING}a,b,c,`, 'a=1;'],
    [`${HEADING}a,b,c,`, '='],
    [`${HEADING}a,b,c,`, ' '],
  ])('%j, then %j', (before, piece) => {
    const work = (length: number) => readCsv(before + piece.repeat(length / piece.length), 'rows.csv');
    expect(growth(work, 2000)).toBeLessThan(MOST);
  });

  const row = CSV_COLUMNS.map((name) => (/_at$/.test(name) ? '2026-01-01T00:00:00Z' : '1'));
  test.each([
    ['rows that are right in form', row],
    ['rows of which every cell is wrong', row.map((cell) => (cell === '1' ? '\x01' : cell))],
  ])('%s', (_, cells) => {
    const line = `${cells.join()}\n`;
    const work = (length: number) => readCsv(`${CSV_COLUMNS.join()}\n${line.repeat(length / line.length)}`, 'rows.csv');
    expect(growth(work, 20_000)).toBeLessThan(MOST);
  });
});

describe('a work order: the work grows with it', () => {
  test.each([
    ['', '[', ''],
    ['', '{', ''],
    ['', '{"a":', ''],
    ['', ' ', ''],
    ['', '"', ''],
    ['', '\\', ''],
    ['[', '1,', '1]'],
    ['[', '{},', '{}]'],
    ['{"x":"', '\\u0061', '"}'],
    ['{"x":"', 'a', '"}'],
    ['{"x":', '1', '}'],
    ['{"id":"', 'a', '"}'],
    ['{"id":"', '-', '"}'],
    ['{"issued":"', '2026-01-01T', '"}'],
    ['{"issued":"2026-01-01T00:00:00.', '0', '"}'],
    ['{"consumer":{"name":"', ' ', '"}}'],
    ['{"consumer":{"name":"', 'é', '"}}'],
    ['{"consumer":{"mobile":"', '91', '"}}'],
    ['{"keys":{"config":"', '\\u0000', '"}}'],
    ['{"otp":{"type":"', 'totp', '"}}'],
  ])('%j, then %j, then %j', (before, piece, after) => {
    const work = (length: number) => parseWorkOrder(before + piece.repeat(length / piece.length) + after, 'order.json');
    expect(growth(work, 2000)).toBeLessThan(MOST);
  });

  test('names that mean nothing', () => {
    const work = (length: number) =>
      parseWorkOrder(`{${Array.from({ length: length / 10 }, (_, i) => `"${i}":0`).join()}}`, 'order.json');
    expect(growth(work, 2000)).toBeLessThan(MOST);
  });
});
