import { DecodeError, StateError } from '../base/errors.js';
import type { Type } from '../codec/type.js';

/**
 * The numbers of the units of scal_unit_type (IEC 62056-6-2, table of physical units) by their symbols. Two quantities that share a
 * symbol are told apart by a word behind it.
 */
export const units = {
  /** Year. */
  a: 1,
  /** Month. */
  mo: 2,
  /** Week. */
  wk: 3,
  /** Day. */
  d: 4,
  /** Hour. */
  h: 5,
  /** Minute. */
  min: 6,
  /** Second. */
  s: 7,
  /** Degree, of a phase angle. */
  '°': 8,
  /** Degree Celsius. */
  '°C': 9,
  /** Money, in the currency of the meter. */
  currency: 10,
  /** Metre. */
  m: 11,
  /** Metre per second. */
  'm/s': 12,
  /** Cubic metre. */
  'm³': 13,
  /** Cubic metre at base conditions. */
  'm³ corrected': 14,
  /** Cubic metre per hour. */
  'm³/h': 15,
  /** Cubic metre per hour at base conditions. */
  'm³/h corrected': 16,
  /** Cubic metre per day. */
  'm³/d': 17,
  /** Cubic metre per day at base conditions. */
  'm³/d corrected': 18,
  /** Litre. */
  l: 19,
  /** Kilogram. */
  kg: 20,
  /** Newton, of force. */
  N: 21,
  /** Newton metre, of energy. */
  Nm: 22,
  /** Pascal, of pressure. */
  Pa: 23,
  /** Bar, of pressure. */
  bar: 24,
  /** Joule, of energy. */
  J: 25,
  /** Joule per hour, of thermal power. */
  'J/h': 26,
  /** Watt, of active power. */
  W: 27,
  /** Volt-ampere, of apparent power. */
  VA: 28,
  /** Var, of reactive power. */
  var: 29,
  /** Watt-hour, of active energy. */
  Wh: 30,
  /** Volt-ampere-hour, of apparent energy. */
  VAh: 31,
  /** Var-hour, of reactive energy. */
  varh: 32,
  /** Ampere, of current. */
  A: 33,
  /** Coulomb, of electrical charge. */
  C: 34,
  /** Volt, of voltage. */
  V: 35,
  /** Volt per metre, of electric field strength. */
  'V/m': 36,
  /** Farad, of capacitance. */
  F: 37,
  /** Ohm, of resistance. */
  Ω: 38,
  /** Ohm square metre per metre, of resistivity. */
  'Ωm²/m': 39,
  /** Weber, of magnetic flux. */
  Wb: 40,
  /** Tesla, of magnetic flux density. */
  T: 41,
  /** Ampere per metre, of magnetic field strength. */
  'A/m': 42,
  /** Henry, of inductance. */
  H: 43,
  /** Hertz, of frequency. */
  Hz: 44,
  /** Impulses per watt-hour: the constant of an active energy meter. */
  '1/Wh': 45,
  /** Impulses per var-hour: the constant of a reactive energy meter. */
  '1/varh': 46,
  /** Impulses per volt-ampere-hour: the constant of an apparent energy meter. */
  '1/VAh': 47,
  /** Volt-squared hour. */
  'V²h': 48,
  /** Ampere-squared hour. */
  'A²h': 49,
  /** Kilogram per second, of mass flux. */
  'kg/s': 50,
  /** Siemens, of conductance. */
  S: 51,
  /** Kelvin. */
  K: 52,
  /** Impulses per volt-squared hour. */
  '1/V²h': 53,
  /** Impulses per ampere-squared hour. */
  '1/A²h': 54,
  /** Impulses per cubic metre. */
  '1/m³': 55,
  /** Per cent. */
  '%': 56,
  /** Ampere-hour. */
  Ah: 57,
  /** Watt-hour per cubic metre. */
  'Wh/m³': 60,
  /** Joule per cubic metre, of calorific value. */
  'J/m³': 61,
  /** Mole per cent, of a part of a gas. */
  'mol%': 62,
  /** Gram per cubic metre, of mass density. */
  'g/m³': 63,
  /** Pascal second, of dynamic viscosity. */
  'Pa s': 64,
  /** Joule per kilogram, of specific energy. */
  'J/kg': 65,
  /** Gram per square centimetre, of pressure. */
  'g/cm²': 66,
  /** Standard atmosphere, of pressure. */
  atm: 67,
  /** Decibel above one milliwatt, of signal strength. */
  dBm: 70,
  /** Decibel above one microvolt, of signal strength. */
  dBµV: 71,
  /** Decibel, of a ratio. */
  dB: 72,
  /** Inch. */
  in: 128,
  /** Foot. */
  ft: 129,
  /** Pound. */
  lb: 130,
  /** Degree Fahrenheit. */
  '°F': 131,
  /** A unit that the table does not have. */
  other: 254,
  /** No unit: a count, a ratio, a text. */
  none: 255,
} as const;

/** A unit by its symbol: `Wh`; by its number where the table has no symbol for it: `unit-133`. */
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

/** The unit that a number of the table stands for; one that has no entry keeps its number: nothing is guessed. */
export function unitOf(code: number): Unit {
  return BY_CODE.get(code) ?? `unit-${code}`;
}

/**
 * The number of a unit.
 * @throws StateError for what is not a unit.
 */
export function unitCode(symbol: Unit): number {
  const code = (units as Readonly<Record<string, number>>)[symbol] ?? numbered(symbol);
  if (code === undefined) {
    throw new StateError(`'${symbol}' is no unit of the table`, {
      hint: "such as 'Wh', 'V', or 'none' for a count",
    });
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
