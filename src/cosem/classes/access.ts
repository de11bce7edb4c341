/** Interface classes for access control and management (IEC 62056-6-2 clause 4.4): associations by logical names, SAP assignment. */

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
  visibleString,
} from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, extendClass, method } from '../class.js';
import { selector } from '../selection.js';
import { optionalLogicalName } from '../types.js';

/** What a client may do with an attribute. The authenticated modes want a request with an authentication tag; version 0 has 0 to 3 only. */
export const attributeAccessMode = enumOf({
  'no-access': 0,
  'read-only': 1,
  'write-only': 2,
  'read-and-write': 3,
  'authenticated-read-only': 4,
  'authenticated-write-only': 5,
  'authenticated-read-and-write': 6,
});

/** Whether a client may execute a method; `authenticated-access` wants a request with an authentication tag. In version 0 it is a boolean. */
export const methodAccessMode = enumOf({ 'no-access': 0, access: 1, 'authenticated-access': 2 });

const attributeAccess = array(
  structure({
    /** Id of the attribute; negative ones are the maker's own. */
    attributeId: int8,
    /** What the client may do with it. */
    accessMode: attributeAccessMode,
    /** Ids of the selectors by which the client can read it in parts; null where there are none. */
    accessSelectors: choice(nullData, array(int8)),
  }),
);

/** One object with the rights of the client to it: object_list_element of versions 1 and 2. */
export const objectListElement = structure({
  /** class_id of the object. */
  classId: uint16,
  /** Version of its class. */
  version: uint8,
  /** Logical name of the object: `1.0.1.8.0.255`. */
  logicalName,
  /** What the client may do with its attributes and methods. */
  accessRights: structure({
    /** The rights to each attribute. */
    attributeAccess,
    /** The rights to each method. */
    methodAccess: array(
      structure({
        /** Id of the method; negative ones are the maker's own. */
        methodId: int8,
        /** Whether the client may execute it. */
        accessMode: methodAccessMode,
      }),
    ),
  }),
});

/** One object with the rights of the client to it, in version 0: access to a method is a boolean. */
export const objectListElementV0 = structure({
  /** class_id of the object. */
  classId: uint16,
  /** Version of its class. */
  version: uint8,
  /** Logical name of the object: `1.0.1.8.0.255`. */
  logicalName,
  /** What the client may do with its attributes and methods. */
  accessRights: structure({
    /** The rights to each attribute. */
    attributeAccess,
    /** The rights to each method. */
    methodAccess: array(
      structure({
        /** Id of the method; negative ones are the maker's own. */
        methodId: int8,
        /** Whether the client may execute it. */
        accessMode: bool,
      }),
    ),
  }),
});

/** An object identifier by its arcs, as older meters give the names of context and mechanism. */
const oidArcs = structure({
  /** joint-iso-ctt: 2. */
  jointIsoCtt: uint8,
  /** country: 16. */
  country: uint8,
  /** country-name: 756. */
  countryName: uint16,
  /** identified-organization: 5. */
  identifiedOrganization: uint8,
  /** The DLMS User Association: 8. */
  dlmsUa: uint8,
  /** What is named: 1 an application context, 2 an authentication mechanism. */
  kind: uint8,
  /**
   * Which one. Application contexts: 1 logical names, 2 short names, 3 and 4 the same with ciphering. Mechanisms: 0 none, 1 LLS,
   * 2 to 7 HLS.
   */
  id: uint8,
});

const contextOrMechanism = choice(octetString, oidArcs);

/** object_id of an object list: one object. */
const objectId = structure({
  /** class_id of the object. */
  classId: uint16,
  /** Logical name of the object: `1.0.1.8.0.255`. */
  logicalName,
});

/** The parts of an object list that a client can ask for. */
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

