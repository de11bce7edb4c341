import { strFromU8, unzipSync, zipSync } from 'fflate';
import { megabytes } from '../orders/csv-sheet.js';
import { boundedSheet, type Cell, SHEET_LIMITS, type Sheet, SheetError } from '../orders/sheet.js';

/** Whether the octets begin as those of a zip file, which every .xlsx is. */
export function isZip(octets: Uint8Array): boolean {
  return octets[0] === 0x50 && octets[1] === 0x4b;
}

/** Whether the octets are a workbook of Excel before 2007, .xls. */
export function isOldExcel(octets: Uint8Array): boolean {
  return octets[0] === 0xd0 && octets[1] === 0xcf && octets[2] === 0x11 && octets[3] === 0xe0;
}

/**
 * Reads a sheet of a workbook.
 * @param name the sheet's name, or which it is; the first by default.
 * @throws SheetError in one sentence, whatever the file holds: how much is unpacked is bounded before it is.
 */
export async function readExcelSheet(octets: Uint8Array, name: string | number = 1): Promise<Sheet> {
  if (octets.length > SHEET_LIMITS.octets) throw new SheetError('sheet-too-large', megabytes());
  const workbook = unpackedWithin(octets);
  // Loaded only here, because it is large and needed for nothing else.
  const { readSheet } = await import('read-excel-file/universal');
  try {
    const rows = await readSheet(workbook, name, { parseNumber: (text: string) => ({ number: text }) });
    return boundedSheet(rows.map((cells, i) => ({ number: i + 1, cells: cells.map(cellOf) })));
  } catch (error) {
    if (error instanceof SheetError) throw error;
    if (error instanceof Error && error.name === 'SheetNotFoundError')
      throw new SheetError('sheet-not-there', { sheet: name });
    throw new SheetError('sheet-no-excel');
  }
}

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return undefined;
  if (value instanceof Date) return { date: value.toISOString().slice(0, 19) };
  if (typeof value === 'object' && 'number' in value) return { number: String(value.number) };
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  const text = String(value).trim();
  return text === '' ? undefined : text;
}

/**
 * The workbook, unpacked by our own bounds and packed again without compression: the reader never meets a file that grows. Sizes that the
 * zip file states falsely cut a part short, and the reader finds no XML in it.
 */
function unpackedWithin(octets: Uint8Array): ArrayBuffer {
  let total = 0;
  let parts = 0;
  try {
    const files = unzipSync(octets, {
      filter: ({ name, originalSize }) => {
        if (!/\.(?:xml|rels)$/.test(name)) return false;
        total += originalSize;
        parts++;
        if (total > SHEET_LIMITS.unpacked || parts > 500) throw new SheetError('sheet-grows');
        return true;
      },
    });
    for (const [name, content] of Object.entries(files)) if (/worksheets\//.test(name)) checkPlaces(strFromU8(content));
    return zipSync(files, { level: 0 }).buffer as ArrayBuffer;
  } catch (error) {
    if (error instanceof SheetError) throw error;
    throw new SheetError('sheet-no-excel');
  }
}

/** One cell far away would make the reader fill all between with nothing. */
function checkPlaces(xml: string): void {
  for (const [, column = '', row = ''] of xml.matchAll(/\sr="([A-Z]*)(\d+)"/g)) {
    // Rows without content may be many: Excel keeps their height.
    if (Number(row) > SHEET_LIMITS.rows * 4) throw new SheetError('sheet-too-long', { rows: SHEET_LIMITS.rows });
    if (columnNumber(column) > SHEET_LIMITS.columns) {
      throw new SheetError('sheet-too-wide', { row: Number(row), columns: SHEET_LIMITS.columns });
    }
  }
}

/** `A` is 1, `AA` 27. */
function columnNumber(letters: string): number {
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
}
