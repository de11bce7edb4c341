/** A counter that is kept is used at once; that of the meter is read when it does not take it. */
import { expect, test } from 'vitest';
import { AssociationError, MemoryCounterStore, type Transport } from '../../src/index.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { counterEntryOf, type TraceEvent } from '../../src/tools.js';
import { Bench } from '../simulator/support.js';

function visitor(bench: Bench, counters = new MemoryCounterStore(), key?: Uint8Array) {
  const { security } = bench.meter.connections.find(({ name }) => name === 'utility')!;
  const options = {
    systemTitle: security!.clientTitle,
    encryptionKey: key ?? security!.encryptionKey,
    authenticationKey: key ?? security!.authenticationKey,
    readInvocationCounter: security!.invocationCounter,
    trustCounters: true,
    counters,
  };
  const visit = async () => {
    let asked = 0;
    const meter = await bench.open('utility', {
      security: options,
      trace: (event: TraceEvent) => {
        // AARQ behind the eight octets of the wrapper.
        if (event.type === 'octets' && event.direction === 'sent' && event.bytes[8] === 0x60) asked++;
      },
    });
    await meter.get(meter.data('0.0.96.1.0.255').value);
    await meter.close();
    return asked;
  };
  return { visit, options, counters, entry: counterEntryOf(nobleCrypto, options) };
}

test('it is read on the first visit only', async () => {
  const { visit } = visitor(new Bench());
  expect([await visit(), await visit(), await visit()]).toEqual([2, 1, 1]);
});

test('one that others have passed is raised when the meter refuses it', async () => {
  const bench = new Bench();
  const ours = visitor(bench);
  expect(await ours.visit()).toBe(2);
  const other = visitor(bench);
  for (let i = 0; i < 3; i++) await other.visit();
  // Refused with the counter named, let in.
  expect(await ours.visit()).toBe(2);
  expect(await ours.visit()).toBe(1);
});

test('a meter that keeps silent over it is asked for its counter too', async () => {
  const bench = new Bench();
  const ours = visitor(bench);
  await ours.visit();
  const other = visitor(bench);
  for (let i = 0; i < 3; i++) await other.visit();
  const line = await bench.meter.line({ framing: 'wrapper' });
  let aarqs = 0;
  const deaf: Transport = {
    name: line.name,
    open: (handler) => line.open(handler),
    close: () => line.close(),
    // The first AARQ is the one with the counter of old.
    write: (bytes) => {
      if (bytes[8] !== 0x60 || ++aarqs > 1) line.write(bytes);
    },
  };
  const meter = await bench.clock.run(bench.openOn(deaf, 'utility', { security: ours.options }));
  expect(aarqs).toBe(3);
  await meter.close();
});

test('a refusal for another reason stays what it is, and costs one look at the counter', async () => {
  const bench = new Bench();
  const wrong = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
  const ours = visitor(bench, new MemoryCounterStore(), wrong);
  ours.counters.raise(ours.entry, 1000);
  await expect(ours.visit()).rejects.toThrow(AssociationError);
});

test('where the counter cannot be looked at after a refusal, the refusal is told', async () => {
  const bench = new Bench();
  const { options, entry, counters } = visitor(bench);
  counters.raise(entry, 1000);
  const wrong = { ...options, encryptionKey: Uint8Array.from({ length: 16 }, (_, i) => i + 1) };
  const told = async (readInvocationCounter: string) => {
    counters.raise(counterEntryOf(nobleCrypto, wrong), 1000);
    const opening = bench.open('utility', { security: { ...wrong, readInvocationCounter } });
    return opening.then(
      () => 'open',
      (error: Error) => error,
    );
  };
  const there = await told(options.readInvocationCounter as string);
  expect(there).toBeInstanceOf(AssociationError);
  // No such object, which is not why the meter refused.
  expect(await told('0.0.43.1.99.255')).toEqual(there);
});
