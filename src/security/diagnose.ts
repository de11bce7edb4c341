import { fromHex, toHex, toLatin1 } from '../base/bytes.js';
import type { SecurityReason } from '../base/errors.js';
import { given } from '../base/given.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { Protection } from '../contracts/protection.js';
import {
  type CipherContext,
  protectionBits,
  protectionOf,
  SecurityControl,
  SYSTEM_TITLE_LENGTH,
  TAG_LENGTH,
  unprotect,
} from './ciphering.js';
import { type SuiteId, securitySuites } from './suites.js';

/** The keys that are known. The authentication key may be missing. */
export interface SuspectKeys {
  /** The key that the message was tried with. */
  readonly encryption: Uint8Array;
  readonly authentication?: Uint8Array | undefined;
  /** Keys of other sets by name: a message may use another set than it names. */
  readonly others?: Readonly<Record<string, Uint8Array | undefined>>;
}

/** A message that does not open, and what is known about it. */
export interface Suspect {
  readonly keys: SuspectKeys;
  readonly control: number;
  /** The system title that it was tried with. */
  readonly systemTitle: Uint8Array;
  readonly invocationCounter: number;
  readonly content: Uint8Array;
  /** The key set that the message names, such as `broadcast`. */
  readonly keySet?: string;
  /** System title of the other side: ours, if the peer sent the message. */
  readonly otherTitle?: Uint8Array | undefined;
  /** Titles that were configured, learned or seen in other messages. */
  readonly knownTitles?: readonly Uint8Array[];
  /** Invocation counters of other messages. */
  readonly knownCounters?: readonly number[];
}

/** What is wrong, as far as it was proved. `facts` are the values in its sentence, never a key. */
export interface Finding {
  readonly reason: SecurityReason;
  readonly facts: Readonly<Record<string, string | number>>;
}

/**
 * Examines octets that may be an APDU.
 * @returns its length in octets, or undefined when no complete APDU that this message may contain begins there.
 */
export type ReadsAs = (octets: Uint8Array) => number | undefined;

/** One thing that may be wrong, with the inputs as they would be right. */
interface Guess extends Finding {
  readonly changes: Partial<Omit<CipherContext, 'extra'>>;
}

/** Shorter content decodes as an APDU by chance too easily to prove a guess without a tag. */
const ENOUGH = 8;
/** The most other titles, and counters, that are tried. */
const MOST_KNOWN = 16;
/** Messages of more octets are not tried with each guess. */
const LONGEST = 65_536;
const EMPTY = new Uint8Array(0);

/**
 * Finds out which key, title, counter or bit is wrong in a message that does not open. With the right encryption key the content of AES-GCM can be
 * deciphered, whatever the authentication key is. Each guess is proved by the tag, or by content that decodes as a whole APDU; nothing of the
 * content is returned. The result is only for the owner of the keys: a peer must never learn it.
 */
export function diagnose(crypto: CryptoProvider, suspect: Suspect, readsAs: ReadsAs): Finding {
  const context = contextOf(suspect);
  if (suspect.content.length > LONGEST) return asGiven(crypto, suspect, context, readsAs) ?? unproved(suspect);
  const guesses = guessesOf(suspect).filter(({ changes }) => isUsable({ ...context, ...changes }));
  for (const { changes, reason, facts } of guesses) {
    if (tagHolds(crypto, { ...context, ...changes }, suspect.content)) return { reason, facts };
  }
  const first = asGiven(crypto, suspect, context, readsAs);
  if (first !== undefined) return first;
  for (const { changes, reason, facts } of guesses) {
    // Only the tag covers the control byte: readable content proves nothing about it.
    if (changes.control !== undefined) continue;
    if (reads(crypto, { ...context, ...changes }, suspect.content, readsAs, ENOUGH)) return { reason, facts };
  }
  return unproved(suspect);
}

/**
 * Deciphers a message without checking its tag, and only when the result is a whole APDU.
 * @returns the APDU, or undefined when the result is not one: then the encryption key, the title or the counter is wrong. Also undefined for
 * authentication alone: without its tag no key is involved, so anybody can have written it.
 */
export function openUnverified(
  crypto: CryptoProvider,
  context: CipherContext,
  content: Uint8Array,
  readsAs: ReadsAs,
): Uint8Array | undefined {
  if ((context.control & SecurityControl.encryption) === 0) return undefined;
  const plaintext = deciphered(crypto, context, untagged(context.control, content));
  return readsAs(plaintext) === plaintext.length ? plaintext : undefined;
}

function contextOf({ keys, control, systemTitle, invocationCounter }: Suspect): CipherContext {
  const { encryption, authentication } = keys;
  return {
    keys: { encryption, ...given({ authentication }) },
    control,
    systemTitle,
    invocationCounter,
  };
}

