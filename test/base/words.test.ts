import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { counted, durationText, withArticle } from '../../src/base/words.js';

describe('names of types', () => {
  it.each(['an octet-string', 'an array', 'a structure', 'a long-unsigned', 'an unsigned'])('%s', (text) => {
    expect(withArticle(text.split(' ')[1] as string)).toBe(text);
  });
});

describe('durations', () => {
  it.each([
    [0, '0 s'],
    [0.4, '0 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [90, '1 min 30 s'],
    [7800, '2 h 10 min'],
    [3605, '1 h'],
    [273_600, '3 d 4 h'],
  ])('%s s: %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });
});

describe('numbers of things', () => {
  it.each([
    [0, 'octet', '0 octets'],
    [1, 'octet', '1 octet'],
    [2, 'octet', '2 octets'],
    [1n, 'row', '1 row'],
    [2, 'entry', '2 entries'],
    [3, 'day', '3 days'],
    [2, 'address', '2 addresses'],
    [Number.NaN, 'row', 'NaN rows'],
  ])('%s %s', (count, word, text) => {
    expect(counted(count, word)).toBe(text);
  });

  it('takes a phrase whose verb changes too', () => {
    expect(counted(1, 'octet follows', 'octets follow')).toBe('1 octet follows');
    expect(counted(57, 'octet follows', 'octets follow')).toBe('57 octets follow');
  });

  it('is the one way to say them in the whole tree', () => {
    // A number that is written out, other than a constant in capitals, before a plural word.
    const plural = /\$\{(?![A-Z_]+\})[^{}`]*\} (?:octets|elements|rows|characters|blocks|objects|results|bits)\b/;
    const root = resolve(import.meta.dirname, '../..');
    const found = ['src', 'bin', 'simulator'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .flatMap((name) =>
          readFileSync(join(root, folder, name), 'utf8')
            .split('\n')
            .filter((line) => !/^\s*(?:\*|\/)/.test(line) && plural.test(line))
            .map((line) => `${folder}/${name}: ${line.trim()}`),
        ),
    );
    expect(found).toEqual([]);
  });
});
