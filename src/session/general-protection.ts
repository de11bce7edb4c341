/** general-ciphering and general-signing: the keys of messages, headers and signatures, the same for both roles. */

import type { GeneralCiphering, GeneralHeader, GeneralSigning, KeyInfo } from '../apdu/apdu.js';
import { encodeApdu } from '../apdu/codec.js';
import { signedOctets } from '../apdu/general-protection.js';
import { equalBytes, toHex } from '../base/bytes.js';
import { SecurityError, StateError } from '../base/errors.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { GlobalKeys, KeyPairs, MessageKey } from '../contracts/protection.js';
import { neededPair, offerOnePass, staticUnified, takeOnePass } from '../security/agreement.js';
import { keySetOf } from '../security/ciphering.js';
import { unwrapKey, wrapKey } from '../security/keys.js';
import { curveLengths, curveOf, type SuiteId, securitySuites } from '../security/suites.js';

/** What protecting from one end to the other needs. */
export interface GeneralConfig {
  readonly crypto: CryptoProvider;
  /** Our own, eight octets. */
  readonly systemTitle: Uint8Array;
  readonly suite?: SuiteId;
  readonly keys: GlobalKeys;
  readonly masterKey?: Uint8Array;
  readonly keyPairs?: KeyPairs;
}

const UNICAST = 0;
const BROADCAST = 1;
const MASTER_KEY = 0;
const ONE_PASS = 0x01;
const STATIC_UNIFIED = 0x02;
const TRANSACTION_ID = 8;
/** Tag, transaction-id, both titles, date-time, other-information, with their lengths; the length of the content. */
const HEADER_OVERHEAD = 1 + 3 * 9 + 2 + 3;
const EMPTY = new Uint8Array(0);

/** The keys of a message in general-ciphering, by their names. */
export const MESSAGE_KEYS: readonly MessageKey[] = ['identified', 'wrapped', 'one-pass', 'static-unified'];

/** Whether it is in general-ciphering, under whichever key. */
export function isMessageKey(kind: string): kind is MessageKey {
  return (MESSAGE_KEYS as readonly string[]).includes(kind);
}

/** Octets that general-ciphering has beside the security header and the tag, at most. */
export function generalOverhead(kind: MessageKey, suite: SuiteId): number {
  const { keyLength } = securitySuites[suite];
  const info = { identified: 2, wrapped: 3 + keyLength + 8, 'one-pass': 1, 'static-unified': 4 }[kind];
  const offered = kind === 'one-pass' ? 5 + 4 * curveLengths[curveOf(suite)] : 0;
  return HEADER_OVERHEAD + 1 + info + offered;
}

/** Octets that a signature adds. */
export function signingOverhead(suite: SuiteId): number {
  return HEADER_OVERHEAD + 2 + 2 * curveLengths[curveOf(suite)];
}

/**
 * The header of what we send.
 * @param transactionId that of the request where it is answered; a new one by default.
 * @throws SecurityError `missing-key` where it is not known for whom it is.
 */
export function headerFor(
  { crypto, systemTitle }: GeneralConfig,
  recipient: Uint8Array | undefined,
  transactionId?: Uint8Array,
): GeneralHeader {
  if (recipient === undefined) {
    throw new SecurityError('missing-key', 'the system title of the other side is not known', {
      hint: 'give the system title of the meter: it goes into the header of what is protected',
    });
  }
  return {
    transactionId: transactionId ?? crypto.random(TRANSACTION_ID),
    originatorTitle: systemTitle,
    recipientTitle: recipient,
    dateTime: EMPTY,
    otherInformation: EMPTY,
  };
}

/**
 * Whether it is for us. Nobody who knows a key of ours may let us take what was made for another one.
 * @throws SecurityError `bad-key` where it is for somebody else.
 */
export function checkRecipient({ systemTitle }: GeneralConfig, { recipientTitle }: GeneralHeader, all = false): void {
  if (equalBytes(recipientTitle, systemTitle) || (all && recipientTitle.length === 0)) return;
  const whom = recipientTitle.length === 0 ? 'everybody' : `system title ${toHex(recipientTitle)}`;
  throw new SecurityError('bad-key', `the message is for ${whom}, and we are ${toHex(systemTitle)}`, {
    hint: 'is another device on the line, or was the message sent to another one before?',
  });
}

/** Under which key a message is. @throws SecurityError `bad-key` for an agreement that there is not. */
export function messageKeyOf({ keyInfo }: GeneralCiphering): MessageKey {
  switch (keyInfo?.type) {
    case undefined:
    case 'identified-key':
      return 'identified';
    case 'wrapped-key':
      return 'wrapped';
    case 'agreed-key': {
      const [scheme] = keyInfo.parameters.length === 1 ? keyInfo.parameters : [];
      if (scheme === ONE_PASS) return 'one-pass';
      if (scheme === STATIC_UNIFIED) return 'static-unified';
      throw new SecurityError('bad-key', `there is no key agreement with the parameters ${toHex(keyInfo.parameters)}`, {
        hint: '01 is one-pass Diffie-Hellman, 02 the static unified model; keys of the ephemeral unified model are agreed on by class 64',
      });
    }
  }
}

