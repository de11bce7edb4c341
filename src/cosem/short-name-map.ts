/** The short names of one meter, from its object list: what is called how, and what a name means. */

import { equalBytes } from '../base/bytes.js';
import type { Data } from '../codec/data.js';
import type { AttributeDescriptor, MethodDescriptor } from '../contracts/services.js';
import type { CosemClass } from './class.js';
import { classes, classOf } from './registry.js';
import { ASSOCIATION_SN_NAME, attributeOffset, memberAt, methodOffset, SHORT_NAME_STEP } from './short-names.js';

/** An object with the place where it begins among the short names. */
export interface NamedObject {
  /** Short name of its attribute 1, 0 to 65535. */
  readonly baseName: number;
  /** class_id. */
  readonly classId: number;
  /** Version of its class. */
  readonly version: number;
  /** Logical name in six octets. */
  readonly instanceId: Uint8Array;
}

/** What a short name means. */
export interface NamedMember extends NamedObject {
  readonly kind: 'attribute' | 'method';
  /** Id of the attribute or method. */
  readonly id: number;
}

const ASSOCIATION: NamedObject = {
  baseName: ASSOCIATION_SN_NAME,
  classId: 12,
  version: 1,
  instanceId: Uint8Array.of(0, 0, 40, 0, 0, 255),
};

/** The objects of an object_list (Association SN, attribute 2). Entries that name no object are left out, as is anything that is no list. */
export function namedObjects(list: Data): NamedObject[] {
  if (list.type !== 'array' && list.type !== 'structure') return [];
  // Selective access may give one element in place of a list.
  const alone = namedObject(list);
  return alone === undefined ? list.value.flatMap((element) => namedObject(element) ?? []) : [alone];
}

function namedObject(element: Data): NamedObject | undefined {
  if (element.type !== 'structure' && element.type !== 'array') return undefined;
  const [base, cosem, version, name] = element.value;
  const [baseName, classId, versionId] = [base, cosem, version].map(integerOf);
  if (baseName === undefined || classId === undefined || versionId === undefined) return undefined;
  if (name?.type !== 'octet-string' || name.value.length !== 6) return undefined;
  return { baseName: baseName & 0xffff, classId, version: versionId, instanceId: name.value };
}

const INTEGERS: ReadonlySet<Data['type']> = new Set([
  'integer',
  'long',
  'double-long',
  'unsigned',
  'long-unsigned',
  'double-long-unsigned',
  'enum',
]);

function integerOf(data: Data | undefined): number | undefined {
  return data !== undefined && INTEGERS.has(data.type) ? Number(data.value) : undefined;
}

/** The short names of a meter, from its object list, in both directions. */
export class ShortNameMap {
  /** By base name. */
  readonly #objects: readonly NamedObject[];

  constructor(objects: readonly NamedObject[]) {
    const own = objects.some(({ baseName }) => baseName === ASSOCIATION_SN_NAME) ? objects : [ASSOCIATION, ...objects];
    this.#objects = own.toSorted((a, b) => a.baseName - b.baseName);
  }

  /** The objects, by their base names. */
  get objects(): readonly NamedObject[] {
    return this.#objects;
  }

  /** The object of this class and name; undefined where the list has none. */
  object({ classId, instanceId }: Pick<AttributeDescriptor, 'classId' | 'instanceId'>): NamedObject | undefined {
    return this.#objects.find((one) => one.classId === classId && equalBytes(one.instanceId, instanceId));
  }

  /** Short name of an attribute; undefined where the list does not have its object. */
  attribute(attribute: AttributeDescriptor): number | undefined {
    const object = this.object(attribute);
    if (object === undefined || attribute.attributeId < 1) return undefined;
    return this.#within(object, attributeOffset(attribute.attributeId));
  }

  /** Short name of a method; undefined where the list does not have its object, or its class is not known. */
  method(method: MethodDescriptor): number | undefined {
    const object = this.object(method);
    const cosem = object && knownClass(object);
    if (object === undefined || cosem === undefined || method.methodId < 1) return undefined;
    return this.#within(object, methodOffset(cosem, method.methodId));
  }

  /** A name of this object, which ends where the next one begins: never is another object meant. */
  #within({ baseName }: NamedObject, offset: number): number | undefined {
    const name = baseName + offset;
    const next = this.#objects.find((one) => one.baseName > baseName)?.baseName ?? MOST_NAMES;
    return name < next ? name : undefined;
  }

  /** What a short name means; undefined where it lies between names, or before the first object. */
  member(name: number): NamedMember | undefined {
    const object = this.#objects.findLast(({ baseName }) => baseName <= name);
    if (object === undefined) return undefined;
    const offset = name - object.baseName;
    if (offset % SHORT_NAME_STEP !== 0) return undefined;
    const cosem = knownClass(object);
    const member = cosem && memberAt(cosem, offset);
    if (member !== undefined && 'methodId' in member) return { ...object, kind: 'method', id: member.methodId };
    return { ...object, kind: 'attribute', id: offset / SHORT_NAME_STEP + 1 };
  }
}

/** The class of an object; of a version that is not known, the newest that is. */
function knownClass({ classId, version }: NamedObject): CosemClass | undefined {
  return classOf(classId, version) ?? classes.findLast(({ id }) => id === classId);
}

/** Short names have 16 bits. */
const MOST_NAMES = 0x10000;