/** Association LN version 0 (class 15, Blue Book 4.4.4): one client and what it may do, where objects go by logical names. */
export const AssociationLnV0 = cosemClass({
  name: 'Association LN',
  id: 15,
  version: 0,
  clause: '4.4.4',
  attributes: {
    /** The objects that the client of this association sees, with its rights to them. */
    objectList: attr(2, array(objectListElementV0), { static: true, selectors: objectListSelectors }),
    /** The addresses of the two partners: SAP of the client, SAP of the logical device. */
    associatedPartnersId: attr(
      3,
      structure({
        /** SAP of the client: 16 is the public client. */
        clientSap: int8,
        /** SAP of the logical device in the server: 1 is the management logical device. */
        serverSap: uint16,
      }),
    ),
    /** The application context, which says whether APDUs are ciphered: an object identifier as octets or as its arcs. */
    applicationContextName: attr(4, contextOrMechanism, { static: true }),
    /** What client and server agreed on when the association was opened. */
    xDlmsContextInfo: attr(
      5,
      structure({
        /** The services that both support: the conformance block, a bit each. */
        conformance: bitString,
        /** Longest APDU that the client may send, in octets. */
        maxReceivePduSize: uint16,
        /** Longest APDU that the server may send, in octets. */
        maxSendPduSize: uint16,
        /** Version of DLMS: 6. */
        dlmsVersionNumber: uint8,
        /** Not used by the standard. */
        qualityOfService: int8,
        /** What the client gave as its dedicated key; empty where the meter shows none. */
        cypheringInfo: octetString,
      }),
      { static: true },
    ),
    /** How the client proves who it is, by none, LLS or one of HLS: an object identifier as octets or as its arcs. */
    authenticationMechanismName: attr(6, contextOrMechanism, { static: true }),
    /** The LLS password or the HLS secret, in octets. */
    secret: attr(7, octetString, { static: true, secret: true, access: { utility: 'write-only' } }),
    /** Whether the association is open; `association-pending` while HLS still waits for its proofs. */
    associationStatus: attr(8, enumOf({ 'non-associated': 0, 'association-pending': 1, associated: 2 })),
  },
  methods: {
    /** Passes 3 and 4 of HLS: takes the client's proof, gives the server's. */
    replyToHlsAuthentication: method(1, octetString, octetString, byUtility),
    /** Replaces the HLS secret: takes the new one, in the form that the authentication mechanism asks for. */
    changeHlsSecret: method(2, octetString, { secret: true, ...byUtility }),
    /** Adds an object to the object list. */
    addObject: method(3, objectListElementV0),
    /** Removes an object from the object list. */
    removeObject: method(4, objectListElementV0),
  },
});

/** Association LN version 1 (class 15, Blue Book 4.4.4): adds authenticated access modes and a reference to the security setup. */
export const AssociationLnV1 = extendClass(AssociationLnV0, {
  version: 1,
  attributes: {
    /** The objects that the client of this association sees, with its rights to them. */
    objectList: attr(2, array(objectListElement), { static: true, selectors: objectListSelectors }),
    /** Logical name of the security setup that holds for this association; empty where there is none. */
    securitySetupReference: attr(9, optionalLogicalName, { static: true }),
  },
  methods: {
    /** Adds an object to the object list. */
    addObject: method(3, objectListElement),
    /** Removes an object from the object list. */
    removeObject: method(4, objectListElement),
  },
});

/** One of the people or programs that share a client (user_list_entry, Blue Book 4.4.2). */
export const user = structure({
  /** Number of the user, 0 to 255: it is sent when the association is opened. */
  userId: uint8,
  /** Name of the user. */
  userName: visibleString,
});
/** Client user identification. */
const userClause = { clause: '4.4.2' } as const;

/** Association LN version 2 (class 15, Blue Book 4.4.4): adds the users of a client. */
export const AssociationLnV2 = extendClass(AssociationLnV1, {
  version: 2,
  attributes: {
    /** The users of the client that may open the association; where the list is empty, users are not told apart. */
    userList: attr(10, array(user), { static: true, ...userClause }),
    /** The user who opened the association. */
    currentUser: attr(11, user, userClause),
  },
  methods: {
    /** Adds a user to the list. */
    addUser: method(5, user, userClause),
    /** Removes a user from the list. */
    removeUser: method(6, user, userClause),
  },
});

const sapAssignment = structure({
  /** Address of the logical device within the physical device. */
  sap: uint16,
  /** Its name, up to sixteen octets: the maker's three letters come first. */
  logicalDeviceName: text,
});

/** SAP assignment (class 17, Blue Book 4.4.5): which logical devices a meter has. */
export const SapAssignment = cosemClass({
  name: 'SAP assignment',
  id: 17,
  version: 0,
  clause: '4.4.5',
  attributes: {
    /** The logical devices of the meter, each with its SAP and its name. */
    sapAssignmentList: attr(2, array(sapAssignment), { static: true }),
  },
  methods: {
    /** Assigns a SAP to a logical device; an empty name takes the SAP away. */
    connectLogicalDevice: method(1, sapAssignment),
  },
});

/** References to the attributes and methods of an Association LN object, as `clientObject` makes them of {@link AssociationLnV1}. */
export interface AssociationLnObject extends ClientObject<typeof AssociationLnV1> {}
/** References to the attributes and methods of a SAP assignment object, as `clientObject` makes them of {@link SapAssignment}. */
export interface SapAssignmentObject extends ClientObject<typeof SapAssignment> {}
