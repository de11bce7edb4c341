import { hexOctet, u32At } from '../base/bytes.js';
import { Reader } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { counted } from '../base/words.js';
import { readData } from './axdr.js';
import { millisAt, wallMillisAt } from './calendar.js';
import { mostElements, readCompactArray, readDescribed } from './compact.js';
import type { CompactArray, Data, TypeDescription } from './data.js';
import { type Layout, layoutOf, layoutOfRow, rowsAlike } from './profile-layout.js';
import { TAG } from './tags.js';

/*
 * The buffer of a Profile generic (class 7) read by columns, into typed arrays: for long load profiles, where an object for each value
 * would cost more than the values. `decodeData` reads the same octets into tagged values.
 */

/**
 * What a column holds:
 * - `clock`: date-time, as octet-string or with its own tag;
 * - `number`: integers up to 32 bits, enum, boolean (0 and 1), floats, and 64 bit integers as long as a double holds them exactly;
 * - `bigint`: integers of all sizes, exactly;
 * - `data`: anything.
 */
export type ColumnKind = 'clock' | 'number' | 'bigint' | 'data';

/** A column of moments. */
export interface ClockColumn {
  /** Milliseconds since 1970, NaN where no moment is told: wildcards, impossible dates, an unknown deviation, nothing to count from. */
  readonly millis: Float64Array;
  /** The octets of the date-time of a row, with wildcards, deviation and clock status; undefined where the meter sent null-data. */
  raw(row: number): Uint8Array | undefined;
}

/** A column of exact integers. */
export interface BigIntColumn {
  /** 0 in rows that are missing. */
  readonly values: BigInt64Array;
  /** Rows where the meter sent null-data or dont-care, in rising order. */
  readonly missing: readonly number[];
}

/** What each kind of column gives. A `number` is NaN where the meter sent null-data or dont-care. */
export interface ColumnOf {
  /** Of a clock's time. */
  clock: ClockColumn;
  /** Of numbers of 32 bits and less, and of floats. */
  number: Float64Array;
  /** Of numbers of 64 bits. */
  bigint: BigIntColumn;
  /** Of anything, as it came. */
  data: readonly Data[];
}

/** What {@link decodeColumns} is told of a buffer. */
export interface ColumnOptions {
  /** capture_period in seconds: a clock of null-data is the previous one plus this (Blue Book, class 7). Without it, it is NaN. */
  readonly capturePeriod?: number;
  /** Deviation in minutes, UTC = local + deviation, where the meter gives none: -330 for India. */
  readonly assumedDeviation?: number;
  /** Takes local time for UTC: `millis` is then what the clock on the wall shows, whatever the deviation. */
  readonly wallTime?: boolean;
}

/** The columns of a profile buffer, in the order of the capture objects. */
export interface ProfileColumns<K extends readonly ColumnKind[]> {
  /** How many rows there are. */
  readonly rows: number;
  /** The columns, in the order of the capture objects. */
  readonly columns: { readonly [I in keyof K]: ColumnOf[K[I]] };
}

/**
 * Reads the octets of a profile buffer (an array of structures, or a compact-array of them) by columns. Delta types are added to the
 * value above them. Makes no object for a value, but in `data` columns.
 * @throws DecodeError `bad-tag` where a value is not of its column's kind, `missing-field` or `bad-length` where a row has fewer or more
 * values than `kinds`, `bad-value` for a number that its column cannot hold exactly, and as `decodeData`; the path is row, column.
 */
export function decodeColumns<const K extends readonly ColumnKind[]>(
  bytes: Uint8Array,
  kinds: K,
  options: ColumnOptions = {},
): ProfileColumns<K> {
  const r = new Reader(bytes);
  const tag = r.u8();
  const profile =
    tag === TAG['compact-array']
      ? compactRows(readCompactArray(r), kinds, options)
      : taggedRows(r, tag, kinds, options);
  r.done('buffer');
  return profile;
}

function taggedRows<K extends readonly ColumnKind[]>(
  r: Reader,
  tag: number,
  kinds: K,
  options: ColumnOptions,
): ProfileColumns<K> {
  if (tag !== TAG.array) r.fail('bad-tag', `array expected, ${hexOctet(tag)} found`, 0);
  const rows = r.length();
  // A row takes two octets and one for each column at least: no room is made for rows that cannot be there.
  if (rows * (2 + kinds.length) > r.remaining)
    r.fail('truncated', `${counted(rows, 'row')} in ${counted(r.remaining, 'octet')}`);
  const columns = kinds.map((kind) => new ColumnBuilder(kind, rows, r.bytes, options));
  for (let row = 0; row < rows; ) {
    const layout = layoutOfRow(r, kinds.length);
    const run = layout ? rowsAlike(r, layout, rows - row) : 1;
    if (layout && run > 1) readRun(r, columns, layout, row, run);
    else readRow(r, columns, row);
    row += run;
  }
  return result(rows, columns);
}

