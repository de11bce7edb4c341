import type { AccessError, DecodeError } from '../base/errors.js';
import type { AttributeRef } from '../cosem/class.js';

/** The values of a list of references, each with its own type. */
export type ValuesOf<R extends readonly AttributeRef<unknown>[]> = {
  -readonly [K in keyof R]: R[K] extends AttributeRef<infer T> ? T : never;
};

/** The outcome for one item of a list: its value, or why there is none. */
export type Outcome<T> =
  | {
      /** Whether there is a value. */
      readonly ok: true;
      /** The value. */
      readonly value: T;
    }
  | {
      /** Whether there is a value. */
      readonly ok: false;
      /** Why there is no value: the meter refused, or its answer cannot be read. */
      readonly error: AccessError | DecodeError;
    };

/** The outcomes of a list of references. */
export type OutcomesOf<R extends readonly AttributeRef<unknown>[]> = {
  -readonly [K in keyof R]: R[K] extends AttributeRef<infer T> ? Outcome<T> : never;
};
