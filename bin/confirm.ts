import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { Run } from './command.js';
import { UsageError } from './failure.js';
import { Interrupted } from './io.js';
import { languageOf } from './language.js';
import { safeLine } from './output.js';
import { CONFIRM_WORDS, nobodyWords } from './read-words.js';

/** The options of every command that changes a meter. */
export function addChangeOptions(command: Command): Command {
  return command
    .option('-y, --yes', 'do not ask first')
    .option('--dry-run', 'say what would be done, read what that needs, change nothing');
}

export function isDryRun({ options }: Run): boolean {
  return options.dryRun === true;
}

/**
 * Must be called before a meter is opened for a change, so that nobody waits for a connection to learn that `--yes` is missing.
 * @param object what is changed.
 * @throws UsageError when nobody can be asked and no option gives the answer.
 */
export function mustBeAskable(run: Run, object = 'the meter'): void {
  const { io, options } = run;
  if (isDryRun(run) || options.yes === true || (io.stdin.isTTY && io.stderr.isTTY)) return;
  const { message, hint } = nobodyWords(object);
  throw new UsageError(message, hint);
}

/**
 * Whether a change shall be made. It asks first. `--yes` answers beforehand, and must be given where nobody can be asked. With `--dry-run`
 * nobody is asked: it says what would be done.
 * @param change in the imperative and without a full stop: `Set the clock to 12:00`.
 * @param warning a sentence after the question.
 * @param object what is changed, where it is not the meter.
 * @throws UsageError when nobody can be asked, Interrupted when the answer is Ctrl-C.
 */
export async function confirm(run: Run, change: string, warning?: string, object?: string): Promise<boolean> {
  const { io, output, options } = run;
  const words = CONFIRM_WORDS[languageOf(io)];
  if (isDryRun(run)) {
    output.text(words.would(change));
    return false;
  }
  if (options.yes === true) return true;
  mustBeAskable(run, object);
  const reader = createInterface({ input: io.stdin, output: io.stderr });
  try {
    const question = `${change}?${warning === undefined ? '' : ` ${warning}`}`;
    const answer = await reader.question(`${safeLine(question)} ${words.choice} `, { signal: io.signal });
    if (/^(?:y(?:es)?|हाँ|हां|जी हाँ)$/i.test(answer.trim())) return true;
    output.note(words.unchanged);
    return false;
  } catch {
    throw new Interrupted();
  } finally {
    reader.close();
  }
}

/** What documents of changes tell. */
export interface ChangeDone {
  /** Whether the change was made. */
  readonly done: boolean;
  /** Given in a dry run, which changes nothing. */
  readonly dryRun?: true;
}

/** Whether it was done, and of a dry run that it is one. */
export function doneIn(run: Run, done: boolean): ChangeDone {
  return isDryRun(run) ? { done, dryRun: true } : { done };
}