/** What the message shows when everything but the authentication key is right. */
function asGiven(
  crypto: CryptoProvider,
  suspect: Suspect,
  context: CipherContext,
  readsAs: ReadsAs,
): Finding | undefined {
  if (!isUsable(context)) return undefined;
  const { control, content } = suspect;
  const encrypted = (control & SecurityControl.encryption) !== 0;
  if ((control & SecurityControl.authentication) === 0) {
    const compressed = (control & SecurityControl.compression) !== 0;
    return compressed && reads(crypto, context, content, readsAs, 1)
      ? { reason: 'changed-control', facts: { control: hexOctetOf(control), found: hexOctetOf(control & 0x7f) } }
      : undefined;
  }
  // An unencrypted message is readable whatever the keys are.
  if (encrypted && reads(crypto, context, content, readsAs, 1)) return { reason: 'wrong-ak', facts: {} };
  const all = deciphered(crypto, context, content);
  const length = readsAs(all);
  if (length === undefined || length < ENOUGH) return undefined;
  const octets = content.length - length;
  if (octets === TAG_LENGTH || octets > 16) return undefined;
  const tag = tagOf(crypto, context, all.subarray(0, length), content.subarray(0, length));
  // The part of the tag that has come must be its beginning.
  const came = content.subarray(length, length + TAG_LENGTH);
  if (tag === undefined || !came.every((octet, i) => octet === tag[i])) return undefined;
  return { reason: 'tag-length', facts: { octets } };
}

/** The tag that a message should have; undefined without an authentication key. */
function tagOf(crypto: CryptoProvider, context: CipherContext, apdu: Uint8Array, sent: Uint8Array) {
  const { keys, control } = context;
  if (keys.authentication === undefined) return undefined;
  const encrypted = (control & SecurityControl.encryption) !== 0;
  const head = new Uint8Array(1 + keys.authentication.length + (encrypted ? 0 : sent.length));
  head[0] = control;
  head.set(keys.authentication, 1);
  if (!encrypted) head.set(sent, 1 + keys.authentication.length);
  const sealed = crypto.gcmSeal(keys.encryption, ivOf(context), head, encrypted ? apdu : EMPTY);
  return sealed.subarray(sealed.length - TAG_LENGTH);
}

function ivOf({ systemTitle, invocationCounter }: CipherContext): Uint8Array {
  const iv = new Uint8Array(SYSTEM_TITLE_LENGTH + 4);
  iv.set(systemTitle);
  new DataView(iv.buffer).setUint32(SYSTEM_TITLE_LENGTH, invocationCounter);
  return iv;
}

function untagged(control: number, content: Uint8Array): Uint8Array {
  const tagged = (control & SecurityControl.authentication) !== 0;
  return tagged ? content.subarray(0, Math.max(0, content.length - TAG_LENGTH)) : content;
}

function deciphered(crypto: CryptoProvider, context: CipherContext, octets: Uint8Array): Uint8Array {
  if ((context.control & SecurityControl.encryption) === 0) return octets;
  return crypto.gcmCrypt(context.keys.encryption, ivOf(context), octets);
}

/** Whether deciphering gives a whole APDU. */
function reads(crypto: CryptoProvider, context: CipherContext, content: Uint8Array, readsAs: ReadsAs, least: number) {
  if ((context.control & SecurityControl.encryption) === 0) return false;
  const octets = untagged(context.control, content);
  return octets.length >= least && readsAs(deciphered(crypto, context, octets)) === octets.length;
}

function tagHolds(crypto: CryptoProvider, context: CipherContext, content: Uint8Array): boolean {
  const control = context.control & ~SecurityControl.compression;
  const protection: Protection = protectionOf(control);
  if ((protectionBits[protection] & SecurityControl.authentication) === 0) return false;
  if (context.keys.authentication === undefined || content.length < TAG_LENGTH) return false;
  try {
    unprotect(crypto, context, content);
    return true;
  } catch {
    return false;
  }
}

/** The finding when nothing is proved. */
function unproved({ keys, control }: Suspect): Finding {
  const { encryption, authentication } = keys;
  const suite = securitySuites[(control & SecurityControl.suite) as SuiteId];
  for (const [which, key] of [
    ['EK', encryption],
    ['AK', authentication],
  ] as const) {
    if (key === undefined) continue;
    if (suite !== undefined && key.length !== suite.keyLength) {
      return { reason: 'key-length', facts: { which, given: key.length, suite: suite.id, wanted: suite.keyLength } };
    }
    if (isHexText(key)) return { reason: 'half-key', facts: { which, digits: key.length } };
  }
  if ((control & SecurityControl.encryption) === 0) return { reason: 'either-key', facts: {} };
  // The result is not readable. The names of the reasons are those of the test vectors.
  const tagged = (control & SecurityControl.authentication) !== 0 && authentication !== undefined;
  return { reason: tagged ? 'bad-tag' : 'decrypt-garbage', facts: {} };
}

