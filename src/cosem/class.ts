/**
 * One declaration of a COSEM interface class (IEC 62056-6-2): the typed client, the server side of the virtual meter, the decoder, the
 * masks, the documents and the generators of the property tests all come from it.
 */

import { StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { LogicalName } from '../base/obis.js';
import type { Data } from '../codec/data.js';
import type { Type } from '../codec/type.js';
import { data, logicalName } from '../codec/types.js';
import type { AccessByRole, AttributeMode, MethodMode } from './access.js';
import type { NoSelectors, Selectors } from './selection.js';

/**
 * What a value means beyond its type. What names one device alone is replaced by `dump --mask` wherever it stands; the present time goes on
 * between two readings.
 */
export type Meaning = 'system-title' | 'hardware-address' | 'present-time';

/** What a class declares of an attribute beside its id and its type. */
export interface AttributeOptions {
  /** Whether the meter itself never changes it: a client may keep it. False if left out. */
  readonly static?: boolean;
  /** Whether it is a password, a PIN, a key or a token: masked everywhere, never recorded, read by nobody unless `access` says so. */
  readonly secret?: boolean;
  /** What a role may do with it by default, where that is not reading; see `defaultRights`. */
  readonly access?: AccessByRole<AttributeMode>;
  /** Clause of the Blue Book, where it is not in that of the class: `4.4.2`. */
  readonly clause?: string;
  /** The attribute of the same class that holds scaler and unit of this one: `scalerUnit`. */
  readonly scaledBy?: string;
  /** What its value means beyond its type. */
  readonly means?: Meaning;
  /** Unit of its numbers where it has no scaler: `s`, `octets`. For documents. */
  readonly unit?: string;
}

/** The same, of an attribute that can be read in parts. */
export interface SelectiveOptions<S extends Selectors> extends AttributeOptions {
  /** The selective access that the standard gives it, by the names that `selected` takes. */
  readonly selectors: S;
}

/** An attribute as a class declares it. */
export interface Attribute<T, S extends Selectors = NoSelectors> {
  /** 1 to 127; 1 is the logical name. */
  readonly id: number;
  /** The view of its values. */
  readonly type: Type<T>;
  /** Whether the meter itself never changes it: what a client may keep. */
  readonly static: boolean;
  /** Whether its value is a password, a PIN, a key or a token: it is masked, and never recorded. False if left out. */
  readonly secret?: boolean;
  /** Its selective access by name; none if left out. */
  readonly selectors?: S;
  /** What a role may do with it by default, where that is not reading. */
  readonly access?: AccessByRole<AttributeMode>;
  /** Clause of the Blue Book, where it is not in that of the class. */
  readonly clause?: string;
  /** The attribute of the same class that holds its scaler and unit. */
  readonly scaledBy?: string;
  /** What its value means beyond its type. */
  readonly means?: Meaning;
  /** Unit of its numbers where it has no scaler: `s`, `octets`. For documents. */
  readonly unit?: string;
}

/** What a class declares of a method beside its id, its parameter and its answer. */
export interface MethodOptions {
  /** Whether what it takes or gives is a password, a key or a token: it is masked everywhere. False if left out. */
  readonly secret?: boolean;
  /** Which roles may execute it by default; none if left out; see `defaultRights`. */
  readonly access?: AccessByRole<MethodMode>;
  /** Clause of the Blue Book, where it is not in that of the class. */
  readonly clause?: string;
}

/** A method as a class declares it. */
export interface Method<P, R> {
  /** 1 to 127. */
  readonly id: number;
  /** The view of what it takes; `zero` where it takes nothing. */
  readonly parameter: Type<P>;
  /** The view of what it gives; undefined where the standard returns no data. */
  readonly returns: Type<R> | undefined;
  /** Whether what it takes or gives is a password, a key or a token: it is masked. False if left out. */
  readonly secret?: boolean;
  /** Which roles may execute it by default; none if left out. */
  readonly access?: AccessByRole<MethodMode>;
  /** Clause of the Blue Book, where it is not in that of the class. */
  readonly clause?: string;
}

/** Attributes by name. */
export type Attributes = Readonly<Record<string, Attribute<unknown, Selectors>>>;
/** Methods by name. */
export type Methods = Readonly<Record<string, Method<unknown, unknown>>>;

// biome-ignore lint/complexity/noBannedTypes: the empty set of members, which `Record<string, never>` is not
type None = {};

/** An interface class in one version. Attribute 1, `logicalName`, is part of every class. */
export interface CosemClass<A extends Attributes = Attributes, M extends Methods = Methods> {
  /** The Blue Book's name: `Profile generic`. */
  readonly name: string;
  /** class_id. */
  readonly id: number;
  /** Version of the class, from 0. */
  readonly version: number;
  /** Clause of the Blue Book where the class stands in its newest version; undefined where it is not known here. */
  readonly clause?: string;
  /** Attributes by name. */
  readonly attributes: A;
  /** Methods by name. */
  readonly methods: M;
  /** Attributes that the standard does not have and some meters do: no client is offered them, but those that are secrets are masked. */
  readonly extras?: Attributes;
  /** Name of each attribute by its id, in the order of the ids. */
  readonly attributeNames: ReadonlyMap<number, string>;
  /** Name of each method by its id, in the order of the ids. */
  readonly methodNames: ReadonlyMap<number, string>;
}

/** What every class has. A type and not an interface: only types can be {@link Attributes}. */
export type CommonAttributes = {
  /** Attribute 1: the name of the object. */
  readonly logicalName: Attribute<LogicalName>;
};

/**
 * Declares an attribute. It is dynamic, no secret, and read as a whole unless the options say otherwise.
 *
 * ```ts
 * attr(3, scalerUnit, { static: true })
 * attr(7, octetString, { static: true, secret: true, access: { utility: 'write-only' } })
 * attr(2, data, { selectors: { range: selector(1, rangeDescriptor), entry: selector(2, entryDescriptor) } })
 * ```
 */
export function attr<T, S extends Selectors>(id: number, type: Type<T>, options: SelectiveOptions<S>): Attribute<T, S>;
export function attr<T>(id: number, type: Type<T>, options?: AttributeOptions): Attribute<T>;
export function attr<T>(id: number, type: Type<T>, options: AttributeOptions = {}): Attribute<T> {
  return { ...options, id, type, static: options.static ?? false, secret: options.secret ?? false };
}

/**
 * Declares a method. One that takes nothing takes `zero`; one that gives nothing leaves `returns` out.
 *
 * ```ts
 * method(1, zero, { access: { utility: 'access' } })
 * method(1, octetString, octetString)
 * method(2, octetString, { secret: true })
 * ```
 */
export function method<P, R>(id: number, parameter: Type<P>, returns: Type<R>, options?: MethodOptions): Method<P, R>;
export function method<P>(id: number, parameter: Type<P>, options?: MethodOptions): Method<P, undefined>;
export function method<P, R>(
  id: number,
  parameter: Type<P>,
  third?: Type<R> | MethodOptions,
  fourth: MethodOptions = {},
): Method<P, R> {
  const returns = third !== undefined && 'decode' in third ? third : undefined;
  const options = returns === undefined && third !== undefined ? (third as MethodOptions) : fourth;
  return { ...options, id, parameter, returns, secret: options.secret ?? false };
}

/** An interface class as {@link cosemClass} takes it. */
export interface ClassDeclaration<A extends Attributes, M extends Methods> {
  /** The Blue Book's name: `Profile generic`. */
  readonly name: string;
  /** class_id; 8192 to 32767 are makers' own. */
  readonly id: number;
  /** Version of the class, from 0. */
  readonly version: number;
  /** Clause of the Blue Book (the numbers of edition 12 and later): `4.3.6`. */
  readonly clause?: string;
  /** Attributes from 2 on, by name; attribute 1 is added. */
  readonly attributes?: A;
  /** Methods by name. */
  readonly methods?: M;
  /** Attributes that the standard does not have and some meters do: those that are secrets are masked, nothing else comes of them. */
  readonly extras?: Attributes;
}

/**
 * Declares an interface class. `logicalName` (attribute 1) is added.
 *
 * ```ts
 * const Thermometer = cosemClass({
 *   name: 'Thermometer', id: 8200, version: 0,
 *   attributes: {
 *     temperature: attr(2, int16, { scaledBy: 'scalerUnit' }),
 *     scalerUnit: attr(3, scalerUnit, { static: true }),
 *     pin: attr(4, octetString, { static: true, secret: true, access: { utility: 'write-only' } }),
 *   },
 *   methods: { calibrate: method(1, zero, { access: { utility: 'access' } }) },
 * });
 * const outside = clientObject(Thermometer, '0.0.96.9.0.255');
 * await meter.get(outside.temperature);
 * ```
 * @throws StateError when two attributes or two methods have the same id.
 */
export function cosemClass<A extends Attributes = None, M extends Methods = None>(
  declaration: ClassDeclaration<A, M>,
): CosemClass<CommonAttributes & A, M> {
  const { name, id, version, clause, extras } = declaration;
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
    ...optional(clause, extras),
    attributes,
    methods,
    attributeNames: namesById(attributes, `attribute of ${title}`),
    methodNames: namesById(methods, `method of ${title}`),
  });
}

