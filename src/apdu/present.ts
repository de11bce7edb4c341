/**
 * An object without the fields that are undefined: absent OPTIONAL fields have no key. Naming `T` makes the compiler ask for
 * every field, and a literal's fields are evaluated in the order written, which is that of the octets.
 */
export function present<T extends object>(fields: { [K in keyof T]-?: T[K] | undefined }): T {
  const object: Partial<T> = {};
  for (const key in fields) if (fields[key] !== undefined) object[key] = fields[key] as T[typeof key];
  return object as T;
}
