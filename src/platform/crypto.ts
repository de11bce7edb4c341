import { lazily } from '../base/clock.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';

/** Cryptography where none is given: Node's own in Node, `@noble` elsewhere. Neither is loaded before it is needed. */
export const platformCrypto: () => Promise<CryptoProvider> = lazily(async () => {
  if (typeof process !== 'undefined') {
    const { builtinCrypto } = await import('../transport/builtin-crypto.js');
    const builtin = builtinCrypto();
    if (builtin !== undefined) return builtin;
  }
  return (await import('../security/noble-crypto.js')).nobleCrypto;
});
