import { describe, expect, it } from 'vitest';
import { concat, fromHex, fromLatin1, toHex } from '../../src/base/bytes.js';
import { readInput, readInputText } from '../../src/inspect/input/input.js';
import { inspectInput } from '../../src/inspect/input/inspect-input.js';
import type { Input } from '../../src/inspect/input/streams.js';

const SNRM = '7EA0070321930F017E';
const UA = SNRM;
const octetsOf = ({ streams }: Input) =>
  toHex(concat(...streams.flatMap(({ pieces }) => pieces.map(({ octets }) => octets))));
const base64 = (hex: string) => Buffer.from(fromHex(hex)).toString('base64');

describe('the same octets in every shape', () => {
  it.each<[string, string, string]>([
    ['with 0x and one digit (case 8)', '0x7E 0xA0 0x7 0x3 0x21 0x93 0xF 0x1 0x7E', 'hexadecimal'],
    ['as Arduino prints (case 8)', '7E A0 7 3 21 93 F 1 7E', 'hexadecimal'],
    ['as Arduino prints, a line each', '7E\r\nA0\r\n7\r\n3\r\n21\r\n93\r\nF\r\n1\r\n7E\r\n', 'hexadecimal'],
    ['together', '7ea0070321930f017e', 'hexadecimal'],
    ['0x before all of it', '0x7EA0070321930F017E', 'hexadecimal'],
    ['in groups of four digits, the last of two', '7EA0 0703 2193 0F01 7E', 'hexadecimal'],
    ['with commas', '7E,A0,07,03,21,93,0F,01,7E', 'hexadecimal'],
    ['with commas and 0x', '0x7E, 0xA0, 0x07, 0x03, 0x21, 0x93, 0x0F, 0x01, 0x7E,', 'hexadecimal'],
    ['with colons', '7e:a0:07:03:21:93:0f:01:7e', 'hexadecimal'],
    ['with dashes', '7E-A0-07-03-21-93-0F-01-7E', 'hexadecimal'],
    ['with points', '7E.A0.07.03.21.93.0F.01.7E', 'hexadecimal'],
    ['with an h behind', '7Eh 0A0h 07h 03h 21h 93h 0Fh 01h 7Eh', 'hexadecimal'],
    ['with $', '$7E $A0 $07 $03 $21 $93 $0F $01 $7E', 'hexadecimal'],
    ['0x and one digit, without anything between', '0x7E0xA00x70x30x210x930xF0x10x7E', 'hexadecimal'],
    ['a terminal that writes the time', '12:34:56.789 -> 7E A0 7 3 21 93 F 1 7E', 'log'],
    ['a time before each octet', '7E A0 7 3 21 93 F 1 7E'.replace(/(\w+) ?/g, '12:34:56.789 -> $1\r\n'), 'log'],
    ['times in brackets', '[12:34:56] 7E A0 07 03 21\n[12:34:57] 93 0F 01 7E\n', 'log'],
    ['date and time, few octets a line', '2026-11-30 12:34:56 7E A0 7\n2026-11-30 12:34:57 3 21 93 F 1 7E', 'log'],
    ['\\x without quotes', '\\x7e\\xa0\\x07\\x03\\x21\\x93\\x0f\\x01\\x7e', 'program'],
    ['\\x in quotes', '"\\x7E\\xA0\\x07\\x03\\x21\\x93\\x0F\\x01\\x7E"', 'program'],
    ['bytes of Python, as Python prints them', "b'~\\xa0\\x07\\x03!\\x93\\x0f\\x01~'", 'program'],
    ['bytes of Python, assigned', 'data = b"\\x7e\\xa0\\x07\\x03!\\x93" \\\n  b"\\x0f\\x01~"', 'program'],
    ['bytes.fromhex', "bytes.fromhex('7EA0 0703 2193 0F01 7E')", 'program'],
    [
      'an array of C',
      'const uint8_t f[] = {\n  0x7E, 0xA0, 0x7, 0x3, // begin\n  0x21, 0x93, 0xF, 0x1, 0x7E /* end */ };',
      'program',
    ],
    ['a Buffer of Node', '<Buffer 7e a0 07 03 21 93 0f 01 7e>', 'program'],
    ['a typed array, decimal', 'Uint8Array(9) [ 126, 160, 7, 3, 33, 147, 15, 1, 126 ]', 'program'],
    ['decimal numbers', '126 160 7 3 33 147 15 1 126', 'hexadecimal'],
    ['base64', base64(SNRM), 'base64'],
    ['hexdump -C', '00000000  7e a0 07 03 21 93 0f 01  7e                       |~...!...~|\n00000009\n', 'hex-dump'],
    ['xxd', '00000000: 7ea0 0703 2193 0f01 7e                   ~...!...~\n', 'hex-dump'],
    ['od', '000000 7e a0 07 03 21 93 0f 01 7e\n000009\n', 'hex-dump'],
    ['Wireshark', '0000   7e a0 07 03 21 93 0f 01 7e                        ~...!...~\n', 'hex-dump'],
    ['ESPHome', '[12:34:56][D][uart_debug:114]: <<< 7E:A0:07:03:21:93:0F:01:7E', 'log'],
    ['ESPHome, pretty', '[12:34:56.789][VV][dlms_meter:061]: 7E.A0.07.03.21.93.0F.01.7E (9)', 'log'],
    ['amsreader', '(D) [12:34:56] HDLC frame:\n7E A0 07 03 21 93 0F 01 7E\n', 'log'],
    ['Gurux', '<?xml version="1.0"?>\nTX: 12:34:56\t7E A0 07 03 21 93 0F 01 7E', 'log'],
    ['an arrow and a time', '0.012 s -> 7EA0070321930F017E # SNRM', 'log'],
    ['words around', 'I sent 7E A0 07 03 21 93 0F 01 7E to the meter and nothing came back', 'log'],
    ['date and words', '2026-11-30T17:00:00.123Z meter 4 received: 7EA0070321930F017E', 'log'],
  ])('%s', (_, text, form) => {
    const input = readInputText(text);
    expect([input.form, octetsOf(input)]).toEqual([form, SNRM]);
  });

  it('says what was decided', () => {
    expect(readInputText('7E A0 7').remarks).toEqual(['1 octet was written with one digit: 7 was read as 07']);
    expect(readInputText('126 160 7').remarks[0]).toContain('decimal');
    expect(readInputText('[10, 20, 30]').remarks[0]).toContain('read as hexadecimal');
    expect(readInputText(base64(SNRM)).remarks).toEqual(['read as base64']);
    expect(readInputText('aa 7EA0070321930F017E and bb\nnothing').remarks).toEqual([
      '1 line with octets read',
      '1 line without octets left out',
    ]);
  });

  it.each([
    ['7E A', '7E 0A'],
    ['0x7 0x3', '0703'],
    ['7 E', 'two halves'],
    ['7EA0 7 03', 'longer groups'],
    ['7EA\n007', 'odd number'],
    ['7E1', 'odd number'],
    ['0x7EA', 'odd number'],
    ['7G', 'not a hexadecimal digit'],
    ['hello', 'not a hexadecimal digit'],
  ])('%s: %s', (text, expected) => {
    let said: string;
    try {
      said = octetsOf(readInputText(text));
    } catch (error) {
      said = (error as Error).message;
    }
    expect(said).toContain(expected.replace('7E 0A', '7E0A'));
  });

  it('a folded dump is unfolded, a line that is missing said', () => {
    const rows =
      '00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n00000030  7e  |~|\n00000031';
    expect(octetsOf(readInputText(rows))).toBe(`${'00'.repeat(48)}7E`);
    const gap = '00000000: 0102\n00000002: 0304\n00000006: 0506';
    expect(() => readInputText(gap)).toThrow(/is a line missing|continues at octet 6/);
  });

  it('binary files are the octets themselves', () => {
    const input = readInput(fromHex(SNRM));
    expect([input.form, octetsOf(input)]).toEqual(['binary', SNRM]);
    expect(readInput(fromLatin1(`${SNRM}\n`)).form).toBe('hexadecimal');
  });

  it('keeps who sent what in a log, and shows the arrow', () => {
    const input = readInputText(`TX: 17:00:01 ${SNRM}\nRX: 17:00:02 ${UA}\n`);
    expect(input.streams[0]?.pieces.map(({ direction }) => direction)).toEqual(['client', 'server']);
    const { node } = inspectInput(input);
    expect(node.children?.map(({ text }) => text)).toEqual(['->: SNRM P/F, 16 to 1', '<-: SNRM P/F, 16 to 1']);
  });
});

