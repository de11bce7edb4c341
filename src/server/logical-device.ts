import { StateError } from '../base/errors.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import { type LogicalName, logicalNameKey } from '../base/obis.js';
import { quoted } from '../base/words.js';
import type { Data } from '../codec/data.js';
import type { Type } from '../codec/type.js';
import type { AssociationDefinition } from '../contracts/association.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { GetAnswer, RequestContext, ServedDevice } from '../contracts/served-device.js';
import type {
  ActionResult,
  AttributeDescriptor,
  AttributeWithSelection,
  MethodDescriptor,
} from '../contracts/services.js';
import type { AccessRole, RightsByClient } from '../cosem/access.js';
import { selectionOf } from '../cosem/selection.js';
import { attributeOffset, methodOffset } from '../cosem/short-names.js';
import { namingOf } from '../session/contexts.js';
import { mayCall, mayRead, mayWrite, rightsOfObject } from './access.js';
import { associationObject } from './association-object.js';
import { associationSnObject, shortRights } from './association-sn-object.js';
import type { AssociationOffer } from './associations.js';
import { type Based, BaseNames, memberNamed } from './base-names.js';
import { type Clients, type DeviceObject, isObjectRights, object } from './object.js';
import { encodeAccessRights, selectObjects } from './object-list.js';
import { isOctetAttribute } from './octets.js';
import {
  checkDeviceName,
  checkTitle,
  type NamedDevice,
  namingObjects,
  ownAssociations,
  ownRights,
} from './own-objects.js';
import { resultNamed, resultOfError } from './refusal.js';
import { encodeGiven, membersOf, nameOf, type ServedObject, servedObject } from './served-object.js';
import { CURRENT_ASSOCIATION_KEY, type View, Views } from './views.js';

const NULL_DATA: Data = { type: 'null-data', value: null };

/** Options of a {@link LogicalDevice}. */
export interface LogicalDeviceOptions {
  /**
   * COSEM logical device name, at most 16 characters: three letters of the manufacturer, then what tells the device from others. With it the
   * device lists it as `0.0.42.0.0.255`, and the one of SAP 1 which devices there are (class 17, `0.0.41.0.0.255`).
   */
  readonly name?: string;
  /** The associations that it offers. Their objects (class 15, or 12 with short names) are numbered from `0.0.40.0.1.255` in this order. */
  readonly associations?: readonly AssociationOffer[];
  /** System title: eight octets that no other device has. Needed with keys; otherwise made from the name. */
  readonly systemTitle?: Uint8Array;
  /**
   * Store of the invocation counters for sending, and of those received from clients: `new FileCounterStore(path)` of `cosem/node`.
   * Needed with keys.
   */
  readonly counters?: CounterStore;
  /** Cryptography for keys that are transferred. Default `@noble`. */
  readonly crypto?: CryptoProvider;
  /** Server SAP of the device: 1 is the management logical device. */
  readonly sap?: number;
  /** Version of the Association LN objects. Default 1. Those of Association SN are of the next one: 2. */
  readonly associationVersion?: 0 | 1 | 2;
  /**
   * Base names by logical name for associations that have short names: multiples of 8. All other objects get the next free ones, in the order
   * in which they are added.
   */
  readonly baseNames?: Readonly<Record<LogicalName, number>>;
  /** Whether the object list names the selectors of selective access. Many meters do not. Default true. */
  readonly listSelectors?: boolean;
  /**
   * Called when an implementation throws anything but AccessError (the client gets `hardware-fault`), or gives a value that its type cannot hold
   * (`other-reason`), with the attribute or method: `3:0.0.96.9.0.255:2`. Nothing of it goes to the client, and the server goes on.
   */
  readonly onFault?: (error: unknown, target: string) => void;
}

const OPTIONS: OptionNames<LogicalDeviceOptions> = {
  name: true,
  associations: true,
  systemTitle: true,
  counters: true,
  crypto: true,
  sap: true,
  associationVersion: true,
  baseNames: true,
  listSelectors: true,
  onFault: true,
};

/** The name of an association, and its rights on objects that are added without rights. */
export interface AssociationNames {
  /** What {@link ObjectRights} call it. */
  readonly name: string;
  /** Without a role it may do everything that implementations can, except reading secrets. */
  readonly role?: AccessRole;
}

/**
 * A logical device: COSEM objects, and the associations through which clients see them. Everything is synchronous; values are encoded
 * straight from their type's declaration. Serve it by `serve`, or by {@link MeterServer} where there is no line.
 *
 * ```ts
 * const device = new LogicalDevice({ name: 'TMP0000001', associations: [publicClient(), lls({ client: 32, password })] });
 * device.add(object(Register, '0.0.96.9.0.255', { value: () => i16(215), scalerUnit: { scaler: -1, unit: '°C' } }, { read: ['public'] }));
 * ```
 */
