import type { Data } from './data.js';

/**
 * What a {@link Type} looks like, as data: documents, generators for property tests and error messages are made from it.
 */
export type Shape =
  /** Any value: a CHOICE that is up to the meter. */
  | {
      /** Which form it is. */
      readonly kind: 'data';
    }
  /** A value without parts. */
  | {
      /** Which form it is. */
      readonly kind: 'scalar';
      /** Its wire type. */
      readonly type: Data['type'];
      /** How many octets, characters or bits it must have; any number where it is left out. */
      readonly length?: number;
    }
  /** An enum whose numbers have names. */
  | {
      /** Which form it is. */
      readonly kind: 'enum';
      /** The numbers by name. */
      readonly values: Readonly<Record<string, number>>;
    }
  /** Octets of a fixed form. */
  | {
      /** Which form it is. */
      readonly kind: 'date-time' | 'date' | 'time' | 'logical-name';
    }
  /** Elements that are all alike. */
  | {
      /** Which form it is. */
      readonly kind: 'array';
      /** The type of each. */
      readonly element: Type<unknown>;
      /** How many there must be; any number where it is left out. */
      readonly length?: number;
    }
  /** Fields in a fixed order. */
  | {
      /** Which form it is. */
      readonly kind: 'structure';
      /** The types of the fields by name, in their order. */
      readonly fields: Readonly<Record<string, Type<unknown>>>;
    }
  /** One of several types. */
  | {
      /** Which form it is. */
      readonly kind: 'choice';
      /** The types that it may have. */
      readonly options: readonly Type<unknown>[];
    };

/** A typed view of {@link Data}: both directions of one declaration. */
export interface Type<T> {
  /** As the Blue Book writes it: `double-long-unsigned`, `structure`. */
  readonly name: string;
  /** What it looks like, as data. */
  readonly shape: Shape;
  /** The value of Data. @throws DecodeError with the path to the element that does not fit. */
  decode(data: Data): T;
  /** The Data of a value. @throws StateError with the path to the value that cannot be sent. */
  encode(value: T): Data;
}

/** The value type of a {@link Type}. */
export type Infer<T> = T extends Type<infer V> ? V : never;
