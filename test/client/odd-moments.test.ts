/** Dates and times with a wrong field that stand deeper than an attribute: told by a remark, refused by name where the caller is strict. */
import { expect, test } from 'vitest';
import type { Data } from '../../src/codec/data.js';
import { octets, structureOf, u16, u32 } from '../../src/codec/make.js';
import { NotificationReceiver, type OpenOptions, PushReceiver, type Remark } from '../../src/index.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { notification } from '../push/lines.js';
import { rowTime, ServedMeter } from '../support/served-meter.js';

const LOAD = '1.0.99.1.0.255';
/** 1 January 2026 is a Thursday, which is 4. */
const odd = rowTime(0, { dayOfWeek: 0 });
const right = rowTime(0);

async function read(stamp: typeof odd, what: 'rows' | 'told' | 'structure' | 'list', more: OpenOptions = {}) {
  const inside: Data = structureOf([u16(1), { type: 'date-time', value: stamp.toBytes() }]);
  const rows = [0, 1, 2].map((i) => [octets(stamp.toBytes()), u32(i), u16(1)]);
  const served = new ServedMeter({ rows, attributes: { '1:0.0.96.13.0.255:2': inside } });
  const remarks: Remark[] = [];
  const run = async () => {
    await using meter = await served.open({ framing: 'wrapper', onRemark: (remark) => remarks.push(remark), ...more });
    if (what === 'rows') await meter.profile(LOAD).rows({});
    else if (what === 'told') await meter.profile(LOAD).rows({}, { onRow: () => {} });
    else if (what === 'structure') await meter.get(meter.data('0.0.96.13.0.255').value);
    else await meter.getAll([meter.register('1.0.1.8.0.255').value, meter.data('0.0.96.13.0.255').value]);
  };
  await served.clock.run(run());
  return remarks.map(({ code, weight, target }) => [code, weight, target]);
}

test.each([
  ['rows', `7:${LOAD}:2`],
  ['told', `7:${LOAD}:2`],
  ['structure', '1:0.0.96.13.0.255:2'],
  ['list', '1:0.0.96.13.0.255:2'],
] as const)('%s: one remark, and strictly a refusal', async (what, target) => {
  expect(await read(odd, what)).toEqual([['day-of-week', 'detail', target]]);
  await expect(read(odd, what, { strict: true })).rejects.toThrow(/deviates from the standard \(day-of-week: /);
  expect(await read(odd, what, { strict: true, lenient: false }).catch((error) => error.message)).toContain(target);
  for (const strict of [false, true]) expect(await read(right, what, { strict })).toEqual([]);
});

const clock = (stamp: typeof odd) =>
  structureOf([
    octets(Uint8Array.of(0, 0, 1, 0, 0, 255)),
    octets(stamp.toBytes()),
    octets(Uint8Array.of(1, 0, 1, 8, 0, 255)),
    u32(7),
  ]);

test.each([
  ['the time of the message', notification(u32(1), odd), notification(u32(1), right)],
  ['a clock in it', notification(clock(odd)), notification(clock(right))],
  [
    'a tagged one inside a structure',
    notification(structureOf([{ type: 'date-time', value: odd.toBytes() }])),
    notification(structureOf([{ type: 'date-time', value: right.toBytes() }])),
  ],
])('a push: %s', (what, wrong, sound) => {
  for (const strict of [false, true]) {
    const remarks: string[] = [];
    const notifications = new NotificationReceiver({
      crypto: nodeCrypto,
      keysOf: () => undefined,
      strict,
      onRemark: ({ code }) => remarks.push(code),
    });
    const take = (bytes: Uint8Array) => new PushReceiver({ notifications, mode: 'datagram' }).receive(bytes);
    expect(take(sound)).toMatchObject([{ type: 'push' }]);
    expect(remarks).toEqual([]);
    const events = take(wrong);
    if (strict) {
      const message = expect.stringContaining('day-of-week: day of week 0');
      expect(events).toMatchObject([{ type: 'refused', error: { message } }]);
    } else {
      expect(events).toMatchObject([{ type: 'push' }]);
      expect(remarks).toEqual(['day-of-week']);
    }
    // A program that resolves pushes itself hears the same of what the message declares.
    if (what === 'a clock in it') continue;
    if (strict) expect(() => notifications.receive(wrong)).toThrow('day-of-week');
    else expect(notifications.receive(wrong).apdu.type).toBe('data-notification');
  }
});
