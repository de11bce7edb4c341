import { describe, expect, test } from 'vitest';
import { toHex } from '../../src/base/bytes.js';
import { AccessError } from '../../src/base/errors.js';
import { encodeData } from '../../src/codec/axdr.js';
import type { Data } from '../../src/codec/data.js';
import { singlePhase } from '../../src/companion/is15959/is15959.js';
import { attributeTarget, clientObject } from '../../src/cosem/class.js';
import { AssociationLnV1 } from '../../src/cosem/classes/access.js';
import { is15959, type Meter, readingsOf } from '../../src/index.js';
import { Bench, DAY } from './support.js';

const CLIENTS = { public: 16, reader: 32, utility: 48, firmware: 80 } as const;

/** Everything that a client may read, as octets. */
async function readOut(meter: Meter, client: number): Promise<Map<string, string>> {
  const read = new Map<string, string>();
  for (const spec of singlePhase.objects) {
    const access = spec.access.get(client);
    if (access === undefined) continue;
    const object = clientObject(spec.cosem, spec.logicalName) as unknown as Record<string, never>;
    for (const id of access.read) {
      const ref = object[spec.cosem.attributeNames.get(id)!]! as Parameters<Meter['tryGet']>[0];
      const value = await meter.get(ref);
      read.set(attributeTarget(ref), toHex(encodeData(ref.type.encode(value) as Data)));
    }
  }
  return read;
}

describe('what each client sees', () => {
  test.each(Object.entries(CLIENTS))(
    '%s has its objects in the right order with all access rights',
    async (name, client) => {
      const bench = new Bench();
      const meter = await bench.open(name);
      const listed = await meter.objects();
      const expected = singlePhase.objects.filter((spec) => spec.access.has(client));
      expect(listed.map((o) => `${o.classId} ${o.logicalName}`)).toEqual(
        expected.map((spec) => `${spec.cosem.id} ${spec.logicalName}`),
      );
      const list = await meter.get(meter.object(AssociationLnV1, '0.0.40.0.0.255').objectList);
      let rights = 0;
      for (const [i, { accessRights, version }] of list.entries()) {
        const spec = expected[i]!;
        const access = spec.access.get(client)!;
        expect(version).toBe(spec.cosem.version);
        expect(accessRights.attributeAccess.map((a) => a.attributeId)).toEqual([...spec.cosem.attributeNames.keys()]);
        for (const { attributeId: id, accessMode } of accessRights.attributeAccess) {
          const mode = `${access.read.includes(id) ? 'read' : ''}${access.write.includes(id) ? 'write' : ''}`;
          const names: Record<string, string> = {
            '': 'no-access',
            read: 'read-only',
            write: 'write-only',
            readwrite: 'read-and-write',
          };
          expect(`${spec.logicalName} ${id} ${accessMode}`).toBe(`${spec.logicalName} ${id} ${names[mode]}`);
          rights++;
        }
        expect(accessRights.methodAccess.map((m) => m.methodId)).toEqual([...spec.cosem.methodNames.keys()]);
        for (const { methodId: id, accessMode } of accessRights.methodAccess) {
          const expectedMode = access.execute.includes(id) ? 'access' : 'no-access';
          expect(`${spec.logicalName} m${id} ${accessMode}`).toBe(`${spec.logicalName} m${id} ${expectedMode}`);
          rights++;
        }
      }
      expect(rights).toBeGreaterThan(10);
      await meter.close();
    },
  );

  test.each(Object.entries(CLIENTS))('%s reads every attribute it may, in its declared type', async (name, client) => {
    const faults: unknown[] = [];
    const bench = new Bench({ onFault: (error, target) => faults.push(`${target}: ${error}`) });
    const meter = await bench.open(name);
    const read = await readOut(meter, client);
    expect(faults).toEqual([]);
    const expected = singlePhase.objects.map((spec) => spec.access.get(client)?.read.length ?? 0);
    expect(read.size).toBe(expected.reduce((a, b) => a + b));
    await meter.close();
  });

  test('the reader changes nothing and executes nothing', async () => {
    const bench = new Bench();
    const meter = await bench.open('reader');
    const refused = (promise: Promise<unknown>) => expect(promise).rejects.toThrow(AccessError);
    await refused(meter.set(meter.data('0.0.94.96.24.255').value, { type: 'double-long', value: 1 }));
    await refused(meter.call(meter.disconnectControl().remoteDisconnect));
    expect(bench.meter.connected).toBe(true);
    await meter.close();
  });
});

