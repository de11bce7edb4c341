import { describe, expect, expectTypeOf, test } from 'vitest';
import { encodeApdu } from '../../src/apdu/codec.js';
import { conformanceBits } from '../../src/apdu/conformance.js';
import { AccessError, DecodeError, LinkError, StateError } from '../../src/base/errors.js';
import type { Meter } from '../../src/client/meter.js';
import type { Data } from '../../src/codec/data.js';
import type { CosemDateTime } from '../../src/codec/datetime.js';
import { u8, u32, visible } from '../../src/codec/make.js';
import { untypedObject } from '../../src/cosem/class.js';
import type { Notification } from '../../src/session/notification-forms.js';
import { DEVIATION, rowTime, ServedMeter, type ServedMeterOptions } from '../support/served-meter.js';

async function withMeter(work: (meter: Meter, served: ServedMeter) => Promise<void>, options: ServedMeterOptions = {}) {
  const served = new ServedMeter(options);
  const run = async () => {
    await using meter = await served.open({ framing: 'wrapper' });
    await work(meter, served);
  };
  await served.clock.run(run());
}

const GET_WITH_LIST = 0x03;

describe('get', () => {
  test('one reference gives its value, several a typed tuple in one request', () =>
    withMeter(async (meter, served) => {
      const energy = meter.register('1-0:1.8.0');
      const value = await meter.get(energy.value);
      expectTypeOf(value).toEqualTypeOf<Data>();
      const before = served.requests.length;
      const [raw, scaler, time] = await meter.get(energy.value, energy.scalerUnit, meter.clock().time);
      expectTypeOf(time).toEqualTypeOf<CosemDateTime>();
      expect(raw).toEqual(value);
      expect(scaler).toEqual({ scaler: 1, unit: 'Wh' });
      expect(time.toText()).toBe('2026-01-02 05:30:00 +05:30');
      expect(served.requests.length).toBe(before + 1);
      expect(served.requests.at(-1)![1]).toBe(GET_WITH_LIST);
    }));

  test('without lists in the conformance they are read one after the other', () =>
    withMeter(
      async (meter, served) => {
        const before = served.requests.length;
        const { value, scalerUnit } = meter.register('1.0.12.7.0.255');
        expect(await meter.get(value, scalerUnit)).toEqual([
          { type: 'long-unsigned', value: 2301 },
          { scaler: -1, unit: 'V' },
        ]);
        expect(served.requests.length).toBe(before + 2);
        expect(meter.supports('multiple-references')).toBe(false);
      },
      { conformance: conformanceBits(['get']) },
    ));

  test('what the meter refuses names the object, the reason and what to try', () =>
    withMeter(async (meter) => {
      const energy = meter.register('1.0.99.99.99.255');
      const error = await meter.get(energy.value).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(AccessError);
      expect(error).toMatchObject({ result: 'object-undefined', target: '3:1.0.99.99.99.255:2' });
      expect(error.message).toBe('3:1.0.99.99.99.255:2 (value) cannot be read: object-undefined');
      expect(error.hint).toMatch(/object list/);
      const withheld = await meter.get(meter.register('1.0.32.7.0.255').scalerUnit).catch((thrown) => thrown);
      expect(withheld.message).toMatch(/\(Voltage L1, scalerUnit\) cannot be read: scope-of-access-violated/);
    }));

  test('a value of another type than declared is an error that says where', () =>
    withMeter(async (meter) => {
      const { time } = meter.clock('0.0.96.1.0.255');
      const wrong = { ...time, classId: 1 };
      const error = await meter.get(wrong).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(DecodeError);
      expect(error.message).toContain('1:0.0.96.1.0.255:2');
    }));

  test('tryGetAll keeps what can be read, and says of the rest why not', () =>
    withMeter(async (meter) => {
      const energy = meter.register('1.0.1.8.0.255');
      const missing = meter.register('1.0.99.99.99.255');
      const [good, bad, odd] = await meter.tryGetAll([
        energy.scalerUnit,
        missing.value,
        { ...energy.scalerUnit, attributeId: 2 },
      ]);
      expect(good).toEqual({ ok: true, value: { scaler: 1, unit: 'Wh' } });
      expect(bad.ok === false && bad.error).toBeInstanceOf(AccessError);
      expect(odd.ok === false && odd.error).toBeInstanceOf(DecodeError);
      expect(await meter.tryGetAll([])).toEqual([]);
      expect(await meter.tryGet(energy.value)).toEqual({ ok: true, value: u32(123456) });
    }));

  test('an object of a class that nobody knows is a handle over Data', () =>
    withMeter(async (meter) => {
      const object = meter.untyped(1, '0.0.96.13.0.255', 77);
      expect(await meter.get(object.attribute(2))).toEqual(visible('hello'));
      expect(object.self).toEqual(untypedObject(1, 77, '0.0.96.13.0.255').self);
      expect(() => meter.untyped(1, 'nonsense')).toThrow(StateError);
    }));
});