/** Each half goes over the keys of one type alone, because only then a member keeps its comment, which an editor shows. */
type Merge<Old, New> = { readonly [K in keyof Old as K extends keyof New ? never : K]: Old[K] } & {
  readonly [K in keyof New]: New[K];
};

/** What another version of a class changes. */
export interface ClassChange<A extends Attributes, M extends Methods> {
  /** The version that is declared. */
  readonly version: number;
  /** Name of the class, where it changed with the version. */
  readonly name?: string;
  /** Attributes that are new or changed. */
  readonly attributes?: A;
  /** Methods that are new or changed. */
  readonly methods?: M;
}

/**
 * Declares another version of a class: members that are given are added, or replace those of the same name; the rest stays.
 *
 * ```ts
 * const ThermometerV1 = extendClass(Thermometer, {
 *   version: 1,
 *   attributes: { temperature: attr(2, float32), humidity: attr(5, uint8) },
 * });
 * ```
 * @throws StateError when two attributes or two methods have the same id.
 */
export function extendClass<
  A extends Attributes,
  M extends Methods,
  A2 extends Attributes = None,
  M2 extends Methods = None,
>(base: CosemClass<A, M>, change: ClassChange<A2, M2>): CosemClass<Merge<A, A2>, Merge<M, M2>> {
  const extended = cosemClass<Attributes, Methods>({
    name: change.name ?? base.name,
    id: base.id,
    version: change.version,
    ...optional(base.clause, base.extras),
    attributes: { ...base.attributes, ...change.attributes },
    methods: { ...base.methods, ...change.methods },
  });
  return extended as unknown as CosemClass<Merge<A, A2>, Merge<M, M2>>;
}

