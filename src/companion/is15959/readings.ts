/** Values of an Indian meter by the names that people use. */

import { clientObject } from '../../cosem/class.js';
import { ClockClass } from '../../cosem/classes/clock.js';
import { DisconnectControlV0 } from '../../cosem/classes/disconnect-control.js';
import { DataClass, ExtendedRegister, Register } from '../../cosem/classes/storage.js';
import { Limiter } from '../../cosem/classes/time.js';
import {
  CLOCK_STATES,
  CONTROL_MODES,
  CONTROL_STATES,
  type Money,
  type Presentation,
  type ReadingGroup,
  type ReadingSpec,
} from '../companion.js';

/** Meter type codes of the name plate. */
export const METER_TYPES = { 6: 'single phase', 7: 'three phase, direct connected' } as const;
export const METERING_MODES = { 0: 'forward only', 1: 'import and export' } as const;
export const PAYMENT_MODES = { 0: 'post-paid', 1: 'pre-paid' } as const;

/**
 * Prepaid amounts are whole paise. The available sources give no scale, but the amounts seen in the field, and those of the virtual meter, are in
 * paise.
 */
const RUPEES: Money = { currency: 'INR', scaler: -2 };

/** Logical names of the prepaid objects in the family 94.96. Older meters keep them in 94.91: see {@link olderPrepaidName}. */
export const PREPAID = {
  meteringMode: '0.0.94.96.19.255',
  paymentMode: '0.0.94.96.20.255',
  lastTokenAmount: '0.0.94.96.21.255',
  lastTokenTime: '0.0.94.96.22.255',
  totalAtLastRecharge: '0.0.94.96.23.255',
  balance: '0.0.94.96.24.255',
  balanceTime: '0.0.94.96.25.255',
} as const;

/** The name of a prepaid object in the older family 94.91. */
export function olderPrepaidName(name: string): string {
  return name.replace('0.0.94.96.', '0.0.94.91.');
}

function register(key: string, title: string, name: string): ReadingSpec {
  const object = clientObject(Register, `${name}.255`);
  return { key, title, attribute: object.value, scalerUnit: object.scalerUnit };
}

function demand(key: string, title: string, name: string): readonly ReadingSpec[] {
  const object = clientObject(ExtendedRegister, `${name}.255`);
  return [
    { key, title, attribute: object.value, scalerUnit: object.scalerUnit },
    { key: `${key}Time`, title: `${title} time`, attribute: object.captureTime, presentation: 'date-time' },
  ];
}

function data(key: string, title: string, name: string, presentation?: Presentation): ReadingSpec {
  const attribute = clientObject(DataClass, name.endsWith('.255') ? name : `${name}.255`).value;
  return presentation === undefined ? { key, title, attribute } : { key, title, attribute, presentation };
}

function prepaid(key: keyof typeof PREPAID, title: string, presentation: Presentation): ReadingSpec {
  const name = PREPAID[key];
  return { ...data(key, title, name, presentation), alternatives: [olderPrepaidName(name)] };
}

const clock = clientObject(ClockClass, '0.0.1.0.0.255');
const relay = clientObject(DisconnectControlV0, '0.0.96.3.10.255');
const limiter = clientObject(Limiter, '0.0.17.0.0.255');

/** Topics of readings of an Indian meter. */
export type Is15959Topic = 'nameplate' | 'clock' | 'energy' | 'balance' | 'relay' | 'instant';

/** Objects of both categories; a client reads those that the meter has. */
export const readings: readonly ReadingGroup<Is15959Topic>[] = [
  {
    key: 'nameplate',
    title: 'Name plate',
    readings: [
      data('serial', 'Meter serial number', '0.0.96.1.0', 'text'),
      data('deviceId', 'Device ID', '0.0.96.1.2', 'text'),
      data('manufacturer', 'Manufacturer', '0.0.96.1.1', 'text'),
      data('firmware', 'Firmware version', '1.0.0.2.0', 'text'),
      data('meterType', 'Meter type', '0.0.94.91.9', METER_TYPES),
      data('category', 'Meter category', '0.0.94.91.11', 'text'),
      data('currentRating', 'Current rating', '0.0.94.91.12', 'text'),
      data('year', 'Year of manufacture', '0.0.96.1.4', 'text'),
      data('logicalDeviceName', 'Logical device name', '0.0.42.0.0', 'text'),
    ],
  },
  {
    key: 'clock',
    title: 'Clock',
    readings: [
      { key: 'time', title: 'Time', attribute: clock.time, presentation: 'date-time' },
      { key: 'timeZone', title: 'Time zone, minutes from local time to UTC', attribute: clock.timeZone },
      { key: 'clockStatus', title: 'Clock status', attribute: clock.status, presentation: CLOCK_STATES },
    ],
  },
  {
    key: 'energy',
    title: 'Energy',
    readings: [
      register('activeImport', 'Active energy import', '1.0.1.8.0'),
      register('apparentImport', 'Apparent energy import', '1.0.9.8.0'),
      register('activeExport', 'Active energy export', '1.0.2.8.0'),
      register('apparentExport', 'Apparent energy export', '1.0.10.8.0'),
      ...demand('maximumDemandActive', 'Maximum demand kW', '1.0.1.6.0'),
      ...demand('maximumDemandApparent', 'Maximum demand kVA', '1.0.9.6.0'),
    ],
  },
  {
    key: 'balance',
    title: 'Prepayment',
    readings: [
      prepaid('meteringMode', 'Metering mode', METERING_MODES),
      prepaid('paymentMode', 'Payment mode', PAYMENT_MODES),
      prepaid('balance', 'Current balance', RUPEES),
      prepaid('balanceTime', 'Balance time', 'date-time'),
      prepaid('lastTokenAmount', 'Last token amount', RUPEES),
      prepaid('lastTokenTime', 'Last token time', 'date-time'),
      prepaid('totalAtLastRecharge', 'Total at last recharge', RUPEES),
    ],
  },
  {
    key: 'relay',
    title: 'Relay',
    readings: [
      { key: 'outputState', title: 'Supply connected', attribute: relay.outputState },
      { key: 'controlState', title: 'Control state', attribute: relay.controlState, presentation: CONTROL_STATES },
      { key: 'controlMode', title: 'Control mode', attribute: relay.controlMode, presentation: CONTROL_MODES },
      { key: 'loadLimit', title: 'Load limit', attribute: limiter.thresholdActive, fixed: { scaler: 0, unit: 'W' } },
    ],
  },
  {
    key: 'instant',
    title: 'Instantaneous values',
    readings: [
      register('voltage', 'Voltage', '1.0.12.7.0'),
      register('current', 'Phase current', '1.0.11.7.0'),
      register('neutralCurrent', 'Neutral current', '1.0.91.7.0'),
      ...['R', 'Y', 'B'].flatMap((phase, i) => [
        register(`voltage${phase}`, `Voltage ${phase}`, `1.0.${32 + 20 * i}.7.0`),
        register(`current${phase}`, `Current ${phase}`, `1.0.${31 + 20 * i}.7.0`),
        register(`powerFactor${phase}`, `Power factor ${phase}`, `1.0.${33 + 20 * i}.7.0`),
      ]),
      register('powerFactor', 'Power factor', '1.0.13.7.0'),
      register('frequency', 'Frequency', '1.0.14.7.0'),
      register('activePower', 'Active power', '1.0.1.7.0'),
      register('apparentPower', 'Apparent power', '1.0.9.7.0'),
      register('reactivePower', 'Reactive power', '1.0.3.7.0'),
    ],
  },
];
