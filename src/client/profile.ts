import { present } from '../apdu/present.js';
import { AccessError, DecodeError, StateError } from '../base/errors.js';
import { compactArrayElements } from '../codec/compact.js';
import type { Data } from '../codec/data.js';
import { CosemDateTime, DEVIATION_UNSPECIFIED } from '../codec/datetime.js';
import type { CaptureColumn } from '../companion/companion.js';
import { type AttributeRef, attributeTarget, clientObject, type Selection } from '../cosem/class.js';
import { DemandRegister, ExtendedRegister, type ProfileGenericObject, Register } from '../cosem/classes/storage.js';
import { Clock } from '../cosem/classes/time.js';
import { describeLogicalName } from '../cosem/names.js';
import { type CallOptions, type Meter, selected } from './meter.js';
import { inRange, type Range, type RowSelection, rangeOf, rowSelection, timeSelection } from './profile-selection.js';
import { dateTimeOf, Reading, type ScalerUnit } from './readings.js';

/** A column of a profile: what is captured, and what its numbers mean. */
export interface ProfileColumn extends CaptureColumn {
  readonly name: string;
  /** Of a register's value; `unknown` where the meter did not tell it; undefined where the column has none. */
  readonly scalerUnit: ScalerUnit | 'unknown' | undefined;
  /** Whether it is the clock's time. */
  readonly isTime: boolean;
}

/** A row of a profile. */
export interface ProfileRow {
  /** The row's time stamp, where the profile has one and it can be read. */
  readonly time: CosemDateTime | undefined;
  /** One for each column, time stamp included. */
  readonly values: readonly Reading[];
}

/** The few facts about a profile that change how it is read. */
export interface ProfileState {
  readonly entriesInUse: number;
  readonly profileEntries: number;
  /** Seconds; 0 where rows are not made by time. */
  readonly capturePeriod: number;
  readonly sortMethod: string;
}

/** Attributes that a register's scaler_unit is for. */
const SCALED: readonly (readonly [classId: number, attributeId: number])[] = [
  [Register.id, 2],
  [ExtendedRegister.id, 2],
  [DemandRegister.id, 2],
  [DemandRegister.id, 3],
];

/** A profile of a meter (Profile generic, class 7). */
export class Profile {
  readonly object: ProfileGenericObject;
  readonly #meter: Meter;
  readonly #deviation: number | undefined;
  #columns: Promise<readonly ProfileColumn[]> | undefined;

  /** @internal Made by {@link Meter.profile}. */
  constructor(meter: Meter, object: ProfileGenericObject, deviation: number | undefined) {
    this.#meter = meter;
    this.object = object;
    this.#deviation = deviation;
  }

  /** The columns with names, scalers and units. Read once, then kept. @throws AccessError, DecodeError. */
  columns(options?: CallOptions): Promise<readonly ProfileColumn[]> {
    if (this.#columns === undefined) {
      const reading = this.#readColumns(options);
      this.#columns = reading;
      reading.catch(() => {
        this.#columns = undefined;
      });
    }
    return this.#columns;
  }

  /** How full the profile is and how it is kept. */
  async state(options?: CallOptions): Promise<ProfileState> {
    const { entriesInUse, profileEntries, capturePeriod, sortMethod } = this.object;
    const refs = [entriesInUse, profileEntries, capturePeriod, sortMethod] as const;
    const [inUse, entries, period, sorting] = await this.#meter.getAll(refs, options);
    return { entriesInUse: inUse, profileEntries: entries, capturePeriod: period, sortMethod: sorting };
  }

