import { StateError } from '../base/errors.js';
import { type LogicalName, logicalNameKey, logicalNameToBytes } from '../base/obis.js';
import type { Data } from '../codec/data.js';
import type { Type } from '../codec/type.js';
import { logicalName } from '../codec/types.js';
import type { AssociationDefinition } from '../contracts/association.js';
import type { Reading, RequestContext, ServedDevice } from '../contracts/served-device.js';
import type { ActionResult, AttributeWithSelection, MethodDescriptor } from '../contracts/services.js';
import type { RightsByClient } from '../cosem/access.js';
import type { Attribute, CosemClass } from '../cosem/class.js';
import {
  type AttributeAccess,
  type AttributeSource,
  attributeAccess,
  type Implementation,
} from '../cosem/implementation.js';
import { type Selectors, selectionOf, selectorIds } from '../cosem/selection.js';
import { type Grants, grantsOf, mayCall, mayRead, mayWrite } from './access.js';
import { associationObject } from './association-object.js';
import { encodeObjectList, type ListedEntry, type ListedObject, selectObjects } from './object-list.js';
import { isOctetAttribute } from './octets.js';
import { resultOfError } from './refusal.js';

const SUCCESS = 0;
const HARDWARE_FAULT = 1;
const READ_WRITE_DENIED = 3;
const OBJECT_UNDEFINED = 4;
const TYPE_UNMATCHED = 12;
const SCOPE_OF_ACCESS_VIOLATED = 13;

const ASSOCIATION_LN = 15;
const CURRENT_ASSOCIATION: LogicalName = '0.0.40.0.0.255';
const CURRENT_ASSOCIATION_BYTES = logicalNameToBytes(CURRENT_ASSOCIATION);
const CURRENT_ASSOCIATION_KEY = logicalNameKey(CURRENT_ASSOCIATION_BYTES);
const NULL_DATA: Data = { type: 'null-data', value: null };

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

interface ServedObject extends ListedObject {
  readonly cosem: CosemClass;
  readonly logicalName: LogicalName;
  readonly attributes: readonly (ServedAttribute | undefined)[];
  readonly methods: readonly (ServedMethod | undefined)[];
  readonly rights: RightsByClient | undefined;
}

/** An object as one client sees it. */
interface Visible {
  readonly object: ServedObject;
  readonly grants: Grants;
}

/** All that one client sees. */
interface View {
  readonly byName: ReadonlyMap<number, Visible>;
  /** All of it, encoded once. */
  readonly objectList: Uint8Array;
}

export interface LogicalDeviceOptions {
  /** Server SAP of the device: 1 is the management logical device. */
  readonly sap?: number;
  /** Version of the Association LN objects. 1 unless told otherwise. */
  readonly associationVersion?: 0 | 1 | 2;
  /** Whether the object list names the selectors of selective access. Many meters do not. True unless told otherwise. */
  readonly listSelectors?: boolean;
  /** Told when an implementation fails: the client gets hardware-fault. Must not throw. */
  readonly onFault?: (error: unknown, target: string) => void;
}

/**
 * A logical device: COSEM objects, and the associations through which clients see them. Everything is synchronous; values are encoded
 * straight from their type's declaration.
 */
export class LogicalDevice implements ServedDevice {
  readonly sap: number;
  readonly #associationVersion: 0 | 1 | 2;
  readonly #listSelectors: boolean;
  readonly #onFault: LogicalDeviceOptions['onFault'];
  readonly #objects = new Map<number, ServedObject>();
  readonly #associations = new Map<number, AssociationDefinition>();
  readonly #status = new Map<number, 0 | 1 | 2>();
  readonly #views = new Map<number, View>();

  constructor(options: LogicalDeviceOptions = {}) {
    this.sap = options.sap ?? 1;
    this.#associationVersion = options.associationVersion ?? 1;
    this.#listSelectors = options.listSelectors ?? true;
    this.#onFault = options.onFault;
  }

