/** Association SN (IEC 62056-6-2 clause 4.4.3): objects by their base name in place of their logical name. */

import { array, data, int16, logicalName, octetString, structure, uint8, uint16 } from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, extendClass, method } from '../class.js';
import { optionalLogicalName } from '../types.js';
import { user } from './access.js';

/** object_list_element: where an object begins among the short names. */
const objectListElement = structure({ baseName: int16, classId: uint16, version: uint8, logicalName });

/**
 * Association SN version 1 (class 12). Its methods 1, 2, 4, 6 and 7 were those of version 0 and are reserved. Rights stay Data: their form
 * differs with the edition.
 */
export const AssociationSnV1 = cosemClass({
  name: 'Association SN',
  id: 12,
  version: 1,
  clause: '4.4.3',
  attributes: {
    /** Objects with their base names. */
    objectList: attr(2, array(objectListElement), { static: true }),
    /** Rights by base name. */
    accessRightsList: attr(3, data, { static: true }),
  },
  methods: {
    /** Gives attributes by the logical name of their object. */
    readByLogicalname: method(3, data, data),
    /** Takes a new secret. */
    changeSecret: method(5, octetString, { secret: true, access: { utility: 'access' } }),
    /** Pass 3 of HLS: takes the client's proof, gives the server's. */
    replyToHlsAuthentication: method(8, octetString, octetString, { secret: true, access: { utility: 'access' } }),
  },
  // Makers keep the secret here, as class 15 does: too much is masked before too little.
  extras: {
    /** LLS password or HLS secret. */
    secret: attr(7, octetString, { static: true, secret: true }),
  },
});

/** Association SN version 2: a reference to the security setup, empty where there is none. */
export const AssociationSnV2 = extendClass(AssociationSnV1, {
  version: 2,
  attributes: {
    /** Logical name of the security setup; empty where there is none. */
    securitySetupReference: attr(4, optionalLogicalName, { static: true }),
  },
});

/** Association SN version 3: users. */
export const AssociationSnV3 = extendClass(AssociationSnV2, {
  version: 3,
  attributes: {
    /** Users of the client that may open the association. */
    userList: attr(5, array(user), { static: true, clause: '4.4.2' }),
    /** Who of the users opened it. */
    currentUser: attr(6, user, { clause: '4.4.2' }),
  },
  methods: {
    /** Adds a user. */
    addUser: method(9, user, { clause: '4.4.2' }),
    /** Takes a user away. */
    removeUser: method(10, user, { clause: '4.4.2' }),
  },
});

/** References of an Association SN object. */
export interface AssociationSnObject extends ClientObject<typeof AssociationSnV3> {}
