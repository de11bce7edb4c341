import { describe, expect, test } from 'vitest';
import { createFleet, createMeter, type FleetOptions, openOptionsOf, PROFILES } from '../../simulator/index.js';
import { VirtualClock } from '../../src/base/clock.js';
import { AccessError, StateError } from '../../src/base/errors.js';
import { type Data, type Meter, type OpenOptions, open } from '../../src/index.js';
import { FleetClient, variants } from './kept.js';
import { DAY, HOUR, MINUTE, START } from './support.js';

const NAME = '0.0.42.0.0.255';
const IDLE = 120_000;

function town(options: Partial<FleetOptions> & { readonly profile?: (typeof PROFILES)[number] } = {}) {
  const { profile = 'is15959-1ph', ...rest } = options;
  const clock = new VirtualClock(START);
  const faults: unknown[] = [];
  const onFault = (error: unknown) => faults.push(error);
  const fleet = createFleet(profile, { clock, seed: 500, count: 1000, onFault, ...rest });
  return { clock, fleet, faults, client: new FleetClient(fleet, clock) };
}

const nameOf = async (meter: Meter) =>
  String.fromCharCode(...((await meter.get(meter.data(NAME).value)).value as Uint8Array));
const energyOf = async (meter: Meter) => (await meter.get(meter.register('1.0.1.8.0.255').value)).value as number;

test('a meter is there while somebody speaks to it, and is the meter of its seed', async () => {
  const { clock, fleet, client } = town();
  expect(fleet.live).toBe(0);
  const single = createMeter('is15959-1ph', { clock, seed: 577 });
  expect(fleet.identity(77)).toEqual(single.identity);
  const reading = await open(await single.line({ framing: 'wrapper' }), {
    framing: 'wrapper',
    clock,
    ...openOptionsOf(single, 'reader'),
  } as OpenOptions);
  const energy = await energyOf(reading);
  expect(await client.use(77, 'reader', energyOf)).toBe(energy);
  expect(fleet.live).toBe(1);
  clock.advance(2 * IDLE);
  expect(fleet.live).toBe(0);
  expect(await client.use(77, 'reader', energyOf)).toBe(await energyOf(reading));
});

test('a meter that is spoken to stays, associations and all; one that is not loses them', async () => {
  const { clock, fleet, client } = town();
  let resumed = 0;
  const meter = await client.open(3, 'reader');
  meter.on('resumed', () => resumed++);
  for (let i = 0; i < 20; i++) {
    clock.advance(IDLE / 2);
    expect(await energyOf(meter)).toBeGreaterThan(0);
  }
  expect([fleet.live, resumed]).toEqual([1, 0]);
  clock.advance(2 * IDLE);
  expect(fleet.live).toBe(0);
  // The client notices that its association is gone, and associates again.
  expect(await energyOf(meter)).toBeGreaterThan(0);
  expect([fleet.live, resumed]).toEqual([1, 1]);
});

test('beyond a number of meters the longest silent one leaves for each that comes, none that is spoken to', async () => {
  const { clock, fleet, client } = town({ mostLive: 5 });
  for (let index = 0; index < 8; index++) {
    await client.use(index, 'public', nameOf);
    clock.advance(11_000);
  }
  expect(fleet.live).toBe(5);
  const meters = await Promise.all(Array.from({ length: 9 }, (_, index) => client.open(20 + index, 'reader')));
  expect(fleet.live).toBeGreaterThanOrEqual(9);
  for (const meter of meters) expect(await energyOf(meter)).toBeGreaterThan(0);
  clock.advance(11_000);
  for (let index = 40; index < 60; index++) {
    await client.use(index, 'public', nameOf);
    clock.advance(11_000);
  }
  // One goes for each that comes: there are no more than there were.
  expect(fleet.live).toBeLessThanOrEqual(14);
});

