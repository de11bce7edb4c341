/** What the declarations say of an attribute that is known by its numbers, in whichever version of its class. */

import type { LogicalName } from '../base/obis.js';
import type { Infer } from '../codec/type.js';
import { type Attribute, type AttributeRef, type CosemClass, clientObject, type Meaning } from './class.js';
import { scalerUnit } from './classes/storage.js';
import { classes } from './registry.js';
import type { Selectors } from './selection.js';

/** Which attribute of which object is meant. */
export interface AttributeName {
  /** class_id. */
  readonly classId: number;
  /** Logical name of the object: `1.0.1.8.0.255`. */
  readonly logicalName: LogicalName;
  /** Id of the attribute in its class. */
  readonly attributeId: number;
}

type Numbers = Pick<AttributeName, 'classId' | 'attributeId'>;
type Declared = Attribute<unknown, Selectors>;

/** The declarations of an attribute, of the newest version first; none for a class or an attribute that is not known. */
export function attributesOf({ classId, attributeId }: Numbers): readonly Declared[] {
  return versionsOf(classId).flatMap((cosem) => attributeOf(cosem, attributeId) ?? []);
}

/** What the value of an attribute means beyond its type. */
export function meaningOf(of: Numbers): Meaning | undefined {
  return attributesOf(of).find(({ means }) => means !== undefined)?.means;
}

/** Whether the declarations say that numbers of an attribute have a scaler and a unit. */
export function isScaled(of: Numbers): boolean {
  return attributesOf(of).some(({ scaledBy }) => scaledBy !== undefined);
}

/** Whether an attribute is itself a scaler with its unit. */
export function isScalerUnit(of: Numbers): boolean {
  return attributesOf(of).some(({ type }) => type === scalerUnit);
}

/**
 * The attribute that holds scaler and unit of another one: attribute 3 for the value of a register; undefined where there is none.
 *
 * ```ts
 * const ref = scalerUnitRef(meter.register('1.0.1.8.0.255').value);
 * ```
 */
export function scalerUnitRef(of: AttributeName): AttributeRef<Infer<typeof scalerUnit>> | undefined {
  for (const cosem of versionsOf(of.classId)) {
    const name = attributeOf(cosem, of.attributeId)?.scaledBy;
    if (name !== undefined) return clientObject(cosem, of.logicalName)[name] as AttributeRef<Infer<typeof scalerUnit>>;
  }
  return undefined;
}

function versionsOf(classId: number): readonly CosemClass[] {
  return classes.filter(({ id }) => id === classId).toReversed();
}

function attributeOf({ attributes, attributeNames }: CosemClass, id: number): Declared | undefined {
  const name = attributeNames.get(id);
  return name === undefined ? undefined : attributes[name];
}
