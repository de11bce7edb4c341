import { expect, test } from 'vitest';
import { verifyFile } from '../src/platform/verify-file.js';
import { readStrictJson } from '../src/strict-json.js';

const utf8 = new TextEncoder();

test.each([
  ['of plain letters', 'a'],
  ['of escapes', '\\n'],
  ['of quotes', '\\"'],
])('a long string %s is read', (_, unit) => {
  const text = `{"a":"${unit.repeat(15_000_000 / unit.length)}","a":1}`;
  expect(readStrictJson(text)?.fault).toBe('a name stands twice in it');
});

test('where a string ends is found, whatever stands before the quote', () => {
  const faultOf = (text: string) => readStrictJson(text)?.fault;
  expect(faultOf('{"a\\\\":1,"b":"\\"","b":2}')).toBe('a name stands twice in it');
  expect(faultOf('{"a":"\\\\\\"b\\":1,\\"a","b":2}')).toBeUndefined();
  expect(faultOf('["","\\\\",1.0]')).toBe('a number in it is not written in the one form that RFC 8785 has for it');
});

test('a file with a long string in it is answered', async () => {
  const check = await verifyFile(utf8.encode(`{"record":"${'x'.repeat(15_000_000)}"}`), []);
  expect(check).toMatchObject({ kind: 'record', verdict: { verdict: 'altered' } });
});

// Read in quadratic time, each of these takes more than an hour.
test.each([' ', '\t', '\n', '\r'])('white space %j between letters is passed once', async (space) => {
  expect(await verifyFile(utf8.encode(`x${space.repeat(3_000_000)}x`), [])).toBeUndefined();
});
