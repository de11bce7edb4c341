/** What an exception-response leaves out. */
import { expect, test } from 'vitest';
import { AccessError, StateError } from '../../src/base/errors.js';
import { explainNotServed } from '../../src/client/not-served.js';
import { generic } from '../../src/companion/generic.js';
import { is15959 } from '../../src/companion/is15959/is15959.js';

const refusal = (target: string, result = 'service-not-supported') =>
  new AccessError(result, target, `exception-response, ${result}`);
const about = { client: 16, companion: is15959, ciphered: false };

test('names the object and who asked, and who may do more', () => {
  const error = refusal('70:0.0.96.3.10.255:1()');
  const told = explainNotServed(error, about) as AccessError;
  expect(told).toMatchObject({ result: error.result, target: error.target, cause: error, code: 'access' });
  expect(told.message).toMatch(
    /^70:0\.0\.96\.3\.10\.255:1\(\) \(Load limit function status \(relay\)\): the meter does not serve this to client 16 \(public client\): service-not-supported$/,
  );
  expect(told.hint).toContain('client 16 (public client) may only read');
  expect(told.hint).toContain('client 48');
});

test('to a client that may change, another hint; with keys, that they may be the reason', () => {
  const utility = explainNotServed(refusal('3:1.0.1.8.0.255:2'), { ...about, client: 48 }) as AccessError;
  expect(utility.hint).toBe('another client may do it');
  const keyed = explainNotServed(refusal('3:1.0.1.8.0.255:2'), { ...about, client: 48, ciphered: true }) as AccessError;
  expect(keyed.hint).toContain('an invocation counter, a key or a dedicated key');
});

test('what is not known is left out', () => {
  const told = explainNotServed(refusal('an object'), {
    client: 7,
    companion: generic,
    ciphered: false,
  }) as AccessError;
  expect(told.message).toBe('an object: the meter does not serve this to client 7: service-not-supported');
  expect(told.hint).toBe('another client may do it');
});

test.each([refusal('1:0.0.1.0.0.255:2', 'read-write-denied'), new StateError('no'), 'text', undefined])(
  'anything else stays as it is: %s',
  (error) => {
    expect(explainNotServed(error, about)).toBe(error);
  },
);
