import { sha256 } from '@noble/hashes/sha2.js';
import { StateError, toHex } from 'cosem';

/** The values that canonical JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

const encoder = new TextEncoder();
export const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/**
 * JSON in its one canonical form (RFC 8785, JCS): no white space, names in the order of their UTF-16 units. Properties that are undefined
 * are left out.
 * ```ts
 * canonicalJson({ b: 1, a: 'x' }); // {"a":"x","b":1}
 * ```
 * @throws StateError for what has no such form: numbers that are not finite, lone surrogates, anything that is not JSON.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      if (LONE_SURROGATE.test(value)) throw new StateError('text with half a character has no canonical form');
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw new StateError(`${value} has no canonical form`);
      return JSON.stringify(value);
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'null' : canonicalObject(value);
    default:
      throw new StateError(`a ${typeof value} has no canonical form`);
  }
}

function canonicalObject(value: object): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${canonicalJson(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** The UTF-8 octets of the canonical JSON of a value. */
export function canonicalBytes(value: unknown): Uint8Array {
  return encoder.encode(canonicalJson(value));
}

/** SHA-256 of the canonical JSON of a value, in lower-case hexadecimal. */
export function canonicalDigest(value: unknown): string {
  return toHex(sha256(canonicalBytes(value))).toLowerCase();
}
