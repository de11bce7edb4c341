import type { ProtectedApdu } from '../apdu/ciphered.js';
import { readableIn } from '../apdu/readable.js';
import { SecurityError } from '../base/errors.js';
import { protectionError } from '../causes/protection-error.js';
import { diagnose } from '../security/diagnose.js';
import type { Ciphering } from './protection.js';

/**
 * For a client, which owns the keys: processes a message of the meter. When its tag is wrong, the error says which key, title or
 * counter is wrong. A server must not use it: a peer must not learn what is wrong with its message.
 * @throws SecurityError
 */
export function explained<T>(ciphering: Ciphering, message: ProtectedApdu, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const keysAtFault =
      error instanceof SecurityError && (error.reason === 'bad-tag' || error.reason === 'decrypt-garbage');
    const suspect = keysAtFault ? ciphering.suspect(message) : undefined;
    if (suspect === undefined || message.type !== 'ciphered') throw error;
    throw protectionError(diagnose(ciphering.config.crypto, suspect, readableIn(message)), error);
  }
}
