/**
 * One declaration of a COSEM interface class (IEC 62056-6-2): the typed client, the server side of the virtual meter, the decoder, the
 * documents and the generators of the property tests all come from it.
 */

import { StateError } from '../base/errors.js';
import type { LogicalName } from '../base/obis.js';
import type { Data } from '../codec/data.js';
import type { Type } from '../codec/type.js';
import { data, logicalName } from '../codec/types.js';

/** An attribute as a class declares it. */
export interface Attribute<T> {
  readonly id: number;
  readonly type: Type<T>;
  /** Whether the meter itself never changes it: what a client may keep. */
  readonly static: boolean;
  /** Whether its value is a password, a PIN, a key or a token: it is masked, and never recorded. Not unless said. */
  readonly secret?: boolean;
}

/** A method as a class declares it. `returns` is absent where the standard returns no data. */
export interface Method<P, R> {
  readonly id: number;
  readonly parameter: Type<P>;
  readonly returns: Type<R> | undefined;
  /** Whether what it takes or gives is a password, a key or a token: it is masked. Not unless said. */
  readonly secret?: boolean;
}

export type Attributes = Readonly<Record<string, Attribute<unknown>>>;
export type Methods = Readonly<Record<string, Method<unknown, unknown>>>;

// biome-ignore lint/complexity/noBannedTypes: the empty set of members, which `Record<string, never>` is not
type None = {};

/** An interface class in one version. Attribute 1, `logicalName`, is part of every class. */
export interface CosemClass<A extends Attributes = Attributes, M extends Methods = Methods> {
  /** The Blue Book's name: `Profile generic`. */
  readonly name: string;
  readonly id: number;
  readonly version: number;
  readonly attributes: A;
  readonly methods: M;
  /** Name of each attribute by its id, in the order of the ids. */
  readonly attributeNames: ReadonlyMap<number, string>;
  /** Name of each method by its id, in the order of the ids. */
  readonly methodNames: ReadonlyMap<number, string>;
}

/** What every class has. A type and not an interface: only types can be {@link Attributes}. */
export type CommonAttributes = { readonly logicalName: Attribute<LogicalName> };

/** Declares an attribute. Dynamic and no secret unless said otherwise. */
export function attr<T>(
  id: number,
  type: Type<T>,
  options: { readonly static?: boolean; readonly secret?: boolean } = {},
): Attribute<T> {
  return { id, type, static: options.static ?? false, secret: options.secret ?? false };
}

/** Declares a method. One that takes nothing takes {@link zero}. */
export function method<P>(id: number, parameter: Type<P>): Method<P, undefined>;
export function method<P, R>(id: number, parameter: Type<P>, returns: Type<R>): Method<P, R>;
export function method<P, R>(id: number, parameter: Type<P>, returns?: Type<R>): Method<P, R> {
  return { id, parameter, returns, secret: false };
}

/** The same method, whose parameter and answer are secrets. */
export function secretMethod<P, R>(declared: Method<P, R>): Method<P, R> {
  return { ...declared, secret: true };
}

/** What {@link cosemClass} is given. */
export interface ClassDeclaration<A extends Attributes, M extends Methods> {
  readonly name: string;
  readonly id: number;
  readonly version: number;
  readonly attributes?: A;
  readonly methods?: M;
}

/**
 * Declares an interface class. `logicalName` (attribute 1) is added.
 * @throws StateError when two attributes or two methods claim one id.
 */
export function cosemClass<A extends Attributes = None, M extends Methods = None>(
  declaration: ClassDeclaration<A, M>,
): CosemClass<CommonAttributes & A, M> {
  const { name, id, version } = declaration;
  const attributes = {
    logicalName: attr(1, logicalName, { static: true }),
    ...declaration.attributes,
  } as CommonAttributes & A;
  const methods = (declaration.methods ?? {}) as M;
  const title = `${name} (class ${id} version ${version})`;
  return Object.freeze({
    name,
    id,
    version,
    attributes,
    methods,
    attributeNames: namesById(attributes, `attribute of ${title}`),
    methodNames: namesById(methods, `method of ${title}`),
  });
}

type Merge<Old, New> = {
  readonly [K in keyof Old | keyof New]: K extends keyof New ? New[K] : K extends keyof Old ? Old[K] : never;
};

/** Another version of a class: what is named is added or takes the place of its namesake, the rest stays. */
export function extendClass<
  A extends Attributes,
  M extends Methods,
  A2 extends Attributes = None,
  M2 extends Methods = None,
>(
  base: CosemClass<A, M>,
  change: { readonly version: number; readonly name?: string; readonly attributes?: A2; readonly methods?: M2 },
): CosemClass<Merge<A, A2>, Merge<M, M2>> {
  const extended = cosemClass<Attributes, Methods>({
    name: change.name ?? base.name,
    id: base.id,
    version: change.version,
    attributes: { ...base.attributes, ...change.attributes },
    methods: { ...base.methods, ...change.methods },
  });
  return extended as unknown as CosemClass<Merge<A, A2>, Merge<M, M2>>;
}

function namesById(
  members: Readonly<Record<string, { readonly id: number }>>,
  what: string,
): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const [name, { id }] of Object.entries(members).sort(([, a], [, b]) => a.id - b.id)) {
    if (names.has(id)) throw new StateError(`${what}: '${name}' and '${names.get(id)}' both have id ${id}`);
    names.set(id, name);
  }
  return names;
}

