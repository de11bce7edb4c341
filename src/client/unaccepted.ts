/** Passwords and proofs that a meter was given and did not accept. Meters count them and lock after a few, so they do not go out again by themselves. */

import { AssociationError, DecodeError, LinkError } from '../base/errors.js';
import type { Unaccepted } from '../session/client-core.js';

interface Given {
  readonly what: Unaccepted;
  /** Whether the link shows that the meter itself is there: behind a wrapper a gateway may answer in its place. */
  readonly there: boolean;
}

/** What the meter had been given when an association failed. */
const given = new WeakMap<object, Given>();
/** How often a meter is given the same without an answer. */
const MOST_SILENCES = 2;

/** Keeps in mind what the meter was given before this error. */
export function noteUnaccepted(error: unknown, what: Unaccepted | undefined, there: boolean): void {
  if (what !== undefined && error instanceof Error) given.set(error, { what, there });
}

/** Whether our half of HLS had gone out: the meter had accepted the AARQ, and with it its services, counter and context. */
export function isOfProof(error: unknown): boolean {
  return error instanceof Error && given.get(error)?.what === 'proof';
}

/** Whether a password had gone out, and the meter may have refused it: it says so, gives no reason, or closes the line in place of an answer. */
export function isJudged(error: unknown): boolean {
  return error instanceof Error && given.get(error)?.what === 'password';
}

/** Judges whether a meter that has not accepted our password or proof yet is given it again. One for each meter. */
export class Unanswered {
  #silences = 0;

  /** A refusal says itself whether it is for now. A meter that closes the line has judged. One that is silent may not have heard. */
  mayGoAgain(error: unknown): boolean {
    const known = error instanceof Error ? given.get(error) : undefined;
    if (known === undefined || error instanceof AssociationError) return true;
    if (error instanceof DecodeError || (error instanceof LinkError && error.reason !== 'no-answer')) return false;
    return !known.there || ++this.#silences < MOST_SILENCES;
  }
}
