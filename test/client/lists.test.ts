/** GET with list, held against its questions: whatever a meter makes of a list, the values are right, or there is an error. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeApdu } from '../../src/apdu/codec.js';
import { fromHex } from '../../src/base/bytes.js';
import { enumValue, nullValue, octets, structureOf, u8, u16, u32 } from '../../src/codec/make.js';
import type { GetDataResult } from '../../src/contracts/services.js';
import { DataClass } from '../../src/cosem/classes/storage.js';
import { is15959, readingsOf } from '../../src/index.js';
import { object } from '../../src/server/object.js';
import { RogueMeter, type Spoil, specs } from './rogue-lists.js';

const honest = new RogueMeter((results) => results);
const right = await honest.read();
const error = (code: number) => ({ error: code });
const filled =
  (code: number): Spoil =>
  (results) =>
    results.map(() => error(code));

test('an honest meter is asked by lists, and nothing is said', async () => {
  expect(right.filter((text) => !text.startsWith('!')).length).toBeGreaterThan(35);
  expect(right.filter((text) => text === '! object-undefined').length).toBeGreaterThan(2);
  // A list of as many as fit leaves one over.
  expect([honest.codes, honest.singles]).toEqual([[], 1]);
});

/** What the values of a list may become. */
const SPOILT: readonly (readonly [string, Spoil])[] = [
  [
    'shifted by one, a date-time first (case 15)',
    (r) => [{ data: octets(fromHex('07E90C0E07100000FF800000')) }, ...r.slice(0, -1)],
  ],
  ['shifted the other way', (r) => [...r.slice(1), r[0] as GetDataResult]],
  ['turned round', (r) => [...r].reverse()],
  ['one missing', (r) => r.slice(1)],
  ['one too many', (r) => [...r, { data: u8(0) }]],
  ['none at all', () => []],
  [
    'the refusals left out, and what is missing repeated',
    (r) => {
      const values = r.filter((result) => 'data' in result);
      return r.map((_, i) => values[i % values.length] as GetDataResult);
    },
  ],
  ['the first value for all', (r) => r.map(() => r[0] as GetDataResult)],
  ['of another object in between', (r) => r.map((result, i) => (i === 3 ? { data: u8(0) } : result))],
];

describe.each(SPOILT)('a list whose values are %s', (_, spoil) => {
  test.each(['all', 'instant', 'energy', 'balance', 'nameplate'] as const)('read %s', async (topic) => {
    const which = readingsOf(is15959, topic);
    const meter = new RogueMeter(spoil);
    const texts = await meter.read(which);
    expect(texts).toEqual(which.map((spec) => right[specs.indexOf(spec)]));
    if (meter.codes.length === 0 && !texts.some((text) => text.startsWith('!'))) return;
    expect(meter.codes).toEqual(['list-void']);
    expect(meter.remarks[0]?.weight).toBe('note');
    // Once is enough: no list is sent any more.
    expect(meter.lists).toBe(1);
  });
});

/** What a meter that knows no lists may say. */
const REFUSALS: readonly (readonly [string, Spoil])[] = [
  ['other-reason for each (case 7b)', filled(250)],
  ['object-undefined for each', filled(4)],
  ['read-write-denied for each', filled(3)],
  ['temporary-failure for each', filled(2)],
  ['C4 01 FA', () => fromHex('C401C101FA')],
  ['one value, as if one was asked for', () => fromHex('C401C1000905')],
  ['an alternative that does not exist (case 15)', () => fromHex('C403C1020103')],
  ['an alternative that does not exist, in full', (r) => Uint8Array.of(0xc4, 3, 0xc1, r.length, ...r.map(() => 3))],
  ['C4 04', () => fromHex('C404C100')],
  ['exception-response: service not supported', () => fromHex('D80202')],
  ['exception-response: operation not possible', () => fromHex('D80101')],
  ['exception-response: other reason', () => fromHex('D80103')],
  ['confirmed-service-error', () => fromHex('0E050501')],
  [
    'octets cut off',
    (r) => encodeApdu({ type: 'get-response-with-list', invokeId: 0xc1, results: [...r] }).slice(0, 20),
  ],
  ['a block that refuses', () => fromHex('C402C101000000010102')],
];

describe.each(REFUSALS)('a list answered with %s', (_, spoil) => {
  test('is asked one by one, said once and remembered', async () => {
    const meter: RogueMeter = new RogueMeter((results, of) =>
      withInvokeId(spoil(results, of), meter.requests.at(-1) as Uint8Array),
    );
    expect(await meter.read()).toEqual(right);
    expect(meter.codes).toEqual(['list-void']);
    expect(meter.lists).toBeLessThanOrEqual(2);
  });
});

