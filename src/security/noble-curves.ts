import { p256, p384 } from '@noble/curves/nist.js';
import { concat } from '../base/bytes.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import { nobleCryptoOn } from './noble-crypto.js';

const curves = { 'P-256': p256, 'P-384': p384 };

/**
 * `nobleCrypto` with the elliptic curves of security suites 1 and 2. They are the larger half of the code, so they come from an entry
 * of their own.
 *
 * ```ts
 * const session = new ClientSession({ crypto: nobleCurveCrypto, mechanism: 7, … });
 * ```
 */
export const nobleCurveCrypto: CryptoProvider = nobleCryptoOn({
  sign: (curve, privateKey, message) => curves[curve].sign(message, privateKey, { lowS: false }),
  verify(curve, publicKey, message, signature) {
    // A peer's key may be no point of the curve and its signature may have any length: that is a "no", not a crash.
    try {
      return curves[curve].verify(signature, message, uncompressed(publicKey), { lowS: false });
    } catch {
      return false;
    }
  },
  agree: (curve, privateKey, publicKey) =>
    curves[curve].getSharedSecret(privateKey, uncompressed(publicKey), true).subarray(1),
  publicKey: (curve, privateKey) => curves[curve].getPublicKey(privateKey, false).subarray(1),
});

/** SEC 1 form of a COSEM public key, which comes as x || y. */
function uncompressed(publicKey: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(4), publicKey);
}
