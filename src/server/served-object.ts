import { StateError } from '../base/errors.js';
import { type LogicalName, logicalNameKey, logicalNameToBytes } from '../base/obis.js';
import { encodeData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import { TAG } from '../codec/tags.js';
import type { Type } from '../codec/type.js';
import { logicalName } from '../codec/types.js';
import type { RightsByClient } from '../cosem/access.js';
import type { Attribute, CosemClass } from '../cosem/class.js';
import { type AttributeAccess, type AttributeSource, attributeAccess } from '../cosem/implementation.js';
import { type Selectors, selectorIds } from '../cosem/selection.js';
import type { DeviceObject } from './object.js';
import type { ObjectListEntry } from './object-list.js';

interface ServedAttribute {
  readonly type: Type<unknown>;
  readonly access: AttributeAccess<unknown, Selectors>;
  readonly selectors?: Selectors | undefined;
}

interface ServedMethod {
  readonly parameter: Type<unknown>;
  readonly returns: Type<unknown> | undefined;
  readonly call: (parameter: unknown) => unknown;
}

/** An object as a device holds it. */
export interface ServedObject extends ObjectListEntry {
  readonly cosem: CosemClass;
  readonly logicalName: LogicalName;
  readonly attributes: readonly (ServedAttribute | undefined)[];
  readonly methods: readonly (ServedMethod | undefined)[];
  /** By client SAP; undefined: what each association's role may do. */
  readonly rights?: RightsByClient | undefined;
}

/**
 * @param listSelectors whether the object list names its selectors.
 * @throws StateError when an attribute is missing.
 */
export function servedObject(
  { cosem, logicalName: name, implementation }: DeviceObject,
  listSelectors: boolean,
): ServedObject {
  const given = implementation as Readonly<Record<string, unknown>>;
  const attributes = servedAttributes(cosem, name, given);
  return {
    cosem,
    classId: cosem.id,
    version: cosem.version,
    logicalName: name,
    nameBytes: nameOf(name).nameBytes,
    ...idsOf(cosem),
    selectors: listSelectors ? selectorsOf(attributes) : NO_SELECTORS,
    attributes,
    methods: servedMethods(cosem, given),
  };
}

/** The same object under another name. */
export function underName(object: ServedObject, name: LogicalName): ServedObject {
  const { nameBytes, attribute } = nameOf(name);
  const attributes = object.attributes.slice();
  attributes[1] = attribute;
  return { ...object, logicalName: name, nameBytes, attributes };
}

/**
 * The data of a value that an implementation gave: typed, or Data already.
 * @throws StateError, DecodeError, or whatever comes of a value that is none: it cannot be sent.
 */
export function encodeGiven(type: Type<unknown>, value: unknown): Data {
  if (isData(value) && !looksLikeData(type)) {
    type.decode(value);
    encodeData(value);
    return value;
  }
  const data = type.encode(value);
  // The content of a CHOICE is checked here: when it is written it is too late to refuse it.
  if (holdsChoice(type)) encodeData(data);
  return data;
}

function isData(value: unknown): value is Data {
  if (typeof value !== 'object' || value === null || !('value' in value) || !('type' in value)) return false;
  return typeof value.type === 'string' && Object.hasOwn(TAG, value.type);
}

/** Whether a typed value may itself have the fields of Data. */
function looksLikeData({ shape }: Type<unknown>): boolean {
  if (shape.kind === 'data') return true;
  if (shape.kind === 'choice') return shape.options.some(looksLikeData);
  return shape.kind === 'structure' && 'type' in shape.fields && 'value' in shape.fields;
}

const choices = new WeakMap<Type<unknown>, boolean>();

function holdsChoice(type: Type<unknown>): boolean {
  let holds = choices.get(type);
  if (holds === undefined) {
    const { shape } = type;
    holds =
      shape.kind === 'data' ||
      (shape.kind === 'array' && holdsChoice(shape.element)) ||
      (shape.kind === 'structure' && Object.values(shape.fields).some(holdsChoice)) ||
      (shape.kind === 'choice' && shape.options.some(holdsChoice));
    choices.set(type, holds);
  }
  return holds;
}

/** What rights can be on. */
export function membersOf(object: ServedObject) {
  const attributes = new Map<number, boolean>();
  for (const id of object.attributeIds) attributes.set(id, object.attributes[id]?.access.set !== undefined);
  const methods = new Set(object.methodIds.filter((id) => object.methods[id] !== undefined));
  return { cosem: object.cosem, attributes, methods };
}

/** What follows from a logical name, made once: thousands of meters have the same names. */
interface KnownName {
  readonly key: number;
  readonly nameBytes: Uint8Array;
  /** Attribute 1, encoded. */
  readonly attribute: ServedAttribute;
}
const knownNames = new Map<LogicalName, KnownName>();

/** What follows from a name. */
export function nameOf(name: LogicalName): KnownName {
  let known = knownNames.get(name);
  if (known === undefined) {
    const nameBytes = logicalNameToBytes(name);
    const encoded: Data = { type: 'octet-string', value: nameBytes };
    const type = { ...logicalName, encode: () => encoded } as Type<unknown>;
    known = { key: logicalNameKey(nameBytes), nameBytes, attribute: { type, access: { get: () => name } } };
    knownNames.set(name, known);
  }
  return known;
}

type Ids = Pick<ServedObject, 'attributeIds' | 'methodIds'>;
const idsOfClasses = new WeakMap<CosemClass, Ids>();

/** Ids of a class, shared by its objects. */
function idsOf(cosem: CosemClass): Ids {
  let ids = idsOfClasses.get(cosem);
  if (ids === undefined) {
    ids = { attributeIds: [...cosem.attributeNames.keys()], methodIds: [...cosem.methodNames.keys()] };
    idsOfClasses.set(cosem, ids);
  }
  return ids;
}

const NO_SELECTORS: ReadonlyMap<number, readonly number[]> = new Map();

/** What object lists name: the selectors that the class declares, where the implementation can give parts. */
function selectorsOf(attributes: readonly (ServedAttribute | undefined)[]): ReadonlyMap<number, readonly number[]> {
  const selectors = new Map<number, readonly number[]>();
  attributes.forEach((attribute, id) => {
    const ids = attribute?.access.select && selectorIds(attribute.selectors);
    if (ids !== undefined) selectors.set(id, ids);
  });
  return selectors.size === 0 ? NO_SELECTORS : selectors;
}

function servedAttributes(
  cosem: CosemClass,
  logicalName: LogicalName,
  given: Readonly<Record<string, unknown>>,
): (ServedAttribute | undefined)[] {
  const { attributeIds } = idsOf(cosem);
  // Made in its final length: a growing array takes more memory.
  const attributes = new Array<ServedAttribute | undefined>(1 + Math.max(1, ...attributeIds));
  for (const [id, name] of cosem.attributeNames) {
    const { type, selectors } = cosem.attributes[name] as Attribute<unknown, Selectors>;
    if (id === 1) {
      attributes[1] = nameOf(logicalName).attribute;
      continue;
    }
    const source = given[name];
    if (source === undefined) throw new StateError(`${cosem.name} ${logicalName}: attribute '${name}' is missing`);
    const access = attributeAccess(source as AttributeSource<unknown, Selectors>);
    attributes[id] = { type, access, selectors };
  }
  return attributes;
}

const NO_METHODS: readonly undefined[] = [];

function servedMethods(
  cosem: CosemClass,
  given: Readonly<Record<string, unknown>>,
): readonly (ServedMethod | undefined)[] {
  const { methodIds } = idsOf(cosem);
  if (!methodIds.some((id) => typeof given[cosem.methodNames.get(id) as string] === 'function')) return NO_METHODS;
  const methods = new Array<ServedMethod | undefined>(1 + Math.max(...methodIds));
  for (const [id, name] of cosem.methodNames) {
    const call = given[name];
    const { parameter, returns } = cosem.methods[name] as Omit<ServedMethod, 'call'>;
    if (typeof call === 'function') methods[id] = { parameter, returns, call: call as ServedMethod['call'] };
  }
  return methods;
}
