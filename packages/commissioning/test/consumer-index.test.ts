import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { visibleText } from 'cosem/inspect';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { fromHex } from '../../../src/base/bytes.js';
import { VirtualClock } from '../../../src/base/clock.js';
import { ConsumerIndex } from '../src/index/consumer-index.js';
import { asWritten, exportCsv, exportGeoJson, exportJson, harmless } from '../src/index/export.js';
import { importInto, readCsv, readJson } from '../src/index/import.js';
import type { Installation } from '../src/index/installation.js';
import { IndexKeys } from '../src/index/sealing.js';
import { sentence } from '../src/messages.js';
import { openSqlite } from '../src/platform/sqlite.js';
import { defaultPolicy } from '../src/policy.js';
import { countedRandom, INDEX_KEY, START } from './bench.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-index-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

async function makeIndex(path = join(folder, `${files++}.db`), key = INDEX_KEY) {
  const database = await openSqlite(path);
  const clock = new VirtualClock(START);
  const index = new ConsumerIndex({
    database,
    keys: new IndexKeys(key, countedRandom()),
    clock,
    policy: defaultPolicy,
  });
  return { index, path, database, clock };
}

const person = (number: string) => ({
  number,
  name: `Name of ${number}`,
  address: 'गांधी मार्ग, लखनऊ',
  mobileLast4: '4321',
  position: { latitude: 26.8, longitude: 80.9 },
});

function installation(id: string, meter: string, number: string, changes: Partial<Installation> = {}): Installation {
  return {
    workOrder: id,
    consumer: person(number),
    meter,
    feeder: 'F-1',
    transformer: 'T-1',
    pole: 'P-1',
    seals: [`S-${id}`],
    sanctionedLoad: 2000,
    installedAt: START,
    startReadings: {
      time: '2026-11-23T10:30:00+05:30',
      values: [{ register: '1.0.1.8.0.255', value: '1234.5', unit: 'Wh' }],
    },
    ...changes,
  };
}

const readings = (value: string) => ({
  time: '2026-11-23T11:00:00+05:30',
  values: [{ register: '1.0.1.8.0.255', value, unit: 'Wh' }],
});

