/** Data-Notification-Confirm (IEC 62056-5-3 ed. 4): a client says that it has a notification of service class confirmed. */

import type { Apdu } from '../apdu/apdu.js';
import { encodeApdu } from '../apdu/codec.js';
import { APDU_TAGS } from '../apdu/tags.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { DataNotificationConfirm } from '../contracts/services.js';

import { protect, securityControl } from '../security/ciphering.js';
import type { SuiteId } from '../security/suites.js';
import type { PushKeys } from './push-faults.js';

/** Whether an APDU confirms the notification of that long-invoke-id-and-priority. The priority says nothing. */
export function confirms(apdu: Apdu, longInvokeId: number): boolean {
  return apdu.type === 'data-notification-confirm' && ((apdu.longInvokeId ^ longInvokeId) & 0xff_ffff) === 0;
}

/** What a confirm is protected with. */
interface ConfirmCipher {
  readonly keys: PushKeys;
  /** Of who confirms. */
  readonly systemTitle: Uint8Array;
  readonly invocationCounter: number;
  readonly suite: SuiteId;
}

/** A confirm in general-glo-ciphering: encrypted, and authenticated too, for what confirms ends the meter's care for its data. @throws SecurityError */
export function sealConfirm(
  crypto: CryptoProvider,
  { keys, systemTitle, invocationCounter, suite }: ConfirmCipher,
  confirm: DataNotificationConfirm,
): Uint8Array {
  const control = securityControl(suite, 'authenticated-encryption');
  // In Indian meters one key is often both.
  const cipherKeys = { encryption: keys.encryption, authentication: keys.authentication ?? keys.encryption };
  const content = protect(crypto, { keys: cipherKeys, control, systemTitle, invocationCounter }, encodeApdu(confirm));
  const tag = APDU_TAGS['general-glo-ciphering'];
  return encodeApdu({ type: 'ciphered', tag, systemTitle, securityControl: control, invocationCounter, content });
}