describe('a long text that is nearly something is read in linear work', () => {
  // The old forms took minutes for these, or for ever.
  const n = 100_000;
  it.each<[string, string]>([
    ['a log line with wide gaps', `hello: ${`00${' '.repeat(150)}`.repeat(3)}zz words`],
    ['a log line with very wide gaps', `hello: ${`00${' '.repeat(n)}`.repeat(3)}zz words`],
    [
      'gaps of blanks and tabs around commas',
      `hello: ${`00${' \t'.repeat(n / 2)},${'\t '.repeat(n / 2)}`.repeat(3)}zz`,
    ],
    ['a log line with many runs', 'x 00 00 00 00 zz 00112233445F '.repeat(n / 20)],
    ['a run of digits that ends in a letter', `hello: ${'0'.repeat(n)}z`],
    // Not `/*/*`, which has an end in it.
    ['comments that never end', `hello ${'/* '.repeat(16 * n)}`],
    ['an array with blanks behind it', `a = [1, 2]${' '.repeat(n)}x`],
    ['an array with blanks and brackets behind it', `a = [1, 2]${' '.repeat(n)})${' '.repeat(n)};${' '.repeat(n)}x`],
    ['braces with blanks behind them', `a = {1, 2}${' '.repeat(n)}x`],
    ['a string that never ends', `b'${"\\'".repeat(n)}`],
    ['both kinds of string that never end', `\\x00 b'${'\\"\\\''.repeat(n)}`],
  ])('%s', (_, text) => {
    try {
      expect(readInputText(text).streams).toHaveLength(1);
    } catch (error) {
      expect((error as { code?: string }).code).toBe('state');
    }
  });

  it.each([
    ['x 7E A0\t07 , 03 zz', '7EA00703'],
    ['x 7E ,A0, 07\t.\t03 zz', '7EA00703'],
    ['hello 00 01 02 03 zz 0011223344', '00010203'],
    ['hello 00 01 02 03 zz 001122334455', '001122334455'],
  ])('and what is in it is found as before: %j', (text, octets) => {
    expect(octetsOf(readInputText(text))).toBe(octets);
  });

  it.each([
    [`/* a */ x = [0x7E, 0xA0] /* b`, undefined],
    [`/* a */ x = [0x7E, /* ] */ 0xA0]; // ;`, '7EA0'],
    [`print("\\x7e'", '\\'\\xa0"')`, '7E2727A022'],
    [`"\\x7e" and then ' "\\xa0"`, '7EA0'],
    ['x = (0x7E, [0x7E, 0xA0] ) ; ', undefined],
    ['x = [0x7E, 0xA0] ) ; ', '7EA0'],
  ])('programs too: %j', (text, octets) => {
    if (octets === undefined) expect(() => readInputText(text)).toThrow();
    else expect(octetsOf(readInputText(text))).toBe(octets);
  });
});

