/** Security setup version 1 (class 64): the policy as bits, keys that are agreed on, key pairs and certificates. */

import { AccessError } from '../base/errors.js';
import { PROTECTIONS } from '../base/protections.js';
import type { AssociationDefinition } from '../contracts/association.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { KeyPairs } from '../contracts/protection.js';
import type { SecuritySetupV1 } from '../cosem/classes/security-setup.js';
import type { Implementation } from '../cosem/implementation.js';
import { type AgreedKeyId, keyLengthOf, newKeyPair, offerKey } from '../session/key-agreement.js';
import { HeldCertificates, type ServedCertificates } from './held-certificates.js';
import { replaceKeys, type SecurityFacts, SUITE_NAMES, transferred } from './security-setup.js';

/** What version 1 needs beside that. */
export interface SecuritySetupV1Facts extends SecurityFacts {
  readonly crypto: CryptoProvider;
  /** Called with new key pairs, and with a new master key, before they take effect. If it throws, the client gets a refusal. */
  onPairs(pairs: KeyPairs): void;
  onMasterKey(key: Uint8Array): void;
  /** X.509, and what it is stored with; without it certificates are refused. */
  readonly certificates: ServedCertificates | undefined;
}

const [REQUEST, RESPONSE] = [2, 5];
const SIGNED = 4;
const RESERVED = 0x03;

/** security_policy of version 1: bits 2 to 4 authenticated, encrypted and signed requests, bits 5 to 7 the same of answers. */
export function policyBits({ policy = 'none', responsePolicy = policy, signed }: AssociationDefinition): number {
  const direction = (level: number, signing: boolean | undefined) => level | (signing === true ? SIGNED : 0);
  const request = direction(PROTECTIONS.indexOf(policy), signed?.request);
  return (request << REQUEST) | (direction(PROTECTIONS.indexOf(responsePolicy), signed?.response) << RESPONSE);
}

/** The security setup (class 64, version 1) of one association. */
export function securitySetupV1(
  definition: AssociationDefinition,
  facts: SecuritySetupV1Facts,
): Implementation<typeof SecuritySetupV1> {
  const target = `64:${definition.securitySetup}`;
  const suite = definition.suite ?? 0;
  const refused = (why: string, cause?: unknown) => new AccessError('other-reason', target, why, { cause });
  const pairs = () => definition.keyPairs ?? {};
  const change = (keyPairs: KeyPairs) => {
    facts.onPairs(keyPairs);
    definition.keyPairs = keyPairs;
  };
  const held = new HeldCertificates(definition, facts, { pairs, change, refused });
  return {
    securityPolicy: () => policyBits(definition),
    securitySuite: () => SUITE_NAMES[suite],
    clientSystemTitle: () => definition.lastClientTitle ?? new Uint8Array(0),
    serverSystemTitle: facts.systemTitle,
    certificates: () => held.list(),
    securityActivate: (bits) => {
      const present = policyBits(definition);
      // Protection can only be added, never removed.
      if ((bits & present) !== present) throw new AccessError('read-write-denied', target, 'a weaker security policy');
      if ((bits & RESERVED) !== 0) throw refused('a policy with reserved bits');
      const [request, response] = [bits >> REQUEST, bits >> RESPONSE];
      const { signing, peerSigning } = pairs();
      // Nobody could open the association any more.
      if ((request & SIGNED) !== 0 && peerSigning === undefined) throw refused('there is no key to check signatures');
      if ((response & SIGNED) !== 0 && signing === undefined) throw refused('there is no key to sign with');
      definition.policy = PROTECTIONS[request & 3] ?? 'none';
      definition.responsePolicy = PROTECTIONS[response & 3] ?? 'none';
      definition.signed = { request: (request & SIGNED) !== 0, response: (response & SIGNED) !== 0 };
    },
    keyTransfer: (wrapped) => transferred(definition, facts, keyLengthOf(suite), wrapped),
    keyAgreement: (offers) => {
      const { security, lastClientTitle: client } = definition;
      if (security === undefined || client === undefined) throw refused('there is nobody to agree with');
      if (offers.length === 0) throw refused('no key');
      const sides = { suite, client, server: facts.systemTitle, keyPairs: pairs() };
      const agreed = new Map<AgreedKeyId, Uint8Array>();
      let answers: { keyId: AgreedKeyId; keyData: Uint8Array }[];
      try {
        answers = offers.map(({ keyId, keyData }) => {
          const ours = offerKey(facts.crypto, sides, keyId);
          agreed.set(keyId, ours.take(keyData));
          return { keyId, keyData: ours.keyData };
        });
      } catch (error) {
        throw refused('a key that is not offered by this client', error);
      }
      const keys = { ...security.keys };
      for (const [keyId, key] of agreed) {
        if (keyId === 'global-unicast-encryption-key') Object.assign(keys, { encryption: key });
        if (keyId === 'global-broadcast-encryption-key') Object.assign(keys, { broadcast: key });
        if (keyId === 'authentication-key') Object.assign(keys, { authentication: key });
      }
      const master = agreed.get('master-key');
      if (master !== undefined) facts.onMasterKey(master);
      facts.onKeys(keys);
      if (master !== undefined) security.masterKey = master;
      replaceKeys(security, keys, facts);
      return answers;
    },
    generateKeyPair: (use) => held.generate(use, () => newKeyPair(facts.crypto, suite)),
    generateCertificateRequest: (use) => held.request(use),
    importCertificate: (certificate) => held.import(certificate),
    exportCertificate: (wanted) => held.find(wanted),
    removeCertificate: (wanted) => held.remove(wanted),
  };
}
