import { type LogicalName, parseLogicalName } from '../base/obis.js';
import type { RightsByClient } from '../cosem/access.js';
import type { CosemClass } from '../cosem/class.js';
import type { Implementation } from '../cosem/implementation.js';

/** Associations by their name (`public`, `reader`) or by the client SAP. */
export type Clients = readonly (string | number)[];

/**
 * Who may do what with a whole object. A client that is named nowhere does not see it. Nobody reads a secret, and an attribute that the implementation cannot
 * set is not offered for writing.
 */
export interface ObjectRights {
  /** Who reads its attributes. */
  readonly read?: Clients;
  /** Who writes those attributes that have a `set`. */
  readonly write?: Clients;
  /** Who executes the methods that are there. */
  readonly execute?: Clients;
}

/** An object of a class with what stands behind it, for {@link LogicalDevice.add}. Made by {@link object}. */
export interface DeviceObject {
  /** Its class in one version. */
  readonly cosem: CosemClass;
  /** Such as `0.0.96.9.0.255`. */
  readonly logicalName: LogicalName;
  /** Where attributes come from and what methods do. */
  readonly implementation: Implementation<CosemClass>;
  /** Who may do what; undefined: what the class declares for the role of each association. */
  readonly rights: ObjectRights | RightsByClient | undefined;
}

/**
 * An object for a logical device of one's own, or for the virtual meter. The implementation is held against the declaration of the class: an
 * attribute is a value, a function asked at each reading, or `{ get, set }`; a method is a function.
 *
 * ```ts
 * const temperature = object(
 *   Register,
 *   '0.0.96.9.0.255',
 *   { value: () => i16(sensor.read()), scalerUnit: { scaler: -1, unit: '°C' } },
 *   { read: ['public'] },
 * );
 * ```
 * @param rights who may do what, by the names of associations, or modes by client SAP. Unless given, each association may do what the class
 * declares for its role: everybody reads, and what is set or operated is the utility's.
 * @throws StateError for a logical name that is none.
 */
export function object<C extends CosemClass>(
  cosem: C,
  logicalName: LogicalName,
  implementation: Implementation<NoInfer<C>>,
  rights?: ObjectRights | RightsByClient,
): DeviceObject {
  const name = parseLogicalName(logicalName);
  return { cosem, logicalName: name, implementation: implementation as unknown as Implementation<CosemClass>, rights };
}

/** Whether rights name what is done, and not clients. */
export function isObjectRights(rights: ObjectRights | RightsByClient): rights is ObjectRights {
  return 'read' in rights || 'write' in rights || 'execute' in rights;
}
