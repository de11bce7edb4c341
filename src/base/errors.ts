/**
 * The errors a caller branches on. What the meter said ({@link AccessError}, {@link AssociationError}) and what failed here never
 * share a class. A message says what happened and on which object; `hint` says what to try. None ever carries a key or a password.
 */

/** A step into a value: a field name or an element index. */
export type PathSegment = string | number;

export interface ErrorDetails {
  /** One sentence on what to try next. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** An error as JSON: with what its class tells beside, such as `reason` or `target`. */
export interface ErrorJson {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** What all errors of this library share. `code` is a literal to branch on; `hint` says what to try next. */
export abstract class CosemError extends Error {
  abstract readonly code: string;
  readonly hint: string | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.hint = details.hint;
  }

  /** For people: what happened, and what to try. */
  get text(): string {
    return this.hint === undefined ? this.message : `${this.message} (${this.hint})`;
  }

  /** All that it says, without the stack and the cause, which are for programmers: `JSON.stringify` of an error alone loses the message. */
  toJSON(): ErrorJson {
    return { ...this, name: this.name, code: this.code, message: this.message };
  }
}

/** Why octets could not be read. The names are shared with the test vectors. */
export type DecodeReason =
  | 'truncated'
  | 'trailing-bytes'
  | 'bad-value'
  | 'bad-length'
  | 'unknown-tag'
  | 'bad-tag'
  | 'unknown-choice'
  | 'missing-field'
  | 'too-deep'
  | 'block-sequence'
  | 'bad-frame'
  | 'bad-frame-format'
  | 'bad-address'
  | 'bad-control'
  | 'bad-hcs'
  | 'bad-fcs'
  | 'bad-checksum'
  | 'bad-version'
  | 'no-frame';

/** Octets from a peer, or text from a person, that do not mean what they should. */
export class DecodeError extends CosemError {
  readonly code = 'decode';
  readonly reason: DecodeReason;
  /** Offset of the octet at fault in the array that was handed to the decoder; -1 where the fault is in a value already read. */
  readonly offset: number;
  readonly path: PathSegment[];
  readonly #what: string;

  constructor(reason: DecodeReason, what: string, offset = 0, details: ErrorDetails & { path?: PathSegment[] } = {}) {
    super(what, details);
    this.reason = reason;
    this.offset = offset;
    this.path = details.path ?? [];
    this.#what = what;
    this.#tell();
  }

  /** Adds the step above, while the error climbs out of nested decoders. */
  within(segment: PathSegment): this {
    this.path.unshift(segment);
    this.#tell();
    return this;
  }

  #tell(): void {
    const octet = this.offset < 0 ? '' : ` at octet ${this.offset}`;
    const where = this.path.length > 0 ? ` in ${this.path.join('.')}` : '';
    this.message = `${this.#what} (${this.reason}${octet}${where})`;
  }
}

export type LinkReason = 'not-connected' | 'rejected' | 'peer-closed' | 'frame-reject' | 'no-answer' | 'transport';

/** What came while an answer was awaited and was none. */
export interface Came {
  /** Octets that came since the question, all told. */
  readonly octets: number;
  /** Why what came last was put aside, in words. */
  readonly reason: string;
}

/** The line or the data link gave up: nobody answers, the peer refused the link, the port went away. */
export class LinkError extends CosemError {
  readonly code = 'link';
  readonly reason: LinkReason;
  /** Whether it is sure that the meter did not take the request under way: it may be sent again, whatever it is. */
  readonly unheard: boolean;
  /** With `no-answer`: what came in place of an answer; undefined when nothing did. */
  readonly came: Came | undefined;
  constructor(
    reason: LinkReason,
    message: string,
    details: ErrorDetails & { readonly unheard?: boolean; readonly came?: Came | undefined } = {},
  ) {
    super(message, details);
    this.reason = reason;
    this.unheard = details.unheard ?? false;
    this.came = details.came;
  }
}

/** No answer came within the time allowed. */
export class TimeoutError extends CosemError {
  readonly code = 'timeout';
  /** What came in place of an answer; undefined when nothing did. */
  readonly came: Came | undefined;
  constructor(message: string, details: ErrorDetails & { readonly came?: Came | undefined } = {}) {
    super(message, details);
    this.came = details.came;
  }
}

