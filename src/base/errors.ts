/**
 * The errors that a caller branches on. What the meter said ({@link AccessError}, {@link AssociationError}) and what failed on our side never
 * share a class. A message says what happened and to which object; `hint` says what to try. No error ever carries a key or a password.
 */

/** A step into a value: a field name or an element index. */
export type PathSegment = string | number;

/** What any error of this library can carry beside its message. */
export interface ErrorDetails {
  /** One sentence on what to try next. */
  readonly hint?: string;
  /** The error that led to this one, as `cause` of the standard `Error`. */
  readonly cause?: unknown;
}

/** An error as JSON, together with the fields of its class, such as `reason` or `target`. */
export interface ErrorJson {
  /** Name of its class. */
  readonly name: string;
  /** The kind of error, to branch on. */
  readonly code: string;
  /** What happened, in a sentence. */
  readonly message: string;
  /** One sentence on what to try next. */
  readonly hint?: string | undefined;
}

/**
 * What all errors of this library share. Branch on `code`, or on the class.
 *
 * @example
 * ```ts
 * try {
 *   await meter.reading('1.0.1.8.0.255');
 * } catch (error) {
 *   if (!(error instanceof CosemError)) throw error;
 *   console.error(`${error.code}: ${error.message}`, error.hint ?? '');
 * }
 * ```
 */
export abstract class CosemError extends Error {
  /** The kind of error, one literal for each class: `decode`, `link`, `timeout`, `security` and so on. Stable, unlike the message. */
  abstract readonly code: string;
  /** One sentence on what to try next; undefined where nothing helps. */
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
  /** What is wrong, as a literal to branch on. */
  readonly reason: DecodeReason;
  /** Offset of the octet at fault in the array that was given to the decoder; -1 where the fault is in a value that was decoded already. */
  readonly offset: number;
  /** Steps from the whole value to the part at fault, the outermost first; empty where the fault is in no part of its own. */
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

  /** Adds the step above to `path`: each decoder does so while the error passes through it. */
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

/**
 * Why a link failed: it was never connected, the peer refused it (`rejected`), closed it or sent FRMR (`frame-reject`), nobody answered, or the
 * transport below it (socket, port) failed.
 */
export type LinkReason = 'not-connected' | 'rejected' | 'peer-closed' | 'frame-reject' | 'no-answer' | 'transport';

/** Octets that came while an answer was awaited, but were not that answer. */
export interface Came {
  /** Number of octets that came since the question. */
  readonly octets: number;
  /** Why the last of them were discarded, in words. */
  readonly reason: string;
}

/** The line or the data link gave up: nobody answers, the peer refused the link, the port went away. */
export class LinkError extends CosemError {
  readonly code = 'link';
  /** What failed, as a literal to branch on. */
  readonly reason: LinkReason;
  /** True when the meter certainly did not get the request under way: it may be sent again, even if it changes something. */
  readonly unheard: boolean;
  /** With `no-answer`: what came in place of an answer; undefined when nothing came. */
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
  /** What came in place of an answer; undefined when nothing came. */
  readonly came: Came | undefined;
  constructor(message: string, details: ErrorDetails & { readonly came?: Came | undefined } = {}) {
    super(message, details);
    this.came = details.came;
  }
}

/**
 * A request that changes the meter was sent, and it is not known whether the meter carried it out: the line broke before the answer came, or
 * the answer cannot be read. The request is not repeated: read what `target` should have changed, then decide. `cause` is what broke the line,
 * or what is wrong with the answer.
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

/** The meter refused the application association, or failed to authenticate itself. */
export class AssociationError extends CosemError {
  readonly code = 'association';
  /** association-result of the AARE: 1 rejected-permanent, 2 rejected-transient; undefined where the refusal was no AARE. */
  readonly result: number | undefined;
  /** Name of the diagnostic, such as `authentication-failure`; undefined where the meter gave none. */
  readonly diagnostic: string | undefined;
  /** The invocation counter that the meter named in its refusal. It is not authenticated. */
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
  /** The object that was asked, as `class:obis:attribute`. */
  readonly target: string;
  /**
   * True when meters answer like this to a client without an association: the meter may have dropped the association and not carried the
   * request out. This is a sign, not a proof.
   */
  readonly unassociated: boolean;
  /** The invocation counter that the meter named in an invocation-counter-error. It is not authenticated. */
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

/** Why a message was not trusted or could not be protected. The members of {@link KeyFault} say what exactly is wrong with keys or titles. */
export type SecurityReason =
  | 'bad-tag'
  | 'bad-signature'
  | 'bad-certificate'
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

/** Why the tag of a message does not hold, where trials with the caller's own keys prove it. `wordCause` gives the sentence for each. */
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
  /** What is wrong, as a literal to branch on. */
  readonly reason: SecurityReason;
  /** The values that the sentence of this reason contains: give them to `wordCause(reason, facts, language)`. Never a key. */
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

/** A fault of the caller: a value that cannot be sent, a call in the wrong order, text in the wrong form. */
export class StateError extends CosemError {
  readonly code = 'state';
  /** Steps from the whole value to the part at fault, the outermost first; empty where there is no larger value. */
  readonly path: PathSegment[] = [];
  readonly #what: string;

  constructor(what: string, details: ErrorDetails = {}) {
    super(what, details);
    this.#what = what;
  }

  /** Adds the step above to `path`: each encoder does so while the error passes through it. */
  within(segment: PathSegment): this {
    this.path.unshift(segment);
    this.message = `${this.#what} (in ${this.path.join('.')})`;
    return this;
  }
}
