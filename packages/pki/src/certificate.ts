import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  X509Certificate,
} from '@peculiar/x509';
import { DecodeError, fromHex, toHex } from 'cosem';
import type { CertificateFacts, Curve, KeyUse } from 'cosem/protocol';
import { readKeyInfo, readSignature, signingCurve } from './curves.js';
import { checkDer, DER, type DerValue, must, valuesIn } from './der.js';

/** A certificate, read and not judged. The shape of `cosem`, with what the check of a chain needs beside it. */
export interface Certificate extends CertificateFacts {
  /** The certificate itself: DER. */
  readonly octets: Uint8Array;
  /** What is signed: DER of tbsCertificate. */
  readonly signed: Uint8Array;
  /** The curve of the key that signed it, by its algorithm; undefined for an algorithm that suites 1 and 2 do not have. */
  readonly signedOn?: Curve;
  /** The signature, r || s; empty where the algorithm is unknown. */
  readonly signature: Uint8Array;
  /** Whether KeyUsage lets it sign certificates (keyCertSign). */
  readonly signsCertificates: boolean;
  /** How many authorities may stand below it (pathLenConstraint); any number where it says none. */
  readonly pathLength?: number;
  /** subjectKeyIdentifier in hexadecimal, where it has one. */
  readonly subjectKeyId?: string;
  /** keyIdentifier of the authorityKeyIdentifier in hexadecimal, where it has one. */
  readonly authorityKeyId?: string;
  /** Critical extensions that this package does not know, by their object identifiers. A certificate that has one is not accepted. */
  readonly unknownCritical: readonly string[];
  /** Whether the common name and the subjectAltName name different system titles. */
  readonly ambiguousTitle: boolean;
  /** Name of the owner for people, as RFC 4514 writes it. It is what the certificate says: hostile. */
  readonly subjectText: string;
  /** Name of who issued it, likewise. */
  readonly issuerText: string;
}

const OID = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  certificatePolicies: '2.5.29.32',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;
const KNOWN: readonly string[] = Object.values(OID);
/** id-on-hardwareModuleName (RFC 4108), under which subjectAltName carries hwSerialNum. */
const HARDWARE_MODULE = fromHex('06082B06010505070804');
const TITLE = 8;

/**
 * Reads a certificate, without judging it.
 * @param octets DER.
 * @throws DecodeError for what is no certificate of X.509 v3 with a key on P-256 or P-384, or is longer than 8 KiB.
 */
export function readCertificate(octets: Uint8Array): Certificate {
  const own = Uint8Array.from(octets);
  const fields = fieldsOf(checkDer(own));
  const x509 = decoded(() => new X509Certificate(own));
  const extensions = decoded(() => x509.extensions);
  const types = extensions.map(({ type }) => type);
  const twice = types.find((type, i) => types.indexOf(type) !== i);
  if (twice !== undefined) throw new DecodeError('bad-value', `the extension ${twice} stands in it twice`, -1);
  const { signedOn } = fields;
  const altName = extensions.find(({ type }) => type === OID.subjectAltName);
  const subjectAltName = altName === undefined ? new Uint8Array(0) : new Uint8Array(altName.value);
  const titles = [hardwareTitle(subjectAltName), commonTitle(fields.subject)].filter((title) => title !== undefined);
  const [systemTitle, other] = titles;
  const basic = decoded(() => x509.getExtension(BasicConstraintsExtension));
  const usage = decoded(() => x509.getExtension(KeyUsagesExtension))?.usages ?? 0;
  const extended = decoded(() => x509.getExtension(ExtendedKeyUsageExtension))?.usages;
  const authority = basic?.ca === true;
  const keyIds = {
    subjectKeyId: keyIdOf(extensions.find(({ type }) => type === OID.subjectKeyId)?.value, DER.octetString),
    authorityKeyId: keyIdOf(extensions.find(({ type }) => type === OID.authorityKeyId)?.value, DER.sequence),
  };
  return {
    ...readKeyInfo(fields.keyInfo),
    uses: authority ? [] : usesOf(usage, extended),
    authority,
    serialNumber: fields.serialNumber,
    issuer: fields.issuer,
    subject: fields.subject,
    subjectAltName,
    ...(systemTitle === undefined ? {} : { systemTitle }),
    notBefore: momentOf(x509.notBefore),
    notAfter: x509.notAfter.getUTCFullYear() === 9999 ? Number.POSITIVE_INFINITY : momentOf(x509.notAfter),
    octets: own,
    signed: fields.signed,
    ...(signedOn === undefined ? {} : { signedOn }),
    signature: fields.signature,
    signsCertificates: (usage & KeyUsageFlags.keyCertSign) !== 0,
    ...(basic?.pathLength === undefined ? {} : { pathLength: basic.pathLength }),
    ...(keyIds.subjectKeyId === undefined ? {} : { subjectKeyId: keyIds.subjectKeyId }),
    ...(keyIds.authorityKeyId === undefined ? {} : { authorityKeyId: keyIds.authorityKeyId }),
    unknownCritical: extensions
      .filter(({ critical, type }) => critical && !KNOWN.includes(type))
      .map(({ type }) => type),
    ambiguousTitle: systemTitle !== undefined && other !== undefined && toHex(systemTitle) !== toHex(other),
    subjectText: decoded(() => x509.subject),
    issuerText: decoded(() => x509.issuer),
  };
}

