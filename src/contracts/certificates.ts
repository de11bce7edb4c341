import type { Millis } from '../base/clock.js';
import type { CryptoProvider, Curve } from './crypto-provider.js';

/** What the key of a certificate, or a key pair of a device, is for: certificate_type of class 64. */
export type KeyUse = 'digital-signature' | 'key-agreement' | 'tls';

/** Whose certificate it is: certificate_entity of class 64. */
export type CertificateEntity = 'server' | 'client' | 'certification-authority' | 'other';

/** What a certificate says, read and not judged. */
export interface CertificateFacts {
  /** The curve of its key. */
  readonly curve: Curve;
  /** Its public key, x || y: 64 octets (P-256) or 96 (P-384). */
  readonly publicKey: Uint8Array;
  /** What its key may be used for (KeyUsage); empty for a certificate that signs others. */
  readonly uses: readonly KeyUse[];
  /** Whether it may sign other certificates (BasicConstraints). */
  readonly authority: boolean;
  /** serialNumber: the contents of its INTEGER, 1 to 20 octets. */
  readonly serialNumber: Uint8Array;
  /** Distinguished name of who issued it: DER of the Name. */
  readonly issuer: Uint8Array;
  /** Distinguished name of its owner: DER of the Name. */
  readonly subject: Uint8Array;
  /** subjectAltName: DER of the GeneralNames; empty where it has none. */
  readonly subjectAltName: Uint8Array;
  /** System title of its owner, eight octets: hwSerialNum of the subjectAltName, else the common name of the subject in hex. */
  readonly systemTitle?: Uint8Array;
  /** From when it is valid. */
  readonly notBefore: Millis;
  /** Until when it is valid; Infinity for one that never ends (99991231235959Z). */
  readonly notAfter: Millis;
}

/** What a certificate has to fulfil before its key is used. */
export interface CertificateDemand {
  /** What its key is wanted for. */
  readonly use: KeyUse;
  /** The system title that its owner must have; any, and none, where it is left out. */
  readonly systemTitle?: Uint8Array;
  /** The time at which it must be valid, with all of its chain. */
  readonly at: Millis;
  /** Certificates that may stand between it and an anchor: what else the device or the peer has, not trusted by itself. */
  readonly others?: readonly Uint8Array[];
}

/** A request for a certificate (PKCS #10) that a device makes of one of its key pairs. */
export interface CertificateRequest {
  /** The curve of the pair. */
  readonly curve: Curve;
  /** The public key that is to be certified, x || y. */
  readonly publicKey: Uint8Array;
  /** Signs the request with the private key of the pair: `CryptoProvider.sign`, so r || s, which goes into it as DER. */
  readonly sign: (message: Uint8Array) => Uint8Array;
  /** What the pair is for. */
  readonly use: KeyUse;
  /** System title of the device: the common name of the subject, in hex. */
  readonly systemTitle: Uint8Array;
}

/**
 * X.509 for class 64, HLS 7 and signatures. The package `cosem` defines it and does not contain it: `cosem-pki` makes one from trust anchors. Where
 * there is none, certificates are refused and public keys have to be given. Everything is synchronous: a server answers at once. Certificates are
 * DER, and what comes from a peer is hostile: a bound of 8 KiB, no recursion without end.
 */
export interface CertificateProvider {
  /**
   * Reads a certificate, without judging it.
   * @throws DecodeError for what is no certificate of X.509 v3 with a key of P-256 or P-384.
   */
  read(certificate: Uint8Array): CertificateFacts;
  /**
   * Judges a certificate: its signature and those of its chain up to an anchor, its dates, KeyUsage, BasicConstraints, critical extensions, the curves
   * (a P-384 key is never signed by a P-256 one), and the title of its owner.
   * @throws SecurityError `bad-certificate` with a sentence that says what is wrong; DecodeError as {@link CertificateProvider.read}.
   */
  check(crypto: CryptoProvider, certificate: Uint8Array, demand: CertificateDemand): CertificateFacts;
  /** Whether it is one of the trust anchors: they are exported, never imported or removed (Green Book 9.2.6.6.2). */
  isAnchor(certificate: Uint8Array): boolean;
  /** The trust anchors, in DER. */
  readonly anchors: readonly Uint8Array[];
  /** Makes a certificate signing request: PKCS #10 in DER. */
  request(request: CertificateRequest): Uint8Array;
}
