/** Security setup (IEC 62056-6-2 clause 4.4.7): policy and suite of an association, its keys and certificates. */

import { array, choice, enumOf, octetString, structure } from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, method } from '../class.js';
import { enumNumber } from '../types.js';

/** What only the utility does. */
const byUtility = { access: { utility: 'access' } } as const;

/** security_policy of version 0: the protection that every APDU of the association must have, in both directions. */
const securityPolicyV0 = enumOf({
  nothing: 0,
  'all-authenticated': 1,
  'all-encrypted': 2,
  'all-authenticated-and-encrypted': 3,
});

/** security_suite: which cipher protects APDUs and keys, and which curve signs and agrees on keys; suite 0 has none. */
const securitySuite = enumOf({
  'AES-GCM-128': 0,
  'ECDH-ECDSA-P-256-AES-GCM-128': 1,
  'ECDH-ECDSA-P-384-AES-GCM-256': 2,
});

/** key_id: the keys that can be replaced. */
const keyId = enumOf({
  'global-unicast-encryption-key': 0,
  'global-broadcast-encryption-key': 1,
  'authentication-key': 2,
  'master-key': 3,
});
const wrappedKeys = array(
  structure({
    /** Which key is replaced. */
    keyId,
    /** The new key, wrapped by AES key wrap under the master key. */
    keyWrapped: octetString,
  }),
);

/** Security setup version 0 (class 64, Blue Book 4.4.7): symmetric keys, which come wrapped under the master key. */
export const SecuritySetupV0 = cosemClass({
  name: 'Security setup',
  id: 64,
  version: 0,
  clause: '4.4.7',
  attributes: {
    /** The protection that APDUs must have at least. */
    securityPolicy: attr(2, securityPolicyV0, { static: true }),
    /** The cipher and the curve in use, by the number of the suite. */
    securitySuite: attr(3, securitySuite, { static: true }),
    /** System title of the client that is associated, eight octets. */
    clientSystemTitle: attr(4, octetString),
    /** System title of the meter, eight octets. */
    serverSystemTitle: attr(5, octetString, { static: true, means: 'system-title' }),
  },
  methods: {
    /** Sets a stronger security policy; a weaker one is refused. */
    securityActivate: method(1, securityPolicyV0, byUtility),
    /** Replaces one or more keys. */
    globalKeyTransfer: method(2, wrappedKeys, { secret: true, ...byUtility }),
  },
});

/** certificate_entity: whose certificate it is. */
const certificateEntity = enumOf({ server: 0, client: 1, 'certification-authority': 2, other: 3 });
/** certificate_type: what the key in the certificate is for. */
const certificateType = enumOf({ 'digital-signature': 0, 'key-agreement': 1, tls: 2, other: 3 });
/** What a key pair of the meter is for. */
const keyPair = enumOf({ 'digital-signature': 0, 'key-agreement': 1, tls: 2 });
const keyAgreement = array(
  structure({
    /** Which key is agreed on. */
    keyId,
    /** The sender's ephemeral public key with his signature over it. */
    keyData: octetString,
  }),
);
const certificateIdentification = structure({
  /** By what the certificate is found; `options` must be of the same kind. */
  type: enumOf({ 'by-entity': 0, 'by-serial': 1 }),
  /** What is looked for: three fields for `by-entity`, two for `by-serial`. */
  options: choice(
    structure({
      /** Whose certificate it is. */
      certificateEntity,
      /** What its key is for. */
      certificateType,
      /** System title of the owner, eight octets. */
      systemTitle: octetString,
    }),
    structure({
      /** Serial number of the certificate. */
      serialNumber: octetString,
      /** Distinguished name of who issued it. */
      issuer: octetString,
    }),
  ),
});

/** Security setup version 1 (class 64, Blue Book 4.4.7): the policy is a set of bits; keys are agreed on too; certificates. */
export const SecuritySetupV1 = cosemClass({
  name: 'Security setup',
  id: 64,
  version: 1,
  clause: '4.4.7',
  attributes: {
    /** The protection that APDUs must have at least. Bits 2 to 4: requests authenticated, encrypted, signed; bits 5 to 7: responses. */
    securityPolicy: attr(2, enumNumber, { static: true }),
    /** The cipher and the curve in use, by the number of the suite. */
    securitySuite: attr(3, securitySuite, { static: true }),
    /** System title of the client that is associated, eight octets. */
    clientSystemTitle: attr(4, octetString),
    /** System title of the meter, eight octets. */
    serverSystemTitle: attr(5, octetString, { static: true, means: 'system-title' }),
    /** The certificates that the meter holds, without their keys. */
    certificates: attr(
      6,
      array(
        structure({
          /** Whose certificate it is. */
          certificateEntity,
          /** What its key is for. */
          certificateType,
          /** Serial number of the certificate. */
          serialNumber: octetString,
          /** Distinguished name of who issued it. */
          issuer: octetString,
          /** Distinguished name of its owner. */
          subject: octetString,
          /** Other name of its owner; empty where it has none. */
          subjectAltName: octetString,
        }),
      ),
    ),
  },
  methods: {
    /** Sets a stronger security policy; a weaker one is refused. */
    securityActivate: method(1, enumNumber, byUtility),
    /** Replaces one or more keys. */
    keyTransfer: method(2, wrappedKeys, { secret: true, ...byUtility }),
    /** Agrees on one or more keys: takes the client's ephemeral public keys, gives the meter's. */
    keyAgreement: method(3, keyAgreement, keyAgreement, byUtility),
    /** Makes the meter generate a key pair of its own. */
    generateKeyPair: method(4, keyPair, byUtility),
    /** Gives the certificate signing request for a key pair: PKCS #10 in DER. */
    generateCertificateRequest: method(5, keyPair, octetString, byUtility),
    /** Stores a certificate: X.509 in DER. */
    importCertificate: method(6, octetString, byUtility),
    /** Gives a certificate: X.509 in DER. */
    exportCertificate: method(7, certificateIdentification, octetString, byUtility),
    /** Deletes a certificate. */
    removeCertificate: method(8, certificateIdentification, byUtility),
  },
});

/** References to the attributes and methods of a Security setup object, as `clientObject` makes them of {@link SecuritySetupV0}. */
export interface SecuritySetupObject extends ClientObject<typeof SecuritySetupV0> {}
