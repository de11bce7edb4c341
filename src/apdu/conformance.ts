import { StateError } from '../base/errors.js';

/**
 * The conformance block (IEC 62056-5-3 clause 7.3): which services and features a side can do. 24 bits as a number; bit 0 of the
 * standard is 0x800000, bit 23 is 0x000001.
 */
export const CONFORMANCE = {
  'reserved-zero': 0x800000,
  'general-protection': 0x400000,
  'general-block-transfer': 0x200000,
  read: 0x100000,
  write: 0x080000,
  'unconfirmed-write': 0x040000,
  'delta-value-encoding': 0x020000,
  'reserved-seven': 0x010000,
  'attribute0-supported-with-set': 0x008000,
  'priority-mgmt-supported': 0x004000,
  'attribute0-supported-with-get': 0x002000,
  'block-transfer-with-get-or-read': 0x001000,
  'block-transfer-with-set-or-write': 0x000800,
  'block-transfer-with-action': 0x000400,
  'multiple-references': 0x000200,
  'information-report': 0x000100,
  'data-notification': 0x000080,
  access: 0x000040,
  'parameterized-access': 0x000020,
  get: 0x000010,
  set: 0x000008,
  'selective-access': 0x000004,
  'event-notification': 0x000002,
  action: 0x000001,
} as const;

/** Name of a conformance bit. */
export type ConformanceName = keyof typeof CONFORMANCE;

const NAMES = Object.keys(CONFORMANCE) as ConformanceName[];

/** Names of the bits that are set, in the standard's order. */
export function conformanceNames(bits: number): ConformanceName[] {
  return NAMES.filter((name) => (bits & CONFORMANCE[name]) !== 0);
}

/**
 * The 24 bits for names.
 * @throws StateError for a name that the standard does not have.
 */
export function conformanceBits(names: readonly ConformanceName[]): number {
  let bits = 0;
  for (const name of names) {
    const bit = CONFORMANCE[name] as number | undefined;
    if (bit === undefined) throw new StateError(`'${name}' is not a conformance bit`, { hint: NAMES.join(', ') });
    bits |= bit;
  }
  return bits;
}
