import { DecodeError, type DecodeReason, type PathSegment, StateError } from '../base/errors.js';
import { type LogicalName, logicalNameFromBytes, logicalNameToBytes } from '../base/obis.js';
import { counted } from '../base/words.js';
import { compactArrayElements } from './compact.js';
import type { BitString, Data, DataType } from './data.js';
import { CosemDate, CosemDateTime, CosemTime } from './datetime.js';
import { requireBigInt, requireBitString, requireInteger } from './scalar.js';
import type { BigIntType, IntegerType } from './tags.js';
import type { Infer, Shape, Type } from './type.js';
import { fromUtf8, toUtf8 } from './utf8.js';

/*
 * Typed views: each converts Data to a plain value and back. Integers are strict, a `long` where a `double-long` belongs is an error
 * that names both; text and dates are read in every form that meters use for them and written in the standard's.
 */

/** A member of Data by its tag. */
type Tagged<K extends DataType> = Extract<Data, { readonly type: K }>;

// ---- scalars

/** null-data: no value, as `null`. */
export const nullData: Type<null> = scalar('null-data', (value) => {
  if (value !== null) throw unfit('null-data', value);
  return value;
});

/** boolean: true or false. */
export const bool: Type<boolean> = scalar('boolean', (value) => {
  if (typeof value !== 'boolean') throw unfit('boolean', value);
  return value;
});

/** bit-string: octets, and how many bits of them count. */
export const bitString: Type<BitString> = scalar('bit-string', (value) => {
  if (!(value?.bytes instanceof Uint8Array)) throw unfit('bit-string', value);
  return requireBitString(value);
});

/** integer: a signed number of one octet, -128 to 127. */
export const int8: Type<number> = integer('integer');
/** long: a signed number of two octets. */
export const int16: Type<number> = integer('long');
/** double-long: a signed number of four octets. */
export const int32: Type<number> = integer('double-long');
/** long64: a signed number of eight octets, as a `bigint`. */
export const int64: Type<bigint> = bigInteger('long64');
/** unsigned: a number of one octet, 0 to 255. */
export const uint8: Type<number> = integer('unsigned');
/** long-unsigned: a number of two octets, 0 to 65535. */
export const uint16: Type<number> = integer('long-unsigned');
/** double-long-unsigned: a number of four octets, 0 to 4294967295. */
export const uint32: Type<number> = integer('double-long-unsigned');
/** long64-unsigned: a number of eight octets from 0, as a `bigint`. */
export const uint64: Type<bigint> = bigInteger('long64-unsigned');
/** bcd: one octet, as a signed number. */
export const bcd: Type<number> = integer('bcd');

/** float32: a floating point number of four octets. Writing rounds to the nearest one. */
export const float32: Type<number> = scalar('float32', (value) => Math.fround(requireNumber('float32', value)));

/** float64: a floating point number of eight octets, as numbers of JavaScript are. */
export const float64: Type<number> = scalar('float64', (value) => requireNumber('float64', value));

/** octet-string: octets as they are. Text types are read too, as the octets that they are made of. */
export const octetString: Type<Uint8Array> = {
  name: 'octet-string',
  shape: { kind: 'scalar', type: 'octet-string' },
  decode(data) {
    if (data.type === 'octet-string') return data.value;
    if (data.type === 'visible-string' || data.type === 'utf8-string') return toUtf8(data.value);
    throw mismatch('octet-string', data);
  },
  encode(value) {
    if (!(value instanceof Uint8Array)) throw unfit('octet-string', value);
    return { type: 'octet-string', value };
  },
};

/** Text that is written as visible-string; read from octet-string and utf8-string too. */
export const visibleString: Type<string> = textAs('visible-string', (value) => {
  const beyond = /[^\0-\xff]/.exec(value);
  if (beyond) throw new StateError(`'${beyond[0]}' has no place in a visible-string`, { hint: 'use Latin letters' });
  return { type: 'visible-string', value };
});

/** Text that is written as utf8-string; read from octet-string and visible-string too. */
export const utf8String: Type<string> = textAs('utf8-string', (value) => {
  toUtf8(value);
  return { type: 'utf8-string', value };
});

/** Text that is written as octet-string in UTF-8, as the Blue Book has names of calendars and devices; read from any text type. */
export const text: Type<string> = textAs('octet-string', (value) => ({ type: 'octet-string', value: toUtf8(value) }));

/** A logical name: six octets in an octet-string on the line, text in the program: `1.0.1.8.0.255`. */
export const logicalName: Type<LogicalName> = {
  name: 'octet-string',
  shape: { kind: 'logical-name' },
  decode(data) {
    if (data.type !== 'octet-string') throw mismatch('octet-string', data);
    return logicalNameFromBytes(data.value);
  },
  encode(value) {
    if (typeof value !== 'string') throw unfit('logical name', value);
    return { type: 'octet-string', value: logicalNameToBytes(value) };
  },
};

