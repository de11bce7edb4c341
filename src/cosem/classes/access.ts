/** Interface classes for access control and management (IEC 62056-6-2 clause 4.4): associations, SAP assignment, image transfer, security. */

import {
  array,
  bitString,
  bool,
  choice,
  enumOf,
  int8,
  logicalName,
  nullData,
  octetString,
  structure,
  text,
  uint8,
  uint16,
  uint32,
  visibleString,
} from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, extendClass, method } from '../class.js';
import { selector } from '../selection.js';
import { enumNumber, optionalLogicalName, zero } from '../types.js';

/** Attribute access modes; the authenticated ones since version 1 of Association LN. */
export const attributeAccessMode = enumOf({
  'no-access': 0,
  'read-only': 1,
  'write-only': 2,
  'read-and-write': 3,
  'authenticated-read-only': 4,
  'authenticated-write-only': 5,
  'authenticated-read-and-write': 6,
});

/** Method access modes since version 1 of Association LN. */
export const methodAccessMode = enumOf({ 'no-access': 0, access: 1, 'authenticated-access': 2 });

const attributeAccess = array(
  structure({
    attributeId: int8,
    accessMode: attributeAccessMode,
    accessSelectors: choice(nullData, array(int8)),
  }),
);

/** object_list_element with its access_rights. */
export const objectListElement = structure({
  classId: uint16,
  version: uint8,
  logicalName,
  accessRights: structure({
    attributeAccess,
    methodAccess: array(structure({ methodId: int8, accessMode: methodAccessMode })),
  }),
});

/** object_list_element of version 0, where access to a method is a boolean. */
export const objectListElementV0 = structure({
  classId: uint16,
  version: uint8,
  logicalName,
  accessRights: structure({
    attributeAccess,
    methodAccess: array(structure({ methodId: int8, accessMode: bool })),
  }),
});

/** An object identifier by its arcs, as older meters give context and mechanism names. */
const oidArcs = structure({
  jointIsoCtt: uint8,
  country: uint8,
  countryName: uint16,
  identifiedOrganization: uint8,
  dlmsUa: uint8,
  kind: uint8,
  id: uint8,
});

const contextOrMechanism = choice(octetString, oidArcs);

/** object_id of an object list: one object. */
const objectId = structure({ classId: uint16, logicalName });

/** What of an object list can be asked for. */
const objectListSelectors = {
  /** All objects without their access rights. */
  all: selector(1, nullData),
  /** The objects of these classes without their access rights. */
  classes: selector(2, array(uint16)),
  /** These objects with their access rights. */
  objects: selector(3, array(objectId)),
  /** One object with its access rights. */
  object: selector(4, objectId),
};

/** Setting and operating: what only the utility does. */
const byUtility = { access: { utility: 'access' } } as const;

/** Association LN version 0 (class 15). */
export const AssociationLnV0 = cosemClass({
  name: 'Association LN',
  id: 15,
  version: 0,
  clause: '4.4.4',
  attributes: {
    /** Objects that the client of the association sees, with its access rights. */
    objectList: attr(2, array(objectListElementV0), { static: true, selectors: objectListSelectors }),
    /** SAPs of the client and of the logical device. */
    associatedPartnersId: attr(3, structure({ clientSap: int8, serverSap: uint16 })),
    /** Object identifier of the application context: with or without ciphering. */
    applicationContextName: attr(4, contextOrMechanism, { static: true }),
    /** What was negotiated: conformance, largest APDUs in octets, DLMS version. */
    xDlmsContextInfo: attr(
      5,
      structure({
        conformance: bitString,
        maxReceivePduSize: uint16,
        maxSendPduSize: uint16,
        dlmsVersionNumber: uint8,
        qualityOfService: int8,
        cypheringInfo: octetString,
      }),
      { static: true },
    ),
    /** Object identifier of the authentication mechanism: none, LLS or one of HLS. */
    authenticationMechanismName: attr(6, contextOrMechanism, { static: true }),
    /** LLS password or HLS secret. */
    secret: attr(7, octetString, { static: true, secret: true, access: { utility: 'write-only' } }),
    /** Whether the association is open. */
    associationStatus: attr(8, enumOf({ 'non-associated': 0, 'association-pending': 1, associated: 2 })),
  },
  methods: {
    /** Pass 3 of HLS: takes the client's proof, gives the server's. */
    replyToHlsAuthentication: method(1, octetString, octetString, byUtility),
    /** Takes a new HLS secret. */
    changeHlsSecret: method(2, octetString, { secret: true, ...byUtility }),
    /** Adds an object to the list. */
    addObject: method(3, objectListElementV0),
    /** Takes an object from the list. */
    removeObject: method(4, objectListElementV0),
  },
});

