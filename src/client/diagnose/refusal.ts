/** Why a meter whose data link is up refuses an association. */

import {
  AssociationError,
  CosemError,
  LinkError,
  SecurityError,
  type SecurityReason,
  TimeoutError,
} from '../../base/errors.js';
import type { CauseFacts } from '../../causes/cause.js';
import { ON_ITS_FACE, WANTS_CIPHERING, WANTS_CLEAR } from '../../causes/wanted.js';
import { mayBeShortNames } from '../../session/short-names.js';
import { authenticationOf, type OpenOptions, type SecurityOptions } from '../options.js';
import { speaksShortNamesOn } from '../probe-short-names.js';
import { openKnowing } from '../quirks/apply.js';
import { type Attempt, type Diagnosis, messageOf } from './diagnosis.js';

/** Errors of protection that do not show which key is wrong. */
const UNPROVED: ReadonlySet<SecurityReason> = new Set([
  'bad-tag',
  'decrypt-garbage',
  'bad-challenge',
  'bad-key',
  'missing-key',
]);

/** Finds out why the association fails although the link is up. */
export async function refusalOf(attempt: Attempt, error: unknown, known: CauseFacts): Promise<Diagnosis> {
  const { options } = attempt;
  const authentication = authenticationOf(options);
  const diagnostic = error instanceof AssociationError ? (error.diagnostic ?? messageOf(error)) : messageOf(error);
  const facts = { ...known, name: known.name ?? ON_ITS_FACE, diagnostic, given: authentication };
  // Meters with short names do not answer to a context that they do not know, or refuse it like meters that require ciphering.
  const silent = error instanceof TimeoutError || error instanceof LinkError;
  if ((silent || mayBeShortNames(error)) && (await speaksShort(attempt))) return { id: 'short-names', facts };
  if (silent) return { id: 'association-silent', facts };
  if (error instanceof SecurityError) {
    const { reason, facts: found } = error;
    return UNPROVED.has(reason) ? { id: 'bad-proof', facts } : { id: reason, facts: { ...facts, ...found } };
  }
  if (!(error instanceof AssociationError)) {
    if (error instanceof CosemError) return { id: 'association-refused', facts };
    throw error;
  }
  if (diagnostic === 'short-name-referencing') return { id: 'short-names', facts };
  const text = `${diagnostic} ${error.message}`;
  if (/invocation-counter/.test(text)) return { id: 'counter-too-low', facts };
  if (/deciphering/.test(text)) return await whichKey(attempt, facts);
  if (/our half/.test(text)) return { id: authentication === 'gmac' ? 'bad-proof' : 'wrong-secret', facts };
  if (/application-context/.test(text)) {
    const ciphered = options.security !== undefined && options.security.policy !== 'none';
    return { id: 'wrong-context', facts: { ...facts, ...(ciphered ? WANTS_CLEAR : WANTS_CIPHERING) } };
  }
  if (/authentication-required|mechanism-name-required/.test(text)) return { id: 'needs-authentication', facts };
  if (/mechanism-name/.test(text)) {
    return { id: authentication === 'none' ? 'needs-authentication' : 'wrong-mechanism', facts };
  }
  if (/authentication-failure/.test(text)) {
    const none = authentication === 'none';
    return {
      id: none ? 'needs-authentication' : authentication === 'lls' ? 'wrong-password' : 'wrong-secret',
      facts,
    };
  }
  return { id: /no-reason|other/.test(text) ? 'client-unknown' : 'association-refused', facts };
}

/** One more attempt, with the application context of short names. */
function speaksShort({ platform, connect, options, trying }: Attempt): Promise<boolean> {
  trying('short-names');
  return speaksShortNamesOn(platform, connect(), options);
}

/**
 * Finds out which key is wrong, using only the given keys. Encryption alone does not need the authentication key. If the association opens
 * with each key in the place of the other, that key is right; if it opens with both exchanged, they were swapped.
 */
async function whichKey(attempt: Attempt, facts: CauseFacts): Promise<Diagnosis> {
  const { options, trying } = attempt;
  const { security } = options;
  // The meter reports a deciphering error although nothing was ciphered.
  if (security === undefined) return { id: 'wrong-key', facts };
  const { encryptionKey, authenticationKey } = security;
  const opensWith = (keys: Partial<SecurityOptions>) =>
    opens(attempt, { ...options, security: { ...security, ...keys } });
  trying('one-key');
  const alone = await opensWith({ policy: 'encryption', handshake: 'encryption' });
  if (alone === 'open') return { id: 'wrong-ak', facts };
  trying('exchanged');
  const exchanged = { encryptionKey: authenticationKey, authenticationKey: encryptionKey };
  if ((await opensWith(exchanged)) === 'open') return { id: 'swapped-keys', facts };
  if (alone === 'undeciphered') return { id: 'wrong-ek', facts };
  trying('same-key');
  const swapped = [
    ['wrong-ak', { authenticationKey: encryptionKey }],
    ['wrong-ek', { encryptionKey: authenticationKey }],
  ] as const;
  for (const [id, keys] of swapped) {
    if ((await opensWith(keys)) === 'open') return { id, facts };
  }
  return { id: 'wrong-key', facts };
}

/** Whether the association opens with these options. */
async function opens(
  { platform, connect }: Attempt,
  options: OpenOptions,
): Promise<'open' | 'undeciphered' | 'refused'> {
  try {
    await (await openKnowing(platform, connect(), options)).close();
    return 'open';
  } catch (error) {
    options.signal?.throwIfAborted();
    return /deciphering/.test(messageOf(error)) ? 'undeciphered' : 'refused';
  }
}
