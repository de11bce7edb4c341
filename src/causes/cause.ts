import type { Language } from '../base/language.js';

/** A sentence in each language. `{name}` stands for a fact. Commands and names of options stay as they are typed. */
export type Sentence = Readonly<Record<Language, string>>;

/** Why something does not work, as a person is told: what it is, what to try, and the exit code that the command ends with. */
export interface Cause {
  /** Stage of the way to a reading that it stops at. */
  readonly stage: Stage;
  readonly says: Sentence;
  /** What to try, the likely first. */
  readonly try: readonly Sentence[];
  /** 2 what the person gave is wrong, 3 no connection, 4 the meter refuses, 5 what came cannot be used. */
  readonly exit: 2 | 3 | 4 | 5;
}

/** The way to a reading, stage by stage. */
export const STAGES = {
  port: { en: 'The port', hi: 'पोर्ट' },
  line: { en: 'The line', hi: 'लाइन' },
  link: { en: 'The data link', hi: 'डेटा लिंक' },
  association: { en: 'The association', hi: 'एसोसिएशन (मीटर से पहचान)' },
  protection: { en: 'The protection: keys, titles, counters', hi: 'सुरक्षा: कुंजियाँ, system title, काउंटर' },
  reading: { en: 'The reading', hi: 'रीडिंग' },
} as const satisfies Record<string, Sentence>;
export type Stage = keyof typeof STAGES;

/** What sentences name: `{port}`, `{client}`. Never a key or a password. */
export type CauseFacts = Readonly<Record<string, string | number | Sentence | undefined>>;

const UNKNOWN: Sentence = { en: 'not known', hi: 'ज्ञात नहीं' };

/** @internal A sentence with its facts in it. */
export function filled(text: Sentence, facts: CauseFacts, language: Language): string {
  return text[language].replace(/\{(\w+)\}/g, (_, name: string) => {
    const fact = facts[name];
    if (fact === undefined) return `(${name} ${UNKNOWN[language]})`;
    return typeof fact === 'object' ? fact[language] : String(fact);
  });
}
