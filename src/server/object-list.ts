import { Writer } from '../base/cursor.js';
import { AccessError } from '../base/errors.js';
import { logicalNameFromBytes } from '../base/obis.js';
import { TAG } from '../codec/tags.js';
import { array, logicalName, nullData, structure, uint16 } from '../codec/types.js';
import type { Selection } from '../cosem/class.js';
import type { Grants } from './access.js';

/** An object as its entry in the object list shows it. */
export interface ListedObject {
  readonly classId: number;
  readonly version: number;
  readonly nameBytes: Uint8Array;
  readonly attributeIds: readonly number[];
  readonly methodIds: readonly number[];
  /** Selectors of selective access by attribute id. */
  readonly selectors: ReadonlyMap<number, readonly number[]>;
}

/** An object with what one client may do with it. */
export type ListedEntry = readonly [object: ListedObject, grants: Grants];

/**
 * The encoding of an object_list (class 15, attribute 2): array of {class_id, version, logical_name, access_rights}, in the order
 * given. In version 0 of Association LN access to a method is a boolean, afterwards an enum. Without rights the structures end after the
 * logical name.
 */
export function encodeObjectList(
  objects: readonly ListedEntry[],
  associationVersion: number,
  withRights = true,
): Uint8Array {
  const w = new Writer(4096);
  w.u8(TAG.array).length(objects.length);
  for (const entry of objects) writeEntry(w, entry, associationVersion, withRights);
  return w.finish();
}

function writeEntry(w: Writer, [object, grants]: ListedEntry, associationVersion: number, withRights: boolean): void {
  w.u8(TAG.structure).u8(withRights ? 4 : 3);
  w.u8(TAG['long-unsigned']).u16(object.classId);
  w.u8(TAG.unsigned).u8(object.version);
  w.u8(TAG['octet-string']).octets(object.nameBytes);
  if (!withRights) return;
  w.u8(TAG.structure).u8(2);
  w.u8(TAG.array).length(object.attributeIds.length);
  for (const id of object.attributeIds) {
    w.u8(TAG.structure).u8(3);
    w.u8(TAG.integer).u8(id);
    w.u8(TAG.enum).u8(grants.attributes[id] as number);
    writeSelectors(w, object.selectors.get(id));
  }
  w.u8(TAG.array).length(object.methodIds.length);
  for (const id of object.methodIds) {
    const mode = grants.methods[id] as number;
    w.u8(TAG.structure).u8(2);
    w.u8(TAG.integer).u8(id);
    if (associationVersion === 0) w.u8(TAG.boolean).u8(mode === 0 ? 0 : 1);
    else w.u8(TAG.enum).u8(mode);
  }
}

/** Selectors of selective access to an object list (class 15, attribute 2). */
export const OBJECT_LIST_SELECTORS: readonly number[] = [1, 2, 3, 4];

const objectId = structure({ classId: uint16, logicalName });

/**
 * The part of an object list that a selective access asks for: 1 (null-data) all objects without their access rights; 2 (array of
 * class_id) the objects of these classes without theirs; 3 (array of object_id) and 4 (object_id) these objects with them. An object_id
 * is a structure of class_id and logical name. What is not there is left out.
 * @throws AccessError, DecodeError when the selection makes no sense.
 */
export function selectObjects(
  objects: readonly ListedEntry[],
  associationVersion: number,
  { selector, parameters }: Selection,
): Uint8Array {
  const some = (wanted: (object: ListedObject) => boolean, withRights: boolean) =>
    encodeObjectList(
      objects.filter(([object]) => wanted(object)),
      associationVersion,
      withRights,
    );
  switch (selector) {
    case 1:
      nullData.decode(parameters);
      return some(() => true, false);
    case 2: {
      const classes = new Set(array(uint16).decode(parameters));
      return some(({ classId }) => classes.has(classId), false);
    }
    case 3:
    case 4: {
      const ids = selector === 4 ? [objectId.decode(parameters)] : array(objectId).decode(parameters);
      const keys = new Set(ids.map(({ classId, logicalName: name }) => `${classId}:${name}`));
      return some(({ classId, nameBytes }) => keys.has(`${classId}:${logicalNameFromBytes(nameBytes)}`), true);
    }
    default:
      throw new AccessError('type-unmatched', 'object_list', `an object list has no selector ${selector}`);
  }
}

function writeSelectors(w: Writer, selectors: readonly number[] | undefined): void {
  if (selectors === undefined) {
    w.u8(TAG['null-data']);
    return;
  }
  w.u8(TAG.array).length(selectors.length);
  for (const selector of selectors) w.u8(TAG.integer).u8(selector);
}
