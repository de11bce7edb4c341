import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { documentKindIn, wrongFormOf } from '../src/document-kinds.js';
import { documentNumberIn } from '../src/step/papers.js';

describe('numbers of documents have the form of their kind', () => {
  test.each([
    ['aadhaar', '9999 4105 7058', true],
    ['aadhaar', '९९९९ ४१०५ ७०५८', true],
    ['aadhaar', '9999 4105 7059', false],
    ['aadhaar', '1999 4105 7058', false],
    ['aadhaar', '9999 4105 705', false],
    ['pan', 'abcpe1234f', true],
    ['pan', 'ABCXE1234F', false],
    ['pan', 'ABCPE12345', false],
    ['voter-card', 'XGH1234567', true],
    ['voter-card', 'UP/12/345/678901', true],
    ['voter-card', 'XG1234567', false],
    ['driving-licence', 'UP32 20110012345', true],
    ['driving-licence', 'UP-32/N/12345', true],
    ['driving-licence', 'LUCKNOW 1', false],
    ['ration-card', 'anything', true],
  ])('%s %s: %s', (kind, number, good) => {
    const read = () => documentNumberIn(number, kind, 1);
    if (good) expect(read()).toMatch(/^[A-Z0-9]+$/);
    else expect(read).toThrow();
  });

  test('one wrong digit of an Aadhaar, or two that changed places, are noticed', () => {
    const good = '999941057058';
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 11 }), fc.integer({ min: 1, max: 9 }), (at, by) => {
        const wrong = [...good].map((digit, i) => (i === at ? (Number(digit) + by) % 10 : digit)).join('');
        return wrongFormOf('aadhaar', wrong) !== undefined;
      }),
    );
    for (let i = 0; i < 11; i++) {
      const swapped = good.slice(0, i) + good[i + 1] + good[i] + good.slice(i + 2);
      expect([swapped, wrongFormOf('aadhaar', swapped) === undefined]).toEqual([swapped, swapped === good]);
    }
  });

  test('a kind is known by its usual names', () => {
    expect(['Aadhaar ', 'Voter ID', 'EPIC', 'Driving License', 'PAN card', 'Ration card'].map(documentKindIn)).toEqual([
      'aadhaar',
      'voter-card',
      'voter-card',
      'driving-licence',
      'pan',
      'Ration card',
    ]);
  });
});
