import { describe, expect, it } from 'vitest';
import {
  type CauseId,
  causes,
  LANGUAGES,
  STAGES,
  type SupplyCauseId,
  supplyCauses,
  wordCause,
} from '../../src/inspect.js';
import { latinIn } from '../bin/latin-words.js';

const ids = Object.keys(causes) as CauseId[];
/** What stays as it is typed in every language: facts, commands, options, hexadecimal examples. */
const kept = (text: string) => text.match(/\{\w+\}|`[^`]+`|--[a-z][\w-]*/g)?.sort() ?? [];

const supplyIds = Object.keys(supplyCauses) as SupplyCauseId[];
const all = [
  ...ids.map((id) => ({ id, says: causes[id].says, steps: causes[id].try })),
  ...supplyIds.map((id) => ({ id, says: supplyCauses[id].says, steps: supplyCauses[id].try })),
];

describe('the tables of causes', () => {
  it.each(all)(
    '$id: something to try, and each sentence in every language with the same facts, commands and options',
    ({ says, steps }) => {
      expect(steps.length).toBeGreaterThan(0);
      for (const sentence of [says, ...steps]) {
        expect(kept(sentence.hi)).toEqual(kept(sentence.en));
        // A sentence that consists of one fact has no letters of its own.
        if (!/^\{\w+\}$/.test(sentence.hi)) expect(sentence.hi).toMatch(/[\u0900-\u097f]/);
        expect(sentence.en).not.toMatch(/[\u0900-\u097f]/);
      }
      expect(says.en).toMatch(/\.$/);
      expect(says.hi).toMatch(/।$/);
    },
  );

  it.each(LANGUAGES)('%s: each cause has a sentence of its own', (language) => {
    expect(new Set(all.map(({ says }) => says[language])).size).toBe(all.length);
  });

  it('the Hindi has no English words but names, units and codes', () => {
    const told = all.flatMap(({ id, says, steps }) =>
      [says, ...steps].map(({ hi }) => [id, ...latinIn(hi.replace(/\{\w+\}/g, '…'))]),
    );
    expect(told.filter(({ length }) => length > 1)).toEqual([]);
    for (const { hi } of Object.values(STAGES)) expect(latinIn(hi)).toEqual([]);
  });

  it('the line ends in 3, a refusal in 4', () => {
    expect(wordCause('no-light').exit).toBe(3);
    expect(wordCause('wrong-password').exit).toBe(4);
  });
});

describe('a cause in words', () => {
  it('puts the facts in, in the language of the reader', () => {
    expect(wordCause('wrong-baud', { baud: 9600, given: 4800, options: '--baud 9600' })).toEqual({
      id: 'wrong-baud',
      stage: 'link',
      sentence: 'The meter answers at 9600 baud; at 4800 it did not.',
      try: ['use --baud 9600'],
      exit: 3,
    });
    const wanted = { en: 'ciphering', hi: 'एन्क्रिप्शन' };
    expect(wordCause('wrong-context', { client: 48, wanted }, 'hi').sentence).toBe(
      'इस मीटर का क्लाइंट 48 एन्क्रिप्शन चाहता है।',
    );
  });

  it('says which fact is missing', () => {
    expect(wordCause('port-missing').sentence).toBe('There is no port (port not known).');
    expect(wordCause('port-missing', {}, 'hi').sentence).toBe('(port ज्ञात नहीं) नाम का कोई पोर्ट नहीं है।');
  });
});
