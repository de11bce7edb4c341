import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterAll, describe, expect, test } from 'vitest';
import { ran } from '../../../../test/bin/ran.js';
import { say } from '../../src/messages.js';
import { readCsvSheet } from '../../src/orders/csv-sheet.js';
import { ORDER_FIELDS, parseMapping } from '../../src/orders/mapping.js';
import { ordersIn } from '../../src/orders/order-rows.js';
import { SHEET_LIMITS, SheetError } from '../../src/orders/sheet.js';
import { isZip, readExcelSheet } from '../../src/platform/excel-sheet.js';
import { readSheetFile } from '../../src/platform/import-orders.js';
import { createWorkspace } from '../../src/platform/workspace.js';
import { parseWorkOrder } from '../../src/work-order.js';
import { type TestCell, workbook } from './workbook.js';

const root = mkdtempSync(join(tmpdir(), 'cosem-sheet-'));
afterAll(() => rmSync(root, { recursive: true }));

const HEADINGS = [
  'WO No',
  'उपभोक्ता संख्या',
  'Name',
  'Address',
  'Mobile',
  'Load kW',
  'Phase',
  'Feeder',
  'Due',
  'Old meter',
];
const MAPPING = {
  format: 'cosem-order-mapping-1',
  fields: {
    id: { column: 'WO No', prefix: 'WO-' },
    issued: { constant: '2026-11-20T09:00:00+05:30' },
    validUntil: { column: 'Due', time: '23:59:59' },
    'consumer.number': { column: 'उपभोक्ता संख्या', digits: 10 },
    'consumer.name': { column: 'Name' },
    'consumer.address': { column: 'Address' },
    'consumer.mobile': { column: 'Mobile' },
    sanctionedLoad: { column: 'Load kW', times: 1000 },
    'network.feeder': { column: 'Feeder' },
    'network.transformer': { constant: 'T-204' },
    'network.pole': { constant: 'P-9' },
    'oldMeter.serial': { column: 'Old meter' },
    'newMeter.serial': { constant: 'any' },
    'newMeter.profile': { column: 'Phase', values: { '1': 'is15959/D1', '3': 'is15959/D2' } },
    'keys.config': { constant: 'meters.json' },
    'keys.connection': { constant: 'utility' },
  },
};
const mapping = parseMapping(JSON.stringify(MAPPING), 'mapping.json');

const ROW = [
  '2031',
  '0100220033',
  'आशा देवी',
  '12 Gandhi Marg, Lucknow',
  '9812344321',
  '2.3',
  '1',
  'F-11',
  '31-12-2026',
  'OLD-5567',
];
const GOOD = {
  format: 'cosem-work-order-1',
  id: 'WO-2031',
  issued: '2026-11-20T09:00:00+05:30',
  validUntil: '2026-12-31T23:59:59+05:30',
  consumer: { number: '0100220033', name: 'आशा देवी', address: '12 Gandhi Marg, Lucknow', mobile: '9812344321' },
  sanctionedLoad: 2300,
  network: { feeder: 'F-11', transformer: 'T-204', pole: 'P-9' },
  oldMeter: { serial: 'OLD-5567' },
  newMeter: { serial: 'any', profile: 'is15959/D1' },
  keys: { config: 'meters.json', connection: 'utility' },
};

const csv = (rows: readonly (readonly string[])[], delimiter = ',') =>
  rows.map((row) => row.map((cell) => `"${cell}"`).join(delimiter)).join('\r\n');
const of = (column: string, value: string) => ROW.map((cell, i) => (HEADINGS[i] === column ? value : cell));
const ofCsv = (column: string, value: string) =>
  ordersIn(readCsvSheet(strToU8(csv([HEADINGS, of(column, value)]))), mapping);
/** The one reason why a row with this value is refused, in English. */
const why = (column: string, value: string) => {
  const { refused, orders } = ofCsv(column, value);
  expect(orders).toEqual([]);
  expect(refused).toHaveLength(1);
  return say('en', refused[0]!.says, refused[0]!.params);
};

function utf16(text: string, big: boolean): Uint8Array {
  const octets = Buffer.from(`\uFEFF${text}`, 'utf16le');
  return big ? octets.swap16() : octets;
}

