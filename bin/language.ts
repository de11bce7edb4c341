import { LANGUAGES, type Language } from '../src/inspect.js';
import type { Io } from './io.js';

/** The language of sentences for people: the one that was told, or what the environment wants for messages (POSIX), or English. */
export function languageOf(told: unknown, { LC_ALL, LC_MESSAGES, LANG }: Io['env']): Language {
  const [wanted] = (LC_ALL || LC_MESSAGES || LANG || '').split(/[_.@]/);
  return LANGUAGES.find((language) => language === (told ?? wanted)) ?? 'en';
}

/** As {@link languageOf}, from a command line that may not have been understood. */
export function languageIn(argv: readonly string[], env: Io['env']): Language {
  const [, told] = / --language[ =](\w+)/.exec(` ${argv.join(' ')}`) ?? [];
  return languageOf(told, env);
}