/** Everything that is often wrong, one thing at a time. The first guess that is proved is the finding. */
function guessesOf(suspect: Suspect): Guess[] {
  return [...keyGuesses(suspect), ...titleGuesses(suspect), ...counterGuesses(suspect), ...controlGuesses(suspect)];
}

function keyGuesses({ keys, keySet = 'unicast' }: Suspect): Guess[] {
  const { encryption: ek, authentication: ak = ek, others = {} } = keys;
  const guess = (reason: SecurityReason, e: Uint8Array, a: Uint8Array, facts: Finding['facts'] = {}): Guess => ({
    reason,
    facts,
    changes: { keys: { encryption: e, authentication: a } },
  });
  const guesses: Guess[] = [];
  if (keys.authentication !== undefined) {
    guesses.push(guess('swapped-keys', ak, ek), guess('same-key', ek, ek, { which: 'EK' }));
    guesses.push(guess('same-key', ak, ak, { which: 'AK' }));
  }
  for (const [name, key] of Object.entries(others)) {
    if (key !== undefined) guesses.push(guess('other-key-set', key, ak, { said: keySet, found: name }));
  }
  for (const [reason, change] of [
    ['key-as-text', hexOfText],
    ['reversed-key', reversed],
  ] as const) {
    const [e, a] = [change(ek), change(ak)];
    if (e !== undefined && a !== undefined) guesses.push(guess(reason, e, a, { which: 'EK, AK' }));
    if (e !== undefined) guesses.push(guess(reason, e, ak, { which: 'EK' }));
    if (a !== undefined) guesses.push(guess(reason, ek, a, { which: 'AK' }));
    // One key in both places.
    if (e !== undefined) guesses.push(guess(reason, e, e, { which: 'EK' }));
  }
  return guesses;
}

function titleGuesses({ systemTitle, otherTitle, knownTitles = [] }: Suspect): Guess[] {
  const title = toHex(systemTitle);
  const guess = (reason: SecurityReason, found: Uint8Array): Guess => ({
    reason,
    facts: { title, found: toHex(found) },
    changes: { systemTitle: found },
  });
  const guesses = [guess('reversed-title', reversed(systemTitle))];
  const read = hexOfText(systemTitle);
  if (read !== undefined) guesses.push(guess('title-as-text', read));
  if (otherTitle !== undefined) {
    guesses.push(guess('own-title', otherTitle));
  }
  for (const known of knownTitles.slice(0, MOST_KNOWN)) {
    guesses.push(guess('wrong-title', known), guess('wrong-title', reversed(known)));
    const text = hexOfText(known);
    if (text !== undefined) guesses.push(guess('title-as-text', text));
  }
  return guesses;
}

function counterGuesses({ invocationCounter: counter, knownCounters = [] }: Suspect): Guess[] {
  const turned = new DataView(new ArrayBuffer(4));
  turned.setUint32(0, counter);
  const near = [counter - 1, counter + 1, counter - 2, counter + 2, 0].filter((n) => n >= 0 && n <= 0xffffffff);
  const found = new Set([...knownCounters.slice(-MOST_KNOWN), ...near, turned.getUint32(0, true)]);
  found.delete(counter);
  return [...found].map((n) => ({
    reason: 'other-counter',
    facts: { counter, found: n },
    changes: { invocationCounter: n },
  }));
}

function controlGuesses({ control }: Suspect): Guess[] {
  const found = [
    control ^ SecurityControl.compression,
    control ^ SecurityControl.broadcast,
    control ^ SecurityControl.encryption,
    ...[0, 1, 2].map((suite) => (control & 0xf0) | suite),
  ];
  return found
    .filter((byte) => byte !== control)
    .map((byte) => ({
      reason: 'changed-control',
      facts: { control: hexOctetOf(control), found: hexOctetOf(byte) },
      changes: { control: byte },
    }));
}

/** Whether keys have a length of AES and titles have eight octets; others cannot be tried. */
function isUsable({ keys, systemTitle }: CipherContext): boolean {
  const { encryption, authentication = encryption } = keys;
  return (
    systemTitle.length === SYSTEM_TITLE_LENGTH &&
    [encryption, authentication].every(({ length }) => length === 16 || length === 32)
  );
}

function isHexText(octets: Uint8Array): boolean {
  return octets.length > 0 && /^[0-9a-f]+$/i.test(toLatin1(octets));
}

/** The octets that these octets, read as hexadecimal text, stand for. */
function hexOfText(octets: Uint8Array): Uint8Array | undefined {
  return octets.length % 2 === 0 && isHexText(octets) ? fromHex(toLatin1(octets)) : undefined;
}

function reversed(octets: Uint8Array): Uint8Array {
  return octets.slice().reverse();
}

function hexOctetOf(octet: number): string {
  return toHex(Uint8Array.of(octet));
}