// ---- references

/** Which object is meant. */
export interface ObjectRef {
  readonly classId: number;
  readonly version: number;
  readonly logicalName: LogicalName;
}

/** One attribute of one object. A plain value: making or touching it does no I/O, so it can go into lists. */
export interface AttributeRef<T> extends ObjectRef {
  readonly attributeId: number;
  /** The attribute's name in its class, or `attribute 9` where the class is not known. */
  readonly name: string;
  readonly type: Type<T>;
  readonly static: boolean;
}

/** One method of one object. */
export interface MethodRef<P, R> extends ObjectRef {
  readonly methodId: number;
  readonly name: string;
  readonly parameter: Type<P>;
  readonly returns: Type<R> | undefined;
}

/**
 * References to all attributes and methods of an object, by name, and to the object itself as `self`.
 * Give an inferred one a name, so that tooltips stay short: `interface RegisterObject extends ClientObject<typeof Register> {}`.
 */
export type ClientObject<C extends CosemClass> = { readonly self: ObjectRef } & {
  readonly [K in keyof C['attributes']]: C['attributes'][K] extends Attribute<infer T> ? AttributeRef<T> : never;
} & {
  readonly [K in keyof C['methods']]: C['methods'][K] extends Method<infer P, infer R> ? MethodRef<P, R> : never;
};

/** The references of one object of a class. */
export function clientObject<C extends CosemClass>(cosem: C, name: LogicalName): ClientObject<C> {
  const self: ObjectRef = { classId: cosem.id, version: cosem.version, logicalName: name };
  const members: Record<string, unknown> = { self };
  for (const key of Object.keys(cosem.attributes)) {
    const { id, type, static: fixed } = cosem.attributes[key] as Attribute<unknown>;
    members[key] = attributeRef(self, id, key, type, fixed);
  }
  for (const key of Object.keys(cosem.methods)) {
    const { id, parameter, returns } = cosem.methods[key] as Method<unknown, unknown>;
    members[key] = methodRef(self, id, key, parameter, returns);
  }
  return members as ClientObject<C>;
}

/** An object whose class or version is not known: attributes and methods by number, values as they come. */
export interface UntypedObject {
  readonly self: ObjectRef;
  attribute(id: number): AttributeRef<Data>;
  method(id: number): MethodRef<Data, Data>;
}

/** A handle for any class: never throws for one it does not know. */
export function untypedObject(classId: number, version: number, name: LogicalName): UntypedObject {
  const self: ObjectRef = { classId, version, logicalName: name };
  return {
    self,
    attribute: (id) => attributeRef(self, id, `attribute ${id}`, data, false),
    method: (id) => methodRef(self, id, `method ${id}`, data, data),
  };
}

function attributeRef<T>(
  of: ObjectRef,
  attributeId: number,
  name: string,
  type: Type<T>,
  fixed: boolean,
): AttributeRef<T> {
  const { classId, version, logicalName: at } = of;
  return { classId, version, logicalName: at, attributeId, name, type, static: fixed };
}

function methodRef<P, R>(
  of: ObjectRef,
  methodId: number,
  name: string,
  parameter: Type<P>,
  returns: Type<R> | undefined,
): MethodRef<P, R> {
  const { classId, version, logicalName: at } = of;
  return { classId, version, logicalName: at, methodId, name, parameter, returns };
}

/** A reference for people and messages: `3:1.0.1.8.0.255:2`. */
export function attributeTarget(ref: { classId: number; logicalName: LogicalName; attributeId: number }): string {
  return `${ref.classId}:${ref.logicalName}:${ref.attributeId}`;
}

// ---- the server's side

/** Which part of an attribute is asked for: the Selective-Access-Descriptor, seen from this room. */
export interface Selection {
  readonly selector: number;
  readonly parameters: Data;
}

/**
 * Where a server gets an attribute from: a value that stays, a function asked at each reading, or both directions.
 * `get` gives only what a selection asks for, where the class has selective access; `set` makes the attribute writable (the access
 * rights decide for whom). What says no throws AccessError with the name of the data-access-result: `type-unmatched`.
 */
export type AttributeSource<T> = T | (() => T) | AttributeAccess<T>;

export interface AttributeAccess<T> {
  get(selection?: Selection): T;
  set?(value: T): void;
}

/**
 * What a server needs to be an object of a class: every attribute but the logical name; a method that is left out is refused with
 * `object-undefined`. What says no throws AccessError with the name of the action-result.
 */
export type Implementation<C extends CosemClass> = {
  readonly [K in Exclude<keyof C['attributes'], 'logicalName'>]: C['attributes'][K] extends Attribute<infer T>
    ? AttributeSource<T>
    : never;
} & {
  readonly [K in keyof C['methods']]?: C['methods'][K] extends Method<infer P, infer R>
    ? (parameter: P) => [R] extends [undefined] ? void : R
    : never;
};

/** Any of the three forms of a source as one. */
export function attributeAccess<T>(source: AttributeSource<T>): AttributeAccess<T> {
  if (typeof source === 'function') return { get: source as () => T };
  if (isAccess(source)) return source;
  return { get: () => source };
}

function isAccess<T>(source: T | AttributeAccess<T>): source is AttributeAccess<T> {
  return typeof source === 'object' && source !== null && 'get' in source && typeof source.get === 'function';
}
