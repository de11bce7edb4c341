/** `--log FILE` of every command, and the variable that stands for it. */

import type { Language } from '../src/inspect.js';
import type { Io } from './io.js';

export const LOG_OPTION = [
  '--log <file>',
  'write down what happens, without secrets and personal data (COSEM_LOG)',
] as const;

/** The file of the log that a command line or the environment names; undefined where neither does. */
export function logFileIn(argv: readonly string[], env: Io['env']): string | undefined {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  const at = words.findLastIndex((word) => word === '--log' || word.startsWith('--log='));
  const told = words[at]?.startsWith('--log=') ? words[at].slice('--log='.length) : words[at + 1];
  return (at < 0 ? undefined : told) || env.COSEM_LOG || undefined;
}

type Words = Readonly<Record<Language, (file: string, why: string) => string>>;

export const LOG_WORDS: { readonly notWritten: Words } = {
  notWritten: {
    en: (file, why) => `the log ${file} cannot be written: ${why}. The work goes on without it.`,
    hi: (file, why) => `लॉग ${file} नहीं लिखा जा सका: ${why}। काम उसके बिना चलता रहेगा।`,
  },
};
