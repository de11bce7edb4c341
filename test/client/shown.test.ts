import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { CosemDate, CosemTime, open, VirtualClock } from '../../src/index.js';

it('what was read is shown in a line by console.log, also within other objects', async () => {
  const clock = new VirtualClock(Date.UTC(2026, 10, 23, 3, 30));
  const virtual = createMeter('is15959-1ph', { clock, seed: 7 });
  const meter = await open(await virtual.line(), { clock, ...openOptionsOf(virtual, 'reader') });
  const energy = await meter.reading('1.0.1.8.0.255');
  const [row] = await meter.profile('1.0.99.1.0.255').rows({ last: 1 });
  const time = await meter.get(meter.clock().time);
  await meter.close();

  expect(inspect(energy)).toMatch(/^Reading Active energy import: \d+ Wh$/);
  expect(inspect({ deep: { deeper: [energy.value] } })).toBe(`{ deep: { deeper: [ Decimal ${energy.value} ] } }`);
  expect(inspect(row)).toMatch(/^ProfileRow 2026-11-23 09:00:00 \+05:30: Time .* A$/);
  expect(inspect(time)).toBe('CosemDateTime 2026-11-23 09:00:00 +05:30');
  expect(
    inspect([CosemDate.fromBytes(Uint8Array.of(7, 234, 11, 23, 1)), CosemTime.fromBytes(Uint8Array.of(9, 0, 0, 0))]),
  ).toBe('[ CosemDate 2026-11-23, CosemTime 09:00:00 ]');
});
