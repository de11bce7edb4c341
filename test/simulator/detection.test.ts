/** Tamper and quality events: detected from the quantities, with their times, in the logs that the client reads. */

import { describe, expect, test } from 'vitest';
import type { MeterControls, MeterProfile, PhaseChoice } from '../../simulator/index.js';
import { DETECTIONS } from '../../simulator/meter/detection.js';
import type { Data } from '../../src/codec/data.js';
import type { Meter } from '../../src/index.js';
import { Bench, HOUR, MINUTE, START } from './support.js';

/** When, by the meter's clock, and which: the lines of a log since the beginning. */
async function eventsOf(meter: Meter, log: number): Promise<string[]> {
  const rows = await meter.profile(`0.0.99.98.${log}.255`).rows();
  return rows
    .filter(({ time }) => (time?.toMillis() ?? 0) > START)
    .map(({ time, values }) => `${time!.toText().slice(11, 19)} ${values[1]!.text}`);
}

async function statusBit(meter: Meter, bit: number): Promise<number> {
  const { value } = await meter.get(meter.data('0.0.94.91.18.255').value);
  const { bytes } = value as { bytes: Uint8Array };
  return (bytes[bit >> 3]! >> (7 - (bit & 7))) & 1;
}

const countOf = async (meter: Meter) => (await meter.get(meter.data('0.0.94.91.0.255').value)).value as number;

type Disturb = (controls: MeterControls, on: boolean) => void;
type Kind = readonly [
  title: string,
  profile: MeterProfile,
  disturb: Disturb,
  log: number,
  codes: readonly [number, number],
  bit: number | undefined,
  seconds: readonly [number, number],
];

const seconds = (name: keyof typeof DETECTIONS): [number, number] => [
  DETECTIONS[name].occurrence,
  DETECTIONS[name].restoration,
];
const volts = (volts: number, phase?: PhaseChoice): Disturb => {
  return (controls, on) => controls.voltage(on ? volts * 10 : undefined, phase);
};
const amps = (percent: number, phase?: PhaseChoice): Disturb => {
  return (controls, on) => controls.current(on ? percent : 100, phase);
};
const [ONE, THREE, CT] = ['is15959-1ph', 'is15959-3ph', 'is15959-ct'] as const;

const KINDS: readonly Kind[] = [
  ['over voltage', ONE, volts(280), 0, [7, 8], 3, seconds('over-voltage')],
  ['low voltage', ONE, volts(180), 0, [9, 10], 4, seconds('low-voltage')],
  ['reverse current', ONE, amps(-100), 1, [51, 52], 6, seconds('reverse-current')],
  ['earth load', ONE, (c, on) => c.earthLoad(on ? 500 : 0), 1, [69, 70], 51, seconds('earth-load')],
  ['magnet', ONE, (c, on) => c.magnet(on), 4, [201, 202], 81, seconds('magnet')],
  [
    'neutral disturbance',
    ONE,
    (c, on) => c.neutral(on ? 'disturbed' : 'sound'),
    4,
    [203, 204],
    82,
    seconds('neutral-disturbance'),
  ],
  [
    'single wire',
    ONE,
    (c, on) => c.neutral(on ? 'missing' : 'sound'),
    4,
    [207, 208],
    undefined,
    seconds('single-wire'),
  ],
  ['module removed', ONE, (c, on) => c.module(on), 4, [209, 210], undefined, seconds('module-removed')],
  ...([0, 1, 2] as const).map(
    (phase): Kind => [
      `phase ${phase} missing`,
      THREE,
      volts(0, phase),
      0,
      [1 + 2 * phase, 2 + 2 * phase],
      phase,
      seconds('phase-missing'),
    ],
  ),
  ['voltage unbalance', THREE, volts(205, 1), 0, [11, 12], 5, seconds('voltage-unbalance')],
  ...([0, 1, 2] as const).map(
    (phase): Kind => [
      `reverse current in phase ${phase}`,
      THREE,
      amps(-100, phase),
      1,
      [51 + 2 * phase, 52 + 2 * phase],
      6 + phase,
      seconds('reverse-current'),
    ],
  ),
  ['current unbalance', THREE, amps(30, 2), 1, [63, 64], 9, seconds('current-unbalance')],
  ...([0, 1, 2] as const).map(
    (phase): Kind => [
      `CT of phase ${phase} open`,
      CT,
      amps(0, phase),
      1,
      [57 + 2 * phase, 58 + 2 * phase],
      undefined,
      seconds('ct-open'),
    ],
  ),
  ['bypass', CT, amps(40, 0), 1, [65, 66], 10, seconds('bypass')],
];

test.each(KINDS)(
  '%s of %s begins and ends after its time',
  async (_, profile, disturb, log, [occurred, restored], bit, [on, off]) => {
    // Metering forward only, so that a current the wrong way round is tampering.
    const bench = new Bench({ profile, seed: 11 });
    const { controls } = bench.meter;
    // Enough flows.
    controls.appliance('load', profile === CT ? 60_000 : 3_000, undefined);
    const meter = await bench.open('reader');
    const tampers = await countOf(meter);
    bench.clock.advance(HOUR - 1000);
    const mine = async () => {
      const events = await eventsOf(meter, log);
      return events.filter((event) => [occurred, restored].some((code) => event.endsWith(` ${code}`)));
    };
    // Too short to count, where it has to last.
    disturb(controls, true);
    bench.clock.advance(Math.max(0, on * 1000 - 1000));
    disturb(controls, false);
    bench.clock.advance(HOUR);
    const before = on === 0 ? 2 : 0;
    expect((await mine()).length).toBe(before);
    const begin = bench.clock.now();
    disturb(controls, true);
    bench.clock.advance(2 * HOUR);
    if (bit !== undefined) expect(await statusBit(meter, bit)).toBe(1);
    const end = bench.clock.now();
    disturb(controls, false);
    bench.clock.advance(2 * HOUR);
    const text = (at: number) => new Date(at + 330 * MINUTE).toISOString().slice(11, 19);
    const events = (await mine()).slice(before);
    expect(events).toEqual([`${text(begin + on * 1000)} ${occurred}`, `${text(end + off * 1000)} ${restored}`]);
    if (bit !== undefined) expect(await statusBit(meter, bit)).toBe(0);
    expect(await countOf(meter)).toBeGreaterThan(tampers);
    expect((await meter.get(meter.data(`0.0.96.11.${log}.255`).value)).type).toBe('long-unsigned');
    await meter.close();
  },
);

