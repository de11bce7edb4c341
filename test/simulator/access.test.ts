import { describe, expect, test, vi } from 'vitest';
import { BENCH_SECRETS, MemoryMeterStore, makeImage, type PushedNotification } from '../../simulator/index.js';
import { addressOf } from '../../simulator/meter/push.js';
import { MeterTime } from '../../simulator/meter/time.js';
import { fromLatin1 } from '../../src/base/bytes.js';
import { AccessError, AssociationError, CosemError } from '../../src/base/errors.js';
import type { Data } from '../../src/codec/data.js';
import { CosemDate, CosemDateTime, CosemTime } from '../../src/codec/datetime.js';
import { f32 } from '../../src/codec/make.js';
import { AssociationLnV1 } from '../../src/cosem/classes/access.js';
import { ImageTransfer } from '../../src/cosem/classes/image-transfer.js';
import { PushSetupV0 } from '../../src/cosem/classes/push-setup.js';
import { SecuritySetupV0 } from '../../src/cosem/classes/security-setup.js';
import { Limiter, SingleActionSchedule } from '../../src/cosem/classes/time.js';
import { wrapKey } from '../../src/security/keys.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { NotificationReceiver } from '../../src/session/notification.js';
import { Bench, DAY, HOUR, MINUTE, wattHours } from './support.js';

function received(push: PushedNotification): readonly Data[] {
  const receiver = new NotificationReceiver({
    crypto: nobleCrypto,
    keysOf: () => ({ encryption: BENCH_SECRETS.encryptionKey, authentication: BENCH_SECRETS.authenticationKey }),
    // It encrypts alone, as Indian meters do.
    acceptUnauthenticated: true,
  });
  const { apdu, protection } = receiver.receive(push.apdu);
  expect(protection).toBe('encryption');
  if (apdu.type !== 'data-notification') throw new Error(apdu.type);
  expect(apdu.dateTime).toBeUndefined();
  return apdu.body.value as readonly Data[];
}

function pushing() {
  const pushes: PushedNotification[] = [];
  const bench = new Bench({ onPush: (push) => pushes.push(push) });
  return { bench, pushes };
}

