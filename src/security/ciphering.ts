import { allocate } from '../base/cursor.js';
import { DecodeError, SecurityError, StateError } from '../base/errors.js';
import { PROTECTIONS } from '../base/protections.js';
import { counted } from '../base/words.js';
import type { CounterGuard } from '../contracts/counter-guard.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { Protection } from '../contracts/protection.js';
import { checkKeyLength, type SuiteId } from './suites.js';

/** Octets of an authentication tag (IEC 62056-5-3, Green Book 9.2.3.3.7.3). */
export const TAG_LENGTH = 12;
/** Octets of a system title. */
export const SYSTEM_TITLE_LENGTH = 8;

/** Bits of the security control byte (Green Book 9.2.7.2.4.1); bits 0-3 are the number of the suite. */
export const SecurityControl = {
  suite: 0x0f,
  authentication: 0x10,
  encryption: 0x20,
  /** Key_Set: 0 unicast, 1 broadcast. */
  broadcast: 0x40,
  compression: 0x80,
} as const;

/** The bits of a security control byte for each protection. */
export const protectionBits: Readonly<Record<Protection, number>> = {
  none: 0,
  authentication: SecurityControl.authentication,
  encryption: SecurityControl.encryption,
  'authenticated-encryption': SecurityControl.authentication | SecurityControl.encryption,
};

/** A security control byte: `securityControl(0, 'authenticated-encryption')` is 0x30. */
export function securityControl(suite: SuiteId, protection: Protection, keySet: KeySet = 'unicast'): number {
  return suite | protectionBits[protection] | (keySet === 'broadcast' ? SecurityControl.broadcast : 0);
}

export type KeySet = 'unicast' | 'broadcast';

/** The protection that a security control byte names. */
export function protectionOf(control: number): Protection {
  return PROTECTIONS[(control >> 4) & 3] as Protection;
}

/** The set of global keys that a security control byte names. With a dedicated key the bit has no meaning. */
export function keySetOf(control: number): KeySet {
  return control & SecurityControl.broadcast ? 'broadcast' : 'unicast';
}

/**
 * Checks that a message has at least the demanded protection. Otherwise an attacker could remove the protection and say so in the header.
 * @throws SecurityError `not-protected` when authentication or encryption is missing.
 */
export function demandProtection(control: number, demanded: Protection): void {
  const wanted = protectionBits[demanded];
  if ((control & wanted) === wanted) return;
  throw new SecurityError(
    'not-protected',
    `the message came with protection '${protectionOf(control)}', '${demanded}' is demanded`,
    { hint: 'ask for the protection that the meter gives, or check its security policy (class 64, attribute 2)' },
  );
}

/** The keys of a message: the global or dedicated encryption key, and the authentication key, which encryption alone does not need. */
export interface CipherKeys {
  readonly encryption: Uint8Array;
  readonly authentication?: Uint8Array;
}

/** All inputs of the protection of a message except the message itself. */
export interface CipherContext {
  readonly keys: CipherKeys;
  /** Security control byte. */
  readonly control: number;
  /** System title of the side that protects the message, eight octets. */
  readonly systemTitle: Uint8Array;
  readonly invocationCounter: number;
  /** What general-ciphering adds to the authenticated data after the authentication key. */
  readonly extra?: Uint8Array;
}

/**
 * Protects an APDU (IEC 62056-5-3, Green Book 9.2.7.2): the content of a glo-, ded- or general-ciphering APDU after its security
 * header. AES-GCM with IV = system title || invocation counter and, as additional data, security control || authentication key,
 * followed by the APDU itself where it is authenticated only. The caller must make sure that the counter was never used with this key.
 * @returns ciphertext or plain information, with the tag of 12 octets last when authenticated.
 * @throws SecurityError `bad-key`, `missing-key`; StateError when the counter does not fit 32 bits, or the control byte names no protection, compression or an unknown suite.
 */
export function protect(crypto: CryptoProvider, context: CipherContext, plaintext: Uint8Array): Uint8Array {
  const { control, keys } = context;
  const suite = control & SecurityControl.suite;
  if (suite > 2) throw new StateError(`there is no security suite ${suite}`, { hint: 'use 0, 1 or 2' });
  if (control & SecurityControl.compression) throw new StateError('compression (V.44) of APDUs is not supported');
  checkKeyLength(suite as SuiteId, keys.encryption, 'encryption key');
  if (context.systemTitle.length !== SYSTEM_TITLE_LENGTH) {
    throw new StateError(
      `a system title of ${counted(context.systemTitle.length, 'octet')} instead of ${SYSTEM_TITLE_LENGTH}`,
    );
  }
  const iv = initializationVector(context);
  switch (protectionOf(control)) {
    case 'none':
      throw new StateError('a security control byte without authentication and encryption protects nothing');
    case 'encryption':
      return crypto.gcmCrypt(keys.encryption, iv, plaintext);
    case 'authenticated-encryption':
      return crypto.gcmSeal(keys.encryption, iv, additionalData(context, EMPTY), plaintext);
    case 'authentication': {
      const tag = crypto.gcmSeal(keys.encryption, iv, additionalData(context, plaintext), EMPTY);
      const content = new Uint8Array(plaintext.length + TAG_LENGTH);
      content.set(plaintext);
      content.set(tag, plaintext.length);
      return content;
    }
  }
}

/**
 * Removes the protection: the inverse of {@link protect}. A message that is only encrypted proves nothing about its origin; a wrong key then gives
 * garbage, which the decoder of the APDU refuses. The caller checks the counter (see {@link ReceiveCounter}).
 * @returns the APDU; a view of `content` when it was authenticated only.
 * @throws SecurityError `bad-tag` when the tag is wrong, and then nothing of the content is released; `missing-key`;
 * `compressed` when the content is compressed (V.44), which is not supported.
 * @throws DecodeError `truncated` when the content is shorter than a tag, `bad-value` when the header names no protection.
 */