interface Fields {
  readonly signed: Uint8Array;
  readonly signedOn: Curve | undefined;
  readonly signature: Uint8Array;
  readonly serialNumber: Uint8Array;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly keyInfo: Uint8Array;
}

/** The parts that are compared and verified as octets: taken from the octets, not made again from what a library understood. */
function fieldsOf(whole: DerValue): Fields {
  const [tbs, algorithm, bits, ...more] = valuesIn(must(whole, DER.sequence, 'certificate').content);
  const signed = must(tbs, DER.sequence, 'tbsCertificate');
  const signedBy = must(algorithm, DER.sequence, 'signatureAlgorithm');
  const signatureValue = must(bits, DER.bitString, 'signatureValue');
  if (more.length > 0) throw new DecodeError('trailing-bytes', 'something follows the signature', -1);
  const [version, serial, inner, issuer, , subject, keyInfo] = valuesIn(signed.content);
  const [number] = valuesIn(must(version, DER.explicit0, 'version: it is not of X.509 v3').content);
  if (number?.raw.length !== 3 || number.content[0] !== 2) {
    throw new DecodeError('bad-version', 'the certificate is not of X.509 v3', -1);
  }
  const serialNumber = must(serial, DER.integer, 'serialNumber').content;
  if (serialNumber.length === 0 || serialNumber.length > 21) {
    throw new DecodeError(
      'bad-length',
      `the serial number has ${serialNumber.length} octets, and 1 to 20 are allowed`,
      -1,
    );
  }
  // What is signed must say by what: else somebody could name a weaker algorithm beside it.
  if (toHex(must(inner, DER.sequence, 'signature').raw) !== toHex(signedBy.raw)) {
    throw new DecodeError(
      'bad-value',
      'it names one signature algorithm outside of what is signed, and another inside',
      -1,
    );
  }
  const signedOn = signingCurve(signedBy.raw);
  return {
    signed: signed.raw,
    signedOn,
    signature: signedOn === undefined ? new Uint8Array(0) : readSignature(signedOn, signatureValue),
    serialNumber,
    issuer: must(issuer, DER.sequence, 'issuer').raw,
    subject: must(subject, DER.sequence, 'subject').raw,
    keyInfo: must(keyInfo, DER.sequence, 'subjectPublicKeyInfo').raw,
  };
}

/** What the library reads, whose errors are plain ones. */
function decoded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DecodeError) throw error;
    throw new DecodeError('bad-value', 'it is not a certificate', -1, { cause: error });
  }
}

function momentOf(date: Date): number {
  const at = date.getTime();
  if (Number.isFinite(at)) return at;
  throw new DecodeError('bad-value', 'its dates are no dates', -1);
}

/** A certificate with an extended key usage is for that alone; without one, for what KeyUsage says. */
function usesOf(usage: number, extended: readonly unknown[] | undefined): KeyUse[] {
  if (extended !== undefined) {
    const tls: readonly unknown[] = [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth];
    return extended.some((purpose) => tls.includes(purpose)) ? ['tls'] : [];
  }
  const uses: KeyUse[] = [];
  if ((usage & KeyUsageFlags.digitalSignature) !== 0) uses.push('digital-signature');
  if ((usage & KeyUsageFlags.keyAgreement) !== 0) uses.push('key-agreement');
  return uses;
}

function keyIdOf(value: ArrayBuffer | undefined, tag: number): string | undefined {
  if (value === undefined) return undefined;
  const whole = must(checkDer(new Uint8Array(value)), tag, 'key identifier');
  if (tag === DER.octetString) return toHex(whole.content);
  const keyId = valuesIn(whole.content).find((part) => part.tag === 0x80);
  return keyId === undefined ? undefined : toHex(keyId.content);
}

/** The system title that is the common name: sixteen hexadecimal digits, and no second common name. */
export function commonTitle(subject: Uint8Array): Uint8Array | undefined {
  const names = decoded(() => new Name(Uint8Array.from(subject)).getField('CN'));
  const [name = ''] = names;
  return names.length === 1 && /^[0-9a-f]{16}$/i.test(name) ? fromHex(name) : undefined;
}

/** hwSerialNum of a subjectAltName, where it has the length of a system title. */
function hardwareTitle(altName: Uint8Array): Uint8Array | undefined {
  if (altName.length === 0) return undefined;
  const found = valuesIn(must(checkDer(altName), DER.sequence, 'subjectAltName').content)
    .filter(({ tag }) => tag === DER.explicit0)
    .map(({ content }) => valuesIn(content))
    .filter(([type]) => type !== undefined && toHex(type.raw) === toHex(HARDWARE_MODULE));
  const [value] = found.length === 1 ? (found[0]?.slice(1) ?? []) : [];
  if (value?.tag !== DER.explicit0) return undefined;
  const [module] = valuesIn(value.content);
  const [, serial] = module?.tag === DER.sequence ? valuesIn(module.content) : [];
  return serial?.tag === DER.octetString && serial.content.length === TITLE ? serial.content.slice() : undefined;
}