/** Whether a message in general-ciphering is under the broadcast key. */
export function isBroadcast({ keyInfo, securityControl }: GeneralCiphering): boolean {
  if (keyInfo?.type === 'identified-key') return keyInfo.keyId === BROADCAST;
  return keyInfo === undefined && keySetOf(securityControl) === 'broadcast';
}

/** A key for a message that we send, and how the other side gets at it. @throws SecurityError `missing-key`, `bad-key`. */
export function keyToSend(
  config: GeneralConfig,
  kind: MessageKey,
  header: GeneralHeader,
): { readonly key: Uint8Array; readonly keyInfo: KeyInfo } {
  const { crypto, suite = 0, keys, masterKey, keyPairs = {} } = config;
  const parties = { suite, originator: header.originatorTitle, recipient: header.recipientTitle };
  switch (kind) {
    case 'identified':
      return { key: keys.encryption, keyInfo: { type: 'identified-key', keyId: UNICAST } };
    case 'wrapped': {
      const key = crypto.random(securitySuites[suite].keyLength);
      const wrapped = wrapKey(crypto, neededPair(masterKey, 'the master key (KEK)'), key);
      return { key, keyInfo: { type: 'wrapped-key', kekId: MASTER_KEY, wrapped } };
    }
    case 'one-pass': {
      const { key, data } = offerOnePass(crypto, parties, keyPairs);
      return { key, keyInfo: { type: 'agreed-key', parameters: Uint8Array.of(ONE_PASS), data } };
    }
    case 'static-unified': {
      const key = staticUnified(crypto, parties, keyPairs, header.transactionId);
      return { key, keyInfo: { type: 'agreed-key', parameters: Uint8Array.of(STATIC_UNIFIED), data: EMPTY } };
    }
  }
}

/** The key of a message that came. @throws SecurityError `missing-key`, `bad-key`, `bad-key-wrap`, `bad-signature`. */
export function keyOfReceived(config: GeneralConfig, message: GeneralCiphering): Uint8Array {
  const { crypto, suite = 0, keys, masterKey, keyPairs = {} } = config;
  const { keyInfo } = message;
  const kind = messageKeyOf(message);
  if (keyInfo === undefined || keyInfo.type === 'identified-key') {
    if (isBroadcast(message)) return neededPair(keys.broadcast, 'the global broadcast key');
    if (keyInfo === undefined || keyInfo.keyId === UNICAST) return keys.encryption;
    throw new SecurityError('bad-key', `there is no global key with the id ${keyInfo.keyId}`, {
      hint: '0 is the unicast encryption key, 1 the broadcast encryption key',
    });
  }
  if (keyInfo.type === 'wrapped-key') {
    if (keyInfo.kekId !== MASTER_KEY)
      throw new SecurityError('bad-key', `there is no key-encrypting key with the id ${keyInfo.kekId}`);
    return unwrapKey(crypto, neededPair(masterKey, 'the master key (KEK)'), keyInfo.wrapped);
  }
  const parties = { suite, originator: message.originatorTitle, recipient: message.recipientTitle };
  return kind === 'one-pass'
    ? takeOnePass(crypto, parties, keyPairs, keyInfo.data)
    : staticUnified(crypto, parties, keyPairs, message.transactionId);
}

/** A message with our signature over it. @throws SecurityError `missing-key`; StateError in suite 0. */
export function signed(config: GeneralConfig, header: GeneralHeader, content: Uint8Array): Uint8Array {
  const { crypto, suite = 0, keyPairs = {} } = config;
  const curve = curveOf(suite);
  const key = neededPair(keyPairs.signing, 'our private signing key');
  const signature = crypto.sign(curve, key, signedOctets({ ...header, content }));
  return encodeApdu({ type: 'general-signing', ...header, content, signature });
}

/** The content of a message whose signature holds. @throws SecurityError `missing-key`, `bad-signature`, `bad-key` in suite 0. */
export function verified({ crypto, suite = 0, keyPairs = {} }: GeneralConfig, message: GeneralSigning): Uint8Array {
  const { curve } = securitySuites[suite];
  if (curve === undefined) {
    throw new SecurityError('bad-key', 'the message is signed, and security suite 0 has no signatures', {
      hint: 'open the association with security suite 1 or 2',
    });
  }
  const key = neededPair(keyPairs.peerSigning, 'the public signing key of the other side');
  if (crypto.verify(curve, key, signedOctets(message), message.signature)) return message.content;
  throw new SecurityError('bad-signature', 'the signature of a message does not hold', {
    hint: 'is the public signing key that of this device? Else it was changed on its way',
  });
}

/** What was signed is said to be nothing that a recording could not say too, unless it has a counter. */
export function withoutCounter(): SecurityError {
  return new SecurityError(
    'not-protected',
    'a message is signed and not ciphered: without an invocation counter it may be a recording',
    { hint: 'have it authenticated too: general-signing around a ciphered APDU' },
  );
}

/** @throws StateError where suite 0 is to sign or to agree. */
export function checkGeneral(suite: SuiteId, kind: string, signing: boolean): void {
  if (suite !== 0 || !(signing || kind === 'one-pass' || kind === 'static-unified')) return;
  throw new StateError('security suite 0 has no signatures and no key agreement', {
    hint: 'use suite 1 or 2, or the key identified or wrapped',
  });
}
