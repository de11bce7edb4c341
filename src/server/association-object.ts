import { mechanismOid } from '../apdu/acse-names.js';
import { AccessError } from '../base/errors.js';
import { counted } from '../base/words.js';
import { decodeData } from '../codec/axdr.js';
import type { BitString } from '../codec/data.js';
import type { AssociationDefinition } from '../contracts/association.js';
import type { CosemClass } from '../cosem/class.js';
import { AssociationLnV0, AssociationLnV1, AssociationLnV2 } from '../cosem/classes/access.js';
import type { Implementation } from '../cosem/implementation.js';
import { contextOf, offeredConformance } from '../session/contexts.js';
import { OctetsSource } from '../session/transfer.js';
import type { ObjectListSelection, ObjectListSelectors } from './object-list.js';
import type { OctetAttribute } from './octets.js';

const DLMS_VERSION = 6;
const STATUS = ['non-associated', 'association-pending', 'associated'] as const;
const NOTHING = new Uint8Array(0);
/** HLS mechanism 2 uses the secret as an AES key. */
const LONGEST_AES_SECRET = 16;

/** What the association's object needs to know of its device. */
export interface AssociationFacts {
  /** The encoding of the list, or of the part that is selected. */
  objectList(selection: ObjectListSelection | undefined): Uint8Array;
  status(): 0 | 1 | 2;
}

/** An object of class 15 that serves an association's definition. */
export function associationObject(
  definition: AssociationDefinition,
  version: 0 | 1 | 2,
  serverSap: number,
  facts: AssociationFacts,
): readonly [CosemClass, Implementation<CosemClass>] {
  const changeSecret = secretChange(definition);
  const implementation = {
    objectList: objectList(facts),
    associatedPartnersId: { clientSap: (definition.client << 24) >> 24, serverSap },
    applicationContextName: contextOf(definition, 'ln'),
    xDlmsContextInfo: () => ({
      conformance: conformanceBitString(offeredConformance(definition, 'ln')),
      maxReceivePduSize: definition.maxReceivePduSize,
      maxSendPduSize: definition.maxSendPduSize,
      dlmsVersionNumber: DLMS_VERSION,
      qualityOfService: 0,
      cypheringInfo: NOTHING,
    }),
    authenticationMechanismName: mechanismOid(definition.mechanism),
    secret: { get: () => definition.secret ?? NOTHING, set: changeSecret },
    associationStatus: () => STATUS[facts.status()],
    replyToHlsAuthentication: noReplyDue,
    changeHlsSecret: changeSecret,
    ...(version === 0 ? {} : { securitySetupReference: () => definition.securitySetup ?? '' }),
    ...(version === 2 ? { userList: [], currentUser: { userId: 0, userName: '' } } : {}),
  };
  const cosem = version === 0 ? AssociationLnV0 : version === 1 ? AssociationLnV1 : AssociationLnV2;
  return [cosem as unknown as CosemClass, implementation as unknown as Implementation<CosemClass>];
}

/** reply_to_HLS_authentication: the session answers it while the association is pending; afterwards there is nothing to reply to. */
export function noReplyDue(): never {
  throw new AccessError('temporary-failure', 'reply_to_HLS_authentication', 'no authentication is pending');
}

/** Takes a new password or HLS secret. */
export function secretChange(definition: AssociationDefinition): (secret: Uint8Array) => void {
  return (secret) => {
    checkSecret(definition, secret);
    definition.secret = secret.slice();
  };
}

function objectList(facts: AssociationFacts): OctetAttribute<unknown, ObjectListSelectors> {
  return {
    octets: (selection) => new OctetsSource(facts.objectList(selection)),
    get: () => decodeData(facts.objectList(undefined)),
    select: (selection) => decodeData(facts.objectList(selection)),
  };
}

function checkSecret({ mechanism }: AssociationDefinition, secret: Uint8Array): void {
  const weak = secret.every((octet) => octet === 0);
  const fits = !weak && (mechanism !== 2 || secret.length <= LONGEST_AES_SECRET);
  if (!fits)
    throw new AccessError('type-unmatched', 'secret', `a secret of ${counted(secret.length, 'octet')} cannot be used`);
}

function conformanceBitString(bits: number): BitString {
  return { bytes: Uint8Array.of(bits >>> 16, bits >>> 8, bits), length: 24 };
}
