/**
 * The entry for security suites 1 and 2 where Node's own cryptography is not to be had: the isomorphic provider with elliptic curves.
 *
 * @module cosem/curves
 */

export type { CryptoProvider } from './contracts/crypto-provider.js';
export { nobleCurveCrypto } from './security/noble-curves.js';
