import { toHex } from '../base/bytes.js';
import { StateError } from '../base/errors.js';
import type { BitString, CompactArray, Data, DataType, TypeDescription } from './data.js';

/** The type description of a compact-array: a name, or one level down. */
export type TypeDescriptionJson =
  | string
  | {
      /** The types of its elements. */
      readonly structure: readonly TypeDescriptionJson[];
    }
  | {
      /** How many elements each has, and of which type. */
      readonly array: {
        /** How many. */
        readonly 'number-of-elements': number;
        /** Of which type. */
        readonly 'type-description': TypeDescriptionJson;
      };
    };

/**
 * What decoders and makers give for {@link Data}: the same two fields, and a prototype that keeps the language from lying about them. A class
 * and no literal: all values share one hidden class.
 */
class WireValue {
  readonly type: DataType;
  readonly value: unknown;

  constructor(type: DataType, value: unknown) {
    this.type = type;
    this.value = value;
  }

  /** The form that `dataFromJson` reads: 64 bits are text. */
  toJSON(): object {
    return { [this.type]: contentToJson(this as unknown as Data) };
  }

  /** `Number(data)` would be NaN, its text `[object Object]`; and neither is scaled. */
  [Symbol.toPrimitive](): never {
    throw new StateError(`a Data of type ${this.type} becomes no number and no text by itself`, {
      hint: 'data.value is what came, not scaled; meter.reading() reads a register with scaler and unit; Decimal.of(data, scaler) is exact; dataText(data) is text',
    });
  }
}

/** A value with its type. */
export function wireValue<K extends DataType>(type: K, value: Extract<Data, { readonly type: K }>['value']): Data {
  return new WireValue(type, value) as unknown as Data;
}

function contentToJson(data: Data): unknown {
  switch (data.type) {
    case 'array':
    case 'structure':
      return data.value.map((element) => ({ [element.type]: contentToJson(element) }));
    case 'compact-array':
      return compactToJson(data.value);
    default:
      return scalarToJson(data);
  }
}

/** A compact-array without its elements, which its contents say. */
export function compactToJson({ description, contents }: CompactArray) {
  return { 'contents-description': descriptionToJson(description), 'array-contents': toHex(contents) };
}

/** The content of a value that has no elements. */
export function scalarToJson(
  data: Exclude<Data, { readonly type: 'array' | 'structure' | 'compact-array' }>,
): null | boolean | number | string {
  switch (data.type) {
    case 'octet-string':
    case 'date-time':
    case 'date':
    case 'time':
      return toHex(data.value);
    case 'bit-string':
      return bitStringToText(data.value);
    case 'long64':
    case 'long64-unsigned':
      return data.value.toString();
    case 'float32':
    case 'float64':
      return floatToJson(data.value);
    default:
      return data.value;
  }
}

/** A float as JSON: text where JSON has no number for it, `"-0"` among them. */
export function floatToJson(value: number): number | string {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : String(value);
}

/** Text of 0 and 1 of a bit string, first bit first. */
export function bitStringToText(value: BitString): string {
  let text = '';
  for (let i = 0; i < value.length; i++) text += ((value.bytes[i >> 3] as number) >> (7 - (i & 7))) & 1;
  return text;
}

function descriptionToJson(description: TypeDescription): TypeDescriptionJson {
  switch (description.type) {
    case 'array':
      return {
        array: {
          'number-of-elements': description.count,
          'type-description': descriptionToJson(description.element),
        },
      };
    case 'structure':
      return { structure: description.elements.map(descriptionToJson) };
    default:
      return description.type;
  }
}
