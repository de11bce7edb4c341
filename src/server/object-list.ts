import { Writer } from '../base/cursor.js';
import { logicalNameFromBytes } from '../base/obis.js';
import { TAG } from '../codec/tags.js';
import type { AssociationLnV1 } from '../cosem/classes/access.js';
import type { SelectionOf } from '../cosem/selection.js';
import type { Grants } from './access.js';

/** An object as its entry in the object list shows it. */
export interface ObjectListEntry {
  readonly classId: number;
  readonly version: number;
  readonly nameBytes: Uint8Array;
  readonly attributeIds: readonly number[];
  readonly methodIds: readonly number[];
  /** Selectors of selective access by attribute id. */
  readonly selectors: ReadonlyMap<number, readonly number[]>;
}

/** An object with what one client may do with it. */
export type ListedEntry = readonly [object: ObjectListEntry, grants: Grants];

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
  writeRights(w, [object, grants], associationVersion === 0);
}

/** What the client may do with the attributes, then with the methods. @param flags whether access to a method is a boolean. */
function writeRights(w: Writer, [object, grants]: ListedEntry, flags: boolean): void {
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
    if (flags) w.u8(TAG.boolean).u8(mode === 0 ? 0 : 1);
    else w.u8(TAG.enum).u8(mode);
  }
}

/** An object with what one client may do with it, and its base name. */
export type ShortListedEntry = readonly [...listed: ListedEntry, baseName: number];

/** The encoding of an object_list with short names (class 12, attribute 2): array of {base_name, class_id, version, logical_name}. */
export function encodeShortObjectList(objects: readonly ShortListedEntry[]): Uint8Array {
  const w = new Writer(4096);
  w.u8(TAG.array).length(objects.length);
  for (const [{ classId, version, nameBytes }, , baseName] of objects) {
    w.u8(TAG.structure).u8(4);
    w.u8(TAG.long).u16(baseName);
    w.u8(TAG['long-unsigned']).u16(classId);
    w.u8(TAG.unsigned).u8(version);
    w.u8(TAG['octet-string']).octets(nameBytes);
  }
  return w.finish();
}

/**
 * The encoding of an access_rights_list (class 12, attribute 3): array of {base_name, attribute access, method access}. In version 1 of Association SN access to a
 * method is a boolean, afterwards an enum.
 */
export function encodeAccessRights(objects: readonly ShortListedEntry[], associationVersion: number): Uint8Array {
  const w = new Writer(4096);
  w.u8(TAG.array).length(objects.length);
  for (const [object, grants, baseName] of objects) {
    w.u8(TAG.structure).u8(3);
    w.u8(TAG.long).u16(baseName);
    writeRights(w, [object, grants], associationVersion === 1);
  }
  return w.finish();
}

/** The selective access that the class gives an object list. */
export type ObjectListSelectors = NonNullable<typeof AssociationLnV1.attributes.objectList.selectors>;
/** A part of an object list. */
export type ObjectListSelection = SelectionOf<ObjectListSelectors>;

/** The part of an object list that a selective access asks for. What is not there is left out. */
export function selectObjects(
  objects: readonly ListedEntry[],
  associationVersion: number,
  selection: ObjectListSelection,
): Uint8Array {
  const some = (wanted: (object: ObjectListEntry) => boolean, withRights: boolean) =>
    encodeObjectList(
      objects.filter(([object]) => wanted(object)),
      associationVersion,
      withRights,
    );
  switch (selection.by) {
    case 'all':
      return some(() => true, false);
    case 'classes': {
      const classes = new Set(selection.parameters);
      return some(({ classId }) => classes.has(classId), false);
    }
    case 'objects':
    case 'object': {
      const ids = selection.by === 'object' ? [selection.parameters] : selection.parameters;
      const keys = new Set(ids.map(({ classId, logicalName: name }) => `${classId}:${name}`));
      return some(({ classId, nameBytes }) => keys.has(`${classId}:${logicalNameFromBytes(nameBytes)}`), true);
    }
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