describe('the consumer index', () => {
  test('gives back what was added, in the next run too; adding the same again adds nothing', async () => {
    const { index, path } = await makeIndex();
    const one = installation('WO-1', 'M-0001', '100');
    expect(index.add(one)).toBe(1);
    expect(index.add(one)).toBe(1);
    index.close();
    const again = (await makeIndex(path)).index;
    expect(again.rows()).toEqual([{ ...one, row: 1, recordedAt: START, consumerDigest: expect.any(String) }]);
    expect(again.serving('M-0001')?.workOrder).toBe('WO-1');
    again.close();
  });

  test.each<[string, (index: ConsumerIndex) => unknown, string]>([
    [
      'a meter at a second consumer',
      (index) => index.add(installation('WO-2', 'M-0001', '200')),
      'Meter M-0001 already serves another consumer (work order WO-1)',
    ],
    [
      'a second meter for a consumer',
      (index) => index.add(installation('WO-2', 'M-0009', '100')),
      'This consumer already has meter M-0001',
    ],
    [
      'the same meter again for the consumer',
      (index) => index.add(installation('WO-2', 'M-0001', '100')),
      'This consumer already has meter M-0001',
    ],
    [
      'an order twice',
      (index) => index.add(installation('WO-1', 'M-0009', '900')),
      'Work order WO-1 is in the index already, with other values',
    ],
    [
      'swapped serial numbers',
      (index) => {
        index.add(installation('WO-2', 'M-0002', '200'));
        return index.correct(1, { meter: 'M-0002' }, 'the installer mixed them up');
      },
      'already serves another consumer',
    ],
    [
      'meters of two consumers, exchanged',
      (index) => {
        index.add(installation('WO-2', 'M-0002', '200'));
        return index.add(installation('WO-3', 'M-0002', '100'));
      },
      'The index has meter M-0001 at this consumer and this one at the other: the serial numbers are swapped',
    ],
    [
      'a seal of another meter',
      (index) => index.add(installation('WO-2', 'M-0002', '200', { seals: ['S-WO-1'] })),
      'Seal S-WO-1 was given twice',
    ],
    [
      'old meter and new the same',
      (index) => index.add(installation('WO-2', 'M-0002', '200', { oldMeter: 'M-0002' })),
      'Meter M-0002 is the old meter of this order',
    ],
    ['no serial number', (index) => index.add(installation('WO-2', 'M 2', '200')), 'meter is impossible'],
    [
      'no load',
      (index) => index.add(installation('WO-2', 'M-0002', '200', { sanctionedLoad: 0 })),
      'sanctionedLoad is impossible: it is 1 to 100000 W',
    ],
    [
      'a load that no household has',
      (index) => index.add(installation('WO-2', 'M-0002', '200', { sanctionedLoad: 2_000_000 })),
      'sanctionedLoad is impossible',
    ],
    [
      'a date to come',
      (index) => index.add(installation('WO-2', 'M-0002', '200', { installedAt: START + 172_800_000 })),
      'installedAt is impossible',
    ],
    [
      'a date long ago',
      (index) => index.add(installation('WO-2', 'M-0002', '200', { installedAt: 0 })),
      'installedAt is impossible',
    ],
    [
      'taken away before it came',
      (index) => index.add(installation('WO-2', 'M-0002', '200', { removedAt: START - 1 })),
      'removedAt is impossible',
    ],
    [
      'a register below 0',
      (index) => index.add(installation('WO-2', 'M-0002', '200', { startReadings: readings('-1') })),
      'startReadings 1.0.1.8.0.255 is impossible',
    ],
    [
      'a register that is no number',
      (index) => index.add(installation('WO-2', 'M-0002', '200', { startReadings: readings('x') })),
      'startReadings 1.0.1.8.0.255 is impossible',
    ],
    [
      'a register that ran back',
      (index) => index.correct(1, { lastReadings: readings('1234.4') }, 'monthly reading'),
      'lastReadings 1.0.1.8.0.255 is impossible: it is less than when the meter was installed',
    ],
    [
      'a place in another country',
      (index) =>
        index.add(
          installation('WO-2', 'M-0002', '200', {
            consumer: { ...person('200'), position: { latitude: 25, longitude: 5 } },
          }),
        ),
      'longitude is impossible: it is 68 to 98',
    ],
    [
      'a whole mobile number',
      (index) =>
        index.add(installation('WO-2', 'M-0002', '200', { consumer: { ...person('200'), mobileLast4: '9812344321' } })),
      'mobileLast4 is impossible',
    ],
    [
      'no feeder',
      (index) => index.add(installation('WO-2', 'M-0002', '200', { feeder: ' ' })),
      'feeder is impossible: it is empty',
    ],
  ])('refuses %s, and nothing is changed', async (_, work, expected) => {
    const { index } = await makeIndex();
    index.add(installation('WO-1', 'M-0001', '100'));
    expect(() => work(index)).toThrow(expected);
    expect(index.historyOfConsumer('100').length).toBe(1);
    expect(index.serving('M-0001')?.row).toBe(1);
    index.close();
  });

  test('ends the old meter when the new one replaces it, and keeps its history', async () => {
    const { index } = await makeIndex();
    index.add(installation('WO-1', 'M-0001', '100', { installedAt: START - 1000 }));
    index.add(installation('WO-2', 'M-0002', '100', { oldMeter: 'M-0001' }), readings('9000'));
    expect(index.serving('M-0001')).toBeUndefined();
    expect(index.serving('M-0002')?.workOrder).toBe('WO-2');
    expect(index.historyOfMeter('M-0001')).toMatchObject([
      { row: 1 },
      {
        row: 2,
        supersedes: 1,
        removedAt: START,
        reason: 'replaced by work order WO-2',
        lastReadings: readings('9000'),
      },
    ]);
    // A meter that was taken away may serve again, somewhere else.
    index.add(installation('WO-3', 'M-0001', '300'));
    expect(index.historyOfConsumer('100').map(({ meter }) => meter)).toEqual(['M-0001', 'M-0001', 'M-0002']);
    index.close();
  });

  test('corrects by a new row with its reason; what was corrected is not corrected again', async () => {
    const { index, database } = await makeIndex();
    const row = index.add(installation('WO-1', 'M-0001', '100'));
    const corrected = index.correct(row, { pole: 'P-77' }, 'the pole was misread');
    expect(index.rows()).toMatchObject([
      { row: corrected, supersedes: row, reason: 'the pole was misread', pole: 'P-77' },
    ]);
    expect(() => index.correct(row, { pole: 'P-78' }, 'again')).toThrow('is not the current row');
    expect(() => index.correct(corrected, { consumer: person('999') }, 'another')).toThrow('end this installation');
    expect(() => database.exec('UPDATE installation SET pole = 1')).toThrow('rows of the index are not changed');
    expect(() => database.exec('DELETE FROM installation')).toThrow('rows of the index are not deleted');
    const last = index.end(corrected, { removedAt: START + 5, lastReadings: readings('2000'), reason: 'moved away' });
    expect(index.rows()).toMatchObject([{ row: last, removedAt: START + 5 }]);
    index.close();
  });

  test('has nothing personal in its file, and nothing at all once erased', async () => {
    const { index, path } = await makeIndex();
    index.add(installation('WO-1', 'M-0001', '1100220033'));
    index.addDocuments('1100220033', [
      { type: 'aadhaar', last4: '1012', digest: index.digest('aadhaar', '1234'), seen: false },
    ]);
    const inFile = () => readFileSync(path).toString('latin1');
    const personal = ['1100220033', 'Name of', Buffer.from('गांधी').toString('latin1'), '80.9', 'aadhaar'];
    for (const text of personal) expect(inFile()).not.toContain(text);
    expect(index.rows()[0]?.consumer?.name).toBe('Name of 1100220033');
    const wrapped = /[0-9A-F]{120}/.exec(inFile())![0];
    expect(index.erase('1100220033')).toBe(true);
    expect(index.erase('1100220033')).toBe(false);
    expect(index.rows()).toMatchObject([{ meter: 'M-0001', consumer: undefined }]);
    expect(index.seen(index.digest('aadhaar', '1234'), 'x')).toBe(false);
    index.close();
    // The data key is overwritten, not only unlinked.
    expect(inFile()).not.toContain(wrapped);
    const again = (await makeIndex(path)).index;
    expect(again.rows()[0]?.consumer).toBeUndefined();
    expect(() => again.correct(1, { pole: 'P-2' }, 'after it was erased')).toThrow('the consumer was erased');
    // Whoever comes back is a consumer as any other; the meter of old can still be ended.
    again.add(installation('WO-2', 'M-0002', '1100220033', { oldMeter: 'M-0001' }), readings('5000'));
    expect(again.historyOfConsumer('1100220033').map(({ consumer }) => consumer?.name)).toEqual([
      undefined,
      undefined,
      'Name of 1100220033',
    ]);
    again.close();
  });

  test('opens with its own key only', async () => {
    const { index, path } = await makeIndex();
    index.close();
    await expect(makeIndex(path, fromHex('12'.repeat(32)))).rejects.toThrow(
      'the consumer index was made with another key',
    );
  });

  test('a sealed field that was changed or moved is not believed', async () => {
    const { index, database } = await makeIndex();
    index.add(installation('WO-1', 'M-0001', '100'));
    index.add(installation('WO-2', 'M-0002', '200'));
    database.exec('DROP TRIGGER installation_stays');
    database.exec(
      "UPDATE installation SET personal = json_set(personal, '$.address', json_extract(personal, '$.name'))",
    );
    expect(() => index.rows()).toThrow('sealed data of the index was changed');
    index.close();
  });

  test('a file that is no data base, a folder that is not there, a full disk', async () => {
    const path = join(folder, 'garbage.db');
    writeFileSync(path, 'garbage '.repeat(1000));
    await expect(makeIndex(path)).rejects.toMatchObject({ code: 'storage', reason: 'damaged' });
    await expect(makeIndex(join(folder, 'nowhere', 'a.db'))).rejects.toMatchObject({
      code: 'storage',
      reason: 'missing',
    });
    const { index, database } = await makeIndex();
    index.add(installation('WO-0', 'M-0000', '0'));
    const [{ page_count: pages }] = database.all<{ page_count: number }>('PRAGMA page_count') as [
      { page_count: number },
    ];
    database.all(`PRAGMA max_page_count = ${pages}`);
    const fill = () => {
      for (let i = 1; i < 200; i++) index.add(installation(`WO-${i}`, `M-${10_000 + i}`, String(i)));
    };
    expect(fill).toThrow(expect.objectContaining({ code: 'storage', reason: 'disk-full' }));
    const kept = index.rows().length;
    database.all('PRAGMA max_page_count = 100000');
    index.add(installation('WO-after', 'M-9999', 'after'));
    expect(index.rows().length).toBe(kept + 1);
    index.close();
  });
});

