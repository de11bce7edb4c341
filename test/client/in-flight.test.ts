/** Several requests under way at once over the wrapper. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { SecurityError, StateError } from '../../src/base/errors.js';
import type { Meter, OpenOptions, Remark, Transport } from '../../src/index.js';
import { decodeWpdu, encodeWpdu } from '../../src/link/wrapper-link.js';
import { dataToJson } from '../../src/protocol.js';
import { memoryPair } from '../../src/transport/memory.js';
import { Bench } from '../simulator/support.js';

const ENERGY = '1.0.1.8.0.255';
/** What does not change while time passes: the name plate. */
const NAMES = ['0.0.96.1.0.255', '0.0.42.0.0.255', '0.0.96.1.1.255', '1.0.0.2.0.255', '0.0.96.1.4.255'];

/** What a meter sends back for what it gets; held answers may come later, or in another order. */
type Temper = (answers: readonly Uint8Array[], asked: Uint8Array) => readonly Uint8Array[];

/** A line to a meter that takes 25 ms each way; `temper` is between. It counts what is under way. */
async function lineTo(bench: Bench, temper: Temper = (answers) => answers) {
  const [near, far] = memoryPair();
  const seen = { most: 0, sent: [] as Uint8Array[], connections: 0 };
  let under = 0;
  const relay = async (end: Transport) => {
    seen.connections++;
    under = 0;
    const inner = await bench.meter.line({ framing: 'wrapper' });
    const asked: Uint8Array[] = [];
    await inner.open({
      data: (octets) => {
        for (const wpdu of split(octets)) {
          under--;
          const out = temper([wpdu], asked.shift() ?? wpdu);
          for (const one of out) later(() => end.write(one));
        }
      },
      closed: () => void end.close(),
    });
    const later = (run: () => void) => bench.clock.at(bench.clock.now() + 25, run);
    await end.open({
      data: (octets) => {
        for (const wpdu of split(octets)) {
          seen.most = Math.max(seen.most, ++under);
          seen.sent.push(wpdu);
          asked.push(wpdu);
          later(() => inner.write(wpdu));
        }
      },
      closed: () => void inner.close(),
    });
  };
  await relay(far);
  const over = (end: Transport): Transport => ({
    name: end.name,
    open: (handler) => end.open(handler),
    write: (octets) => end.write(octets),
    close: () => end.close(),
    again: () => {
      const [n, f] = memoryPair();
      void relay(f);
      return over(n);
    },
  });
  const transport = over(near);
  return { transport, seen };
}

function split(octets: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at < octets.length; ) {
    const length = 8 + (((octets[at + 6] ?? 0) << 8) | (octets[at + 7] ?? 0));
    found.push(octets.slice(at, at + length));
    at += length;
  }
  return found;
}

async function opened(name: string, options: Partial<OpenOptions> = {}, temper?: Temper) {
  const bench = new Bench();
  const remarks: Remark[] = [];
  const { transport, seen } = await lineTo(bench, temper);
  const meter = await bench.clock.run(
    bench.openOn(transport, name, { onRemark: (remark) => remarks.push(remark), ...options }),
  );
  seen.most = 0;
  seen.sent.length = 0;
  return { bench, meter, seen, remarks };
}

/** Each with its outcome: the public client may not read all of them. */
const readAll = async (meter: Meter, count: number) => {
  const names = Array.from({ length: count }, (_, i) => NAMES[i % NAMES.length] as string);
  const outcomes = await Promise.all(names.map((name) => meter.tryGet(meter.data(name).value)));
  return outcomes.map((one) => (one.ok ? dataToJson(one.value) : one.error.message));
};

test.each(['public', 'reader', 'utility'] as const)(
  'as %s eight at a time take an eighth of the time, and give the same',
  async (name) => {
    const { bench, meter, seen } = await opened(name);
    let began = bench.clock.now();
    const one = await bench.clock.run(readAll(meter, 24));
    const alone = bench.clock.now() - began;
    expect(seen.most).toBe(1);
    const several = await opened(name, { inFlight: 8 });
    began = several.bench.clock.now();
    const many = await several.bench.clock.run(readAll(several.meter, 24));
    expect(several.seen.most).toBe(8);
    expect(alone / (several.bench.clock.now() - began)).toBeGreaterThanOrEqual(5);
    expect(many).toEqual(one);
    expect(new Set(many.map((value) => JSON.stringify(value))).size).toBeGreaterThan(2);
    expect(several.remarks).toEqual([]);
  },
);

test('workers that each ask one after the other keep the line full', async () => {
  const { bench, meter, seen } = await opened('reader', { inFlight: 6 });
  const began = bench.clock.now();
  const worker = async () => {
    for (let i = 0; i < 10; i++) await meter.get(meter.register(ENERGY).value);
  };
  await bench.clock.run(Promise.all(Array.from({ length: 6 }, worker)));
  expect(seen.most).toBe(6);
  expect(bench.clock.now() - began).toBeLessThanOrEqual(11 * 50);
});

test('invocation counters rise in the order in which requests are sent', async () => {
  const { bench, meter, seen } = await opened('utility', { inFlight: 8 });
  await bench.clock.run(readAll(meter, 40));
  const counters = seen.sent.map((octets) => {
    const apdu = decodeApdu(decodeWpdu(octets).apdu);
    return apdu.type === 'ciphered' ? apdu.invocationCounter : -1;
  });
  expect(counters).toHaveLength(40);
  expect(counters).toEqual(counters.map((_, i) => (counters[0] as number) + i));
});

