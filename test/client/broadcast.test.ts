/** Orders to all meters on a line at once: they obey, and none of them answers. */

import { expect, test } from 'vitest';
import { BENCH_SECRETS, createMeter, type VirtualMeter } from '../../simulator/index.js';
import { decodeApdu } from '../../src/apdu/codec.js';
import { fromHex, fromLatin1 } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import type { Transport, TransportHandler } from '../../src/contracts/transport.js';
import { clientObject } from '../../src/cosem/class.js';
import { ClockClass } from '../../src/cosem/classes/clock.js';
import { DisconnectControlV0 } from '../../src/cosem/classes/disconnect-control.js';
import { MemoryCounterStore } from '../../src/index.js';
import { type BroadcastOptions, openBroadcast } from '../../src/tools.js';
import { memoryPair } from '../../src/transport/memory.js';
import { Bench, START } from '../simulator/support.js';

const CLIENT = 102;
const CLOCK = clientObject(ClockClass, '0.0.1.0.0.255');
const RELAY = clientObject(DisconnectControlV0, '0.0.96.3.10.255');
const TITLE = fromLatin1('CSMHES01');

function security(changes: Partial<NonNullable<BroadcastOptions['security']>> = {}) {
  return {
    systemTitle: TITLE,
    broadcastKey: BENCH_SECRETS.broadcastKey,
    authenticationKey: BENCH_SECRETS.authenticationKey,
    counters: new MemoryCounterStore(),
    ...changes,
  };
}

/** The local time of the beginning, and so many seconds. */
const later = (seconds: number) =>
  new CosemDateTime({
    ...{
      year: 2026,
      month: 11,
      dayOfMonth: 23,
      dayOfWeek: 1,
      hour: 9,
      minute: Math.floor(seconds / 60),
      second: seconds % 60,
    },
    ...{ hundredths: 0, deviation: -330, status: 0 },
  });

/** Meters on one line: each hears all that is sent, and what they send is kept. */
async function street(
  framing: 'hdlc' | 'wrapper',
  count: number,
  options: { readonly broadcastClient?: number } = { broadcastClient: CLIENT },
) {
  const clock = new VirtualClock(START);
  const said: Uint8Array[] = [];
  const ends: Transport[] = [];
  const meters: VirtualMeter[] = [];
  for (let i = 0; i < count; i++) {
    const meter = createMeter('is15959-1ph', { clock, seed: 7 + i, ...options });
    const [near, far] = memoryPair({ delivery: 'synchronous' });
    await near.open({ data: (octets) => said.push(octets), closed: () => {} });
    await meter.attach(far, { framing, ...(framing === 'hdlc' ? { lower: 16 + i } : {}) });
    ends.push(near);
    meters.push(meter);
  }
  const sent: Uint8Array[] = [];
  const line: Transport = {
    name: 'street',
    open: async (_: TransportHandler) => {},
    write: (octets) => {
      sent.push(octets.slice());
      for (const end of ends) end.write(octets.slice());
    },
    close: async () => {},
  };
  /** How far each clock is from the true one, in seconds. */
  const offsets = () => meters.map((meter) => Math.round((Date.parse(`${meter.face().time}Z`) - clock.now()) / 1000));
  return { clock, meters, line, said, sent, offsets };
}

test.each([
  ['hdlc', 1],
  ['hdlc', 2],
  ['hdlc', 4],
  ['wrapper', undefined],
] as const)(
  'three meters by %s (addresses of %s octets) set their clocks, and none says a word',
  async (framing, addressSize) => {
    const { line, said, offsets } = await street(framing, 3);
    const before = offsets();
    const all = await openBroadcast(line, {
      framing,
      client: CLIENT,
      security: security(),
      ...(addressSize && { addressSize }),
    });
    await all.set(CLOCK.time, later(30));
    expect(offsets().map((offset, i) => offset - (before[i] as number))).toEqual([30, 30, 30]);
    expect(said).toEqual([]);
    await all.close();
  },
);