describe('push', () => {
  test('of an event: device id, setup, clock, status word, in general-glo-ciphering', async () => {
    const { bench, pushes } = pushing();
    const meter = await bench.open('utility');
    await meter.call(meter.disconnectControl().remoteDisconnect);
    expect(pushes.length).toBe(1);
    expect(pushes[0]).toMatchObject({
      logicalName: '0.4.25.9.0.255',
      source: 1,
      destination: 64,
      address: '127.0.0.1:4059',
    });
    expect(pushes[0]!.apdu[0]).toBe(0xdb);
    const [device, setup, clock, status] = received(pushes[0]!);
    expect(device).toEqual({ type: 'visible-string', value: 'CSM0000000010000007' });
    expect(setup).toEqual({ type: 'octet-string', value: Uint8Array.of(0, 4, 25, 9, 0, 255) });
    expect(CosemDateTime.fromBytes(clock!.value as Uint8Array).toText()).toBe('2026-11-23 09:00:00 +05:30');
    const bits = status!.value as { bytes: Uint8Array; length: number };
    expect(bits.length).toBe(128);
    expect((bits.bytes[10]! >> 3) & 1).toBe(1);
    await meter.close();
  });

  test('of what a filter hides is not sent', async () => {
    const { bench, pushes } = pushing();
    const meter = await bench.open('utility');
    const filter = { type: 'bit-string', value: { bytes: new Uint8Array(16), length: 128 } } as const;
    await meter.set(meter.data('0.0.94.91.26.255').value, filter);
    bench.meter.raise(201);
    expect(pushes.length).toBe(0);
    const short = { type: 'bit-string', value: { bytes: new Uint8Array(1), length: 8 } } as const;
    await expect(meter.set(meter.data('0.0.94.91.26.255').value, short)).rejects.toThrow(AccessError);
    await meter.close();
  });

  test('by a schedule goes out at its times, and only within its windows', async () => {
    const { bench, pushes } = pushing();
    const meter = await bench.open('utility');
    const schedule = meter.object(SingleActionSchedule, '0.0.15.0.4.255');
    await meter.set(schedule.executionTime, [
      { time: new CosemTime({ minute: 15, second: 0, hundredths: 0 }), date: new CosemDate() },
    ]);
    await meter.close();
    bench.clock.advance(3 * HOUR);
    expect(pushes.map((push) => push.logicalName)).toEqual(new Array(3).fill('0.0.25.9.0.255'));
    const body = received(pushes[2]!);
    expect(CosemDateTime.fromBytes(body[2]!.value as Uint8Array).toText()).toBe('2026-11-23 11:15:00 +05:30');
    expect(wattHours(body[10]!)).toBeGreaterThan(1_000_000);
    const again = await bench.open('utility');
    const window = (hour: number) => new CosemDateTime({ hour, minute: 0, second: 0, hundredths: 0 });
    await again.set(again.object(PushSetupV0, '0.0.25.9.0.255').communicationWindow, [
      { startTime: window(14), endTime: window(16) },
    ]);
    await again.close();
    bench.clock.advance(DAY);
    expect(pushes.length).toBe(5);
    bench.meter.stop();
    bench.clock.advance(DAY);
    expect(pushes.length).toBe(5);
  });

  test('of what happens by itself goes out though nobody looks', async () => {
    const { bench, pushes } = pushing();
    const meter = await bench.open('utility');
    await meter.set(meter.object(Limiter, '0.0.17.0.0.255').thresholdNormal, f32(20));
    await meter.close();
    bench.clock.advance(4 * MINUTE);
    // The load was over the limit from the moment that it was set: the relay opens 120 s later, and tries to close after as long.
    const told = pushes.map((push) => {
      const [, , clock, status] = received(push);
      const disconnected = ((status!.value as { bytes: Uint8Array }).bytes[10]! >> 3) & 1;
      return `${CosemDateTime.fromBytes(clock!.value as Uint8Array).toText()} ${disconnected}`;
    });
    expect(told).toEqual(['2026-11-23 09:02:00 +05:30 1', '2026-11-23 09:04:00 +05:30 0']);
    const idle = pushing();
    idle.bench.clock.advance(8 * DAY);
    // The end of the month: the billing counter went up.
    expect(idle.pushes.length).toBe(1);
    expect(idle.bench.clock.next()).toBeDefined();
    idle.bench.meter.stop();
    expect(idle.bench.clock.next()).toBeUndefined();
  });

  test('addresses are read in the forms that meters are given', () => {
    const at = (destination: Uint8Array, transportService = 0) =>
      addressOf({ transportService, destination, message: 0 });
    expect(at(Uint8Array.of(192, 168, 0, 5, 0x0f, 0xdb))).toBe('192.168.0.5:4059');
    expect(at(fromLatin1('10.0.0.1:4059'))).toBe('10.0.0.1:4059');
    expect(at(fromLatin1('[2001:db8::1]:4059'))).toBe('[2001:db8::1]:4059');
    expect(at(Uint8Array.of(...new Array(15).fill(0), 1, 0x0f, 0xdb))).toBe('[0:0:0:0:0:0:0:1]:4059');
    expect(at(fromLatin1('nowhere'))).toBeUndefined();
    expect(at(Uint8Array.of(1, 2, 3, 4, 5, 6), 4)).toBeUndefined();
  });
});