/**
 * A request that changes the meter was sent, and nothing tells whether it was carried out: the line broke before its answer came, or the
 * answer cannot be read. It is not repeated: look at what `target` should have changed, then decide. `cause` is what broke the line, or
 * what is wrong with the answer.
 */
export class UncertainError extends CosemError {
  readonly code = 'uncertain';
  /** The attribute or method, as `class:obis:attribute`. */
  readonly target: string;
  constructor(target: string, message: string, details: ErrorDetails = {}) {
    super(message, details);
    this.target = target;
  }
}

/** The meter refused the application association, or its half of the authentication was wrong. */
export class AssociationError extends CosemError {
  readonly code = 'association';
  /** association-result of the AARE: 1 rejected-permanent, 2 rejected-transient; undefined where the refusal came otherwise. */
  readonly result: number | undefined;
  /** Name of the diagnostic, such as `authentication-failure`. */
  readonly diagnostic: string | undefined;
  /** The invocation counter that the meter named in its refusal. Nothing proves it. */
  readonly invocationCounter: number | undefined;
  constructor(
    message: string,
    details: ErrorDetails & { result?: number; diagnostic?: string; invocationCounter?: number } = {},
  ) {
    super(message, details);
    this.result = details.result;
    this.diagnostic = details.diagnostic;
    this.invocationCounter = details.invocationCounter;
  }
}

/** The meter said no to a GET, SET or ACTION, or answered with an exception-response. */
export class AccessError extends CosemError {
  readonly code = 'access';
  /** Name of the data-access-result, action-result or exception, such as `read-write-denied`. */
  readonly result: string;
  /** The object asked, as `class:obis:attribute`. */
  readonly target: string;
  /** Whether meters answer so to who has no association: it may have been dropped, and the request not carried out. Nothing proves it. */
  readonly unassociated: boolean;
  /** The invocation counter that the meter named in an invocation-counter-error. Nothing proves it. */
  readonly invocationCounter: number | undefined;
  constructor(
    result: string,
    target: string,
    message: string,
    details: ErrorDetails & { readonly unassociated?: boolean; readonly invocationCounter?: number | undefined } = {},
  ) {
    super(message, details);
    this.result = result;
    this.target = target;
    this.unassociated = details.unassociated ?? false;
    this.invocationCounter = details.invocationCounter;
  }
}

export type SecurityReason =
  | 'bad-tag'
  | 'bad-signature'
  | 'bad-key-wrap'
  | 'replay'
  | 'missing-key'
  | 'bad-key'
  | 'bad-challenge'
  | 'not-protected'
  | 'counter-exhausted'
  | 'decrypt-garbage'
  | 'compressed'
  | KeyFault;

/** What is wrong with a message whose tag does not hold, where it can be proved (see `wordCause` for the sentences). */
export type KeyFault =
  | 'wrong-ak'
  | 'either-key'
  | 'swapped-keys'
  | 'same-key'
  | 'key-as-text'
  | 'half-key'
  | 'reversed-key'
  | 'key-length'
  | 'other-key-set'
  | 'wrong-title'
  | 'reversed-title'
  | 'title-as-text'
  | 'own-title'
  | 'other-counter'
  | 'changed-control'
  | 'changed-envelope'
  | 'tag-length'
  | 'not-verified';

/** A message that is not protected as it must be, or whose protection does not hold. */
export class SecurityError extends CosemError {
  readonly code = 'security';
  readonly reason: SecurityReason;
  /** What the sentence of the reason names, for `wordCause(reason, facts, language)`. Never a key. */
  readonly facts: Readonly<Record<string, string | number>>;
  constructor(
    reason: SecurityReason,
    message: string,
    details: ErrorDetails & { readonly facts?: Readonly<Record<string, string | number>> } = {},
  ) {
    super(message, details);
    this.reason = reason;
    this.facts = details.facts ?? {};
  }
}

/** The caller's fault: a value that cannot be sent, a call out of order, text that is not what it should be. */
export class StateError extends CosemError {
  readonly code = 'state';
  /** Steps to the value at fault, where it lies within a larger one. */
  readonly path: PathSegment[] = [];
  readonly #what: string;

  constructor(what: string, details: ErrorDetails = {}) {
    super(what, details);
    this.#what = what;
  }

  /** Adds the step above, while the error climbs out of nested encoders. */
  within(segment: PathSegment): this {
    this.path.unshift(segment);
    this.message = `${this.#what} (in ${this.path.join('.')})`;
    return this;
  }
}