  /**
   * Adds an object. Objects stand in the object list in the order in which they were added. The rights of a client are those that a role has
   * by default, or others; without rights every client may do all that the implementation can, but read a secret.
   * @throws StateError when the name is taken or an attribute is missing.
   */
  add<C extends CosemClass>(
    cosem: C,
    logicalName: LogicalName,
    implementation: Implementation<C>,
    rights?: RightsByClient,
  ): this {
    const { nameBytes, key } = nameOf(logicalName);
    if (this.#objects.has(key) || key === CURRENT_ASSOCIATION_KEY) {
      throw new StateError(`${logicalName} is there already`, { hint: 'a logical name stands for one object' });
    }
    const given = implementation as Readonly<Record<string, unknown>>;
    const attributes = servedAttributes(cosem, logicalName, given);
    const methods = servedMethods(cosem, given);
    this.#objects.set(key, {
      cosem,
      classId: cosem.id,
      version: cosem.version,
      logicalName,
      nameBytes,
      ...idsOf(cosem),
      selectors: this.#listSelectors ? selectorsOf(attributes) : NO_SELECTORS,
      attributes,
      methods,
      rights,
    });
    this.#views.clear();
    return this;
  }

  /**
   * Offers an association, and adds its object (class 15) under its logical name; to its own client it is also 0.0.40.0.0.255.
   * @throws StateError when the client SAP has one already.
   */
  associate(definition: AssociationDefinition, rights?: RightsByClient): this {
    if (this.#associations.has(definition.client)) {
      throw new StateError(`client ${definition.client} has an association already`);
    }
    this.#associations.set(definition.client, definition);
    this.#status.set(definition.client, 0);
    const [cosem, implementation] = associationObject(definition, this.#associationVersion, this.sap, {
      objectList: (selection) => {
        const { byName, objectList } = this.#view(definition.client);
        if (selection === undefined) return objectList;
        const listed = [...byName.values()].map(({ object, grants }) => [object, grants] as const);
        return selectObjects(listed, this.#associationVersion, selection);
      },
      status: () => this.#status.get(definition.client) ?? 0,
    });
    return this.add(cosem, definition.logicalName, implementation, rights);
  }

  /** The association of a client SAP. */
  association(client: number): AssociationDefinition | undefined {
    return this.#associations.get(client);
  }

  /** Every association, in the order in which they were offered. */
  get associations(): IterableIterator<AssociationDefinition> {
    return this.#associations.values();
  }

  /** Whether a client has its association open. */
  status(client: number): 0 | 1 | 2 {
    return this.#status.get(client) ?? 0;
  }

  // ---- ServerApplication

  get(request: AttributeWithSelection, context: RequestContext): Reading {
    const visible = this.#view(context.client).byName.get(logicalNameKey(request.instanceId));
    if (visible === undefined || visible.object.classId !== request.classId) return { error: OBJECT_UNDEFINED };
    const attribute = visible.object.attributes[request.attributeId];
    if (attribute === undefined) return { error: OBJECT_UNDEFINED };
    const mode = visible.grants.attributes[request.attributeId] as number;
    if (!mayRead(mode, context.authenticated)) return { error: SCOPE_OF_ACCESS_VIOLATED };
    const { access, type, selectors } = attribute;
    try {
      const selection =
        request.selection && selectionOf(access.select && selectors, request.selection, nameOfRequest(request));
      if (isOctetAttribute(access)) return { octets: access.octets(selection) };
      return { data: type.encode(selection === undefined ? access.get() : access.select?.(selection)) };
    } catch (error) {
      return { error: this.#resultOf(error, request, 'access') };
    }
  }

  set(request: AttributeWithSelection, value: Data, context: RequestContext): number {
    const visible = this.#view(context.client).byName.get(logicalNameKey(request.instanceId));
    if (visible === undefined || visible.object.classId !== request.classId) return OBJECT_UNDEFINED;
    const attribute = visible.object.attributes[request.attributeId];
    if (attribute === undefined) return OBJECT_UNDEFINED;
    const mode = visible.grants.attributes[request.attributeId] as number;
    if (mode === 0) return SCOPE_OF_ACCESS_VIOLATED;
    const { access, type } = attribute;
    if (!mayWrite(mode, context.authenticated) || access.set === undefined) return READ_WRITE_DENIED;
    if (request.selection !== undefined) return TYPE_UNMATCHED;
    try {
      access.set(type.decode(value));
      return SUCCESS;
    } catch (error) {
      return this.#resultOf(error, request, 'access');
    }
  }

  action(request: MethodDescriptor, parameter: Data | undefined, context: RequestContext): ActionResult {
    const visible = this.#view(context.client).byName.get(logicalNameKey(request.instanceId));
    if (visible === undefined || visible.object.classId !== request.classId) return { result: OBJECT_UNDEFINED };
    const method = visible.object.methods[request.methodId];
    if (method === undefined) return { result: OBJECT_UNDEFINED };
    const mode = visible.grants.methods[request.methodId] as number;
    if (!mayCall(mode, context.authenticated)) return { result: SCOPE_OF_ACCESS_VIOLATED };
    try {
      const returned = method.call(method.parameter.decode(parameter ?? NULL_DATA));
      if (method.returns === undefined) return { result: SUCCESS };
      return { result: SUCCESS, returned: { data: method.returns.encode(returned) } };
    } catch (error) {
      return { result: this.#resultOf(error, request, 'action') };
    }
  }

  statusChanged(association: AssociationDefinition, status: 0 | 1 | 2, clientTitle?: Uint8Array): void {
    this.#status.set(association.client, status);
    if (clientTitle !== undefined) association.lastClientTitle = clientTitle;
  }

  // ---- inside

  #resultOf(error: unknown, request: AttributeWithSelection | MethodDescriptor, of: 'access' | 'action'): number {
    const result = resultOfError(error, of);
    if (result !== undefined) return result;
    this.#onFault?.(error, nameOfRequest(request));
    return HARDWARE_FAULT;
  }

  #view(client: number): View {
    const known = this.#views.get(client);
    if (known !== undefined) return known;
    const view = this.#makeView(client);
    this.#views.set(client, view);
    return view;
  }

  #makeView(client: number): View {
    const byName = new Map<number, Visible>();
    const listed: ListedEntry[] = [];
    const own = this.#associations.get(client);
    const ownObject = own && this.#objects.get(logicalNameKey(logicalNameToBytes(own.logicalName)));
    // The current association stands before the numbered ones.
    let current = ownObject && currentAssociation(ownObject);
    for (const [key, object] of this.#objects) {
      const rights = object.rights?.[client];
      if (current !== undefined && object.classId === ASSOCIATION_LN) {
        const grants = grantsOf(membersOf(current), ownObject?.rights?.[client]);
        byName.set(CURRENT_ASSOCIATION_KEY, { object: current, grants });
        listed.push([current, grants]);
        current = undefined;
      }
      if (object.rights !== undefined && rights === undefined) continue;
      const grants = grantsOf(membersOf(object), rights);
      byName.set(key, { object, grants });
      listed.push([object, grants]);
    }
    return { byName, objectList: encodeObjectList(listed, this.#associationVersion) };
  }
}

