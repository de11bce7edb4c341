/** Keys and counters of a server's associations, put together. */

import { equalBytes, toHex } from '../base/bytes.js';
import type { ServerSecurity } from '../contracts/association.js';
import type { CounterGuard } from '../contracts/counter-guard.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { GlobalKeys } from '../contracts/protection.js';
import { ReceiveCounter } from '../security/ciphering.js';
import { unwrapKey } from '../security/keys.js';
import { nobleCrypto } from '../security/noble-crypto.js';
import { KeptReceiveCounter, receivedEntryOf } from './kept-received.js';

/** What the associations of one server have in common. */
export interface ServerKeysConfig {
  /** `@noble` unless given. */
  readonly crypto?: CryptoProvider;
  readonly counters: CounterStore;
  readonly systemTitle: Uint8Array;
}

/**
 * Keys of the associations of one server. All that it sends is counted in one entry: whichever keys are the same, no counter comes twice with
 * one. What comes under one key is counted once, whoever sends it, and is written down with each message where the store keeps that.
 */
export class ServerKeys {
  readonly #config: Required<ServerKeysConfig>;
  readonly #guards: { readonly key: Uint8Array; readonly guard: CounterGuard }[] = [];

  constructor(config: ServerKeysConfig) {
    this.#config = { crypto: nobleCrypto, ...config };
  }

  get crypto(): CryptoProvider {
    return this.#config.crypto;
  }

  /** @throws StateError when what the store keeps cannot be read. */
  security(keys: GlobalKeys): ServerSecurity {
    const { counters, systemTitle } = this.#config;
    return {
      keys,
      counters,
      counterEntry: `server/${toHex(systemTitle)}`,
      received: this.guard(keys.encryption),
      ...(keys.broadcast === undefined ? {} : { broadcastReceived: this.guard(keys.broadcast) }),
    };
  }

  /** The guard of what comes under a key: the same for the same key. */
  guard(key: Uint8Array): CounterGuard {
    const known = this.#guards.find((one) => equalBytes(one.key, key));
    if (known !== undefined) return known.guard;
    const { crypto, counters, systemTitle } = this.#config;
    const guard =
      counters.received === undefined
        ? new ReceiveCounter()
        : new KeptReceiveCounter(counters.received, `server/${receivedEntryOf(crypto, systemTitle, key)}`, 0, 1);
    this.#guards.push({ key: key.slice(), guard });
    return guard;
  }

  /** A key that came wrapped under the master key. @throws SecurityError when it was not. */
  unwrap(masterKey: Uint8Array, wrapped: Uint8Array): Uint8Array {
    return unwrapKey(this.#config.crypto, masterKey, wrapped);
  }
}
