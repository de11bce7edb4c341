import { fromHex } from '../base/bytes.js';
import { StateError } from '../base/errors.js';
import { compactArrayElements, MAX_DEPTH } from './compact.js';
import type { Data, TypeDescription } from './data.js';
import { arrayOf, bits, boolValue, dontCare, f32, f64, nullValue, octets, structureOf, utf8, visible } from './make.js';
import { requireBigInt, requireInteger, requireOctets } from './scalar.js';
import { BIGINT_RANGE, INTEGER_RANGE, OCTETS_OF, TAG } from './tags.js';
import { compactToJson, scalarToJson, type TypeDescriptionJson } from './wire-value.js';

/**
 * `Data` as JSON, nothing lost: an object with one key, the name of the CHOICE: `{"long-unsigned": 5}`,
 * `{"structure": [{"octet-string": "0102"}, {"enum": 3}]}`. 64 bit integers are decimal text; octet-string, date-time, date and time
 * are hexadecimal; a bit-string is text of 0 and 1; floats that JSON has no number for are `"NaN"`, `"Infinity"`, `"-Infinity"`, `"-0"`.
 */
export type DataJson = { readonly [type: string]: DataJsonValue };

/** What stands behind the name of the CHOICE. */
export type DataJsonValue =
  | null
  | boolean
  | number
  | string
  | readonly DataJson[]
  | {
      /** What the elements of a compact-array are. */
      readonly 'contents-description': TypeDescriptionJson;
      /** Its contents in hexadecimal digits. */
      readonly 'array-contents': string;
      /** The same, element by element. */
      readonly elements: readonly DataJson[];
    };

/** A value as JSON. */
export function dataToJson(data: Data): DataJson {
  return { [data.type]: valueToJson(data) };
}

function valueToJson(data: Data): DataJsonValue {
  switch (data.type) {
    case 'array':
    case 'structure':
      return data.value.map(dataToJson);
    case 'compact-array':
      return { ...compactToJson(data.value), elements: compactArrayElements(data.value).map(dataToJson) };
    default:
      return scalarToJson(data);
  }
}

/**
 * A value of its JSON. Numbers may be written as text too. `elements` of a compact-array is not read: the contents say it all.
 * @throws StateError that names the type and what it takes.
 */
export function dataFromJson(json: unknown): Data {
  return fromJson(json, 0);
}

function fromJson(json: unknown, depth: number): Data {
  if (depth > MAX_DEPTH) throw new StateError(`values nested in more than ${MAX_DEPTH} levels are none`);
  const [entry, ...more] =
    typeof json === 'object' && json !== null && !Array.isArray(json) ? Object.entries(json) : [];
  if (entry === undefined || more.length > 0) {
    throw new StateError('a value is an object with one key, the name of its type', {
      hint: 'such as {"unsigned": 5}',
    });
  }
  return valueFromJson(...entry, depth);
}

function valueFromJson(type: string, value: unknown, depth: number): Data {
  const element = (json: unknown) => fromJson(json, depth + 1);
  if (Object.hasOwn(INTEGER_RANGE, type)) {
    const integer = type as keyof typeof INTEGER_RANGE;
    return { type: integer, value: requireInteger(integer, numberFrom(type, value)) };
  }
  if (Object.hasOwn(OCTETS_OF, type)) {
    const fixed = type as keyof typeof OCTETS_OF;
    return { type: fixed, value: requireOctets(fixed, fromHex(textFrom(type, value))) };
  }
  if (Object.hasOwn(BIGINT_RANGE, type)) {
    const big = type as keyof typeof BIGINT_RANGE;
    return { type: big, value: requireBigInt(big, bigintFrom(type, value)) };
  }
  switch (type) {
    case 'null-data':
      return nullValue();
    case 'dont-care':
      return dontCare();
    case 'array':
      return arrayOf(listFrom(type, value).map(element));
    case 'structure':
      return structureOf(listFrom(type, value).map(element));
    case 'compact-array':
      return compactArrayFrom(value);
    case 'boolean':
      return boolValue(booleanFrom(value));
    case 'float32':
      return f32(numberFrom(type, value));
    case 'float64':
      return f64(numberFrom(type, value));
    case 'octet-string':
      return octets(fromHex(textFrom(type, value)));
    case 'visible-string':
      return visible(textFrom(type, value));
    case 'utf8-string':
      return utf8(textFrom(type, value));
    case 'bit-string':
      return bits(textFrom(type, value));
    default:
      throw new StateError(`'${type}' is no type of Data`, { hint: `one of ${Object.keys(TAG).join(', ')}` });
  }
}

function wrong(type: string, what: string): never {
  throw new StateError(`a value of ${type} is ${what}`);
}

function numberFrom(type: string, value: unknown): number {
  if (typeof value === 'number') return value;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  if (Number.isNaN(number) && value !== 'NaN') wrong(type, 'a number');
  return number;
}

/** How many elements each value of an array in a compact-array has: two octets on the line. */
function elementsFrom(value: unknown): number {
  const count = numberFrom('number-of-elements', value);
  return Number.isInteger(count) && count >= 0 && count <= 0xffff
    ? count
    : wrong('number-of-elements', 'a whole number from 0 to 65535');
}

function bigintFrom(type: string, value: unknown): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value !== 'string' || !/^-?\d+$/.test(value)) wrong(type, 'a whole number, written as text');
  return BigInt(value);
}

function booleanFrom(value: unknown): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  return wrong('boolean', 'true or false');
}

function textFrom(type: string, value: unknown): string {
  return typeof value === 'string' ? value : wrong(type, 'text');
}

function listFrom(type: string, value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : wrong(type, 'a list of values');
}

function compactArrayFrom(value: unknown): Data {
  const { 'contents-description': description, 'array-contents': contents } = recordFrom(value);
  return {
    type: 'compact-array',
    value: { description: descriptionFrom(description), contents: fromHex(textFrom('array-contents', contents)) },
  };
}

function descriptionFrom(json: unknown, depth = 0): TypeDescription {
  if (depth > MAX_DEPTH) throw new StateError(`a type description nested in more than ${MAX_DEPTH} levels`);
  if (typeof json === 'string') {
    if (!Object.hasOwn(TAG, json) || json === 'array' || json === 'structure' || json === 'compact-array') {
      wrong('contents-description', 'the name of a type, {"structure": […]} or {"array": {…}}');
    }
    return { type: json as Exclude<Data['type'], 'array' | 'structure' | 'compact-array'> };
  }
  const { structure, array } = recordFrom(json);
  if (structure !== undefined) {
    return {
      type: 'structure',
      elements: listFrom('contents-description', structure).map((one) => descriptionFrom(one, depth + 1)),
    };
  }
  const { 'number-of-elements': count, 'type-description': element } = recordFrom(array);
  return {
    type: 'array',
    count: elementsFrom(count),
    element: descriptionFrom(element, depth + 1),
  };
}

function recordFrom(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  return wrong('compact-array', '{"contents-description": …, "array-contents": "HEX"}');
}
