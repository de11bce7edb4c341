import {
  type Companion,
  type CosemClass,
  CosemDate,
  CosemDateTime,
  CosemTime,
  classes,
  compactArrayElements,
  type Data,
  dataText,
  logicalNameFromBytes,
  objectTitle,
  type Type,
} from '../src/index.js';

/** A value as people read it: words, or named parts. */
export type Tree = string | readonly (readonly [name: string, part: Tree])[];

/** A value with the names that its class gives to its parts; without a type, or where it does not fit, by its form alone. */
export function treeOf(data: Data, type: Type<unknown> | undefined, companion: Companion): Tree {
  const shape = type?.shape;
  if (shape === undefined || shape.kind === 'data') return untyped(data, companion);
  switch (shape.kind) {
    case 'enum': {
      const name = Object.entries(shape.values).find(([, value]) => value === data.value)?.[0];
      return name === undefined ? dataText(data) : `${name} (${data.value})`;
    }
    case 'date-time':
    case 'date':
    case 'time':
      return isOctets(data) ? momentText(shape.kind, data.value) : dataText(data);
    case 'logical-name':
      return isOctets(data) && data.value.length === 6 ? nameText(data.value, companion) : dataText(data);
    case 'array':
      return (
        elementsOf(data)?.map((element, i) => [`${i + 1}`, treeOf(element, shape.element, companion)]) ?? dataText(data)
      );
    case 'structure': {
      const fields = Object.entries(shape.fields);
      const parts = data.type === 'structure' ? data.value : undefined;
      if (parts?.length !== fields.length) return untyped(data, companion);
      return fields.map(([name, field], i) => [words(name), treeOf(parts[i] as Data, field, companion)]);
    }
    case 'choice':
      return treeOf(
        data,
        shape.options.find((option) => fits(option, data)),
        companion,
      );
    case 'scalar':
      return dataText(data);
  }
}

/** The type of an attribute in the newest version of its class that has it; undefined where the class is not known. */
export function attributeType(classId: number, id: number): Type<unknown> | undefined {
  const known = newest(classId).find(({ attributeNames }) => attributeNames.has(id));
  return known?.attributes[known.attributeNames.get(id) as string]?.type;
}

/** The name of an attribute in words: `scaler unit`. */
export function attributeName(classId: number, id: number): string | undefined {
  const name = newest(classId)
    .map(({ attributeNames }) => attributeNames.get(id))
    .find((found) => found !== undefined);
  return name === undefined ? undefined : words(name);
}

/** The name of a method in words: `remote disconnect`. */
export function methodName(classId: number, id: number): string | undefined {
  const name = newest(classId)
    .map(({ methodNames }) => methodNames.get(id))
    .find((found) => found !== undefined);
  return name === undefined ? undefined : words(name);
}

function newest(classId: number): CosemClass[] {
  return classes.filter(({ id }) => id === classId).sort((a, b) => b.version - a.version);
}

/** A tree in indented lines. */
export function treeLines(tree: Tree, indent = ''): string[] {
  if (typeof tree === 'string') return [indent + tree];
  if (tree.length === 0) return [`${indent}(empty)`];
  const width = Math.max(...tree.map(([name, part]) => (typeof part === 'string' ? name.length : 0)));
  return tree.flatMap(([name, part]) =>
    typeof part === 'string'
      ? [`${indent}${name.padEnd(width)}  ${part}`]
      : [`${indent}${name}`, ...treeLines(part, `${indent}  `)],
  );
}

/** A tree in one line: `scaler 0, unit Wh`. */
export function treeText(tree: Tree): string {
  if (typeof tree === 'string') return tree;
  return tree
    .map(([name, part]) => (typeof part === 'string' ? `${name} ${part}` : `${name} {${treeText(part)}}`))
    .join(', ');
}

function untyped(data: Data, companion: Companion): Tree {
  const elements = elementsOf(data);
  if (elements === undefined) return dataText(data);
  return elements.map((element, i) => [`${i + 1}`, treeOf(element, undefined, companion)]);
}

function elementsOf(data: Data): readonly Data[] | undefined {
  if (data.type === 'array' || data.type === 'structure') return data.value;
  return data.type === 'compact-array' ? compactArrayElements(data.value) : undefined;
}

function isOctets(data: Data): data is Extract<Data, { value: Uint8Array }> {
  return data.value instanceof Uint8Array;
}

function momentText(kind: 'date-time' | 'date' | 'time', octets: Uint8Array): string {
  if (kind === 'date-time' && octets.length === 12) {
    const time = CosemDateTime.fromBytes(octets);
    const status = time.statusNames();
    return status.length === 0 ? time.toText() : `${time.toText()} (${status.join(', ')})`;
  }
  if (kind === 'date' && octets.length === 5) return CosemDate.fromBytes(octets).toText();
  if (kind === 'time' && octets.length === 4) return CosemTime.fromBytes(octets).toText();
  return dataText({ type: 'octet-string', value: octets });
}

function nameText(octets: Uint8Array, companion: Companion): string {
  const name = logicalNameFromBytes(octets);
  const title = objectTitle(companion, name);
  return title === undefined ? name : `${name} (${title})`;
}

function fits(type: Type<unknown>, data: Data): boolean {
  try {
    type.decode(data);
    return true;
  } catch {
    return false;
  }
}

/** `scalerUnit` as `scaler unit`. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
