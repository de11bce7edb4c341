/** Reads what was taken out of its protection. */

import type { Apdu } from '../apdu/apdu.js';
import { isDeviation, type Reception, readReceived } from '../apdu/received.js';
import { SecurityError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { Opened } from './protection.js';

/**
 * Reads what was opened. Without authentication a wrong key shows only here; and octets behind the APDU are not borne there: the
 * authentication tag of a message whose security control was changed on its way looks so.
 */
export function decodeOpened(opened: Pick<Opened, 'apdu' | 'protection'>, reception: Reception): Apdu {
  if (opened.protection !== 'encryption') return readReceived(opened.apdu, reception);
  const { strict = false, onRemark } = reception;
  let surplus = false;
  let apdu: Apdu;
  try {
    apdu = readReceived(opened.apdu, {
      strict,
      onRemark: (remark) => {
        if (remark.code === 'surplus-octets') surplus = true;
        onRemark?.(remark);
      },
    });
  } catch (error) {
    if (isDeviation(error)) throw error;
    throw garbage(error);
  }
  // Nearly any octets read as that.
  if (apdu.type === 'unsupported' || apdu.type === 'gateway-request' || apdu.type === 'gateway-response')
    throw garbage();
  if (!surplus) return apdu;
  throw new SecurityError('decrypt-garbage', 'octets stand behind a message that is encrypted and not authenticated', {
    hint: 'do not trust it: its authentication may have been taken away on the way',
  });
}

function garbage(cause?: unknown): SecurityError {
  return new SecurityError('decrypt-garbage', 'a message makes no sense after decryption', {
    hint: 'check the encryption key and the system title of the sender',
    ...given({ cause }),
  });
}
