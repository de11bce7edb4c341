/** Association SN (IEC 62056-6-2 clause 4.4.3): objects go by their base names in place of their logical names. */

import { array, data, int16, logicalName, octetString, structure, uint8, uint16 } from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, extendClass, method } from '../class.js';
import { optionalLogicalName } from '../types.js';
import { user } from './access.js';

/** One object with the place where it begins among the short names. */
const objectListElement = structure({
  /** Short name of its attribute 1, as a signed number: -1536 is 0xFA00. */
  baseName: int16,
  /** class_id of the object. */
  classId: uint16,
  /** Version of its class. */
  version: uint8,
  /** Logical name of the object: `1.0.1.8.0.255`. */
  logicalName,
});

/** For everybody: what a client reads of other objects by it is bound by its rights to them. */
const forAll = { access: { public: 'access', reader: 'access', utility: 'access' } } as const;

/**
 * Association SN version 1 (class 12, Blue Book 4.4.3): what a client sees, where objects go by short names. Methods 1, 2, 4, 6 and 7
 * were those of version 0 and are reserved. Rights stay Data: their form differs from edition to edition.
 */
export const AssociationSnV1 = cosemClass({
  name: 'Association SN',
  id: 12,
  version: 1,
  clause: '4.4.3',
  attributes: {
    /** The objects that the client of this association sees, with their base names. */
    objectList: attr(2, array(objectListElement), { static: true }),
    /** The rights of the client to the objects, by base name. */
    accessRightsList: attr(3, data, { static: true }),
  },
  methods: {
    /** Reads attributes by logical names: takes a list of class_id, logical name and attribute id, gives the values. */
    readByLogicalname: method(3, data, data, forAll),
    /** Replaces the LLS password or the HLS secret: takes the new one. */
    changeSecret: method(5, octetString, { secret: true, access: { utility: 'access' } }),
    /** Passes 3 and 4 of HLS: takes the client's proof, gives the server's. */
    replyToHlsAuthentication: method(8, octetString, octetString, { secret: true, access: { utility: 'access' } }),
  },
  // Makers keep the secret here, as class 15 does: too much is masked before too little.
  extras: {
    /** LLS password or HLS secret. */
    secret: attr(7, octetString, { static: true, secret: true }),
  },
});

/** Association SN version 2 (class 12, Blue Book 4.4.3): adds a reference to the security setup. */
export const AssociationSnV2 = extendClass(AssociationSnV1, {
  version: 2,
  attributes: {
    /** Logical name of the security setup that holds for this association; empty where there is none. */
    securitySetupReference: attr(4, optionalLogicalName, { static: true }),
  },
});

/** Association SN version 3 (class 12, Blue Book 4.4.3): adds the users of a client. */
export const AssociationSnV3 = extendClass(AssociationSnV2, {
  version: 3,
  attributes: {
    /** The users of the client that may open the association; where the list is empty, users are not told apart. */
    userList: attr(5, array(user), { static: true, clause: '4.4.2' }),
    /** The user who opened the association. */
    currentUser: attr(6, user, { clause: '4.4.2' }),
  },
  methods: {
    /** Adds a user to the list. */
    addUser: method(9, user, { clause: '4.4.2' }),
    /** Removes a user from the list. */
    removeUser: method(10, user, { clause: '4.4.2' }),
  },
});

/** Association SN version 4 (class 12, Blue Book 4.4.3): access modes of the rights are bits, for which protection each access wants. */
export const AssociationSnV4 = extendClass(AssociationSnV3, { version: 4 });

/** References to the attributes and methods of an Association SN object, as `clientObject` makes them of {@link AssociationSnV3}. */
export interface AssociationSnObject extends ClientObject<typeof AssociationSnV3> {}
