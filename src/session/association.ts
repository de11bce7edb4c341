/** What both sides of an association share. */

import type { Protection } from '../contracts/protection.js';
import { protectionBits } from '../security/ciphering.js';
import type { HlsMechanismId } from '../security/hls.js';
import type { ClientSessionConfig } from './client-config.js';

/** The xDLMS version of this library and of every meter of the last twenty years. */
export const DLMS_VERSION = 6;

/** How InitiateRequest, HLS and release are protected unless told otherwise, whatever the policy for data is. */
export const HANDSHAKE: Protection = 'authenticated-encryption';

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

/** Whether a security control byte, undefined for a message in clear, protects at least as demanded. */
export function covers(control: number | undefined, demanded: Protection): boolean {
  const wanted = protectionBits[demanded];
  return ((control ?? 0) & wanted) === wanted;
}
