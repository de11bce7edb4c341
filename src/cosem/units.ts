import { DecodeError, StateError } from '../base/errors.js';
import type { Type } from '../codec/type.js';

/**
 * Units of scal_unit_type (IEC 62056-6-2, table of physical units) by their symbol. Two quantities that share a symbol are told apart
 * by a word behind it.
 */
export const units = {
  a: 1,
  mo: 2,
  wk: 3,
  d: 4,
  h: 5,
  min: 6,
  s: 7,
  '°': 8,
  '°C': 9,
  currency: 10,
  m: 11,
  'm/s': 12,
  'm³': 13,
  'm³ corrected': 14,
  'm³/h': 15,
  'm³/h corrected': 16,
  'm³/d': 17,
  'm³/d corrected': 18,
  l: 19,
  kg: 20,
  N: 21,
  Nm: 22,
  Pa: 23,
  bar: 24,
  J: 25,
  'J/h': 26,
  W: 27,
  VA: 28,
  var: 29,
  Wh: 30,
  VAh: 31,
  varh: 32,
  A: 33,
  C: 34,
  V: 35,
  'V/m': 36,
  F: 37,
  Ω: 38,
  'Ωm²/m': 39,
  Wb: 40,
  T: 41,
  'A/m': 42,
  H: 43,
  Hz: 44,
  '1/Wh': 45,
  '1/varh': 46,
  '1/VAh': 47,
  'V²h': 48,
  'A²h': 49,
  'kg/s': 50,
  S: 51,
  K: 52,
  '1/V²h': 53,
  '1/A²h': 54,
  '1/m³': 55,
  '%': 56,
  Ah: 57,
  'Wh/m³': 60,
  'J/m³': 61,
  'mol%': 62,
  'g/m³': 63,
  'Pa s': 64,
  'J/kg': 65,
  'g/cm²': 66,
  atm: 67,
  dBm: 70,
  dBµV: 71,
  dB: 72,
  in: 128,
  ft: 129,
  lb: 130,
  '°F': 131,
  other: 254,
  none: 255,
} as const;

/** A unit by its symbol; one that the table does not name by its number: `unit-133`. */
export type Unit = keyof typeof units | `unit-${number}`;

const QUANTITIES: Readonly<Record<number, string>> = {
  1: 'time',
  2: 'time',
  3: 'time',
  4: 'time',
  5: 'time',
  6: 'time',
  7: 'time',
  8: 'phase angle',
  9: 'temperature',
  10: 'money',
  11: 'length',
  12: 'speed',
  13: 'volume',
  14: 'corrected volume',
  15: 'volume flux',
  16: 'corrected volume flux',
  17: 'volume flux',
  18: 'corrected volume flux',
  19: 'volume',
  20: 'mass',
  21: 'force',
  22: 'energy',
  23: 'pressure',
  24: 'pressure',
  25: 'energy',
  26: 'thermal power',
  27: 'active power',
  28: 'apparent power',
  29: 'reactive power',
  30: 'active energy',
  31: 'apparent energy',
  32: 'reactive energy',
  33: 'current',
  34: 'electrical charge',
  35: 'voltage',
  36: 'electric field strength',
  37: 'capacitance',
  38: 'resistance',
  39: 'resistivity',
  40: 'magnetic flux',
  41: 'magnetic flux density',
  42: 'magnetic field strength',
  43: 'inductance',
  44: 'frequency',
  45: 'active energy meter constant',
  46: 'reactive energy meter constant',
  47: 'apparent energy meter constant',
  48: 'volt-squared hours',
  49: 'ampere-squared hours',
  50: 'mass flux',
  51: 'conductance',
  52: 'temperature',
  53: 'volt-squared hour meter constant',
  54: 'ampere-squared hour meter constant',
  55: 'volume meter constant',
  56: 'percentage',
  57: 'ampere-hours',
  60: 'energy per volume',
  61: 'calorific value',
  62: 'molar fraction of gas composition',
  63: 'mass density',
  64: 'dynamic viscosity',
  65: 'specific energy',
  66: 'pressure',
  67: 'pressure',
  70: 'signal strength',
  71: 'signal strength',
  72: 'logarithmic ratio',
  128: 'length',
  129: 'length',
  130: 'mass',
  131: 'temperature',
};

const BY_CODE: ReadonlyMap<number, Unit> = new Map(
  Object.entries(units).map(([symbol, code]) => [code, symbol as Unit] as const),
);

/** The unit of a number of the table; one that has no entry keeps its number: nothing is guessed. */
export function unitOf(code: number): Unit {
  return BY_CODE.get(code) ?? `unit-${code}`;
}

/**
 * The number of a unit.
 * @throws StateError for what is no unit.
 */
export function unitCode(symbol: Unit): number {
  const code = (units as Readonly<Record<string, number>>)[symbol] ?? numbered(symbol);
  if (code === undefined) {
    throw new StateError(`'${symbol}' is no unit of the table`, { hint: "such as 'Wh', 'V', or 'none' for a count" });
  }
  return code;
}

/** What a unit measures: `active energy`; empty for a count and for what the table does not name. */
export function unitQuantity(symbol: Unit): string {
  return QUANTITIES[unitCode(symbol)] ?? '';
}

/** How a unit is shown behind a number: nothing for a count, `m³` for corrected volume too. */
export function unitSymbol(symbol: Unit): string {
  return symbol === 'none' || symbol === 'other' ? '' : symbol.replace(' corrected', '');
}

function numbered(symbol: string): number | undefined {
  const digits = /^unit-(\d{1,3})$/.exec(symbol)?.[1];
  return digits !== undefined && Number(digits) <= 255 ? Number(digits) : undefined;
}

/** The typed view of a unit. */
export const unit: Type<Unit> = {
  name: 'enum',
  shape: { kind: 'enum', values: units },
  decode(data) {
    // Some meters send the number as unsigned.
    if (data.type !== 'enum' && data.type !== 'unsigned') {
      throw new DecodeError('bad-tag', `enum expected, ${data.type} found`, -1);
    }
    return unitOf(data.value);
  },
  encode: (symbol) => ({ type: 'enum', value: unitCode(symbol) }),
};
