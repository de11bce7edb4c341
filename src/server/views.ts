/** What each client sees of a logical device. */

import { type LogicalName, logicalNameKey, logicalNameToBytes } from '../base/obis.js';
import type { AssociationDefinition, Naming } from '../contracts/association.js';
import type { AccessRights, AccessRole } from '../cosem/access.js';
import { AssociationLnV0 } from '../cosem/classes/access.js';
import { AssociationSnV1 } from '../cosem/classes/short-names.js';
import { ASSOCIATION_SN_NAME } from '../cosem/short-names.js';
import { type Grants, grantsOf } from './access.js';
import type { Based, BaseNames } from './base-names.js';
import { encodeObjectList, encodeShortObjectList, type ListedEntry, type ShortListedEntry } from './object-list.js';
import { membersOf, type ServedObject, underName } from './served-object.js';

export const CURRENT_ASSOCIATION: LogicalName = '0.0.40.0.0.255';
export const CURRENT_ASSOCIATION_KEY = logicalNameKey(logicalNameToBytes(CURRENT_ASSOCIATION));
/** Which class describes associations in each naming. */
const ASSOCIATION_CLASS: Readonly<Record<Naming, number>> = { ln: AssociationLnV0.id, sn: AssociationSnV1.id };

/** An object as one client sees it. */
export interface Visible {
  readonly object: ServedObject;
  readonly grants: Grants;
}

/** All that one client sees. */
export interface View {
  readonly byName: ReadonlyMap<number, Visible>;
  /** All of it, encoded once. */
  readonly objectList: Uint8Array;
  /** The same with base names, in their order; empty by logical names. */
  readonly based: readonly Based<ServedObject>[];
  /** The same in the order of the list. */
  readonly listed: readonly ShortListedEntry[];
}

/** What a device knows. */
interface Known {
  readonly objects: ReadonlyMap<number, ServedObject>;
  /** Association SN objects of associations that speak both ways, by the key of the name under which `objects` has the other. */
  readonly shortAssociations: ReadonlyMap<number, ServedObject>;
  /** Names, as keys, under which the associations that the device offers have their objects. */
  readonly associationKeys: ReadonlySet<number>;
  readonly associationVersion: 0 | 1 | 2;
  readonly baseNames: BaseNames;
  association(client: number): AssociationDefinition | undefined;
  role(client: number): AccessRole | undefined;
}

/** The views of all clients of a device, each made when it is asked for. */
export class Views {
  readonly #known: Known;
  readonly #views = new Map<string, View>();
  #baseNames: ReadonlyMap<number, number> | undefined;

  constructor(known: Known) {
    this.#known = known;
  }

  /**
   * The objects have changed.
   * @param short whether they are to have short names.
   * @throws StateError when those overlap or run out: better now than when a client asks.
   */
  changed(short: boolean): void {
    this.#views.clear();
    this.#baseNames = undefined;
    if (short) this.#names();
  }

  /** What a client sees. */
  of(client: number, naming: Naming): View {
    const key = `${naming} ${client}`;
    const known = this.#views.get(key);
    if (known !== undefined) return known;
    const view = this.#make(client, naming);
    this.#views.set(key, view);
    return view;
  }

  #make(client: number, naming: Naming): View {
    const { objects, associationVersion } = this.#known;
    const byName = new Map<number, Visible>();
    const own = this.#known.association(client);
    const ownKey = own && logicalNameKey(logicalNameToBytes(own.logicalName));
    const ownObject = ownKey === undefined ? undefined : this.#inNaming(ownKey, objects.get(ownKey), naming);
    // The current association stands before the numbered ones.
    let current = ownObject && underName(ownObject, CURRENT_ASSOCIATION);
    const role = this.#known.role(client);
    const see = (key: number, object: ServedObject, rights: AccessRights | AccessRole | undefined) =>
      byName.set(key, { object, grants: grantsOf(membersOf(object), rights) });
    for (const [key, stored] of objects) {
      const object = this.#inNaming(key, stored, naming);
      if (object === undefined) continue;
      if (current !== undefined && object.classId === ASSOCIATION_CLASS[naming]) {
        see(CURRENT_ASSOCIATION_KEY, current, ownObject?.rights?.[client]);
        current = undefined;
      }
      const rights = object.rights?.[client];
      if (object.rights === undefined || rights !== undefined) see(key, object, rights ?? role);
    }
    const listed = [...byName.values()].map(({ object, grants }): ListedEntry => [object, grants]);
    if (naming === 'ln')
      return { byName, objectList: encodeObjectList(listed, associationVersion), based: [], listed: [] };
    const names = this.#names();
    const short = [...byName].map(
      ([key, { object, grants }]): ShortListedEntry => [object, grants, names.get(key) as number],
    );
    const based = [...byName]
      .map(([key, { object }]): Based<ServedObject> => ({ object, baseName: names.get(key) as number }))
      .sort((a, b) => a.baseName - b.baseName);
    return { byName, objectList: encodeShortObjectList(short), based, listed: short };
  }

  /**
   * An object as associations of that naming have it: those that the device offers are each of one class there. Any other object of class 12 or 15, as of a
   * meter that was recorded, is seen in both.
   */
  #inNaming(key: number, stored: ServedObject | undefined, naming: Naming): ServedObject | undefined {
    const object = naming === 'sn' ? (this.#known.shortAssociations.get(key) ?? stored) : stored;
    const other = ASSOCIATION_CLASS[naming === 'sn' ? 'ln' : 'sn'];
    return object?.classId === other && this.#known.associationKeys.has(key) ? undefined : object;
  }

  /** Base names of all objects, whoever sees them: they are the same for each client. */
  #names(): ReadonlyMap<number, number> {
    if (this.#baseNames !== undefined) return this.#baseNames;
    const all: (readonly [number, Pick<ServedObject, 'cosem' | 'logicalName'>])[] = [];
    for (const [key, stored] of this.#known.objects) {
      const object = this.#inNaming(key, stored, 'sn');
      if (object === undefined) continue;
      if (object.classId === ASSOCIATION_CLASS.sn && all.every(([other]) => other !== CURRENT_ASSOCIATION_KEY))
        all.push([CURRENT_ASSOCIATION_KEY, { cosem: object.cosem, logicalName: CURRENT_ASSOCIATION }]);
      all.push([key, object]);
    }
    const names = new Map(this.#known.baseNames.assign(all));
    names.set(CURRENT_ASSOCIATION_KEY, ASSOCIATION_SN_NAME);
    this.#baseNames = names;
    return names;
  }
}
