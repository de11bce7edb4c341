import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { fitsWildcard } from '../../src/base/wildcard.js';
import { matching } from '../../src/client/quirks/match.js';
import { parseQuirks } from '../../src/client/quirks/sheet.js';

test.each([
  ['LGZ1234', 'lgz*', true],
  ['LGZ1234', 'LGZ', false],
  ['LGZ1234', '*1234', true],
  ['LGZ1234', '*12*4', true],
  ['ab', 'ab*b', false],
  ['ab', '*', true],
  ['', '*', true],
  ['', '', true],
  ['a.c', 'a.c', true],
  ['abc', 'a.c', false],
  [' abc ', 'a**c', true],
])('%j fits %j: %s', (value, pattern, fits) => {
  expect(fitsWildcard(value, pattern)).toBe(fits);
});

test('fits as the pattern would as a regular expression', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A'), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  fc.assert(
    fc.property(text, pattern, (value, wanted) => {
      const expression = new RegExp(`^${wanted.replaceAll('*', '[^]*')}$`, 'i');
      expect(fitsWildcard(value, wanted)).toBe(expression.test(value));
    }),
  );
});

test('a pattern of many stars is tried once', () => {
  const sheet = { id: 'stars', title: 't', source: 's', match: { logicalDeviceName: `${'*a'.repeat(30)}*b` } };
  const sheets = parseQuirks(JSON.stringify(sheet), 'quirks.json');
  const indexOf = vi.spyOn(String.prototype, 'indexOf');
  const tests = vi.spyOn(RegExp.prototype, 'test');
  try {
    expect(matching(sheets, { logicalDeviceName: 'a'.repeat(64) })).toEqual([]);
    expect(indexOf.mock.calls.length).toBeLessThan(40);
    expect(tests).not.toHaveBeenCalled();
  } finally {
    indexOf.mockRestore();
    tests.mockRestore();
  }
});
