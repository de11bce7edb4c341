import { contextId } from '../apdu/acse-names.js';
import type { Aare, InitiateResponse } from '../apdu/apdu.js';
import { CONFORMANCE } from '../apdu/conformance.js';
import { VAA_SN } from '../apdu/initiate.js';
import { AssociationError } from '../base/errors.js';

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

export function shortNamesError(result?: number): AssociationError {
  return new AssociationError('this meter speaks short names only, which is not supported yet', {
    diagnostic: SHORT_NAMES,
    ...(result === undefined ? {} : { result }),
    hint: 'no key, password or client address helps here: a set-up with logical names (LN referencing) would, where the maker has one',
  });
}
