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
    objectList: attr(2, array(objectListElement), { static: true }),
    accessRightsList: attr(3, data, { static: true }),
  },
  methods: {
    readByLogicalname: method(3, data, data),
    changeSecret: method(5, octetString, { secret: true, access: { utility: 'access' } }),
    replyToHlsAuthentication: method(8, octetString, octetString, { secret: true, access: { utility: 'access' } }),
  },
  // Makers keep the secret here, as class 15 does: too much is masked before too little.
  extras: { secret: attr(7, octetString, { static: true, secret: true }) },
});

/** Association SN version 2: a reference to the security setup, empty where there is none. */
export const AssociationSnV2 = extendClass(AssociationSnV1, {
  version: 2,
  attributes: { securitySetupReference: attr(4, optionalLogicalName, { static: true }) },
});

/** Association SN version 3: users. */
export const AssociationSnV3 = extendClass(AssociationSnV2, {
  version: 3,
  attributes: {
    userList: attr(5, array(user), { static: true, clause: '4.4.2' }),
    currentUser: attr(6, user, { clause: '4.4.2' }),
  },
  methods: { addUser: method(9, user, { clause: '4.4.2' }), removeUser: method(10, user, { clause: '4.4.2' }) },
});

/** References of an Association SN object. */
export interface AssociationSnObject extends ClientObject<typeof AssociationSnV3> {}
