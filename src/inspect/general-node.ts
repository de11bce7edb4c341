/** general-ciphering and general-signing as nodes: their content when keys are given, and whether signatures hold. */

import type { Apdu, GeneralCiphering, GeneralSigning } from '../apdu/apdu.js';
import { headerOctets, signedOctets } from '../apdu/general-protection.js';
import { toHex } from '../base/bytes.js';
import { CosemError, SecurityError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import { staticUnified, takeOnePass } from '../security/agreement.js';
import { keySetOf, SecurityControl, unprotect } from '../security/ciphering.js';
import { unwrapKey } from '../security/keys.js';
import { nobleCrypto } from '../security/noble-crypto.js';
import { suiteOf } from '../security/suites.js';
import { garbage, type OpenedContent } from './ciphered-node.js';
import { type Draft, node, nodeError, seal } from './node.js';
import type { InspectKeys, InspectOptions } from './options.js';

/** What is inside, looked at. */
interface Seen {
  readonly draft: Draft;
  readonly outer: Apdu | undefined;
  readonly apdu: Apdu | undefined;
  readonly plaintext?: Uint8Array;
  readonly authenticated?: boolean;
  readonly error?: CosemError;
}

/** An envelope that was read. */
export interface GeneralEnvelope {
  readonly outer: GeneralCiphering | GeneralSigning;
  /** Its nodes. */
  readonly fields: Draft[];
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly options: InspectOptions;
  /** Looks at the APDU inside. */
  readonly view: (bytes: Uint8Array, from: number, to: number) => Seen;
}

/** The node of an envelope, with what is inside where it opens. */
export function viewGeneral(envelope: GeneralEnvelope): Seen {
  return envelope.outer.type === 'general-signing'
    ? viewSigning(envelope, envelope.outer)
    : viewCiphering(envelope, envelope.outer);
}

function viewSigning(envelope: GeneralEnvelope, outer: GeneralSigning): Seen {
  const { fields, bytes, start, end, options, view } = envelope;
  const from = outer.content.byteOffset - bytes.byteOffset;
  const inner = view(bytes, from, from + outer.content.length);
  // The content is taken apart below: as octets it would show what is masked there.
  const children = fields.map((field) =>
    field.name === 'content'
      ? node('content', field.offset, field.offset + field.length, { children: [inner.draft] })
      : field,
  );
  const draft = node(outer.type, start, end, { children });
  const verdict = signatureOf(outer, options);
  draft.text = [typeof verdict === 'string' ? verdict : undefined, inner.draft.text].filter(Boolean).join('; ');
  if (typeof verdict === 'string') return { ...inner, draft, outer };
  draft.error = nodeError(verdict);
  return { ...inner, draft, outer, error: verdict };
}

function viewCiphering({ fields, start, end, options, view }: GeneralEnvelope, outer: GeneralCiphering): Seen {
  const draft = node(outer.type, start, end, { children: fields });
  const opened = openGeneral(outer, options);
  if ('text' in opened) {
    draft.text = opened.text;
    return { draft, outer, apdu: undefined };
  }
  const failed = (error: CosemError): Seen => {
    draft.error = nodeError(error);
    return { draft, outer, apdu: undefined, error };
  };
  if ('error' in opened) return failed(opened.error);
  const { plaintext } = opened;
  const inner = view(plaintext, 0, plaintext.length);
  if (!opened.authenticated && inner.outer === undefined) return failed(garbage());
  const plainNode = node('plaintext', 0, plaintext.length, { children: [inner.draft] });
  fields.push(seal({ draft: plainNode, bytes: plaintext }));
  if (inner.draft.text !== undefined) draft.text = inner.draft.text;
  const { apdu, error } = inner;
  const authenticated = opened.authenticated && inner.authenticated !== false;
  return { draft, outer, apdu, plaintext: inner.plaintext ?? plaintext, authenticated, ...given({ error }) };
}

function openGeneral(apdu: GeneralCiphering, { keys = {}, crypto = nobleCrypto }: InspectOptions): OpenedContent {
  const { securityControl: control, invocationCounter, originatorTitle: systemTitle } = apdu;
  try {
    const found = keyOf(apdu, keys, crypto);
    if ('text' in found) return found;
    // In Indian meters one key is often both.
    const authentication = keys.authentication ?? keys.encryption;
    const context = { control, systemTitle, invocationCounter, extra: headerOctets(apdu) };
    const cipherKeys = { encryption: found.key, ...given({ authentication }) };
    const plaintext = unprotect(crypto, { ...context, keys: cipherKeys }, apdu.content);
    return { plaintext, authenticated: (control & SecurityControl.authentication) !== 0 };
  } catch (error) {
    if (error instanceof CosemError) return { error };
    throw error;
  }
}

type FoundKey = { readonly key: Uint8Array } | { readonly text: string };

function keyOf(apdu: GeneralCiphering, keys: InspectKeys, crypto: CryptoProvider): FoundKey {
  const { keyInfo } = apdu;
  const missing = (name: string): FoundKey => ({ text: `not opened: no ${name} given` });
  const { encryption, broadcast, master, agreement, peerAgreement, peerSigning } = keys;
  if (keyInfo === undefined || keyInfo.type === 'identified-key') {
    const all = keyInfo === undefined ? keySetOf(apdu.securityControl) === 'broadcast' : keyInfo.keyId === 1;
    const key = all ? broadcast : encryption;
    return key === undefined ? missing(all ? 'broadcast key' : 'encryption key') : { key };
  }
  if (keyInfo.type === 'wrapped-key')
    return master === undefined ? missing('master key') : { key: unwrapKey(crypto, master, keyInfo.wrapped) };
  const parties = {
    suite: suiteOf(apdu.securityControl),
    originator: apdu.originatorTitle,
    recipient: apdu.recipientTitle,
  };
  if (agreement === undefined) return missing('private key of key agreement');
  switch (toHex(keyInfo.parameters)) {
    case '01':
      if (peerSigning === undefined) return missing('public signing key of the originator');
      return { key: takeOnePass(crypto, parties, { agreement, peerSigning }, keyInfo.data) };
    case '02':
      if (peerAgreement === undefined) return missing('public key of key agreement of the other side');
      return { key: staticUnified(crypto, parties, { agreement, peerAgreement }, apdu.transactionId) };
    default:
      return { text: `not opened: there is no key agreement with the parameters ${toHex(keyInfo.parameters)}` };
  }
}

/** What is known of a signature: in words, or the error where it does not hold. */
function signatureOf(apdu: GeneralSigning, { keys = {}, crypto = nobleCrypto }: InspectOptions): string | CosemError {
  const { peerSigning } = keys;
  if (peerSigning === undefined) return 'signature not checked: no public signing key given';
  try {
    const curve = apdu.signature.length === 96 ? 'P-384' : 'P-256';
    if (crypto.verify(curve, peerSigning, signedOctets(apdu), apdu.signature)) return 'signature holds';
    return new SecurityError('bad-signature', 'the signature does not hold', {
      hint: 'is the public signing key that of the originator? Else the message was changed on its way',
    });
  } catch (error) {
    if (error instanceof CosemError) return error;
    throw error;
  }
}