it('three numbers between colons are octets where they are no time', () => {
  expect(octetsOf(readInputText('12:34:56:7e:a0'))).toBe('1234567EA0');
  expect(octetsOf(readInputText('12:34:66 7e:a0'))).toBe('1234667EA0');
});

it.each(['/XX5T', '/', '/XXX', '/12345T', '/ELS\\@V10.04', '/1 meter'])(
  'data behind the line %s are a telegram',
  (line) => {
    const input = readInputText(`${line}\n\n1-0:1.8.0(00317.695*kWh)\n!\n`);
    expect(input.form).toBe('iec-62056-21');
    expect(JSON.stringify(inspectInput(input))).toContain('317.695 kWh');
  },
);

describe('text of IEC 62056-21', () => {
  const telegram = '/ISk5\\2MT382-1000\r\n\r\n1-0:1.8.0(000123.456*kWh)\r\n1-0:1.7.0(00.278*kW)\r\n!\r\n';
  it.each([
    ['a telegram', telegram],
    ['with line feeds alone', telegram.replaceAll('\r', '')],
    ['behind line ends (case 19)', `\r\n${telegram}`],
    ['behind blanks', `  \r\n \t${telegram}`],
    ['data sets alone', '1.8.0(000123.456*kWh)\r\n1.7.0(00.278*kW)\r\n'],
  ])('%s', (_, text) => {
    for (const input of [readInputText(text), readInput(fromLatin1(text))]) {
      expect(input.form).toBe('iec-62056-21');
      const { node } = inspectInput(input);
      expect(node.children?.map(({ name, error }) => [name, error])).toEqual([['iec-62056-21', undefined]]);
      expect(JSON.stringify(node)).toContain('000123.456*kWh');
    }
  });

  it('as hexadecimal too', () => {
    const { node } = inspectInput(readInputText(toHex(fromLatin1(telegram))));
    expect(node.children?.[0]?.name).toBe('iec-62056-21');
  });
});

describe('what is cut', () => {
  const GET = 'C001C100030100010800FF0200';
  const RESPONSE = 'C401C1000202090C07EA0B1E010C0000FFFEB60006000004D2';
  const leaves = (
    node: ReturnType<typeof inspectInput>['node'],
  ): { name: string; error?: unknown; text?: string }[] => [node, ...(node.children ?? []).flatMap(leaves)];

  it('anywhere in an APDU: what came, then how much is missing', () => {
    for (const whole of [GET, RESPONSE]) {
      for (let octets = 2; octets < whole.length / 2; octets++) {
        const { node } = inspectInput(readInputText(whole.slice(0, 2 * octets)));
        const all = leaves(node);
        expect(
          all.some(({ error }) => error !== undefined),
          `${octets}`,
        ).toBe(true);
        expect(
          all.some(({ name }) => name === 'cut here'),
          `${octets} of ${whole}`,
        ).toBe(true);
      }
    }
  });

  it('gives the values that came', () => {
    const { node } = inspectInput(readInputText('020306000004D2120029'));
    const all = leaves(node);
    expect(all.find(({ name }) => name === 'cut here')?.text).toBe('at least 1 octet missing');
    expect(JSON.stringify(node)).toContain('1234');
    expect(JSON.stringify(inspectInput(readInputText('C401C1000203060000')).node)).toContain('cut here');
  });

  it('a WPDU that is cut is taken apart as far as it came', () => {
    const { node } = inspectInput(readInputText(`000100100001001D${GET}`));
    expect(leaves(node).map(({ name }) => name)).toContain('get-request-normal');
    expect(node.children?.[0]?.error?.message).toContain('37 octets, but only 21 came');
  });
});
