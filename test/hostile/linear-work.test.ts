/** Whatever octets and text come, the work grows with their number: counted in steps, for so many and four times as many. */
import { countWork } from '../support/steps.js';

// It has begun before what it counts is compiled.

import { describe, expect, test } from 'vitest';
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