describe('secrets and keys', () => {
  test('a changed password holds from the next association on', async () => {
    const bench = new Bench();
    const utility = await bench.open('utility');
    await utility.set(utility.object(AssociationLnV1, '0.0.40.0.2.255').secret, fromLatin1('NEWPASSW'));
    await utility.close();
    await expect(bench.open('reader', { password: BENCH_SECRETS.lls })).rejects.toThrow(AssociationError);
    const reader = await bench.open('reader', { password: 'NEWPASSW' });
    await reader.close();
  });

  test('a transferred key holds from the next association on, a badly wrapped one changes nothing', async () => {
    const bench = new Bench();
    const meter = await bench.open('utility');
    const setup = meter.object(SecuritySetupV0, '0.0.43.0.3.255');
    const key = (id: 'global-unicast-encryption-key' | 'authentication-key', wrapped: Uint8Array) => ({
      keyId: id,
      keyWrapped: wrapped,
    });
    const fresh = fromLatin1('ANOTHER-16-OCTET');
    const wrapped = wrapKey(nobleCrypto, BENCH_SECRETS.masterKey, fresh);
    const broken = Uint8Array.from(wrapped, (octet, i) => (i === 5 ? octet ^ 1 : octet));
    await expect(
      meter.call(setup.globalKeyTransfer, [
        key('global-unicast-encryption-key', wrapped),
        key('authentication-key', broken),
      ]),
    ).rejects.toThrow(AccessError);
    expect((await meter.get(meter.data('0.0.42.0.0.255').value)).type).toBe('octet-string');
    const zeros = wrapKey(nobleCrypto, BENCH_SECRETS.masterKey, new Uint8Array(16));
    await expect(meter.call(setup.globalKeyTransfer, [key('authentication-key', zeros)])).rejects.toThrow(AccessError);
    await meter.call(setup.globalKeyTransfer, [
      key('global-unicast-encryption-key', wrapped),
      key('authentication-key', wrapped),
    ]);
    await meter.close();
    const { security } = bench.meter.connections.find((c) => c.name === 'utility')!;
    const under = (secret: Uint8Array) =>
      bench.open('utility', {
        security: {
          systemTitle: security!.clientTitle,
          encryptionKey: secret,
          authenticationKey: secret,
          readInvocationCounter: '0.0.43.1.3.255',
        },
      });
    await expect(under(BENCH_SECRETS.encryptionKey)).rejects.toThrow(CosemError);
    await (await under(fresh)).close();
  });

  test('a security policy is made stronger, never weaker', async () => {
    const bench = new Bench();
    const meter = await bench.open('utility');
    const reader = meter.object(SecuritySetupV0, '0.0.43.0.2.255');
    expect(await meter.get(reader.securityPolicy)).toBe('all-encrypted');
    await expect(meter.call(reader.securityActivate, 'all-authenticated')).rejects.toThrow(AccessError);
    await meter.call(reader.securityActivate, 'all-authenticated-and-encrypted');
    expect(await meter.get(reader.securityPolicy)).toBe('all-authenticated-and-encrypted');
    await meter.close();
  });

  test('own secrets keep strangers out', async () => {
    const bench = new Bench({ secrets: { lls: fromLatin1('MY-LLS-1') } });
    await expect(bench.open('reader', { password: 'COSEM-LL' })).rejects.toThrow(AssociationError);
    await (await bench.open('reader')).close();
  });

  test('the counter objects give the lowest counter that the meter takes', async () => {
    const bench = new Bench();
    const counter = async () => {
      const meter = await bench.open('public');
      const value = (await meter.get(meter.data('0.0.43.1.3.255').value)).value as number;
      await meter.close();
      return value;
    };
    expect(await counter()).toBe(0);
    const meter = await bench.open('utility');
    const before = await counter();
    await meter.get(meter.data('0.0.42.0.0.255').value);
    expect(await counter()).toBe(before + 1);
    await meter.close();
  });
});

