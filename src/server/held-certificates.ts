/** The key pairs and certificates of one association's security setup (class 64, version 1, methods 4 to 8). */

import { equalBytes } from '../base/bytes.js';
import { type Clock, systemClock } from '../base/clock.js';
import { CosemError } from '../base/errors.js';
import type { AssociationDefinition } from '../contracts/association.js';
import type { CertificateFacts, CertificateProvider, KeyUse } from '../contracts/certificates.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { KeyPairs } from '../contracts/protection.js';

/** How a device checks certificates, and which it holds. */
export interface ServedCertificates {
  /** X.509: `certificateProvider` of `cosem-pki` makes one from trust anchors. */
  readonly provider: CertificateProvider;
  /** Certificates in DER that are held from the beginning, beside the anchors. */
  readonly held?: readonly Uint8Array[];
  /** Stores what is held, whenever that changes, before it takes effect. If it throws, the client gets a refusal. */
  store?(held: readonly Uint8Array[]): void;
  /** Tells the time at which a certificate must be valid. Default the system's. */
  readonly clock?: Clock;
}

/** What {@link HeldCertificates} works on. */
interface Pairs {
  readonly pairs: () => KeyPairs;
  readonly change: (pairs: KeyPairs) => void;
  readonly refused: (why: string, cause?: unknown) => Error;
}

/** Which certificate is meant: certificate_identification of class 64. */
interface Wanted {
  readonly options:
    | { readonly certificateEntity: string; readonly certificateType: string; readonly systemTitle: Uint8Array }
    | { readonly serialNumber: Uint8Array; readonly issuer: Uint8Array };
}

/** A certificate as class 64 lists it. */
interface Listed {
  readonly certificate: Uint8Array;
  readonly facts: CertificateFacts;
  readonly entity: 'server' | 'client' | 'certification-authority' | 'other';
  readonly type: KeyUse | 'other';
}

const MOST = 32;
const LONGEST = 8192;
/** The pairs that this library uses. */
const FIELDS = { 'digital-signature': 'signing', 'key-agreement': 'agreement' } as const;
const PEER_FIELDS = { 'digital-signature': 'peerSigning', 'key-agreement': 'peerAgreement' } as const;

/** Holds certificates. A new key pair is used from the import of its certificate on: until then the old one opens associations. */
export class HeldCertificates {
  readonly #definition: AssociationDefinition;
  readonly #crypto: CryptoProvider;
  readonly #title: Uint8Array;
  readonly #certificates: ServedCertificates | undefined;
  readonly #keys: Pairs;
  readonly #pending = new Map<KeyUse, { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array }>();
  #held: readonly Uint8Array[];

  constructor(
    definition: AssociationDefinition,
    facts: {
      readonly crypto: CryptoProvider;
      readonly systemTitle: Uint8Array;
      readonly certificates: ServedCertificates | undefined;
    },
    keys: Pairs,
  ) {
    this.#definition = definition;
    this.#crypto = facts.crypto;
    this.#title = facts.systemTitle;
    this.#certificates = facts.certificates;
    this.#keys = keys;
    this.#held = facts.certificates?.held ?? [];
  }

