/** What goes to many meters at once, under their global broadcast key (IEC 62056-6-2, class 64; IEC 62056-5-3, unconfirmed services). */

import { encodeApdu } from '../apdu/codec.js';
import { APDU_TAGS } from '../apdu/tags.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import { protect, securityControl } from '../security/ciphering.js';

/** What a broadcast is protected with. */
export interface BroadcastCipher {
  /** Global broadcast encryption key. */
  readonly broadcastKey: Uint8Array;
  readonly authenticationKey: Uint8Array;
  /** Of who sends it. */
  readonly systemTitle: Uint8Array;
  readonly invocationCounter: number;
}

/** A request in general-glo-ciphering under the broadcast key, authenticated and encrypted. @throws SecurityError */
export function sealBroadcast(crypto: CryptoProvider, cipher: BroadcastCipher, request: Uint8Array): Uint8Array {
  const { broadcastKey: encryption, authenticationKey: authentication, systemTitle, invocationCounter } = cipher;
  const control = securityControl(0, 'authenticated-encryption', 'broadcast');
  const keys = { encryption, authentication };
  const content = protect(crypto, { keys, control, systemTitle, invocationCounter }, request);
  const tag = APDU_TAGS['general-glo-ciphering'];
  return encodeApdu({ type: 'ciphered', tag, systemTitle, securityControl: control, invocationCounter, content });
}
