import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../src/canonical.js';
import { DocumentError } from '../src/document.js';
import { answersJsonSchema, mappingJsonSchema, policyJsonSchema, workOrderJsonSchema } from '../src/json-schemas.js';
import { messages, say, sentence } from '../src/messages.js';
import { defaultPolicy, parsePolicy } from '../src/policy.js';
import { parseWorkOrder } from '../src/work-order.js';
import { orderJson } from './bench.js';

const docs = resolve(import.meta.dirname, '../docs');

function problemsOf(changes: Record<string, unknown>): string {
  try {
    parseWorkOrder(JSON.stringify(orderJson(changes)), 'orders/a.json');
    return 'none';
  } catch (error) {
    expect(error).toBeInstanceOf(DocumentError);
    return (error as DocumentError).message;
  }
}

describe('a work order', () => {
  test('gives all but what is not to be shown', () => {
    const otp = { type: 'totp', seed: '31'.repeat(20), expires: '2026-11-24T00:00:00+05:30' };
    const { order, credential } = parseWorkOrder(JSON.stringify(orderJson({ otp })), 'a.json');
    expect(order.consumer).toEqual({
      number: '1100220033',
      name: 'Asha Devi',
      address: '12 Gandhi Marg, Lucknow 226001',
      mobileLast4: '4321',
    });
    expect(JSON.stringify(order)).not.toContain('98123');
    expect(JSON.stringify(order)).not.toContain('3131');
    expect(credential).toEqual(otp);
  });

  const consumer = orderJson().consumer as object;
  test.each([
    [{ sanctionedLoad: undefined }, 'orders/a.json: sanctionedLoad is missing: add it'],
    [{ sanctionedLoad: 1.5 }, 'orders/a.json: sanctionedLoad is no whole number: correct it'],
    [{ sanctionedLoad: 0 }, 'orders/a.json: sanctionedLoad is too small or too short: at least 1'],
    [{ colour: 'red' }, 'orders/a.json: colour is not known: remove it, or correct its name'],
    [
      { consumer: { ...consumer, mobile: '98123' } },
      'orders/a.json: consumer.mobile is no Indian mobile number: write its ten digits, +91 may stand before',
    ],
    [{ consumer: { ...consumer, name: '' } }, 'orders/a.json: consumer.name is empty: write it'],
    [{ id: '../../etc/passwd' }, 'orders/a.json: id is no identification: write up to 40 letters, digits, _ and -'],
    [{ issued: 'yesterday' }, 'orders/a.json: issued is no date and time: write it as 2026-11-23T10:30:00+05:30'],
    [
      { newMeter: { serial: 'any', profile: 'is15959/D9' } },
      'orders/a.json: newMeter.profile is not one of the allowed values: write one of is15959/D1, is15959/D2',
    ],
    [
      { newMeter: { serial: 'a b', profile: 'is15959/D1' } },
      "orders/a.json: newMeter.serial is no serial number: write that of the name plate, or 'any'",
    ],
    [{ oldMeter: undefined }, 'orders/a.json: oldMeter is missing: add it'],
    [
      { position: { latitude: 91, longitude: 0 } },
      'orders/a.json: position.latitude is too large or too long: at most 90',
    ],
    [{ otp: { type: 'sms' } }, 'orders/a.json: otp.type is not one of the allowed forms: compare it with the schema'],
    [
      {
        otp: {
          type: 'hashed',
          n: 100_000,
          r: 8,
          p: 1,
          codes: [{ id: '1', salt: '00'.repeat(16), hash: '00'.repeat(32), expires: '2026-11-24T00:00:00Z' }],
        },
      },
      'orders/a.json: otp.n is no power of two: 131072 is usual',
    ],
    [
      { id: 5, sanctionedLoad: 'x' },
      'orders/a.json: id is no string: correct it\norders/a.json: sanctionedLoad is no number: correct it',
    ],
  ])('%j', (changes, expected) => {
    expect(problemsOf(changes)).toBe(expected);
  });

  test.each([
    ['', 'orders/a.json is not JSON: compare it with the example in the guide'],
    ['{\n"id": x}', 'orders/a.json is not JSON'],
    ['[]', 'orders/a.json is no object: correct it'],
  ])('%j', (text, expected) => {
    expect(() => parseWorkOrder(text, 'orders/a.json')).toThrow(expected);
  });

  test('no value of a file is repeated in what is said of it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(orderJson())), fc.integer({ min: 1_000_000_000 }), (field, secret) => {
        const said = problemsOf({ [field]: { x: `SECRET${secret}`, mobile: `${secret}` } });
        expect(said).not.toContain(String(secret));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a policy', () => {
  test('an empty one is the default: nothing but documents may be left out', () => {
    expect(parsePolicy('{}', 'policy.json')).toEqual(defaultPolicy);
    expect(defaultPolicy).toMatchObject({ helpline: '1912', deviation: -330, skippable: ['documents'] });
  });

  test.each([
    ['{"skippable": ["certificate"]}', 'policy.json: skippable.0 is not one of the allowed values'],
    ['{"clock": {"tolerance": 60, "correction": 30}}', 'policy.json: clock.correction is less than the tolerance'],
    ['{"helpline": "call me"}', 'policy.json: helpline is no telephone number'],
    ['{"events": {"watched": ["cover", "ghosts"]}}', 'policy.json: events.watched.1 is not one of'],
  ])('%s', (text, expected) => {
    expect(() => parsePolicy(text, 'policy.json')).toThrow(expected);
  });
});

describe('the documented schemas', () => {
  test.each([
    ['work-order.schema.json', workOrderJsonSchema],
    ['commissioning-policy.schema.json', policyJsonSchema],
    ['commissioning-answers.schema.json', answersJsonSchema],
    ['order-mapping.schema.json', mappingJsonSchema],
  ])('docs/%s is what the code checks (COSEM_WRITE_DOCS=1 writes it)', (name, schema) => {
    const text = `${JSON.stringify(schema(), undefined, 2)}\n`;
    if (process.env.COSEM_WRITE_DOCS === '1') writeFileSync(join(docs, name), text);
    expect(readFileSync(join(docs, name), 'utf8')).toBe(text);
  });
});

describe('the sentences', () => {
  const all = Object.entries(messages);
  const params = (text: string) => [...text.matchAll(/\{[^}]*\}/g)].map(([param]) => param).sort();

  /** Where English has a reason in words or rows with their name, Hindi has the code, or the count: words of English stand on no Hindi screen. */
  const OTHER_PARAMS: Readonly<Record<string, readonly [en: readonly string[], hi: readonly string[]]>> = {
    'file-unread-why': [
      ['{file}', '{reason}'],
      ['{code}', '{file}'],
    ],
    'file-problem': [['{field}', '{fix}', '{reason}'], ['{field}']],
    'index-exported': [
      ['{file}', '{rows}'],
      ['{count}', '{file}'],
    ],
    'index-import-refused': [
      ['{good}', '{rows}'],
      ['{count}', '{good}'],
    ],
    'index-import-dry': [
      ['{good}', '{rows}'],
      ['{count}', '{good}'],
    ],
    'index-imported': [['{rows}'], ['{count}']],
    'verify-unread': [['{message}'], ['{file}']],
    'verify-chain': [['{records}'], ['{count}']],
  };

  test.each(all)('%s: both languages, the same parameters', (name, { en, hi }) => {
    expect(en).not.toBe('');
    if (hi !== en) expect(hi).toMatch(/[\u0900-\u097F]/);
    // The same in both: nothing but what is told within.
    else expect(en).toMatch(/^\{[^}]*\}$/);
    const [inEnglish, inHindi] = OTHER_PARAMS[name] ?? [params(en), params(en)];
    expect([params(en), params(hi)]).toEqual([inEnglish, inHindi]);
  });

  test('forms of parameters', () => {
    expect(say('en', 'clock-too-far', { seconds: -10_800, way: 'behind', limit: 900 })).toContain('3 h 0 min behind');
    expect(say('hi', 'clock-too-far', { seconds: 90_061, way: 'ahead', limit: 59 })).toContain('1 दिन 1 घंटे आगे');
    expect(say('hi', 'resumed', { done: 6, step: 'relay' })).toContain('अब चरण 7: रिले।');
    expect(say('en', 'clock-good', { seconds: 0 })).toBe('The clock is right (0 s off).');
    expect(sentence({ code: 'otp-rate-limited', params: { at: 0 } }, 'en')).toContain('01-01-1970 05:30:00');
    expect(say('en', 'seals-too-few')).toBe('At least ? seals are needed; ? were given.');
  });

  test('the promise: free of charge', () => {
    expect(say('en', 'free')).toContain('free of charge');
    expect(say('hi', 'free')).toContain('निःशुल्क');
  });
});

describe('canonical JSON', () => {
  test('RFC 8785, clause 3.2.3: order of names', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect([...canonicalJson(value).matchAll(/:"([^"]*)"/g)].map(([, text]) => text)).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  test('RFC 8785, clause 3.2.4: numbers, text and literals', () => {
    const value = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('is the same whatever the order, and JSON of the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        // JSON has no -0.
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value))).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  test('what has none', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, '\ud800', 1n, () => 1, [undefined]]) {
      expect(() => canonicalJson(value)).toThrow('has no canonical form');
    }
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
}
