/** Ciphered APDUs: their envelope as nodes, and what is inside when keys are at hand. */

import type { CipheredApdu } from '../apdu/apdu.js';
import { apduTagName, isServiceCiphered } from '../apdu/tags.js';
import { isPrintable, toHex, toLatin1 } from '../base/bytes.js';
import type { Reader } from '../base/cursor.js';
import { type CosemError, DecodeError, SecurityError } from '../base/errors.js';
import { counted } from '../base/words.js';
import { keySetOf, protectionOf, SecurityControl, TAG_LENGTH, unprotect } from '../security/ciphering.js';
import { nobleCrypto } from '../security/noble-crypto.js';
import type { Conversation } from './conversation.js';
import { type Draft, node } from './node.js';
import type { InspectOptions } from './options.js';

/** Tag, system title, security header, content, authentication tag of an envelope that decoded. */
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

/** What opening a message gave: its content, why it was not tried, or why it failed. */
export type Opening = { readonly plaintext: Uint8Array } | { readonly text: string } | { readonly error: CosemError };

/** Opens a message with the keys and titles that are known. */
export function openCiphered(
  apdu: CipheredApdu,
  { options, conversation }: { readonly options: InspectOptions; readonly conversation: Conversation },
): Opening {
  const { securityControl: control, invocationCounter } = apdu;
  const dedicated = apduTagName(apdu.tag)?.includes('ded-') === true;
  const broadcast = !dedicated && keySetOf(control) === 'broadcast';
  const name = dedicated ? 'dedicated key' : broadcast ? 'broadcast key' : 'encryption key';
  const { keys = {}, crypto = nobleCrypto } = options;
  const key = dedicated ? conversation.dedicatedKey : broadcast ? keys.broadcast : keys.encryption;
  if (key === undefined) return { text: `not opened: no ${name} given` };
  const authentication = keys.authentication;
  if ((control & SecurityControl.authentication) !== 0 && authentication === undefined) {
    return { text: 'not opened: no authentication key given' };
  }
  const titles = titlesFor(apdu, conversation);
  if (titles.length === 0) return { text: 'not opened: the system title of the sender is not known' };
  let failure: CosemError | undefined;
  for (const systemTitle of titles) {
    try {
      const cipherKeys = authentication === undefined ? { encryption: key } : { encryption: key, authentication };
      const context = { keys: cipherKeys, control, systemTitle, invocationCounter };
      const plaintext = unprotect(crypto, context, apdu.content);
      return looksOpened(apdu, plaintext) ? { plaintext } : { error: garbage() };
    } catch (error) {
      if (!(error instanceof SecurityError || error instanceof DecodeError)) throw error;
      failure ??= error;
    }
  }
  return { error: failure as CosemError };
}

/**
 * Encryption alone proves nothing: a wrong key shows in a first octet that begins no APDU, or another one than the envelope is for.
 */
function looksOpened({ tag, securityControl }: CipheredApdu, plaintext: Uint8Array): boolean {
  if ((securityControl & SecurityControl.authentication) !== 0) return true;
  const inside = plaintext[0] === undefined ? undefined : apduTagName(plaintext[0]);
  if (inside === undefined) return false;
  return !isServiceCiphered(tag) || apduTagName(tag)?.slice('glo-'.length) === inside;
}

/** Encryption alone, and what came out makes no sense. */
export function garbage(): SecurityError {
  return new SecurityError('decrypt-garbage', 'what was deciphered is no APDU', {
    hint: 'check encryption key and system title of the sender',
  });
}

/** Titles that the sender may have, the stated one alone when there is one. */
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
