/** Changing a meter's keys and secrets without locking anybody out: the old ones are only dropped when the new ones are proved. */

import { AccessError, SecurityError, StateError } from '../base/errors.js';
import type { LogicalName } from '../base/obis.js';
import { AssociationLnV1 } from '../cosem/classes/access.js';
import { SecuritySetupV0, SecuritySetupV1 } from '../cosem/classes/security-setup.js';
import { type NewKeys, wrapKeys } from '../session/key-transfer.js';
import type { Meter } from './meter.js';
import type { CallOptions } from './meter-calls.js';
import { leavesDoubt } from './orders.js';

const CURRENT_ASSOCIATION: LogicalName = '0.0.40.0.0.255';

/** New keys for a meter, and how they are transferred. */
export interface KeyTransfer extends CallOptions {
  /** Master key (KEK), which wraps the new keys. */
  readonly masterKey: Uint8Array;
  /** The new keys, by kind. */
  readonly keys: NewKeys;
  /** Logical name of the security setup (class 64). Default the one of the current association; in India `0.0.43.0.3.255` for client 48. */
  readonly setup?: LogicalName;
  /** Version of that object: 0 (`global_key_transfer`, default) or 1 (`key_transfer`). */
  readonly version?: 0 | 1;
}

/**
 * Wraps new keys with the master key and transfers them (class 64, method 2). A meter accepts all of them or none. They apply from the next
 * association on: keep the old keys until an association was opened with the new ones, as {@link changeKeys} does.
 * @throws AccessError when the meter refuses, for example keys wrapped with another master key; StateError for an invalid key.
 */
export async function transferKeys(
  meter: Meter,
  { masterKey, keys, setup, version = 0, ...options }: KeyTransfer,
): Promise<void> {
  const wrapped = wrapKeys(await meter.cryptography(), masterKey, keys);
  const name = setup ?? (await securitySetup(meter, options));
  if (version === 0) await meter.call(meter.object(SecuritySetupV0, name).globalKeyTransfer, wrapped, options);
  else await meter.call(meter.object(SecuritySetupV1, name).keyTransfer, wrapped, options);
}

async function securitySetup(meter: Meter, options: CallOptions): Promise<LogicalName> {
  const name = await meter.get(meter.object(AssociationLnV1, CURRENT_ASSOCIATION).securitySetupReference, options);
  if (name !== '') return name;
  throw new StateError('the association names no security setup', { hint: 'say which one takes the keys' });
}

/** What the meter has after a failed change: `old`, or `unknown` where either may be right. */
export type Held = 'old' | 'unknown';

/** New keys, or a new secret, could not be proved. Discard nothing before reading `held`: with `unknown` either may be right. */
export class KeyChangeError extends SecurityError {
  /** Which keys or secret the meter has. */
  readonly held: Held;
  constructor(held: Held, message: string, details: { readonly hint: string; readonly cause: unknown }) {
    super('bad-key', message, details);
    this.held = held;
  }
}

/** Opens the meter again: with the new keys or secret, or, when these fail, with the old ones. */
export type Reopen = (keys: 'new' | 'old') => Promise<Meter>;

/**
 * Changes keys: transfers them, closes the association, and opens another one with the new keys. The change is complete only when that
 * association is open; only then may the old keys be discarded.
 * ```ts
 * const renewed = await changeKeys(meter, { masterKey, keys: { encryption: fresh } }, (which) =>
 *   open(tcp(host, 4059), which === 'new' ? withFreshKey : withOldKey),
 * );
 * ```
 * @returns the meter, open with the new keys.
 * @throws AccessError when the meter refuses them with a reason: nothing has changed, and the given association is still open.
 * KeyChangeError when no association could be opened with them; the old ones are then tried, and the error says which the meter has.
 */
export function changeKeys(meter: Meter, transfer: KeyTransfer, reopen: Reopen): Promise<Meter> {
  return changeProved(meter, () => transferKeys(meter, transfer), reopen);
}

/**
 * Changes anything that the next association needs, and proves it by opening one, as {@link changeKeys} does.
 * @param change such as `() => changePassword(meter, fresh)`.
 * @throws AccessError, StateError of `change`: nothing has changed. KeyChangeError.
 */
export async function changeProved(meter: Meter, change: () => Promise<void>, reopen: Reopen): Promise<Meter> {
  let lost: unknown;
  try {
    await change();
  } catch (error) {
    if ((error instanceof AccessError && !leavesDoubt(error)) || error instanceof StateError) throw error;
    // It is unknown whether the meter accepted the change: some meters already protect their answer with the new keys, others refuse what
    // they carry out.
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
    return new KeyChangeError('unknown', 'the meter opens neither with the new keys or secret nor with the old', {
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
  /**
   * Logical name of the association (class 15) whose secret is changed. Default the current one; in India `0.0.40.0.2.255` for the meter
   * reader.
   */
  readonly association?: LogicalName;
}

/**
 * Writes a new password (Association LN, attribute 7: low level security). It applies from the next association on.
 * @throws AccessError when this client may not write it, or the meter does not accept such a password.
 */
export function changePassword(
  meter: Meter,
  password: Uint8Array,
  { association = CURRENT_ASSOCIATION, ...options }: SecretChange = {},
): Promise<void> {
  return meter.set(meter.object(AssociationLnV1, association).secret, password, options);
}

export interface HlsSecretChange extends SecretChange {
  /** How it is changed: by `change_HLS_secret` (method 2, default), or by writing attribute 7, which some meters require. */
  readonly by?: 'method' | 'attribute';
}

/**
 * Changes the secret of high level security. It applies from the next association on.
 * @throws AccessError when this client may not change it, or the meter does not accept such a secret; with mechanism 2 it is an AES key.
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
