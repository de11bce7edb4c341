import { given } from '../base/given.js';

/**
 * An object without the fields that are undefined: absent OPTIONAL fields get no key. With `T` named, the compiler demands every field. The
 * fields of a literal are evaluated in the order in which they are written, which is that of the octets.
 */
export function present<T extends object>(fields: { [K in keyof T]-?: T[K] | undefined }): T {
  return given(fields) as T;
}
