import { toLatin1 } from '../../base/bytes.js';
import type { Data } from '../../codec/data.js';
import type { MeterCalls } from '../meter-calls.js';
import { dataText } from '../readings.js';
import { type Asked, flagOf, type MeterIdentity, OBJECTS } from './match.js';
import type { QuirkMatch } from './sheet.js';

/** Reads the traits of a meter. A trait that it does not give is empty. @throws LinkError, TimeoutError. */
export async function identify(meter: MeterCalls, wanted: readonly Asked[]): Promise<MeterIdentity> {
  const told: Partial<Record<keyof QuirkMatch, string>> = {};
  // One by one, because it may not be able to handle lists.
  for (const trait of wanted) {
    const outcome = await meter.tryGet(meter.data(OBJECTS[trait]).value);
    told[trait] = outcome.ok ? textOf(outcome.value) : '';
  }
  const { logicalDeviceName: name } = told;
  return name === undefined ? told : { manufacturer: flagOf(name), ...told };
}

/** A name as text. */
export function textOf(value: Data): string {
  return value.type === 'octet-string' ? toLatin1(value.value) : dataText(value);
}
