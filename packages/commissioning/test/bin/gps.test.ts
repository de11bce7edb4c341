import { afterEach, expect, test } from 'vitest';
import { VirtualClock } from '../../../../src/base/clock.js';
import type { Transport, TransportHandler } from '../../../../src/contracts/transport.js';
import { FakeIo } from '../../../../test/bin/fake-io.js';
import { gpsOf } from '../../bin/gps.js';
import { defaultPolicy } from '../../src/policy.js';
import type { Fix } from '../../src/position/fix.js';
import { Bench, START } from '../bench.js';
import { guided } from './commission-guide.js';

const benches: Bench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) bench.dispose();
});

async function bench(): Promise<Bench> {
  const made = new Bench();
  benches.push(made);
  await made.openIndex();
  return made;
}

const FIX: Fix = {
  receiver: 'nmea',
  position: { latitude: 26.8468, longitude: 80.9463 },
  time: START,
  hdop: 0.9,
  satellites: 8,
  estimated: false,
};

test('the position of a receiver goes into the index, and its quality into the record', async () => {
  const b = await bench();
  const { outcome, text } = await guided(b, {}, { gps: async () => FIX });
  expect(outcome.done).toBe(true);
  expect(text).toContain('Position from the GPS receiver: 26.8468, 80.9463 (HDOP 0.9, 8 satellites).');
  expect(b.certificates[0]!.signed.record).toMatchObject({
    position: { by: 'gps', hdop: 0.9, satellites: 8, metres: 15 },
  });
  expect(b.index.ofOrder('WO-1')?.consumer?.position).toEqual(FIX.position);
});

test('a receiver that is not believed is told, and the typed position taken', async () => {
  const b = await bench();
  const gps = async () => ({ code: 'gps-poor', params: { hdop: 12, most: 5 } }) as const;
  const { outcome, text } = await guided(b, { position: { latitude: 26.847, longitude: 80.946 } }, { gps });
  expect(outcome.done).toBe(true);
  expect(text).toContain('The GPS position is poor (HDOP 12, at most 5).');
  expect(b.certificates[0]!.signed.record).toMatchObject({ position: { by: 'typed' } });
});

test('--gps names a port or gpsd, and nothing else', async () => {
  const asked: string[] = [];
  class Silent implements Transport {
    readonly name = 'silent';
    async open(_handler: TransportHandler): Promise<void> {}
    write(): void {}
    async close(): Promise<void> {}
  }
  const io = Object.assign(new FakeIo(), {
    lines: (name: string) => {
      asked.push(name);
      return new Silent();
    },
  });
  for (const told of ['/dev/ttyUSB1', 'COM5@4800', 'gpsd', 'gpsd:10.0.0.9', 'gpsd:gps.local:3000']) {
    const clock = new VirtualClock(START);
    expect(await clock.run(gpsOf(told, io, defaultPolicy, clock)!())).toMatchObject({ code: 'gps-silent' });
  }
  expect(asked).toEqual(['/dev/ttyUSB1', 'COM5', '127.0.0.1:2947', '10.0.0.9:2947', 'gps.local:3000']);
  expect(gpsOf(undefined, io, defaultPolicy)).toBeUndefined();
  for (const told of ['', 'gpsd:', 'gpsd::1', 'gpsd:host:99999', '/dev/ttyUSB1@1']) {
    expect(() => gpsOf(told, io, defaultPolicy)).toThrow('--gps');
  }
});