test('a refusal is that of its own request', async () => {
  const { bench, meter } = await opened('reader', { inFlight: 8 });
  const refs = [ENERGY, '1.0.99.99.99.255', '1.0.2.8.0.255', '1.0.99.99.98.255', '1.0.9.8.0.255'].map(
    (name) => meter.register(name as string).value,
  );
  const outcomes = await bench.clock.run(Promise.allSettled(refs.map((ref) => meter.get(ref))));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled']);
  await bench.clock.run(meter.get(meter.register(ENERGY).value));
});

test('a high priority goes first, and says so', async () => {
  const { bench, meter, seen } = await opened('public', { inFlight: 2 });
  const order: string[] = [];
  const get = async (name: string, priority?: 'high') => {
    await meter.tryGet(meter.register(name).value, priority === undefined ? {} : { priority });
    order.push(name);
  };
  await bench.clock.run(
    Promise.all([get('1.0.2.8.0.255'), get('1.0.9.8.0.255'), get('1.0.12.7.0.255'), get('1.0.14.7.0.255', 'high')]),
  );
  expect(order[0]).toBe('1.0.14.7.0.255');
  const first = decodeApdu(decodeWpdu(seen.sent[0] as Uint8Array).apdu);
  expect('invokeId' in first && first.invokeId & 0x80).toBe(0x80);
});

test('a long answer among short ones, and a SET among GETs, have the line for themselves', async () => {
  const { bench, meter } = await opened('utility', { inFlight: 8, maxReceivePduSize: 128 });
  const profile = meter.profile('1.0.94.91.0.255');
  const energy = () => meter.get(meter.register(ENERGY).value);
  const name = meter.data('0.0.96.1.0.255');
  const all = await bench.clock.run(
    Promise.all([
      energy(),
      profile.rows(),
      energy(),
      meter.get(name.value),
      profile.rows(),
      meter.call(meter.clock().adjustToQuarter).catch(String),
      energy(),
    ]),
  );
  expect((all[1] as readonly unknown[]).length).toBeGreaterThan(0);
  expect((all[4] as readonly unknown[]).length).toBe((all[1] as readonly unknown[]).length);
  expect([all[0], all[2], all[6]].map((value) => (value as { value: unknown }).value)).toEqual(
    Array(3).fill(expect.any(Number)),
  );
});

test('answers in any order find their requests (property)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(7), { minLength: 4, maxLength: 40 }),
      fc.constantFrom('public', 'reader'),
      async (order, name) => {
        const held: Uint8Array[] = [];
        let at = 0;
        let live = false;
        const { meter, bench } = await opened(name, { inFlight: 8, responseTimeout: 2000 }, (answers) => {
          if (!live) return answers;
          held.push(...answers);
          // All that is held is sent when as many came as wait.
          if (held.length < 4) return [];
          const out: Uint8Array[] = [];
          while (held.length > 0) out.push(...held.splice((order[at++ % order.length] ?? 0) % held.length, 1));
          return out;
        });
        const want = await bench.clock.run(readAll(meter, 8));
        live = true;
        const outcome = await bench.clock.run(readAll(meter, 8).catch((error: unknown) => error));
        // Counters that fall are refused, whoever changed the order: never a wrong value.
        if (name === 'reader' && outcome instanceof SecurityError) expect(outcome.reason).toBe('replay');
        else expect(outcome).toEqual(want);
        live = false;
      },
    ),
    { numRuns: 12 },
  );
});

test.each(['reader', 'utility'] as const)(
  'as %s: a meter that forgets all but one is asked one at a time, and nothing is lost',
  async (name) => {
    // Of requests that come together it answers the first alone.
    let last = -1000;
    const bench: { clock?: Bench['clock'] } = {};
    const made = await opened(name, { inFlight: 8, responseTimeout: 2000 }, (answers) => {
      const now = bench.clock?.now();
      if (now === undefined) return answers;
      if (now - last < 20) return [];
      last = now;
      return answers;
    });
    bench.clock = made.bench.clock;
    const values = await made.bench.clock.run(readAll(made.meter, 12));
    expect(values).toHaveLength(12);
    expect(values).toEqual(await made.bench.clock.run(readAll(made.meter, 12)));
    expect(made.remarks.map(({ code }) => code)).toContain('in-flight');
  },
);

test('an answer to nothing that was asked gives the line up, and everything is read again', async () => {
  let wrong = 0;
  const { bench, meter, remarks } = await opened('public', { inFlight: 4 }, (answers) => {
    if (++wrong !== 8) return answers;
    const { source, destination, apdu } = decodeWpdu(answers[0] as Uint8Array);
    const decoded = decodeApdu(apdu);
    if (!('invokeId' in decoded)) return answers;
    return [encodeWpdu({ source, destination, apdu: encodeApdu({ ...decoded, invokeId: decoded.invokeId ^ 0x08 }) })];
  });
  const values = await bench.clock.run(readAll(meter, 12));
  expect(values).toHaveLength(12);
  expect(remarks.map(({ code }) => code)).toEqual(['in-flight']);
});

test('what cannot be is refused before anything is sent', async () => {
  const bench = new Bench();
  for (const [options, words] of [
    [{ inFlight: 15 }, /inFlight 15/],
    [{ inFlight: 0 }, /inFlight 0/],
    [{ inFlight: 4, framing: 'hdlc' }, /over hdlc/],
  ] as const) {
    const line = await bench.meter.line({ framing: 'wrapper' });
    await expect(bench.openOn(line, 'public', options)).rejects.toThrow(words);
    await expect(bench.openOn(line, 'public', options)).rejects.toThrow(StateError);
  }
});
