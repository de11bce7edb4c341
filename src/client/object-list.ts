import { DecodeError } from '../base/errors.js';
import type { LogicalName } from '../base/obis.js';
import type { Data } from '../codec/data.js';
import type { Infer, Type } from '../codec/type.js';
import { array } from '../codec/types.js';
import { objectListElement, objectListElementV0 } from '../cosem/classes/access.js';
import { describeLogicalName } from '../cosem/names.js';
import { className, classOf } from '../cosem/registry.js';

/** An attribute as the object list grants it. */
export interface ListedAttribute {
  readonly id: number;
  /** The attribute's name in its class, where the class is known. */
  readonly name: string | undefined;
  /** access_mode, as the Blue Book names it: `read-only`, `authenticated-read-and-write`. */
  readonly access: string;
  readonly readable: boolean;
  readonly writable: boolean;
  /** Selectors of selective access that the list names. Meters often support more than they name. */
  readonly selectors: readonly number[];
}

/** A method as the object list grants it. */
export interface ListedMethod {
  readonly id: number;
  readonly name: string | undefined;
  readonly access: string;
  readonly executable: boolean;
}

/** An object that the current association shows. */
export interface ListedObject {
  readonly classId: number;
  readonly version: number;
  readonly logicalName: LogicalName;
  /** The Blue Book's name of the class; `class 200` where it is not known. */
  readonly className: string;
  /** The logical name in words, where the standard has some. */
  readonly name: string | undefined;
  readonly attributes: readonly ListedAttribute[];
  readonly methods: readonly ListedMethod[];
}

type Element = Infer<typeof objectListElement>;
type ElementV0 = Infer<typeof objectListElementV0>;

const listV1: Type<readonly Element[]> = array(objectListElement);
const listV0: Type<readonly ElementV0[]> = array(objectListElementV0);

/**
 * Reads an object_list (Association LN, attribute 2) of any version: in version 0 the access to a method is a boolean.
 * @throws DecodeError with the path to what does not fit.
 */
export function readObjectList(data: Data): ListedObject[] {
  try {
    return listV1.decode(data).map((element) => listed(element, element.accessRights.methodAccess));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const elements = tryV0(data);
    if (elements === undefined) throw error;
    return elements.map((element) =>
      listed(
        element,
        element.accessRights.methodAccess.map(({ methodId, accessMode }) => ({
          methodId,
          accessMode: accessMode ? 'access' : 'no-access',
        })),
      ),
    );
  }
}

function tryV0(data: Data): readonly ElementV0[] | undefined {
  try {
    return listV0.decode(data);
  } catch {
    return undefined;
  }
}

function listed(
  element: Element | ElementV0,
  methods: readonly { readonly methodId: number; readonly accessMode: string }[],
): ListedObject {
  const { classId, version, logicalName } = element;
  const cosem = classOf(classId, version);
  return {
    classId,
    version,
    logicalName,
    className: className(classId),
    name: describeLogicalName(logicalName),
    attributes: element.accessRights.attributeAccess.map(({ attributeId, accessMode, accessSelectors }) => ({
      id: attributeId,
      name: cosem?.attributeNames.get(attributeId),
      access: accessMode,
      readable: accessMode.includes('read'),
      writable: accessMode.includes('write'),
      selectors: accessSelectors ?? [],
    })),
    methods: methods.map(({ methodId, accessMode }) => ({
      id: methodId,
      name: cosem?.methodNames.get(methodId),
      access: accessMode,
      executable: accessMode !== 'no-access',
    })),
  };
}
