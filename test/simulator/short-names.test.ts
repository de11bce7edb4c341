/** A virtual meter with short names: how it opens, what it lists, what it pushes. */

import { describe, expect, test } from 'vitest';
import { BENCH_SECRETS, createMeter, type PushedNotification, type VirtualMeter } from '../../simulator/index.js';
import { contextOid } from '../../src/apdu/acse-names.js';
import type { Aare, Apdu } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { conformanceBits } from '../../src/apdu/conformance.js';
import { logicalNameFromBytes } from '../../src/base/obis.js';
import type { Data } from '../../src/codec/data.js';
import type { Naming } from '../../src/contracts/association.js';
import { classOf } from '../../src/cosem/registry.js';
import { shortNameSpan } from '../../src/cosem/short-names.js';
import { VirtualClock } from '../../src/index.js';
import { MemoryCounterStore } from '../../src/security/counter.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { Ciphering } from '../../src/session/protection.js';
import { Bench, START } from './support.js';

const PUBLIC = 16;
const CONFORMANCE = conformanceBits(['read', 'get', 'block-transfer-with-get-or-read']);

function meterNaming(naming: Naming | 'both'): VirtualMeter {
  return createMeter('is15959-1ph', { clock: new VirtualClock(START), seed: 7, naming });
}

function ask(meter: VirtualMeter, apdu: Apdu): Apdu {
  return decodeApdu(meter.handle(PUBLIC, 1, encodeApdu(apdu)) as Uint8Array);
}

function open(meter: VirtualMeter, context: 1 | 2): Aare {
  const userInformation = encodeApdu({
    type: 'initiate-request',
    responseAllowed: true,
    proposedDlmsVersionNumber: 6,
    proposedConformance: CONFORMANCE,
    clientMaxReceivePduSize: 0xffff,
  });
  return ask(meter, { type: 'aarq', applicationContextName: contextOid(context), userInformation }) as Aare;
}

function read(meter: VirtualMeter, name: number): Data | number {
  const answer = ask(meter, { type: 'read-request', variables: [{ type: 'variable-name', name }] });
  if (answer.type !== 'read-response') throw new Error(answer.type);
  const [result] = answer.results;
  if (result === undefined || (!('data' in result) && !('error' in result))) throw new Error('blocks');
  return 'data' in result ? result.data : result.error;
}

/** The object list: base name, class and logical name. */
function listed(meter: VirtualMeter) {
  const list = read(meter, 0xfa08);
  return items(list).map((entry) => {
    const [base, classId, version, name] = items(entry).map(({ value }) => value);
    return {
      base: (base as number) & 0xffff,
      classId: classId as number,
      version: version as number,
      name: logicalNameFromBytes(name as Uint8Array),
    };
  });
}

function items(value: Data | number): readonly Data[] {
  return typeof value !== 'number' && (value.type === 'array' || value.type === 'structure') ? value.value : [];
}

describe('a meter that names by short names', () => {
  test('opens in that context alone, and lists its objects without overlaps, the same in each run', () => {
    const meter = meterNaming('sn');
    expect(open(meter, 1)).toMatchObject({ result: 1, resultSourceDiagnostic: { diagnostic: 2 } });
    expect(open(meter, 2).result).toBe(0);
    const objects = listed(meter);
    expect(objects).toContainEqual({ base: 0xfa00, classId: 12, version: 2, name: '0.0.40.0.0.255' });
    expect(objects.some(({ classId }) => classId === 15)).toBe(false);
    const inOrder = [...objects].sort((a, b) => a.base - b.base);
    inOrder.forEach(({ base, classId, version }, i) => {
      const cosem = classOf(classId, version);
      expect(base % 8).toBe(0);
      if (cosem !== undefined) expect(base + shortNameSpan(cosem)).toBeLessThanOrEqual(inOrder[i + 1]?.base ?? 0x10000);
    });
    const again = meterNaming('sn');
    open(again, 2);
    expect(listed(again)).toEqual(objects);
  });

  test('has the names that the standard reserves, and reads by them', () => {
    const meter = meterNaming('sn');
    open(meter, 2);
    expect(listed(meter).find(({ name }) => name === '0.0.42.0.0.255')).toMatchObject({ base: 0xfd00 });
    const name = new TextDecoder().decode((read(meter, 0xfd08) as { value: Uint8Array }).value);
    expect(name).toBe(meter.identity.logicalDeviceName);
  });

  test('tells a client nothing of objects that it does not see', () => {
    const meter = meterNaming('sn');
    open(meter, 2);
    const seen = new Set(listed(meter).map(({ base }) => base));
    for (let base = 0x0100; base < 0x3000; base += 8)
      if (![...seen].some((one) => base >= one && base < one + 0x100)) expect(read(meter, base)).toBe(4);
  });
});