/** Association LN version 1: authenticated access modes, a reference to the security setup (empty where there is none). */
export const AssociationLnV1 = extendClass(AssociationLnV0, {
  version: 1,
  attributes: {
    /** Objects that the client of the association sees, with its access rights. */
    objectList: attr(2, array(objectListElement), { static: true, selectors: objectListSelectors }),
    /** Logical name of the security setup; empty where there is none. */
    securitySetupReference: attr(9, optionalLogicalName, { static: true }),
  },
  methods: {
    /** Adds an object to the list. */
    addObject: method(3, objectListElement),
    /** Takes an object from the list. */
    removeObject: method(4, objectListElement),
  },
});

/** user_list_entry: who of the users of a client it is. */
export const user = structure({ userId: uint8, userName: visibleString });
/** Client user identification. */
const userClause = { clause: '4.4.2' } as const;

/** Association LN version 2: users. */
export const AssociationLnV2 = extendClass(AssociationLnV1, {
  version: 2,
  attributes: {
    /** Users of the client that may open the association. */
    userList: attr(10, array(user), { static: true, ...userClause }),
    /** Who of the users opened it. */
    currentUser: attr(11, user, userClause),
  },
  methods: {
    /** Adds a user. */
    addUser: method(5, user, userClause),
    /** Takes a user away. */
    removeUser: method(6, user, userClause),
  },
});

const sapAssignment = structure({ sap: uint16, logicalDeviceName: text });

/** SAP assignment (class 17). */
export const SapAssignment = cosemClass({
  name: 'SAP assignment',
  id: 17,
  version: 0,
  clause: '4.4.5',
  attributes: {
    /** Logical devices with their SAPs and names. */
    sapAssignmentList: attr(2, array(sapAssignment), { static: true }),
  },
  methods: {
    /** Gives a logical device a SAP, or takes it away by an empty name. */
    connectLogicalDevice: method(1, sapAssignment),
  },
});

/** Image transfer (class 18). Sizes are in octets. */
export const ImageTransfer = cosemClass({
  name: 'Image transfer',
  id: 18,
  version: 0,
  clause: '4.4.6',
  attributes: {
    /** Size of a block in octets. */
    imageBlockSize: attr(2, uint32, { static: true, unit: 'octets' }),
    /** A bit for each block: 1 where it came. */
    imageTransferredBlocksStatus: attr(3, bitString),
    /** Number of the first block that lacks, from 0. */
    imageFirstNotTransferredBlockNumber: attr(4, uint32),
    /** Whether images are taken. */
    imageTransferEnabled: attr(5, bool, { static: true }),
    /** How far it has come. */
    imageTransferStatus: attr(
      6,
      enumOf({
        'image-transfer-not-initiated': 0,
        'image-transfer-initiated': 1,
        'image-verification-initiated': 2,
        'image-verification-successful': 3,
        'image-verification-failed': 4,
        'image-activation-initiated': 5,
        'image-activation-successful': 6,
        'image-activation-failed': 7,
      }),
    ),
    /** Images that are verified: size in octets, identification, signature. */
    imageToActivateInfo: attr(
      7,
      array(structure({ imageSize: uint32, imageIdentification: octetString, imageSignature: octetString })),
    ),
  },
  methods: {
    /** Begins a transfer: identification, and size in octets. */
    imageTransferInitiate: method(1, structure({ imageIdentifier: octetString, imageSize: uint32 }), byUtility),
    /** Takes one block by its number, from 0. */
    imageBlockTransfer: method(2, structure({ imageBlockNumber: uint32, imageBlockValue: octetString }), byUtility),
    /** Checks the image that came. */
    imageVerify: method(3, zero, byUtility),
    /** Starts the image that was verified. */
    imageActivate: method(4, zero, byUtility),
  },
});

/** security_policy of version 0. */
export const securityPolicyV0 = enumOf({
  nothing: 0,
  'all-authenticated': 1,
  'all-encrypted': 2,
  'all-authenticated-and-encrypted': 3,
});

/** Security suites by their ciphers and curves. */
export const securitySuite = enumOf({
  'AES-GCM-128': 0,
  'ECDH-ECDSA-P-256-AES-GCM-128': 1,
  'ECDH-ECDSA-P-384-AES-GCM-256': 2,
});

