/** Changing a meter's keys and secrets so that nobody is locked out: the old ones are dropped only when the new ones are proved. */

import { AccessError, SecurityError, StateError } from '../base/errors.js';
import type { LogicalName } from '../base/obis.js';
import { AssociationLnV1 } from '../cosem/classes/access.js';
import { SecuritySetupV0, SecuritySetupV1 } from '../cosem/classes/security-setup.js';
import { type NewKeys, wrapKeys } from '../session/key-transfer.js';
import type { Meter } from './meter.js';
import type { CallOptions } from './meter-calls.js';
import { leavesDoubt } from './refusal.js';

const CURRENT_ASSOCIATION: LogicalName = '0.0.40.0.0.255';

export interface KeyTransfer extends CallOptions {
  /** Master key (KEK), which the new keys travel under. */
  readonly masterKey: Uint8Array;
  readonly keys: NewKeys;
  /** The security setup (class 64); the one that the current association refers to unless given. In India `0.0.43.0.3.255` for client 48. */
  readonly setup?: LogicalName;
  /** Version of that object: 0 (`global_key_transfer`) unless told otherwise, or 1 (`key_transfer`). */
  readonly version?: 0 | 1;
}

/**
 * Wraps new keys under the master key and transfers them (class 64, method 2). Meters take all of them or none. From the next association
 * on they hold: keep the old ones until one was opened with the new, as {@link changeKeys} does.
 * @throws AccessError when the meter refuses, as it does keys wrapped under another master key; StateError for what is no key.
 */
export async function transferKeys(
  meter: Meter,
  { masterKey, keys, setup, version = 0, ...options }: KeyTransfer,
): Promise<void> {
  const wrapped = wrapKeys(meter.crypto, masterKey, keys);
  const name = setup ?? (await securitySetup(meter, options));
  if (version === 0) await meter.call(meter.object(SecuritySetupV0, name).globalKeyTransfer, wrapped, options);
  else await meter.call(meter.object(SecuritySetupV1, name).keyTransfer, wrapped, options);
}

async function securitySetup(meter: Meter, options: CallOptions): Promise<LogicalName> {
  const name = await meter.get(meter.object(AssociationLnV1, CURRENT_ASSOCIATION).securitySetupReference, options);
  if (name !== '') return name;
  throw new StateError('the association names no security setup', { hint: 'say which one takes the keys' });
}

/** What the meter holds when a change has failed. */
export type Held = 'old' | 'unknown';

/** New keys, or a new secret, could not be proved. Throw nothing away before `held` is told: `unknown` means that either may be right. */
export class KeyChangeError extends SecurityError {
  readonly held: Held;
  constructor(held: Held, message: string, details: { readonly hint: string; readonly cause: unknown }) {
    super('bad-key', message, details);
    this.held = held;
  }
}

/** Opens the meter anew: with the new keys or secret, or, when these do not hold, with the old ones. */
export type Reopen = (keys: 'new' | 'old') => Promise<Meter>;

/**
 * Changes keys: transfers them, closes the association, and opens another one with the new keys. Only when that one is open is the change
 * over, and the old keys may be dropped.
 * @returns the meter, open with the new keys.
 * @throws AccessError when the meter refuses them and says why: nothing has changed, and the association given is still open. KeyChangeError
 * when no association could be opened with them; then the old ones are tried, and it says which the meter holds.
 */
export function changeKeys(meter: Meter, transfer: KeyTransfer, reopen: Reopen): Promise<Meter> {
  return changeProved(meter, () => transferKeys(meter, transfer), reopen);
}

/**
 * Changes whatever the next association needs, and proves it by one, as {@link changeKeys} does.
 * @param change such as `() => changePassword(meter, fresh)`.
 * @throws AccessError, StateError of `change`: nothing has changed. KeyChangeError.
 */
export async function changeProved(meter: Meter, change: () => Promise<void>, reopen: Reopen): Promise<Meter> {
  let lost: unknown;
  try {
    await change();
  } catch (error) {
    if ((error instanceof AccessError && !leavesDoubt(error)) || error instanceof StateError) throw error;
    // Whether the meter took it is not known: some protect their answer by the new keys already, some refuse what they carry out.
    lost = error;
  }
  await meter.close();
  try {
    return await reopen('new');
  } catch (error) {
    throw await unproved(lost ?? error, reopen);
  }
}

async function unproved(cause: unknown, reopen: Reopen): Promise<KeyChangeError> {
  try {
    await (await reopen('old')).close();
  } catch {
    return new KeyChangeError('unknown', 'the meter opens with neither what was new nor what was old', {
      hint: 'keep both; the meter may be out of reach: try the new first, then the old',
      cause,
    });
  }
  const refused = cause instanceof AccessError;
  const answer = refused ? `refused what was new (${cause.result})` : 'took what was new';
  return new KeyChangeError('old', `the meter ${answer}, and still opens with what was old alone`, {
    hint: refused
      ? 'keep the old; is the master key the one of this meter, and the change one that it takes?'
      : 'keep the old; did the change go to the security setup, or the association, that is opened?',
    cause,
  });
}

export interface SecretChange extends CallOptions {
  /** The association (class 15) whose secret it is; the current one unless given. In India `0.0.40.0.2.255` for the meter reader. */
  readonly association?: LogicalName;
}

/**
 * Writes a new password (Association LN, attribute 7: low level security). It holds from the next association on.
 * @throws AccessError when this client may not, or the meter does not take such a password.
 */
export function changePassword(
  meter: Meter,
  password: Uint8Array,
  { association = CURRENT_ASSOCIATION, ...options }: SecretChange = {},
): Promise<void> {
  return meter.set(meter.object(AssociationLnV1, association).secret, password, options);
}

export interface HlsSecretChange extends SecretChange {
  /** By `change_HLS_secret` (method 2) unless told otherwise, or by writing attribute 7, as some meters want it. */
  readonly by?: 'method' | 'attribute';
}

/**
 * Changes the secret of high level security. It holds from the next association on.
 * @throws AccessError when this client may not, or the meter does not take such a secret: with mechanism 2 it is an AES key.
 */
export function changeHlsSecret(
  meter: Meter,
  secret: Uint8Array,
  { association = CURRENT_ASSOCIATION, by = 'method', ...options }: HlsSecretChange = {},
): Promise<void> {
  const object = meter.object(AssociationLnV1, association);
  return by === 'method'
    ? meter.call(object.changeHlsSecret, secret, options)
    : meter.set(object.secret, secret, options);
}