describe('export and import', { timeout: 180_000 }, () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    .map((value) => value.replace(/\p{Cc}/gu, '').trim())
    // What is invisible is written in words, in files too (docs/commands.md), and stays so.
    .filter((value) => value !== '' && visibleText(value) === value);

  test('CSV and JSON give back the same index', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            name: text,
            address: text,
            feeder: text,
            make: text,
            load: fc.integer({ min: 1, max: 9000 }),
            places: fc.boolean(),
          }),
          { maxLength: 4 },
        ),
        async (list) => {
          const { index } = await makeIndex();
          list.forEach(({ name, address, feeder, make, load, places }, i) => {
            const { position, ...nowhere } = { ...person(String(i)), name, address };
            const consumer = places ? { ...nowhere, position } : nowhere;
            const more = i % 2 === 0 ? { removedAt: START + 1, lastReadings: readings('5000') } : {};
            index.add(
              installation(`WO-${i}`, `M-000${i}`, String(i), {
                consumer,
                feeder,
                make,
                sanctionedLoad: load,
                ...more,
              }),
            );
          });
          for (const format of ['csv', 'json']) {
            const rows = index.rows();
            const file = format === 'csv' ? exportCsv(rows, { personal: true }) : exportJson(rows, { personal: true });
            const read = format === 'csv' ? readCsv(file, 'a.csv') : readJson(file, 'a.json');
            const other = (await makeIndex()).index;
            expect(importInto(other, read, { dryRun: false })).toEqual({
              written: true,
              rows: list.length,
              refused: [],
            });
            expect(other.rows()).toEqual(rows);
            other.close();
          }
          index.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  test('leave out what is personal unless asked', async () => {
    const { index } = await makeIndex();
    index.add(installation('WO-1', 'M-0001', '1100220033'));
    const rows = index.rows();
    for (const file of [exportCsv(rows), exportJson(rows), exportGeoJson(rows)]) {
      for (const personal of ['1100220033', 'Name of', 'गांधी', '4321']) expect(file).not.toContain(personal);
      expect(file).toContain('M-0001');
    }
    expect(exportCsv(rows).split('\r\n')[0]).toBe(
      'work_order,meter,make,category,old_meter,feeder,transformer,pole,seals,sanctioned_load_w,installed_at,removed_at,start_time,start_readings,last_time,last_readings',
    );
    expect(JSON.parse(exportGeoJson(rows, { personal: true }))).toMatchObject({
      type: 'FeatureCollection',
      features: [
        {
          type: 'Feature',
          geometry: { type: 'Point', coordinates: [80.9, 26.8] },
          properties: { consumer: { mobileLast4: '4321' } },
        },
      ],
    });
    index.close();
  });

  test('a spreadsheet runs nothing, and nothing is lost by it', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((value) => `=${value}`),
          fc.string().map((value) => `'+${value}`),
        ),
        (value) => {
          const cell = harmless(value);
          expect(cell).not.toMatch(/^[=+\-@\t\r]/);
          expect(asWritten(cell)).toBe(value);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('a dry run tells all that is wrong and writes nothing; one wrong row keeps all out', async () => {
    const { index } = await makeIndex();
    index.add(installation('WO-1', 'M-0001', '100'));
    const list = [
      installation('WO-2', 'M-0002', '200'),
      installation('WO-3', 'M-0001', '300'),
      installation('WO-4', 'M-0002', '400'),
    ];
    const dry = importInto(index, list, { dryRun: true });
    expect(
      dry.refused.map(({ row, workOrder, refusal }) => `row ${row} (${workOrder}): ${sentence(refusal, 'en')}`),
    ).toEqual([
      'row 2 (WO-3): Meter M-0001 already serves another consumer (work order WO-1). A meter serves one consumer at a time.',
      'row 3 (WO-4): Meter M-0002 already serves another consumer (work order WO-2). A meter serves one consumer at a time.',
    ]);
    expect(importInto(index, list, { dryRun: false })).toEqual(dry);
    expect(importInto(index, list.slice(0, 1), { dryRun: true })).toEqual({ written: false, rows: 1, refused: [] });
    expect(index.rows().length).toBe(1);
    index.close();
  });

  test.each([
    ['work_order,colour\nWO-1,red', 'a.csv: colour is no column of the index'],
    ['work_order\n"WO-1', 'a.csv is not CSV with a heading'],
    ['work_order,installed_at\nWO-1,yesterday', 'a.csv: 1.installed_at is no date and time'],
    [
      `work_order,installed_at,sanctioned_load_w\nWO-1,${new Date(START).toISOString()},much`,
      '0.sanctionedLoad is no number',
    ],
  ])('%j', (file, expected) => {
    expect(() => readCsv(file, 'a.csv')).toThrow(expected);
  });

  // Found by the fuzz: the export that followed threw a RangeError.
  test.each(['installedAt', 'removedAt'])('JSON with a %s that no date holds', (field) => {
    const file = JSON.stringify([{ ...installation('WO-1', 'M-0001', '100'), [field]: 17_001_795_392_000_000 }]);
    expect(() => readJson(file, 'a.json')).toThrow(`0.${field} is too large`);
  });
});
