/** One object has one name, by whichever way a program asks. */

import { describe, expect, it } from 'vitest';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { VirtualClock } from '../../src/base/clock.js';
import { generic, valueName } from '../../src/classes.js';
import { is15959, type Meter, type OpenOptions, open } from '../../src/index.js';
import { findCompanion } from '../../src/tools.js';
import { START } from '../simulator/support.js';

const VOLTAGE = '1.0.32.7.0.255';
const clock = new VirtualClock(START);
const virtual = createMeter('is15959-3ph', { clock, seed: 7 });

async function withMeter<T>(work: (meter: Meter) => Promise<T>, options: OpenOptions = {}): Promise<T> {
  return clock.run(
    (async () => {
      const line = await virtual.line({ framing: 'wrapper' });
      const meter = await open(line, { framing: 'wrapper', clock, ...openOptionsOf(virtual, 'utility'), ...options });
      const result = await work(meter);
      await meter.close();
      return result;
    })(),
  );
}

/** The name of the voltage of the first phase, asked for in four ways. */
async function names(meter: Meter): Promise<string[]> {
  const voltage = is15959.readings
    .flatMap(({ readings }) => readings)
    .filter(({ attribute }) => attribute.logicalName === VOLTAGE);
  const [asked] = await meter.readings(voltage);
  const profile = meter.profile('1.0.94.91.0.255');
  const column = (await profile.columns()).find(({ logicalName }) => logicalName === VOLTAGE);
  const [row] = await profile.rows({ last: 1 });
  return [
    (await meter.reading(VOLTAGE)).name,
    asked?.ok === true ? asked.value.name : 'not read',
    column?.name ?? 'no column',
    row?.get(VOLTAGE)?.name ?? 'no row',
  ];
}

describe('the voltage of the first phase', () => {
  it('has one name where the specification of the meter is given', async () => {
    expect(await withMeter(names, { companion: is15959 })).toEqual(Array(4).fill('Voltage R'));
  });

  it('has one name where the specification was found', async () => {
    const found = await withMeter(async (meter) => {
      expect(meter.companion).toBeUndefined();
      const companion = await findCompanion(meter);
      expect([companion, meter.companion]).toEqual([is15959, is15959]);
      return names(meter);
    });
    expect(found).toEqual(Array(4).fill('Voltage R'));
  });

  it('has the name of the standard where nothing is known of the meter', async () => {
    expect(await withMeter(async (meter) => (await meter.reading(VOLTAGE)).name)).toBe('Voltage L1');
    expect(valueName(undefined, { logicalName: VOLTAGE, attributeId: 2 })).toBe('Voltage L1');
    expect(valueName(generic, { logicalName: VOLTAGE, attributeId: 2 })).toBe('Voltage L1');
  });
});
