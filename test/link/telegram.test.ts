import { existsSync, readFileSync } from 'node:fs';
import crc16 from 'crc/calculators/crc16';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, fromLatin1, toLatin1 } from '../../src/base/bytes.js';
import { withEvenParity } from '../../src/base/parity.js';
import type { LinkEvent } from '../../src/contracts/link.js';
import { encodeReadout } from '../../src/link/iec21.js';
import { decodeTelegram, TelegramSplitter, telegramLength, telegramMeter } from '../../src/link/telegram.js';
import { TelegramLink } from '../../src/link/telegram-link.js';
import { TelegramScan } from '../../src/link/telegram-scan.js';
import { countingReads } from '../support/counting-reads.js';
import { sharedFolder } from '../support/vectors.js';

const DATA = '0-0:1.0.0(261130103000W)\r\n1-0:1.8.0(00317.695*kWh)\r\n1-0:1.7.0(00.278*kW)\r\n';
const body = (line: string, data = DATA) => `${line}\r\n\r\n${data}!`;
const plain = (line = '/XXX5\\2TEST-1') => fromLatin1(`${body(line)}\r\n`);
const crcText = (text: string) => crc16(fromLatin1(text)).toString(16).toUpperCase().padStart(4, '0');
const proved = (line = '/XXX5\\2TEST-1') => fromLatin1(`${body(line)}${crcText(body(line))}\r\n`);

const SETS = [
  ['0-0:1.0.0', '261130103000W', null],
  ['1-0:1.8.0', '00317.695', 'kWh'],
  ['1-0:1.7.0', '00.278', 'kW'],
];
const setsOf = (octets: Uint8Array) =>
  decodeTelegram(octets).dataSets.map(({ address, values: [first] }) => [address, first?.value, first?.unit]);

describe('a telegram', () => {
  test.each([
    ['with a CRC', proved()],
    ['without one', plain()],
    ['after line ends', concat(fromLatin1('\r\n'), proved())],
    ['after line ends and NULs', concat(fromLatin1('\0\r\n\n'), plain())],
    ['of seven bits with even parity', withEvenParity(plain())],
    ['of seven bits with even parity and a CRC', withEvenParity(proved())],
    ['of seven bits with odd parity', withEvenParity(plain()).map((octet) => octet ^ 0x80)],
    ['with mark parity', plain().map((octet) => octet | 0x80)],
    ['stored with LF alone', fromLatin1(toLatin1(proved()).replaceAll('\r\n', '\n'))],
    ['stored without its last line end', proved().slice(0, -2)],
    ['with data between STX and ETX', concat(fromLatin1('/XXX5TEST\r\n'), stxData())],
    ['with data between STX and ETX, with parity', withEvenParity(concat(fromLatin1('/XXX5TEST\r\n'), stxData()))],
  ])('%s', (_, octets) => {
    expect(telegramLength(octets)).toBe(octets.length);
    expect(setsOf(octets)).toEqual(SETS);
  });

  test.each(['7', '8', '9', 'G', 'H', 'I', '\\', '.', 'Z', '0', '6', ' '])(
    'whatever stands for the speed: %s',
    (speed) => {
      expect(setsOf(proved(`/XXX${speed}METER`))).toEqual(SETS);
    },
  );

  test.each([
    ['/XXX9\\2TEST-1', 'XXX', 'TEST-1', undefined],
    ['/KFM5KAIFA-METER', 'KFM', 'KAIFA-METER', 9600],
    ['/ISk5\\2MT382-1000', 'ISK', 'MT382-1000', 9600],
    ['/Ene5\\T211 ESMR 5.0', 'ENE', '211 ESMR 5.0', 9600],
    ['/FLU5\\253770234_A', 'FLU', '53770234_A', 9600],
    ['/12', '', '12', undefined],
    ['/XXX5a!b/c', 'XXX', 'a!b/c', 9600],
    [`/XXX5${'n'.repeat(80)}`, 'XXX', 'n'.repeat(80), 9600],
  ])('%s says who speaks', (line, manufacturer, identification, baudRate) => {
    expect(telegramMeter(line)).toEqual({ manufacturer, identification, baudRate });
    expect(setsOf(proved(line))).toEqual(SETS);
  });

  test('a digit that changed is refused where a CRC tells', () => {
    expect(() => decodeTelegram(proved().with(40, 0x37))).toThrow('the CRC-16 of the telegram does not match');
  });

  test('every octet that is cut off is missed', () => {
    const whole = proved();
    for (let end = 0; end < whole.length - 2; end++) expect(telegramLength(whole.subarray(0, end))).toBeUndefined();
  });
});