export class LogicalDevice implements ServedDevice {
  /** Server SAP. */
  readonly sap: number;
  /** COSEM logical device name. */
  readonly name: string | undefined;
  /** The given system title; a device without keys may have none. */
  readonly systemTitle: Uint8Array | undefined;
  readonly #associationVersion: 0 | 1 | 2;
  readonly #listSelectors: boolean;
  readonly #onFault: LogicalDeviceOptions['onFault'];
  readonly #objects = new Map<number, ServedObject>();
  readonly #associations = new Map<number, AssociationDefinition>();
  readonly #names = new Map<number, AssociationNames>();
  readonly #status = new Map<number, 0 | 1 | 2>();
  readonly #shortAssociations = new Map<number, ServedObject>();
  readonly #associationKeys = new Set<number>();
  readonly #views: Views;
  /** Whether an association has short names. */
  #namesShort = false;
  /** Who calls a method now. */
  #caller: RequestContext | undefined;
  #neighbours: readonly NamedDevice[] = [];

  /** @throws StateError for options that cannot be: two associations of one client or one name, keys without a title or a store. */
  constructor(options: LogicalDeviceOptions = {}) {
    checkOptions(options, OPTIONS, 'LogicalDevice');
    const { name, systemTitle, counters, crypto } = options;
    checkDeviceName(name);
    checkTitle(systemTitle);
    this.sap = options.sap ?? 1;
    this.name = name;
    this.systemTitle = systemTitle;
    this.#associationVersion = options.associationVersion ?? 1;
    this.#listSelectors = options.listSelectors ?? true;
    this.#onFault = options.onFault;
    this.#views = new Views({
      objects: this.#objects,
      shortAssociations: this.#shortAssociations,
      associationKeys: this.#associationKeys,
      associationVersion: this.#associationVersion,
      baseNames: new BaseNames(options.baseNames),
      association: (client) => this.#associations.get(client),
      role: (client) => this.#names.get(client)?.role,
    });
    const associations = ownAssociations(options.associations ?? [], { systemTitle, counters, crypto });
    for (const { definition, offer } of associations) this.associate(definition, ownRights(definition), offer);
    for (const { objects } of associations) for (const own of objects) this.add(own);
    for (const own of namingObjects(this, () => [this, ...this.#neighbours])) this.add(own);
  }

  /** @internal The other logical devices of the same server, for the SAP assignment. */
  beside(devices: readonly NamedDevice[]): void {
    this.#neighbours = devices.filter((device) => device.sap !== this.sap);
  }

  /**
   * Adds an object. Objects stand in the object list in the order in which they were added.
   * @throws StateError when the name is none or is taken, an attribute is missing, short names overlap or run out, or rights name an association that there is not.
   */
  add(added: DeviceObject): this {
    const { nameBytes, key } = nameOf(added.logicalName);
    if (this.#objects.has(key) || key === CURRENT_ASSOCIATION_KEY) {
      throw new StateError(`${added.logicalName} is there already`, { hint: 'a logical name stands for one object' });
    }
    const served = servedObject(added, this.#listSelectors);
    this.#objects.set(logicalNameKey(nameBytes), { ...served, rights: this.#rightsOf(added.rights, served) });
    this.#views.changed(this.#namesShort);
    return this;
  }

  /**
   * Offers an association, and adds its object (class 15, or 12 with short names) under its logical name; to its own client it is also 0.0.40.0.0.255. The way for
   * what `publicClient`, `lls` and `hls` do not make.
   * @throws StateError when the client SAP has one already.
   */
  associate(definition: AssociationDefinition, rights?: RightsByClient, names?: AssociationNames): this {
    if (this.#associations.has(definition.client)) {
      throw new StateError(`client ${definition.client} has an association already`);
    }
    this.#associations.set(definition.client, definition);
    this.#status.set(definition.client, 0);
    if (names !== undefined) this.#names.set(definition.client, names);
    const { key } = nameOf(definition.logicalName);
    this.#associationKeys.add(key);
    const naming = namingOf(definition.context);
    if (naming === 'sn' || definition.bothNamings === true) {
      this.#namesShort = true;
      const short = object(...this.#shortAssociation(definition), shortRights(rights));
      if (naming === 'sn' && definition.bothNamings !== true) return this.add(short);
      const served = servedObject(short, this.#listSelectors);
      this.#shortAssociations.set(key, { ...served, rights: this.#rightsOf(short.rights, served) });
    }
    const [cosem, implementation] = associationObject(definition, this.#associationVersion, this.sap, {
      objectList: (selection) => {
        const { byName, objectList } = this.#views.of(definition.client, 'ln');
        if (selection === undefined) return objectList;
        const listed = [...byName.values()].map(({ object, grants }) => [object, grants] as const);
        return selectObjects(listed, this.#associationVersion, selection);
      },
      status: () => this.#status.get(definition.client) ?? 0,
    });
    return this.add(object(cosem, definition.logicalName, implementation, rights));
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

  /** Answers a GET of one attribute. */
  get(request: AttributeWithSelection, context: RequestContext): GetAnswer {
    const visible = this.#view(context).byName.get(logicalNameKey(request.instanceId));
    if (visible === undefined || visible.object.classId !== request.classId)
      return { error: resultNamed('object-undefined') };
    const attribute = visible.object.attributes[request.attributeId];
    if (attribute === undefined) return { error: resultNamed('object-undefined') };
    const mode = visible.grants.attributes[request.attributeId] as number;
    if (!mayRead(mode, context.authenticated)) return { error: resultNamed('scope-of-access-violated') };
    const { access, type, selectors } = attribute;
    try {
      const selection =
        request.selection && selectionOf(access.select && selectors, request.selection, nameOfRequest(request));
      if (isOctetAttribute(access)) return { octets: access.octets(selection) };
      const value = selection === undefined ? access.get() : access.select?.(selection);
      return this.#encoded(type, value, request) ?? { error: resultNamed('other-reason') };
    } catch (error) {
      return { error: this.#resultOf(error, request, 'access') };
    }
  }

  set(request: AttributeWithSelection, value: Data, context: RequestContext): number {
    const visible = this.#view(context).byName.get(logicalNameKey(request.instanceId));
    if (visible === undefined || visible.object.classId !== request.classId) return resultNamed('object-undefined');
    const attribute = visible.object.attributes[request.attributeId];
    if (attribute === undefined) return resultNamed('object-undefined');
    const mode = visible.grants.attributes[request.attributeId] as number;
    if (mode === 0) return resultNamed('scope-of-access-violated');
    const { access, type } = attribute;
    if (!mayWrite(mode, context.authenticated) || access.set === undefined) return resultNamed('read-write-denied');
    if (request.selection !== undefined) return resultNamed('type-unmatched');
    try {
      const later: unknown = access.set(type.decode(value));
      return this.#isLater(later, request) ? resultNamed('other-reason') : resultNamed('success');
    } catch (error) {
      return this.#resultOf(error, request, 'access');
    }
  }

  /** Carries out an ACTION. */
  action(request: MethodDescriptor, parameter: Data | undefined, context: RequestContext): ActionResult {
    const visible = this.#view(context).byName.get(logicalNameKey(request.instanceId));
    if (visible === undefined || visible.object.classId !== request.classId)
      return { result: resultNamed('object-undefined') };
    const method = visible.object.methods[request.methodId];
    if (method === undefined) return { result: resultNamed('object-undefined') };
    const mode = visible.grants.methods[request.methodId] as number;
    if (!mayCall(mode, context.authenticated)) return { result: resultNamed('scope-of-access-violated') };
    try {
      this.#caller = context;
      const returned = method.call(method.parameter.decode(parameter ?? NULL_DATA));
      if (this.#isLater(returned, request)) return { result: resultNamed('other-reason') };
      if (method.returns === undefined) return { result: resultNamed('success') };
      const encoded = this.#encoded(method.returns, returned, request);
      return encoded === undefined
        ? { result: resultNamed('other-reason') }
        : { result: resultNamed('success'), returned: encoded };
    } catch (error) {
      return { result: this.#resultOf(error, request, 'action') };
    }
  }

  statusChanged(association: AssociationDefinition, status: 0 | 1 | 2, clientTitle?: Uint8Array): void {
    this.#status.set(association.client, status);
    if (clientTitle !== undefined) association.lastClientTitle = clientTitle;
  }

  /** The attribute or method that a client means by a short name. */
  named(
    shortName: number,
    { client }: Pick<RequestContext, 'client'>,
  ): AttributeDescriptor | MethodDescriptor | undefined {
    const found = memberNamed(this.#views.of(client, 'sn').based, shortName);
    return found && { classId: found.object.classId, instanceId: found.object.nameBytes, ...found.member };
  }

  /** The short name of an attribute or method for a client; undefined where the client sees no such object, or its class has no such member. */
  shortNameOf(member: AttributeDescriptor | MethodDescriptor, client: number): number | undefined {
    const { byName, based } = this.#views.of(client, 'sn');
    const visible = byName.get(logicalNameKey(member.instanceId))?.object;
    if (visible?.classId !== member.classId) return undefined;
    const { cosem } = visible;
    const { baseName } = based.find(({ object }) => object === visible) as Based<ServedObject>;
    if ('attributeId' in member)
      return cosem.attributeNames.has(member.attributeId) ? baseName + attributeOffset(member.attributeId) : undefined;
    return cosem.methodNames.has(member.methodId) ? baseName + methodOffset(cosem, member.methodId) : undefined;
  }

  // ---- inside

  #view({ client, naming = 'ln' }: RequestContext): View {
    return this.#views.of(client, naming);
  }

  /** The object of class 12 of an association. */
  #shortAssociation(definition: AssociationDefinition) {
    const { client } = definition;
    const version = (this.#associationVersion + 1) as 1 | 2 | 3;
    const view = () => this.#views.of(client, 'sn');
    const [cosem, implementation] = associationSnObject(definition, version, {
      objectList: () => view().objectList,
      accessRightsList: () => encodeAccessRights(view().listed, version),
      read: (attribute) => this.get(attribute, this.#caller as RequestContext),
      attributesOf: (classId, instanceId) => {
        const seen = view().byName.get(logicalNameKey(instanceId))?.object;
        return seen?.classId === classId ? seen.attributeIds : undefined;
      },
    });
    return [cosem, definition.logicalName, implementation] as const;
  }

  /** Rights by client SAP, in whichever form they were given. */
  #rightsOf(rights: DeviceObject['rights'], object: ServedObject): RightsByClient | undefined {
    if (rights === undefined || !isObjectRights(rights)) return rights;
    const named = (clients: Clients = []) => new Set(clients.map((one) => this.#clientOf(one, object.logicalName)));
    return rightsOfObject(membersOf(object), named(rights.read), named(rights.write), named(rights.execute));
  }

  #clientOf(named: string | number, logicalName: LogicalName): number {
    if (typeof named === 'number' && this.#associations.has(named)) return named;
    const found = [...this.#names].find(([, { name }]) => name === named);
    if (found !== undefined) return found[0];
    const known = [...this.#names.values()].map(({ name }) => name).join(', ');
    throw new StateError(`${logicalName}: there is no association ${quoted(String(named))} to have rights`, {
      hint: known === '' ? 'offer it first' : `there are ${known}`,
    });
  }

  /** The given value as data; undefined, and reported, when the type cannot hold it. */
  #encoded(
    type: Type<unknown>,
    value: unknown,
    request: AttributeWithSelection | MethodDescriptor,
  ): { readonly data: Data } | undefined {
    if (this.#isLater(value, request)) return undefined;
    try {
      return { data: encodeGiven(type, value) };
    } catch (cause) {
      const target = nameOfRequest(request);
      const hint = `the class declares ${type.name}`;
      this.#tell(
        new StateError(`${target}: the implementation gave a value that cannot be sent`, { hint, cause }),
        target,
      );
      return undefined;
    }
  }

  /** Whether the given value is a promise. It is not awaited, and if it fails it must not end the program. */
  #isLater(value: unknown, request: AttributeWithSelection | MethodDescriptor): boolean {
    if (!isThenable(value)) return false;
    const target = nameOfRequest(request);
    value.then(undefined, (error: unknown) => this.#tell(error, target));
    const hint = 'keep what has to be waited for where a function finds it at once';
    this.#tell(
      new StateError(`${target}: the implementation gave a promise; a server answers at once`, { hint }),
      target,
    );
    return true;
  }

  /** What the owner's hook throws is ignored. */
  #tell(error: unknown, target: string): void {
    try {
      this.#onFault?.(error, target);
    } catch {}
  }

  #resultOf(error: unknown, request: AttributeWithSelection | MethodDescriptor, of: 'access' | 'action'): number {
    const result = resultOfError(error, of);
    if (result !== undefined) return result;
    this.#tell(error, nameOfRequest(request));
    return resultNamed('hardware-fault');
  }
}

function nameOfRequest(request: AttributeWithSelection | MethodDescriptor): string {
  const member = 'attributeId' in request ? request.attributeId : `${request.methodId}()`;
  return `${request.classId}:${request.instanceId.join('.')}:${member}`;
}

function isThenable(value: unknown): value is { then(done: undefined, failed: (error: unknown) => void): unknown } {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