/** The answer under the invoke id that was asked with. */
function withInvokeId(answer: readonly GetDataResult[] | Uint8Array, request: Uint8Array) {
  if (!(answer instanceof Uint8Array) || answer[0] !== 0xc4) return answer;
  return answer.map((octet, i) => (i === 2 ? (request[2] as number) : octet));
}

test('refusals that only some of a list get are asked about, unless an object may well earn them', async () => {
  const meter = new RogueMeter((results) => results.map((result, i) => (i > 20 ? error(250) : result)));
  expect(await meter.read()).toEqual(right);
  const denied = new RogueMeter();
  denied.says = (answer) => answer;
  expect((await denied.read()).filter((text) => text.startsWith('!'))).toEqual(
    right.filter((text) => text.startsWith('!')),
  );
});

test('objects that are all missing are asked about once, and lists go on', async () => {
  const meter = new RogueMeter((results) => results);
  const missing = ['0.0.96.77.1.255', '0.0.96.77.2.255', '0.0.96.77.3.255'];
  await meter.visit(async (opened) => {
    const refs = missing.map((name) => opened.data(name).value);
    for (let i = 0; i < 3; i++) {
      const outcomes = await opened.tryGetAll(refs);
      expect(outcomes.map(({ ok }) => ok)).toEqual([false, false, false]);
    }
  });
  expect([meter.lists, meter.singles, meter.codes]).toEqual([3, 3, []]);
});

test('a value that fits its class badly, in the list as by itself, is the meter’s way: lists go on', async () => {
  const meter = new RogueMeter((results) => results);
  meter.device.add(object(DataClass, '0.0.96.1.9.255', { value: u32(42) }));
  await meter.visit(async (opened) => {
    for (let i = 0; i < 3; i++) {
      const refs = [opened.data('0.0.96.1.9.255').value, opened.register('1.0.1.8.0.255').value] as const;
      expect(await opened.getAll(refs)).toEqual([u32(42), u32(123456)]);
    }
  });
  expect([meter.lists, meter.singles, meter.codes]).toEqual([3, 1, []]);
});

test('whatever order the values come in, whatever is lost or put in between: right, or an error', async () => {
  const spoilt = fc.oneof(
    fc.integer({ min: 1, max: 60 }).map(
      (by): Spoil =>
        (r) =>
          r.map((_, i) => r[(i + by) % r.length] as GetDataResult),
    ),
    fc.nat(60).map(
      (at): Spoil =>
        (r) =>
          r.filter((_, i) => i !== at % r.length),
    ),
    fc.nat(60).map(
      (at): Spoil =>
        (r) => {
          const place = at % r.length;
          return [...r.slice(0, place), { data: u16(7) }, ...r.slice(place, -1)];
        },
    ),
    fc.nat(60).map(
      (at): Spoil =>
        (r) => {
          const place = at % r.length;
          return [...r.slice(0, place), ...r.slice(place + 1), r.at(-1) as GetDataResult];
        },
    ),
    fc
      .constantFrom<GetDataResult>(
        { data: u8(0) },
        { data: enumValue(1) },
        { data: structureOf([u8(1), u8(2)]) },
        { data: octets(new Uint8Array(12)) },
        error(250),
        error(2),
      )
      .map(
        (of): Spoil =>
          (r) =>
            r.map(() => of),
      ),
  );
  const topic = fc.constantFrom('all', 'energy', 'instant', 'balance');
  await fc.assert(
    fc.asyncProperty(spoilt, topic, async (spoil, name) => {
      const which = readingsOf(is15959, name);
      const texts = await new RogueMeter(spoil).read(which);
      texts.forEach((text, i) => {
        if (!text.startsWith('!')) expect(text).toBe(right[specs.indexOf(which[i] as (typeof which)[0])]);
      });
    }),
    { numRuns: 150 },
  );
});

test('scalers and units are held against what is measured', async () => {
  const shift: Spoil = (r) => [...r.slice(1), r[0] as GetDataResult];
  const meter = new RogueMeter((results, of) =>
    of.every(({ attributeId }) => attributeId === 3) ? shift(results, of) : results,
  );
  expect(await meter.read()).toEqual(right);
  expect(meter.codes).toEqual(['list-void']);
});

test('nothing (null-data) may stand for any value', async () => {
  const meter = new RogueMeter((results) =>
    results.map((result, i) => (i === 2 && results.length > 40 ? { data: nullValue() } : result)),
  );
  const texts = await meter.read();
  expect(texts.filter((text, i) => text !== right[i])).toHaveLength(1);
  expect(meter.codes).toEqual([]);
});
