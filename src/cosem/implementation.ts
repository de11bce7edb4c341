/** The server's side of a class: where its attributes come from and what its methods do. */

import type { Attribute, CosemClass, Method } from './class.js';
import type { NoSelectors, SelectionOf, Selectors } from './selection.js';

/**
 * Where a server gets an attribute from: a value that stays, a function asked at each reading, or both directions.
 * What says no throws AccessError with the name of the data-access-result: `type-unmatched`.
 */
export type AttributeSource<T, S extends Selectors = NoSelectors> = T | (() => T) | AttributeAccess<T, S>;

/** An attribute that may also be written, or read in parts. */
export interface AttributeAccess<T, S extends Selectors = NoSelectors> {
  /** The whole value, asked at each reading. */
  get(): T;
  /**
   * The part that a selection asks for. With it object lists name the selectors that the class declares; without it a client that asks for
   * a part gets `type-unmatched`.
   */
  select?(selection: SelectionOf<S>): T;
  /** Takes a value. Without it the attribute cannot be written; the access rights decide who may. */
  set?(value: T): void;
}

/**
 * What a server needs to be an object of a class: every attribute but the logical name; a method that is left out is refused with
 * `object-undefined`. What says no throws AccessError with the name of the action-result.
 */
export type Implementation<C extends CosemClass> = {
  readonly [K in Exclude<keyof C['attributes'], 'logicalName'>]: C['attributes'][K] extends Attribute<infer T, infer S>
    ? AttributeSource<T, S>
    : never;
} & {
  readonly [K in keyof C['methods']]?: C['methods'][K] extends Method<infer P, infer R>
    ? (parameter: P) => [R] extends [undefined] ? void : R
    : never;
};

/** Any of the three forms of a source as one. */
export function attributeAccess<T, S extends Selectors>(source: AttributeSource<T, S>): AttributeAccess<T, S> {
  if (typeof source === 'function') return { get: source as () => T };
  if (isAccess(source)) return source;
  return { get: () => source };
}

function isAccess<T, S extends Selectors>(source: T | AttributeAccess<T, S>): source is AttributeAccess<T, S> {
  return typeof source === 'object' && source !== null && 'get' in source && typeof source.get === 'function';
}