function nameOfRequest(request: AttributeWithSelection | MethodDescriptor): string {
  const member = 'attributeId' in request ? request.attributeId : `${request.methodId}()`;
  return `${request.classId}:${request.instanceId.join('.')}:${member}`;
}

function currentAssociation(object: ServedObject): ServedObject {
  const attributes = object.attributes.slice();
  attributes[1] = nameOf(CURRENT_ASSOCIATION).attribute;
  return { ...object, logicalName: CURRENT_ASSOCIATION, nameBytes: CURRENT_ASSOCIATION_BYTES, attributes };
}

function membersOf(object: ServedObject) {
  const attributes = new Map<number, boolean>();
  for (const id of object.attributeIds) attributes.set(id, object.attributes[id]?.access.set !== undefined);
  const methods = new Set(object.methodIds.filter((id) => object.methods[id] !== undefined));
  return { cosem: object.cosem, attributes, methods };
}

/** What follows from a logical name. Meters have the same names by the thousand: it is made once. */
interface KnownName {
  readonly key: number;
  readonly nameBytes: Uint8Array;
  /** Attribute 1, encoded. */
  readonly attribute: ServedAttribute;
}
const knownNames = new Map<LogicalName, KnownName>();

function nameOf(name: LogicalName): KnownName {
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
  // As long as it will be: an array that grows takes room for more.
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
