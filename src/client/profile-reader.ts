import { judgeMoment, type Reception } from '../apdu/received.js';
import { AccessError, DecodeError, StateError } from '../base/errors.js';
import { present } from '../base/given.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import type { Remark } from '../base/remark.js';
import { counted } from '../base/words.js';
import type { Data } from '../codec/data.js';
import { type CosemDateTime, DEVIATION_UNSPECIFIED } from '../codec/datetime.js';
import { attributeTarget } from '../cosem/class.js';
import type { ProfileGenericObject } from '../cosem/classes/storage.js';
import type { SelectedRef } from '../cosem/selected.js';
import { awaited } from './caller.js';
import { getOne, outcomesOf } from './calls.js';
import type { KnownMeter } from './known-meter.js';
import type { CallOptions } from './meter-calls.js';
import type { OutcomesOf } from './outcome.js';
import type { ProfileColumn } from './profile-column.js';
import { checkWidth, isNumbered, OtherColumns, readColumns } from './profile-columns.js';
import { newestOf, orderOf } from './profile-newest.js';
import type { ProfileState, RowOptions } from './profile-options.js';
import { trustedPeriod } from './profile-period.js';
import type { ProfileRow } from './profile-row.js';
import { RowReader, rowsOf } from './profile-rows.js';
import {
  checkSelection,
  comparePlaces,
  ignoredEntries,
  inRange,
  inRangeOf,
  isTimeless,
  OPEN,
  type Range,
  type RowSelection,
  rangeOf,
  refusedSelection,
  rowsInTime,
  rowsNumbered,
} from './profile-selection.js';
import { dateTimeOf } from './readings.js';
import { RowCollector } from './row-collector.js';
import { ToldRows } from './told-rows.js';

const ROW_OPTIONS: OptionNames<RowOptions> = {
  signal: true,
  onProgress: true,
  onRow: true,
};

/** What reads a profile: loaded with the first rows or columns. */
export class ProfileReader {
  readonly object: ProfileGenericObject;
  readonly #meter: KnownMeter;
  readonly #deviation: number | undefined;
  #columns: Promise<readonly ProfileColumn[]> | undefined;

  constructor(meter: KnownMeter, object: ProfileGenericObject, deviation: number | undefined) {
    this.#meter = meter;
    this.object = object;
    this.#deviation = deviation;
  }