  /** Attribute 6. */
  list() {
    return this.#listed().map(({ facts, entity, type }) => ({
      certificateEntity: entity,
      certificateType: type,
      serialNumber: facts.serialNumber,
      issuer: facts.issuer,
      subject: facts.subject,
      subjectAltName: facts.subjectAltName,
    }));
  }

  /** generate_key_pair. */
  generate(use: KeyUse, make: () => { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array }): void {
    this.#provider();
    this.#fieldOf(use);
    this.#pending.set(use, make());
  }

  /** generate_certificate_request, for the pair that was generated last, else the one in use. */
  request(use: KeyUse): Uint8Array {
    const provider = this.#provider();
    const curve = this.#definition.suite === 2 ? 'P-384' : 'P-256';
    const privateKey = this.#pending.get(use)?.privateKey ?? this.#keys.pairs()[this.#fieldOf(use)];
    if (privateKey === undefined) throw this.#keys.refused('there is no key pair to be certified');
    return provider.request({
      curve,
      publicKey: this.#crypto.publicKey(curve, privateKey),
      sign: (message) => this.#crypto.sign(curve, privateKey, message),
      use,
      systemTitle: this.#title,
    });
  }

  /** import_certificate. */
  import(certificate: Uint8Array): void {
    const provider = this.#provider();
    if (certificate.length > LONGEST) throw this.#keys.refused('a certificate that is too long');
    const facts = this.#read(certificate);
    if (facts === undefined || provider.isAnchor(certificate))
      throw this.#keys.refused('it is no certificate that can be imported');
    const kept = certificate.slice();
    const rest = this.#held.filter((one) => !this.#same(this.#read(one), facts));
    if (rest.length >= MOST) throw this.#keys.refused('there is no room for more certificates');
    const changed = facts.authority ? undefined : this.#pairsWith(kept, facts);
    this.#keep([...rest, kept]);
    if (changed === undefined) return;
    this.#keys.change(changed.pairs);
    if (changed.own !== undefined) this.#pending.delete(changed.own);
  }

  /** export_certificate. */
  find(wanted: Wanted): Uint8Array {
    this.#provider();
    return this.#found(wanted).certificate;
  }

  /** remove_certificate. What a certificate proved is believed no more. */
  remove(wanted: Wanted): void {
    const provider = this.#provider();
    const { certificate, facts, entity, type } = this.#found(wanted);
    if (provider.isAnchor(certificate)) throw this.#keys.refused('a trust anchor is not removed');
    this.#keep(this.#held.filter((one) => one !== certificate));
    const field = type === 'digital-signature' || type === 'key-agreement' ? PEER_FIELDS[type] : undefined;
    if (entity !== 'client' || field === undefined) return;
    const pairs = { ...this.#keys.pairs() };
    if (pairs[field] === undefined || !equalBytes(pairs[field], facts.publicKey)) return;
    delete pairs[field];
    this.#keys.change(pairs);
  }

  /** The pairs with the key of a certificate that was judged: ours, or that of the client who is here. */
  #pairsWith(
    certificate: Uint8Array,
    facts: CertificateFacts,
  ): { readonly pairs: KeyPairs; readonly own: KeyUse | undefined } {
    const [use] = facts.uses;
    if (use === undefined || facts.uses.length > 1)
      throw this.#keys.refused('it does not say one thing that its key is for');
    const field = this.#fieldOf(use);
    const { systemTitle = new Uint8Array(0) } = facts;
    const ours = equalBytes(systemTitle, this.#title);
    const client = this.#definition.lastClientTitle ?? this.#definition.clientTitle;
    if (!ours && (client === undefined || !equalBytes(systemTitle, client)))
      throw this.#keys.refused('it is neither the certificate of this device nor that of its client');
    if (facts.curve !== (this.#definition.suite === 2 ? 'P-384' : 'P-256'))
      throw this.#keys.refused('its key is on the curve of another security suite');
    try {
      const { clock = systemClock } = this.#certificates as ServedCertificates;
      const demand = { use, systemTitle, at: clock.now(), others: this.#held };
      this.#provider().check(this.#crypto, certificate, demand);
    } catch (error) {
      if (error instanceof CosemError) throw this.#keys.refused('the certificate is not accepted', error);
      throw error;
    }
    const pairs = this.#keys.pairs();
    if (!ours)
      return { pairs: { ...pairs, [PEER_FIELDS[use as keyof typeof PEER_FIELDS]]: facts.publicKey }, own: undefined };
    const pending = this.#pending.get(use);
    const inUse = pairs[field];
    if (pending !== undefined && equalBytes(pending.publicKey, facts.publicKey))
      return { pairs: { ...pairs, [field]: pending.privateKey }, own: use };
    if (inUse !== undefined && equalBytes(this.#crypto.publicKey(facts.curve, inUse), facts.publicKey))
      return { pairs, own: undefined };
    throw this.#keys.refused('it certifies a key that this device does not have');
  }

  #listed(): Listed[] {
    const certificates = [...(this.#certificates?.provider.anchors ?? []), ...this.#held];
    return certificates.flatMap((certificate): Listed[] => {
      const facts = this.#read(certificate);
      if (facts === undefined) return [];
      const { systemTitle = new Uint8Array(0) } = facts;
      const entity = facts.authority
        ? 'certification-authority'
        : equalBytes(systemTitle, this.#title)
          ? 'server'
          : 'client';
      return [{ certificate, facts, entity, type: facts.uses[0] ?? 'other' }];
    });
  }

  #found({ options }: Wanted): Listed {
    const found = this.#listed().find(({ facts, entity, type }) =>
      'serialNumber' in options
        ? equalBytes(facts.serialNumber, options.serialNumber) && equalBytes(facts.issuer, options.issuer)
        : entity === options.certificateEntity &&
          type === options.certificateType &&
          (entity === 'certification-authority' ||
            equalBytes(facts.systemTitle ?? new Uint8Array(0), options.systemTitle)),
    );
    if (found !== undefined) return found;
    throw this.#keys.refused('there is no such certificate');
  }

  #same(one: CertificateFacts | undefined, other: CertificateFacts): boolean {
    return (
      one !== undefined && equalBytes(one.serialNumber, other.serialNumber) && equalBytes(one.issuer, other.issuer)
    );
  }

  #read(certificate: Uint8Array): CertificateFacts | undefined {
    try {
      return this.#certificates?.provider.read(certificate);
    } catch (error) {
      if (error instanceof CosemError) return undefined;
      throw error;
    }
  }

  #keep(held: readonly Uint8Array[]): void {
    this.#certificates?.store?.(held);
    this.#held = held;
  }

  #provider(): CertificateProvider {
    if (this.#certificates !== undefined) return this.#certificates.provider;
    throw this.#keys.refused('this device cannot check certificates');
  }

  #fieldOf(use: KeyUse): 'signing' | 'agreement' {
    if (use !== 'tls') return FIELDS[use];
    throw this.#keys.refused('this device has no key pair for TLS');
  }
}
