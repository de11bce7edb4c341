/** A meter that makes keys and takes certificates: the methods of class 64 over the provider, as short as they can be. */

import { AccessError, toHex } from 'cosem';
import { SecuritySetupV1 } from 'cosem/classes';
import { nodeCrypto as crypto } from 'cosem/node';
import type { CertificateFacts, Curve, KeyUse } from 'cosem/protocol';
import { type DeviceObject, object } from 'cosem/server';
import { certificateProvider, type KeyPair, makeKeyPair } from '../src/index.js';

export const SETUP = '0.0.43.0.9.255';

export interface Faults {
  /** The title that its requests name. */
  readonly title?: Uint8Array;
  /** Whether its requests are signed with another key. */
  readonly foreignKey?: boolean;
  /** Whether it gives back another certificate. */
  readonly givesOther?: boolean;
}

export class CertifiedDevice {
  readonly keys = new Map<KeyUse, KeyPair>();
  readonly held: Uint8Array[] = [];
  faults: Faults = {};
  readonly #title: Uint8Array;
  readonly #curve: Curve;
  readonly #anchor: Uint8Array;
  readonly #now: () => number;

  constructor(title: Uint8Array, curve: Curve, anchor: Uint8Array, now: () => number) {
    this.#title = title;
    this.#curve = curve;
    this.#anchor = anchor;
    this.#now = now;
  }

  get object(): DeviceObject {
    const provider = certificateProvider([this.#anchor]);
    const curve = this.#curve;
    const facts = () => [this.#anchor, ...this.held].map((octets) => ({ ...provider.read(octets), octets }));
    const refuse = (why: string) => new AccessError('other-reason', SETUP, why);
    return object(
      SecuritySetupV1,
      SETUP,
      {
        securityPolicy: 0,
        securitySuite: curve === 'P-256' ? 'ECDH-ECDSA-P-256-AES-GCM-128' : 'ECDH-ECDSA-P-384-AES-GCM-256',
        clientSystemTitle: new Uint8Array(0),
        serverSystemTitle: this.#title,
        certificates: () =>
          facts().map((one) => ({
            certificateEntity: one.authority ? 'certification-authority' : 'server',
            certificateType: certificateType(one),
            ...{ serialNumber: one.serialNumber, issuer: one.issuer, subject: one.subject },
            subjectAltName: one.subjectAltName,
          })),
        generateKeyPair: (use) => {
          this.keys.set(use, makeKeyPair(crypto, curve));
        },
        generateCertificateRequest: (use) => {
          const pair = this.keys.get(use);
          if (pair === undefined) throw refuse('no key pair');
          const signing = this.faults.foreignKey === true ? makeKeyPair(crypto, curve) : pair;
          return provider.request({
            ...{
              curve,
              publicKey: crypto.publicKey(curve, pair.privateKey),
              use,
              systemTitle: this.faults.title ?? this.#title,
            },
            sign: (message) => crypto.sign(curve, signing.privateKey, message),
          });
        },
        importCertificate: (octets) => {
          const one = provider.read(octets);
          if (this.held.some((other) => toHex(other) === toHex(octets))) throw refuse('it is there');
          if (!one.authority) {
            provider.check(crypto, octets, { use: one.uses[0] ?? 'tls', at: this.#now(), others: this.held });
          }
          this.held.push(octets);
        },
        exportCertificate: ({ options }) => {
          if (!('serialNumber' in options)) throw refuse('by serial number alone');
          const found = facts().find(
            ({ serialNumber, issuer }) => same(serialNumber, options.serialNumber) && same(issuer, options.issuer),
          );
          if (found === undefined) throw refuse('no such certificate');
          return this.faults.givesOther === true ? this.#anchor : found.octets;
        },
      },
      { read: [48], execute: [48] },
    );
  }
}

const same = (a: Uint8Array, b: Uint8Array) => toHex(a) === toHex(b);

function certificateType({ uses: [use] }: CertificateFacts): KeyUse | 'other' {
  return use ?? 'other';
}
