import type { Language } from '../base/language.js';
import { associationCauses } from './association.js';
import { type Cause, type CauseFacts, filled, type Sentence, type Stage } from './cause.js';
import { lineCauses } from './line.js';
import { linkCauses } from './link.js';
import { protectionCauses } from './protection.js';

const table = { ...lineCauses, ...linkCauses, ...associationCauses, ...protectionCauses } as const;

/** The name of a cause, for programs to branch on. `--json` gives it, and docs/troubleshooting.md lists all. */
export type CauseId = keyof typeof table;

/**
 * The one table of why something does not work, and what to try. `cosem doctor` gets its sentences from it, and docs/troubleshooting.md is
 * generated from it.
 */
export const causes: Readonly<Record<CauseId, Cause>> = table;

/** A cause in the words of one language. */
export interface WordedCause {
  /** Its name in the table. */
  readonly id: CauseId;
  /** The stage on the way to a reading at which it fails. */
  readonly stage: Stage;
  /** What is wrong, in one sentence. */
  readonly sentence: string;
  /** What to try, the most likely first. */
  readonly try: readonly string[];
  /** Exit code of the command. */
  readonly exit: Cause['exit'];
}

/**
 * A cause in words, with facts put into its sentences.
 *
 * @example
 * ```ts
 * const { sentence, try: steps } = wordCause('port-missing', { port: '/dev/ttyUSB3' }, 'en');
 * console.log(sentence, steps[0]); // There is no port /dev/ttyUSB3. …
 * ```
 * @param facts values for the places in the sentences. A place without one says that it is not known.
 */
export function wordCause(id: CauseId, facts: CauseFacts = {}, language: Language = 'en'): WordedCause {
  const { stage, says, try: steps, exit } = causes[id];
  const worded = (text: Sentence) => filled(text, facts, language);
  return { id, stage, sentence: worded(says), try: steps.map(worded), exit };
}