export function unprotect(crypto: CryptoProvider, context: CipherContext, content: Uint8Array): Uint8Array {
  const plaintext = open(crypto, context, content);
  // Checked after the tag, so that a changed bit is reported as a wrong tag.
  if (context.control & SecurityControl.compression) {
    throw new SecurityError('compressed', 'the content is compressed (V.44), which is not supported', {
      hint: 'switch compression off in the meter',
    });
  }
  return plaintext;
}

function open(crypto: CryptoProvider, context: CipherContext, content: Uint8Array): Uint8Array {
  const { control, keys } = context;
  checkSystemTitle(context.systemTitle);
  const iv = initializationVector(context);
  const protection = protectionOf(control);
  if (protection === 'none')
    throw new DecodeError('bad-value', 'a ciphered APDU whose security control byte claims no protection');
  if (protection === 'encryption') return crypto.gcmCrypt(keys.encryption, iv, content);
  if (content.length < TAG_LENGTH) {
    throw new DecodeError(
      'truncated',
      `${counted(content.length, 'octet')} of content cannot hold an authentication tag of ${TAG_LENGTH}`,
    );
  }
  if (protection === 'authenticated-encryption') {
    const plaintext = crypto.gcmOpen(keys.encryption, iv, additionalData(context, EMPTY), content);
    return plaintext ?? badTag();
  }
  const split = content.length - TAG_LENGTH;
  const information = content.subarray(0, split);
  const opened = crypto.gcmOpen(keys.encryption, iv, additionalData(context, information), content.subarray(split));
  return opened === undefined ? badTag() : information;
}

const EMPTY = new Uint8Array(0);

function badTag(): never {
  throw new SecurityError('bad-tag', 'the authentication tag of a message does not hold', {
    hint: 'check encryption key, authentication key and the system title of the sender',
  });
}

/** System title || invocation counter (Green Book 9.2.3.3.7.3). */
function initializationVector({ systemTitle, invocationCounter }: CipherContext): Uint8Array {
  // Any other number would be encoded as one of these, and so be used twice.
  if (!Number.isInteger(invocationCounter) || invocationCounter < 0 || invocationCounter > 0xffffffff) {
    throw new StateError(`${invocationCounter} is no invocation counter`, {
      hint: 'it is a whole number, 0 to 4294967295',
    });
  }
  const iv = allocate(SYSTEM_TITLE_LENGTH + 4);
  iv.set(systemTitle);
  writeCounter(iv, SYSTEM_TITLE_LENGTH, invocationCounter);
  return iv;
}

/** The additional data: security control || authentication key || what follows it (Green Book table 39). */
function additionalData({ control, keys, extra = EMPTY }: CipherContext, information: Uint8Array): Uint8Array {
  const key = keys.authentication;
  if (key === undefined) {
    throw new SecurityError('missing-key', 'the message is authenticated, but there is no authentication key', {
      hint: 'give the authentication key (AK); in Indian meters it is often the same as the encryption key',
    });
  }
  const data = allocate(1 + key.length + extra.length + information.length);
  data[0] = control;
  data.set(key, 1);
  data.set(extra, 1 + key.length);
  data.set(information, 1 + key.length + extra.length);
  return data;
}

/** @internal Writes an invocation counter, most significant octet first. */
export function writeCounter(target: Uint8Array, offset: number, counter: number): void {
  target[offset] = counter >>> 24;
  target[offset + 1] = counter >>> 16;
  target[offset + 2] = counter >>> 8;
  target[offset + 3] = counter;
}

/**
 * Checks a system title that a peer sent.
 * @throws DecodeError `bad-value` when it has not eight octets.
 */
export function checkSystemTitle(title: Uint8Array): void {
  if (title.length === SYSTEM_TITLE_LENGTH) return;
  throw new DecodeError(
    'bad-value',
    `a system title of ${counted(title.length, 'octet')} instead of ${SYSTEM_TITLE_LENGTH}`,
  );
}

/**
 * Guards one receiving key against replay: only counters above the last accepted one pass. Call {@link ReceiveCounter.check} first, then open and
 * decode the message, and {@link ReceiveCounter.accept} only if that succeeded, so that a forged or damaged message moves nothing.
 */
export class ReceiveCounter implements CounterGuard {
  #lowest: number;

  /** @param lowest the lowest acceptable counter: 0 for a new key, otherwise what was stored earlier. */
  constructor(lowest = 0) {
    this.#lowest = lowest;
  }

  /** The lowest acceptable counter: the last accepted one plus 1, as the invocation counter objects of Indian meters show it. */
  get lowest(): number {
    return this.#lowest;
  }

  /**
   * Checks a counter without accepting it.
   * @param _tagged whether a tag proved that the sender used this counter.
   * @throws SecurityError `replay` when this counter or a higher one was accepted already.
   */
  check(counter: number, _tagged = true): void {
    if (counter >= this.#lowest) return;
    throw new SecurityError('replay', `invocation counter ${counter} came, the lowest acceptable is ${this.#lowest}`, {
      hint: 'the message was sent before, or the counter of the sender was set back',
    });
  }

  /** Accepts the counter of a message that was right. */
  accept(counter: number): void {
    this.check(counter);
    this.#lowest = counter + 1;
  }

  /** Is called when a peer accepted an association: for guards that outlive the association. */
  begins(): void {}

  /** Is called after `accept` when a tag proved the message: for guards that outlive the association. */
  proved(_counter: number): void {}

  /** Is called when the association has ended. */
  settle(): void {}
}
