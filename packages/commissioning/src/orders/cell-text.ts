import type { MessageCode, MessageParams } from '../messages.js';
import type { FieldKind, FieldSource } from './mapping.js';
import { type Cell, cellText } from './sheet.js';

/** Why a cell is refused, and what to write. `column` is added by whoever knows it. */
export interface CellProblem {
  readonly says: MessageCode;
  readonly params?: MessageParams;
}

/** What a cell gives: a value, nothing, or a problem. */
export type CellValue = { readonly value: string | number } | { readonly problem: CellProblem } | undefined;

const DEVANAGARI_ZERO = 0x966;
/** Spreadsheets keep fifteen digits of a number; those behind are zeros that nobody wrote. */
const KEPT_DIGITS = 15;
/** As Excel writes a long number into CSV: the digits between are gone. */
const SHORTENED = /^(\d)(?:\.(\d+))?e\+(\d+)$/i;
const NUMBER = /^-?\d+(?:\.\d+)?$/;

/** The value of a field by its cell. Text that only looks like a number stays text; a number that lost digits is refused, never guessed. */
export function cellValue(cell: Cell, kind: FieldKind, source: FieldSource, field: string, zone: string): CellValue {
  const text = cellText(cell);
  if (text === '') return undefined;
  if (source.values !== undefined) return chosen(text, source.values);
  if (kind === 'instant') return instantOf(cell, source, zone);
  if (kind === 'number') return numberOf(text, source);
  if (typeof cell === 'object' && 'date' in cell) return { problem: { says: 'cell-became-date' } };
  const whole = typeof cell === 'object' ? plainNumber(cell.number) : text;
  if (whole === undefined) return { problem: { says: 'cell-digits-lost' } };
  const shortened = typeof cell === 'string' ? unshortened(whole) : whole;
  if (shortened === undefined) return { problem: { says: 'cell-digits-lost' } };
  // Names and addresses stay as they are written.
  if (/\.(?:name|address)$/.test(field)) return { value: source.prefix + shortened };
  return padded(field === 'consumer.mobile' ? mobileDigits(shortened) : asciiDigits(shortened), source);
}

function padded(text: string, { digits, prefix }: FieldSource): CellValue {
  if (digits === undefined) return { value: prefix + text };
  if (!/^\d+$/.test(text) || text.length > digits) return { problem: { says: 'cell-digits', params: { digits } } };
  return { value: prefix + text.padStart(digits, '0') };
}

function chosen(text: string, values: Readonly<Record<string, string | number>>): CellValue {
  const plain = (one: string) => plainNumber(asciiDigits(one)) ?? one;
  const wanted = plain(text).toLowerCase();
  const name = Object.keys(values).find((one) => plain(one.trim()).toLowerCase() === wanted);
  if (name !== undefined) return { value: values[name] as string | number };
  return { problem: { says: 'cell-not-chosen', params: { values: Object.keys(values).slice(0, 12).join(', ') } } };
}

function numberOf(text: string, { times }: FieldSource): CellValue {
  const plain = plainNumber(asciiDigits(text).replace(/(\d),(?=\d{2,3}(?:\D|$))/g, '$1'));
  if (plain === undefined || !NUMBER.test(plain)) return { problem: { says: 'cell-no-number' } };
  return { value: product(plain, plainNumber(String(times)) ?? '1') };
}

/** Exact, as 2.3 kW are 2300 W. */
function product(a: string, b: string): number {
  const [x, y] = [partsOf(a), partsOf(b)];
  const digits = String(x.units * y.units);
  return Number(`${digits}e-${x.decimals + y.decimals}`);
}

function partsOf(text: string): { readonly units: bigint; readonly decimals: number } {
  const [whole = '0', rest = ''] = text.split('.');
  return { units: BigInt(whole + rest), decimals: rest.length };
}

/** A number without exponent: `9.12345e9` is `9123450000`, `1.0` is `1`. Undefined beyond the digits that spreadsheets keep. */
function plainNumber(text: string): string | undefined {
  const [, sign, whole = '', part = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i.exec(text) ?? [];
  if (sign === undefined) return text;
  const digits = whole + part;
  // Workbooks hold 2.3 as 2.2999999999999998: Excel itself shows fifteen digits.
  if (part !== '' && digits.replace(/^0+|0+$/g, '').length > KEPT_DIGITS) {
    return plainNumber(Number(text).toPrecision(KEPT_DIGITS));
  }
  const point = whole.length + Number(exponent);
  if (point > 40 || point < -40) return undefined;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const at = point <= 0 ? 1 : point;
  const [before, behind] = [padded.slice(0, at), padded.slice(at).replace(/0+$/, '')];
  // A whole number with more digits than the spreadsheet keeps ends in zeros that it made up.
  if (behind === '' && before.replace(/^0+/, '').length > KEPT_DIGITS) return undefined;
  return `${sign}${before}${behind === '' ? '' : `.${behind}`}`;
}

/** Text of CSV; undefined where Excel shortened a number so that its digits are gone. */
function unshortened(text: string): string | undefined {
  const [, first, rest = '', exponent] = SHORTENED.exec(text) ?? [];
  if (first === undefined || exponent === undefined) return text;
  return rest.length === Number(exponent) ? first + rest : undefined;
}

/** The ten digits, without what may stand before them. */
function mobileDigits(text: string): string {
  return asciiDigits(text)
    .replace(/[\s().-]/g, '')
    .replace(/^(?:(?:00|\+)?91|0)(?=\d{10}$)/, '');
}

function asciiDigits(text: string): string {
  return text.replace(/[०-९]/g, (digit) => String(digit.charCodeAt(0) - DEVANAGARI_ZERO));
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DATE = /^(\d{1,4}|[a-z]{3,9})[-/. ](\d{1,2}|[a-z]{3,9})[-/. ,]+(\d{1,4})(?:[ T]+(\d{1,2}):(\d\d)(?::(\d\d))?)?$/i;

function instantOf(cell: Cell, source: FieldSource, zone: string): CellValue {
  const refused: CellValue = { problem: { says: 'cell-no-date' } };
  if (typeof cell === 'object' && 'number' in cell) return refused;
  const text = asciiDigits(cellText(cell));
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(text)) return { value: text };
  const [, a, b, c, hours, minutes, seconds = '00'] = DATE.exec(text.replace(/^(\d{4}-\d\d-\d\d)T/, '$1 ')) ?? [];
  if (a === undefined || b === undefined || c === undefined) return refused;
  const order = a.length === 4 ? 'YMD' : /[a-z]/i.test(a) ? 'MDY' : source.date;
  const [year, month, day] = order === 'YMD' ? [a, b, c] : order === 'MDY' ? [c, a, b] : [c, b, a];
  const iso = isoDay(year, month, day);
  if (iso === undefined) return refused;
  const isTimed = hours !== undefined && !(typeof cell === 'object' && `${hours}:${minutes}:${seconds}` === '00:00:00');
  const time = isTimed ? `${hours.padStart(2, '0')}:${minutes}:${seconds}` : source.time;
  return /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(time) ? { value: `${iso}T${time}${zone}` } : refused;
}

/** @returns undefined for what is no day of the calendar. */
function isoDay(year: string, month: string, day: string): string | undefined {
  const named = MONTHS.indexOf(month.slice(0, 3).toLowerCase()) + 1;
  const text = `${year}-${String(named || month).padStart(2, '0')}-${day.padStart(2, '0')}`;
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) ? text : undefined;
}
