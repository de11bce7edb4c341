import fc, { type Arbitrary } from 'fast-check';
import { DecodeError, StateError } from '../../src/base/errors.js';
import { compactArrayOf } from '../../src/codec/compact.js';
import type { BitString, CompactArray, Data, DataType, TypeDescription } from '../../src/codec/data.js';
import { BIGINT_RANGE, INTEGER_RANGE, OCTETS_OF, TAG } from '../../src/codec/tags.js';
import type { Shape, Type } from '../../src/codec/type.js';
import {
  array,
  bcd,
  bitString,
  bool,
  choice,
  data,
  date,
  dateTime,
  enumOf,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  logicalName,
  nullData,
  octetString,
  structure,
  text,
  time,
  uint8,
  uint16,
  uint32,
  uint64,
  utf8String,
  visibleString,
} from '../../src/codec/types.js';

/** Octets, most often few. */
export function octetsUpTo(maxLength: number): Arbitrary<Uint8Array> {
  return fc.uint8Array({ maxLength });
}

function octetsOf(length: number): Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

const bitStrings: Arbitrary<BitString> = fc
  .nat({ max: 40 })
  .chain((length) => octetsOf(Math.ceil(length / 8)).map((bytes) => ({ bytes, length })));

const latin1 = fc.string({ unit: fc.nat({ max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 20 });

type ScalarType = Exclude<DataType, 'array' | 'structure' | 'compact-array'>;

/** Names of all types that hold no other values. */
export const scalarTypes = Object.keys(TAG).filter(
  (type) => type !== 'array' && type !== 'structure' && type !== 'compact-array',
) as ScalarType[];

/** A value of a type that holds no other values. */
export function scalarOf(type: ScalarType): Arbitrary<Data> {
  return valueOfScalar(type).map((value) => ({ type, value }) as Data);
}

function valueOfScalar(type: ScalarType): Arbitrary<unknown> {
  if (type in INTEGER_RANGE) {
    const [min, max] = INTEGER_RANGE[type as keyof typeof INTEGER_RANGE];
    return fc.integer({ min, max });
  }
  if (type in BIGINT_RANGE) {
    const [min, max] = BIGINT_RANGE[type as keyof typeof BIGINT_RANGE];
    return fc.bigInt({ min, max });
  }
  if (type in OCTETS_OF) return octetsOf(OCTETS_OF[type as keyof typeof OCTETS_OF]);
  switch (type) {
    case 'boolean':
      return fc.boolean();
    case 'bit-string':
      return bitStrings;
    case 'octet-string':
      return octetsUpTo(20);
    case 'visible-string':
      return latin1;
    case 'utf8-string':
      return fc.string({ unit: 'binary', maxLength: 20 });
    case 'float32':
      return fc.float();
    case 'float64':
      return fc.double();
    default:
      return fc.constant(null);
  }
}

const scalars: Arbitrary<Data> = fc.constantFrom(...scalarTypes).chain(scalarOf);

/** A type description of at most `depth` levels. */
export function arbitraryDescription(depth = 2): Arbitrary<TypeDescription> {
  const leaf: Arbitrary<TypeDescription> = fc.constantFrom(...scalarTypes).map((type) => ({ type }));
  if (depth === 0) return leaf;
  const inner = arbitraryDescription(depth - 1);
  return fc.oneof(
    { weight: 3, arbitrary: leaf },
    fc.record({ type: fc.constant('array' as const), count: fc.nat({ max: 3 }), element: inner }),
    fc.record({ type: fc.constant('structure' as const), elements: fc.array(inner, { maxLength: 4 }) }),
  );
}

/** A value that fits a description. */
export function describedBy(description: TypeDescription): Arbitrary<Data> {
  if (description.type === 'array') {
    const { count, element } = description;
    return fc
      .array(describedBy(element), { minLength: count, maxLength: count })
      .map((value) => ({ type: 'array', value }));
  }
  if (description.type === 'structure') {
    return fc.tuple(...description.elements.map(describedBy)).map((value) => ({ type: 'structure', value }));
  }
  return scalarOf(description.type);
}

/** A compact-array with the elements it was made of. */
export const arbitraryCompactArray: Arbitrary<{ value: CompactArray; elements: Data[] }> = arbitraryDescription()
  .chain((description) => fc.tuple(fc.constant(description), fc.array(describedBy(description), { maxLength: 5 })))
  .map(([description, elements]) => {
    try {
      return { value: compactArrayOf(description, elements), elements };
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      return undefined; // elements that take no octets cannot be counted
    }
  })
  .filter((made) => made !== undefined);

/** Any Data of at most four levels. */
export const arbitraryData: Arbitrary<Data> = fc.letrec<{ data: Data }>((tie) => ({
  data: fc.oneof(
    { depthSize: 'small', maxDepth: 4, withCrossShrink: true },
    scalars,
    fc.array(tie('data'), { maxLength: 6 }).map((value): Data => ({ type: 'array', value })),
    fc.array(tie('data'), { maxLength: 6 }).map((value): Data => ({ type: 'structure', value })),
    arbitraryCompactArray.map(({ value }): Data => ({ type: 'compact-array', value })),
  ),
})).data;

/** Data that has a shape, in any of the forms that the shape is read from. */
export function dataOf(shape: Shape): Arbitrary<Data> {
  switch (shape.kind) {
    case 'data':
      return arbitraryData;
    case 'scalar':
      return scalarOf(shape.type as ScalarType);
    case 'enum':
      return fc.constantFrom(...Object.values(shape.values)).map((value) => ({ type: 'enum', value }));
    case 'date-time':
      return momentOf('date-time', 12);
    case 'date':
      return momentOf('date', 5);
    case 'time':
      return momentOf('time', 4);
    case 'logical-name':
      return octetsOf(6).map((value) => ({ type: 'octet-string', value }));
    case 'array':
      return fc
        .array(dataOf(shape.element.shape), { minLength: shape.length ?? 0, maxLength: shape.length ?? 4 })
        .map((value) => ({ type: 'array', value }));
    case 'structure':
      return fc
        .tuple(...Object.values(shape.fields).map((field) => dataOf(field.shape)))
        .map((value) => ({ type: 'structure', value }));
    case 'choice':
      return fc.oneof(...shape.options.map((option) => dataOf(option.shape)));
  }
}

function momentOf(type: 'date-time' | 'date' | 'time', length: number): Arbitrary<Data> {
  return fc
    .tuple(fc.boolean(), octetsOf(length))
    .map(([tagged, value]) => ({ type: tagged ? type : 'octet-string', value }) as Data);
}

/** A value of a type: what the type reads from {@link dataOf} its shape. */
export function valueOfType<T>(type: Type<T>): Arbitrary<T> {
  return dataOf(type.shape)
    .map((found) => {
      try {
        return { value: type.decode(found) };
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        return undefined; // a type narrower than its shape
      }
    })
    .filter((read) => read !== undefined)
    .map(({ value }) => value);
}

/** Types without parts. */
export const simpleTypes: readonly Type<unknown>[] = [
  nullData,
  bool,
  bitString,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  bcd,
  float32,
  float64,
  octetString,
  visibleString,
  utf8String,
  text,
  logicalName,
  dateTime,
  date,
  time,
  data,
  enumOf({ disconnected: 0, connected: 1, 'ready-for-reconnection': 2 }),
];

/** Types whose values no two of them would write: options that a choice can tell apart. */
const distinctTypes: readonly Type<unknown>[] = [
  nullData,
  bool,
  bitString,
  uint32,
  int64,
  octetString,
  visibleString,
  array(uint16),
  structure({ a: int8, b: logicalName }),
  structure({ c: uint8, d: dateTime, e: text }),
];

const fieldNames = fc.stringMatching(/^[a-z][a-zA-Z0-9]{0,7}$/).filter((name) => !(name in Object.prototype));

/** Any Type of at most three levels. */
export const arbitraryType: Arbitrary<Type<unknown>> = fc.letrec<{ type: Type<unknown> }>((tie) => ({
  type: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc.constantFrom(...simpleTypes),
    tie('type').map((element): Type<unknown> => array(element)),
    fc.tuple(tie('type'), fc.nat({ max: 3 })).map(([element, length]): Type<unknown> => array(element, length)),
    fc
      .dictionary(fieldNames, tie('type'), { maxKeys: 5, noNullPrototype: true })
      .map((fields): Type<unknown> => structure(fields)),
    fc.subarray([...distinctTypes], { minLength: 1 }).map((options): Type<unknown> => choice(...options)),
  ),
})).type;
