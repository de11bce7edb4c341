import { expect, test } from 'vitest';
import { BENCH_SECRETS, createMeter, MemoryMeterStore, openOptionsOf } from '../../simulator/index.js';
import { fromLatin1, toHex } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import { type OpenOptions, open } from '../../src/index.js';
import { START } from './support.js';

const OWN = fromLatin1('A-KEY-OF-MY-OWN!');

test.each(['reader', 'firmware'])('a meter that is given one key has no client left on a printed one: %s', (name) => {
  const meter = createMeter('is15959-1ph', {
    clock: new VirtualClock(START),
    seed: 7,
    secrets: { encryptionKey: OWN, authenticationKey: OWN },
  });
  const of = (client: string) => meter.connections.find((one) => one.name === client)?.security;
  expect(toHex(of(name)?.encryptionKey as Uint8Array)).toBe(toHex(OWN));
  expect(toHex(of(name)?.authenticationKey as Uint8Array)).toBe(toHex(OWN));
  meter.stop();
});

test('keys that are given stay apart', () => {
  const meter = createMeter('is15959-1ph', { clock: new VirtualClock(START), seed: 7 });
  const key = (client: string) =>
    toHex(meter.connections.find((one) => one.name === client)?.security?.encryptionKey as Uint8Array);
  expect(key('reader')).toBe(toHex(BENCH_SECRETS.readerKey));
  expect(key('firmware')).toBe(toHex(BENCH_SECRETS.firmwareKey));
  meter.stop();
});

test('a state from before clients had keys of their own opens client 32 with the key that was changed', async () => {
  const clock = new VirtualClock(START);
  const store = new MemoryMeterStore();
  const made = createMeter('is15959-1ph', { clock, seed: 7, store });
  made.raise(251);
  made.stop();
  const name = made.identity.serial;
  const state = new Map(store.load(name));
  const keys = String(state.get('part keys')).replaceAll(toHex(BENCH_SECRETS.encryptionKey), toHex(OWN));
  const old = new MemoryMeterStore();
  old.save(
    name,
    new Map(
      [...state, ['part keys', keys]].filter(([part]) => !/^part (reader|firmware) keys$/.test(part as string)) as [
        string,
        string,
      ][],
    ),
  );
  const meter = createMeter('is15959-1ph', { clock, seed: 7, store: old });
  const options = openOptionsOf(meter, 'reader');
  expect(toHex((options as { security: { encryptionKey: Uint8Array } }).security.encryptionKey)).toBe(toHex(OWN));
  const reader = await open(await meter.line({ framing: 'wrapper' }), {
    framing: 'wrapper',
    clock,
    ...options,
  } as OpenOptions);
  expect((await reader.get(reader.register('1.0.1.8.0.255').value)).value).toBeGreaterThan(0);
  meter.stop();
});