describe('power', () => {
  test('a failure ends what was about to be detected, is logged with its return, and counted with its minutes', async () => {
    const bench = new Bench();
    const { controls } = bench.meter;
    const meter = await bench.open('reader');
    const value = async (name: string) => (await meter.get(meter.data(name).value)).value as number;
    const register = async (name: string) => (await meter.get(meter.register(name).value)).value as number;
    const [failures, on] = [await value('0.0.96.7.0.255'), await register('0.0.94.91.14.255')];
    controls.voltage(2800, undefined);
    bench.clock.advance(4 * MINUTE);
    controls.power(false);
    bench.clock.advance(30 * MINUTE);
    controls.power(true);
    // It begins anew with the power.
    bench.clock.advance(4 * MINUTE);
    expect(await eventsOf(meter, 0)).toEqual([]);
    bench.clock.advance(2 * MINUTE);
    expect(await eventsOf(meter, 0)).toEqual(['09:39:00 7']);
    expect(await eventsOf(meter, 2)).toEqual(['09:04:00 101', '09:34:00 102']);
    expect(await value('0.0.96.7.0.255')).toBe(failures + 1);
    expect((await register('0.0.94.91.14.255')) - on).toBe(10);
    await meter.close();
  });

  test('gone and back are in the status word, and pushed while there is breath', async () => {
    const pushes: number[] = [];
    const bench: Bench = new Bench({ onPush: () => pushes.push((bench.clock.now() - START) / MINUTE) });
    const meter = await bench.open('reader');
    bench.clock.advance(MINUTE);
    bench.meter.controls.power(false);
    expect(await statusBit(meter, 85)).toBe(0);
    bench.clock.advance(MINUTE);
    bench.meter.controls.power(true);
    expect(pushes).toEqual([1, 2]);
    await meter.close();
  });
});

describe('what the meter opens its relay for', () => {
  const stateOf = (meter: Meter) => meter.get(meter.disconnectControl().controlState);

  test('too high a current, which is tried again and locked out as an overload is', async () => {
    const bench = new Bench();
    const meter = await bench.open('utility');
    bench.meter.controls.appliance('welder', 9_000, undefined);
    const changes: string[] = [];
    let closed = true;
    for (let second = 0; second < 1800; second++) {
      bench.clock.advance(1000);
      if (bench.meter.connected === closed) continue;
      closed = !closed;
      changes.push(`${closed ? 'on' : 'off'} ${second + 1}`);
    }
    // A minute on, two minutes off, four times; then the lock-out of 300 s.
    expect(changes.slice(0, 10)).toEqual([
      'off 60',
      'on 180',
      'off 240',
      'on 360',
      'off 420',
      'on 540',
      'off 600',
      'on 720',
      'off 780',
      'on 1080',
    ]);
    expect((await eventsOf(meter, 1))[0]).toBe('09:01:00 67');
    expect((await eventsOf(meter, 6))[0]).toBe('09:01:00 301');
    await meter.close();
  });

  test('an open cover, if it is told to: only who opens and closes from afar ends that', async () => {
    const bench = new Bench({ opensOn: ['cover'] });
    const meter = await bench.open('utility');
    bench.clock.advance(MINUTE);
    bench.meter.controls.cover(true);
    expect(await stateOf(meter)).toBe('ready-for-reconnection');
    bench.meter.controls.cover(false);
    bench.meter.pressButton();
    bench.clock.advance(HOUR);
    expect(await stateOf(meter)).toBe('ready-for-reconnection');
    const relay = meter.disconnectControl();
    await meter.call(relay.remoteDisconnect);
    await meter.call(relay.remoteReconnect);
    bench.clock.advance(2000);
    expect(await stateOf(meter)).toBe('connected');
    expect(await eventsOf(meter, 5)).toEqual(['09:01:00 251']);
    const other = new Bench();
    other.meter.controls.cover(true);
    expect(other.meter.connected).toBe(true);
    await meter.close();
  });
});

test('events carry the values of their moment', async () => {
  const bench = new Bench();
  const meter = await bench.open('reader');
  bench.meter.controls.appliance('heater', 2_000, undefined);
  bench.meter.controls.voltage(2_800, undefined);
  bench.clock.advance(5 * MINUTE);
  const energy = (await meter.get(meter.register('1.0.1.8.0.255').value)).value;
  const current = (await meter.get(meter.register('1.0.94.91.14.255').value)).value;
  bench.clock.advance(HOUR);
  const data = await meter.get(meter.profile('0.0.99.98.0.255').object.buffer);
  const row = (data.value as readonly Data[]).at(-1)!.value as readonly Data[];
  expect(row.slice(1, 4).map(({ value }) => value)).toEqual([7, current, 280]);
  expect(row[5]!.value).toBe(energy);
  await meter.close();
});
