import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { compactArrayElements } from '../../src/codec/compact.js';
import type { Data, TypeDescription } from '../../src/codec/data.js';
import { bitStringOf, bitStringToText } from '../../src/codec/make.js';

/** The folder of shared facts beside the project, with a slash at its end. */
export const sharedFolder = fileURLToPath(new URL('../../../shared/', import.meta.url));

const vectorFile = `${sharedFolder}vectors/shared.json`;

/** Whether the vectors are there: `test.skipIf(!haveVectors)`. */
export const haveVectors = existsSync(vectorFile);

export type Layer = 'hdlc' | 'wrapper' | 'acse' | 'xdlms' | 'axdr' | 'security' | 'iec62056-21' | 'push';

/** One vector, as the README of the vectors describes it. */
export interface Vector {
  readonly id: string;
  readonly layer: Layer;
  readonly kind: 'positive' | 'negative' | 'quirk';
  readonly direction: 'client-to-server' | 'server-to-client' | 'n/a';
  readonly operation: string;
  readonly title: string;
  readonly hex: string | null;
  readonly fragments?: readonly string[];
  readonly context?: Readonly<Record<string, Json>>;
  readonly expected?: Json;
  readonly roundtrip?: boolean;
  readonly error?: { readonly category: string; readonly reason: string; readonly also_acceptable?: readonly string[] };
  readonly expected_if_lenient?: Json;
  readonly real_capture?: boolean;
  readonly notes?: string;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The vectors of a layer; none when the file is absent. */
export function loadVectors(layer: Layer): Vector[] {
  if (!haveVectors) return [];
  const file = JSON.parse(readFileSync(vectorFile, 'utf8')) as { vectors: Vector[] };
  return file.vectors.filter((vector) => vector.layer === layer);
}

/** Data in the convention of the vectors: `{ "long-unsigned": 5 }`. */
export function dataToVector(data: Data): Json {
  return { [data.type]: valueToVector(data) };
}

function valueToVector(data: Data): Json {
  switch (data.type) {
    case 'array':
    case 'structure':
      return data.value.map(dataToVector);
    case 'compact-array':
      return {
        'contents-description': descriptionToVector(data.value.description),
        'array-contents': toHex(data.value.contents),
        elements: compactArrayElements(data.value).map(dataToVector),
      };
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
      return Number.isFinite(data.value) ? data.value : String(data.value);
    default:
      return data.value;
  }
}

function descriptionToVector(description: TypeDescription): Json {
  switch (description.type) {
    case 'array':
      return {
        array: {
          'number-of-elements': description.count,
          'type-description': descriptionToVector(description.element),
        },
      };
    case 'structure':
      return { structure: description.elements.map(descriptionToVector) };
    default:
      return description.type;
  }
}

/** Data of the vectors' convention: the inverse of {@link dataToVector}. */
export function dataFromVector(json: Json): Data {
  const [[type, value]] = Object.entries(json as Record<string, Json>) as [[string, Json]];
  switch (type as Data['type']) {
    case 'array':
    case 'structure':
      return { type, value: (value as Json[]).map(dataFromVector) } as Data;
    case 'compact-array': {
      const compact = value as { 'contents-description': Json; 'array-contents': string };
      const description = descriptionFromVector(compact['contents-description']);
      return { type: 'compact-array', value: { description, contents: fromHex(compact['array-contents']) } };
    }
    case 'octet-string':
    case 'date-time':
    case 'date':
    case 'time':
      return { type, value: fromHex(value as string) } as Data;
    case 'bit-string':
      return { type: 'bit-string', value: bitStringOf(value as string) };
    case 'long64':
    case 'long64-unsigned':
      return { type, value: BigInt(value as string) } as Data;
    case 'float32':
    case 'float64':
      return { type, value: Number(value) } as Data;
    default:
      return { type, value } as Data;
  }
}

function descriptionFromVector(json: Json): TypeDescription {
  if (typeof json === 'string') return { type: json } as TypeDescription;
  const described = json as { structure?: Json[]; array?: { 'number-of-elements': number; 'type-description': Json } };
  if (described.structure) return { type: 'structure', elements: described.structure.map(descriptionFromVector) };
  const array = described.array as { 'number-of-elements': number; 'type-description': Json };
  return {
    type: 'array',
    count: array['number-of-elements'],
    element: descriptionFromVector(array['type-description']),
  };
}
