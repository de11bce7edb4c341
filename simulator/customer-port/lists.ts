/** What ports send that push DLMS: lists with names, scalers and units, as Norwegian and Austrian meters have them. */

import { fromLatin1 } from '../../src/base/bytes.js';
import { logicalNameToBytes } from '../../src/base/obis.js';
import type { Data } from '../../src/codec/data.js';
import type { Decimal } from '../../src/codec/decimal.js';
import { arrayOf, i16, octets, structureOf, u16, u32, visible } from '../../src/codec/make.js';
import { type Unit, unit } from '../../src/cosem/units.js';
import type { PortMoment } from './form.js';
import type { PortRegisters } from './registers.js';

interface Line {
  readonly name: string;
  readonly data: Data;
  /** Power of ten, and unit; left out for text. */
  readonly scaled?: readonly [scaler: number, unit: Unit];
}

const coefficient = (value: Decimal, scaler: number, most: number): number =>
  Math.min(most, Number(value.rounded(-scaler).coefficientAt(scaler)));
const long = (value: Decimal, scaler: number) => u32(coefficient(value, scaler, 0xffff_ffff));

function number(name: string, value: Decimal, scaler: number, of: Unit): Line {
  return { name, data: long(value, scaler), scaled: [scaler, of] };
}

function powers(registers: PortRegisters): Line[] {
  return [
    number('1.0.1.7.0.255', registers.direction('1.0.1.7.0', 'import'), 0, 'W'),
    number('1.0.2.7.0.255', registers.direction('1.0.1.7.0', 'export'), 0, 'W'),
    number('1.0.3.7.0.255', registers.direction('1.0.3.7.0', 'import'), 0, 'var'),
    number('1.0.4.7.0.255', registers.direction('1.0.3.7.0', 'export'), 0, 'var'),
  ];
}

function energies(registers: PortRegisters): Line[] {
  return [
    number('1.0.1.8.0.255', registers.sum('1.0.1.8.0'), 0, 'Wh'),
    number('1.0.2.8.0.255', registers.sum('1.0.2.8.0'), 0, 'Wh'),
    number('1.0.3.8.0.255', registers.sum('1.0.5.8.0', '1.0.6.8.0'), 0, 'varh'),
    number('1.0.4.8.0.255', registers.sum('1.0.7.8.0', '1.0.8.8.0'), 0, 'varh'),
  ];
}

function phaseLines(registers: PortRegisters, ampere: number): Line[] {
  return [
    ...registers.phases.map(({ current }, i): Line => {
      const data =
        ampere === -1 ? i16(coefficient(current, ampere, 0x7fff)) : u16(coefficient(current, ampere, 0xffff));
      return { name: `1.0.${31 + 20 * i}.7.0.255`, data, scaled: [ampere, 'A'] };
    }),
    ...registers.phases.map(({ voltage }, i): Line => {
      return { name: `1.0.${32 + 20 * i}.7.0.255`, data: u16(coefficient(voltage, -1, 0xffff)), scaled: [-1, 'V'] };
    }),
  ];
}

/** Each element a structure of name, value, and scaler with unit: as Aidon meters send them in Norway. */
function structures(lines: readonly Line[]): Data {
  return arrayOf(
    lines.map(({ name, data, scaled }) =>
      structureOf([octets(logicalNameToBytes(name)), data, ...(scaled === undefined ? [] : [scalerUnit(scaled)])]),
    ),
  );
}

function scalerUnit([scaler, of]: NonNullable<Line['scaled']>): Data {
  return structureOf([{ type: 'integer', value: scaler }, unit.encode(of)]);
}

/** The Norwegian list of 2.5 seconds: active power. */
export function norwegianPower({ registers }: PortMoment): Data {
  return structures(powers(registers).slice(0, 1));
}

/** The Norwegian list of 10 seconds: who it is, powers, currents, voltages; every hour the clock and energies too. */
export function norwegianList({ registers, serial, time }: PortMoment, isHourly: boolean): Data {
  return structures([
    { name: '1.1.0.2.129.255', data: visible('COSEM_V0001') },
    { name: '0.0.96.1.0.255', data: visible(serial) },
    { name: '0.0.96.1.7.255', data: visible('virtual') },
    ...powers(registers),
    ...phaseLines(registers, -1),
    ...(isHourly ? [{ name: '0.0.1.0.0.255', data: octets(time.toBytes()) }, ...energies(registers)] : []),
  ]);
}

/** The Austrian list: the time first, then name, value, and scaler with unit in a row, the meter number last. */
export function austrianList({ registers, serial, time }: PortMoment): Data {
  const lines = [...energies(registers), ...powers(registers), ...phaseLines(registers, -2)];
  return structureOf([
    octets(time.toBytes()),
    ...lines.flatMap(({ name, data, scaled }) => [
      octets(logicalNameToBytes(name)),
      data,
      ...(scaled === undefined ? [] : [scalerUnit(scaled)]),
    ]),
    octets(fromLatin1(serial)),
  ]);
}
