import { canonicalDigest } from '../canonical.js';
import type { DocumentEvidence } from '../evidence.js';
import type { RecordedPhoto } from '../photo/photo.js';
import type { Position } from '../work-order.js';
import type { SignatureAlgorithm } from './signing.js';

/**
 * What every signed record says, whatever visit it is of. Nothing in it names a person: name, address, mobile and what else is personal are
 * in a {@link Disclosure} beside it, to which `commitment` commits. So the chain of records can be kept when a person's data is erased.
 */
export interface RecordBase {
  /** The kind of the record; its name begins what is signed. */
  readonly format: string;
  /** Place in the chain, from 1, and the hash of the record before; 64 zeros for the first. All kinds of records are in one chain. */
  readonly sequence: number;
  readonly previous: string;
  /** ISO 8601, local time with its offset. */
  readonly at: string;
  readonly utility: string;
  readonly helpline: string;
  /** The meter and what is done at it cost nothing. */
  readonly freeOfCharge: true;
  readonly workOrder: { readonly id: string; readonly digest: string };
  readonly consumer: { readonly number: string; readonly commitment: string };
  /** The photos of the visit by their hashes; left out where none were taken. */
  readonly photos?: readonly RecordedPhoto[] | undefined;
}

/** A record with its signature. */
export interface SignedRecord<R extends RecordBase = RecordBase> {
  readonly record: R;
  /** SHA-256 of the record's canonical JSON (RFC 8785), hexadecimal. */
  readonly hash: string;
  readonly algorithm: SignatureAlgorithm;
  readonly publicKey: string;
  /** Hexadecimal, over the record's `format`, a zero octet and the canonical JSON. */
  readonly signature: string;
}

/** The personal data, with a salt that prevents guessing it from its commitment. */
export interface Disclosure {
  readonly salt: string;
  readonly name: string;
  readonly address: string;
  readonly mobileLast4: string;
  /** Of the consumer's connection, where a survey found it. */
  readonly position?: Position | undefined;
  /** The documents that a survey saw: kind, last four characters, keyed digest. */
  readonly documents?: readonly DocumentEvidence[] | undefined;
}

/** SHA-256 of the canonical form, hexadecimal. */
export function commitmentOf({ salt, name, address, mobileLast4, position, documents }: Disclosure): string {
  return canonicalDigest({ salt, name, address, mobileLast4, position, documents });
}

/** The JSON beside the printed certificate, of any kind of record; `cosem verify` reads it. */
export interface Certificate<R extends RecordBase = RecordBase> {
  readonly format: 'cosem-certificate-1';
  readonly signed: SignedRecord<R>;
  readonly person: Disclosure;
  /** The text of the QR code. */
  readonly compact: string;
}
