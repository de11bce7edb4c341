/** What a meter logs, and what it counts as tampering. */
import { describe, expect, test } from 'vitest';
import { ScriptTable } from '../../src/classes.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import { u16 } from '../../src/codec/make.js';
import type { Meter } from '../../src/index.js';
import { Bench, HOUR, MINUTE, START } from './support.js';

const POWER = 2;
const TRANSACTIONS = 3;

async function codesOf(bench: Bench, meter: Meter, log: number): Promise<number[]> {
  const rows = await bench.clock.run(meter.profile(`0.0.99.98.${log}.255`).rows());
  return rows
    .filter(({ time }) => (time?.toMillis() ?? 0) > START)
    .map(({ values }) => Number(/\d+/.exec(String(values[1]?.text))?.[0]));
}

async function numberAt(bench: Bench, meter: Meter, name: string): Promise<number> {
  return Number((await bench.clock.run(meter.get(meter.data(name).value))).value);
}

const TAMPERS = '0.0.94.91.0.255';

test('an outage is no tampering, a magnet is', async () => {
  const bench = new Bench();
  const { controls } = bench.meter;
  const counted = async () => {
    const meter = await bench.clock.run(bench.open('utility'));
    const seen = [await numberAt(bench, meter, TAMPERS), await codesOf(bench, meter, POWER)] as const;
    await bench.clock.run(meter.close());
    return seen;
  };
  bench.clock.advance(MINUTE);
  const [before] = await counted();
  for (let outages = 1; outages <= 3; outages++) {
    controls.power(false);
    bench.clock.advance(20 * MINUTE);
    controls.power(true);
    bench.clock.advance(20 * MINUTE);
    const [tampers, log] = await counted();
    expect(log.filter((code) => code === 101).length).toBe(outages);
    expect(tampers).toBe(before);
  }
  controls.magnet(true);
  bench.clock.advance(HOUR);
  expect((await counted())[0]).toBe(before + 1);
  bench.meter.stop();
});

describe('a setting that is changed is in the log of transactions, once', () => {
  const CHANGES: readonly (readonly [number, string, (meter: Meter) => Promise<unknown>])[] = [
    [151, 'the clock', (meter) => meter.set(meter.clock().time, CosemDateTime.fromDate(new Date(START + HOUR), -330))],
    [152, 'the demand period', (meter) => meter.set(meter.data('1.0.0.8.0.255').value, u16(900))],
    [153, 'the block period', (meter) => meter.set(meter.data('1.0.0.8.4.255').value, u16(900))],
    [
      165,
      'the filter of the status word',
      (meter) =>
        meter.set(meter.data('0.0.94.91.26.255').value, {
          type: 'bit-string',
          value: { bytes: new Uint8Array(16).fill(0xff), length: 128 },
        }),
    ],
    [166, 'the demand, reset', (meter) => meter.call(meter.object(ScriptTable, '0.0.10.0.1.255').execute, 1)],
  ];

  test.each(CHANGES)('%i: %s', async (code, _, change) => {
    const bench = new Bench();
    bench.clock.advance(MINUTE);
    const meter = await bench.clock.run(bench.open('utility'));
    const before = await numberAt(bench, meter, '0.0.96.2.0.255');
    const tampers = await numberAt(bench, meter, TAMPERS);
    expect(await codesOf(bench, meter, TRANSACTIONS)).not.toContain(code);
    await bench.clock.run(change(meter));
    expect((await codesOf(bench, meter, TRANSACTIONS)).filter((logged) => logged === code)).toEqual([code]);
    expect(await numberAt(bench, meter, '0.0.96.2.0.255')).toBe(before + 1);
    expect(await numberAt(bench, meter, TAMPERS)).toBe(tampers);
    await bench.clock.run(meter.close());
    bench.meter.stop();
  });
});
