/** Ciphered APDUs: their envelope as nodes, and their content when keys are given. */

import type { CipheredApdu } from '../apdu/apdu.js';
import { readableIn } from '../apdu/readable.js';
import { apduTagName } from '../apdu/tags.js';
import { equalBytes, isPrintable, toHex, toLatin1 } from '../base/bytes.js';
import type { Reader } from '../base/cursor.js';
import { type CosemError, DecodeError, SecurityError } from '../base/errors.js';
import { counted } from '../base/words.js';
import { protectionError } from '../causes/protection-error.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import {
  type CipherContext,
  keySetOf,
  protectionOf,
  SecurityControl,
  SYSTEM_TITLE_LENGTH,
  TAG_LENGTH,
  unprotect,
} from '../security/ciphering.js';
import { diagnose, openUnverified } from '../security/diagnose.js';
import { nobleCrypto } from '../security/noble-crypto.js';
import type { Conversation } from './conversation.js';
import { isIec21 } from './iec21-node.js';
import { type Draft, node } from './node.js';
import type { InspectOptions } from './options.js';

/** Nodes of an envelope that was decoded: tag, system title, security header, content, authentication tag. */
export function cipheredFields(apdu: CipheredApdu, r: Reader): Draft[] {
  const { securityControl: control, content } = apdu;
  const fields: Draft[] = [];
  const add = (name: string, end: number, meaning: object) => {
    fields.push(node(name, r.offset, end, meaning));
    r.offset = end;
  };
  add('tag', r.offset + 1, { value: apdu.tag, text: apduTagName(apdu.tag) });
  if (apdu.systemTitle !== undefined) {
    add('system-title', r.offset + 1 + apdu.systemTitle.length, titleMeaning(apdu.systemTitle));
  }
  const contentStart = r.end - content.length;
  add('length', contentStart - 5, { value: content.length + 5 });
  add('security-control', contentStart - 4, { value: control, text: controlText(control) });
  add('invocation-counter', contentStart, { value: apdu.invocationCounter });
  const tagged = (control & SecurityControl.authentication) !== 0;
  const split = tagged ? r.end - TAG_LENGTH : r.end;
  const encrypted = (control & SecurityControl.encryption) !== 0;
  const text = counted(split - contentStart, 'octet');
  add(encrypted ? 'ciphertext' : 'information', split, { text });
  if (tagged) add('authentication-tag', r.end, { value: toHex(content.subarray(content.length - TAG_LENGTH)) });
  return fields;
}

/** The outcome of opening a message: its content, why it was not tried (`text`), or why it failed. */
export type OpenedContent =
  | { readonly plaintext: Uint8Array; readonly authenticated: boolean }
  | { readonly text: string }
  | { readonly error: CosemError };

/** What is known of keys and titles for a message. */
interface Place {
  readonly options: InspectOptions;
  readonly conversation: Conversation;
}

/**
 * Opens a message with the keys and titles that are known. When the tag cannot be checked because no authentication key is given, the message
 * is still opened if it decodes as an APDU, but counts as not authenticated. When the tag is wrong, only the reason is given.
 */
export function openCiphered(apdu: CipheredApdu, place: Place): OpenedContent {
  const { conversation } = place;
  const { name, key, authentication, broadcast } = keysFor(apdu, place);
  if (key === undefined) {
    const finding = broadcast ? whyNotOpened(apdu, place) : undefined;
    const proved = finding instanceof SecurityError && ['other-key-set', 'changed-control'].includes(finding.reason);
    return proved ? { error: finding } : { text: `not opened: no ${name} given` };
  }
  const titles = titlesFor(apdu, conversation);
  if (titles.length === 0) return { text: 'not opened: the system title of the sender is not known' };
  let failure: CosemError | undefined;
  for (const systemTitle of titles) {
    const context = contextOf(apdu, systemTitle, key, authentication);
    try {
      const plaintext = unprotect(cryptoOf(place), context, apdu.content);
      if (looksOpened(apdu, plaintext)) {
        conversation.proved ||= isTagged(apdu);
        return { plaintext, authenticated: isTagged(apdu) };
      }
      failure ??= garbage();
    } catch (error) {
      if (!(error instanceof SecurityError || error instanceof DecodeError)) throw error;
      failure ??= error;
    }
  }
  if (place.options.keys?.authentication === undefined && isTagged(apdu)) {
    for (const systemTitle of titles.filter(({ length }) => length === SYSTEM_TITLE_LENGTH)) {
      const context = contextOf(apdu, systemTitle, key, undefined);
      const plaintext = openUnverified(cryptoOf(place), context, apdu.content, readsAs(apdu));
      if (plaintext !== undefined) return { plaintext, authenticated: false };
    }
  }
  return { error: whyNotOpened(apdu, place, failure) };
}

