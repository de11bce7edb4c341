/**
 * One rule for all commands, in this order: what `--language` says, what was chosen in the folder that is worked in, what the environment wants
 * for messages (POSIX), English.
 */

import { LANGUAGES, type Language } from '../src/inspect.js';
import type { Io } from './io.js';

/** What was said or chosen in a run. A run has one signal, also where parts of it have streams of their own. */
const chosen = new WeakMap<AbortSignal, Language>();

/** Has a run speak this language from now on: its errors too. Anything that is no language changes nothing. */
export function speak({ signal }: Pick<Io, 'signal'>, language: unknown): void {
  const known = LANGUAGES.find((one) => one === language);
  if (known !== undefined) chosen.set(signal, known);
}

/** The language of a run for sentences to people. */
export function languageOf({ signal, env }: Pick<Io, 'signal' | 'env'>): Language {
  return chosen.get(signal) ?? environmentLanguage(env) ?? 'en';
}

/** What the environment wants for messages; undefined where it names no language that there is. */
export function environmentLanguage({ LC_ALL, LC_MESSAGES, LANG }: Io['env']): Language | undefined {
  const [wanted] = (LC_ALL || LC_MESSAGES || LANG || '').split(/[_.@]/);
  return LANGUAGES.find((language) => language === wanted);
}

/** As {@link languageOf}, with a command line that may not have been understood. */
export function languageIn(argv: readonly string[], io: Pick<Io, 'signal' | 'env'>): Language {
  const [, told] = / --language[ =](\w+)/.exec(` ${argv.join(' ')}`) ?? [];
  return LANGUAGES.find((language) => language === told) ?? languageOf(io);
}
