/** How a failure is told: in one sentence, with what lies behind it and what to try. */

import { type Language, type WordedCause, wordCause, wordProgress } from '../src/inspect.js';
import type { Diagnosis } from '../src/tools.js';
import type { Failure } from './failure.js';
import type { Io } from './io.js';
import { languageIn } from './language.js';
import { Output } from './output.js';

const LABEL = 'cosem: ';
const INDENT = ' '.repeat(LABEL.length);
const WORDS = {
  hint: { en: 'hint', hi: 'उपाय' },
  looking: {
    en: 'Looking for what would work; Ctrl-C ends it.',
    hi: 'ढूँढ रहे हैं कि किन विकल्पों से काम चलेगा; Ctrl-C से रुकेगा।',
  },
} as const;

/** Causes that only say what kind of failure it was: in English the error itself says more. */
const GENERAL: ReadonlySet<string> = new Set([
  ...['port-fails', 'no-answer', 'no-valid-answer', 'association-refused'],
  ...['request-refused', 'line-drops', 'change-unknown'],
]);

/** One sentence and what to try, on stderr; with --json also the one document on stdout. */
export async function tell(failure: Failure, error: unknown, argv: readonly string[], io: Io): Promise<number> {
  const output = new Output(io, argv.includes('--json'));
  const language = languageIn(argv, io.env);
  const told = await causeTold(error, language, output, io);
  const write = (label: string, text: string) => output.sentence(label, text);
  const { code, message, hint, exit } = failure;
  const own = hint === undefined ? { code, message } : { code, message, hint };
  const more = told && { mistake: told.id, stage: told.stage, sentence: told.sentence, try: told.try };
  output.document({ error: { ...own, ...more }, exit });
  if (told === undefined || (language === 'en' && hint !== undefined && GENERAL.has(told.id))) {
    // Of a file with several faults each stands in its line; whoever wrote the file makes none of them.
    const [first = '', ...more] = code === 'document' ? message.split('\n') : [message];
    write(LABEL, first);
    output.note(...more);
    if (hint !== undefined) write(`${INDENT}${WORDS.hint.en}: `, hint);
    return exit;
  }
  write(LABEL, told.sentence);
  if (!told.sentence.includes(message)) write(INDENT, message);
  for (const step of told.try) write(`${INDENT}${WORDS.hint[language]}: `, step);
  return exit;
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
    if (!began) output.sentence(LABEL, `${worded(known).sentence} ${WORDS.looking[language]}`);
    began = true;
    output.progress(typeof what === 'string' ? wordProgress(what, facts, language) : what.probe);
  });
  output.endProgress();
  return worded(found ?? known);
}