/** Reads a row with its tags. */
function readRow(r: Reader, columns: readonly ColumnBuilder[], row: number): void {
  let column = -1;
  try {
    const tag = r.u8();
    if (tag !== TAG.structure) r.fail('bad-tag', `structure expected, ${hexOctet(tag)} found`, r.offset - 1);
    checkWidth(r, r.length(), columns.length);
    for (column = 0; column < columns.length; column++) (columns[column] as ColumnBuilder).read(r, r.u8(), row);
  } catch (error) {
    throw located(error, row, column);
  }
}

function compactRows<K extends readonly ColumnKind[]>(
  array: CompactArray,
  kinds: K,
  options: ColumnOptions,
): ProfileColumns<K> {
  const { description, contents } = array;
  const r = new Reader(contents);
  if (description.type !== 'structure') return r.fail('bad-tag', `structure expected, ${description.type} described`);
  checkWidth(r, description.elements.length, kinds.length);
  const most = mostElements(array);
  const columns = kinds.map((kind, i) => new ColumnBuilder(kind, most, contents, options, description.elements[i]));
  const layout = layoutOf(description.elements);
  if (layout) {
    readRun(r, columns, layout, 0, most);
    return result(most, columns);
  }
  let row = 0;
  for (; r.remaining > 0; row++) {
    let column = 0;
    try {
      for (; column < columns.length; column++) {
        const element = description.elements[column] as TypeDescription;
        (columns[column] as ColumnBuilder).read(r, TAG[element.type], row);
      }
    } catch (error) {
      throw located(error, row, column);
    }
  }
  return result(row, columns);
}

/** Reads rows of one layout, column by column. */
function readRun(r: Reader, columns: readonly ColumnBuilder[], layout: Layout, row: number, run: number): void {
  const start = r.offset;
  for (let column = 0; column < columns.length; column++) {
    const tag = layout.tags[column] as number;
    r.offset = start + (layout.offsets[column] as number);
    (columns[column] as ColumnBuilder).readRun(r, tag, layout.stride, row, run, column);
  }
  r.offset = start + run * layout.stride;
}

function checkWidth(r: Reader, found: number, expected: number): void {
  if (found < expected) r.fail('missing-field', `a row of ${counted(found, 'value')} instead of ${expected}`);
  if (found > expected) r.fail('bad-length', `a row of ${counted(found, 'value')} instead of ${expected}`);
}

function located(error: unknown, row: number, column: number): unknown {
  if (!(error instanceof DecodeError)) return error;
  return (column < 0 ? error : error.within(column)).within(row);
}

function result<K extends readonly ColumnKind[]>(rows: number, columns: readonly ColumnBuilder[]): ProfileColumns<K> {
  return { rows, columns: columns.map((column) => column.finish(rows)) as unknown as ProfileColumns<K>['columns'] };
}

const NO_NUMBERS = new Float64Array(0);
const NO_OFFSETS = new Uint32Array(0);
const NO_INTEGERS = new BigInt64Array(0);

/** One column being filled. Its fields are the same whatever its kind, for one hidden class. */
class ColumnBuilder {
  readonly kind: ColumnKind;
  readonly #data: Data[] = [];
  readonly #bytes: Uint8Array;
  readonly #period: number;
  readonly #deviation: number | undefined;
  readonly #wall: boolean;
  readonly #numbers: Float64Array;
  /** Offset of the octets of each date-time, plus 1; 0: none. */
  readonly #offsets: Uint32Array;
  readonly #integers: BigInt64Array;
  readonly #missing: number[] = [];
  readonly #description: TypeDescription | undefined;

  constructor(
    kind: ColumnKind,
    rows: number,
    bytes: Uint8Array,
    options: ColumnOptions,
    description?: TypeDescription,
  ) {
    this.#description = description;
    this.kind = kind;
    this.#bytes = bytes;
    this.#period = (options.capturePeriod ?? Number.NaN) * 1000;
    this.#deviation = options.assumedDeviation;
    this.#wall = options.wallTime ?? false;
    this.#numbers = kind === 'clock' || kind === 'number' ? new Float64Array(rows) : NO_NUMBERS;
    this.#offsets = kind === 'clock' ? new Uint32Array(rows) : NO_OFFSETS;
    this.#integers = kind === 'bigint' ? new BigInt64Array(rows) : NO_INTEGERS;
  }

  /** Reads a value whose tag was read. */
  read(r: Reader, tag: number, row: number): void {
    switch (this.kind) {
      case 'clock':
        this.#clock(r, tag, row);
        return;
      case 'number':
        this.#numbers[row] = this.#number(r, tag, row);
        return;
      case 'bigint':
        this.#integers[row] = this.#integer(r, tag, row);
        return;
      case 'data':
        this.#data.push(this.#any(r));
    }
  }

