// What Home Assistant is told of a reading: https://www.home-assistant.io/integrations/sensor.mqtt/
import type { Reading } from 'cosem';

/** The number of a reading, and how Home Assistant shows it. */
export interface Sensor {
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  /** Undefined where Home Assistant has none for the unit. */
  readonly deviceClass: string | undefined;
  readonly stateClass: 'measurement' | 'total_increasing' | undefined;
  /** Exact decimal text. */
  readonly value: string;
}

/** Device classes by unit: of what adds up, and of what is so at a moment. */
const TOTALS = new Map([
  ['Wh', 'energy'],
  ['varh', 'reactive_energy'],
  ['m³', 'gas'],
]);
const MOMENTS = new Map([
  ['W', 'power'],
  ['VA', 'apparent_power'],
  ['var', 'reactive_power'],
  ['V', 'voltage'],
  ['A', 'current'],
  ['Hz', 'frequency'],
]);
const WATER = ['8', '9'];

/** Undefined for what is no number with a unit: texts, times, counts. */
export function sensorOf({ logicalName, name, unit, value }: Reading): Sensor | undefined {
  if (value === undefined || unit === undefined || unit === 'none') return undefined;
  const shown = { id: idOf(logicalName), name, unit, value: value.toString() };
  const total = TOTALS.get(unit);
  if (total === undefined) return { ...shown, deviceClass: MOMENTS.get(unit), stateClass: 'measurement' };
  const [medium = '', , , quantity] = logicalName.split('.');
  // Group D of electricity: 8 rises for ever, 29 and others begin anew with each interval.
  const rises = medium !== '1' || quantity === '8';
  return {
    ...shown,
    deviceClass: WATER.includes(medium) ? 'water' : total,
    stateClass: rises ? 'total_increasing' : undefined,
  };
}

/** Text as a part of a topic and of an identifier: a meter is not to write into other topics. */
export const idOf = (text: string) => text.replace(/[^\w-]/g, '_').slice(0, 64);

export const stateTopic = (meter: string) => `cosem/${meter}/state`;

/** The discovery message of a sensor. */
export function discoveryOf(meter: string, { id, name, unit, deviceClass, stateClass }: Sensor, availability: string) {
  return {
    topic: `homeassistant/sensor/cosem_${meter}/${id}/config`,
    payload: JSON.stringify({
      name,
      unique_id: `cosem_${meter}_${id}`,
      state_topic: stateTopic(meter),
      value_template: `{{ value_json['${id}'] }}`,
      availability_topic: availability,
      unit_of_measurement: unit,
      device_class: deviceClass,
      state_class: stateClass,
      device: { identifiers: [`cosem_${meter}`], name: `Meter ${meter}` },
      origin: { name: 'cosem' },
    }),
  };
}
