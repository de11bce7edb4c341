import { StateError } from '../base/errors.js';
import { INSPECT } from '../base/inspect.js';
import { parseLogicalName } from '../base/obis.js';
import { counted } from '../base/words.js';
import type { CosemDateTime } from '../codec/datetime.js';
import type { DataJson } from '../codec/json.js';
import { attributeTarget } from '../cosem/class.js';
import type { Reading } from './readings.js';

/** What a column of a row in JSON is. */
export interface RowColumnJson {
  /** The attribute, as `class:obis:attribute`. */
  readonly object: string;
  /** Name of the value for people. */
  readonly name: string;
  /** Symbol of the unit in the standard; null for none, or where it is unknown. */
  readonly unit: string | null;
}

/** A row in JSON. `cosem profile --json` prints it without `columns`, which its document has once for all rows. */
export interface ProfileRowJson {
  /** Local time with its offset, as {@link CosemDateTime.toText} writes it; null where the row has none. */
  readonly time: string | null;
  /** What each column is, in order: `values` and `data` have the same order. */
  readonly columns: readonly RowColumnJson[];
  /** The value of each column, as in {@link ReadingJson.value}: numbers are exact decimal text. */
  readonly values: readonly (string | boolean | null)[];
  /** The value of each column as it was sent, with its type. */
  readonly data: readonly DataJson[];
}

/** A hint names at most this many columns. */
const MOST_NAMED = 24;
/** The attribute that is meant where only the object is named: the value, in every class of measured values. */
const VALUE = 2;

/** A row of a profile. Immutable. */
export class ProfileRow {
  /** The row's time stamp, where the profile has one that can be read. */
  readonly time: CosemDateTime | undefined;
  /** The readings of all columns, including the time stamp. */
  readonly values: readonly Reading[];

  constructor(time: CosemDateTime | undefined, values: readonly Reading[]) {
    this.time = time;
    this.values = values;
  }

  /**
   * The reading of one column: `row.get('1.0.1.29.0.255').value`.
   * @param column the logical name of its object, which means attribute 2 where several are captured; `class:obis:attribute`; or the name
   * of the column.
   * @throws StateError where the row has no such column, or several: the hint names those that it has.
   */
  get(column: string): Reading {
    const found = this.#find(column);
    const [only, ...more] = found;
    if (only !== undefined && more.length === 0) return only;
    const value = found.filter(({ attributeId }) => attributeId === VALUE);
    if (value.length === 1) return value[0] as Reading;
    if (only === undefined) {
      throw new StateError(`the row has no column '${column}'`, { hint: `it has ${named(this.values, shownName)}` });
    }
    throw new StateError(`the row has ${counted(found.length, 'column')} '${column}'`, {
      hint: `name one of ${named(found, attributeTarget)}`,
    });
  }

  /**
   * Readings of several columns under names of your own, each found as by {@link get}:
   *
   * ```ts
   * for (const row of rows) {
   *   const { energy, voltage } = row.pick({ energy: '1.0.1.29.0.255', voltage: '1.0.12.27.0.255' });
   *   console.log(row.time?.toText(), energy.text, voltage.text);
   * }
   * ```
   * @throws StateError as {@link get}.
   */
  pick<const Names extends Readonly<Record<string, string>>>(
    names: Names,
  ): { readonly [Name in keyof Names]: Reading } {
    const picked = Object.entries(names).map(([name, column]) => [name, this.get(column)] as const);
    return Object.fromEntries(picked) as { readonly [Name in keyof Names]: Reading };
  }

  /** The row as text for people: `2026-11-23 14:00:00 +05:30: Active energy import 123 Wh, …`. */
  get text(): string {
    const values = this.values.map((reading) => `${reading.name} ${reading.text}`).join(', ');
    return this.time === undefined ? values : `${this.time}: ${values}`;
  }

  /** The same as {@link text}. */
  toString(): string {
    return this.text;
  }

  /** @internal For console.log. */
  [INSPECT](): string {
    return `ProfileRow ${this}`;
  }

  /** Complete in itself: object, name and unit of each column stand beside the values. */
  toJSON(): ProfileRowJson {
    const values = this.values.map((reading) => reading.toJSON());
    return {
      time: this.time?.toText() ?? null,
      columns: values.map(({ object, name, unit }) => ({ object, name, unit })),
      values: values.map(({ value }) => value),
      data: values.map(({ data }) => data),
    };
  }

  #find(column: string): readonly Reading[] {
    const { values } = this;
    const by = (same: (reading: Reading) => boolean) => values.filter(same);
    const exact = by((reading) => reading.logicalName === column);
    if (exact.length > 0) return exact;
    const named = by((reading) => attributeTarget(reading) === column || reading.name === column);
    if (named.length > 0) return named;
    const canonical = canonicalName(column);
    return canonical === undefined ? [] : by((reading) => reading.logicalName === canonical);
  }
}

/** `1-0:1.29.0*255` as `1.0.1.29.0.255`; undefined for text that is not a logical name. */
function canonicalName(text: string): string | undefined {
  try {
    return parseLogicalName(text);
  } catch {
    return undefined;
  }
}

function shownName(reading: Reading): string {
  return reading.name === reading.logicalName ? reading.name : `${reading.logicalName} (${reading.name})`;
}

function named(readings: readonly Reading[], words: (reading: Reading) => string): string {
  const left = readings.length - MOST_NAMED;
  const shown = readings.slice(0, MOST_NAMED).map(words).join(', ');
  return left > 0 ? `${shown} and ${left} more` : shown;
}
