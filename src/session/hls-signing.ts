/** The keys of mechanism 7 (ECDSA), as the suite of an association has them. */

import type { HlsAnswering, HlsChecking } from '../security/hls.js';
import { curveOf, type SuiteId } from '../security/suites.js';

/** The key that answers a challenge by mechanism 7; nothing where there is none. */
export function signing(
  suite: SuiteId | undefined,
  privateKey: Uint8Array | undefined,
): Pick<HlsAnswering, 'signature'> {
  if (!suite || privateKey === undefined) return {};
  return { signature: { curve: curveOf(suite), privateKey } };
}

/** The key that checks such an answer; nothing where there is none. */
export function verifying(
  suite: SuiteId | undefined,
  publicKey: Uint8Array | undefined,
): Pick<HlsChecking, 'signature'> {
  if (!suite || publicKey === undefined) return {};
  return { signature: { curve: curveOf(suite), publicKey } };
}
