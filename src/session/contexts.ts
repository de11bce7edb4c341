/** Application contexts (IEC 62056-5-3 clause 7.2): how attributes and methods are named, and whether APDUs are ciphered. */

import { type ContextId, contextOid } from '../apdu/acse-names.js';
import { CONFORMANCE, conformanceBits } from '../apdu/conformance.js';
import type { ApplicationContext, AssociationDefinition, Naming } from '../contracts/association.js';

const NUMBERS: Readonly<Record<ApplicationContext, ContextId>> = { ln: 1, sn: 2, 'ln-ciphered': 3, 'sn-ciphered': 4 };

/** Whether APDUs are ciphered. */
export function isCiphered(context: ApplicationContext): boolean {
  return context === 'ln-ciphered' || context === 'sn-ciphered';
}

/** How attributes and methods are named. */
export function namingOf(context: ApplicationContext): Naming {
  return context === 'sn' || context === 'sn-ciphered' ? 'sn' : 'ln';
}

/** application-context-name of an association that names so. */
export function contextOf({ context }: Pick<AssociationDefinition, 'context'>, naming: Naming): Uint8Array {
  return contextOid(numberOf(context, naming));
}

/** How a client wants to name things, told by the number of the context that it asks for; undefined where that is not offered. */
export function namingAsked(
  { context, bothNamings }: Pick<AssociationDefinition, 'context' | 'bothNamings'>,
  asked: number | undefined,
): Naming | undefined {
  const offered: readonly Naming[] = bothNamings === true ? ['ln', 'sn'] : [namingOf(context)];
  return offered.find((naming) => numberOf(context, naming) === asked);
}

function numberOf(context: ApplicationContext, naming: Naming): ContextId {
  return NUMBERS[isCiphered(context) ? (`${naming}-ciphered` as const) : naming];
}

/** Services of short names, and those that they have in common with logical names. */
const SHORT = conformanceBits(['read', 'write', 'unconfirmed-write', 'information-report', 'parameterized-access']);
const COMMON = conformanceBits([
  'general-protection',
  'general-block-transfer',
  'block-transfer-with-get-or-read',
  'block-transfer-with-set-or-write',
  'multiple-references',
  'data-notification',
]);

/** The conformance block that an association offers to a client that names so. */
export function offeredConformance(
  { conformance }: Pick<AssociationDefinition, 'conformance'>,
  naming: Naming,
): number {
  return naming === 'ln' ? conformance & ~SHORT : (conformance & (SHORT | COMMON)) | shortFor(conformance);
}

/**
 * The services that a client means by the block that it proposes. Some name those of logical names in every context: by short names they mean
 * what is alike. What goes back to them has only bits that they proposed.
 */
export function meantConformance(proposed: number, naming: Naming): number {
  return naming === 'ln' || (proposed & SHORT) !== 0 ? proposed : proposed | shortFor(proposed);
}

/** The services of short names that are like those of logical names in a conformance block. */
function shortFor(conformance: number): number {
  const like = (names: number, services: number) => ((conformance & names) === 0 ? 0 : services);
  return (
    like(CONFORMANCE.get, CONFORMANCE.read) |
    like(CONFORMANCE.set, CONFORMANCE.write | CONFORMANCE['unconfirmed-write']) |
    like(CONFORMANCE.action | CONFORMANCE['selective-access'], CONFORMANCE['parameterized-access']) |
    like(CONFORMANCE['event-notification'], CONFORMANCE['information-report'])
  );
}
