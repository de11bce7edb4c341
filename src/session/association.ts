/** What both sides of an association share. */

import { StateError } from '../base/errors.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { Protection } from '../contracts/protection.js';
import type { HlsMechanismId } from '../security/hls.js';
import type { ClientSessionConfig } from './client-config.js';

/** The xDLMS version of this library and of every meter of the last twenty years. */
export const DLMS_VERSION = 6;

/** How InitiateRequest, HLS and release are protected unless told otherwise, whatever the policy for data is. */
export const HANDSHAKE: Protection = 'authenticated-encryption';

/** The protection of InitiateRequest, HLS and release. */
export function handshakeProtection(config: ClientSessionConfig) {
  return config.security?.handshake ?? HANDSHAKE;
}

/** @throws StateError when there is no cryptography though it is needed. */
export function cryptoOf({ crypto }: ClientSessionConfig): CryptoProvider {
  if (crypto !== undefined) return crypto;
  throw new StateError('an association with keys, or with HLS, needs cryptography', { hint: 'give the option crypto' });
}

/** Whether the mechanism goes on with passes 3 and 4. */
export function isHls(mechanism: number): mechanism is HlsMechanismId {
  return mechanism >= 2;
}

/** Whether an association that opens with these settings shows by pass 4, which no recording can answer, that the meter knows the secret. */
export function provesFreshly(config: ClientSessionConfig): boolean {
  const { mechanism = 0, preEstablished, acceptUnprovenMeter, allowEchoedChallenge, allowOddChallenge } = config;
  const borne = acceptUnprovenMeter === true || allowEchoedChallenge === true || allowOddChallenge === true;
  return preEstablished === undefined && isHls(mechanism) && !borne;
}

/**
 * Whether an association that opened with these settings shows that the meter has the key or the secret: by the tag of its answer, or by its
 * half of HLS. One that is open without AARQ shows nothing, and whoever bears an unproven meter has no proof.
 */
export function provesMeter(config: ClientSessionConfig): boolean {
  if (config.preEstablished !== undefined) return false;
  const tagged = config.context === 'ln-ciphered' && handshakeProtection(config).startsWith('authenticat');
  return tagged || provesFreshly(config);
}