function optional(clause: string | undefined, extras: Attributes | undefined): Pick<CosemClass, 'clause' | 'extras'> {
  return given({ clause, extras });
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
  /** class_id. */
  readonly classId: number;
  /** Version of the class. */
  readonly version: number;
  /** Logical name of the object: `1.0.1.8.0.255`. */
  readonly logicalName: LogicalName;
}

/** One attribute of one object. A plain value: making or touching it does no I/O, so it can go into lists. */
export interface AttributeRef<T, S extends Selectors = NoSelectors> extends ObjectRef {
  /** Id in its class. */
  readonly attributeId: number;
  /** The attribute's name in its class, or `attribute 9` where the class is not known. */
  readonly name: string;
  /** The view of its values. */
  readonly type: Type<T>;
  /** Whether the meter itself never changes it. */
  readonly static: boolean;
  /** The selective access that its class declares, for `selected`. */
  readonly selectors?: S;
}

/** One method of one object. */
export interface MethodRef<P, R> extends ObjectRef {
  /** Id in its class. */
  readonly methodId: number;
  /** The method's name in its class, or `method 9` where the class is not known. */
  readonly name: string;
  /** The view of what it takes. */
  readonly parameter: Type<P>;
  /** The view of what it gives; undefined where it gives nothing. */
  readonly returns: Type<R> | undefined;
}

/**
 * References to all attributes and methods of an object, by name, and to the object itself as `self`.
 * Give an inferred one a name, so that tooltips stay short: `interface RegisterObject extends ClientObject<typeof Register> {}`.
 */
export type ClientObject<C extends CosemClass> = {
  /** The object itself. */
  readonly self: ObjectRef;
} & {
  readonly [K in keyof C['attributes']]: C['attributes'][K] extends Attribute<infer T, infer S>
    ? AttributeRef<T, S>
    : never;
} & {
  readonly [K in keyof C['methods']]: C['methods'][K] extends Method<infer P, infer R> ? MethodRef<P, R> : never;
};

/**
 * The references of one object of a class.
 *
 * ```ts
 * const energy = clientObject(Register, '1.0.1.8.0.255');
 * const [value, { scaler, unit }] = await meter.getAll([energy.value, energy.scalerUnit]);
 * ```
 */
export function clientObject<C extends CosemClass>(cosem: C, name: LogicalName): ClientObject<C> {
  const self: ObjectRef = { classId: cosem.id, version: cosem.version, logicalName: name };
  const members: Record<string, unknown> = { self };
  for (const [key, attribute] of Object.entries<Attribute<unknown, Selectors>>(cosem.attributes)) {
    members[key] = attributeRef(self, key, attribute);
  }
  for (const [key, { id, parameter, returns }] of Object.entries<Method<unknown, unknown>>(cosem.methods)) {
    members[key] = methodRef(self, id, key, parameter, returns);
  }
  return members as ClientObject<C>;
}

/** An object whose class or version is not known: attributes and methods by number, values as they come. */
export interface UntypedObject {
  /** The object itself. */
  readonly self: ObjectRef;
  /** An attribute by its id. */
  attribute(id: number): AttributeRef<Data>;
  /** A method by its id. */
  method(id: number): MethodRef<Data, Data>;
}

/** References by number to an object of any class; never throws for a class that is not known. */
export function untypedObject(classId: number, version: number, name: LogicalName): UntypedObject {
  const self: ObjectRef = { classId, version, logicalName: name };
  return {
    self,
    attribute: (id) => attributeRef(self, `attribute ${id}`, { id, type: data, static: false }),
    method: (id) => methodRef(self, id, `method ${id}`, data, data),
  };
}

function attributeRef<T, S extends Selectors>(
  { classId, version, logicalName: at }: ObjectRef,
  name: string,
  { id, type, static: fixed, selectors }: Attribute<T, S>,
): AttributeRef<T, S> {
  const ref = { classId, version, logicalName: at, attributeId: id, name, type, static: fixed };
  return selectors === undefined ? ref : { ...ref, selectors };
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

/** A reference as text, for messages: `3:1.0.1.8.0.255:2`. */
export function attributeTarget(ref: {
  readonly classId: number;
  readonly logicalName: LogicalName;
  readonly attributeId: number;
}): string {
  return `${ref.classId}:${ref.logicalName}:${ref.attributeId}`;
}
