/**
 * The fields that are not undefined, to be spread into an object: `{ ...given({ time, status }) }`. An absent OPTIONAL field
 * has no key. `present` (apdu) makes a whole object of a named type in the same way.
 */
export function given<F extends object>(fields: F): { [K in keyof F]?: Exclude<F[K], undefined> } {
  const object: { [K in keyof F]?: Exclude<F[K], undefined> } = {};
  for (const key in fields)
    if (fields[key] !== undefined) object[key] = fields[key] as Exclude<F[typeof key], undefined>;
  return object;
}
