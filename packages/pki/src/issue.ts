import type { Extension } from '@peculiar/x509';
import { type CryptoProvider, StateError } from 'cosem';
import type { Curve, KeyUse } from 'cosem/protocol';
import { type Certificate, readCertificate } from './certificate.js';
import { integer, keyInfo, type PublicKeyOnCurve, signatureAlgorithm, writeSignature } from './curves.js';
import { DER, der } from './der.js';
import {
  authorityConstraints,
  authorityKey,
  distinguishedName,
  extendedUsage,
  keyIdentifier,
  keyUsage,
  subjectKey,
} from './profile.js';

/** A key pair. Nothing prints or stores it by itself. */
export interface KeyPair {
  /** The curve. */
  readonly curve: Curve;
  /** The private key: 32 octets (P-256) or 48 (P-384). */
  readonly privateKey: Uint8Array;
}

/** An authority that signs certificates: its certificate, and the private key to it. */
export interface Authority extends KeyPair {
  /** Its own certificate. */
  readonly certificate: Certificate;
}

/** From when until when a certificate is valid, in milliseconds since 1970; until Infinity for one that never ends. */
export interface Validity {
  /** From when. */
  readonly notBefore: number;
  /** Until when. */
  readonly notAfter: number;
}

/** Makes a key pair from random numbers of the system. */
export function makeKeyPair(crypto: CryptoProvider, curve: Curve): KeyPair {
  for (;;) {
    const privateKey = crypto.random(curve === 'P-256' ? 32 : 48);
    try {
      crypto.publicKey(curve, privateKey);
      return { curve, privateKey };
    } catch {
      // Not between 1 and the order of the curve, which is as good as impossible.
    }
  }
}

/** What an authority is made of. */
export interface AuthorityRequest extends Validity {
  /** Its common name. */
  readonly name: string;
  /** Its keys. */
  readonly keys: KeyPair;
  /** How many authorities may stand below it; any number where it is left out. A sub-authority has 0. */
  readonly pathLength?: number;
  /** Who signs it; itself where it is left out: a root. */
  readonly by?: Authority;
}

/**
 * Makes an authority: a root, or one below another.
 * @throws StateError for a name, dates or a curve that cannot be.
 */
export function makeAuthority(crypto: CryptoProvider, request: AuthorityRequest): Authority {
  const { keys, by, pathLength } = request;
  const own = { curve: keys.curve, publicKey: crypto.publicKey(keys.curve, keys.privateKey) };
  const identifier = keyIdentifier(crypto, own);
  if (by !== undefined) {
    const { pathLength: above } = by.certificate;
    if (above !== undefined && (pathLength === undefined || pathLength >= above)) {
      throw new StateError('the authority above allows no further authority below this one', {
        hint: 'sign it with the root',
      });
    }
  }
  const subject = distinguishedName(request);
  const extensions = [
    ...(by === undefined ? [] : [authorityKey(identifierOf(crypto, by))]),
    subjectKey(identifier),
    keyUsage('authority'),
    authorityConstraints(pathLength),
  ];
  const certificate = issued(crypto, { ...request, subject, own, extensions }, by ?? { ...keys, subject });
  return { ...keys, certificate };
}

/** What a certificate of a device or a client is made of. */
export interface EntityRequest extends Validity, PublicKeyOnCurve {
  /** System title of its owner, eight octets. */
  readonly systemTitle: Uint8Array;
  /** What the key is for. */
  readonly use: KeyUse;
}

/**
 * Issues a certificate for a device or a client.
 * @throws StateError for a title, dates or a curve that cannot be.
 */
export function issueCertificate(crypto: CryptoProvider, by: Authority, request: EntityRequest): Certificate {
  const extensions = [
    authorityKey(identifierOf(crypto, by)),
    subjectKey(keyIdentifier(crypto, request)),
    keyUsage(request.use),
    ...extendedUsage(request.use),
  ];
  return issued(crypto, { ...request, subject: distinguishedName(request), own: request, extensions }, by);
}

/** The identifier that the authority has in its certificate; else the one that it would have. */
function identifierOf(crypto: CryptoProvider, { certificate }: Authority): string {
  return certificate.subjectKeyId?.toLowerCase() ?? keyIdentifier(crypto, certificate);
}

interface Content extends Validity {
  readonly subject: Uint8Array;
  readonly own: PublicKeyOnCurve;
  readonly extensions: readonly Extension[];
}

type Signer = Authority | (KeyPair & { readonly subject: Uint8Array });

function issued(crypto: CryptoProvider, content: Content, by: Signer): Certificate {
  const { own, subject, extensions } = content;
  checkDates(content, by);
  if (own.curve === 'P-384' && by.curve === 'P-256') {
    throw new StateError('an authority on P-256 signs no key on P-384', { hint: 'make an authority for suite 2' });
  }
  const algorithm = signatureAlgorithm(by.curve);
  const signed = der(
    DER.sequence,
    der(DER.explicit0, integer(Uint8Array.of(2))),
    integer(serialNumber(crypto)),
    algorithm,
    'certificate' in by ? by.certificate.subject : by.subject,
    der(DER.sequence, time(content.notBefore), time(content.notAfter)),
    subject,
    keyInfo(own),
    der(0xa3, der(DER.sequence, ...extensions.map(({ rawData }) => new Uint8Array(rawData)))),
  );
  const signature = writeSignature(crypto.sign(by.curve, by.privateKey, signed));
  return readCertificate(der(DER.sequence, signed, algorithm, signature));
}

function checkDates({ notBefore, notAfter }: Validity, by: Signer): void {
  if (!Number.isFinite(notBefore) || Number.isNaN(notAfter) || notBefore >= notAfter) {
    throw new StateError('a certificate that ends before it begins', { hint: 'give more days' });
  }
  if ('certificate' in by && (notAfter > by.certificate.notAfter || notBefore < by.certificate.notBefore)) {
    throw new StateError('a certificate that is valid while its authority is not', {
      hint: 'give fewer days, or make a new authority',
    });
  }
}

/** A positive number of sixteen random octets. */
function serialNumber(crypto: CryptoProvider): Uint8Array {
  const number = crypto.random(16);
  number[0] = ((number[0] as number) & 0x7f) | 0x40;
  return number;
}

const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

/** Time as RFC 5280 wants it: UTCTime until 2049, GeneralizedTime from then on, 99991231235959Z for no end. */
function time(at: number): Uint8Array {
  const digits =
    at === Number.POSITIVE_INFINITY ? '99991231235959' : new Date(at).toISOString().replace(/\D/g, '').slice(0, 14);
  const short = digits < '2050';
  return der(short ? UTC_TIME : GENERALIZED_TIME, new TextEncoder().encode(`${short ? digits.slice(2) : digits}Z`));
}
