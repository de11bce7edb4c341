import { DecodeError, fromHex } from 'cosem';
import type { Curve } from 'cosem/protocol';
import { DER, type DerValue, der, must, valuesIn } from './der.js';

/** What stands in certificates for a curve, and the algorithm that signs with a key on it (Green Book 9.2.6.4.2). */
interface CurveCodes {
  /** Octets of a coordinate. */
  readonly length: number;
  /** SubjectPublicKeyInfo up to the point: 04 || x || y follows. */
  readonly keyHead: Uint8Array;
  /** AlgorithmIdentifier of signatures: ecdsa-with-SHA256 or ecdsa-with-SHA384, without parameters. */
  readonly signature: Uint8Array;
}

const codes: Readonly<Record<Curve, CurveCodes>> = {
  'P-256': {
    length: 32,
    keyHead: fromHex('3059301306072A8648CE3D020106082A8648CE3D03010703420004'),
    signature: fromHex('300A06082A8648CE3D040302'),
  },
  'P-384': {
    length: 48,
    keyHead: fromHex('3076301006072A8648CE3D020106052B8104002203620004'),
    signature: fromHex('300A06082A8648CE3D040303'),
  },
};
const CURVES = Object.keys(codes) as Curve[];

/** The security suite of a curve. */
export const suiteOfCurve: Readonly<Record<Curve, 1 | 2>> = { 'P-256': 1, 'P-384': 2 };

/** A public key. */
export interface PublicKeyOnCurve {
  /** The curve. */
  readonly curve: Curve;
  /** x || y: 64 octets (P-256) or 96 (P-384). */
  readonly publicKey: Uint8Array;
}

/** The public key of a SubjectPublicKeyInfo. @throws DecodeError where it is none on P-256 or P-384, as an uncompressed point. */
export function readKeyInfo(info: Uint8Array): PublicKeyOnCurve {
  for (const curve of CURVES) {
    const { keyHead, length } = codes[curve];
    if (info.length === keyHead.length + 2 * length && begins(info, keyHead)) {
      return { curve, publicKey: info.slice(keyHead.length) };
    }
  }
  throw new DecodeError('unknown-choice', 'its public key is not an uncompressed point on P-256 or P-384', -1);
}

/** SubjectPublicKeyInfo of a public key. */
export function keyInfo({ curve, publicKey }: PublicKeyOnCurve): Uint8Array {
  const { keyHead } = codes[curve];
  const info = new Uint8Array(keyHead.length + publicKey.length);
  info.set(keyHead);
  info.set(publicKey, keyHead.length);
  return info;
}

/** AlgorithmIdentifier of a signature by a key on this curve. */
export const signatureAlgorithm = (curve: Curve): Uint8Array => codes[curve].signature;

/** The curve whose keys sign by this AlgorithmIdentifier; undefined for any other one. */
export function signingCurve(algorithm: Uint8Array): Curve | undefined {
  return CURVES.find((curve) => {
    const { signature } = codes[curve];
    return signature.length === algorithm.length && begins(algorithm, signature);
  });
}

/** r || s of the BIT STRING signatureValue, which holds a SEQUENCE of two INTEGERs. @throws DecodeError. */
export function readSignature(curve: Curve, { content }: DerValue): Uint8Array {
  const { length } = codes[curve];
  if (content[0] !== 0) throw new DecodeError('bad-value', 'the signature is not whole octets', -1);
  const inside = content.subarray(1);
  const [sequence, ...more] = valuesIn(inside);
  const parts = valuesIn(must(sequence, DER.sequence, 'signature of two numbers').content);
  if (more.length > 0 || parts.length !== 2) throw new DecodeError('bad-value', 'the signature is not two numbers', -1);
  const signature = new Uint8Array(2 * length);
  parts.forEach((part, i) => {
    const number = positive(must(part, DER.integer, 'number of the signature').content);
    if (number.length > length) throw new DecodeError('bad-value', `the signature is not one of ${curve}`, -1);
    signature.set(number, (i + 1) * length - number.length);
  });
  return signature;
}

/** Octets of a positive INTEGER without its sign, in the one way that DER has. */
function positive(content: Uint8Array): Uint8Array {
  const [first = 0x80, second = 0] = content;
  const padded = first === 0 && content.length > 1;
  if (first >= 0x80 || (padded && second < 0x80)) {
    throw new DecodeError('bad-value', 'a number of the signature is negative, or not written in the shortest way', -1);
  }
  return padded ? content.subarray(1) : content;
}

/** BIT STRING signatureValue of r || s. */
export function writeSignature(signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  const numbers = [signature.subarray(0, half), signature.subarray(half)].map(integer);
  return der(DER.bitString, Uint8Array.of(0), der(DER.sequence, ...numbers));
}

/** INTEGER of octets without a sign. */
export function integer(octets: Uint8Array): Uint8Array {
  const from = octets.findIndex((octet) => octet !== 0);
  const number = from < 0 ? Uint8Array.of(0) : octets.subarray(from);
  return (number[0] as number) >= 0x80 ? der(DER.integer, Uint8Array.of(0), number) : der(DER.integer, number);
}

function begins(octets: Uint8Array, head: Uint8Array): boolean {
  return head.every((octet, i) => octets[i] === octet);
}