  /**
   * Rows in the buffer's order: all, those of a range of time, the last ones, or by number. Where the meter refuses selective access
   * the whole buffer is read and the rows are picked here.
   * @throws AccessError when the buffer cannot be read at all, DecodeError when it is not what its columns say, StateError for a
   * selection that cannot be.
   */
  async rows(selection: RowSelection = {}, options: CallOptions = {}): Promise<ProfileRow[]> {
    const columns = await this.columns(options);
    if ('last' in selection) return this.#last(columns, selection.last, options);
    if ('fromEntry' in selection) {
      const { fromEntry: from, toEntry: to = 0 } = selection;
      checkEntries(from, to);
      const rows = await this.#trySelected(columns, rowSelection(from, to), options);
      return rows ?? (await this.#all(columns, options)).slice(from - 1, to === 0 ? undefined : to);
    }
    if (selection.from === undefined && selection.to === undefined) return this.#all(columns, options);
    const time = columns.find((column) => column.isTime);
    if (time === undefined) {
      throw new StateError(`profile ${this.object.self.logicalName} has no time stamp to select by`, {
        hint: 'ask for the last rows, or for all of them',
      });
    }
    const range = await this.#range(selection, options);
    const rows = await this.#trySelected(columns, timeSelection(time, range), options);
    return rows ?? (await this.#all(columns, options)).filter((row) => inRange(row.time, range));
  }

  // ---- inside

  async #last(columns: readonly ProfileColumn[], count: number, options: CallOptions): Promise<ProfileRow[]> {
    if (!Number.isInteger(count) || count < 0) throw new StateError(`the last ${count} rows`);
    if (count === 0) return [];
    const { entriesInUse, sortMethod } = await this.state(options);
    const newestFirst = sortMethod === 'lifo';
    const from = newestFirst ? 1 : Math.max(1, entriesInUse - count + 1);
    // A row may be captured between the two requests, so the end stays open and is cut here.
    const to = newestFirst ? count : 0;
    const rows = entriesInUse <= count ? undefined : await this.#trySelected(columns, rowSelection(from, to), options);
    const found = rows ?? (await this.#all(columns, options));
    return newestFirst ? found.slice(0, count) : found.slice(-count);
  }

  async #range(selection: Parameters<typeof rangeOf>[0], options: CallOptions): Promise<Range> {
    const instants = selection.from instanceof Date || selection.to instanceof Date;
    if (this.#deviation !== undefined || !instants) return rangeOf(selection, this.#deviation);
    const [outcome] = await this.#meter.tryGetAll([this.#meter.clock().time], options);
    const time = outcome.ok ? outcome.value : undefined;
    if (time === undefined || time.deviation === DEVIATION_UNSPECIFIED) return rangeOf(selection, undefined);
    // Rows bear the deviation that the meter sends, though another is meant by it.
    const mended = (bound: Date | CosemDateTime | undefined) =>
      bound instanceof Date ? this.#meter.timeLike(bound, time, time.deviation) : bound;
    const { from, to } = selection;
    return rangeOf(present<typeof selection>({ from: mended(from), to: mended(to) }), time.deviation);
  }

  async #all(columns: readonly ProfileColumn[], options: CallOptions): Promise<ProfileRow[]> {
    const buffer = await this.#meter.getAll([this.object.buffer], options);
    return this.#read(columns, buffer[0], options);
  }

  /** Undefined when the meter refuses to select. */
  async #trySelected(
    columns: readonly ProfileColumn[],
    selection: Selection,
    options: CallOptions,
  ): Promise<ProfileRow[] | undefined> {
    if (!this.#meter.supports('selective-access')) return undefined;
    try {
      const [outcome] = await this.#meter.tryGetAll([selected(this.object.buffer, selection)], options);
      return outcome.ok ? await this.#read(columns, outcome.value, options) : undefined;
    } catch (error) {
      if (error instanceof AccessError) return undefined;
      throw error;
    }
  }

  async #read(columns: readonly ProfileColumn[], buffer: Data, options: CallOptions): Promise<ProfileRow[]> {
    const target = attributeTarget(this.object.buffer);
    const rows = rowsOf(buffer, target);
    const omitted = rows.some((row) => row.some((value) => value.type === 'null-data'));
    const state = omitted ? await this.state(options) : undefined;
    // Newest first, the row before is a later one: its time says nothing sure.
    const period = state?.sortMethod === 'fifo' ? state.capturePeriod : 0;
    return readRows(columns, rows, period, target);
  }

  async #readColumns(options: CallOptions | undefined): Promise<readonly ProfileColumn[]> {
    const [captured] = await this.#meter.getAll([this.object.captureObjects], options);
    const scaled = captured.filter(isScaled);
    const scalers = await this.#meter.scalerUnits(scaled.map(scalerRef), options);
    return captured.map((object) => {
      const place = scaled.indexOf(object);
      return {
        ...object,
        name: describeLogicalName(object.logicalName) ?? object.logicalName,
        scalerUnit: place < 0 ? undefined : (scalers[place] ?? 'unknown'),
        isTime: object.classId === Clock.id && object.attributeIndex === Clock.attributes.time.id,
      };
    });
  }
}

