/** Short names in the annotated tree: objects behind the names once the object list has passed, blocks joined, secrets masked. */
import { describe, expect, test } from 'vitest';
import type { Apdu } from '../../src/apdu/apdu.js';
import { encodeApdu } from '../../src/apdu/codec.js';
import { writeAssignments, writeVariables } from '../../src/apdu/short-names.js';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { Writer } from '../../src/base/cursor.js';
import { encodeData } from '../../src/codec/axdr.js';
import { arrayOf, i16, octets, structureOf, u8, u16, u32 } from '../../src/codec/make.js';
import { type Direction, Inspector } from '../../src/inspect/inspector.js';
import { FrameMasker } from '../../src/inspect/masker.js';
import { renderText } from '../../src/inspect/text.js';

const SECRET = Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i);
const entry = (base: number, classId: number, version: number, name: string) =>
  structureOf([i16(base > 0x7fff ? base - 0x10000 : base), u16(classId), u8(version), octets(fromHex(name))]);
const LIST = arrayOf([
  entry(0xfa00, 12, 2, '0000280000FF'),
  entry(0x100, 3, 0, '0100010800FF'),
  entry(0x200, 8, 0, '0000010000FF'),
  entry(0x300, 64, 0, '00002B0000FF'),
  entry(0x400, 70, 0, '000060030AFF'),
]);
const read = (...names: number[]): Apdu => ({
  type: 'read-request',
  variables: names.map((name) => ({ type: 'variable-name', name })),
});
const LEARN: readonly [Apdu, Direction][] = [
  [read(0xfa08), 'client'],
  [{ type: 'read-response', results: [{ data: LIST }] }, 'server'],
];

function shown(messages: readonly (readonly [Apdu, Direction])[], mask = false): string[] {
  const inspector = new Inspector({ framing: 'bare', mask });
  return messages.flatMap(([apdu, from]) => inspector.feed(encodeApdu(apdu), from).map(({ node }) => renderText(node)));
}

test('a name that the object list holds is told with its object, an answer with the type of its attribute', () => {
  const [, , asked, answered] = shown([
    ...LEARN,
    [read(0x108, 0x110), 'client'],
    [
      {
        type: 'read-response',
        results: [
          { data: u32(5) },
          {
            data: structureOf([
              { type: 'integer', value: 0 },
              { type: 'enum', value: 30 },
            ]),
          },
        ],
      },
      'server',
    ],
  ]);
  expect(asked).toMatch(/0003 {2}01 08 +variable-name: Register 1\.0\.1\.8\.0\.255.*: value/);
  expect(answered).toMatch(/double-long-unsigned/);
  expect(answered).toMatch(/Wh/);
});

test('without the list the names stay numbers', () => {
  const [asked] = shown([[read(0x108), 'client']]);
  expect(asked).toMatch(/read-request: 0108/);
  expect(asked).not.toContain('Register');
});

test('methods are told apart from attributes', () => {
  const write: Apdu = {
    type: 'write-request',
    variables: [{ type: 'variable-name', name: 0x420 }],
    values: [{ type: 'integer', value: 0 }],
  };
  expect(shown([...LEARN, [write, 'client']]).at(-1)).toMatch(/: remote.?disconnect/i);
});

test('an information report shows its time in both forms, its names and values', () => {
  const report = (currentTime: Uint8Array): Apdu => ({
    type: 'information-report-request',
    currentTime,
    names: [0x108],
    values: [u32(5)],
  });
  const text = Uint8Array.from('20261231235959+0530', (letter) => letter.charCodeAt(0));
  const [generalized, cosem] = shown([
    [report(text), 'server'],
    [report(fromHex('07EA0C1F04173B3B00FEB600')), 'server'],
  ]);
  for (const one of [generalized, cosem]) expect(one).toContain('2026-12-31 23:59:59');
});

describe('blocks', () => {
  const raw = encodeData(octets(Uint8Array.from({ length: 50 }, (_, i) => i)));
  test('of an answer are joined', () => {
    const blocks = [raw.subarray(0, 20), raw.subarray(20)].map((part, i): [Apdu, Direction] => [
      { type: 'read-response', results: [{ block: { last: i === 1, number: i + 1, raw: part } }] },
      'server',
    ]);
    const next: Apdu = { type: 'read-request', variables: [{ type: 'block-number-access', blockNumber: 1 }] };
    const texts = shown([[read(0x100), 'client'], blocks[0] as never, [next, 'client'], blocks[1] as never]);
    expect(texts.at(-1)).toContain('52 octets of all blocks');
    expect(texts.at(-1)).toContain('octet-string');
  });

  test('that bring the object list teach the names', () => {
    const list = encodeData(LIST);
    const texts = shown([
      [read(0xfa08), 'client'],
      [
        { type: 'read-response', results: [{ block: { last: false, number: 1, raw: list.subarray(0, 30) } }] },
        'server',
      ],
      [{ type: 'read-request', variables: [{ type: 'block-number-access', blockNumber: 1 }] }, 'client'],
      [{ type: 'read-response', results: [{ block: { last: true, number: 2, raw: list.subarray(30) } }] }, 'server'],
      [read(0x208), 'client'],
    ]);
    expect(texts.at(-1)).toContain('Clock');
  });

  test('of a long Read and of a long Write are joined to their lists', () => {
    const long = new Writer();
    writeVariables(long, [
      { type: 'variable-name', name: 0x108 },
      { type: 'variable-name', name: 0x208 },
    ]);
    const names = long.finish();
    const pieces = [names.subarray(0, 2), names.subarray(2)].map((part, i): [Apdu, Direction] => [
      {
        type: 'read-request',
        variables: [{ type: 'read-data-block-access', block: { last: i === 1, number: i + 1, raw: part } }],
      },
      'client',
    ]);
    const asked = shown([...LEARN, ...pieces]).at(-1);
    expect(asked).toContain('Clock');
    const w = new Writer();
    writeAssignments(w, [{ type: 'variable-name', name: 0x108 }], [u32(77)]);
    const whole = w.finish();
    const written = [whole.subarray(0, 3), whole.subarray(3)].map((part, i): [Apdu, Direction] => [
      {
        type: 'write-request',
        variables: [{ type: 'write-data-block-access', last: i === 1, blockNumber: i + 1 }],
        values: [octets(part)],
      },
      'client',
    ]);
    expect(shown([...LEARN, ...written]).at(-1)).toMatch(/77/);
  });
});

