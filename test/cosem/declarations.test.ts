/**
 * A property over everything that is declared: all classes, versions, attributes and methods. What goes out comes back, over the real client
 * and server; secrets show nowhere; a meter that was recorded is the same meter again. fast-check prints seed and path of what failed.
 */

import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openOptionsOf, templateMeter } from '../../simulator/index.js';
import { fromLatin1, toHex } from '../../src/base/bytes.js';
import { decodeData, encodeData } from '../../src/codec/axdr.js';
import type { Data } from '../../src/codec/data.js';
import { dataToJson } from '../../src/codec/json.js';
import { u16 } from '../../src/codec/make.js';
import { INTEGER_RANGE } from '../../src/codec/tags.js';
import type { Shape, Type } from '../../src/codec/type.js';
import type { AccessRights } from '../../src/cosem/access.js';
import type { Attribute, AttributeRef, CosemClass, Method, MethodRef } from '../../src/cosem/class.js';
import { clientObject } from '../../src/cosem/class.js';
import { AssociationLnV0 } from '../../src/cosem/classes/access.js';
import { DisconnectControlV0 } from '../../src/cosem/classes/disconnect-control.js';
import { ProfileGenericV1 } from '../../src/cosem/classes/storage.js';
import type { AttributeAccess, Implementation } from '../../src/cosem/implementation.js';
import { classes } from '../../src/cosem/registry.js';
import { selected } from '../../src/cosem/selected.js';
import type { Selectors } from '../../src/cosem/selection.js';
import { type OpenOptions, open } from '../../src/index.js';
import { FrameMasker } from '../../src/inspect/masker.js';
import { renderText } from '../../src/inspect/text.js';
import { object } from '../../src/server/object.js';
import { MeterDump, parseTemplate, templateText } from '../../src/tools.js';
import { arbitraryData, scalarOf, scalarTypes, valueOfType } from '../support/arbitraries.js';
import { ServedMeter } from '../support/served-meter.js';

const CLIENT = 16;
/** A name of the maker's own: what is plausible depends on the class alone. */
const NAME = '0.0.128.7.0.255';
const OPTIONS: OpenOptions = { client: CLIENT, framing: 'wrapper' };
fc.configureGlobal({ baseSize: 'xsmall' });

/** Shrinking would take longer than the property may; the values of a whole class fill pages. */
const told = ({ failed, seed, counterexamplePath: path, errorInstance: cause }: fc.RunDetails<never>): void => {
  if (!failed) return;
  throw new Error(`{ seed: ${seed}, path: '${path}' } ${cause instanceof Error ? cause.message : cause}`, { cause });
};
const runs = (numRuns: number) => ({ endOnFailure: true, numRuns, reporter: told as (details: unknown) => void });

const attributesOf = (cosem: CosemClass) =>
  Object.entries<Attribute<unknown, Selectors>>(cosem.attributes).filter(([name]) => name !== 'logicalName');
const methodsOf = (cosem: CosemClass) => Object.entries<Method<unknown, unknown>>(cosem.methods);
const sent = (type: Type<unknown>, value: unknown) => toHex(encodeData(type.encode(value)));

const numbers = fc.constantFrom(...scalarTypes.filter((type) => type in INTEGER_RANGE && !type.startsWith('delta-')));
const rows = fc.array(arbitraryData, { maxLength: 3 }).map((value): Data => ({ type: 'array', value }));

/** A value of an attribute: a number where one is to be scaled, rows where one is read in parts. */
function valueOfAttribute({ type, scaledBy, selectors }: Attribute<unknown, Selectors>): Arbitrary<unknown> {
  if (type.shape.kind !== 'data') return valueOfType(type);
  if (scaledBy !== undefined) return numbers.chain(scalarOf);
  return selectors === undefined ? arbitraryData : rows;
}

type Values = Readonly<Record<string, unknown>>;

/** Values of all attributes of a class that one meter can have at once. */
function valuesOf(cosem: CosemClass): Arbitrary<Values> {
  const each = fc.record(Object.fromEntries(attributesOf(cosem).map(([name, of]) => [name, valueOfAttribute(of)])));
  return each.map((values: Values) => {
    // The states of a relay hang together, and an association of another client has no part in this one.
    if (cosem.id === DisconnectControlV0.id) {
      return { ...values, outputState: values.controlState === 'connected', controlMode: 4 };
    }
    return cosem.id === AssociationLnV0.id
      ? { ...values, associatedPartnersId: { clientSap: 99, serverSap: 1 } }
      : values;
  });
}