/** date-time as octet-string of twelve octets; read from a date-time too. */
export const dateTime: Type<CosemDateTime> = moment('date-time', CosemDateTime);
/** date as octet-string of five octets; read from a date too. */
export const date: Type<CosemDate> = moment('date', CosemDate);
/** time as octet-string of four octets; read from a time too. */
export const time: Type<CosemTime> = moment('time', CosemTime);

/**
 * An enum by the names of its numbers: `enumOf({ disconnected: 0, connected: 1 })` reads 1 as `'connected'`. A number without a name is
 * refused.
 */
export function enumOf<const V extends Readonly<Record<string, number>>>(values: V): Type<keyof V & string> {
  type Name = keyof V & string;
  const names = new Map<number, Name>(Object.entries(values).map(([name, value]) => [value, name as Name]));
  for (const value of names.keys()) requireInteger('enum', value);
  return {
    name: 'enum',
    shape: { kind: 'enum', values },
    decode(data) {
      if (data.type !== 'enum') throw mismatch('enum', data);
      const name = names.get(data.value);
      if (name === undefined) throw fault('bad-value', `enum ${data.value} is none of ${listed(values)}`);
      return name;
    },
    encode(name) {
      if (typeof name !== 'string') throw unfit('enum', name);
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value === undefined)
        throw new StateError(`'${name}' is none of the names of this enum`, { hint: listed(values) });
      return { type: 'enum', value };
    },
  };
}

/** Any value with its wire type, as the meter sends it. */
export const data: Type<Data> = {
  name: 'CHOICE',
  shape: { kind: 'data' },
  decode: (value) => value,
  encode: (value) => value,
};

// ---- composed of others

/** An array whose elements are all of one type; read from a compact-array too. With `length` it must have exactly so many. */
export function array<T>(element: Type<T>, length?: number): Type<readonly T[]> {
  return {
    name: 'array',
    shape: length === undefined ? { kind: 'array', element } : { kind: 'array', element, length },
    decode(value) {
      const elements = elementsOf(value);
      if (length !== undefined && elements.length !== length) {
        throw fault('bad-length', `an array of ${counted(elements.length, 'element')} instead of ${length}`);
      }
      return climbing(elements, (item) => element.decode(item));
    },
    encode(values) {
      if (!Array.isArray(values)) throw unfit('array', values);
      if (length !== undefined && values.length !== length) {
        throw new StateError(`an array of ${counted(values.length, 'element')} instead of ${length}`);
      }
      return { type: 'array', value: climbing(values as readonly T[], (item) => element.encode(item)) };
    },
  };
}

function elementsOf(value: Data): readonly Data[] {
  if (value.type === 'array') return value.value;
  if (value.type === 'compact-array') return compactArrayElements(value.value);
  throw mismatch('array', value);
}

/** Values of the fields of a {@link structure}. The empty intersection lets editors show them in place of this name. */
export type StructureValue<F> = { readonly [K in keyof F]: Infer<F[K]> } & {};

/** A structure: its elements in the order of the fields, by their names. One with more or fewer elements is refused. */
export function structure<F extends Readonly<Record<string, Type<unknown>>>>(fields: F): Type<StructureValue<F>> {
  const names = Object.keys(fields);
  const types = Object.values(fields);
  if (names.some((name) => /^\d+$/.test(name))) {
    throw new StateError('a field whose name is a number would change the order of the fields');
  }
  return {
    name: 'structure',
    shape: { kind: 'structure', fields },
    decode(value) {
      if (value.type !== 'structure') throw mismatch('structure', value);
      const elements = value.value;
      if (elements.length < names.length) {
        throw fault(
          'missing-field',
          `'${names[elements.length]}' is missing in a structure of ${counted(elements.length, 'element')}`,
        );
      }
      if (elements.length > names.length) {
        throw fault('bad-length', `a structure of ${counted(elements.length, 'element')} instead of ${names.length}`);
      }
      const result: Record<string, unknown> = {};
      for (let i = 0; i < names.length; i++) {
        const name = names[i] as string;
        try {
          result[name] = (types[i] as Type<unknown>).decode(elements[i] as Data);
        } catch (error) {
          throw climbed(error, name);
        }
      }
      return result as StructureValue<F>;
    },
    encode(value) {
      if (typeof value !== 'object' || value === null) throw unfit('structure', value);
      const elements: Data[] = [];
      for (let i = 0; i < names.length; i++) {
        const name = names[i] as string;
        try {
          elements.push((types[i] as Type<unknown>).encode((value as Record<string, unknown>)[name]));
        } catch (error) {
          throw climbed(error, name);
        }
      }
      return { type: 'structure', value: elements };
    },
  };
}

/**
 * One of several types: the first that the data has the form of, else the first that can read it; written by the first that takes
 * the value. Options should differ in tag, number of elements or length.
 */
