import type { Language } from '../base/language.js';
import { associationCauses } from './association.js';
import { type Cause, type CauseFacts, filled, type Sentence, type Stage } from './cause.js';
import { lineCauses } from './line.js';
import { linkCauses } from './link.js';
import { protectionCauses } from './protection.js';

const table = { ...lineCauses, ...linkCauses, ...associationCauses, ...protectionCauses } as const;

/** The name of a cause: what a program branches on, and what documents and `--json` say. */
export type CauseId = keyof typeof table;

/**
 * Everything that a person is told about why something does not work: the one table. `cosem doctor` speaks from it, and
 * docs/troubleshooting.md is made from it.
 */
export const causes: Readonly<Record<CauseId, Cause>> = table;

/** A cause in words. */
export interface WordedCause {
  readonly id: CauseId;
  readonly stage: Stage;
  /** What is wrong, in one sentence. */
  readonly sentence: string;
  /** What to try, the likely first. */
  readonly try: readonly string[];
  /** Exit code of the command. */
  readonly exit: Cause['exit'];
}

/** A cause in a language, with what was found put into its sentences. */
export function wordCause(id: CauseId, facts: CauseFacts = {}, language: Language = 'en'): WordedCause {
  const { stage, says, try: steps, exit } = causes[id];
  const worded = (text: Sentence) => filled(text, facts, language);
  return { id, stage, sentence: worded(says), try: steps.map(worded), exit };
}
