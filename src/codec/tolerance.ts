/** Reading a typed view tolerantly: a number that comes in another type than declared, wherever the declared one holds it. */

import { DecodeError } from '../base/errors.js';
import type { Data } from './data.js';
import { BIGINT_RANGE, type BigIntType, INTEGER_RANGE, type IntegerType } from './tags.js';
import type { Shape, Type } from './type.js';
import { hasForm } from './types.js';

/** Types whose numbers may stand for each other. Delta types, bcd and floating point numbers are not among them. */
const WHOLE: ReadonlySet<Data['type']> = new Set([
  'boolean',
  'enum',
  'integer',
  'long',
  'double-long',
  'long64',
  'unsigned',
  'long-unsigned',
  'double-long-unsigned',
  'long64-unsigned',
]);

const NO_NOTES: readonly string[] = [];

/** A value read, and what of it came in another type than declared: `long-unsigned for double-long-unsigned`. */
export interface Tolerated<T> {
  /** What was read. */
  readonly value: T;
  /** What of it is not as the standard has it, in sentences. */
  readonly notes: readonly string[];
}

/**
 * As {@link Type.decode}; where that fails it is tried once more with each number in the type that is declared for it. Nothing is cut: a
 * number that the declared type cannot hold stays an error, and so does a boolean that is neither 0, 1 nor 255.
 * @throws DecodeError as the strict reading does.
 */
export function decodeTolerantly<T>(type: Type<T>, data: Data): Tolerated<T> {
  try {
    return { value: type.decode(data), notes: NO_NOTES };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const notes = new Set<string>();
    const fitted = intoShape(type.shape, data, notes);
    if (notes.size === 0) throw error;
    return { value: decodeAgain(type, fitted, error), notes: [...notes] };
  }
}

/** What is wrong with the data as they came is the error to tell. */
function decodeAgain<T>(type: Type<T>, fitted: Data, first: DecodeError): T {
  try {
    return type.decode(fitted);
  } catch (error) {
    throw error instanceof DecodeError ? first : error;
  }
}

/** The data with numbers in the declared types, as far as these hold them. */
function intoShape(shape: Shape, data: Data, notes: Set<string>): Data {
  switch (shape.kind) {
    case 'scalar':
      return asType(shape.type, data, notes);
    case 'enum':
      return asType('enum', data, notes);
    case 'array': {
      if (data.type !== 'array') return data;
      return { type: 'array', value: data.value.map((item) => intoShape(shape.element.shape, item, notes)) };
    }
    case 'structure': {
      const fields = Object.values(shape.fields);
      if (data.type !== 'structure' || data.value.length !== fields.length) return data;
      return {
        type: 'structure',
        value: data.value.map((item, i) => intoShape((fields[i] as Type<unknown>).shape, item, notes)),
      };
    }
    case 'choice':
      return intoOption(shape.options, data, notes);
    default:
      return data;
  }
}

/** The option that has the form already, else the first that a number can be brought into. */
function intoOption(options: readonly Type<unknown>[], data: Data, notes: Set<string>): Data {
  const exact = options.find(({ shape }) => hasForm(shape, data));
  if (exact !== undefined) return intoShape(exact.shape, data, notes);
  for (const { shape } of options) {
    const tried = new Set<string>();
    const fitted = intoShape(shape, data, tried);
    if (tried.size === 0) continue;
    for (const note of tried) notes.add(note);
    return fitted;
  }
  return data;
}

function asType(type: Data['type'], data: Data, notes: Set<string>): Data {
  if (data.type === type || !WHOLE.has(data.type) || !WHOLE.has(type)) return data;
  const fitted = converted(type, BigInt(data.value as number | bigint | boolean));
  if (fitted === undefined) return data;
  notes.add(`${data.type} for ${type}`);
  return fitted;
}

function converted(type: Data['type'], value: bigint): Data | undefined {
  if (type === 'boolean') {
    // A-XDR has any octet but zero as true, and writes FF.
    return value === 0n || value === 1n || value === 255n ? { type, value: value !== 0n } : undefined;
  }
  const [low, high] = type in BIGINT_RANGE ? BIGINT_RANGE[type as BigIntType] : INTEGER_RANGE[type as IntegerType];
  if (value < BigInt(low) || value > BigInt(high)) return undefined;
  return { type, value: type in BIGINT_RANGE ? value : Number(value) } as Data;
}