function stxData(): Uint8Array {
  return encodeReadout(
    SETS.map(([address, value, unit]) => ({
      address: address as string,
      values: [{ value: value as string, unit: unit ?? null }],
    })),
  );
}

describe('a stream of telegrams', () => {
  const noise = fc.constantFrom(
    '',
    '\r\n',
    'garbage',
    'half of one: 1-0:1.8.0(003\r\n!\r\n',
    '\0\0',
    '!',
    '/',
    '\xff\xfe',
  );
  const telegram = fc.constantFrom(proved(), plain(), withEvenParity(plain()), proved('/XXX9X'));

  test('any chunking, anything in between: each one comes once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(noise, telegram), { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 20 }),
        (parts, cuts) => {
          const bytes = concat(...parts.map(([before, octets]) => concat(fromLatin1(`${before}\r\n`), octets)));
          let refused = 0;
          const splitter = new TelegramSplitter(() => refused++);
          let came = 0;
          for (let start = 0, i = 0; start < bytes.length; i++) {
            const end = start + (cuts[i % cuts.length] as number);
            came += splitter.push(bytes.slice(start, end)).length;
            start = end;
          }
          expect(came).toBe(parts.length);
          if (parts.every(([before]) => before === '')) expect(refused).toBe(0);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('any octets end in telegrams or refusals, and what is kept is bounded', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 20 }), (chunks) => {
        const splitter = new TelegramSplitter(() => {});
        for (const chunk of chunks) splitter.push(chunk);
      }),
      { numRuns: 1000 },
    );
    let dropped = 0;
    const endless = new TelegramSplitter((octets) => {
      dropped += octets.length;
    });
    endless.push(fromLatin1('/XXX5A\r\n\r\n'));
    for (let i = 0; i < 100; i++) endless.push(fromLatin1('1-0:1.8.0(1*kWh)\r\n'.repeat(50)));
    expect(dropped).toBeGreaterThan(60_000);
  });
});

describe('octets made to cost much', () => {
  /** Refusals of a stream, a good telegram behind it. */
  function refusals(bytes: Uint8Array, size = bytes.length) {
    const told: string[] = [];
    const splitter = new TelegramSplitter((_, reason) => told.push(reason));
    let came = 0;
    for (let at = 0; at < bytes.length; at += size) came += splitter.push(bytes.slice(at, at + size)).length;
    return { told, came: came + splitter.push(proved()).length };
  }
  const STX_LINE = '/ABC5\r\n\x02';

  test.each([
    ['many starts before one end', `${'/ABC5\n'.repeat(10_000)}!0000\r\n`],
    ['many starts before one block check', `${STX_LINE.repeat(6_000)}\x03\x00`],
    ['starts of both kinds', `${`${STX_LINE}/ABC5\r\n!0000\r\n`.repeat(3_000)}\x03\x00`],
  ])('%s: a few are tried, and the telegram behind is read', (_, text) => {
    const ends = text.split('!').length;
    const { told, came } = refusals(fromLatin1(text));
    expect(told.length).toBeLessThan(20 + 2 * ends);
    expect(came).toBe(1);
  });

  test('the good telegram behind beginnings without an end is read, and how many there were is of no matter', () => {
    for (const count of [1, 7, 8, 9, 50]) {
      const { came } = refusals(fromLatin1('/ABC5\r\n1-0:1.8.0(1)\r\n'.repeat(count)));
      expect(came).toBe(1);
    }
  });

  test.each([
    ['data sets', `/ABC5\r\n${'1-0:1.8.0(1)\r\n'.repeat(300)}`],
    ['line ends', `/ABC5\r\n${'\n'.repeat(4_000)}`],
    ['data behind STX', `${STX_LINE}${'1'.repeat(4_000)}`],
  ])('%s in single octets are looked at a few times each', (_, text) => {
    const octets = fromLatin1(text);
    const scan = new TelegramScan();
    let reads = 0;
    for (let end = 1; end <= octets.length; end++) {
      const counting = countingReads(octets.subarray(0, end));
      expect(scan.endOf(counting.bytes, 0)).toBeUndefined();
      reads += counting.reads();
    }
    expect(reads).toBeLessThan(10 * octets.length);
  });

  test.each([
    ['a long telegram in single octets', `/ABC5\r\n${'1-0:1.8.0(1)\r\n'.repeat(4_400)}`, 1],
    ['line ends in single octets', `/ABC5\r\n${'\n'.repeat(65_000)}`, 1],
    ['data without their end in single octets', `${STX_LINE}${'1'.repeat(65_000)}\x03`, 1],
    ['starts without end in small pieces', '/x\n'.repeat(30_000), 3],
    ['starts without line end', '/x'.repeat(100_000), 2],
  ])('%s', (_, text, size) => {
    const { told } = refusals(fromLatin1(text), size);
    expect(told.length).toBeLessThanOrEqual(text.length);
  });

  test('what stands behind the ! in place of digits is refused, and is not waited for', () => {
    for (const last of ['x', '12\xff', '!xBCD\r\n', `!${'x'.repeat(40)}`]) {
      const { told, came } = refusals(fromLatin1(`/ABC5\r\n1-0:1.8.0(1)\r\n!${last}\r\n`));
      expect(told[0]).toContain('a telegram ends with !');
      expect(came).toBe(1);
    }
  });
});