test('what goes wrong with one meter goes wrong with no other, and goes on when it comes back', async () => {
  const { clock, fleet, client } = town({ faultsOf: (meter) => (meter === 3 ? ['refuse-association=permanent'] : []) });
  await expect(client.use(3, 'public', nameOf)).rejects.toThrow(/refused the association/);
  expect(await client.use(4, 'public', nameOf)).toBe(fleet.identity(4).logicalDeviceName);
  const fault = fleet.faults(4).add('refuse-association=permanent');
  clock.advance(2 * IDLE);
  expect(fleet.live).toBe(0);
  await expect(client.use(4, 'public', nameOf)).rejects.toThrow(/refused the association/);
  expect(fleet.meter(4).faults).toBe(fleet.faults(4));
  fleet.meter(4).faults.remove(fault);
  expect(await client.use(4, 'public', nameOf)).toBe(fleet.identity(4).logicalDeviceName);
});

test('there are no more meters than there are', () => {
  const { fleet } = town({ count: 10 });
  for (const index of [-1, 10, 0.5, Number.NaN]) {
    expect(() => fleet.meter(index)).toThrow(StateError);
    expect(() => fleet.identity(index)).toThrow(/the fleet has|there is no meter/);
  }
  expect(() => town({ count: 0 })).toThrow(StateError);
});

describe('nothing that a meter was told is lost while it is not there', () => {
  /** Writes every attribute that can be written, other than it is, and undoes nothing. */
  async function writeEverything(meter: Meter): Promise<number> {
    let written = 0;
    for (const object of await meter.objects()) {
      if (object.classId === 15 || object.classId === 64) continue;
      for (const { id, readable, writable } of object.attributes) {
        if (!readable || !writable) continue;
        const ref = meter.untyped(object.classId, object.logicalName, object.version).attribute(id);
        const before = await meter.tryGet(ref);
        if (!before.ok) continue;
        for (const value of variants(before.value as Data)) {
          if (await accepted(meter.set(ref, value))) written++;
        }
      }
    }
    return written;
  }

  test.each(PROFILES)(
    '%s',
    async (profile) => {
      // One that is always there, and one that leaves as soon as nobody speaks to it.
      const towns = [town({ profile, idle: Number.POSITIVE_INFINITY }), town({ profile, idle: 1 })];
      const dumps: string[][] = [];
      const counts: number[] = [];
      for (const { clock, fleet, client, faults } of towns) {
        const seen: string[] = [];
        const pass = (time: number) => clock.advance(time);
        seen.push(await client.dump(5));
        pass(10 * MINUTE);
        counts.push(await client.use(5, 'utility', writeEverything));
        pass(3000);
        expect(fleet.live).toBe(client === towns[0]?.client ? 1 : 0);
        seen.push(await client.dump(5));
        pass(45 * MINUTE);
        fleet.meter(5).raise(251);
        pass(1000);
        seen.push(await client.dump(5));
        for (let i = 0; i < 3; i++) {
          pass(11 * DAY + 7 * HOUR);
          seen.push(await client.dump(5));
        }
        dumps.push(seen);
        expect(faults).toEqual([]);
      }
      expect(counts[0]).toBeGreaterThan(20);
      expect(counts[1]).toBe(counts[0]);
      for (const [i, dump] of (dumps[0] ?? []).entries()) expect(differences(dump, dumps[1]?.[i] ?? '')).toEqual([]);
    },
    120_000,
  );
});

async function accepted(setting: Promise<void>): Promise<boolean> {
  try {
    await setting;
    return true;
  } catch (error) {
    if (error instanceof AccessError) return false;
    throw error;
  }
}

/** Lines in which two dumps differ: easier to read than both. */
function differences(a: string, b: string): string[] {
  if (a === b) return [];
  const [left, right] = [a.split('\n'), b.split('\n')];
  const found: string[] = [];
  for (let i = 0; i < Math.max(left.length, right.length) && found.length < 20; i++) {
    if (left[i] !== right[i]) found.push(`${i}: ${left[i]} | ${right[i]}`);
  }
  return found;
}
