import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { Data } from '../../src/codec/data.js';
import type { CosemDateTime } from '../../src/codec/datetime.js';
import { float32, int8, structure, uint32 } from '../../src/codec/types.js';
import {
  type AttributeRef,
  attr,
  type ClientObject,
  clientObject,
  cosemClass,
  extendClass,
  type MethodRef,
  method,
  untypedObject,
} from '../../src/cosem/class.js';
import { AssociationLnV1 } from '../../src/cosem/classes/access.js';
import { ClockClass } from '../../src/cosem/classes/clock.js';
import { HdlcSetupV0, HdlcSetupV1 } from '../../src/cosem/classes/communication.js';
import { DisconnectControlV0 } from '../../src/cosem/classes/disconnect-control.js';
import { ProfileGenericV0, ProfileGenericV1, Register } from '../../src/cosem/classes/storage.js';
import { attributeAccess, type Implementation } from '../../src/cosem/implementation.js';
import { classes, className, classOf } from '../../src/cosem/registry.js';
import { zero } from '../../src/cosem/types.js';
import type { Unit } from '../../src/cosem/units.js';

interface Member {
  readonly id: number;
  readonly name: string;
  readonly type?: string;
  readonly mode?: 'static' | 'dynamic';
  /** An id that an earlier version had. */
  readonly reserved?: boolean;
}
interface ClassFacts {
  readonly classId: number;
  readonly name: string;
  readonly versions: readonly {
    readonly version: number;
    readonly attributes: readonly Member[];
    readonly methods: readonly Member[];
  }[];
}

const FACTS = '../shared/reference/cosem-classes.json';

/** Names without case and separators: xDLMS_context_info is xDlmsContextInfo here. */
function plain(name: string): string {
  return name.replace(/[^a-z0-9]/gi, '').toLowerCase();
}

/** What a declared type is called in the facts. */
function typeNames(type: {
  readonly name: string;
  readonly shape: { readonly kind: string; options?: unknown };
}): string[] {
  if (type.shape.kind === 'choice') {
    return (type.shape.options as { name: string; shape: { kind: string } }[]).flatMap(typeNames);
  }
  return [type.name.replace(/ \(.*\)$/, '')];
}

describe.skipIf(!existsSync(FACTS))('class facts', () => {
  const facts: readonly ClassFacts[] = existsSync(FACTS) ? JSON.parse(readFileSync(FACTS, 'utf8')).classes : [];

  test.each(classes.map((c) => [`${c.name} ${c.id} v${c.version}`, c] as const))('%s', (_title, declared) => {
    const known = facts.find((c) => c.classId === declared.id);
    expect(known?.name).toBe(declared.name);
    const version = known?.versions.find((v) => v.version === declared.version);
    expect(version).toBeDefined();
    const ids = version!.attributes.map((a) => a.id);
    expect([...declared.attributeNames.keys()]).toEqual(ids);
    const methods = version!.methods.filter(({ reserved }) => reserved !== true);
    expect([...declared.methodNames.keys()]).toEqual(methods.map((m) => m.id));
    for (const fact of version!.attributes) {
      const name = declared.attributeNames.get(fact.id)!;
      expect(plain(name)).toBe(plain(fact.name));
      const attribute = declared.attributes[name]!;
      if (fact.mode) expect(`${name} ${attribute.static ? 'static' : 'dynamic'}`).toBe(`${name} ${fact.mode}`);
      const expected = fact.type?.split('|') ?? [];
      // An attribute whose type is a choice of the peer stays Data.
      const actual = attribute.type.name === 'CHOICE' ? expected : typeNames(attribute.type);
      expect(`${name}: ${actual.filter((t) => !alike(t, expected))}`).toBe(`${name}: `);
    }
    for (const fact of methods) expect(plain(declared.methodNames.get(fact.id)!)).toBe(plain(fact.name));
  });
});

/** The Blue Book's "date-time" attributes travel as octet-string; the facts name either. */
function alike(type: string, expected: readonly string[]): boolean {
  return expected.includes(type) || (type === 'octet-string' && expected.includes('date-time'));
}

test('every class and version is found, an unknown one is not', () => {
  for (const c of classes) expect(classOf(c.id, c.version)).toBe(c);
  expect(classOf(3, 7)).toBeUndefined();
  expect(className(7)).toBe('Profile generic');
  expect(className(9999)).toBe('class 9999');
  const keys = classes.map((c) => c.id * 256 + c.version);
  expect(keys).toEqual([...new Set(keys)].sort((a, b) => a - b));
});