describe('CSV, however it was saved', () => {
  const text = csv([HEADINGS, ROW]);
  test.each([
    ['UTF-8', strToU8(text)],
    ['UTF-8 with its mark', strToU8(`\uFEFF${text}`)],
    ['UTF-16 little', utf16(text, false)],
    ['UTF-16 big', utf16(text, true)],
    ['semicolons', strToU8(csv([HEADINGS, ROW], ';'))],
    ['tabs', strToU8(csv([HEADINGS, ROW], '\t'))],
    ['an empty line below the headings', strToU8(csv([HEADINGS, [], ROW]))],
  ])('%s', (_, octets) => {
    const { orders, refused } = ordersIn(readCsvSheet(octets), mapping);
    expect(refused).toEqual([]);
    expect(orders.map(({ order }) => order)).toEqual([GOOD]);
  });

  test('windows-1252, where it is no UTF-8', () => {
    const octets = Uint8Array.from([...'Name;x\r\nJos', '\xe9', ';1'].join(''), (letter) => letter.charCodeAt(0));
    expect(readCsvSheet(octets).rows[1]?.cells).toEqual(['José', '1']);
  });

  test('UTF-16 without its mark', () => {
    expect(readCsvSheet(Buffer.from('Name,Load\r\nAsha,2', 'utf16le')).rows[1]?.cells).toEqual(['Asha', '2']);
  });

  test('an apostrophe that kept a spreadsheet from running a cell goes; the row number is that of the spreadsheet', () => {
    const sheet = readCsvSheet(strToU8('Name\r\n\r\n"\'=2+3"'));
    expect(sheet.rows.map(({ number, cells }) => [number, cells[0]])).toEqual([
      [1, 'Name'],
      [3, '=2+3'],
    ]);
  });
});

describe('Excel', () => {
  const row = (changes: Record<number, TestCell>): TestCell[] => ROW.map((cell, i) => changes[i] ?? cell);
  const read = async (cells: TestCell[]) => ordersIn(await readExcelSheet(workbook([HEADINGS, cells])), mapping);

  test('numbers that were text, dates, loads as Excel keeps them', async () => {
    const cells = row({
      0: { n: '2031' },
      1: { n: '100220033' },
      4: { n: '9.812344321E9' },
      5: { n: '2.2999999999999998' },
      6: { n: '1' },
      8: { day: 46387 },
    });
    const { orders, refused } = await read(cells);
    expect(refused).toEqual([]);
    expect(orders[0]?.order).toEqual(GOOD);
  });

  test('a code that Excel made a date of, and a number that is longer than Excel keeps', async () => {
    const { refused } = await read(row({ 7: { day: 46387 }, 4: { n: '91981234432100000' } }));
    expect(refused.map(({ column, says }) => [column, says])).toEqual([
      ['Mobile', 'cell-digits-lost'],
      ['Feeder', 'cell-became-date'],
    ]);
  });

  test('a sheet by its name, and one that is not there', async () => {
    const octets = workbook([HEADINGS, ROW], 'December');
    expect((await readExcelSheet(octets, 'December')).rows).toHaveLength(2);
    await expect(readExcelSheet(octets, 'January')).rejects.toMatchObject({ reason: 'sheet-not-there' });
    await expect(readExcelSheet(octets, 3)).rejects.toBeInstanceOf(SheetError);
  });
});

describe('a hostile sheet ends in one sentence', () => {
  const bomb = () => {
    const zeros = new Uint8Array(SHEET_LIMITS.unpacked / 2 + 1);
    return zipSync({ 'xl/worksheets/sheet1.xml': zeros, 'xl/worksheets/sheet2.xml': zeros }, { level: 1 });
  };
  /** The sizes that a zip file states may be false. */
  const lying = () => {
    const octets = bomb();
    const view = new DataView(octets.buffer);
    for (let i = 0; i + 4 < octets.length; i++) {
      if (view.getUint32(i, true) === 0x02014b50) view.setUint32(i + 24, 100, true);
      if (view.getUint32(i, true) === 0x04034b50) view.setUint32(i + 22, 100, true);
    }
    return octets;
  };
  const far = (place: string) =>
    workbook(
      [],
      'Orders',
      `<worksheet><sheetData><row r="1"><c r="${place}"><v>1</v></c></row></sheetData></worksheet>`,
    );
  test.each<[string, () => Uint8Array, string]>([
    ['a zip bomb', bomb, 'sheet-grows'],
    ['a zip bomb that lies', lying, 'sheet-no-excel'],
    ['a cell in the last column', () => far('XFD1'), 'sheet-too-wide'],
    ['a cell in the last row', () => far('A1048576'), 'sheet-too-long'],
    ['a torn workbook', () => workbook([HEADINGS, ROW]).subarray(0, 700), 'sheet-no-excel'],
    ['a zip file of something else', () => zipSync({ 'a.txt': strToU8('x') }), 'sheet-no-excel'],
    [
      'entities that grow',
      () =>
        workbook(
          [],
          'O',
          '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>',
        ),
      '',
    ],
    ['an old workbook', () => Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]), 'sheet-old-excel'],
    ['a picture', () => Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]), 'sheet-no-csv'],
    ['too many rows', () => strToU8('a\n'.repeat(SHEET_LIMITS.rows + 1)), 'sheet-too-long'],
    ['too many columns', () => strToU8(','.repeat(SHEET_LIMITS.columns + 1).concat('a')), 'sheet-too-wide'],
    ['a quote that never ends', () => strToU8(`"${'a'.repeat(900_000)}`), 'sheet-no-csv'],
  ])('%s', async (_, octets, reason) => {
    const file = join(root, 'hostile');
    writeFileSync(file, octets());
    const read = readSheetFile(file, 1);
    // Entities of a document are not known: they stay what they are, and nothing grows.
    if (reason === '') return expect(JSON.stringify(await read.catch(() => ''))).not.toContain('aaaaaaaaaaaa');
    await expect(read).rejects.toMatchObject({ reason });
  });

  test('a file that is too large is not read whole', async () => {
    const file = join(root, 'large');
    writeFileSync(file, new Uint8Array(SHEET_LIMITS.octets + 10).fill(65));
    await expect(readSheetFile(file, 1)).rejects.toMatchObject({ reason: 'sheet-too-large' });
  });
});