const EVERYTHING = (cosem: CosemClass): AccessRights => ({
  attributes: Object.fromEntries(attributesOf(cosem).map(([, { id }]) => [id, 'read-and-write' as const])),
  methods: Object.fromEntries(methodsOf(cosem).map(([, { id }]) => [id, 'access' as const])),
});

/** An object that keeps what is written, and what it was asked for. */
class Kept {
  readonly values: Record<string, unknown>;
  readonly answers: Values;
  readonly selections: unknown[] = [];
  readonly called: [method: string, parameter: unknown][] = [];

  constructor(values: Values, answers: Values) {
    this.values = { ...values };
    this.answers = answers;
  }

  implementation(cosem: CosemClass): Implementation<CosemClass> {
    const attributes = attributesOf(cosem).map(([name]): [string, AttributeAccess<unknown, Selectors>] => [
      name,
      {
        get: () => this.values[name],
        select: (selection) => {
          this.selections.push(selection);
          return this.values[name];
        },
        set: (value) => {
          this.values[name] = value;
        },
      },
    ]);
    const methods = methodsOf(cosem).map(([name]) => [
      name,
      (parameter: unknown) => {
        this.called.push([name, parameter]);
        return this.answers[name];
      },
    ]);
    return Object.fromEntries([...attributes, ...methods]) as Implementation<CosemClass>;
  }
}

/** Values before and after, parameters, answers and selections: all that a conversation about one object needs. */
function exchangeOf(cosem: CosemClass) {
  const methods = methodsOf(cosem);
  const selectors = attributesOf(cosem).flatMap(([name, { selectors: of = {} }]) =>
    Object.entries(of).map(([by, { parameters }]) =>
      valueOfType(parameters)
        // A request has no blocks: its parameters fit one message.
        .filter((value) => encodeData(parameters.encode(value)).length < 300)
        .map((value) => ({ name, by, value })),
    ),
  );
  return fc.record({
    before: valuesOf(cosem),
    after: valuesOf(cosem),
    parameters: fc.record(Object.fromEntries(methods.map(([name, { parameter }]) => [name, valueOfType(parameter)]))),
    answers: fc.record(
      Object.fromEntries(
        methods.map(([name, { returns }]) => [name, returns ? valueOfType(returns) : fc.constant(undefined)]),
      ),
    ),
    selections: fc.tuple(...selectors),
  });
}

type References = Readonly<Record<string, AttributeRef<unknown, Selectors> & MethodRef<unknown, unknown>>>;
const referencesOf = (cosem: CosemClass) => clientObject(cosem, NAME) as unknown as References;

/** A meter with one object of a class, with all rights for the public client. */
function served(cosem: CosemClass, kept: Kept): ServedMeter {
  const meter = new ServedMeter();
  meter.device.add(object(cosem, NAME, kept.implementation(cosem), { [CLIENT]: EVERYTHING(cosem) }));
  return meter;
}

const all = classes.map((cosem) => [`${cosem.name} (${cosem.id} version ${cosem.version})`, cosem] as const);

describe('encode after decode is the identity', () => {
  test.each(all)('%s', (_, cosem) => {
    const types = [
      ...attributesOf(cosem).flatMap(([name, of]) => [
        [name, of.type] as const,
        ...Object.entries(of.selectors ?? {}).map(([by, { parameters }]) => [`${name} by ${by}`, parameters] as const),
      ]),
      ...methodsOf(cosem).flatMap(([name, { parameter, returns }]) => [
        [name, parameter] as const,
        ...(returns === undefined ? [] : [[`answer of ${name}`, returns] as const]),
      ]),
    ];
    for (const [name, type] of types) {
      const property = fc.property(valueOfType(type), (value) => {
        const octets = encodeData(type.encode(value));
        const read = type.decode(decodeData(octets));
        expect([name, read]).toEqual([name, value]);
        expect([name, sent(type, read)]).toEqual([name, toHex(octets)]);
      });
      fc.assert(property, runs(5));
    }
  });
});