describe('secrets are masked', () => {
  const write = (name: number): Apdu => ({
    type: 'write-request',
    variables: [{ type: 'variable-name', name }],
    values: [octets(SECRET)],
  });
  const readWith = (name: number): Apdu => ({
    type: 'read-request',
    variables: [{ type: 'parameterized-access', name, selector: 0, parameter: octets(SECRET) }],
  });
  const inBlocks = (raw: Uint8Array) =>
    [raw.subarray(0, 5), raw.subarray(5)].map((part, i) => ({ last: i === 1, number: i + 1, raw: part }));
  const w = new Writer();
  writeAssignments(w, [{ type: 'variable-name', name: 0xfa40 }], [octets(SECRET)]);
  const whole = w.finish();
  const writing = ({ last, number, raw }: { last: boolean; number: number; raw: Uint8Array }): Apdu => ({
    type: 'write-request',
    variables: [{ type: 'write-data-block-access', last, blockNumber: number }],
    values: [octets(raw)],
  });
  const halves = [SECRET.subarray(0, 8), SECRET.subarray(8)];
  /** change_secret and reply_to_HLS_authentication of the association; key transfer of the security setup; an object that nobody knows. */
  const cases: [string, readonly (readonly [Apdu, Direction])[]][] = [
    ['change_secret', [[write(0xfa40), 'client']]],
    ['reply_to_HLS_authentication', [[readWith(0xfa58), 'client']]],
    [
      'its answer',
      [
        [readWith(0xfa58), 'client'],
        [{ type: 'read-response', results: [{ data: octets(SECRET) }] }, 'server'],
      ],
    ],
    ['global_key_transfer', [...LEARN, [write(0x338), 'client']]],
    [
      'change_secret of a version that is not known',
      [
        [read(0xfa08), 'client'],
        [{ type: 'read-response', results: [{ data: arrayOf([entry(0xfa00, 12, 0, '0000280000FF')]) }] }, 'server'],
        [write(0xfa40), 'client'],
      ],
    ],
    ['an unknown name', [[write(0x7008), 'client']]],
    ['an unknown name, unconfirmed', [[{ ...write(0x7008), type: 'unconfirmed-write-request' } as Apdu, 'client']]],
    [
      'what an unknown name gives',
      [
        [read(0x7008), 'client'],
        [{ type: 'read-response', results: [{ data: octets(SECRET) }] }, 'server'],
      ],
    ],
    [
      'an answer whose request was not seen',
      [[{ type: 'read-response', results: [{ data: octets(SECRET) }] }, 'server']],
    ],
    ['a Write in blocks', inBlocks(whole).map((block): [Apdu, Direction] => [writing(block), 'client'])],
    [
      'an answer in blocks',
      [
        [read(0x7008), 'client'],
        ...inBlocks(encodeData(octets(SECRET))).map((block): [Apdu, Direction] => [
          { type: 'read-response', results: [{ block }] },
          'server',
        ]),
      ],
    ],
    [
      'a Write in blocks that do not decode',
      halves.map((raw, i): [Apdu, Direction] => [
        {
          type: 'write-request',
          variables: [{ type: 'write-data-block-access', last: i === 1, blockNumber: i + 1 }],
          values: [octets(raw)],
        },
        'client',
      ]),
    ],
    [
      'an answer in blocks that do not decode',
      [
        [read(0x7008), 'client'],
        ...halves.map((raw, i): [Apdu, Direction] => [
          { type: 'read-response', results: [{ block: { last: i === 1, number: i + 1, raw } }] },
          'server',
        ]),
      ],
    ],
  ];
  test.each(cases)('%s', (_, messages) => {
    const parts = [toHex(SECRET.subarray(0, 8)), toHex(SECRET.subarray(8))];
    const open = shown(messages).join('').replace(/\s/g, '');
    expect(parts.some((part) => open.includes(part))).toBe(true);
    const texts = shown(messages, true).join('').replace(/\s/g, '');
    const masker = new FrameMasker({ framing: 'bare' });
    const frames = messages
      .flatMap(([apdu, from]) => masker.feed(encodeApdu(apdu), from))
      .map((frame) => toHex(frame.octets))
      .join('');
    for (const part of parts) {
      expect(texts).not.toContain(part);
      expect(frames).not.toContain(part);
    }
  });

  test('but not what is none: numbers, and values of known objects', () => {
    const clock = fromHex('07EA0B170106042900000000');
    const texts = shown(
      [
        ...LEARN,
        [read(0x7008), 'client'],
        [{ type: 'read-response', results: [{ data: u32(424242) }] }, 'server'],
        [read(0x208), 'client'],
        [{ type: 'read-response', results: [{ data: octets(clock) }] }, 'server'],
      ],
      true,
    );
    expect(texts[3]).toContain('424242');
    expect(texts[5]).toContain('2026-11-23');
  });
});
