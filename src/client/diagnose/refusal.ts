/** Why a meter whose data link is up refuses an association. */

import { CosemError } from '../../base/errors.js';
import type { CauseFacts } from '../../causes/cause.js';
import { mayBeShortNames } from '../../session/short-names.js';
import { isSilence } from '../open-refusals.js';
import type { OpenOptions, SecurityOptions } from '../options.js';
import { speaksShortNamesOn } from '../probe-short-names.js';
import { openKnowing } from '../quirks/apply.js';
import { shortNamesIn } from '../short-naming.js';
import { isJudged, isOfProof } from '../unaccepted.js';
import { type Attempt, type Diagnosis, messageOf } from './diagnosis.js';
import { isUndeciphered, refusalShown } from './known-cause.js';

/** Finds out why the association fails although the link is up. */
export async function refusalOf(attempt: Attempt, error: unknown, known: CauseFacts): Promise<Diagnosis> {
  if (!(error instanceof CosemError)) throw error;
  const { unsettled: _, ...shown } = refusalShown(error, attempt.options, known);
  // Meters with short names do not answer to a context that they do not know, or refuse it like meters that require ciphering.
  if (mayNameOtherwise(error, attempt.options) && (await speaksShort(attempt))) {
    return { ...shown, id: 'short-names' };
  }
  if (!isUndeciphered(error) || shown.id !== 'wrong-key') return shown;
  return attempt.careful ? { ...shown, unsettled: true } : await whichKey(attempt, shown.facts);
}

/** Whether the meter may name its objects in the other way, and `open` has not asked it already. */
function mayNameOtherwise(error: CosemError, { naming }: OpenOptions): boolean {
  if (naming === 'sn') return false;
  return isSilence(error) || (mayBeShortNames(error) && (naming === 'ln' || shortNamesIn(error) === 'no'));
}

/** One more attempt, with the application context of short names. */
function speaksShort({ platform, connect, options, trying }: Attempt): Promise<boolean> {
  trying('short-names');
  return speaksShortNamesOn(platform, connect(), options);
}

/**
 * Finds out which key is wrong, using only the given keys. Encryption alone does not need the authentication key. If the association opens
 * with each key in the place of the other, that key is right; if it opens with both exchanged, they were swapped. A password that the meter has
 * judged is not sent with the next guess.
 */
async function whichKey(attempt: Attempt, facts: CauseFacts): Promise<Diagnosis> {
  const { options, trying } = attempt;
  const { security } = options;
  // The meter reports a deciphering error although nothing was ciphered.
  if (security === undefined) return { id: 'wrong-key', facts };
  const { encryptionKey, authenticationKey } = security;
  const opensWith = (keys: Partial<SecurityOptions>) =>
    opens(attempt, { ...options, security: { ...security, ...keys } });
  const unproved: Diagnosis = { id: 'wrong-key', facts };
  trying('one-key');
  const alone = await opensWith({ policy: 'encryption', handshake: 'encryption' });
  if (alone === 'open') return { id: 'wrong-ak', facts };
  if (alone === 'judged') return unproved;
  trying('exchanged');
  const exchanged = { encryptionKey: authenticationKey, authenticationKey: encryptionKey };
  const both = await opensWith(exchanged);
  if (both === 'open') return { id: 'swapped-keys', facts };
  if (alone === 'undeciphered') return { id: 'wrong-ek', facts };
  if (both === 'judged') return unproved;
  trying('same-key');
  const swapped = [
    ['wrong-ak', { authenticationKey: encryptionKey }],
    ['wrong-ek', { encryptionKey: authenticationKey }],
  ] as const;
  for (const [id, keys] of swapped) {
    const outcome = await opensWith(keys);
    if (outcome === 'open') return { id, facts };
    if (outcome === 'judged') return unproved;
  }
  return unproved;
}

/** `judged`: the meter may have refused the password, and counts that. */
type Trial = 'open' | 'undeciphered' | 'refused' | 'judged';

/** Whether the association opens with these options. A meter that refuses our half of HLS has read what the keys protect. */
async function opens({ platform, connect }: Attempt, options: OpenOptions): Promise<Trial> {
  try {
    await (await openKnowing(platform, connect(), options)).close();
    return 'open';
  } catch (error) {
    options.signal?.throwIfAborted();
    if (isOfProof(error)) return 'open';
    if (/deciphering/.test(messageOf(error))) return 'undeciphered';
    return isJudged(error) ? 'judged' : 'refused';
  }
}