describe('a client against a server', () => {
  test.each(all)('%s', async (_, cosem) => {
    const property = fc.asyncProperty(exchangeOf(cosem), async (exchange) => {
      const kept = new Kept(exchange.before, exchange.answers);
      await using meter = await served(cosem, kept).open(OPTIONS);
      const refs = referencesOf(cosem);
      expect(await meter.get(refs.logicalName as AttributeRef<unknown>)).toBe(NAME);
      for (const [name, { type }] of attributesOf(cosem)) {
        const ref = refs[name] as AttributeRef<unknown>;
        expect([name, sent(type, await meter.get(ref))]).toEqual([name, sent(type, exchange.before[name])]);
        await meter.set(ref, exchange.after[name]);
        expect([name, sent(type, kept.values[name])]).toEqual([name, sent(type, exchange.after[name])]);
        expect([name, sent(type, await meter.get(ref))]).toEqual([name, sent(type, exchange.after[name])]);
      }
      for (const { name, by, value } of exchange.selections) {
        await meter.get(selected(refs[name] as AttributeRef<unknown, Selectors>, by, value as never));
        expect(kept.selections.pop()).toEqual({ by, parameters: value });
      }
      for (const [name, { parameter, returns }] of methodsOf(cosem)) {
        const returned = await meter.call(refs[name] as MethodRef<unknown, unknown>, exchange.parameters[name]);
        const [asked] = kept.called.splice(0);
        expect([asked?.[0], sent(parameter, asked?.[1])]).toEqual([name, sent(parameter, exchange.parameters[name])]);
        const got = returns === undefined ? undefined : sent(returns, returned);
        expect([name, got]).toEqual([name, returns && sent(returns, exchange.answers[name])]);
      }
    });
    await fc.assert(property, runs(1));
  });
});

// ---- secrets

/** Octets that stand nowhere by chance. */
const markers = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .filter((octets) => new Set(octets).size >= 10 && !octets.includes(0));

/** A value of which every part that can hold octets holds marked ones. */
function marked(shape: Shape): Arbitrary<Data> {
  switch (shape.kind) {
    case 'data':
      return fc.array(markers, { minLength: 2, maxLength: 2 }).map((items) => ({
        type: 'structure',
        value: items.map((value) => ({ type: 'octet-string', value })),
      }));
    case 'array':
      return marked(shape.element.shape).map((element) => ({ type: 'array', value: [element, element] }));
    case 'structure':
      return fc
        .tuple(...Object.values(shape.fields).map((field) => marked(field.shape)))
        .map((value) => ({ type: 'structure', value }));
    case 'enum':
      return fc.constantFrom(...Object.values(shape.values)).map((value) => ({ type: 'enum', value }));
    case 'scalar':
      if (shape.type === 'octet-string') return markers.map((value) => ({ type: 'octet-string', value }));
      // A PIN: not one that is found everywhere.
      if (shape.type === 'long-unsigned') return fc.constantFrom(0xa5c3, 0xb6d4).map(u16);
      return scalarOf(shape.type as (typeof scalarTypes)[number]);
    default:
      throw new Error(`a secret that is ${shape.kind}`);
  }
}

/** Everything by which a secret would be known: octets, and the whole as it goes over the line. */
function tracesOf(data: Data): string[] {
  if (data.type === 'array' || data.type === 'structure') return data.value.flatMap(tracesOf);
  if (data.type === 'octet-string') return [toHex(data.value), String.fromCharCode(...data.value)];
  return data.type === 'long-unsigned' ? [toHex(encodeData(data)), String(data.value)] : [];
}

const secretive = all.filter(([, cosem]) =>
  [...attributesOf(cosem), ...methodsOf(cosem)].some(([, { secret }]) => secret === true),
);

/** A secret value, or any other, of a member. */
const memberValue = (of: { readonly secret?: boolean }, type: Type<unknown>): Arbitrary<unknown> =>
  of.secret === true ? marked(type.shape).map((found) => type.decode(found)) : valueOfType(type);