describe('set and call', () => {
  test('write a value and call a method', () =>
    withMeter(async (meter, served) => {
      await meter.set(meter.data('0.0.96.13.0.255').value, visible('news'));
      expect(served.notes).toBe('news');
      const relay = meter.disconnectControl();
      expect(await meter.call(relay.remoteDisconnect)).toBeUndefined();
      expect(served.relay).toBe(false);
    }));

  test('a refusal says which object, which reason', () =>
    withMeter(async (meter) => {
      const written = await meter.set(meter.register('1.0.1.8.0.255').value, u32(0)).catch((thrown) => thrown);
      expect(written).toBeInstanceOf(AccessError);
      expect(written.message).toMatch(/^3:1\.0\.1\.8\.0\.255:2 \(.*, value\) cannot be written: read-write-denied$/);
      const odd = await meter.set(meter.data('0.0.96.13.0.255').value, u8(1)).catch((thrown) => thrown);
      expect(odd).toMatchObject({ result: 'type-unmatched' });
      const called = await meter.call(meter.register('1.0.1.8.0.255').reset).catch((thrown) => thrown);
      expect(called).toBeInstanceOf(AccessError);
      expect(called.message).toMatch(/^3:1\.0\.1\.8\.0\.255:1\(\) \(.*, reset\) was not executed: /);
    }));

  test('a value that cannot be sent is told before anything is sent', () =>
    withMeter(async (meter, served) => {
      const before = served.requests.length;
      const { timeZone } = meter.clock();
      await expect(meter.set(timeZone, 1e9)).rejects.toThrow(/^8:0\.0\.1\.0\.0\.255:3: /);
      expect(served.requests.length).toBe(before);
    }));

  test('the relay opens, closes, and tells its state', () =>
    withMeter(async (meter) => {
      const relay = meter.relay();
      expect(await relay.status()).toEqual({ connected: true, state: 'connected', mode: 4 });
      expect(await relay.disconnect()).toEqual({ done: true, connected: false, state: 'disconnected', mode: 4 });
      expect((await relay.reconnect()).connected).toBe(true);
    }));
});

describe('the object list', () => {
  test('tells class, name, attributes and what this client may do; it is read once', () =>
    withMeter(async (meter, served) => {
      const [objects] = await Promise.all([meter.objects(), meter.objects()]);
      const before = served.requests.length;
      expect(await meter.objects()).toBe(objects);
      expect(served.requests.length).toBe(before);
      const energy = objects.find((object) => object.logicalName === '1.0.1.8.0.255');
      expect(energy).toMatchObject({ classId: 3, version: 0, className: 'Register' });
      expect(energy!.attributes.map(({ id, name, readable }) => [id, name, readable])).toEqual([
        [1, 'logicalName', true],
        [2, 'value', true],
        [3, 'scalerUnit', true],
      ]);
      const voltage = objects.find((object) => object.logicalName === '1.0.32.7.0.255');
      expect(voltage!.attributes[2]).toMatchObject({ access: 'no-access', readable: false, writable: false });
      const relay = objects.find((object) => object.classId === 70);
      expect(relay!.methods).toEqual([
        { id: 1, name: 'remoteDisconnect', access: 'access', executable: true },
        { id: 2, name: 'remoteReconnect', access: 'access', executable: true },
      ]);
      const profile = objects.find((object) => object.logicalName === '1.0.99.1.0.255');
      expect(profile!.attributes[1]!.selectors).toEqual([1, 2]);
    }));

  test('is asked for again when the first try failed', async () => {
    const served = new ServedMeter({ conformance: conformanceBits(['get']) });
    const meter = await served.clock.run(served.open({ framing: 'wrapper' }));
    // Without block transfer the list does not fit into one answer.
    await expect(served.clock.run(meter.objects())).rejects.toBeInstanceOf(AccessError);
    await expect(served.clock.run(meter.objects())).rejects.toBeInstanceOf(AccessError);
    await served.clock.run(meter.close());
  });
});

