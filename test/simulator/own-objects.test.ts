import { expect, it } from 'vitest';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { i16, Register } from '../../src/classes.js';
import { AccessError, open, VirtualClock } from '../../src/index.js';
import { object } from '../../src/server.js';

const NAME = '0.0.96.9.0.255';
const temperature = (rights?: Parameters<typeof object>[3]) =>
  object(Register, NAME, { value: () => i16(215), scalerUnit: { scaler: -1, unit: '°C' } }, rights);

async function readAs(who: string, rights?: Parameters<typeof object>[3]): Promise<string> {
  const clock = new VirtualClock(Date.UTC(2026, 0, 2));
  const virtual = createMeter('is15959-1ph', { clock, seed: 1, objects: [temperature(rights)] });
  const meter = await open(await virtual.line(), { clock, ...openOptionsOf(virtual, who) });
  try {
    const listed = (await meter.objects()).some(({ logicalName }) => logicalName === NAME);
    return `${listed} ${(await meter.reading(NAME)).text}`;
  } catch (error) {
    if (error instanceof AccessError) return error.result;
    throw error;
  } finally {
    await meter.close();
    virtual.stop();
  }
}

it.each([
  ['public', undefined, 'true 21.5 °C'],
  ['utility', undefined, 'true 21.5 °C'],
  ['utility', { read: ['utility'] }, 'true 21.5 °C'],
  ['public', { read: ['utility'] }, 'object-undefined'],
] as const)('an object of one’s own in the virtual meter, read as %s under %j', async (who, rights, expected) => {
  expect(await readAs(who, rights)).toBe(expected);
});

it('no name of the meter is taken', () => {
  const clock = new VirtualClock(Date.UTC(2026, 0, 2));
  const again = object(Register, '1.0.1.8.0.255', { value: i16(1), scalerUnit: { scaler: 0, unit: 'Wh' } });
  expect(() => createMeter('is15959-1ph', { clock, seed: 1, objects: [again] })).toThrow(/there already/);
});
