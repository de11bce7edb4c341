import { CONFORMANCE, type ConformanceName } from '../apdu/conformance.js';

/** Services without which an association may be opened. They only concern form, and never protection or the authentication mechanism. */
export const DISPENSABLE = [
  'multiple-references',
  'general-block-transfer',
  'block-transfer-with-get-or-read',
  'block-transfer-with-set-or-write',
  'block-transfer-with-action',
  'access',
] as const satisfies readonly ConformanceName[];

/** A service that an association may be opened without. */
export type Dispensable = (typeof DISPENSABLE)[number];

/** Whether an association may be opened without a service. */
export function isDispensable(name: unknown): name is Dispensable {
  return DISPENSABLE.some((bit) => bit === name && Object.hasOwn(CONFORMANCE, bit));
}
