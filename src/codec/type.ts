import type { Data } from './data.js';

/**
 * What a {@link Type} looks like, as data: documents, generators for property tests and error messages are made from it.
 */
export type Shape =
  | { readonly kind: 'data' }
  | { readonly kind: 'scalar'; readonly type: Data['type']; readonly length?: number }
  | { readonly kind: 'enum'; readonly values: Readonly<Record<string, number>> }
  | { readonly kind: 'date-time' | 'date' | 'time' | 'logical-name' }
  | { readonly kind: 'array'; readonly element: Type<unknown>; readonly length?: number }
  | { readonly kind: 'structure'; readonly fields: Readonly<Record<string, Type<unknown>>> }
  | { readonly kind: 'choice'; readonly options: readonly Type<unknown>[] };

/** A typed view of {@link Data}: both directions of one declaration. */
export interface Type<T> {
  /** As the Blue Book writes it: `double-long-unsigned`, `structure`. */
  readonly name: string;
  readonly shape: Shape;
  /** @throws DecodeError with the path to the element that does not fit. */
  decode(data: Data): T;
  /** @throws StateError with the path to the value that cannot be sent. */
  encode(value: T): Data;
}

/** The value type of a {@link Type}. */
export type Infer<T> = T extends Type<infer V> ? V : never;
