import { equalBytes } from '../base/bytes.js';
import { StateError, TimeoutError } from '../base/errors.js';
import { checkSecurityOptions } from './known-options.js';
import { unavailable, untilAborted } from './later.js';
import type { MeterCredentials, OpenOptions } from './options.js';

const WHAT = 'the keys of the meter cannot be had: it was sent nothing';
const HINT = 'look at the cause: your keysOf failed';
const NAMES = ['password', 'secret', 'security'] as const satisfies readonly (keyof MeterCredentials)[];

type KeysOf = NonNullable<OpenOptions['keysOf']>;

/**
 * The options with what `keysOf` gives.
 * @throws StateError when it fails or gives nothing of use; the reason of the signal.
 */
export async function withSecrets(options: OpenOptions, keysOf: KeysOf): Promise<OpenOptions> {
  const twice = NAMES.find((name) => options[name] !== undefined);
  if (twice !== undefined) {
    throw new StateError(`the options 'keysOf' and '${twice}' exclude each other`, {
      hint: `let keysOf give ${twice}`,
    });
  }
  let secrets: MeterCredentials | undefined;
  try {
    secrets = await untilAborted(keysOf(), options.signal);
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    throw unavailable(WHAT, HINT, error);
  }
  return { ...options, ...checked(secrets) };
}

/**
 * The options with what `keysOf` gives for the next association; the same options where nothing has changed.
 * @throws TimeoutError when it fails, so that it is asked again; the reason of the signal.
 */
export async function withNewSecrets(options: OpenOptions, keysOf: KeysOf, signal: AbortSignal | undefined) {
  let secrets: MeterCredentials | undefined;
  try {
    secrets = await untilAborted(keysOf(), signal);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new TimeoutError(WHAT, { cause: error, hint: HINT });
  }
  const found = checked(secrets);
  return isSame(options, found) ? options : { ...options, ...found };
}

/** Only what stands for secrets, each as it is now: one that is no longer given is gone. */
function checked(given: MeterCredentials | undefined): MeterCredentials {
  const { password, secret, security } = given ?? {};
  if (password === undefined && secret === undefined && security === undefined) {
    throw new StateError('keysOf gave no keys for the meter: it was sent nothing', {
      hint: 'it must give password, secret or security, as the options of open have them; as the public client leave keysOf out',
    });
  }
  checkSecurityOptions(security);
  return { password, secret, security } as MeterCredentials;
}

function isSame(options: OpenOptions, found: MeterCredentials): boolean {
  const [old, now] = [options.security, found.security];
  return (
    same(options.password, found.password) &&
    same(options.secret, found.secret) &&
    (old === undefined) === (now === undefined) &&
    same(old?.encryptionKey, now?.encryptionKey) &&
    same(old?.authenticationKey, now?.authenticationKey) &&
    same(old?.broadcastKey, now?.broadcastKey) &&
    same(old?.systemTitle, now?.systemTitle) &&
    old?.policy === now?.policy
  );
}

function same(one: string | Uint8Array | undefined, other: string | Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined || typeof one === 'string' || typeof other === 'string') {
    return one === other;
  }
  return equalBytes(one, other);
}
