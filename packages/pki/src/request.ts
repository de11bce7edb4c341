import 'reflect-metadata';
import { KeyUsagesExtension, Pkcs10CertificateRequest } from '@peculiar/x509';
import { type CryptoProvider, DecodeError, fromHex, SecurityError } from 'cosem';
import type { CertificateRequest, KeyUse } from 'cosem/protocol';
import { commonTitle } from './certificate.js';
import {
  integer,
  keyInfo,
  type PublicKeyOnCurve,
  readKeyInfo,
  readSignature,
  signatureAlgorithm,
  signingCurve,
  writeSignature,
} from './curves.js';
import { checkDer, DER, der, must, valuesIn } from './der.js';
import { distinguishedName, isUsageOf, keyUsage } from './profile.js';

/** Attribute extensionRequest (RFC 2985): its object identifier. */
const EXTENSION_REQUEST = fromHex('06092A864886F70D01090E');
const SET = 0x31;

/** Makes a request for a certificate: PKCS #10, with the KeyUsage that is wanted. @returns DER. */
export function makeRequest(request: CertificateRequest): Uint8Array {
  const { curve, use, sign } = request;
  const usage = new Uint8Array(keyUsage(use).rawData);
  const content = der(
    DER.sequence,
    integer(Uint8Array.of(0)),
    distinguishedName(request),
    keyInfo(request),
    der(DER.explicit0, der(DER.sequence, EXTENSION_REQUEST, der(SET, der(DER.sequence, usage)))),
  );
  return der(DER.sequence, content, signatureAlgorithm(curve), writeSignature(sign(content)));
}

/** A request whose maker has shown that the private key is his. */
export interface ReadRequest extends PublicKeyOnCurve {
  /** System title that the request names; undefined where it names none. */
  readonly systemTitle?: Uint8Array;
  /** Name of the owner for people. It is what the request says: hostile. */
  readonly subjectText: string;
  /** Whether the KeyUsage that it asks for, if any, is that of a use. */
  readonly allows: (use: KeyUse) => boolean;
}

/**
 * Reads a request and checks its signature, which proves that its maker has the private key.
 * @param octets DER.
 * @throws DecodeError for what is no request with a key on P-256 or P-384; SecurityError `bad-signature`.
 */
export function readRequest(crypto: CryptoProvider, octets: Uint8Array): ReadRequest {
  const own = Uint8Array.from(octets);
  const [content, algorithm, signature, ...more] = valuesIn(must(checkDer(own), DER.sequence, 'request').content);
  const signed = must(content, DER.sequence, 'certificationRequestInfo');
  const signedBy = must(algorithm, DER.sequence, 'signatureAlgorithm');
  const bits = must(signature, DER.bitString, 'signature');
  if (more.length > 0) throw new DecodeError('trailing-bytes', 'something follows the signature of the request', -1);
  const [, subject, info] = valuesIn(signed.content);
  const key = readKeyInfo(must(info, DER.sequence, 'subjectPKInfo').raw);
  if (signingCurve(signedBy.raw) !== key.curve) {
    throw new DecodeError('bad-value', `the request is not signed by the algorithm of its key on ${key.curve}`, -1);
  }
  const name = must(subject, DER.sequence, 'subject').raw;
  const { subjectText, usage } = parsed(own);
  if (!crypto.verify(key.curve, key.publicKey, signed.raw, readSignature(key.curve, bits))) {
    throw new SecurityError('bad-signature', 'the request is not signed with the key that it is for', {
      hint: 'fetch it again; if it stays so, generate the key pair again',
    });
  }
  const systemTitle = commonTitle(name);
  return {
    ...key,
    ...(systemTitle === undefined ? {} : { systemTitle }),
    subjectText,
    allows: (use) => usage === undefined || isUsageOf(use, usage),
  };
}

function parsed(octets: Uint8Array<ArrayBuffer>): { subjectText: string; usage: number | undefined } {
  try {
    const request = new Pkcs10CertificateRequest(octets);
    const usage = request.extensions.find((extension) => extension instanceof KeyUsagesExtension)?.usages;
    return { subjectText: request.subject, usage };
  } catch (error) {
    throw new DecodeError('bad-value', 'it is not a request for a certificate', -1, { cause: error });
  }
}