  /** Reads a value from each of `run` rows that begin `stride` octets apart, the first at the reader. All octets are there. */
  readRun(r: Reader, tag: number, stride: number, row: number, run: number, column: number): void {
    const { bytes, offset } = r;
    if (this.kind === 'number' && tag === TAG['double-long-unsigned']) {
      const numbers = this.#numbers;
      for (let i = row, at = offset; i < row + run; i++, at += stride) numbers[i] = u32At(bytes, at);
    } else if (this.kind === 'clock' && tag === TAG['octet-string'] && bytes[offset] === 12) {
      for (let i = row, at = offset + 1; i < row + run; i++, at += stride) this.#clockAt(bytes, at, i);
    } else {
      let i = row;
      try {
        for (; i < row + run; i++) {
          r.offset = offset + (i - row) * stride;
          this.read(r, tag, i);
        }
      } catch (error) {
        throw located(error, i, column);
      }
    }
  }

  finish(rows: number): ColumnOf[ColumnKind] {
    const numbers = this.#numbers.subarray(0, rows);
    switch (this.kind) {
      case 'clock': {
        const bytes = this.#bytes;
        const offsets = this.#offsets;
        return {
          millis: numbers,
          raw(row) {
            const at = offsets[row] ?? 0;
            return at === 0 ? undefined : bytes.subarray(at - 1, at + 11);
          },
        };
      }
      case 'number':
        return numbers;
      case 'bigint':
        return { values: this.#integers.subarray(0, rows), missing: this.#missing };
      case 'data':
        return this.#data;
    }
  }

  #any(r: Reader): Data {
    if (this.#description) return readDescribed(r, this.#description);
    r.offset--; // back to the tag
    return readData(r);
  }

  #clock(r: Reader, tag: number, row: number): void {
    if (tag === TAG['null-data']) {
      this.#numbers[row] = row === 0 ? Number.NaN : (this.#numbers[row - 1] as number) + this.#period;
      return;
    }
    const length = tag === TAG['octet-string'] ? r.length() : tag === TAG['date-time'] ? 12 : -1;
    if (length !== 12) r.fail('bad-tag', `a date-time expected, ${hexOctet(tag)} found`, r.offset - 1);
    r.need(12);
    this.#clockAt(r.bytes, r.offset, row);
    r.offset += 12;
  }

  #clockAt(bytes: Uint8Array, at: number, row: number): void {
    this.#offsets[row] = at + 1;
    this.#numbers[row] = this.#wall ? wallMillisAt(bytes, at) : millisAt(bytes, at, this.#deviation);
  }

  #number(r: Reader, tag: number, row: number): number {
    switch (tag) {
      case 0:
      case 255:
        return Number.NaN;
      case 3:
        return r.u8() === 0 ? 0 : 1;
      case 5:
        return r.i32();
      case 6:
        return r.u32();
      case 13:
      case 15:
        return r.i8();
      case 16:
        return r.i16();
      case 17:
      case 22:
        return r.u8();
      case 18:
        return r.u16();
      case 20:
        return exactNumber(r, r.i64());
      case 21:
        return exactNumber(r, r.u64());
      case 23:
        return r.f32();
      case 24:
        return r.f64();
      default:
        return (row === 0 ? Number.NaN : (this.#numbers[row - 1] as number)) + readDelta(r, tag);
    }
  }

  #integer(r: Reader, tag: number, row: number): bigint {
    switch (tag) {
      case 0:
      case 255:
        this.#missing.push(row);
        return 0n;
      case 20:
        return r.i64();
      case 21:
        return withinInt64(r, r.u64());
      case 23:
      case 24:
        return r.fail('bad-tag', 'an integer expected, a float found', r.offset - 1);
      case 28:
      case 29:
      case 30:
      case 31:
      case 32:
      case 33:
        if (row === 0 || this.#missing.at(-1) === row - 1)
          r.fail('bad-value', 'a difference to no value', r.offset - 1);
        return withinInt64(r, (this.#integers[row - 1] as bigint) + BigInt(readDelta(r, tag)));
      default:
        return BigInt(this.#number(r, tag, row));
    }
  }
}

/** A difference to the value before. */
function readDelta(r: Reader, tag: number): number {
  switch (tag) {
    case 28:
      return r.i8();
    case 29:
      return r.i16();
    case 30:
      return r.i32();
    case 31:
      return r.u8();
    case 32:
      return r.u16();
    case 33:
      return r.u32();
    default:
      return r.fail('bad-tag', `a number expected, ${hexOctet(tag)} found`, r.offset - 1);
  }
}

function exactNumber(r: Reader, value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) r.fail('bad-value', `${value} is too large for a number column`, r.offset - 8);
  return number;
}

function withinInt64(r: Reader, value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) r.fail('bad-value', `${value} is too large for 64 bits with a sign`);
  return value;
}
