import { isPrintable, toHex, toLatin1, unfilled } from '../base/bytes.js';
import { INSPECT } from '../base/inspect.js';
import type { LogicalName } from '../base/obis.js';
import { counted } from '../base/words.js';
import type { Data } from '../codec/data.js';
import { CosemDate, CosemDateTime, CosemTime, likelyDateTime } from '../codec/datetime.js';
import { Decimal } from '../codec/decimal.js';
import { type DataJson, dataToJson } from '../codec/json.js';
import type { Infer } from '../codec/type.js';
import { bitStringToText } from '../codec/wire-value.js';
import { isMoney, type Presentation } from '../companion/companion.js';
import { attributeTarget } from '../cosem/class.js';
import type { scalerUnit } from '../cosem/classes/storage.js';
import { type Unit, unitSymbol } from '../cosem/units.js';

/** Scaler and unit of a number: the value is the number times 10 to the power of `scaler`, in `unit`. */
export type ScalerUnit = Infer<typeof scalerUnit>;

/** The parts of a {@link Reading}. */
export interface ReadingParts {
  /** Class of the object. */
  readonly classId: number;
  /** Logical name of the object. */
  readonly logicalName: LogicalName;
  /** Attribute of the object. */
  readonly attributeId: number;
  /** Name of the value for people. */
  readonly name: string;
  /** The value as it was sent, with its type. */
  readonly data: Data;
  /**
   * Scaler and unit, of a register. `unknown` where the meter did not give them, so that the number has no meaning yet. Left out where the
   * object has none.
   */
  readonly scalerUnit?: ScalerUnit | 'unknown' | undefined;
  /** When it was measured or captured, where the meter says so. */
  readonly time?: CosemDateTime | undefined;
  /** Status of an extended register. */
  readonly status?: Data;
  /** How the companion specification says that the value is to be shown. */
  readonly presentation?: Presentation | undefined;
  /** The text of the meter, where it sent text: `317.695 kWh`. */
  readonly written?: string;
}

/** A reading in JSON, as `cosem read --json` prints it. */
export interface ReadingJson {
  /** Name of the value for people. */
  readonly name: string;
  /** The attribute, as `class:obis:attribute`. */
  readonly object: string;
  /** A number as exact, scaled decimal text; a boolean; the text of another value; null for a value without text, such as a structure. */
  readonly value: string | boolean | null;
  /** Symbol of the unit in the standard, or the ISO 4217 code of a currency; null for none, or where it is unknown. */
  readonly unit: string | null;
  /** Value and unit as text for people. */
  readonly text: string;
  /** When it was measured or captured: local time with its offset, as {@link CosemDateTime.toText} writes it. */
  readonly time?: string;
  /** Status of an extended register. */
  readonly status?: DataJson;
  /** As it came, with its wire type. */
  readonly data: DataJson;
}

/**
 * One value of a meter with everything that is needed to understand it. Immutable. The number is exact: it never becomes a floating point
 * number here, unless the meter sent one.
 * ```ts
 * const reading = await meter.reading('1.0.1.8.0.255');
 * console.log(reading.name, reading.value, reading.text); // value is a Decimal
 * ```
 */
export class Reading {
  /** Class of the object. */
  readonly classId: number;
  /** Logical name of the object. */
  readonly logicalName: LogicalName;
  /** Attribute of the object. */
  readonly attributeId: number;
  /** Name of the value for people, in English. */
  readonly name: string;
  /** As it came, with its wire type. */
  readonly data: Data;
  /** Power of ten by which the number is multiplied; undefined where the meter did not give it. */
  readonly scaler: number | undefined;
  /** The unit; undefined where the meter did not give it, `none` for a count. */
  readonly unit: Unit | undefined;
  /** When it was measured or captured, where the meter says so. */
  readonly time: CosemDateTime | undefined;
  /** Status of an extended register. */
  readonly status: Data | undefined;
  /** ISO 4217 code of the currency, where the number is money: `INR`. */
  readonly currency: string | undefined;
  readonly #presentation: Presentation | undefined;
  readonly #written: string | undefined;

  constructor(parts: ReadingParts) {
    this.classId = parts.classId;
    this.logicalName = parts.logicalName;
    this.attributeId = parts.attributeId;
    this.name = parts.name;
    this.data = parts.data;
    const money = isMoney(parts.presentation) ? parts.presentation : undefined;
    const silent: ScalerUnit = money === undefined ? COUNT : { scaler: money.scaler, unit: 'currency' };
    const known = parts.scalerUnit === 'unknown' ? undefined : (parts.scalerUnit ?? silent);
    this.scaler = known?.scaler;
    this.unit = known?.unit;
    this.time = parts.time;
    this.status = parts.status;
    this.currency = money?.currency;
    this.#presentation = parts.presentation;
    this.#written = parts.written;
  }

