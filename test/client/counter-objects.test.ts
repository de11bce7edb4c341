/** Where meters publish their invocation counters, and what is read there. */
import { expect, test } from 'vitest';
import { usualCounterObjects } from '../../src/client/counter-objects.js';
import type { Meter } from '../../src/client/meter.js';
import { publishedCounter } from '../../src/client/published-counter.js';
import type { Data } from '../../src/codec/data.js';
import { i16, u32, visible } from '../../src/codec/make.js';
import { generic } from '../../src/companion/generic.js';
import { is15959 } from '../../src/companion/is15959/is15959.js';
import { ServedMeter } from '../support/served-meter.js';

test.each([
  [48, is15959, '0.0.43.1.3.255'],
  [32, is15959, '0.0.43.1.2.255'],
  [48, undefined, ['0.0.43.1.3.255', '0.0.43.1.0.255', '0.0.43.1.48.255']],
  [3, undefined, ['0.0.43.1.0.255', '0.0.43.1.3.255']],
  [48, generic, ['0.0.43.1.0.255', '0.0.43.1.48.255']],
  [3, is15959, ['0.0.43.1.0.255', '0.0.43.1.3.255']],
  [0, undefined, ['0.0.43.1.0.255']],
  [256, undefined, ['0.0.43.1.0.255']],
])('client %i, %o', (client, companion, objects) => {
  expect(usualCounterObjects(client, companion)).toEqual(objects);
});

function asked<T>(published: Data, work: (meter: Meter) => Promise<T>): Promise<T> {
  const served = new ServedMeter();
  served.published = published;
  const run = async () => {
    await using meter = await served.open({ framing: 'wrapper' });
    return await work(meter);
  };
  return served.clock.run(run());
}

test('of several objects the first one is read that holds a counter', async () => {
  const objects = ['0.0.43.1.0.255', '0.0.96.13.0.255', '0-0:43.1.3*255', '0.0.96.1.0.255'];
  expect(await asked(u32(7), (meter) => publishedCounter(meter, objects))).toEqual({
    object: '0.0.43.1.3.255',
    counter: 7,
  });
  expect(await asked(i16(-1), (meter) => publishedCounter(meter, objects))).toBeUndefined();
});

test('the one object that was named must be there, and hold a counter', async () => {
  const of = (published: Data, object: string) =>
    asked(published, (meter) => publishedCounter(meter, object).catch((error) => error));
  expect(await of(u32(0), '0.0.43.1.3.255')).toEqual({ object: '0.0.43.1.3.255', counter: 0 });
  expect(await of(visible('9'), '0.0.43.1.3.255')).toMatchObject({
    code: 'decode',
    message: expect.stringContaining('1:0.0.43.1.3.255:2 holds a visible-string, which is not an invocation counter'),
  });
  expect(await of(u32(0), '0.0.43.1.0.255')).toMatchObject({ code: 'access', result: 'object-undefined' });
});
