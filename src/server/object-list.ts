import { Writer } from '../base/cursor.js';
import { TAG } from '../codec/tags.js';
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

/**
 * The encoding of an object_list (class 15, attribute 2): array of {class_id, version, logical_name, access_rights}, in the order
 * given. In version 0 of Association LN access to a method is a boolean, afterwards an enum.
 */
export function encodeObjectList(
  objects: readonly (readonly [object: ListedObject, grants: Grants])[],
  associationVersion: number,
): Uint8Array {
  const w = new Writer(4096);
  w.u8(TAG.array).length(objects.length);
  for (const [object, grants] of objects) {
    w.u8(TAG.structure).u8(4);
    w.u8(TAG['long-unsigned']).u16(object.classId);
    w.u8(TAG.unsigned).u8(object.version);
    w.u8(TAG['octet-string']).octets(object.nameBytes);
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
  return w.finish();
}

function writeSelectors(w: Writer, selectors: readonly number[] | undefined): void {
  if (selectors === undefined) {
    w.u8(TAG['null-data']);
    return;
  }
  w.u8(TAG.array).length(selectors.length);
  for (const selector of selectors) w.u8(TAG.integer).u8(selector);
}