test('a meter that names both ways opens in each context, with the same values', () => {
  const meter = meterNaming('both');
  expect(open(meter, 2).result).toBe(0);
  const short = read(meter, 0xfd08);
  expect(ask(meter, { type: 'rlrq', reason: 0 }).type).toBe('rlre');
  expect(open(meter, 1).result).toBe(0);
  const attribute = { classId: 1, instanceId: Uint8Array.of(0, 0, 42, 0, 0, 255), attributeId: 2 };
  expect(ask(meter, { type: 'get-request-normal', invokeId: 0xc1, attribute })).toMatchObject({
    result: { data: short },
  });
});

test.each(['reader', 'utility'])('our client reads the same of it as by logical names: %s', async (name) => {
  const values = async (naming: Naming) => {
    const bench = new Bench({ naming });
    const meter = await bench.open(name);
    const energy = await meter.get(meter.register('1.0.1.8.0.255').value);
    const serial = await meter.get(meter.data('0.0.96.1.0.255').value);
    await meter.close();
    return [energy, serial];
  };
  const logical = await values('ln');
  expect(await values('sn')).toEqual(logical);
  expect(logical).toHaveLength(2);
});

test('a naming that there is not is refused', () => {
  expect(() => meterNaming('nl' as 'ln')).toThrow("there is no naming 'nl'");
});

test('pushes that nothing can confirm are not to be confirmed', () => {
  const clock = new VirtualClock(START);
  expect(() => createMeter('is15959-1ph', { clock, seed: 7, naming: 'sn', confirmedPushes: true })).toThrow(
    'confirmed',
  );
});

describe('push', () => {
  /** What an event pushes. */
  function pushed(naming: Naming): Apdu {
    const pushes: PushedNotification[] = [];
    const bench = new Bench({ naming, onPush: (push) => pushes.push(push) });
    bench.meter.controls.magnet(true);
    bench.clock.advance(10_000);
    const { apdu } = pushes[0] as PushedNotification;
    const outer = decodeApdu(apdu);
    if (outer.type !== 'ciphered') return outer;
    const { encryptionKey: encryption, authenticationKey: authentication } = BENCH_SECRETS;
    const ciphering = new Ciphering({
      crypto: nobleCrypto,
      systemTitle: new Uint8Array(8),
      keys: { encryption, authentication },
      counters: new MemoryCounterStore(),
      counterEntry: 'unused',
    });
    return decodeApdu(ciphering.open(outer).apdu);
  }

  test('of a meter with short names is an InformationReport of the same values', () => {
    const logical = pushed('ln');
    const short = pushed('sn');
    if (logical.type !== 'data-notification') throw new Error(logical.type);
    if (short.type !== 'information-report-request') throw new Error(short.type);
    expect(short.values).toEqual(logical.body.value);
    expect(short.names.length).toBe(4);
    expect(new Set(short.names).size).toBe(4);
    expect(short.names.every((name) => name >= 0x0100 && name % 8 === 0)).toBe(true);
  });
});