/** Why a message does not open, as far as trials with the given keys can prove it. */
export function whyNotOpened(apdu: CipheredApdu, place: Place, failure: CosemError = garbage()): CosemError {
  const { conversation, options } = place;
  const { keys = {} } = options;
  const { name, key = keys.encryption } = keysFor(apdu, place);
  const [systemTitle] = titlesFor(apdu, conversation);
  if (!isFaultOfKeys(failure) || key === undefined || systemTitle === undefined) return failure;
  const { clientTitle, serverTitle } = conversation;
  const both = [serverTitle, clientTitle].filter((title) => title !== undefined && !equalBytes(title, systemTitle));
  const finding = diagnose(
    cryptoOf(place),
    {
      keys: {
        encryption: key,
        authentication: keys.authentication,
        others: { unicast: keys.encryption, dedicated: conversation.dedicatedKey, broadcast: keys.broadcast },
      },
      control: apdu.securityControl,
      systemTitle,
      invocationCounter: apdu.invocationCounter,
      content: apdu.content,
      keySet: name === 'encryption key' ? 'unicast' : name.slice(0, -' key'.length),
      // A title in the envelope is that of the sender. Other titles were given by the caller, or seen in other messages.
      ...(apdu.systemTitle?.length ? { knownTitles: both as Uint8Array[] } : { otherTitle: both[0] }),
      knownCounters: conversation.counters,
    },
    readsAs(apdu),
  );
  const unproved = finding.reason === 'decrypt-garbage' || finding.reason === 'bad-tag';
  // A compressed message, or a title of a wrong length, keeps its own error.
  if (unproved && failure instanceof SecurityError && failure.reason === 'compressed') return failure;
  if (unproved && failure instanceof DecodeError) return failure;
  const keysDoubted = unproved || finding.reason === 'wrong-ak' || finding.reason === 'either-key';
  return conversation.proved && isTagged(apdu) && keysDoubted ? failure : protectionError(finding, failure);
}

function isFaultOfKeys(failure: CosemError): boolean {
  if (failure instanceof DecodeError) return failure.reason === 'bad-value';
  return failure instanceof SecurityError && ['bad-tag', 'decrypt-garbage', 'compressed'].includes(failure.reason);
}

/** The keys that a message needs. Indian meters often use one key for both, so it is tried when no authentication key is given. */
function keysFor(apdu: CipheredApdu, { options, conversation }: Place) {
  const dedicated = apduTagName(apdu.tag)?.includes('ded-') === true;
  const broadcast = !dedicated && keySetOf(apdu.securityControl) === 'broadcast';
  const name = dedicated ? 'dedicated key' : broadcast ? 'broadcast key' : 'encryption key';
  const { keys = {} } = options;
  const key = dedicated ? conversation.dedicatedKey : broadcast ? keys.broadcast : keys.encryption;
  return { name, key, broadcast, authentication: keys.authentication ?? keys.encryption ?? key };
}

function contextOf(
  { securityControl: control, invocationCounter }: CipheredApdu,
  systemTitle: Uint8Array,
  encryption: Uint8Array,
  authentication: Uint8Array | undefined,
): CipherContext {
  const keys = authentication === undefined ? { encryption } : { encryption, authentication };
  return { keys, control, systemTitle, invocationCounter };
}

function cryptoOf({ options }: Place): CryptoProvider {
  return options.crypto ?? nobleCrypto;
}

function isTagged({ securityControl }: CipheredApdu): boolean {
  return (securityControl & SecurityControl.authentication) !== 0;
}

/** Encryption alone has no tag: a wrong key shows only because the result is not an APDU, or not the one that the envelope is for. */
function looksOpened(apdu: CipheredApdu, plaintext: Uint8Array): boolean {
  return isTagged(apdu) || readsAs(apdu)(plaintext) !== undefined;
}

/** The error of a message without a tag whose deciphered content makes no sense. */
export function garbage(): SecurityError {
  return protectionError({ reason: 'decrypt-garbage', facts: {} });
}

/** Tells how many of the deciphered octets make sense: an APDU, or the text of a telegram, which some customer ports send ciphered. */
function readsAs(apdu: CipheredApdu): (octets: Uint8Array) => number | undefined {
  const readable = readableIn(apdu);
  return (octets) => (isTelegramText(octets) ? octets.length : readable(octets));
}

/** Whether the octets are all text and begin like a message of IEC 62056-21. */
export function isTelegramText(octets: Uint8Array): boolean {
  return isIec21(octets) && octets.every((octet) => octet < 0x7f && (octet >= 0x20 || octet === 10 || octet === 13));
}

/** The titles that the sender may have; only the one in the envelope, when there is one. */
function titlesFor(apdu: CipheredApdu, { clientTitle, serverTitle }: Conversation): readonly Uint8Array[] {
  if (apdu.systemTitle !== undefined && apdu.systemTitle.length > 0) return [apdu.systemTitle];
  const candidates =
    apdu.systemTitle !== undefined
      ? [serverTitle, clientTitle]
      : [senderIsClient(apdu.tag) ? clientTitle : serverTitle];
  return candidates.filter((title) => title !== undefined);
}

/** Notifications and reports are called requests, but servers send them. */
function senderIsClient(tag: number): boolean {
  const name = apduTagName(tag) as string;
  return name.endsWith('-request') && !name.includes('notification') && !name.includes('report');
}

function titleMeaning(title: Uint8Array): object {
  if (title.length === 0) return { value: '', text: 'empty' };
  const head = title.subarray(0, 3);
  return isPrintable(head) ? { value: toHex(title), text: `manufacturer ${toLatin1(head)}` } : { value: toHex(title) };
}

function controlText(control: number): string {
  const words = [`suite ${control & SecurityControl.suite}`, protectionOf(control), `${keySetOf(control)} key`];
  return [...words, ...(control & SecurityControl.compression ? ['compressed'] : [])].join(', ');
}
