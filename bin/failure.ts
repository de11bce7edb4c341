import {
  AccessError,
  AssociationError,
  CosemError,
  DecodeError,
  LinkError,
  SecurityError,
  StateError,
  TimeoutError,
  UncertainError,
} from '../src/index.js';
import type { Sentence } from '../src/inspect.js';
import { KeyChangeError } from '../src/tools.js';
import { type FailureWords, interruptedWords, valueFault } from './failure-words.js';
import { Interrupted } from './io.js';

/** The command's exit codes. */
export const EXIT = {
  /** Success. */
  done: 0,
  /** A fault of this program, not of the meter or of the person. */
  internal: 1,
  /** A wrong option, argument or configuration. */
  usage: 2,
  /** The meter could not be reached, or the line broke. */
  notConnected: 3,
  /** The meter refused, or the key or password was wrong. */
  refused: 4,
  /** An answer came that cannot be read or is not valid. */
  badAnswer: 5,
  /** A change was sent and its answer lost, so that it is unknown whether it was made. */
  uncertain: 6,
  /** Interrupted by Ctrl-C: 128 + SIGINT. */
  interrupted: 130,
} as const;

/** One of the exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A failure as it is shown: one sentence, what to try, and the exit code. */
export interface Failure {
  /** Kind of the failure, such as `link` or `usage`; it stands in the JSON document. */
  readonly code: string;
  /** What happened, in one sentence. */
  readonly message: string;
  /** What to try; undefined where there is nothing to try. */
  readonly hint: string | undefined;
  /** The exit code. */
  readonly exit: ExitCode;
  /** The same in each language; undefined where there is English alone. */
  readonly words?: FailureWords;
}

/**
 * A wrong option, argument or configuration. What installers and consumers may see is given in each language, from a table of messages; text
 * alone is English.
 */
export class UsageError extends Error {
  /** What to write instead. */
  readonly hint: string | undefined;
  /** In each language; undefined where there is English alone. */
  readonly words: FailureWords | undefined;
  constructor(message: string | Sentence, hint?: string | Sentence) {
    super(english(message));
    this.name = 'UsageError';
    this.hint = hint === undefined ? undefined : english(hint);
    if (typeof message === 'object' && typeof hint !== 'string') {
      this.words = hint === undefined ? { message } : { message, hint };
    } else if (typeof message === 'string' && typeof hint !== 'object') this.words = valueFault(message, hint);
  }
}

function english(text: string | Sentence): string {
  return typeof text === 'string' ? text : text.en;
}

/**
 * What the library finds wrong with what a person gave is a wrong use of the command.
 * @param hint in place of that of the library, which knows no options of ours.
 */
export function asUsage<T>(work: () => T, hint?: string): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof StateError) throw new UsageError(error.message, hint ?? error.hint);
    throw error;
  }
}

/** Turns anything that was thrown into a failure. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Interrupted) {
    return {
      code: 'interrupted',
      message: interruptedWords(error.released).en,
      hint: undefined,
      exit: EXIT.interrupted,
      words: { message: interruptedWords(error.released) },
    };
  }
  if (error instanceof UsageError) {
    const { message, hint, words } = error;
    return { code: 'usage', message, hint, exit: EXIT.usage, ...(words && { words }) };
  }
  if (error instanceof CosemError) {
    const { code, message, hint } = error;
    const own = (error as { readonly words?: FailureWords }).words;
    const words = own ?? (error instanceof StateError ? valueFault(message, hint) : undefined);
    return { code, message, hint, exit: exitOf(error), ...(words && { words }) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal',
    message: `unexpected: ${message}`,
    hint: 'this is a fault of cosem: run it again with COSEM_DEBUG=1 and report what it prints',
    exit: EXIT.internal,
  };
}

function exitOf(error: CosemError): ExitCode {
  if (error instanceof StateError || FILES.has(error.code)) return EXIT.usage;
  if (error.code === 'refused') return EXIT.refused;
  if (error instanceof AccessError || error instanceof AssociationError) return EXIT.refused;
  if (error instanceof UncertainError) return EXIT.uncertain;
  // Something came, so the trouble is the answer and not silence.
  if ((error instanceof TimeoutError || error instanceof LinkError) && error.came !== undefined) return EXIT.badAnswer;
  if (error instanceof TimeoutError) return EXIT.notConnected;
  if (error instanceof LinkError) return error.reason === 'frame-reject' ? EXIT.badAnswer : EXIT.notConnected;
  if (error instanceof KeyChangeError) return EXIT.refused;
  if (error instanceof SecurityError) return CALLERS_SECURITY.has(error.reason) ? EXIT.usage : EXIT.badAnswer;
  if (error instanceof DecodeError) return EXIT.badAnswer;
  return EXIT.internal;
}

/** Codes of errors about files and folders of commissioning. */
const FILES: ReadonlySet<string> = new Set(['document', 'storage']);

/** Reasons of SecurityError for which the caller's input is at fault, before anything was sent. */
const CALLERS_SECURITY: ReadonlySet<string> = new Set(['missing-key', 'bad-key', 'counter-exhausted']);