test('each goes out under the broadcast key with a counter of its own, and comes only once', async () => {
  const { clock, line, sent, offsets, said } = await street('wrapper', 2);
  const counters = new MemoryCounterStore();
  const all = await openBroadcast(line, { framing: 'wrapper', client: CLIENT, security: security({ counters }) });
  await Promise.all([all.set(CLOCK.time, later(10)), all.set(CLOCK.time, later(5))]);
  const before = offsets();
  const seen = sent.map((octets) => decodeApdu(octets.subarray(8)));
  expect(seen.map((apdu) => apdu.type === 'ciphered' && apdu.securityControl)).toEqual([0x70, 0x70]);
  const [first, second] = seen.map((apdu) => (apdu.type === 'ciphered' ? apdu.invocationCounter : -1));
  expect(second).toBe((first as number) + 1);
  // The same again is a replay: it would set the clocks back.
  clock.advance(100_000);
  for (const octets of sent.slice()) line.write(octets);
  expect(offsets()).toEqual(before);
  expect(said).toEqual([]);
});

test('nobody obeys without the key, under another key, from another client, or what a broadcast may not do', async () => {
  const { line, meters, offsets, said } = await street('hdlc', 2);
  const before = offsets();
  const framing = 'hdlc';
  const relays = () => meters.map((meter) => meter.face().relay?.closed);
  const relaysBefore = relays();
  expect(relaysBefore).toEqual([true, true]);
  const tries: BroadcastOptions[] = [
    { framing, client: CLIENT },
    { framing, client: CLIENT, security: security({ broadcastKey: fromHex('00'.repeat(16)) }) },
    { framing, client: CLIENT, security: security({ authenticationKey: fromHex('00'.repeat(16)) }) },
    { framing, client: 103, security: security() },
  ];
  for (const options of tries) {
    const all = await openBroadcast(line, options);
    await all.set(CLOCK.time, later(30));
  }
  const all = await openBroadcast(line, { framing, client: CLIENT, security: security() });
  await all.call(RELAY.remoteDisconnect, 0 as never);
  expect(offsets()).toEqual(before);
  expect(relays()).toEqual(relaysBefore);
  expect(said).toEqual([]);
});

test('a meter that was not told of the client obeys nobody', async () => {
  const { line, offsets } = await street('hdlc', 1, {});
  const before = offsets();
  const all = await openBroadcast(line, { client: CLIENT, security: security() });
  await all.set(CLOCK.time, later(30));
  expect(offsets()).toEqual(before);
});

test('what cannot be is refused before it goes out, and no counter is spent', async () => {
  const { line, sent } = await street('hdlc', 1);
  const short = { broadcastKey: fromHex('0011') };
  await expect(openBroadcast(line, { client: CLIENT, security: security(short) })).rejects.toThrow(StateError);
  await expect(openBroadcast(line, { client: CLIENT, key: 1 } as never)).rejects.toThrow(StateError);
  let taken = 0;
  const counters = { next: () => ++taken } as unknown as MemoryCounterStore;
  const all = await openBroadcast(line, { client: CLIENT, security: security({ counters }) });
  await expect(all.call(CLOCK.shiftTime, 100_000)).rejects.toThrow(/8:0.0.1.0.0.255/);
  const long = {
    ...CLOCK.time,
    type: { ...CLOCK.time.type, encode: () => ({ type: 'octet-string', value: new Uint8Array(3000) }) as never },
  };
  await expect(all.set(long as never, undefined as never)).rejects.toThrow(/does not fit into one UI frame/);
  expect([taken, sent.length]).toEqual([0, 0]);
  await all.set(CLOCK.time, later(1));
  expect([taken, sent.length]).toEqual([1, 1]);
});

test('the client of a broadcast is none that the meter has already', () => {
  expect(() => new Bench({ broadcastClient: 48 })).toThrow(StateError);
  expect(() => new Bench({ broadcastClient: 0 })).toThrow(StateError);
});
