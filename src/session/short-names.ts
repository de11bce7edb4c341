import { contextId } from '../apdu/acse-names.js';
import type { Aare, InitiateResponse } from '../apdu/apdu.js';
import { CONFORMANCE, type ConformanceName, conformanceBits } from '../apdu/conformance.js';
import { VAA_SN } from '../apdu/initiate.js';
import { AssociationError, DecodeError } from '../base/errors.js';
import { given } from '../base/given.js';

/** Diagnostic of an AssociationError about a meter that is addressed by short names. */
export const SHORT_NAMES = 'short-name-referencing';

/** Application contexts with short-name referencing: without and with ciphering. */
const SHORT_NAME_CONTEXTS: ReadonlySet<number | undefined> = new Set([2, 4]);

/** Whether an AARE, accepting or refusing, names a context with short-name referencing (IEC 62056-5-3 clause 7.2). */
export function namesShortNames({ applicationContextName }: Pick<Aare, 'applicationContextName'>): boolean {
  return SHORT_NAME_CONTEXTS.has(contextId(applicationContextName));
}

/**
 * Whether the terms are those of a server with short names: its association object has a base name, and it grants no GET. Some meters with
 * logical names tell that base name too.
 */
export function grantsShortNames({ vaaName, negotiatedConformance }: InitiateResponse): boolean {
  return vaaName === VAA_SN && (negotiatedConformance & CONFORMANCE.get) === 0;
}

/** Whether the terms are those of a server with logical names: it grants GET, and its association object has no base name. */
export function grantsLogicalNames({ vaaName, negotiatedConformance }: InitiateResponse): boolean {
  return vaaName !== VAA_SN && (negotiatedConformance & CONFORMANCE.get) !== 0;
}

export function shortNamesError(result?: number): AssociationError {
  return new AssociationError('this meter speaks short names (SN referencing), and was asked for logical names', {
    diagnostic: SHORT_NAMES,
    ...given({ result }),
    hint: "open it with short names: naming 'sn' (--naming sn); left out it is found out",
  });
}

/** A meter that was opened with short names and grants no Read. */
export function noShortNames(): AssociationError {
  return new AssociationError('this meter does not grant Read: it has no short names for this client', {
    hint: "open it with logical names: naming 'ln' (--naming ln), or leave it out",
  });
}

/** What was granted, with the services of logical names that mean the same: those are what is asked for by name. */
export function logicalTerms(granted: number): number {
  const like = (short: ConformanceName, logical: readonly ConformanceName[]) =>
    (granted & CONFORMANCE[short]) === 0 ? 0 : conformanceBits(logical);
  return (
    granted |
    like('read', ['get']) |
    like('write', ['set', 'action']) |
    like('parameterized-access', ['selective-access'])
  );
}

/** For the hint of a refusal that leaves open whether it is so. */
export const OR_SHORT_NAMES = '; or the meter speaks short names: `cosem doctor` asks it';

/** Diagnostics that say what the meter does not like, and that it is neither the context nor what was proposed. */
const OTHERWISE = /authentication|mechanism|invocation|AP-title|AE-qualifier|decipher|short-name/i;
/** The same in words, of a meter that named no diagnostic: what we did not like of it. */
const OTHERWISE_IN_WORDS = /system title|challenge/i;

/**
 * Whether a refusal is about who we are, or who the meter is: authentication, titles, counters, keys, short names. An association that is opened in
 * another form fares no better then, and another attempt may count towards a lock-out.
 */
export function isOfIdentity({ diagnostic, invocationCounter, message }: AssociationError): boolean {
  if (invocationCounter !== undefined || OTHERWISE.test(`${diagnostic ?? ''} ${message}`)) return true;
  return diagnostic === undefined && OTHERWISE_IN_WORDS.test(message);
}

/**
 * Whether a refused association leaves open that the meter speaks short names: such meters refuse the context of logical names in its own
 * name, without a reason, by a confirmed-service-error alone, as meters do that want ciphering, or by what cannot be read.
 */
export function mayBeShortNames(error: unknown): boolean {
  if (error instanceof DecodeError) return true;
  return error instanceof AssociationError && !isOfIdentity(error);
}
