/** How a failure is told: in one sentence, with what lies behind it and what to try. */

import { CommanderError } from 'commander';
import { LinkError, SecurityError } from '../src/index.js';
import { errorCodes, type Language, type WordedCause, wordCause, wordProgress } from '../src/inspect.js';
import type { Diagnosis } from '../src/tools.js';
import { type Failure, failureOf } from './failure.js';
import { FAILURE_WORDS, GENERAL_WORDS } from './failure-words.js';
import type { Io } from './io.js';
import { languageIn } from './language.js';
import { Output } from './output.js';
import { placesOf } from './run-log.js';

const LABEL = 'cosem: ';
const INDENT = ' '.repeat(LABEL.length);

/** Causes that only say what kind of failure it was: in English the error itself says more. */
const GENERAL: ReadonlySet<string> = new Set([
  ...['port-fails', 'no-answer', 'no-valid-answer', 'association-refused'],
  ...['request-refused', 'line-drops', 'change-unknown'],
]);

/** One sentence and what to try, on stderr; with --json also the one document on stdout. */
export async function tell(failure: Failure, error: unknown, argv: readonly string[], io: Io): Promise<number> {
  const output = new Output(io, argv.includes('--json'));
  const language = languageIn(argv, io);
  const told = await causeTold(error, language, output, io);
  const { code, message, hint, exit } = failure;
  // Without the message: it may say what a person typed.
  output.logged('failed', { code, exit, ...reasonOf(error), cause: told?.id, stage: told?.stage });
  const own = hint === undefined ? { code, message } : { code, message, hint };
  const more = told && { mistake: told.id, stage: told.stage, sentence: told.sentence, try: told.try };
  output.document({ error: { ...own, ...more }, exit });
  const words = FAILURE_WORDS[language];
  const trying = (...steps: readonly string[]) => {
    for (const step of steps) output.sentence(`${INDENT}${words.hint}: `, step);
  };
  if (told !== undefined && !(language === 'en' && hint !== undefined && GENERAL.has(told.id))) {
    output.sentence(LABEL, told.sentence);
    if (language !== 'en') {
      if (failure.words !== undefined) output.sentence(INDENT, failure.words.message[language]);
      output.sentence(INDENT, `${words.codes}: ${errorCodes(error)}`);
    } else if (!told.sentence.includes(message)) output.sentence(INDENT, message);
    trying(...told.try);
  } else tellPlainly(failure, language, output, trying);
  return exit;
}

/** A failure without a cause of the table. */
function tellPlainly(
  { code, message, hint, words }: Failure,
  language: Language,
  output: Output,
  trying: (...steps: readonly string[]) => void,
): void {
  const inEnglish = FAILURE_WORDS[language].english;
  // A file with several faults has English words of its own for each.
  if (words !== undefined && !(language === 'en' && code === 'document')) {
    output.sentence(LABEL, words.message[language]);
    if (words.hint !== undefined) trying(words.hint[language]);
    return;
  }
  // Of a file with several faults each stands in its line; whoever wrote the file makes none of them.
  const [first = '', ...more] = code === 'document' ? message.split('\n') : [message];
  if (language === 'en') output.sentence(LABEL, first);
  else {
    output.sentence(LABEL, GENERAL_WORDS[code]?.[language] ?? GENERAL_WORDS.usage[language]);
    output.sentence(INDENT, `${inEnglish}: ${first}`);
  }
  for (const line of more) output.sentence('', line);
  // Of a fault of this program the general sentence says what to do.
  if (hint !== undefined && (language === 'en' || code !== 'internal')) trying(hint);
}

/** How a failure is told among other things, as one of several. */
export function failureText(error: unknown, language: Language): string {
  const { message, words } = failureOf(error);
  return words?.message[language] ?? (language === 'en' ? message : errorCodes(error));
}

/** What is known of an error beside its words: the library's reason, or where a fault of this program is. */
function reasonOf(error: unknown): { readonly reason?: string; readonly where?: string | undefined } {
  if (error instanceof LinkError || error instanceof SecurityError) return { reason: error.reason };
  if (error instanceof CommanderError) return { reason: error.code };
  return failureOf(error).code === 'internal' ? { where: placesOf(error) } : {};
}

/** The cause of an error. Where somebody waits for it, the meter is asked too. */
async function causeTold(error: unknown, language: Language, output: Output, io: Io): Promise<WordedCause | undefined> {
  const { causeFound, causeKnown } = await import('./why.js');
  const known = causeKnown(error);
  if (known === undefined) return undefined;
  const worded = (diagnosis: Diagnosis) => wordCause(diagnosis.id, diagnosis.facts, language);
  if (known.unsettled !== true || output.json || io.stderr.isTTY !== true) return worded(known);
  let began = false;
  const found = await causeFound(error, (what, facts) => {
    if (!began) output.sentence(LABEL, `${worded(known).sentence} ${FAILURE_WORDS[language].looking}`);
    began = true;
    output.progress(typeof what === 'string' ? wordProgress(what, facts, language) : what.probe);
  });
  output.endProgress();
  return worded(found ?? known);
}
