/** What a meter with short names needs of the client: its names by logical names, and whether a refusal means that it has some. */

import { CONFORMANCE } from '../apdu/conformance.js';
import { AssociationError, DecodeError } from '../base/errors.js';
import { withArticle } from '../base/words.js';
import type { Data } from '../codec/data.js';
import { arrayOf, enumValue, i8, nullValue, octets, structureOf, u8, u16 } from '../codec/make.js';
import type { MethodDescriptor } from '../contracts/services.js';
import type { NamedMethod, ReadShortNames, ShortNames } from '../contracts/short-names.js';
import { classOf } from '../cosem/registry.js';
import { type NamedObject, namedObjects, ShortNameMap } from '../cosem/short-name-map.js';
import { SHORT_NAME_CONFORMANCE } from '../session/client-config.js';
import { mayBeShortNames, SHORT_NAMES } from '../session/short-names.js';

export { ShortNameClient } from '../session/client-short-names.js';
export { speaksShortNamesOn } from './probe-short-names.js';

/** The names of a meter, from its object list (Association SN, attribute 2). @throws DecodeError where it is no list, or an empty one. */
export const readShortNames: ReadShortNames = (list) => {
  const objects = namedObjects(list);
  if (objects.length === 0) {
    throw new DecodeError(
      'bad-value',
      `an object list with base names was expected, ${withArticle(list.type)} came`,
      -1,
      {
        path: ['12:0.0.40.0.0.255:2'],
      },
    );
  }
  return new MeterNames(objects);
};

class MeterNames implements ShortNames {
  readonly #map: ShortNameMap;

  constructor(objects: readonly NamedObject[]) {
    this.#map = new ShortNameMap(objects);
  }

  attribute(attribute: Parameters<ShortNames['attribute']>[0]): number | undefined {
    return this.#map.attribute(attribute);
  }

  method(method: MethodDescriptor): NamedMethod | undefined {
    const name = this.#map.method(method);
    const object = this.#map.object(method);
    if (name === undefined || object === undefined) return undefined;
    const methods = Object.values(classOf(object.classId, object.version)?.methods ?? {});
    return { name, returns: methods.some(({ id, returns }) => id === method.methodId && returns !== undefined) };
  }

  objectList(rights: Data | undefined): Data {
    const told = rightsByBase(rights);
    return arrayOf(
      this.#map.objects.map(({ baseName, classId, version, instanceId }) =>
        structureOf([
          u16(classId),
          u8(version),
          octets(instanceId),
          told === undefined ? assumed(classId, version) : (told.get(baseName) ?? nullValue()),
        ]),
      ),
    );
  }
}

/** access_rights_list: for each base name the rights to attributes and methods, in the form that they have in the list of logical names. */
function rightsByBase(rights: Data | undefined): ReadonlyMap<number, Data> | undefined {
  if (rights?.type !== 'array') return undefined;
  const byBase = new Map<number, Data>();
  for (const element of rights.value) {
    if (element.type !== 'structure') continue;
    const [base, attributes, methods] = element.value;
    if (base === undefined || attributes === undefined || typeof base.value !== 'number') continue;
    byBase.set(base.value & 0xffff, structureOf([attributes, methods ?? arrayOf([])]));
  }
  return byBase.size === 0 ? undefined : byBase;
}

/** read_and_write: the meter refuses what it does not allow. */
const ANY_ACCESS = 3;

/** The rights of an object of which the meter tells none: everything that its class has. */
function assumed(classId: number, version: number): Data {
  const cosem = classOf(classId, version);
  if (cosem === undefined) return nullValue();
  const attributes = [...cosem.attributeNames.keys()].map((id) =>
    structureOf([i8(id), enumValue(ANY_ACCESS), nullValue()]),
  );
  const methods = [...cosem.methodNames.keys()].map((id) => structureOf([i8(id), enumValue(1)]));
  return structureOf([arrayOf(attributes), arrayOf(methods)]);
}

/** Services that both ways of naming have. */
const COMMON = ['block-transfer-with-get-or-read', 'block-transfer-with-set-or-write', 'multiple-references'] as const;

/** The conformance block that is proposed with short names where another one is wanted with logical names: without what that leaves out. */
export function shortConformance(wanted: number): number {
  const without = COMMON.reduce((bits, name) => bits | ((wanted & CONFORMANCE[name]) === 0 ? CONFORMANCE[name] : 0), 0);
  return (SHORT_NAME_CONFORMANCE | (wanted & CONFORMANCE['general-protection'])) & ~without;
}

/** What a refusal says of naming: the meter has short names, may have, or it is about something else. */
export function shortNamesIn(error: unknown): 'surely' | 'perhaps' | 'no' {
  if (!(error instanceof AssociationError)) return 'no';
  if (error.diagnostic === SHORT_NAMES) return 'surely';
  return mayBeShortNames(error) && error.result !== TRANSIENT ? 'perhaps' : 'no';
}

/** rejected-transient: another time it is accepted. */
const TRANSIENT = 2;