export function choice<const O extends readonly Type<unknown>[]>(...options: O): Type<Infer<O[number]>> {
  type Value = Infer<O[number]>;
  const names = options.map((option) => option.name).join(', ');
  const first = <R>(attempt: (option: Type<unknown>) => R, none: () => Error): R => {
    for (const option of options) {
      try {
        return attempt(option);
      } catch (error) {
        if (!(error instanceof DecodeError || error instanceof StateError)) throw error;
      }
    }
    throw none();
  };
  return {
    name: 'choice',
    shape: { kind: 'choice', options },
    decode(value) {
      const exact = options.find((option) => hasForm(option.shape, value));
      if (exact) return exact.decode(value) as Value;
      return first(
        (option) => option.decode(value) as Value,
        () => fault('unknown-choice', `${value.type} where one of ${names} belongs`),
      );
    },
    encode: (value) =>
      first(
        (option) => option.encode(value),
        () => new StateError(`the value fits none of ${names}`),
      ),
  };
}

/** Whether data has the tag, and the count or length, that a shape asks for; elements are not looked at. */
export function hasForm(shape: Shape, value: Data): boolean {
  switch (shape.kind) {
    case 'data':
      return true;
    case 'scalar':
      return value.type === shape.type && (shape.length === undefined || lengthOf(value) === shape.length);
    case 'enum':
      return value.type === 'enum';
    case 'date-time':
      return value.type === 'date-time' || isOctets(value, 12);
    case 'date':
      return value.type === 'date' || isOctets(value, 5);
    case 'time':
      return value.type === 'time' || isOctets(value, 4);
    case 'logical-name':
      return isOctets(value, 6);
    case 'array':
      return value.type === 'array' && (shape.length === undefined || lengthOf(value) === shape.length);
    case 'structure':
      return value.type === 'structure' && value.value.length === Object.keys(shape.fields).length;
    case 'choice':
      return shape.options.some((option) => hasForm(option.shape, value));
  }
}

function isOctets(value: Data, length: number): boolean {
  return value.type === 'octet-string' && value.value.length === length;
}

function lengthOf(value: Data): number | undefined {
  return (value.value as { readonly length?: number } | null)?.length;
}

// ---- how scalars are made

function scalar<K extends DataType>(
  type: K,
  check: (value: Tagged<K>['value']) => Tagged<K>['value'],
): Type<Tagged<K>['value']> {
  return {
    name: type,
    shape: { kind: 'scalar', type },
    decode(value) {
      if (value.type !== type) throw mismatch(type, value);
      return value.value as Tagged<K>['value'];
    },
    encode: (value) => ({ type, value: check(value) }) as Data,
  };
}

function integer(type: IntegerType): Type<number> {
  return scalar(type, (value) => requireInteger(type, value));
}

function bigInteger(type: BigIntType): Type<bigint> {
  return scalar(type, (value) => requireBigInt(type, value));
}

function textAs(type: 'octet-string' | 'visible-string' | 'utf8-string', make: (value: string) => Data): Type<string> {
  return {
    name: type,
    shape: { kind: 'scalar', type },
    decode(value) {
      if (value.type === 'visible-string' || value.type === 'utf8-string') return value.value;
      if (value.type === 'octet-string') return fromUtf8(value.value);
      throw mismatch(type, value);
    },
    encode(value) {
      if (typeof value !== 'string') throw unfit(type, value);
      return make(value);
    },
  };
}

/** What date-time, date and time have in common. */
interface MomentClass<T> {
  new (): T;
  fromBytes(bytes: Uint8Array): T;
}

function moment<T extends { toBytes(): Uint8Array }>(kind: 'date-time' | 'date' | 'time', of: MomentClass<T>): Type<T> {
  return {
    name: `octet-string (${kind})`,
    shape: { kind },
    decode(value) {
      if (value.type !== 'octet-string' && value.type !== kind) throw mismatch(`octet-string or ${kind}`, value);
      return of.fromBytes(value.value as Uint8Array);
    },
    encode(value) {
      if (!(value instanceof of)) throw unfit(kind, value);
      return { type: 'octet-string', value: value.toBytes() };
    },
  };
}

// ---- errors

function requireNumber(type: string, value: number): number {
  if (typeof value !== 'number') throw unfit(type, value);
  return value;
}

function mismatch(expected: string, found: Data): DecodeError {
  return fault('bad-tag', `${expected} expected, ${found.type} found`);
}

function fault(reason: DecodeReason, what: string): DecodeError {
  return new DecodeError(reason, what, -1);
}

function unfit(type: string, value: unknown): StateError {
  const found = value === null ? 'null' : typeof value;
  return new StateError(`a ${found} cannot be sent as ${type}`);
}

function listed(values: Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} (${value})`)
    .join(', ');
}

/** Converts each element; an error gets the element's index. */
function climbing<A, B>(items: readonly A[], convert: (item: A) => B): B[] {
  const results: B[] = [];
  try {
    for (const item of items) results.push(convert(item));
  } catch (error) {
    throw climbed(error, results.length);
  }
  return results;
}

function climbed(error: unknown, segment: PathSegment): unknown {
  return error instanceof DecodeError || error instanceof StateError ? error.within(segment) : error;
}
