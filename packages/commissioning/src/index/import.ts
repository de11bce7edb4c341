import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { checkDocument, DocumentError, instant, parseDocument, plainText } from '../document.js';
import type { Refusal } from '../messages.js';
import { position } from '../work-order.js';
import type { ConsumerIndex } from './consumer-index.js';
import { asWritten, CSV_COLUMNS, type CsvColumn } from './export.js';
import type { Installation, ReadingSet } from './installation.js';

/** The result of an import, or of a dry run. */
export interface ImportReport {
  /** Whether the rows were written: not in a dry run, and not when one of them was refused. */
  readonly written: boolean;
  readonly rows: number;
  readonly refused: readonly { readonly row: number; readonly workOrder: string; readonly refusal: Refusal }[];
}

const readings = z.strictObject({
  time: plainText(60),
  values: z.array(z.strictObject({ register: plainText(30), value: plainText(40), unit: z.string() })),
});

/**
 * The latest date that can be represented, in milliseconds since 1970. Whether a day is plausible is checked when it is added to the index.
 */
const FURTHEST = 8.64e15;
const millis = z.number().min(-FURTHEST).max(FURTHEST);

const installations = z.array(
  z.object({
    workOrder: plainText(60),
    consumer: z.strictObject({
      number: plainText(30),
      name: plainText(80),
      address: plainText(200),
      mobileLast4: plainText(4),
      position: position.exactOptional(),
    }),
    meter: plainText(30),
    make: plainText(60).exactOptional(),
    category: plainText(30).exactOptional(),
    oldMeter: plainText(30).exactOptional(),
    feeder: plainText(40),
    transformer: plainText(40),
    pole: plainText(40),
    seals: z.array(plainText(40)),
    sanctionedLoad: z.number(),
    installedAt: millis,
    removedAt: millis.exactOptional(),
    startReadings: readings,
    lastReadings: readings.exactOptional(),
  }),
);

/** Installations of a JSON file as `exportJson` with personal data writes it. @throws DocumentError. */
export function readJson(text: string, file: string): Installation[] {
  return parseDocument(installations, text, file);
}

/** Installations of a CSV file as `exportCsv` with personal data writes it. @throws DocumentError that names line and column. */
export function readCsv(text: string, file: string): Installation[] {
  const records = csvRecords(text, file);
  return checkDocument(
    installations,
    records.map((record, i) => installationOf(record, i, file)),
    file,
  ) as Installation[];
}

function csvRecords(text: string, file: string): Partial<Record<CsvColumn, string>>[] {
  try {
    return parse(text, {
      bom: true,
      columns: (heading: string[]) => heading.map((name) => known(name.trim(), file)),
      skip_empty_lines: true,
      cast: (cell, { header }) => (header ? cell : asWritten(cell)),
    });
  } catch (error) {
    if (error instanceof DocumentError) throw error;
    throw new DocumentError(file, [
      { field: '', reason: 'is not CSV with a heading', fix: 'export the index once and compare' },
    ]);
  }
}

function known(name: string, file: string): string {
  if ((CSV_COLUMNS as readonly string[]).includes(name)) return name;
  const fix = `columns are ${CSV_COLUMNS.join(', ')}`;
  throw new DocumentError(file, [{ field: name.slice(0, 40), reason: 'is no column of the index', fix }]);
}

function installationOf(record: Partial<Record<CsvColumn, string>>, i: number, file: string): unknown {
  const cell = (column: CsvColumn) => record[column] ?? '';
  const optional = (name: string, value: string) => (value === '' ? {} : { [name]: value });
  const moment = (column: CsvColumn) => {
    const text = cell(column);
    if (instant.safeParse(text).success) return Date.parse(text);
    throw new DocumentError(file, [
      { field: `${i + 1}.${column}`, reason: 'is no date and time', fix: 'write it as 2026-11-23T10:30:00+05:30' },
    ]);
  };
  const { latitude, longitude } = { latitude: cell('latitude'), longitude: cell('longitude') };
  return {
    workOrder: cell('work_order'),
    consumer: {
      number: cell('consumer_number'),
      name: cell('consumer_name'),
      address: cell('address'),
      mobileLast4: cell('mobile_last4'),
      ...(latitude === '' && longitude === ''
        ? {}
        : { position: { latitude: number(latitude), longitude: number(longitude) } }),
    },
    meter: cell('meter'),
    ...optional('make', cell('make')),
    ...optional('category', cell('category')),
    ...optional('oldMeter', cell('old_meter')),
    feeder: cell('feeder'),
    transformer: cell('transformer'),
    pole: cell('pole'),
    seals: list(cell('seals')),
    sanctionedLoad: number(cell('sanctioned_load_w')),
    installedAt: moment('installed_at'),
    ...(cell('removed_at') === '' ? {} : { removedAt: moment('removed_at') }),
    startReadings: readingSet(cell('start_time'), cell('start_readings')),
    ...(cell('last_time') === '' ? {} : { lastReadings: readingSet(cell('last_time'), cell('last_readings')) }),
  };
}

/** Text that is not a number stays text, so that the schema refuses it. */
function number(text: string): number | string {
  return /^-?\d+(?:\.\d+)?(?:e-?\d+)?$/.test(text.trim()) ? Number(text) : text;
}

function list(text: string): string[] {
  return text === '' ? [] : text.split(';').map((item) => item.trim());
}

function readingSet(time: string, text: string): ReadingSet {
  const values = list(text).map((item) => {
    const [, register = item, value = '', unit = ''] = /^([^=]*)=(\S*)(?: (.*))?$/.exec(item) ?? [];
    return { register, value, unit };
  });
  return { time, values };
}

/**
 * Adds installations to the index: all, or none when one is refused.
 * @param dryRun only reports what would happen.
 */
export function importInto(
  index: ConsumerIndex,
  installations: readonly Installation[],
  { dryRun }: { readonly dryRun: boolean },
): ImportReport {
  const refused = index
    .tryAll(installations)
    .flatMap((refusal, i) =>
      refusal === undefined ? [] : [{ row: i + 1, workOrder: (installations[i] as Installation).workOrder, refusal }],
    );
  const written = !dryRun && refused.length === 0;
  if (written) index.addAll(installations);
  return { written, rows: installations.length, refused };
}
