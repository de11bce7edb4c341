import { fromHex, isPrintable, toLatin1 } from '../base/bytes.js';
import { given } from '../base/given.js';
import { Reading, type ScalerUnit } from '../client/readings.js';
import { logicalNameOf } from '../client/readout.js';
import type { Data } from '../codec/data.js';
import { CLOCK_STATUS, CosemDateTime, DEVIATION_UNSPECIFIED } from '../codec/datetime.js';
import { Decimal } from '../codec/decimal.js';
import { visible } from '../codec/make.js';
import { wireValue } from '../codec/wire-value.js';
import { describeLogicalName } from '../cosem/names.js';
import type { Unit } from '../cosem/units.js';
import type { DataSet, Iec21Message } from '../link/iec21.js';
import { PUSHED_NAMES } from './known-sheets.js';
import { lookUp } from './sheet.js';

/** A telegram of IEC 62056-21 that a port sends by itself. */
export type Telegram = Extract<Iec21Message, { readonly type: 'p1-telegram' }>;

/** The values of a telegram with their meaning. */
export interface TelegramReadings {
  /** The values with name, unit and time, in the order of the telegram. */
  readonly readings: readonly Reading[];
  /** When it was made, as the meter says. */
  readonly time: CosemDateTime | undefined;
  /** The number of the meter, where the telegram tells it. */
  readonly device: string | undefined;
}

const REGISTER = 3;
const EXTENDED_REGISTER = 4;
const DATA = 1;
const MBUS_VALUE = /^0\.\d+\.24\.2\.\d+\.255$/;
const TELEGRAM_TIME = '0.0.1.0.0.255';
/** Objects that hold text in hexadecimal (Dutch P1 companion standard). */
const HEX_TEXT = /^0\.\d+\.(96\.1\.\d+|96\.13\.\d+|42\.0\.0)\.255$/;
const DEVICES = ['0.0.96.1.1.255', '0.0.96.1.0.255', '0.0.42.0.0.255', '1.0.0.0.0.255', '1.0.96.1.0.255'];

/**
 * The data sets of a telegram as readings: numbers with a unit become exact values in the unit of the standard (kWh becomes Wh), all else stays
 * text.
 *
 * @example
 * ```ts
 * const { readings, time, device } = readTelegram(decodeTelegram(octets));
 * ```
 */
export function readTelegram({ dataSets }: Pick<Telegram, 'dataSets'>): TelegramReadings {
  const named = dataSets.flatMap((set) => {
    const logicalName = logicalNameOf(set.address);
    return logicalName === undefined ? [] : [{ logicalName, set }];
  });
  const stamp = named.find(({ logicalName }) => logicalName === TELEGRAM_TIME)?.set.values[0]?.value;
  const time = stamp === undefined ? undefined : timestamp(stamp);
  const readings = named.map(({ logicalName, set }) => readingOf(logicalName, set, time));
  const device = DEVICES.map((name) => readings.find(({ logicalName }) => logicalName === name)?.text).find(Boolean);
  return { readings, time, device };
}

function readingOf(logicalName: string, { values }: DataSet, time: CosemDateTime | undefined): Reading {
  // The value of an M-Bus meter follows the time at which it was captured.
  const captured = values.length > 1 ? timestamp(values[0]?.value ?? '') : undefined;
  const last = values.at(-1) ?? { value: '', unit: null };
  const mbus = MBUS_VALUE.test(logicalName);
  const own = logicalName === TELEGRAM_TIME ? timestamp(last.value) : undefined;
  const of = captured ?? time;
  const common = {
    logicalName,
    attributeId: 2,
    name: lookUp(PUSHED_NAMES, logicalName) ?? describeLogicalName(logicalName) ?? logicalName,
    ...given({ time: of }),
  };
  if (own !== undefined) return new Reading({ ...common, classId: 8, data: dateTimeData(own) });
  const unit = last.unit === null ? undefined : unitOf(last.unit);
  const number = last.unit === null ? undefined : numberIn(last.value);
  if (number === undefined || last.unit === null) {
    const joined = values.map(({ value }) => value).join(' ');
    return new Reading({
      ...common,
      classId: DATA,
      data: visible(HEX_TEXT.test(logicalName) ? textIn(joined) : joined),
    });
  }
  // Leading zeros only fill the field; every digit after the point is significant.
  const written = `${number} ${last.unit}`;
  const data = wireValue('long64', number.coefficient);
  const scalerUnit: ScalerUnit | 'unknown' =
    unit === undefined ? 'unknown' : { scaler: number.exponent + unit.shift, unit: unit.unit };
  return new Reading({ ...common, classId: mbus ? EXTENDED_REGISTER : REGISTER, data, scalerUnit, written });
}

/** Units as telegrams write them, with the unit of the standard and the power of ten between both. */
const UNITS: Readonly<Record<string, readonly [unit: Unit, shift: number]>> = {
  wh: ['Wh', 0],
  varh: ['varh', 0],
  vah: ['VAh', 0],
  w: ['W', 0],
  var: ['var', 0],
  va: ['VA', 0],
  a: ['A', 0],
  v: ['V', 0],
  hz: ['Hz', 0],
  j: ['J', 0],
  m3: ['m³', 0],
  'm³': ['m³', 0],
  s: ['s', 0],
};
const PREFIXES: Readonly<Record<string, number>> = { k: 3, M: 6, G: 9, m: -3, '': 0 };

function unitOf(text: string): { readonly unit: Unit; readonly shift: number } | undefined {
  for (const [prefix, power] of Object.entries(PREFIXES)) {
    const rest = text.slice(prefix.length).toLowerCase();
    if (!text.startsWith(prefix) || !Object.hasOwn(UNITS, rest) || (prefix === 'm' && rest === '3')) continue;
    const [unit, shift] = UNITS[rest] as readonly [Unit, number];
    return { unit, shift: shift + power };
  }
  return undefined;
}

/** The most characters of a number in a telegram. */
const MAX_DIGITS = 18;

function numberIn(text: string): Decimal | undefined {
  return /^-?\d+(\.\d+)?$/.test(text) && text.length <= MAX_DIGITS ? Decimal.parse(text) : undefined;
}

function textIn(hex: string): string {
  if (hex.length === 0 || hex.length % 2 !== 0 || !/^[0-9A-Fa-f]+$/.test(hex)) return hex;
  const octets = fromHex(hex);
  return isPrintable(octets) ? toLatin1(octets) : hex;
}

/** Reads YYMMDDhhmmss with S for summer time or W for winter time. The time zone is that of the country, which the telegram does not tell. */
function timestamp(text: string): CosemDateTime | undefined {
  const match = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)([SW]?)$/.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, dayOfMonth = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const time = new CosemDateTime({
    year: 2000 + year,
    month,
    dayOfMonth,
    hour,
    minute,
    second,
    deviation: DEVIATION_UNSPECIFIED,
    status: match[7] === 'S' ? CLOCK_STATUS.daylightSavingActive : 0,
  });
  return time.problem() === undefined ? time : undefined;
}

function dateTimeData(time: CosemDateTime): Data {
  return wireValue('date-time', time.toBytes());
}