  /** See {@link Profile.columns}. */
  columns(options?: CallOptions): Promise<readonly ProfileColumn[]> {
    if (this.#columns === undefined) {
      const reading = readColumns(this.#meter, this.object, (remark) => this.#remark(remark), options);
      this.#columns = reading;
      reading.catch(() => {
        this.#columns = undefined;
      });
    }
    return awaited(this.#columns);
  }

  /** See {@link Profile.rows}. */
  async read(selection: RowSelection, options: RowOptions): Promise<ProfileRow[]> {
    checkSelection(selection);
    checkOptions(options, ROW_OPTIONS, 'rows');
    try {
      return await this.#rows(selection, options);
    } catch (error) {
      if (!(error instanceof OtherColumns)) throw error;
      this.#columns = Promise.resolve(error.renumbered((remark) => this.#remark(remark)));
      return this.#rows(selection, options);
    }
  }

  async #rows(selection: RowSelection, options: RowOptions): Promise<ProfileRow[]> {
    const columns = await this.columns(options);
    if ('last' in selection) return this.#last(columns, selection.last, options);
    if ('fromEntry' in selection) {
      const { fromEntry: from, toEntry: to = 0 } = selection;
      checkEntries(from, to);
      return this.#numbered(columns, from, to, options);
    }
    if (selection.from === undefined && selection.to === undefined) return this.#all(columns, options);
    const time = columns.find((column) => column.isTime);
    if (time === undefined) {
      throw new StateError(`profile ${this.object.self.logicalName} has no time stamp to select by`, {
        hint: 'ask for the last rows, or for all of them',
      });
    }
    const range = await this.#range(selection, options);
    const told = new ToldRows(options.onRow);
    let timeless = false;
    const tell = (row: ProfileRow) => {
      // Whether a row without a readable time is wanted shows when all rows are here; those after it must wait too.
      timeless ||= isTimeless(row);
      if (!timeless && inRange(row.time, range)) told.tell(row);
    };
    const telling: RowOptions = options.onRow === undefined ? options : { ...options, onRow: tell };
    // A numbered column cannot be used for selection.
    const selected = isNumbered(time)
      ? undefined
      : await this.#trySelected(columns, rowsInTime(this.object.buffer, time, range), telling, { range });
    told.again();
    timeless = false;
    const picked = inRangeOf(selected ?? (await this.#all(columns, telling)), range, selected !== undefined);
    told.rest(picked.rows);
    if (picked.remark !== undefined) this.#remark(picked.remark);
    return picked.rows;
  }

  /** See {@link Profile.restored}. */
  async restored(rows: readonly (readonly Data[])[], options?: CallOptions): Promise<ProfileRow[]> {
    const reader = new RowReader(await this.columns(options), 0, attributeTarget(this.object.buffer));
    return rows.map((row) => reader.read(row));
  }

  // ---- inside

  /** Rows by number. Other rows that the meter sends are left out. */
  async #numbered(
    columns: readonly ProfileColumn[],
    from: number,
    to: number,
    options: RowOptions,
  ): Promise<ProfileRow[]> {
    if (from === 1 && to === 0) return this.#all(columns, options);
    // Without an end, only this shows whether the meter kept to the beginning.
    const most = (to === 0 ? await this.#entriesInUse(options) : to) - from + 1;
    const bounds = to === 0 ? { ...ALL, most } : { ...ALL, most, rows: { from, to } };
    const { onRow, ...quiet } = options;
    const told = new ToldRows(onRow);
    const telling: RowOptions = onRow === undefined ? options : { ...options, onRow: (row) => told.tell(row) };
    const read = await this.#trySelected(columns, rowsNumbered(this.object.buffer, from, to), telling, bounds);
    if (read !== undefined && read.length <= most) return read;
    // It is unknown which rows these are: perhaps all of them.
    if (read !== undefined) this.#remark(ignoredEntries(read.length, most));
    const rows = (await this.#all(columns, quiet)).slice(from - 1, to === 0 ? undefined : to);
    told.rest(rows);
    return rows;
  }

  /** Infinity where the meter does not say. */
  async #entriesInUse(options: CallOptions): Promise<number> {
    const [outcome] = await this.#meter.tryGetAll([this.object.entriesInUse], options);
    return outcome.ok ? outcome.value : Number.POSITIVE_INFINITY;
  }

  /** As {@link Profile.state}; what cannot be read is left out. */
  async #facts(options: CallOptions): Promise<Partial<Omit<ProfileState, 'profileEntries'>>> {
    const { entriesInUse, capturePeriod, sortMethod } = this.object;
    const refs = [entriesInUse, capturePeriod, sortMethod] as const;
    // They are numbers of one type, so only a witness proves that each is in its place.
    const outcomes = await this.#meter.run((session) => outcomesOf(session, refs, true), options);
    const [inUse, period, sorting] = outcomes as unknown as OutcomesOf<typeof refs>;
    return present({
      entriesInUse: inUse.ok ? inUse.value : undefined,
      capturePeriod: period.ok ? period.value : undefined,
      sortMethod: sorting.ok ? sorting.value : undefined,
    });
  }

  #remark({ code, text }: Pick<Remark, 'code' | 'text'>): void {
    this.#meter.remark({ code, text, target: attributeTarget(this.object.buffer), weight: 'note' });
  }

  async #last(columns: readonly ProfileColumn[], count: number, options: RowOptions): Promise<ProfileRow[]> {
    if (!Number.isInteger(count) || count < 0) throw new StateError(`the last ${counted(count, 'row')}`);
    if (count === 0) return [];
    // Which rows are the newest shows only when all are here.
    const { onRow, ...quiet } = options;
    const rows = await this.#newest(columns, count, quiet);
    for (const row of rows) onRow?.(row);
    return rows;
  }