describe('cells', () => {
  test.each([
    ['Mobile', '+91 98123-44321', 'consumer.mobile', '9812344321'],
    ['Mobile', '09812344321', 'consumer.mobile', '9812344321'],
    ['Mobile', '९८१२३४४३२१', 'consumer.mobile', '9812344321'],
    ['Mobile', '9.812344321E+09', 'consumer.mobile', '9812344321'],
    ['उपभोक्ता संख्या', '220033', 'consumer.number', '0000220033'],
    ['Load kW', '1,200', 'sanctionedLoad', 1_200_000],
    ['Phase', ' 3.0 ', 'newMeter.profile', 'is15959/D2'],
    ['Due', '5/1/2027', 'validUntil', '2027-01-05T23:59:59+05:30'],
    ['Due', '05-Jan-2027 10:30', 'validUntil', '2027-01-05T10:30:00+05:30'],
    ['Due', '2027-01-05', 'validUntil', '2027-01-05T23:59:59+05:30'],
    ['Due', '', 'validUntil', undefined],
    ['Old meter', '', 'oldMeter', null],
  ])('%s "%s"', (column, value, field, expected) => {
    const { orders, refused } = ofCsv(column, value);
    expect(refused).toEqual([]);
    const found = field
      .split('.')
      .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], orders[0]?.order);
    expect(found).toBe(expected);
  });

  test.each([
    ['Mobile', '9.81234E+09', /lost digits.*as text/],
    ['Mobile', '12345', /no Indian mobile number\. Write its ten digits/],
    ['Mobile', '', /Mobile is empty/],
    ['उपभोक्ता संख्या', '12345678901', /at most 10 digits/],
    ['Load kW', 'two', /Load kW is no number/],
    ['Load kW', '0.0001', /no load from 1 W/],
    ['Phase', '2', /Write one of: 1, 3/],
    ['Due', '31/02/2027', /no date/],
    ['Due', '46387', /no date/],
    ['Feeder', 'F 11', /no feeder code/],
    ['Name', '', /Name is empty/],
    ['WO No', 'a b', /no order number/],
  ])('%s "%s" is refused with what to write', (column, value, expected) => {
    const reason = why(column, value);
    expect(reason).toMatch(expected);
    if (value.length > 4) expect(reason).not.toContain(value);
  });

  test('every field that a sheet can give has its own sentence, or is free of form', () => {
    for (const field of ['consumer.number', 'sanctionedLoad', 'oldMeter.serial'])
      expect(ORDER_FIELDS.has(field)).toBe(true);
    expect([...ORDER_FIELDS.keys()].filter((field) => field.startsWith('otp'))).toEqual([]);
  });

  test('a heading that is missing or stands twice, a field that the mapping leaves out', () => {
    const read = (headings: string[]) => ordersIn(readCsvSheet(strToU8(csv([headings, ROW]))), mapping);
    expect(() => read(HEADINGS.map((name) => (name === 'Due' ? 'Until' : name)))).toThrow(
      'no heading "Due". There are: WO No',
    );
    expect(() => read(HEADINGS.map((name) => (name === 'Feeder' ? 'Due' : name)))).toThrow(SheetError);
    const { 'keys.config': _, ...fields } = MAPPING.fields;
    const less = parseMapping(JSON.stringify({ ...MAPPING, fields }), 'm.json');
    const { refused } = ordersIn(readCsvSheet(strToU8(csv([HEADINGS, ROW]))), less);
    expect(refused).toMatchObject([{ says: 'field-unmapped', params: { field: 'keys.config' } }]);
    expect(() => parseMapping(JSON.stringify({ ...MAPPING, fields: { colour: { constant: 'x' } } }), 'm.json')).toThrow(
      'is no field of a work order',
    );
  });
});