describe('a port that only sends', () => {
  function listening() {
    const link = new TelegramLink({ listen: 60_000 });
    link.connect(0);
    const events: LinkEvent[] = [];
    const hear = (octets: Uint8Array) => {
      link.receive(octets);
      for (let event = link.pollEvent(); event !== undefined; event = link.pollEvent()) events.push(event);
    };
    return { link, events, hear };
  }

  test('the second telegram that is refused is told, and what the end was', () => {
    const t = listening();
    const broken = proved().with(40, 0x37);
    t.hear(broken);
    expect(t.events.at(-1)).toEqual(expect.not.objectContaining({ remark: expect.anything() }));
    t.hear(broken);
    expect(t.events.at(-1)).toMatchObject({
      type: 'discarded',
      remark: {
        text: '2 telegrams came and were refused: the CRC-16 of the telegram does not match (bad-checksum at octet 92)',
      },
    });
    t.link.handleTimeout(60_000);
    t.hear(new Uint8Array(0));
    expect(t.events.at(-1)).toMatchObject({ type: 'closed', reason: 'no telegram could be read, 2 were refused' });
  });

  const remarks = ({ events }: ReturnType<typeof listening>) =>
    events.flatMap((event) => (event.type === 'discarded' && event.remark !== undefined ? [event.remark.text] : []));
  const text = toLatin1(proved());

  test.each([
    [
      'frames',
      fromHex('7EA01BCF0021130E3EE6E7000F00000001000600000001000102030405060708091011127E'),
      /frames and ciphered/,
    ],
    [
      'a ciphered message',
      fromHex(`DB085858580000000001820071300000491F${'12FD3A916A8D6E22D4601020304055'.repeat(4)}`),
      /ciphered messages/,
    ],
    [
      'telegrams without their first line',
      fromLatin1(text.slice(text.indexOf('\n') + 1)),
      /no line that begins with \//,
    ],
  ])('%s: told once, before anybody waits for ever', (_, octets, said) => {
    const t = listening();
    for (let i = 0; i < 9; i++) t.hear(octets);
    expect(remarks(t)).toEqual([expect.stringMatching(/^\d+ octets came that are no telegram, beginning with /)]);
    expect(remarks(t)[0]).toMatch(said);
  });

  test('telegrams without their end: told after the second', () => {
    const t = listening();
    for (let i = 0; i < 4; i++) t.hear(fromLatin1(text.slice(0, text.indexOf('!'))));
    expect(remarks(t)).toEqual([
      expect.stringMatching(/^2 telegrams came and were refused: another telegram begins before its end/),
    ]);
  });

  test('the end of one that had begun before us is no matter', () => {
    for (let cut = 1; cut < text.length; cut++) {
      const t = listening();
      t.hear(fromLatin1(text.slice(cut)));
      t.hear(proved());
      expect([t.events.at(-1)?.type, remarks(t)]).toEqual(['connected', []]);
    }
  });

  test('half of one is told', () => {
    const t = listening();
    t.hear(proved().slice(0, 30));
    expect(t.link.pending()).toMatch(/^of a telegram 30 octets came and its end is missing: "\/XXX5/);
    t.hear(proved().slice(30));
    expect(t.events.at(-1)?.type).toBe('connected');
    expect(t.link.pending()).toBeUndefined();
  });
});

const field = `${sharedFolder}field/`;
const haveField = existsSync(field);
if (!haveField) console.log('the cases from the field are not there: 3 tests skipped');

describe.skipIf(!haveField)('cases from the field', () => {
  test.each([
    ['5: speed 9, no CRC', 'p1-ident9-nocrc.txt', '00317.695'],
    ['5: speed 9, a CRC', 'p1-ident9-crc.txt', '00317.695'],
    ['30: seven bits with parity, received as eight', 'p1-7e1-parity.bin', '000422.20196574'],
  ])('%s', (_, file, value) => {
    const { dataSets } = decodeTelegram(new Uint8Array(readFileSync(field + file)));
    expect(dataSets.find(({ address }) => /1\.8\.0/.test(address))?.values[0]).toEqual({ value, unit: 'kWh' });
  });
});
