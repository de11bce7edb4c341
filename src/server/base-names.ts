/** Which base name each object of a logical device has among the short names. */

import { StateError } from '../base/errors.js';
import { type LogicalName, logicalNameKey, logicalNameToBytes } from '../base/obis.js';
import type { CosemClass } from '../cosem/class.js';
import {
  ASSOCIATION_SN_NAME,
  memberAt,
  RESERVED_BASE_NAMES,
  SHORT_NAME_STEP,
  type ShortNamed,
  shortNameSpan,
} from '../cosem/short-names.js';

/** Where names are given out from, unless they are given: 0 is nobody's, and the first page is left to makers. */
const FIRST = 0x0100;
/** The association of each client, under the name that it has for it. */
const CURRENT_ASSOCIATION: LogicalName = '0.0.40.0.0.255';
/** From here on names are those that the standard reserves. */
const RESERVED = ASSOCIATION_SN_NAME;
const END = 0x10000;

/** An object as far as its names are concerned. */
interface Placed {
  readonly cosem: CosemClass;
  readonly logicalName: LogicalName;
}

/** An object, and where its names begin. */
export interface Based<T> {
  readonly object: T;
  readonly baseName: number;
}

/**
 * Base names of the objects of a device: those that the standard reserves, those that are given, and for all others the next free ones in
 * the order of the objects, so that the same objects have the same names in each run.
 */
export class BaseNames {
  readonly #given: ReadonlyMap<number, number>;

  /** @throws StateError for a base name that cannot be. */
  constructor(given: Readonly<Record<LogicalName, number>> = {}) {
    const names = new Map<number, number>();
    names.set(keyOf(CURRENT_ASSOCIATION), ASSOCIATION_SN_NAME);
    for (const [name, base] of RESERVED_BASE_NAMES) names.set(keyOf(name), base);
    for (const [name, base] of Object.entries(given)) {
      if (!Number.isInteger(base) || base < 0 || base >= END || base % SHORT_NAME_STEP !== 0)
        throw new StateError(`the base name of ${name} is no ${base}`, { hint: 'a multiple of 8, 0 to 65528' });
      names.set(keyOf(name), base);
    }
    this.#given = names;
  }

  /**
   * The base names of objects, by the key of the logical name.
   * @throws StateError where given names overlap, or there are more objects than names.
   */
  assign(objects: Iterable<readonly [key: number, object: Placed]>): ReadonlyMap<number, number> {
    const all = [...objects];
    const taken: Based<Placed>[] = [];
    const names = new Map<number, number>();
    for (const [key, object] of all) {
      const baseName = this.#given.get(key);
      if (baseName === undefined) continue;
      checkFree({ object, baseName }, taken);
      taken.push({ object, baseName });
      names.set(key, baseName);
    }
    taken.sort((a, b) => a.baseName - b.baseName);
    let next = FIRST;
    for (const [key, object] of all) {
      if (names.has(key)) continue;
      next = freeFrom(next, shortNameSpan(object.cosem), taken);
      names.set(key, next);
      next += shortNameSpan(object.cosem);
      if (next > RESERVED) throw new StateError('a logical device has more objects than there are short names');
    }
    return names;
  }
}

function checkFree(added: Based<Placed>, taken: readonly Based<Placed>[]): void {
  const end = endOf(added);
  const other = taken.find((one) => added.baseName < endOf(one) && one.baseName < end);
  if (end <= END && other === undefined) return;
  const beside = other === undefined ? 'the end of all short names' : `those of ${other.object.logicalName}`;
  throw new StateError(`the short names of ${added.object.logicalName} reach into ${beside}`, {
    hint: `it takes ${shortNameSpan(added.object.cosem)} from its base name on`,
  });
}

function endOf({ object, baseName }: Based<Placed>): number {
  return baseName + shortNameSpan(object.cosem);
}

/** The first place from `from` on that is free for so many names. */
function freeFrom(from: number, span: number, taken: readonly Based<Placed>[]): number {
  let place = from;
  for (const one of taken) if (one.baseName < place + span && place < endOf(one)) place = endOf(one);
  return place;
}

/** What a short name means among objects in the order of their base names. */
export function memberNamed<T extends Placed>(
  objects: readonly Based<T>[],
  shortName: number,
): { readonly object: T; readonly member: ShortNamed } | undefined {
  let low = 0;
  let high = objects.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((objects[middle] as Based<T>).baseName <= shortName) low = middle + 1;
    else high = middle;
  }
  const found = objects[low - 1];
  const member = found && memberAt(found.object.cosem, shortName - found.baseName);
  return member && { object: found.object, member };
}

function keyOf(name: LogicalName): number {
  return logicalNameKey(logicalNameToBytes(name));
}
