import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REMARKS_IN_HINDI, remarkText } from '../../bin/remark-words.js';
import { latinIn } from './latin-words.js';

const table = readFileSync(join(import.meta.dirname, '../../docs/quirks.md'), 'utf8');
const notes = [...table.matchAll(/^\| `([a-z-]+)` \| note \|/gm)].map(([, code]) => code as string);

test('every remark that people are told of has a sentence in Hindi, and no other', () => {
  expect(notes.length).toBeGreaterThan(15);
  expect([...REMARKS_IN_HINDI].sort()).toEqual([...notes].sort());
});

test('the sentence names the object, and is in the language of the reader', () => {
  for (const code of notes) {
    const remark = { code, text: 'the meter is odd', target: '7:0.0.99.98.5.255:2', weight: 'note' } as const;
    expect(remarkText(remark, 'en')).toBe('7:0.0.99.98.5.255:2: the meter is odd');
    const hindi = remarkText(remark, 'hi');
    expect(hindi).toContain('(7:0.0.99.98.5.255:2)');
    expect(latinIn(hindi)).toEqual([]);
  }
});