  /** The exact scaled number; undefined where the value is not a number or its scaler is unknown. */
  get value(): Decimal | undefined {
    return this.scaler === undefined ? undefined : Decimal.of(this.data, this.scaler);
  }

  /**
   * Value and unit as text for people: `12345.678 Wh`, `2026-11-23 14:05:00 +05:30`, `true`. Where the scaler is unknown, the text says so.
   */
  get text(): string {
    if (this.#written !== undefined) return this.#written;
    const { data, unit, scaler } = this;
    const words = presented(data, this.#presentation);
    if (words !== undefined) return words;
    if (scaler === undefined)
      return Decimal.of(data) === undefined ? dataText(data) : `${dataText(data)} (scaler unknown)`;
    const value = Decimal.of(data, scaler);
    if (value === undefined) return dataText(data);
    const symbol = this.currency ?? (unit === undefined ? '' : unitSymbol(unit));
    return symbol === '' ? value.toString() : `${value} ${symbol}`;
  }

  /** Name and text: `Active energy import: 12345.678 Wh`. */
  toString(): string {
    return `${this.name}: ${this.text}`;
  }

  /** @internal For console.log. */
  [INSPECT](): string {
    return `Reading ${this}`;
  }

  /** Without loss: nothing in it became a floating point number. */
  toJSON(): ReadingJson {
    return {
      name: this.name,
      object: attributeTarget(this),
      value: this.#plain(),
      unit: this.currency ?? (this.unit === undefined || this.unit === 'none' ? null : this.unit),
      text: this.text,
      ...(this.time === undefined ? {} : { time: this.time.toText() }),
      ...(this.status === undefined ? {} : { status: dataToJson(this.status) }),
      data: dataToJson(this.data),
    };
  }

  #plain(): string | boolean | null {
    const { data, value } = this;
    if (data.type === 'boolean') return data.value;
    if (value !== undefined) return value.toString();
    return data.type === 'array' || data.type === 'structure' || data.type === 'null-data' ? null : this.text;
  }
}

/** Scaler and unit of a number that has none. */
const COUNT: ScalerUnit = { scaler: 0, unit: 'none' };

function presented(data: Data, presentation: Presentation | undefined): string | undefined {
  if (isMoney(presentation)) return undefined;
  if (typeof presentation === 'object') {
    return typeof data.value === 'number' ? presentation[data.value] : undefined;
  }
  if (presentation === 'date-time') return declaredDateTime(data)?.toText();
  if (presentation === 'text' && data.type === 'octet-string') return textOrHex(data.value);
  return undefined;
}

/**
 * A value as text for people, without its scaler. Octets are shown as a date where they can be one, as text where they are text, else in
 * hexadecimal.
 */
export function dataText(data: Data): string {
  switch (data.type) {
    case 'null-data':
    case 'dont-care':
      return '-';
    case 'array':
      return `[${data.value.map(dataText).join(', ')}]`;
    case 'structure':
      return `{${data.value.map(dataText).join(', ')}}`;
    case 'compact-array':
      return `compact-array of ${counted(data.value.contents.length, 'octet')}`;
    case 'bit-string':
      return bitStringToText(data.value);
    case 'date-time':
      return CosemDateTime.fromBytes(data.value).toText();
    case 'date':
      return CosemDate.fromBytes(data.value).toText();
    case 'time':
      return CosemTime.fromBytes(data.value).toText();
    case 'octet-string':
      return isPrintable(data.value) ? toLatin1(data.value) : (dateTimeOf(data)?.toText() ?? textOrHex(data.value));
    default:
      return Decimal.of(data)?.toString() ?? String(data.value);
  }
}

/** Text, also where it is padded with NULs as names of a fixed length are; else hexadecimal digits. */
function textOrHex(octets: Uint8Array): string {
  const text = unfilled(octets);
  return isPrintable(text) ? toLatin1(text) : toHex(octets);
}

/** The date-time, where one is declared: any twelve octets count, even if a field such as the day of week is wrong. */
export function declaredDateTime(data: Data): CosemDateTime | undefined {
  const octets = data.type === 'octet-string' || data.type === 'date-time' ? data.value : undefined;
  return octets?.length === 12 ? CosemDateTime.fromBytes(octets) : undefined;
}

/** The date-time, also in an octet-string of twelve octets that can be one. */
export function dateTimeOf(data: Data): CosemDateTime | undefined {
  if (data.type === 'date-time') return CosemDateTime.fromBytes(data.value);
  if (data.type !== 'octet-string' || data.value.length !== 12) return undefined;
  const time = CosemDateTime.fromBytes(data.value);
  if (likelyDateTime(data.value) !== undefined) return time;
  // Meters in the field send month 0 and day 0 for "never", and impossible deviations.
  return time.with({ deviation: 0, status: 0 }).problem() === undefined || isUnset(time) ? time : undefined;
}

function isUnset({ month, dayOfMonth }: CosemDateTime): boolean {
  return month === 0 && dayOfMonth === 0;
}