describe('a secret shows nowhere', () => {
  test.each(secretive)('%s', async (_, cosem) => {
    const [attributes, methods] = [attributesOf(cosem), methodsOf(cosem)];
    const values = fc.record({
      before: fc.record(Object.fromEntries(attributes.map(([name, of]) => [name, memberValue(of, of.type)]))),
      after: fc.record(Object.fromEntries(attributes.map(([name, of]) => [name, memberValue(of, of.type)]))),
      parameters: fc.record(Object.fromEntries(methods.map(([name, of]) => [name, memberValue(of, of.parameter)]))),
      answers: fc.record(
        Object.fromEntries(
          methods.map(([name, of]) => [name, of.returns ? memberValue(of, of.returns) : fc.constant(undefined)]),
        ),
      ),
    });
    const property = fc.asyncProperty(values, async ({ before, after, parameters, answers }) => {
      const masker = new FrameMasker({ framing: 'wrapper' });
      const shown: string[] = [];
      const clear: string[] = [];
      const kept = new Kept(before, answers);
      const options: OpenOptions = {
        ...OPTIONS,
        trace: (event) => {
          if (event.type !== 'octets') return;
          clear.push(toHex(event.bytes));
          for (const { node, octets } of masker.feed(event.bytes, event.direction === 'sent' ? 'client' : 'server')) {
            shown.push(JSON.stringify(node), renderText(node), toHex(octets), String.fromCharCode(...octets));
          }
        },
      };
      const dumps: string[] = [];
      const meterOf = served(cosem, kept);
      {
        await using meter = await meterOf.open(options);
        for (const mask of [false, true]) {
          const dump = new MeterDump({ clock: meterOf.clock, mask, rows: 0 });
          await dump.add(meter, 'public', OPTIONS);
          dumps.push(templateText(dump.template()));
        }
        const refs = referencesOf(cosem);
        for (const [name] of attributes) {
          await meter.get(refs[name] as AttributeRef<unknown>);
          await meter.set(refs[name] as AttributeRef<unknown>, after[name]);
        }
        for (const [name] of methods) await meter.call(refs[name] as MethodRef<unknown, unknown>, parameters[name]);
      }
      const secrets = [
        ...attributes.flatMap(([name, { secret, type }]) =>
          secret ? [type.encode(before[name]), type.encode(after[name])] : [],
        ),
        ...methods.flatMap(([name, { secret, parameter, returns }]) =>
          secret ? [parameter.encode(parameters[name]), ...(returns ? [returns.encode(answers[name])] : [])] : [],
        ),
      ];
      const line = clear.join();
      expect(secrets.length).toBeGreaterThan(0);
      for (const secret of secrets) {
        const traces = tracesOf(secret);
        // What did not cross the line at all would be hidden by nothing.
        expect(traces.some((trace) => line.includes(trace))).toBe(true);
        for (const trace of traces) {
          const places = [...shown, ...dumps].filter((text) => text.includes(trace));
          expect(places.map((text) => text.slice(0, 200))).toEqual([]);
        }
      }
    });
    await fc.assert(property, runs(1));
  });
});

// ---- dump, and be again

describe('a meter that was recorded is the same again', () => {
  test.each(all)('%s', async (_, cosem) => {
    const property = fc.asyncProperty(valuesOf(cosem), async (values) => {
      const rowsKept = cosem.id === ProfileGenericV1.id ? 'all' : 0;
      const first = served(cosem, new Kept(values, {}));
      const text = await dumpOf(await first.open(OPTIONS), OPTIONS, first, rowsKept);
      const faults: unknown[] = [];
      const again = templateMeter(parseTemplate(text), { clock: first.clock, onFault: (error) => faults.push(error) });
      const options = { ...OPTIONS, ...openOptionsOf(again, 'public'), clock: first.clock };
      expect(
        await dumpOf(await open(await again.line({ framing: 'wrapper' }), options), options, first, rowsKept),
      ).toBe(text);
      await using meter = await open(await again.line({ framing: 'wrapper' }), options);
      const refs = referencesOf(cosem);
      for (const [name, { type, secret, means }] of attributesOf(cosem)) {
        if (secret === true || means === 'present-time') continue;
        const value = await meter.get(refs[name] as AttributeRef<unknown>);
        // Unused bits of a bit-string are no part of a template.
        expect([name, dataToJson(type.encode(value))]).toEqual([name, dataToJson(type.encode(values[name]))]);
      }
      expect(faults).toEqual([]);
    });
    await fc.assert(property, runs(1));
  });
});

async function dumpOf(
  opened: Awaited<ReturnType<ServedMeter['open']>>,
  options: OpenOptions,
  { clock }: ServedMeter,
  rows: 'all' | 0,
) {
  await using meter = opened;
  // Rows only where they are those of the class: the meter has a long profile beside.
  const dump = new MeterDump({ clock, rows });
  await dump.add(meter, 'public', options);
  return templateText(dump.template());
}

test('a marked value is found where nothing hides it', () => {
  expect(tracesOf({ type: 'octet-string', value: fromLatin1('AB') })).toEqual(['4142', 'AB']);
});
