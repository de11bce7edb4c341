import { jsonText, visibleText } from 'cosem/inspect';
import { stringify } from 'csv-stringify/sync';
import type { IndexRow, ReadingSet } from './installation.js';

export interface ExportOptions {
  /** Whether to include consumer number, name, address, mobile and position. Default false. */
  readonly personal?: boolean;
}

/** Columns of the CSV file in order; those of {@link PERSONAL} only when they are asked for. */
export const CSV_COLUMNS = [
  'work_order',
  'consumer_number',
  'consumer_name',
  'address',
  'mobile_last4',
  'latitude',
  'longitude',
  'meter',
  'make',
  'category',
  'old_meter',
  'feeder',
  'transformer',
  'pole',
  'seals',
  'sanctioned_load_w',
  'installed_at',
  'removed_at',
  'start_time',
  'start_readings',
  'last_time',
  'last_readings',
] as const;
export type CsvColumn = (typeof CSV_COLUMNS)[number];

const PERSONAL: readonly CsvColumn[] = [
  'consumer_number',
  'consumer_name',
  'address',
  'mobile_last4',
  'latitude',
  'longitude',
];

/** Spreadsheets run a cell with such a beginning as a formula; an apostrophe in front prevents that. */
const FORMULA = /^'*[=+\-@\t\r]/;

/** The text of a cell that a spreadsheet does not run. */
export function harmless(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** The text that was made {@link harmless}. */
export function asWritten(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
}

/**
 * CSV of RFC 4180 with a heading and a line for each row. Control characters are written like `\x1b`, so that terminals do not obey them.
 * Times are ISO 8601 in UTC; lists within a cell are separated by `; `.
 */
export function exportCsv(rows: readonly IndexRow[], { personal = false }: ExportOptions = {}): string {
  const columns = CSV_COLUMNS.filter((column) => personal || !PERSONAL.includes(column));
  const lines = rows.map((row) => {
    const cells = cellsOf(row);
    return columns.map((column) => harmless(visibleText(cells[column] ?? '')));
  });
  return stringify([columns, ...lines], { record_delimiter: 'windows' });
}

function cellsOf(row: IndexRow): Readonly<Partial<Record<CsvColumn, string>>> {
  const { consumer, startReadings, lastReadings } = row;
  return {
    work_order: row.workOrder,
    ...(consumer === undefined
      ? {}
      : {
          consumer_number: consumer.number,
          consumer_name: consumer.name,
          address: consumer.address,
          mobile_last4: consumer.mobileLast4,
          latitude: String(consumer.position?.latitude ?? ''),
          longitude: String(consumer.position?.longitude ?? ''),
        }),
    meter: row.meter,
    make: row.make ?? '',
    category: row.category ?? '',
    old_meter: row.oldMeter ?? '',
    feeder: row.feeder,
    transformer: row.transformer,
    pole: row.pole,
    seals: row.seals.join('; '),
    sanctioned_load_w: String(row.sanctionedLoad),
    installed_at: new Date(row.installedAt).toISOString(),
    removed_at: row.removedAt === undefined ? '' : new Date(row.removedAt).toISOString(),
    start_time: startReadings.time,
    start_readings: readingsText(startReadings),
    last_time: lastReadings?.time ?? '',
    last_readings: lastReadings === undefined ? '' : readingsText(lastReadings),
  };
}

/** `1.0.1.8.0.255=12345 Wh; …` */
function readingsText({ values }: ReadingSet): string {
  return values.map(({ register, value, unit }) => `${register}=${value} ${unit}`.trim()).join('; ');
}

/** Rows as JSON in the form of {@link IndexRow}, without personal data unless it is asked for. */
export function exportJson(rows: readonly IndexRow[], { personal = false }: ExportOptions = {}): string {
  const shown = rows.map(({ consumer, ...row }) => (personal ? { ...row, consumer } : row));
  return `${jsonText(shown, 2)}\n`;
}

/**
 * GeoJSON of RFC 7946: a point for each row whose position is known. A position tells where somebody lives: handle the file accordingly.
 */
export function exportGeoJson(rows: readonly IndexRow[], options: ExportOptions = {}): string {
  const features = rows.flatMap(({ consumer, ...row }) => {
    if (consumer?.position === undefined) return [];
    const { position, ...person } = consumer;
    const { latitude, longitude } = position;
    const properties = { ...row, ...(options.personal === true ? { consumer: person } : {}) };
    return [{ type: 'Feature', geometry: { type: 'Point', coordinates: [longitude, latitude] }, properties }];
  });
  return `${jsonText({ type: 'FeatureCollection', features }, 2)}\n`;
}
