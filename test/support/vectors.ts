import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Data } from '../../src/codec/data.js';
import { dataFromJson, dataToJson } from '../../src/codec/json.js';

/** The folder of shared facts beside the project, with a slash at its end; `COSEM_SHARED` where the tests run in a copy elsewhere. */
export const sharedFolder = process.env.COSEM_SHARED ?? fileURLToPath(new URL('../../../shared/', import.meta.url));

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

/** Data in the convention of the vectors, `{ "long-unsigned": 5 }`, which is that of our own JSON. */
export function dataToVector(data: Data): Json {
  return dataToJson(data) as Json;
}

/** Data of the vectors' convention: the inverse of {@link dataToVector}. */
export function dataFromVector(json: Json): Data {
  return dataFromJson(json);
}
