/** Object identifiers of the ACSE APDUs: 2.16.756.5.8.1.n application contexts and 2.16.756.5.8.2.n mechanisms. */

import type { MechanismId } from '../contracts/association.js';

/** 1 LN, 2 SN, 3 LN with ciphering, 4 SN with ciphering. */
export type ContextId = 1 | 2 | 3 | 4;

const CONTEXT_NAMES: Readonly<Record<number, string>> = {
  1: 'logical-name-referencing-no-ciphering',
  2: 'short-name-referencing-no-ciphering',
  3: 'logical-name-referencing-with-ciphering',
  4: 'short-name-referencing-with-ciphering',
};

const MECHANISM_NAMES: Readonly<Record<number, string>> = {
  0: 'lowest-level-security',
  1: 'low-level-security',
  2: 'high-level-security',
  3: 'high-level-security-md5',
  4: 'high-level-security-sha1',
  5: 'high-level-security-gmac',
  6: 'high-level-security-sha256',
  7: 'high-level-security-ecdsa',
};

const CONTEXT_ARC = 1;
const MECHANISM_ARC = 2;

/** Octets of an application context's name, as `Aarq.applicationContextName` holds them. */
export function contextOid(id: ContextId): Uint8Array {
  return oid(CONTEXT_ARC, id);
}

/** Number of an application context, or undefined when it is none of DLMS/COSEM. */
export function contextId(octets: Uint8Array): ContextId | undefined {
  const id = lastArc(octets, CONTEXT_ARC);
  return id !== undefined && id in CONTEXT_NAMES ? (id as ContextId) : undefined;
}

/** Name of an application context. */
export function contextName(octets: Uint8Array): string | undefined {
  return CONTEXT_NAMES[lastArc(octets, CONTEXT_ARC) ?? -1];
}

/** Octets of an authentication mechanism's name, as `Aarq.mechanismName` holds them. */
export function mechanismOid(id: MechanismId): Uint8Array {
  return oid(MECHANISM_ARC, id);
}

/** Number of an authentication mechanism, or undefined when it is none of DLMS/COSEM. */
export function mechanismId(octets: Uint8Array): MechanismId | undefined {
  const id = lastArc(octets, MECHANISM_ARC);
  return id !== undefined && id in MECHANISM_NAMES ? (id as MechanismId) : undefined;
}

/** Name of an authentication mechanism. */
export function mechanismName(octets: Uint8Array): string | undefined {
  return MECHANISM_NAMES[lastArc(octets, MECHANISM_ARC) ?? -1];
}

const PREFIX = [0x60, 0x85, 0x74, 0x05, 0x08];

function oid(arc: number, id: number): Uint8Array {
  return Uint8Array.of(...PREFIX, arc, id);
}

function lastArc(octets: Uint8Array, arc: number): number | undefined {
  if (octets.length !== 7 || octets[5] !== arc || PREFIX.some((octet, i) => octets[i] !== octet)) return undefined;
  return octets[6];
}
