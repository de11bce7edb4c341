/**
 * The entry for cryptography that runs wherever JavaScript does, for callers that choose their provider: `nobleCrypto` has no elliptic curves,
 * `nobleCurveCrypto` has them, for security suites 1 and 2.
 *
 * @module cosem/curves
 */

export type { CryptoProvider } from './contracts/crypto-provider.js';
export { nobleCrypto } from './security/noble-crypto.js';
export { nobleCurveCrypto } from './security/noble-curves.js';