const keyId = enumOf({
  'global-unicast-encryption-key': 0,
  'global-broadcast-encryption-key': 1,
  'authentication-key': 2,
  'master-key': 3,
});
const wrappedKeys = array(structure({ keyId, keyWrapped: octetString }));

/** Security setup version 0 (class 64). Keys are wrapped by AES key wrap under the master key. */
export const SecuritySetupV0 = cosemClass({
  name: 'Security setup',
  id: 64,
  version: 0,
  clause: '4.4.7',
  attributes: {
    /** Which protection messages must have. */
    securityPolicy: attr(2, securityPolicyV0, { static: true }),
    /** Ciphers and curves. */
    securitySuite: attr(3, securitySuite, { static: true }),
    /** System title of the client, eight octets. */
    clientSystemTitle: attr(4, octetString),
    /** System title of the server, eight octets. */
    serverSystemTitle: attr(5, octetString, { static: true, means: 'system-title' }),
  },
  methods: {
    /** Makes the policy stronger. */
    securityActivate: method(1, securityPolicyV0, byUtility),
    /** Takes global keys, wrapped under the master key. */
    globalKeyTransfer: method(2, wrappedKeys, { secret: true, ...byUtility }),
  },
});

const certificateEntity = enumOf({ server: 0, client: 1, 'certification-authority': 2, other: 3 });
const certificateType = enumOf({ 'digital-signature': 0, 'key-agreement': 1, tls: 2, other: 3 });
const keyPair = enumOf({ 'digital-signature': 0, 'key-agreement': 1, tls: 2 });
const keyAgreement = array(structure({ keyId, keyData: octetString }));
const certificateIdentification = structure({
  type: enumOf({ 'by-entity': 0, 'by-serial': 1 }),
  options: choice(
    structure({ certificateEntity, certificateType, systemTitle: octetString }),
    structure({ serialNumber: octetString, issuer: octetString }),
  ),
});

/** Security setup version 1: the policy is a set of bits, key agreement and certificates. */
export const SecuritySetupV1 = cosemClass({
  name: 'Security setup',
  id: 64,
  version: 1,
  clause: '4.4.7',
  attributes: {
    /** Bits 2-4 request authenticated, encrypted, signed; bits 5-7 the same of the response. */
    securityPolicy: attr(2, enumNumber, { static: true }),
    /** Ciphers and curves. */
    securitySuite: attr(3, securitySuite, { static: true }),
    /** System title of the client, eight octets. */
    clientSystemTitle: attr(4, octetString),
    /** System title of the server, eight octets. */
    serverSystemTitle: attr(5, octetString, { static: true, means: 'system-title' }),
    /** Certificates that the server holds. */
    certificates: attr(
      6,
      array(
        structure({
          certificateEntity,
          certificateType,
          serialNumber: octetString,
          issuer: octetString,
          subject: octetString,
          subjectAltName: octetString,
        }),
      ),
    ),
  },
  methods: {
    /** Makes the policy stronger. */
    securityActivate: method(1, enumNumber, byUtility),
    /** Takes keys, wrapped under the master key. */
    keyTransfer: method(2, wrappedKeys, { secret: true, ...byUtility }),
    /** Agrees on keys by ephemeral ones. */
    keyAgreement: method(3, keyAgreement, keyAgreement, byUtility),
    /** Makes a key pair of its own. */
    generateKeyPair: method(4, keyPair, byUtility),
    /** Gives a PKCS #10 request for a key pair. */
    generateCertificateRequest: method(5, keyPair, octetString, byUtility),
    /** Takes a certificate, X.509 in DER. */
    importCertificate: method(6, octetString, byUtility),
    /** Gives a certificate, X.509 in DER. */
    exportCertificate: method(7, certificateIdentification, octetString, byUtility),
    /** Takes a certificate away. */
    removeCertificate: method(8, certificateIdentification, byUtility),
  },
});

/** References of an object of this class, as `clientObject` gives them: `AssociationLnV1`. */
export interface AssociationLnObject extends ClientObject<typeof AssociationLnV1> {}
/** References of an object of this class, as `clientObject` gives them: `SapAssignment`. */
export interface SapAssignmentObject extends ClientObject<typeof SapAssignment> {}
/** References of an object of this class, as `clientObject` gives them: `ImageTransfer`. */
export interface ImageTransferObject extends ClientObject<typeof ImageTransfer> {}
/** References of an object of this class, as `clientObject` gives them: `SecuritySetupV0`. */
export interface SecuritySetupObject extends ClientObject<typeof SecuritySetupV0> {}
