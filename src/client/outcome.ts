import type { AccessError, DecodeError } from '../base/errors.js';
import type { AttributeRef } from '../cosem/class.js';

/** The values of a list of references, each with its own type. */
export type ValuesOf<R extends readonly AttributeRef<unknown>[]> = {
  -readonly [K in keyof R]: R[K] extends AttributeRef<infer T> ? T : never;
};

/** What became of one item of a list: its value, or why there is none. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: AccessError | DecodeError };

/** The outcomes of a list of references. */
export type OutcomesOf<R extends readonly AttributeRef<unknown>[]> = {
  -readonly [K in keyof R]: R[K] extends AttributeRef<infer T> ? Outcome<T> : never;
};
