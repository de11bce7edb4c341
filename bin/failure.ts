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
import { KeyChangeError } from '../src/tools.js';
import { Interrupted } from './io.js';

/** The command's exit codes. */
export const EXIT = {
  done: 0,
  /** A fault of this program, not of the meter nor of the person. */
  internal: 1,
  usage: 2,
  notConnected: 3,
  refused: 4,
  badAnswer: 5,
  /** A change was sent and its answer lost: whether it was made is not known. */
  uncertain: 6,
  /** 128 + SIGINT. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A failure as it is shown: one sentence, what to try, the exit code. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly exit: ExitCode;
}

/** A wrong option, argument or configuration. */
export class UsageError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'UsageError';
    this.hint = hint;
  }
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

/** Whatever was thrown, as a failure. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Interrupted) {
    return {
      code: 'interrupted',
      message: error.released ? 'interrupted; the meter was released' : 'interrupted',
      hint: undefined,
      exit: EXIT.interrupted,
    };
  }
  if (error instanceof UsageError) {
    return { code: 'usage', message: error.message, hint: error.hint, exit: EXIT.usage };
  }
  if (error instanceof CosemError) {
    return { code: error.code, message: error.message, hint: error.hint, exit: exitOf(error) };
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
  // Something came: it is no silence that failed, but what was said.
  if ((error instanceof TimeoutError || error instanceof LinkError) && error.came !== undefined) return EXIT.badAnswer;
  if (error instanceof TimeoutError) return EXIT.notConnected;
  if (error instanceof LinkError) return error.reason === 'frame-reject' ? EXIT.badAnswer : EXIT.notConnected;
  if (error instanceof KeyChangeError) return EXIT.refused;
  if (error instanceof SecurityError) return CALLERS_SECURITY.has(error.reason) ? EXIT.usage : EXIT.badAnswer;
  if (error instanceof DecodeError) return EXIT.badAnswer;
  return EXIT.internal;
}

/** Work orders, policies and folders of commissioning that are not right, or cannot be read or written. */
const FILES: ReadonlySet<string> = new Set(['document', 'storage']);

/** Faults of protection that lie in what the caller gave, before anything was sent. */
const CALLERS_SECURITY: ReadonlySet<string> = new Set(['missing-key', 'bad-key', 'counter-exhausted']);
