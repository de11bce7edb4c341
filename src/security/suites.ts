import { SecurityError, StateError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { Curve } from '../contracts/crypto-provider.js';

/** Number of a security suite: bits 0-3 of the security control byte (IEC 62056-5-3, Green Book 9.2.3.7). */
export type SuiteId = 0 | 1 | 2;

/** The algorithms and lengths of a security suite. */
export interface SecuritySuite {
  /** Its number. */
  readonly id: SuiteId;
  /** Its name in the Green Book. */
  readonly name: string;
  /** Octets of every symmetric key: encryption, authentication, dedicated, master. */
  readonly keyLength: 16 | 32;
  /** The curve of digital signatures and key agreement; undefined in suite 0, which has neither. */
  readonly curve: Curve | undefined;
  /** The hash of digital signatures and key derivation; undefined in suite 0. */
  readonly hash: 'sha-256' | 'sha-384' | undefined;
  /** AlgorithmID of the derivation of keys that protect messages and data: the contents of the OID 2.16.756.5.8.3.n. Undefined in suite 0. */
  readonly cipherAlgorithm: Uint8Array | undefined;
  /** The same of a master key, which wraps keys. */
  readonly wrapAlgorithm: Uint8Array | undefined;
}

/** The OIDs of AES-GCM-128, AES-GCM-256, AES-WRAP-128 and AES-WRAP-256 (Green Book table 18), in this order from 0. */
function algorithm(arc: number): Uint8Array {
  return Uint8Array.of(0x60, 0x85, 0x74, 0x05, 0x08, 0x03, arc);
}

/** The security suites of Green Book table 23, by their number. */
export const securitySuites: Readonly<Record<SuiteId, SecuritySuite>> = {
  0: {
    id: 0,
    name: 'AES-GCM-128',
    keyLength: 16,
    curve: undefined,
    hash: undefined,
    cipherAlgorithm: undefined,
    wrapAlgorithm: undefined,
  },
  1: {
    id: 1,
    name: 'ECDH-ECDSA-AES-GCM-128-SHA-256',
    keyLength: 16,
    curve: 'P-256',
    hash: 'sha-256',
    cipherAlgorithm: algorithm(0),
    wrapAlgorithm: algorithm(2),
  },
  2: {
    id: 2,
    name: 'ECDH-ECDSA-AES-GCM-256-SHA-384',
    keyLength: 32,
    curve: 'P-384',
    hash: 'sha-384',
    cipherAlgorithm: algorithm(1),
    wrapAlgorithm: algorithm(3),
  },
};

/**
 * Checks that a symmetric key fits the suite. The message names the key, but never shows it.
 * @throws SecurityError `bad-key` when it has another length than keys of the suite.
 */
export function checkKeyLength(suite: SuiteId, key: Uint8Array, name: string): void {
  const { keyLength } = securitySuites[suite];
  if (key.length === keyLength) return;
  throw new SecurityError(
    'bad-key',
    `the ${name} has ${counted(key.length, 'octet')}, but security suite ${suite} takes ${keyLength}`,
    { hint: `give ${2 * keyLength} hexadecimal digits or ${counted(keyLength, 'character')}` },
  );
}

/** Octets of a private key, and of one coordinate of a public one. */
export const curveLengths: Readonly<Record<Curve, number>> = { 'P-256': 32, 'P-384': 48 };

/**
 * The curve of a suite.
 * @throws StateError for suite 0, which has none.
 */
export function curveOf(suite: SuiteId): Curve {
  const { curve } = securitySuites[suite];
  if (curve !== undefined) return curve;
  throw new StateError('security suite 0 has no signatures and no key agreement', {
    hint: 'use suite 1 (P-256) or 2 (P-384)',
  });
}

/** The suite that a security control byte names. @throws SecurityError `bad-key` where there is none of that number. */
export function suiteOf(control: number): SuiteId {
  const suite = control & 0x0f;
  if (suite <= 2) return suite as SuiteId;
  throw new SecurityError('bad-key', `the message names security suite ${suite}, and there are 0, 1 and 2`);
}
