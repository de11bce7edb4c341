import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { Apdu } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { DecodeError } from '../../src/base/errors.js';
import { apduToVector } from '../support/apdu-vector.js';
import { haveVectors, type Json, loadVectors, type Vector } from '../support/vectors.js';

describe.each(['acse', 'xdlms'] as const)('%s vectors', (layer) => {
  const vectors = loadVectors(layer);
  const told = new Map<string, number>();
  const count = (what: string) => told.set(what, (told.get(what) ?? 0) + 1);
  afterAll(() => {
    const parts = [...told].map(([what, n]) => `${n} ${what}`).join(', ');
    if (haveVectors)
      console.log(`${layer}: ${[...told.values()].reduce((a, b) => a + b, 0)} of ${vectors.length} vectors (${parts})`);
  });

  test.skipIf(!haveVectors)('are there', () => {
    expect(vectors.length).toBeGreaterThan(40);
  });

  test.each(vectors.filter((vector) => vector.kind === 'positive'))('$id: $title', (vector) => {
    const apdu = decodeApdu(fromHex(vector.hex as string));
    expect(apduToVector(apdu)).toEqual(expectation(vector));
    count('decoded');
    if (vector.roundtrip !== undefined) expect(toHex(encodeApdu(apdu)) === vector.hex).toBe(vector.roundtrip);
  });

  test.each(vectors.filter((vector) => vector.kind !== 'positive'))('$id: $title', (vector) => {
    const outcome = attempt(vector);
    if (outcome instanceof DecodeError) {
      const { category, also_acceptable = [] } = vector.error as NonNullable<Vector['error']>;
      expect([category, ...also_acceptable]).toContain(outcome.reason);
      count('refused');
    } else {
      expect(vector.id).toBe('xdlms-neg-data-access-result');
      // Acceptable says the vector: meters send numbers of their own, and the person asking should see them.
      expect(outcome).toMatchObject({ type: 'get-response-normal', result: { error: 5 } });
      count('decoded as an unknown code');
    }
  });
});

test.skipIf(!haveVectors)('lenient reading takes a length that counts a tag that was not sent', () => {
  const vector = loadVectors('xdlms').find(({ id }) => id === 'xdlms-neg-glo-length-mel') as Vector;
  const apdu = decodeApdu(fromHex(vector.hex as string), { lenient: true });
  const content = (vector.expected_if_lenient as { 'cipher-content': string })['cipher-content'];
  expect(apdu).toMatchObject({ type: 'ciphered', tag: 0xcb, securityControl: 0x20, invocationCounter: 0x56 });
  expect(apdu.type === 'ciphered' && toHex(apdu.content)).toBe(content.slice(10));
});

test.skipIf(!haveVectors)('lenient reading takes a tagged date-time in a data-notification', () => {
  const vector = loadVectors('push').find(({ id }) => id === 'push-neg-kaifa-no-list3') as Vector;
  const bytes = fromHex(vector.hex as string).subarray(3);
  expect(() => decodeApdu(bytes)).toThrow(
    expect.objectContaining({ reason: 'bad-value', path: ['data-notification', 'date-time'] }),
  );
  expect(apduToVector(decodeApdu(bytes, { lenient: true }))).toMatchObject({
    'data-notification': vector.expected_if_lenient,
  });
});

describe.skipIf(!haveVectors)('lenient reading takes lengths that are too small around the user-information', () => {
  test.each([
    [
      'acse-neg-ek240-original',
      { respondingAuthenticationValue: { type: 'charstring', value: fromHex('3535353535353535') } },
    ],
    ['acse-neg-jdlms-aare-in-hdlc', { result: 0 }],
  ])('%s', (id, fields) => {
    const vector = loadVectors('acse').find((candidate) => candidate.id === id) as Vector;
    const apdu = decodeApdu(fromHex(vector.hex as string), { lenient: true });
    expect(apdu).toMatchObject({ type: 'aare', ...fields });
    const information = apdu.type === 'aare' ? apdu.userInformation : undefined;
    expect(information && decodeApdu(information)).toMatchObject({ type: 'initiate-response', vaaName: 0xfa00 });
  });
});

test('lenient reading leaves out octets behind an APDU', () => {
  const bytes = fromHex('C401C1001105C401');
  expect(() => decodeApdu(bytes)).toThrow(expect.objectContaining({ reason: 'trailing-bytes' }));
  expect(toHex(encodeApdu(decodeApdu(bytes, { lenient: true })))).toBe('C401C1001105');
});

/** How the conformance tag was written is not kept: encoders write 5F 1F. */
function expectation(vector: Vector): Json {
  const text = JSON.stringify(vector.expected).replace(/,"tag-encoding":"5F"/, '');
  return JSON.parse(text) as Json;
}

function attempt(vector: Vector): Apdu | DecodeError {
  try {
    return decodeApdu(fromHex(vector.hex as string));
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

const examples = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../fixtures/apdu/examples.json', import.meta.url)), 'utf8'),
) as { examples: { title: string; hex: string; apdu: Json }[] };

test.each(examples.examples)('own example: $title', ({ hex, apdu }) => {
  const decoded = decodeApdu(fromHex(hex));
  expect(apduToVector(decoded)).toEqual(apdu);
  expect(toHex(encodeApdu(decoded))).toBe(hex);
});
