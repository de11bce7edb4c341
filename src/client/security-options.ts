import { concat, fromLatin1, toHex } from '../base/bytes.js';
import { StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import { counted } from '../base/words.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { ClientSecurity } from '../session/client-config.js';
import { checkSuite, keyLengthOf } from '../session/key-agreement.js';
import type { OpenOptions, SecurityOptions } from './options.js';

/** The entry of a counter store under which the counters of a key are kept: it shows nothing of the key. */
export function counterEntryOf(
  crypto: CryptoProvider,
  security: Pick<SecurityOptions, 'systemTitle' | 'encryptionKey' | 'counterEntry'>,
): string {
  const digest = crypto.hash('sha-256', concat(fromLatin1('cosem counter entry'), security.encryptionKey));
  return security.counterEntry ?? `${toHex(security.systemTitle)}/${toHex(digest.subarray(0, 4))}`;
}

/** Untyped programs, and those written for earlier versions, may give octets. */
function fixedDedicatedKey(): StateError {
  return new StateError(
    'a fixed dedicated key is not used: meters count from 0 under it in every association, and the same counters under the same key lay open what they protect',
    { hint: 'let one be drawn for each association: dedicatedKey: true' },
  );
}

/** The keys of a session. @throws StateError when something is missing or does not fit. */
export function clientSecurity(
  security: SecurityOptions,
  crypto: CryptoProvider,
  counters: CounterStore | undefined,
  received: ClientSecurity['received'],
  { suite = 0, keyPairs }: Pick<OpenOptions, 'suite' | 'keyPairs'> = {},
): ClientSecurity {
  const length = keyLengthOf(suite);
  // Programs in JavaScript may leave it out.
  if ((security.encryptionKey as Uint8Array | undefined) === undefined) {
    throw new StateError("the option 'security' holds no encryptionKey", {
      hint: 'where our title alone is needed, as for HLS 6 (sha256) in clear, give it as the option systemTitle in place of security',
    });
  }
  for (const [key, name] of [
    [security.encryptionKey, 'encryption key'],
    [security.authenticationKey, 'authentication key'],
    [security.broadcastKey, 'broadcast key'],
    [security.masterKey, 'master key'],
  ] as const) {
    if (key !== undefined && key.length !== length) {
      throw new StateError(`the ${name} has ${counted(key.length, 'octet')} instead of ${length}`, {
        hint: `${2 * length} hexadecimal digits`,
      });
    }
  }
  checkSuite(crypto, suite, keyPairs);
  if (security.dedicatedKey !== undefined && security.dedicatedKey !== true) throw fixedDedicatedKey();
  const { counterStep } = security;
  if (counterStep !== undefined && !(Number.isSafeInteger(counterStep) && counterStep >= 0)) {
    throw new StateError('the largest step of the invocation counter (counterStep) is no whole number from 0 on');
  }
  const { lowestReceived = 0 } = security;
  if (!(Number.isSafeInteger(lowestReceived) && lowestReceived >= 0 && lowestReceived <= 0xffff_ffff)) {
    throw new StateError('the lowest invocation counter taken from the meter (lowestReceived) is no number of 32 bits');
  }
  if (counters === undefined) {
    throw new StateError('nothing says which invocation counter comes next', {
      hint: 'give a counter store, or the object in which the meter publishes the counter (readInvocationCounter)',
    });
  }
  const dedicatedKey = security.dedicatedKey === true ? crypto.random(length) : undefined;
  const policy = security.policy === 'none' ? undefined : security.policy;
  return {
    keys: {
      encryption: security.encryptionKey,
      authentication: security.authenticationKey,
      ...given({ broadcast: security.broadcastKey }),
    },
    counters,
    counterEntry: counterEntryOf(crypto, security),
    ...given({
      request: policy,
      response: security.response,
      handshake: security.handshake,
      dedicatedKey,
      general: security.general,
      sign: security.sign,
      signedResponse: security.signedResponse,
      masterKey: security.masterKey,
      serverTitle: security.serverTitle,
      lowestReceived: security.lowestReceived,
      received,
    }),
  };
}
