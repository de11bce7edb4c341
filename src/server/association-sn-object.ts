import { dataAccessResultName } from '../apdu/results.js';
import { AccessError } from '../base/errors.js';
import { logicalNameToBytes } from '../base/obis.js';
import { decodeData, encodeData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import { logicalName } from '../codec/types.js';
import type { AssociationDefinition } from '../contracts/association.js';
import type { GetAnswer } from '../contracts/served-device.js';
import type { AttributeDescriptor } from '../contracts/services.js';
import type { AccessRights, AccessRole, RightsByClient } from '../cosem/access.js';
import type { CosemClass } from '../cosem/class.js';
import { AssociationSnV1, AssociationSnV2, AssociationSnV3 } from '../cosem/classes/short-names.js';
import type { Implementation } from '../cosem/implementation.js';
import { OctetsSource } from '../session/transfer.js';
import { noReplyDue, secretChange } from './association-object.js';
import type { OctetAttribute } from './octets.js';

/** Members of Association LN. */
const OBJECT_LIST = 2;
const SECURITY_SETUP = 9;
const REPLY_TO_HLS = 1;
const CHANGE_SECRET = 2;
/** What read_by_logicalname gives at most, in octets: all of it is there at once. */
const LONGEST_READING = 0xffff;
const PIECE = 4096;

/** What an object of class 12 needs to know of its device. */
export interface AssociationSnFacts {
  /** The encoding of object_list. */
  objectList(): Uint8Array;
  /** The encoding of access_rights_list. */
  accessRightsList(): Uint8Array;
  /** Reads an attribute for the client that calls. */
  read(attribute: AttributeDescriptor): GetAnswer;
  /** The ids of the attributes of an object; undefined where the client sees none. */
  attributesOf(classId: number, instanceId: Uint8Array): readonly number[] | undefined;
}

/** An object of class 12 that serves an association's definition. */
export function associationSnObject(
  definition: AssociationDefinition,
  version: 1 | 2 | 3,
  facts: AssociationSnFacts,
): readonly [CosemClass, Implementation<CosemClass>] {
  const implementation = {
    objectList: encoded(facts.objectList),
    accessRightsList: encoded(facts.accessRightsList),
    readByLogicalname: (asked: Data) => readByLogicalName(asked, facts),
    changeSecret: secretChange(definition),
    replyToHlsAuthentication: noReplyDue,
    ...(version === 1 ? {} : { securitySetupReference: () => definition.securitySetup ?? '' }),
    ...(version === 3 ? { userList: [], currentUser: { userId: 0, userName: '' } } : {}),
  };
  const cosem = version === 1 ? AssociationSnV1 : version === 2 ? AssociationSnV2 : AssociationSnV3;
  return [cosem as unknown as CosemClass, implementation as unknown as Implementation<CosemClass>];
}

/**
 * Rights on Association LN as rights on Association SN: who reads the object list reads base names and rights too, and reads other objects by
 * their logical names.
 */
export function shortRights(rights: RightsByClient | undefined): RightsByClient | undefined {
  if (rights === undefined) return undefined;
  const short = ([client, given]: [string, AccessRights | AccessRole]): [string, AccessRights | AccessRole] => {
    if (typeof given === 'string') return [client, given];
    const { attributes = {}, methods = {} } = given;
    const list = attributes[OBJECT_LIST] ?? 'no-access';
    return [
      client,
      {
        attributes: { 1: attributes[1] ?? 'read-only', 2: list, 3: list, 4: attributes[SECURITY_SETUP] ?? 'no-access' },
        methods: {
          3: list === 'no-access' ? 'no-access' : 'access',
          5: methods[CHANGE_SECRET] ?? 'no-access',
          8: methods[REPLY_TO_HLS] ?? 'no-access',
        },
      },
    ];
  };
  return Object.fromEntries(Object.entries(rights).map(short));
}

function encoded(octets: () => Uint8Array): OctetAttribute<unknown> {
  return { octets: () => new OctetsSource(octets()), get: () => decodeData(octets()) };
}

/**
 * read_by_logicalname: an array of {class_id, logical_name, attribute_index}, where index 0 means all attributes of the object. One value
 * comes as it is, several as a structure. Where one of them may not be read, nothing is.
 */
function readByLogicalName(asked: Data, facts: AssociationSnFacts): Data {
  const wanted = asked.type === 'array' ? asked.value : [asked];
  let left = LONGEST_READING;
  const read = (attribute: AttributeDescriptor): Data => {
    const value = octetsOf(facts.read(attribute), left);
    left -= value.length;
    return decodeData(value);
  };
  const values = wanted.map((one): Data => {
    const { attributeId, ...object } = identified(one);
    if (attributeId !== 0) return read({ ...object, attributeId });
    const ids = facts.attributesOf(object.classId, object.instanceId);
    if (ids === undefined) throw new AccessError('object-undefined', 'read_by_logicalname', 'there is no such object');
    return { type: 'structure', value: ids.map((id) => read({ ...object, attributeId: id })) };
  });
  return values.length === 1 ? (values[0] as Data) : { type: 'structure', value: values };
}

function identified(one: Data): AttributeDescriptor {
  const [classId, name, index] = one.type === 'structure' ? one.value : [];
  if (classId?.type !== 'long-unsigned' || name === undefined || index?.type !== 'integer')
    throw new AccessError(
      'type-unmatched',
      'read_by_logicalname',
      'it takes class_id, logical_name and attribute_index',
    );
  return { classId: classId.value, instanceId: logicalNameToBytes(logicalName.decode(name)), attributeId: index.value };
}

function octetsOf(reading: GetAnswer, most: number): Uint8Array {
  if ('error' in reading)
    throw new AccessError(dataAccessResultName(reading.error), 'read_by_logicalname', 'an attribute cannot be read');
  const value = 'data' in reading ? encodeData(reading.data) : reading.octets.take(most + PIECE);
  if (value.length > most || ('octets' in reading && !reading.octets.done))
    throw new AccessError('other-reason', 'read_by_logicalname', 'too much at once');
  return value;
}