describe('with every way in', () => {
  test.each([
    ['utility', 'hls2', undefined],
    ['utility', 'gmac', undefined],
    ['utility', 'md5', undefined],
    ['utility', 'hls2', true],
    ['utility', 'gmac', true],
    ['reader', 'lls', undefined],
    ['reader', 'lls', true],
    ['firmware', 'hls2', undefined],
  ] as const)('%s by %s, dedicated key %s, over HDLC', async (name, authentication, dedicatedKey) => {
    const bench = new Bench(authentication === 'lls' ? {} : { mechanism: authentication });
    const { security } = bench.meter.connections.find((c) => c.name === name)!;
    const options = { authentication, framing: 'hdlc' } as const;
    const meter = await bench.open(
      name,
      dedicatedKey === undefined
        ? options
        : {
            ...options,
            security: {
              systemTitle: security!.clientTitle,
              encryptionKey: security!.encryptionKey,
              authenticationKey: security!.authenticationKey,
              policy: security!.policy,
              readInvocationCounter: security!.invocationCounter!,
              dedicatedKey,
            },
          },
    );
    expect((await meter.get(meter.data('0.0.42.0.0.255').value)).type).toBe('octet-string');
    await meter.close();
  });
});

describe('one seed, one meter', () => {
  test('two meters of one seed, made at one time, answer the same octets; another seed does not', async () => {
    const all = async (seed: number) => {
      const bench = new Bench({ seed });
      bench.clock.advance(2 * DAY + 12_345_000);
      const meter = await bench.open('public');
      await meter.close();
      const reader = await bench.open('reader');
      const read = await readOut(reader, 32);
      await reader.close();
      return read;
    };
    const [one, same, other] = [await all(11), await all(11), await all(12)];
    expect([...same]).toEqual([...one]);
    const different = [...other].filter(([target, value]) => one.get(target) !== value).map(([target]) => target);
    for (const target of ['3:1.0.1.8.0.255:2', '7:1.0.99.1.0.255:2', '1:0.0.96.1.0.255:2', '1:0.0.94.96.24.255:2']) {
      expect(different).toContain(target);
    }
    expect(different).not.toContain('8:0.0.1.0.0.255:2');
  });

  test('when it was installed does not depend on when it is started', async () => {
    const register = async (start: number) => {
      const bench = new Bench({ start });
      bench.clock.advance(Date.UTC(2027, 0, 1) - start);
      const meter = await bench.open('reader');
      const value = await meter.get(meter.register('1.0.1.8.0.255').value);
      await meter.close();
      return value;
    };
    // Outages happen only before a meter is created, so the later one has lived through some more.
    const early = (await register(Date.UTC(2026, 11, 30))) as { value: number };
    const late = (await register(Date.UTC(2026, 11, 31))) as { value: number };
    expect(Math.abs(early.value - late.value)).toBeLessThan(4);
    expect(early.value).toBeGreaterThan(5000);
  });
});

test('the readings of the companion specification are all there', async () => {
  const bench = new Bench();
  const meter = await bench.open('reader');
  const have = new Set((await meter.objects()).map((o) => `${o.classId}:${o.logicalName}`));
  const specs = readingsOf(is15959, 'all').filter((s) => have.has(`${s.attribute.classId}:${s.attribute.logicalName}`));
  const outcomes = await meter.readings(specs);
  const texts = Object.fromEntries(outcomes.map((o, i) => [specs[i]!.key, o.ok ? o.value.text : String(o.error)]));
  expect(texts).toMatchObject({
    serial: '10000007',
    meterType: 'single phase',
    category: 'D1',
    year: '2025',
    logicalDeviceName: 'CSM0000010000007',
    time: '2026-11-23 09:00:00 +05:30',
    timeZone: '-330',
    outputState: 'true',
    paymentMode: 'pre-paid',
    meteringMode: 'forward only',
    loadLimit: '6600 W',
  });
  expect(texts.activeImport).toMatch(/^\d{7} Wh$/);
  expect(texts.voltage).toMatch(/^2[0-4]\d(\.\d)? V$/);
  expect(texts.current).toMatch(/^\d+(\.\d{1,3})? A$/);
  expect(texts.frequency).toMatch(/^(49\.9\d|50(\.0\d?)?) Hz$/);
  // Rupees and paise, whatever sign goes with them.
  expect(texts.balance).toMatch(/^[^\d-]*\d+\.\d{2}( INR)?$/);
  expect(Number(/[\d.]+/.exec(texts.balance!)![0])).toBeGreaterThan(0);
  await meter.close();
});

test('options that do not fit are refused', () => {
  expect(() => new Bench({ serial: 'ABC' })).toThrow(/'ABC' is not a serial number/);
  expect(() => new Bench({ installed: Date.UTC(2027, 0, 1) })).toThrow(/in the future/);
});
