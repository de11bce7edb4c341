import { DecodeError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { LogicalName } from '../base/obis.js';
import { counted, withArticle } from '../base/words.js';
import type { Data } from '../codec/data.js';
import { decodeTolerantly } from '../codec/tolerance.js';
import type { Type } from '../codec/type.js';
import { data as anyData, array, int8, logicalName, structure, uint8, uint16 } from '../codec/types.js';
import { type AttributeRef, clientObject } from '../cosem/class.js';
import { AssociationLnV1, attributeAccessMode, methodAccessMode } from '../cosem/classes/access.js';
import { describeLogicalName } from '../cosem/names.js';
import { className, classOf } from '../cosem/registry.js';

/** An attribute in the object list, with what this client may do. */
export interface ListedAttribute {
  /** Attribute id. */
  readonly id: number;
  /** The attribute's name in its class, where the class is known. */
  readonly name: string | undefined;
  /**
   * access_mode as the Blue Book names it: `read-only`, `authenticated-read-and-write`. Where the list gives modes as bits (version 3), the
   * protection follows: `read-and-write, authenticated-request, encrypted-request`. `unknown` where the list does not say.
   */
  readonly access: string;
  /** Whether this client may read it. True where the list does not say: the meter will refuse what it does not allow. */
  readonly readable: boolean;
  /** Whether this client may write it. True where the list does not say. */
  readonly writable: boolean;
  /** Selectors of selective access in the list. Meters often support more than the list names. */
  readonly selectors: readonly number[];
}

/** A method in the object list, with what this client may do. */
export interface ListedMethod {
  /** Method id. */
  readonly id: number;
  /** Name of the method in its class, where the class is known. */
  readonly name: string | undefined;
  /** access_mode as the Blue Book names it: `access`, `no-access`, `authenticated-access`. `unknown` where the list does not say. */
  readonly access: string;
  /** Whether this client may call it. True where the list does not say. */
  readonly executable: boolean;
}

/** An object in the object list of the current association. */
export interface ListedObject {
  /** Class id. */
  readonly classId: number;
  /** Version of the class. */
  readonly version: number;
  /** Logical name. */
  readonly logicalName: LogicalName;
  /** Name of the class in the Blue Book; `class 200` for an unknown one. */
  readonly className: string;
  /** The meaning of the logical name in words, where the standard gives one. */
  readonly name: string | undefined;
  /** The attributes in the list. */
  readonly attributes: readonly ListedAttribute[];
  /** The methods in the list. */
  readonly methods: readonly ListedMethod[];
  /** How its entry deviates from the standard, in words; undefined where it does not. */
  readonly odd?: string | undefined;
}

/** An entry of the list from which no object can be read. */
export interface OddEntry {
  /** Its position in the list, from 0. */
  readonly index: number;
  /** Why no object can be read from it, in words. */
  readonly reason: string;
}

/** The result of reading an object list. */
export interface ObjectListing {
  /** The objects, in the order of the list. */
  readonly objects: readonly ListedObject[];
  /** Entries from which no object can be read. */
  readonly odd: readonly OddEntry[];
}

/** The object list of the current association, as it was sent. */
export const OBJECT_LIST: AttributeRef<Data> = {
  ...clientObject(AssociationLnV1, '0.0.40.0.0.255').objectList,
  type: anyData,
};

const head = structure({ classId: uint16, version: uint8, logicalName });
const entry = array(anyData);

/**
 * Reads an object_list (Association LN, attribute 2) of any version: in version 0 the access to a method is a boolean, from version 3 on
 * modes are bits. A deviating entry is marked, or set aside where it names no object; it never invalidates the list.
 * @throws DecodeError when it is not a list.
 */
export function readObjectList(list: Data): ObjectListing {
  const objects: ListedObject[] = [];
  const odd: OddEntry[] = [];
  const elements = entry.decode(list);
  const byBits = areBits(elements);
  elements.forEach((element, index) => {
    try {
      objects.push(listed(element, byBits));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      odd.push({ index, reason: error.message });
    }
  });
  return { objects, odd };
}

/** The remark about a list; undefined where nothing deviates. */
export function oddText({ objects, odd }: ObjectListing): string | undefined {
  const marked = objects.filter((object) => object.odd !== undefined).length;
  if (marked + odd.length === 0) return undefined;
  const parts = [
    ...(marked === 0 ? [] : [`${counted(marked, 'entry')} not as the standard has it: marked`]),
    ...(odd.length === 0 ? [] : [`${counted(odd.length, 'entry')} without an object: left out`]),
  ];
  return `of the ${counted(objects.length + odd.length, 'entry')} of the object list ${parts.join('; ')}`;
}

/** Collects the deviations of an entry, each kind once. */
class Oddities {
  readonly #words = new Set<string>();

  note(words: string): undefined {
    this.#words.add(words);
  }

  get text(): string | undefined {
    return this.#words.size === 0 ? undefined : [...this.#words].join('; ');
  }
}

/** Version of Association LN from which on modes are bits (Blue Book 4.4.4). */
const BITS_SINCE = 3;
const ASSOCIATION_LN = 15;

/** Whether access modes are bits: the list contains the association itself with its version. */
function areBits(elements: readonly Data[]): boolean {
  return elements.some((element) => {
    if (element.type !== 'structure' && element.type !== 'array') return false;
    const [classId, version] = element.value;
    return Number(classId?.value) === ASSOCIATION_LN && Number(version?.value) >= BITS_SINCE;
  });
}

function listed(element: Data, byBits: boolean): ListedObject {
  const odd = new Oddities();
  if (element.type !== 'structure' && element.type !== 'array') {
    throw new DecodeError('bad-tag', `an entry that is ${withArticle(element.type)}`, -1);
  }
  const parts = element.value;
  // The first three fields identify the object and must be there; the rest belongs to the rights.
  const first: Data = { type: 'structure', value: parts.slice(0, 3) };
  const { value, notes } = decodeTolerantly(head, first);
  for (const note of notes) odd.note(note);
  if (parts.length > 4) odd.note(`${parts.length} fields in place of 4`);
  const { classId, version } = value;
  const cosem = classOf(classId, version);
  const { attributes, methods } = rightsOf(parts[3], { odd, byBits });
  return {
    classId,
    version,
    logicalName: value.logicalName,
    className: className(classId),
    name: describeLogicalName(value.logicalName),
    attributes: attributes.map((right) => attributeOf(right, cosem?.attributeNames.get(right.id))),
    methods: methods.map(({ id, mode, odd: unknown }) => ({
      id,
      name: cosem?.methodNames.get(id),
      access: mode,
      executable: unknown || (mode !== 'no-access' && !mode.startsWith('no-access,')),
    })),
    ...given({ odd: odd.text }),
  };
}

/** The access right of an attribute or method. */
interface Right {
  readonly id: number;
  readonly mode: string;
  readonly odd: boolean;
  readonly selectors: readonly number[];
}

function attributeOf({ id, mode, odd, selectors }: Right, name: string | undefined): ListedAttribute {
  const [plain = ''] = mode.split(',');
  return {
    id,
    name,
    access: mode,
    readable: odd || plain.includes('read'),
    writable: odd || plain.includes('write'),
    selectors,
  };
}

interface Rights {
  readonly attributes: readonly Right[];
  readonly methods: readonly Right[];
}

/** How an entry is read. */
interface EntryForm {
  readonly odd: Oddities;
  readonly byBits: boolean;
}

function rightsOf(rights: Data | undefined, reading: EntryForm): Rights {
  const { odd } = reading;
  if (rights === undefined || rights.type === 'null-data') {
    odd.note('no access rights told');
    return { attributes: [], methods: [] };
  }
  if (rights.type !== 'structure') {
    odd.note(`access rights that are ${withArticle(rights.type)}`);
    return { attributes: [], methods: [] };
  }
  const [attributes, methods] = rights.value;
  if (rights.value.length !== 2) odd.note(`access rights of ${rights.value.length} fields in place of 2`);
  return {
    attributes: members(attributes, 'attribute', reading),
    methods: members(methods, 'method', reading),
  };
}

function members(list: Data | undefined, what: Member, reading: EntryForm): Right[] {
  const { odd } = reading;
  if (list === undefined || list.type === 'null-data') {
    odd.note(`no rights to ${what}s told`);
    return [];
  }
  if (list.type !== 'array' && list.type !== 'compact-array') {
    odd.note(`rights to ${what}s that are ${withArticle(list.type)}`);
    return [];
  }
  return entry.decode(list).flatMap((item) => memberOf(item, what, reading) ?? []);
}

type Member = 'attribute' | 'method';

function memberOf(item: Data, what: Member, { odd, byBits }: EntryForm): Right | undefined {
  if (item.type !== 'structure' || item.value.length < 2)
    return odd.note(`a right to an ${what} that is ${withArticle(item.type)}`);
  const [name, mode, selectors] = item.value as readonly [Data, Data, Data | undefined];
  const id = lenient(int8, name);
  if (id === undefined) return odd.note(`an ${what} named by ${withArticle(name.type)}`);
  const words = modeOf(mode, what, byBits);
  if (words === undefined) odd.note(`access mode ${shown(mode)} of ${what} ${id}`);
  return {
    id,
    mode: words ?? `unknown (${shown(mode)})`,
    odd: words === undefined,
    selectors: what === 'attribute' ? selectorsOf(selectors, id, odd) : [],
  };
}

/** Access modes as bits: the lowest two are access, those above are the required protection. */
const DEMANDED: readonly (readonly [bit: number, words: string])[] = [
  [0x04, 'authenticated-request'],
  [0x08, 'encrypted-request'],
  [0x10, 'digitally-signed-request'],
  [0x20, 'authenticated-response'],
  [0x40, 'encrypted-response'],
  [0x80, 'digitally-signed-response'],
];

const ACCESS = ['no-access', 'read-only', 'write-only', 'read-and-write'] as const;

/** An access mode in words. Numbers beyond the named ones of older versions can only be bits. */
function modeOf(mode: Data, what: Member, byBits: boolean): string | undefined {
  // Version 0 has a boolean for methods.
  if (mode.type === 'boolean' && what === 'method') return mode.value ? 'access' : 'no-access';
  const named = byBits ? undefined : lenient(what === 'attribute' ? attributeAccessMode : methodAccessMode, mode);
  if (named !== undefined) return named;
  const bits = numberOf(mode);
  if (bits === undefined) return undefined;
  const access = what === 'attribute' ? (ACCESS[bits & 3] as string) : (bits & 1) === 0 ? 'no-access' : 'access';
  return [access, ...protectionsIn(bits)].join(', ');
}

function protectionsIn(bits: number): string[] {
  return DEMANDED.filter(([bit]) => (bits & bit) !== 0).map(([, words]) => words);
}

function numberOf({ type, value }: Data): number | undefined {
  const isMode = type === 'enum' || type === 'unsigned' || type === 'integer' || type.startsWith('long');
  const bits = isMode ? Number(value) : -1;
  return bits >= 0 && bits <= 0xff ? bits : undefined;
}

function selectorsOf(selectors: Data | undefined, id: number, odd: Oddities): readonly number[] {
  if (selectors === undefined || selectors.type === 'null-data') return [];
  const found = lenient(array(int8), selectors);
  if (found === undefined) odd.note(`selectors of attribute ${id} that are ${withArticle(selectors.type)}`);
  return found ?? [];
}

/** The value in any integer type; undefined where it does not fit. */
function lenient<T>(type: Type<T>, value: Data): T | undefined {
  try {
    return decodeTolerantly(type, value).value;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

function shown({ type, value }: Data): string {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : type;
}