test('references carry types, name and object, and no behaviour', () => {
  const energy = clientObject(Register, '1.0.1.8.0.255');
  expect(energy.scalerUnit).toMatchObject({
    classId: 3,
    version: 0,
    logicalName: '1.0.1.8.0.255',
    attributeId: 3,
    name: 'scalerUnit',
    static: true,
  });
  expect(energy.logicalName.attributeId).toBe(1);
  expect(energy.reset.methodId).toBe(1);
  expect(energy.self).toEqual({ classId: 3, version: 0, logicalName: '1.0.1.8.0.255' });
  expectTypeOf(energy.value).toEqualTypeOf<AttributeRef<Data>>();
  expectTypeOf(energy.scalerUnit).toEqualTypeOf<AttributeRef<{ readonly scaler: number; readonly unit: Unit }>>();
  expectTypeOf(energy.reset).toEqualTypeOf<MethodRef<void, undefined>>();
  expectTypeOf(energy).not.toHaveProperty('nothing');
  const clock = clientObject(ClockClass, '0.0.1.0.0.255');
  expectTypeOf(clock.time).toEqualTypeOf<AttributeRef<CosemDateTime>>();
  const relay = clientObject(DisconnectControlV0, '0.0.96.3.10.255');
  expectTypeOf(relay.controlState).toEqualTypeOf<
    AttributeRef<'disconnected' | 'connected' | 'ready-for-reconnection'>
  >();
  const association = clientObject(AssociationLnV1, '0.0.40.0.0.255');
  expectTypeOf(association.replyToHlsAuthentication).toEqualTypeOf<MethodRef<Uint8Array, Uint8Array>>();
});

test('another version keeps what it does not change', () => {
  expect([...ProfileGenericV0.methodNames.values()]).toEqual([
    'reset',
    'capture',
    'getBufferByRange',
    'getBufferByIndex',
  ]);
  expect([...ProfileGenericV1.methodNames.values()]).toEqual(['reset', 'capture']);
  expect(HdlcSetupV0.attributes.maxInfoFieldLengthTransmit.type.name).toBe('unsigned');
  expect(HdlcSetupV1.attributes.maxInfoFieldLengthTransmit.type.name).toBe('long-unsigned');
  expect(HdlcSetupV1.attributes.commSpeed).toBe(HdlcSetupV0.attributes.commSpeed);
  const old = cosemClass({ name: 'Old', id: 8200, version: 0, attributes: { a: attr(2, uint32) } });
  const recent = extendClass(old, {
    version: 1,
    attributes: { a: attr(2, float32), b: attr(3, structure({ x: int8 })) },
  });
  expectTypeOf<ClientObject<typeof recent>['a']>().toEqualTypeOf<AttributeRef<number>>();
  expectTypeOf<ClientObject<typeof recent>['b']>().toEqualTypeOf<AttributeRef<{ readonly x: number }>>();
  expect(recent.attributes.a.type.name).toBe('float32');
});

test('two attributes with one id are refused', () => {
  expect(() => cosemClass({ name: 'Bad', id: 1, version: 0, attributes: { a: attr(1, uint32) } })).toThrow(
    /'a' and 'logicalName' both have id 1|'logicalName' and 'a' both have id 1/,
  );
  expect(() =>
    cosemClass({ name: 'Bad', id: 1, version: 0, methods: { a: method(1, zero), b: method(1, zero) } }),
  ).toThrow(/both have id 1/);
});

test('an unknown class gives a handle over Data', () => {
  const object = untypedObject(8193, 3, '0.0.128.0.0.255');
  expect(object.attribute(9)).toMatchObject({ classId: 8193, version: 3, attributeId: 9, name: 'attribute 9' });
  expectTypeOf(object.attribute(9)).toEqualTypeOf<AttributeRef<Data>>();
  expect(object.method(2)).toMatchObject({ methodId: 2, name: 'method 2' });
});

test('an implementation gives each attribute as value, function, or both directions', () => {
  let mode = 4;
  const relay: Implementation<typeof DisconnectControlV0> = {
    outputState: true,
    controlState: () => 'connected',
    controlMode: {
      get: () => mode,
      set: (value) => {
        mode = value;
      },
    },
    remoteDisconnect: () => undefined,
  };
  expect(attributeAccess(relay.outputState).get()).toBe(true);
  expect(attributeAccess(relay.controlState).get()).toBe('connected');
  const access = attributeAccess(relay.controlMode);
  access.set?.(6);
  expect(access.get()).toBe(6);
  expect(attributeAccess(relay.outputState).set).toBeUndefined();
  // @ts-expect-error an attribute may not be left out
  const incomplete: Implementation<typeof DisconnectControlV0> = { outputState: true, controlMode: 4 };
  expect(incomplete).toBeDefined();
  // @ts-expect-error nor have another type
  const wrong: Implementation<typeof DisconnectControlV0> = { ...relay, controlState: 'open' };
  expect(wrong).toBeDefined();
});

test('zero is sent as integer 0 and read kindly', () => {
  expect(zero.encode()).toEqual({ type: 'integer', value: 0 });
  expect(zero.decode({ type: 'null-data', value: null })).toBeUndefined();
  expect(zero.decode({ type: 'unsigned', value: 1 })).toBeUndefined();
  expect(() => zero.decode({ type: 'boolean', value: true })).toThrow(/boolean found/);
});