describe('image transfer', () => {
  const octets = makeImage(nobleCrypto, {
    profile: 'is15959-1ph',
    firmware: 'COSEM-D1-2.0',
    payload: new Uint8Array(360),
  });
  const count = Math.ceil(octets.length / 200);

  async function begun(content: Uint8Array, options: ConstructorParameters<typeof Bench>[0] = {}) {
    const bench = new Bench(options);
    const meter = await bench.open('firmware');
    const image = meter.object(ImageTransfer, '0.0.44.0.0.255');
    await meter.call(image.imageTransferInitiate, { imageIdentifier: fromLatin1('Image'), imageSize: content.length });
    const send = (number: number) =>
      meter.call(image.imageBlockTransfer, {
        imageBlockNumber: number,
        imageBlockValue: content.subarray(200 * number, 200 * (number + 1)),
      });
    return { bench, meter, image, send };
  }

  test('block by block, verified when it is whole, activated once verified: the meter reports the new firmware', async () => {
    const { meter, image, send } = await begun(octets);
    await expect(meter.call(image.imageActivate)).rejects.toThrow(AccessError);
    await send(2);
    await send(0);
    expect(count).toBe(3);
    expect(await meter.get(image.imageFirstNotTransferredBlockNumber)).toBe(1);
    expect(await meter.get(image.imageTransferredBlocksStatus)).toEqual({ bytes: Uint8Array.of(0xa0), length: 3 });
    await expect(meter.call(image.imageVerify)).rejects.toThrow(AccessError);
    await expect(
      meter.call(image.imageBlockTransfer, { imageBlockNumber: 3, imageBlockValue: new Uint8Array(1) }),
    ).rejects.toThrow(AccessError);
    await send(1);
    expect(await meter.get(image.imageToActivateInfo)).toEqual([]);
    await meter.call(image.imageVerify);
    expect(await meter.get(image.imageToActivateInfo)).toEqual([
      {
        imageSize: octets.length,
        imageIdentification: fromLatin1('COSEM-D1-2.0'),
        imageSignature: octets.subarray(-32),
      },
    ]);
    expect((await meter.get(meter.data('1.0.0.2.0.255').value)).value).toBe('COSEM-D1-1.0');
    await meter.call(image.imageActivate);
    expect(await meter.get(image.imageTransferStatus)).toBe('image-activation-successful');
    expect((await meter.get(meter.data('1.0.0.2.0.255').value)).value).toBe('COSEM-D1-2.0');
    await expect(
      meter.call(image.imageTransferInitiate, { imageIdentifier: fromLatin1('X'), imageSize: 0xffffffff }),
    ).rejects.toThrow(AccessError);
    await meter.close();
  });

  test.each([
    ['damaged', octets.map((octet, i) => (i === 100 ? octet ^ 1 : octet))],
    ['no image', new Uint8Array(450)],
    ['for another kind of meter', makeImage(nobleCrypto, { profile: 'is15959-3ph', firmware: 'COSEM-D2-2.0' })],
  ])('%s: verification fails, and nothing is activated', async (_, content) => {
    const { meter, image, send } = await begun(content);
    for (let i = 0; i < Math.ceil(content.length / 200); i++) await send(i);
    await expect(meter.call(image.imageVerify)).rejects.toThrow(AccessError);
    expect(await meter.get(image.imageTransferStatus)).toBe('image-verification-failed');
    await expect(meter.call(image.imageActivate)).rejects.toThrow(AccessError);
    expect((await meter.get(meter.data('1.0.0.2.0.255').value)).value).toBe('COSEM-D1-1.0');
    await meter.close();
  });

  test('of a meter that is kept goes on after a restart, and the new firmware stays', async () => {
    const store = new MemoryMeterStore();
    const first = await begun(octets, { store });
    await first.send(0);
    first.bench.meter.stop();
    const bench = new Bench({ store });
    const meter = await bench.open('firmware');
    const image = meter.object(ImageTransfer, '0.0.44.0.0.255');
    expect(await meter.get(image.imageFirstNotTransferredBlockNumber)).toBe(1);
    for (const number of [1, 2]) {
      const imageBlockValue = octets.subarray(200 * number, 200 * (number + 1));
      await meter.call(image.imageBlockTransfer, { imageBlockNumber: number, imageBlockValue });
    }
    await meter.call(image.imageVerify);
    await meter.call(image.imageActivate);
    bench.meter.stop();
    const after = await new Bench({ store }).open('firmware');
    expect((await after.get(after.data('1.0.0.2.0.255').value)).value).toBe('COSEM-D1-2.0');
  });
});

test('raised events reach their log, the tamper count and the status word', async () => {
  const bench = new Bench();
  const meter = await bench.open('reader');
  const tampers = (await meter.get(meter.data('0.0.94.91.0.255').value)).value as number;
  for (const code of [251, 251, 251]) bench.meter.raise(code);
  bench.meter.raise(9999);
  const log = await meter.get(meter.profile('0.0.99.98.5.255').object.buffer);
  // Non-rollover: it stops when it is full.
  expect((log.value as readonly Data[]).length).toBe(2);
  expect((await meter.get(meter.data('0.0.94.91.0.255').value)).value).toBe(tampers + 3);
  const word = (await meter.get(meter.data('0.0.94.91.18.255').value)).value as { bytes: Uint8Array };
  expect((word.bytes[10]! >> 4) & 1).toBe(1);
  expect((await meter.get(meter.data('0.0.96.11.5.255').value)).value).toBe(251);
  bench.clock.advance(MINUTE);
  await meter.close();
});

test('the clock shows what it was just set to, though a millisecond begins while it is read', async () => {
  const bench = new Bench();
  const meter = await bench.open('utility');
  const { time } = meter.clock();
  const now = bench.clock.now();
  await meter.set(time, CosemDateTime.fromDate(new Date(now - DAY), -330));
  let late = 0;
  vi.spyOn(bench.clock, 'now').mockImplementation(() => now + late);
  vi.spyOn(MeterTime.prototype, 'now').mockImplementation(() => {
    late = 1;
    return now;
  });
  expect((await meter.get(time)).toText()).toBe('2026-11-22 09:00:00 +05:30');
  vi.restoreAllMocks();
  await meter.close();
});
