import { lazily } from '../base/clock.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';

/** The default cryptography: Node's own in Node, `@noble` elsewhere. It is loaded only when it is needed. */
export const platformCrypto: () => Promise<CryptoProvider> = lazily(async () => {
  if (typeof process !== 'undefined') {
    const { builtinCrypto } = await import('../transport/builtin-crypto.js');
    const builtin = builtinCrypto();
    if (builtin !== undefined) return builtin;
  }
  return (await import('../security/noble-crypto.js')).nobleCrypto;
});
