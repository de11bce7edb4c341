/** What P1 ports write: the Dutch companion standard (DSMR 5.0.2), and the recommendation of the Swedish trade. */

import type { CosemDateTime } from '../../src/codec/datetime.js';
import { CLOCK_STATUS } from '../../src/codec/datetime.js';
import { Decimal } from '../../src/codec/decimal.js';
import type { PortMoment } from './form.js';
import type { PortRegisters } from './registers.js';

/** `YYMMDDhhmmss` and S in summer time, W in winter time. */
function stampText({ year, month, dayOfMonth, hour, minute, second, status }: CosemDateTime): string {
  const parts = [year % 100, month, dayOfMonth, hour, minute, second];
  const summer = (status & CLOCK_STATUS.daylightSavingActive) !== 0;
  return `${parts.map((part) => String(part).padStart(2, '0')).join('')}${summer ? 'S' : 'W'}`;
}

/** A number of fixed width: so many digits before the point and behind it. What is more than that is told without its head, as meters do. */
function fixed(value: Decimal, digits: number, behind: number): string {
  const text = value
    .rounded(behind)
    .toString()
    .padStart(digits + (behind === 0 ? 0 : behind + 1), '0');
  return text.slice(-(digits + (behind === 0 ? 0 : behind + 1)));
}

const kilo = (value: Decimal, digits: number, unit: string) => `(${fixed(value.shift(-3), digits, 3)}*${unit})`;
const energy = (value: Decimal) => kilo(value, 6, 'kWh');
const power = (value: Decimal) => kilo(value, 2, 'kW');
const hex = (text: string) =>
  Array.from(text, (c) => c.charCodeAt(0).toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();

/** Dutch P1 (DSMR 5.0.2): tariff 1 is the first time zone of the meter, tariff 2 all others; what is fed in has one tariff. */
export function dutchLines({ registers, serial, time }: PortMoment): readonly string[] {
  const first = registers.sum('1.0.1.8.1');
  return [
    '1-3:0.2.8(50)',
    `0-0:1.0.0(${stampText(time)})`,
    `0-0:96.1.1(${hex(serial)})`,
    `1-0:1.8.1${energy(first)}`,
    `1-0:1.8.2${energy(registers.sum('1.0.1.8.0').minus(first))}`,
    `1-0:2.8.1${energy(registers.sum('1.0.2.8.0'))}`,
    `1-0:2.8.2${energy(new Decimal(0n))}`,
    '0-0:96.14.0(0001)',
    `1-0:1.7.0${power(registers.direction('1.0.1.7.0', 'import'))}`,
    `1-0:2.7.0${power(registers.direction('1.0.1.7.0', 'export'))}`,
    '0-0:96.13.0()',
    ...phaseLines(registers, 3, 0),
  ];
}

/** Swedish P1: totals, reactive energy too, each phase with one decimal. */
export function swedishLines({ registers, time }: PortMoment): readonly string[] {
  return [
    `0-0:1.0.0(${stampText(time)})`,
    `1-0:1.8.0${kilo(registers.sum('1.0.1.8.0'), 8, 'kWh')}`,
    `1-0:2.8.0${kilo(registers.sum('1.0.2.8.0'), 8, 'kWh')}`,
    `1-0:3.8.0${kilo(registers.sum('1.0.5.8.0', '1.0.6.8.0'), 8, 'kvarh')}`,
    `1-0:4.8.0${kilo(registers.sum('1.0.7.8.0', '1.0.8.8.0'), 8, 'kvarh')}`,
    `1-0:1.7.0${kilo(registers.direction('1.0.1.7.0', 'import'), 4, 'kW')}`,
    `1-0:2.7.0${kilo(registers.direction('1.0.1.7.0', 'export'), 4, 'kW')}`,
    `1-0:3.7.0${kilo(registers.direction('1.0.3.7.0', 'import'), 4, 'kvar')}`,
    `1-0:4.7.0${kilo(registers.direction('1.0.3.7.0', 'export'), 4, 'kvar')}`,
    ...phaseLines(registers, 3, 1),
  ];
}

/** Luxembourg: the Dutch telegram with totals and reactive energy, under the key of the customer. */
export function luxembourgLines(moment: PortMoment): readonly string[] {
  const { registers, serial, time } = moment;
  return [
    '1-3:0.2.8(42)',
    `0-0:1.0.0(${stampText(time)})`,
    `0-0:42.0.0(${hex(serial)})`,
    `1-0:1.8.0${energy(registers.sum('1.0.1.8.0'))}`,
    `1-0:2.8.0${energy(registers.sum('1.0.2.8.0'))}`,
    `1-0:3.8.0${kilo(registers.sum('1.0.5.8.0', '1.0.6.8.0'), 6, 'kvarh')}`,
    `1-0:4.8.0${kilo(registers.sum('1.0.7.8.0', '1.0.8.8.0'), 6, 'kvarh')}`,
    `1-0:1.7.0${power(registers.direction('1.0.1.7.0', 'import'))}`,
    `1-0:2.7.0${power(registers.direction('1.0.1.7.0', 'export'))}`,
    ...phaseLines(registers, 3, 0),
  ];
}

/** Voltage with one decimal, current in whole or in tenths of an ampere. */
function phaseLines({ phases }: PortRegisters, digits: number, behind: number): string[] {
  return [
    ...phases.map(({ voltage }, i) => `1-0:${32 + 20 * i}.7.0(${fixed(voltage, 3, 1)}*V)`),
    ...phases.map(({ current }, i) => `1-0:${31 + 20 * i}.7.0(${fixed(current, digits, behind)}*A)`),
  ];
}
