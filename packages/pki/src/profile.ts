import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectKeyIdentifierExtension,
} from '@peculiar/x509';
import { type CryptoProvider, StateError, toHex } from 'cosem';
import type { KeyUse } from 'cosem/protocol';
import type { PublicKeyOnCurve } from './curves.js';

/**
 * The certificate profile of DLMS/COSEM (Green Book 9.2.6.4, IEC 62056-5-3 7.2.6.4): who is named how, and which extensions a certificate has.
 */

/** KeyUsage by what a key is for (Green Book 9.2.6.4.4.4): exactly these bits, critical. */
const usages: Readonly<Record<KeyUse | 'authority', number>> = {
  'digital-signature': KeyUsageFlags.digitalSignature,
  'key-agreement': KeyUsageFlags.keyAgreement,
  tls: KeyUsageFlags.digitalSignature | KeyUsageFlags.keyAgreement,
  authority: KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign,
};

/** KeyUsage of a key for this use. */
export function keyUsage(use: KeyUse | 'authority'): Extension {
  return new KeyUsagesExtension(usages[use], true);
}

/** Whether the KeyUsage that somebody asks for is that of a use. */
export function isUsageOf(use: KeyUse, usage: number): boolean {
  return (usage & usages[use]) !== 0 && (usage & ~usages.tls) === 0;
}

/** extendedKeyUsage: for TLS alone, both as server and as client. */
export function extendedUsage(use: KeyUse): readonly Extension[] {
  return use === 'tls'
    ? [new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth])]
    : [];
}

/** basicConstraints of an authority: how many authorities may stand below it, any number where it is left out. */
export function authorityConstraints(pathLength: number | undefined): Extension {
  return new BasicConstraintsExtension(true, pathLength, true);
}

/** subjectKeyIdentifier by method 1 of RFC 5280 4.2.1.2: SHA-1 over the point. */
export function keyIdentifier(crypto: CryptoProvider, { publicKey }: PublicKeyOnCurve): string {
  return toHex(crypto.hash('sha-1', Uint8Array.of(4, ...publicKey))).toLowerCase();
}

/** subjectKeyIdentifier. */
export const subjectKey = (identifier: string): Extension => new SubjectKeyIdentifierExtension(identifier);
/** authorityKeyIdentifier: the subjectKeyIdentifier of who issues. */
export const authorityKey = (identifier: string): Extension => new AuthorityKeyIdentifierExtension(identifier);

/** Who has a certificate: a device or client by its system title, or an authority by its name. */
export type Owner = { readonly systemTitle: Uint8Array } | { readonly name: string };

const TITLE = 8;
const LONGEST_NAME = 64;

/**
 * Distinguished name: the common name is the system title in sixteen hexadecimal digits, or the name of an authority.
 * @returns DER.
 * @throws StateError for a title of another length, a name without a character, or a too long one.
 */
export function distinguishedName(owner: Owner): Uint8Array {
  return new Uint8Array(new Name([{ CN: [{ utf8String: commonName(owner) }] }]).toArrayBuffer());
}

function commonName(owner: Owner): string {
  if ('systemTitle' in owner) {
    if (owner.systemTitle.length === TITLE) return toHex(owner.systemTitle);
    throw new StateError(`a system title of ${owner.systemTitle.length} octets`, { hint: `it has ${TITLE}` });
  }
  const name = owner.name.trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what a name must not have.
  if (name === '' || [...name].length > LONGEST_NAME || /[\u0000-\u001f\u007f]/.test(name)) {
    throw new StateError('that is no name of an authority', {
      hint: `give 1 to ${LONGEST_NAME} characters in one line`,
    });
  }
  if (/^[0-9a-f]{16}$/i.test(name)) {
    throw new StateError(`${name} is a system title and no name of an authority`, { hint: 'give it a name in words' });
  }
  return name;
}
