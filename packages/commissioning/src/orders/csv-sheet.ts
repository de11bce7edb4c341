import { parse } from 'csv-parse/sync';
import { asWritten } from '../index/export.js';
import { boundedSheet, SHEET_LIMITS, type Sheet, SheetError } from './sheet.js';

/** The marks at the beginning of a file that name its encoding. */
const MARKS: readonly (readonly [mark: readonly number[], encoding: string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];
const DELIMITERS = [',', ';', '\t', '|'] as const;
/** How much of a file tells its encoding and delimiter. */
const BEGINNING = 4000;

/**
 * Reads CSV as spreadsheets and utilities write it: UTF-8, UTF-16 or windows-1252, with or without a mark at the beginning; comma,
 * semicolon, tab or bar between the cells.
 * @throws SheetError
 */
export function readCsvSheet(octets: Uint8Array): Sheet {
  if (octets.length > SHEET_LIMITS.octets) throw new SheetError('sheet-too-large', megabytes());
  const text = textOf(octets);
  if (text.includes('\0')) throw new SheetError('sheet-no-csv');
  try {
    const records = parse(text, {
      delimiter: delimiterOf(text),
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: false,
      max_record_size: SHEET_LIMITS.columns * SHEET_LIMITS.cell,
      to: SHEET_LIMITS.rows * 2,
      info: true,
    }) as unknown as readonly { readonly record: readonly string[]; readonly info: { readonly lines: number } }[];
    // A spreadsheet counts records, not lines: a cell may have several of them.
    return boundedSheet(
      records.map(({ record }, i) => ({
        number: i + 1,
        cells: record.map((cell) => (cell.trim() === '' ? undefined : asWritten(cell.trim()))),
      })),
    );
  } catch (error) {
    if (error instanceof SheetError) throw error;
    throw new SheetError('sheet-no-csv');
  }
}

export function megabytes(): { readonly megabytes: number } {
  return { megabytes: SHEET_LIMITS.octets / 1_000_000 };
}

function textOf(octets: Uint8Array): string {
  const marked = MARKS.find(([mark]) => mark.every((octet, i) => octets[i] === octet));
  if (marked !== undefined) return new TextDecoder(marked[1]).decode(octets);
  const unmarked = unmarkedUtf16(octets);
  if (unmarked !== undefined) return new TextDecoder(unmarked).decode(octets);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    // What is no UTF-8 is what Windows writes for English; each octet of it is some letter.
    return new TextDecoder('windows-1252').decode(octets);
  }
}

/** UTF-16 without its mark: every other octet of English text is zero. */
function unmarkedUtf16(octets: Uint8Array): string | undefined {
  const begin = octets.subarray(0, BEGINNING);
  const zeros = [0, 0];
  begin.forEach((octet, i) => {
    if (octet === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1;
  });
  const [even = 0, odd = 0] = zeros;
  const many = begin.length / 10;
  if (odd > many && even < many / 10) return 'utf-16le';
  if (even > many && odd < many / 10) return 'utf-16be';
  return undefined;
}

/** The delimiter that stands most often in the first line, outside quotes. */
function delimiterOf(text: string): string {
  const first =
    text
      .slice(0, BEGINNING)
      .replace(/"[^"]*"/g, 'q')
      .split(/\r?\n/)
      .find((line) => line.trim() !== '') ?? '';
  const count = (delimiter: string) => first.split(delimiter).length;
  return [...DELIMITERS].sort((a, b) => count(b) - count(a))[0] ?? ',';
}