  /** Reads the newest rows by number where that works, checked against the rows that come; else from the whole buffer. */
  async #newest(columns: readonly ProfileColumn[], count: number, options: RowOptions): Promise<ProfileRow[]> {
    const { entriesInUse, sortMethod } = await this.#facts(options);
    if (entriesInUse === 0) {
      this.#remark({
        code: 'entries-in-use',
        text: 'the meter says that no entry is in use: its buffer was not read (all rows, or a range, are asked for all the same)',
      });
      return [];
    }
    let newestFirst = sortMethod === 'lifo';
    // In a buffer sorted by value, the newest rows may be anywhere.
    const byTime = sortMethod === undefined || sortMethod === 'fifo' || sortMethod === 'lifo';
    if (entriesInUse !== undefined && entriesInUse > count && byTime) {
      // Two rows show their order, one does not.
      const wanted = Math.max(2, count);
      for (const first of [newestFirst, !newestFirst]) {
        const rows = await this.#atEnd(columns, wanted, entriesInUse, first, options);
        if (rows === undefined) break;
        if (rows.length < wanted) {
          const text = `the meter says that ${counted(entriesInUse, 'entry')} are in use, and its buffer has fewer: it is read whole`;
          this.#remark({ code: 'entries-in-use', text });
          break;
        }
        const order = orderOf(rows);
        if (order !== (first ? 'rising' : 'falling')) return first ? rows.slice(0, count) : rows.slice(-count);
        if (first !== newestFirst) break;
        this.#remark({
          code: 'sort-method',
          text: `the sort method is ${sortMethod ?? 'not told'}, but the rows stand the other way round: they are taken by their times`,
        });
      }
      newestFirst = sortMethod === 'lifo';
    }
    return newestOf(await this.#all(columns, options), count, newestFirst);
  }

  /** The rows at one end of the buffer; undefined where the meter does not support selection. */
  #atEnd(
    columns: readonly ProfileColumn[],
    count: number,
    inUse: number,
    newestFirst: boolean,
    options: RowOptions,
  ): Promise<ProfileRow[] | undefined> {
    if (newestFirst) return this.#trySelected(columns, rowsNumbered(this.object.buffer, 1, count), options);
    // A row may be captured between the two requests, so the end stays open and the caller cuts the result.
    return this.#trySelected(columns, rowsNumbered(this.object.buffer, Math.max(1, inUse - count + 1), 0), options);
  }

  async #range(selection: Parameters<typeof rangeOf>[0], options: CallOptions): Promise<Range> {
    const instants = selection.from instanceof Date || selection.to instanceof Date;
    if (this.#deviation !== undefined || !instants) return rangeOf(selection, this.#deviation);
    const [outcome] = await this.#meter.tryGetAll([this.#meter.clock().time], options);
    const time = outcome.ok ? outcome.value : undefined;
    if (time === undefined || time.deviation === DEVIATION_UNSPECIFIED) return rangeOf(selection, undefined);
    // Rows have the deviation that the meter sends, even if it means another.
    const mended = (bound: Date | CosemDateTime | undefined) =>
      bound instanceof Date ? this.#meter.timeLike(bound, time, time.deviation) : bound;
    const { from, to } = selection;
    return rangeOf(present<typeof selection>({ from: mended(from), to: mended(to) }), time.deviation);
  }

  #all(columns: readonly ProfileColumn[], options: RowOptions): Promise<ProfileRow[]> {
    return this.#fetch(columns, undefined, ALL, options);
  }

  /**
   * Reads selected rows; undefined when the meter refuses to select. When more than `bounds.most` rows come, the meter ignores the
   * selection.
   */
  async #trySelected(
    columns: readonly ProfileColumn[],
    selection: SelectedRef<Data>,
    options: RowOptions,
    bounds: Bounds = ALL,
  ): Promise<ProfileRow[] | undefined> {
    if (!this.#meter.supports('selective-access')) return undefined;
    const seen: { collector?: RowCollector } = {};
    try {
      return await this.#fetch(columns, selection, bounds, options, seen);
    } catch (error) {
      if (!(error instanceof AccessError || error instanceof DecodeError) || error instanceof OtherColumns) throw error;
      // It did select, and then dropped the association.
      if (error instanceof AccessError && error.unassociated && seen.collector?.everCame === true) throw error;
      this.#remark(refusedSelection(error));
      return undefined;
    }
  }

  /** @param bounds what the selection asks for, for continuing in the middle. */
  async #fetch(
    columns: readonly ProfileColumn[],
    selection: SelectedRef<Data> | undefined,
    bounds: Bounds,
    options: RowOptions,
    seen?: { collector?: RowCollector },
  ): Promise<ProfileRow[]> {
    const target = attributeTarget(this.object.buffer);
    const { onRow, onProgress } = options;
    let reception: Reception = {};
    let heard = false;
    const odd = (problem: string) => {
      // All rows may have the same problem: one remark is enough.
      if (!heard) judgeMoment(reception, problem, target);
      heard = true;
    };
    const told = new RowReader(columns, 0, target, odd);
    const clock = columns.findIndex((column) => column.isTime);
    // What an omitted time means shows only when all rows are here: rows from the first such one on are reported then.
    const held: (readonly Data[])[] = [];
    const tell = (row: readonly Data[]) => {
      if (held.length > 0 || row[clock]?.type === 'null-data') held.push(row);
      else onRow?.(told.read(row));
    };
    const collector = new RowCollector(
      columns.length,
      bounds.most ?? Number.POSITIVE_INFINITY,
      onRow && tell,
      onProgress,
    );
    if (seen !== undefined) seen.collector = collector;
    const fetch = (mayGoOn: boolean) => {
      let tries = 0;
      return this.#meter.run((session) => {
        reception = session.config;
        const goesOn = mayGoOn && tries++ > 0 && !collector.ignored;
        const next = goesOn ? this.#continuation(columns, collector.rows, bounds) : undefined;
        collector.begin(next !== undefined);
        const ref = next ?? selection ?? this.object.buffer;
        return getOne(session, ref, (octets) => collector.take(octets));
      }, options);
    };
    let buffer: Data;
    try {
      buffer = await fetch(true);
    } catch (error) {
      // The meter may refuse to continue in the middle: then everything is read again.
      if (!(error instanceof AccessError) || collector.rows.length === 0) throw error;
      buffer = await fetch(false);
    }
    const came = rowsOf(buffer, target);
    if (reception.strict !== true) checkWidth(came, columns.length, target);
    let rows = collector.finish(came);
    // Rows have moved meanwhile, or the clock was set: what came does not continue where the line broke.
    if (!collector.joined) rows = collector.finish(rowsOf(await fetch(false), target));
    const omitted = rows.some((row) => row[clock]?.type === 'null-data');
    const { period, remark } = omitted
      ? trustedPeriod(await this.#period(options), rows, clock)
      : { period: 0, remark: undefined };
    if (remark !== undefined) this.#remark(remark);
    const later = told.goingOn(period);
    for (const row of held) onRow?.(later.read(row));
    const reader = new RowReader(columns, period, target, odd);
    return rows.map((row) => reader.read(row));
  }

  /** Seconds between rows; 0 where the row before proves nothing: with the newest first it is a later one. */
  async #period(options: CallOptions): Promise<number> {
    const { sortMethod, capturePeriod = 0 } = await this.#facts(options);
    return sortMethod === 'fifo' ? capturePeriod : 0;
  }

  /** The selection of the last of these rows and all after it; undefined where there is none. */
  #continuation(columns: readonly ProfileColumn[], rows: readonly (readonly Data[])[], bounds: Bounds) {
    if (bounds.rows !== undefined && rows.length > 0) {
      return rowsNumbered(this.object.buffer, bounds.rows.from + rows.length - 1, bounds.rows.to);
    }
    const { range } = bounds;
    const time = columns.findIndex((column) => column.isTime);
    const [first, last] = [rows[0]?.[time], rows.at(-1)?.[time]];
    if (first === undefined || last === undefined || !this.#meter.supports('selective-access')) return undefined;
    const [from, to] = [dateTimeOf(first), dateTimeOf(last)];
    const order = from === undefined || to === undefined ? 0 : comparePlaces(from, to);
    if (from === undefined || to === undefined || order === 0) return undefined;
    const rest = order < 0 ? { from: to, to: range.to } : { from: range.from, to };
    return rowsInTime(this.object.buffer, columns[time] as ProfileColumn, rest);
  }
}

/** The times, or the row numbers, between which the wanted rows lie. */
interface Bounds {
  readonly range: Range;
  readonly rows?: { readonly from: number; readonly to: number };
  /** A meter that sends more rows than this ignores the selection. */
  readonly most?: number;
}

const ALL: Bounds = { range: OPEN };

function checkEntries(from: number, to: number): void {
  if (Number.isInteger(from) && Number.isInteger(to) && from >= 1 && (to === 0 || to >= from)) return;
  throw new StateError(`rows ${from} to ${to}`, { hint: 'the first row is 1, 0 as the end is the last one' });
}