function checkEntries(from: number, to: number): void {
  if (Number.isInteger(from) && Number.isInteger(to) && from >= 1 && (to === 0 || to >= from)) return;
  throw new StateError(`rows ${from} to ${to}`, { hint: 'the first row is 1, 0 as the end is the last one' });
}

function isScaled({ classId, attributeIndex }: CaptureColumn): boolean {
  return SCALED.some(([id, attribute]) => classId === id && attributeIndex === attribute);
}

/** The scaler_unit of a register, whichever its class is. */
function scalerRef({ classId, logicalName }: CaptureColumn): AttributeRef<ScalerUnit> {
  if (classId === DemandRegister.id) return clientObject(DemandRegister, logicalName).scalerUnit;
  if (classId === ExtendedRegister.id) return clientObject(ExtendedRegister, logicalName).scalerUnit;
  return clientObject(Register, logicalName).scalerUnit;
}

/** The buffer's rows, each a list of values. @throws DecodeError when it is no array of structures. */
function rowsOf(buffer: Data, target: string): readonly (readonly Data[])[] {
  const rows =
    buffer.type === 'array'
      ? buffer.value
      : buffer.type === 'compact-array'
        ? compactArrayElements(buffer.value)
        : undefined;
  if (rows === undefined) throw new DecodeError('bad-tag', `a buffer that is a ${buffer.type}`, 0, { path: [target] });
  return rows.map((row, i) => {
    if (row.type === 'structure') return row.value;
    // A profile of one column may come as an array of its values.
    if (row.type !== 'array' && row.type !== 'compact-array') return [row];
    throw new DecodeError('bad-tag', `a row that is a ${row.type}`, 0, { path: [target, i] });
  });
}

/**
 * Rows with their meaning. A value that the meter left out (null-data) is the one of the row before; a time stamp left out is the one
 * before plus the capture period (Blue Book 4.3.6); a delta is added to the value of the row before.
 */
function readRows(
  columns: readonly ProfileColumn[],
  rows: readonly (readonly Data[])[],
  period: number,
  target: string,
): ProfileRow[] {
  const clock = columns.findIndex((column) => column.isTime);
  let before: readonly Data[] = [];
  return rows.map((row, i) => {
    if (row.length !== columns.length) {
      throw new DecodeError('missing-field', `a row of ${row.length} values under ${columns.length} columns`, 0, {
        path: [target, i],
      });
    }
    const full = row.map((value, column) => {
      const last = before[column];
      if (last === undefined) return value;
      if (value.type.startsWith('delta-')) return added(last, value);
      if (value.type !== 'null-data') return value;
      return column === clock ? (later(last, period) ?? value) : last;
    });
    before = full;
    const time = full[clock] === undefined ? undefined : dateTimeOf(full[clock]);
    return { time, values: full.map((value, column) => cell(columns[column] as ProfileColumn, value, time)) };
  });
}

function cell(column: ProfileColumn, value: Data, time: CosemDateTime | undefined): Reading {
  return new Reading({
    classId: column.classId,
    logicalName: column.logicalName,
    attributeId: column.attributeIndex,
    name: column.name,
    data: value,
    ...(column.scalerUnit === undefined ? {} : { scalerUnit: column.scalerUnit }),
    ...(time === undefined || column.isTime ? {} : { time }),
  });
}

/** A number and a difference to it, in the number's own type. Where they do not go together the difference stays one. */
function added(last: Data, delta: Data): Data {
  if (typeof delta.value !== 'number') return delta;
  if (typeof last.value === 'bigint') return { ...last, value: last.value + BigInt(delta.value) } as Data;
  return typeof last.value === 'number' ? ({ ...last, value: last.value + delta.value } as Data) : delta;
}

/** A time stamp some seconds later, its deviation and status kept; undefined where it is no time. */
function later(stamp: Data, seconds: number): Data | undefined {
  const time = dateTimeOf(stamp);
  if (time === undefined || seconds === 0 || !time.isSpecified()) return undefined;
  const { deviation, status, hundredths } = time;
  // Reckoned on the meter's wall clock: its deviation may be anything.
  const wall = time.with({ deviation: 0 }).toMillis() as number;
  const next = CosemDateTime.fromDate(new Date(wall + seconds * 1000), 0, status).with({ deviation, hundredths });
  return { type: 'octet-string', value: next.toBytes() };
}
