/** The server's side of a class: where its attributes come from and what its methods do. */

import type { Data } from '../codec/data.js';
import type { Attribute, CosemClass, Method } from './class.js';
import type { NoSelectors, SelectionOf, Selectors } from './selection.js';

/**
 * Where a server gets an attribute from: a value that stays, a function asked at each reading, or both directions. A value is typed, or Data
 * as it is to be sent.
 * To refuse, throw AccessError with the name of the data-access-result: `type-unmatched`.
 */
export type AttributeSource<T, S extends Selectors = NoSelectors> = T | Data | (() => T | Data) | AttributeAccess<T, S>;

/** An attribute that may also be written, or read in parts. */
export interface AttributeAccess<T, S extends Selectors = NoSelectors> {
  /** The whole value, asked at each reading. */
  get(): T | Data;
  /**
   * The part that a selection asks for. With it object lists name the selectors that the class declares; without it a client that asks for
   * a part gets `type-unmatched`.
   */
  select?(selection: SelectionOf<S>): T | Data;
  /** Takes a value. Without it the attribute cannot be written; the access rights decide who may. */
  set?(value: T): void;
}

/**
 * What a server needs to be an object of a class: every attribute but the logical name; a method that is left out is refused with
 * `object-undefined`. To refuse, throw AccessError with the name of the action-result.
 */
export type Implementation<C extends CosemClass> = {
  readonly [K in keyof Implemented<C>]: MemberSource<Implemented<C>[K]>;
};

/** Members that an implementation has. One mapping over both, for parameters of setters and methods to have their types. */
type Implemented<C extends CosemClass> = Omit<C['attributes'], 'logicalName'> & Partial<C['methods']>;

type MemberSource<M> =
  M extends Attribute<infer T, infer S>
    ? AttributeSource<T, S>
    : M extends Method<infer P, infer R>
      ? (parameter: P) => [R] extends [undefined] ? void : R | Data
      : never;

/** Any of the three forms of a source as one. */
export function attributeAccess<T, S extends Selectors>(source: AttributeSource<T, S>): AttributeAccess<T, S> {
  if (typeof source === 'function') return { get: source as () => T | Data };
  if (isAccess(source)) return source;
  return { get: () => source };
}

function isAccess<T, S extends Selectors>(source: T | AttributeAccess<T, S>): source is AttributeAccess<T, S> {
  return typeof source === 'object' && source !== null && 'get' in source && typeof source.get === 'function';
}