test('orders of other kinds, with fields of three parts', () => {
  const { format, fields } = MAPPING;
  const keys = { config: { constant: 'meters.json' }, connection: { constant: 'utility' } };
  const compared = parseMapping(
    JSON.stringify({
      format,
      fields: {
        id: fields.id,
        kind: { constant: 'meter-comparison' },
        issued: fields.issued,
        'consumer.number': fields['consumer.number'],
        'consumer.name': fields['consumer.name'],
        'consumer.address': fields['consumer.address'],
        'consumer.mobile': fields['consumer.mobile'],
        'meter.serial': fields['oldMeter.serial'],
        'meter.profile': fields['newMeter.profile'],
        'keys.config': keys.config,
        'keys.connection': keys.connection,
        'checkMeter.serial': { constant: 'CHECK-1' },
        'checkMeter.profile': { constant: 'is15959/D1' },
        'checkMeter.keys.config': keys.config,
        'checkMeter.keys.connection': keys.connection,
      },
    }),
    'm.json',
  );
  const { orders, refused } = ordersIn(readCsvSheet(strToU8(csv([HEADINGS, ROW]))), compared);
  expect(refused).toEqual([]);
  expect(parseWorkOrder(JSON.stringify(orders[0]?.order), 'x').order).toMatchObject({
    kind: 'meter-comparison',
    meter: { serial: 'OLD-5567' },
    checkMeter: { serial: 'CHECK-1', keys: { connection: 'utility' } },
  });
});

describe('cosem day import', () => {
  test('good rows land, bad rows say why, the same again adds nothing, a changed order is kept unless replaced', async () => {
    const folder = join(root, 'folder');
    const paths = createWorkspace(folder, {
      name: 'R. Sharma',
      passphrase: 'four words and more',
      work: { n: 2 ** 14, r: 1, p: 1 },
    });
    const [sheet, map] = [join(root, 'orders.csv'), join(root, 'mapping.json')];
    writeFileSync(map, JSON.stringify(MAPPING));
    writeFileSync(sheet, csv([HEADINGS, ROW, of('WO No', '2032'), of('Mobile', '123'), of('WO No', '2032')]));
    const day = (more = '') => ran(`day import ${sheet} --mapping ${map} --folder ${folder}${more}`);
    const orderFile = join(paths.orders, 'WO-2031.json');

    const dry = await day(' --dry-run');
    expect(dry.exit).toBe(4);
    expect(dry.out).toContain('Nothing was written');
    expect(() => readFileSync(orderFile)).toThrow();

    const first = await day();
    expect(first.out).toContain('Row 4 (WO-2031): Mobile is no Indian mobile number.');
    expect(first.out).toContain('Row 5 (WO-2032): WO No stands in row 3 too.');
    expect(first.out).toContain('Orders: 2 new, 0 replaced, 0 already there. Rows refused: 2.');
    expect(parseWorkOrder(readFileSync(orderFile, 'utf8'), 'x').order.id).toBe('WO-2031');

    writeFileSync(sheet, csv([HEADINGS, ROW, of('WO No', '2032')]));
    const again = await day(' --language hi');
    expect(again).toMatchObject({ exit: 0 });
    expect(again.out).toContain('आदेश: 0 नए, 0 बदले गए, 2 पहले से।');

    writeFileSync(sheet, csv([HEADINGS, of('Load kW', '5'), of('WO No', '2032')]));
    const changed = await day(' --language en');
    expect(changed.exit).toBe(4);
    expect(changed.out).toContain(
      'Row 2: WO-2031 is there with other content. Where it was changed on purpose, add --replace.',
    );
    writeFileSync(join(paths.state, 'journal-WO-2031.log'), 'x');
    expect((await day(' --replace --language en')).out).toContain('work on it has begun');
    rmSync(join(paths.state, 'journal-WO-2031.log'));
    expect((await day(' --replace')).exit).toBe(0);
    expect(JSON.parse(readFileSync(orderFile, 'utf8'))).toMatchObject({ sanctionedLoad: 5000 });

    writeFileSync(sheet, bombs());
    const refused = await day();
    expect(refused).toMatchObject({ exit: 2, out: '' });
    expect(refused.err.replace(/\s+/g, ' ')).toMatch(/is no Excel workbook that can be read|Excel फ़ाइल नहीं पढ़ी/);
    expect(refused.err).not.toMatch(/ at |Error/);
  });
});

/** Not a workbook at all, although it begins as one. */
function bombs(): Uint8Array {
  const octets = strToU8('PK\u0003\u0004 this is no workbook');
  expect(isZip(octets)).toBe(true);
  return octets;
}
