/**
 * The fields that are not undefined, to be spread into an object: `{ ...given({ time, status }) }`. An absent OPTIONAL field
 * has no key. {@link present} makes a whole object of a named type in the same way.
 */
export function given<F extends object>(fields: F): { [K in keyof F]?: Exclude<F[K], undefined> } {
  const object: { [K in keyof F]?: Exclude<F[K], undefined> } = {};
  for (const key in fields)
    if (fields[key] !== undefined) object[key] = fields[key] as Exclude<F[typeof key], undefined>;
  return object;
}

/**
 * An object without the fields that are undefined: absent OPTIONAL fields get no key. With `T` named, the compiler demands every field. The
 * fields of a literal are evaluated in the order in which they are written, which is that of the octets.
 */
export function present<T extends object>(fields: { [K in keyof T]-?: T[K] | undefined }): T {
  return given(fields) as T;
}
