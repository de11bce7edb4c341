/**
 * Where the members of an object stand among the short names of a meter (Blue Book 4.1.2 and the table of each class): attribute n at
 * base_name + 8 (n - 1), and methods from the offset that the class gives the first of them.
 */

import type { CosemClass } from './class.js';

/** Distance of two neighbouring names of an object; base names are multiples of it. */
export const SHORT_NAME_STEP = 8;

/** base_name of the Association SN that a client has (Blue Book 4.1.3): the one object that needs no looking up. */
export const ASSOCIATION_SN_NAME = 0xfa00;

/** The other base names that are the same in every meter, by logical name (Blue Book 4.1.3). */
export const RESERVED_BASE_NAMES: ReadonlyMap<string, number> = new Map([
  /** Script table of broadcasts. */
  ['0.0.10.0.125.255', 0xfb00],
  /** SAP assignment. */
  ['0.0.41.0.0.255', 0xfc00],
  /** COSEM logical device name. */
  ['0.0.42.0.0.255', 0xfd00],
]);

/** Offset of method 1 by class_id, where the table of the class leaves more room after its attributes than they take. */
const FIRST_METHOD: ReadonlyMap<number, number> = new Map([
  [3, 0x28],
  [4, 0x38],
  [5, 0x48],
  [6, 0x30],
  [7, 0x58],
  [8, 0x60],
  [9, 0x20],
  [10, 0x20],
  [11, 0x10],
  [12, 0x20],
  [17, 0x20],
  [18, 0x40],
  [20, 0x50],
  [40, 0x38],
  [42, 0x60],
  [61, 0x28],
  [64, 0x30],
  [70, 0x20],
  [72, 0x60],
]);

type Named = Pick<CosemClass, 'id' | 'attributeNames' | 'methodNames'>;

/** An attribute or a method of an object, by number. */
export type ShortNamed = { readonly attributeId: number } | { readonly methodId: number };

/** Offset of an attribute from the base name of its object. */
export function attributeOffset(attributeId: number): number {
  return (attributeId - 1) * SHORT_NAME_STEP;
}

/**
 * Offset of a method from the base name of its object. Where a version of a class has more attributes than the table leaves room for, or the
 * table does not name the class, methods follow the attributes. Numbers that a class reserves take no room.
 */
export function methodOffset(cosem: Named, methodId: number): number {
  const afterAttributes = attributeOffset(1 + Math.max(1, ...cosem.attributeNames.keys()));
  const first = FIRST_METHOD.get(cosem.id) ?? 0;
  const lowest = first + (Math.min(methodId, ...cosem.methodNames.keys()) - 1) * SHORT_NAME_STEP;
  return (lowest < afterAttributes ? afterAttributes : first) + (methodId - 1) * SHORT_NAME_STEP;
}

/** How far the names of an object reach: the next base name may be its own plus this. */
export function shortNameSpan(cosem: Named): number {
  const lastMethod = Math.max(0, ...cosem.methodNames.keys());
  if (lastMethod > 0) return methodOffset(cosem, lastMethod) + SHORT_NAME_STEP;
  return attributeOffset(1 + Math.max(1, ...cosem.attributeNames.keys()));
}

/** The member of an object at an offset from its base name; undefined where there is none. */
export function memberAt(cosem: Named, offset: number): ShortNamed | undefined {
  if (offset < 0 || offset % SHORT_NAME_STEP !== 0) return undefined;
  const attributeId = offset / SHORT_NAME_STEP + 1;
  if (cosem.attributeNames.has(attributeId)) return { attributeId };
  for (const methodId of cosem.methodNames.keys()) if (methodOffset(cosem, methodId) === offset) return { methodId };
  return undefined;
}
