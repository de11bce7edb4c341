/** Protection by somebody who has the keys and no scruples: our own ciphering, with what it says about itself changed afterwards. */

import { MemoryCounterStore } from '../../src/security/counter.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { Ciphering } from '../../src/session/protection.js';
import { AK, DEDICATED, EK } from '../session/harness.js';

/** A sender of that title whose counters are far ahead: no message of it is refused for its counter. */
export function rogueCiphering(systemTitle: Uint8Array, ahead = 1000): Ciphering {
  const counters = new MemoryCounterStore();
  counters.raise('rogue', ahead);
  const ciphering = new Ciphering({
    crypto: nobleCrypto,
    systemTitle,
    keys: { encryption: EK, authentication: AK },
    counters,
    counterEntry: 'rogue',
    oneCounter: true,
  });
  ciphering.useDedicatedKey(DEDICATED);
  return ciphering;
}

/** The same octets but for one. */
export function altered(octets: Uint8Array, at: number, change: (octet: number) => number): Uint8Array {
  const copy = octets.slice();
  const index = at < 0 ? copy.length + at : at;
  copy[index] = change(copy[index] as number);
  return copy;
}