describe('calls', () => {
  test('queue: each gets its own answer', () =>
    withMeter(async (meter) => {
      const refs = ['0.0.96.1.0.255', '0.0.96.13.0.255', '0.0.94.91.24.255', '9.9.9.9.9.9'].map((n) => meter.data(n));
      const values = await Promise.all(refs.map(({ value }) => meter.tryGet(value)));
      expect(values.map((outcome) => (outcome.ok ? outcome.value.type : outcome.error.code))).toEqual([
        'octet-string',
        'visible-string',
        'long',
        'access',
      ]);
    }));

  test.each(['hdlc', 'wrapper'] as const)(
    'made before close finish; after it they are refused (%s)',
    async (framing) => {
      const served = new ServedMeter();
      const meter = await served.clock.run(served.open({ framing }));
      const { value } = meter.register('1.0.1.8.0.255');
      const queued = meter.get(value);
      const closing = meter.close();
      expect(meter.close()).toBe(closing);
      await expect(meter.get(value)).rejects.toBeInstanceOf(LinkError);
      expect(await served.clock.run(queued)).toEqual(u32(123456));
      await served.clock.run(closing);
      expect(served.associated).toBe(false);
      await expect(meter.get(value)).rejects.toThrow('the meter was closed');
    },
  );

  test('end with the reason of their signal; the meter stays usable', () =>
    withMeter(async (meter) => {
      const { value } = meter.register('1.0.1.8.0.255');
      const reason = new Error('enough');
      await expect(meter.getAll([value], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      const controller = new AbortController();
      const long = meter.profile('1.0.99.1.0.255').rows({}, { signal: controller.signal });
      queueMicrotask(() => controller.abort(reason));
      await expect(long).rejects.toBe(reason);
      expect(await meter.get(value)).toEqual(u32(123456));
      const kept = new AbortController();
      expect(await meter.getAll([value], { signal: kept.signal })).toEqual([u32(123456)]);
    }));
});

test('a notification is handed over, also in the middle of a reading, and is taken for no answer', async () => {
  const served = new ServedMeter();
  const heard: Notification[] = [];
  const onNotification = (notification: Notification) => heard.push(notification);
  const meter = await served.clock.run(served.open({ framing: 'wrapper', onNotification }));
  const push = encodeApdu({ type: 'data-notification', longInvokeId: 7, body: u8(42) });
  const reading = meter.get(meter.register('1.0.1.8.0.255').value);
  served.lines[0]!.push(push, { client: 16, server: 1 });
  expect(await served.clock.run(reading)).toEqual(u32(123456));
  served.lines[0]!.push(push, { client: 16, server: 1 });
  await served.clock.run(meter.close());
  expect(heard.map(({ apdu }) => apdu.type === 'data-notification' && apdu.body)).toEqual([u8(42), u8(42)]);
});

test('the clock of a test meter shows Indian time', () => {
  expect(rowTime(0).deviation).toBe(DEVIATION);
  expect(rowTime(0).toText()).toBe('2026-01-01 05:30:00 +05:30');
});

describe('notifications of a meter, in a loop', () => {
  const push = (n: number) => encodeApdu({ type: 'data-notification', longInvokeId: n, body: u8(n) });
  const bodyOf = ({ apdu }: Notification) => (apdu.type === 'data-notification' ? apdu.body : undefined);

  test('come as they come, until the meter is closed', async () => {
    const served = new ServedMeter();
    const meter = await served.clock.run(served.open({ framing: 'wrapper' }));
    const heard: unknown[] = [];
    const listening = (async () => {
      for await (const notification of meter.notifications()) heard.push(bodyOf(notification));
      return 'over';
    })();
    for (const n of [1, 2]) served.lines[0]!.push(push(n), { client: 16, server: 1 });
    await served.clock.run(meter.get(meter.register('1.0.1.8.0.255').value));
    await served.clock.run(meter.close());
    expect(await listening).toBe('over');
    expect(heard).toEqual([u8(1), u8(2)]);
  });

  test('end by leaving the loop, by a signal, and with what ended the meter', async () => {
    const served = new ServedMeter();
    const meter = await served.clock.run(served.open({ framing: 'wrapper' }));
    const first = (async () => {
      for await (const notification of meter.notifications()) return bodyOf(notification);
      return undefined;
    })();
    const stop = new AbortController();
    const stopped = meter.notifications({ signal: stop.signal }).next();
    const ended = meter.notifications().next();
    served.lines[0]!.push(push(3), { client: 16, server: 1 });
    await served.clock.run(meter.get(meter.register('1.0.1.8.0.255').value));
    expect(await first).toEqual(u8(3));
    expect((await stopped).done).toBe(false);
    expect((await ended).done).toBe(false);
    const [waiting, other] = [meter.notifications({ signal: stop.signal }).next(), meter.notifications().next()];
    const outcomes = Promise.allSettled([waiting, other]);
    stop.abort(new Error('enough'));
    await served.clock.run(meter.abort(new Error('of no use')));
    expect(await outcomes).toMatchObject([{ reason: { message: 'enough' } }, { reason: { message: 'of no use' } }]);
    await expect(meter.notifications().next()).rejects.toThrow('of no use');
  });

  test('are kept for a slow reader, a thousand of them, the newest', async () => {
    const served = new ServedMeter();
    const meter = await served.clock.run(served.open({ framing: 'wrapper' }));
    const stream = meter.notifications();
    for (let n = 1; n <= 1010; n++) served.lines[0]!.push(push(n & 0xff), { client: 16, server: 1 });
    await served.clock.run(meter.get(meter.register('1.0.1.8.0.255').value));
    await served.clock.run(meter.close());
    let count = 0;
    for await (const notification of stream) {
      if (count === 0) expect(bodyOf(notification)).toEqual(u8(11));
      count++;
    }
    expect(count).toBe(1000);
  });
});
