import { StateError } from '../base/errors.js';

/**
 * The conformance block (IEC 62056-5-3 clause 7.3): the services and features that a side supports. 24 bits as a number; bit 0 of the
 * standard is 0x800000, bit 23 is 0x000001.
 */
export const CONFORMANCE = {
  /** Bit 0, always 0. */
  'reserved-zero': 0x800000,
  /** general-ciphering and the other envelopes of general protection, beside the service-specific ones. */
  'general-protection': 0x400000,
  /** general-block-transfer: any APDU in blocks. */
  'general-block-transfer': 0x200000,
  /** Read of SN referencing. */
  read: 0x100000,
  /** Write of SN referencing. */
  write: 0x080000,
  /** UnconfirmedWrite of SN referencing. */
  'unconfirmed-write': 0x040000,
  /** Delta types in Data. */
  'delta-value-encoding': 0x020000,
  /** Bit 7, always 0. */
  'reserved-seven': 0x010000,
  /** SET of attribute 0, which means all attributes of an object. */
  'attribute0-supported-with-set': 0x008000,
  /** The priority bit of Invoke-Id-And-Priority. */
  'priority-mgmt-supported': 0x004000,
  /** GET of attribute 0, which means all attributes of an object. */
  'attribute0-supported-with-get': 0x002000,
  /** Long answers to GET or Read in blocks. */
  'block-transfer-with-get-or-read': 0x001000,
  /** Long values of SET or Write in blocks. */
  'block-transfer-with-set-or-write': 0x000800,
  /** Long parameters and answers of ACTION in blocks. */
  'block-transfer-with-action': 0x000400,
  /** Several attributes or methods in one request (with-list). */
  'multiple-references': 0x000200,
  /** InformationReport of SN referencing. */
  'information-report': 0x000100,
  /** DataNotification: push. */
  'data-notification': 0x000080,
  /** ACCESS of LN referencing. */
  access: 0x000040,
  /** Selective access with SN referencing. */
  'parameterized-access': 0x000020,
  /** GET of LN referencing. */
  get: 0x000010,
  /** SET of LN referencing. */
  set: 0x000008,
  /** Selective access with LN referencing: parts of an attribute, such as rows of a profile. */
  'selective-access': 0x000004,
  /** EventNotification of LN referencing. */
  'event-notification': 0x000002,
  /** ACTION of LN referencing. */
  action: 0x000001,
} as const;

/** Name of a conformance bit. */
export type ConformanceName = keyof typeof CONFORMANCE;

const NAMES = Object.keys(CONFORMANCE) as ConformanceName[];

/** Names of the bits that are set, in the order of the standard. */
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
