/** Attributes to read and write and methods to call in one list, for {@link Meter.access}. */

import { type AttributeRef, attributeTarget, type MethodRef } from '../cosem/class.js';
import { methodTarget } from './orders.js';
import type { Outcome } from './outcome.js';

/** An attribute to write; {@link toSet} makes it. */
export interface SetOrder {
  /** The attribute. */
  readonly set: AttributeRef<unknown>;
  /** Its new value. */
  readonly value: unknown;
}

/** A method to call; {@link toCall} makes it. `R` is what it returns. */
export interface CallOrder<out R = unknown> {
  /** The method. */
  readonly call: MethodRef<never, R>;
  /** Its parameter. */
  readonly parameter: unknown;
}

/** An item of a mixed list: an attribute is read, an order is carried out. */
export type MixedOrder = AttributeRef<unknown> | SetOrder | CallOrder;

/** The outcomes of a mixed list: the value of an attribute, what a method returned, nothing for what was written. */
export type MixedOutcomes<L extends readonly MixedOrder[]> = {
  -readonly [K in keyof L]: L[K] extends AttributeRef<infer T>
    ? Outcome<T>
    : L[K] extends CallOrder<infer R>
      ? Outcome<R>
      : Outcome<void>;
};

/** An attribute to write, in a mixed list. The value is encoded when the list is sent. */
export function toSet<T>(ref: AttributeRef<T>, value: T): SetOrder {
  return { set: ref, value };
}

/** A method to call, in a mixed list. A method without parameter is called without one. */
export function toCall<P, R>(
  ref: MethodRef<P, R>,
  // biome-ignore lint/suspicious/noConfusingVoidType: a method without a parameter is one whose parameter is void
  ...[parameter]: [P] extends [void] ? [] : [parameter: P]
): CallOrder<R> {
  return { call: ref as MethodRef<never, R>, parameter };
}

/** @internal What an item is about: `class:obis:attribute`, or a method with a sign of the call. */
export function targetOf(order: MixedOrder): string {
  return 'call' in order ? methodTarget(order.call) : attributeTarget('set' in order ? order.set : order);
}

/** @internal What a list changes, in words; undefined where it only reads. */
export function changesOf(orders: readonly MixedOrder[]): string | undefined {
  const changing = orders.filter((order) => 'call' in order || 'set' in order);
  return changing.length === 0 ? undefined : changing.map(targetOf).join(', ');
}
