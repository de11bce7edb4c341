import type { Language } from '../base/language.js';

/** A sentence in each language. `{name}` is replaced by a fact. Commands and names of options are the same in all languages. */
export type Sentence = Readonly<Record<Language, string>>;

/** Why something does not work, in words for a person: what is wrong, what to try, and the exit code of the command. */
export interface Cause {
  /** The stage on the way to a reading at which it fails. */
  readonly stage: Stage;
  /** What is wrong, in one sentence. */
  readonly says: Sentence;
  /** What to try, the most likely first. */
  readonly try: readonly Sentence[];
  /** Exit code of the command: 2 the input is wrong, 3 no connection, 4 the meter refuses, 5 what came cannot be used, 6 a change may have been made. */
  readonly exit: 2 | 3 | 4 | 5 | 6;
}

/** The stages on the way to a reading, in order, each with its title. */
const WORDS = {
  /** The serial port or the host is found and opened. */
  port: { en: 'The port', hi: 'पोर्ट' },
  /** Octets come back that make sense. */
  line: { en: 'The line', hi: 'लाइन' },
  /** HDLC or the wrapper is connected. */
  link: { en: 'The data link', hi: 'डेटा लिंक' },
  /** The application association is open. */
  association: { en: 'The association', hi: 'एसोसिएशन (मीटर से पहचान)' },
  /** Protected messages open with the keys. */
  protection: { en: 'The protection: keys, titles, counters', hi: 'सुरक्षा: कुंजियाँ, सिस्टम टाइटल, काउंटर' },
  /** The value itself is read. */
  reading: { en: 'The reading', hi: 'रीडिंग' },
} as const satisfies Record<string, Sentence>;
/** A stage on the way to a reading. */
export type Stage = keyof typeof WORDS;

/** The stages on the way to a reading, in order, each by its name in sentences. */
export const STAGES: Readonly<Record<Stage, Sentence>> = WORDS;

/** Values for the places in sentences, such as `{port}` and `{client}`, by name. Never a key or a password. */
export type CauseFacts = Readonly<Record<string, string | number | Sentence | undefined>>;

const UNKNOWN: Sentence = { en: 'not known', hi: 'ज्ञात नहीं' };

/** @internal A sentence with its facts in it. What stands in square brackets is left out where its fact is not known. */
export function filled(text: Sentence, facts: CauseFacts, language: Language): string {
  const told = text[language].replace(/\[([^\]{]*\{(\w+)\}[^\]]*)\]/g, (_, part: string, name: string) =>
    facts[name] === undefined ? '' : part,
  );
  return told.replace(/\{(\w+)\}/g, (_, name: string) => {
    const fact = facts[name];
    if (fact === undefined) return `(${name} ${UNKNOWN[language]})`;
    return typeof fact === 'object' ? fact[language] : String(fact);
  });
}
