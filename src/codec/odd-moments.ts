import { CosemDate, CosemDateTime, CosemTime } from './datetime.js';

/**
 * What is wrong with the first date or time in a value that cannot be so, however deep it stands: in a typed view, or in Data where its tag
 * says what it is. Octets that nothing declares a date are none. Undefined where nothing is wrong.
 */
export function oddMoment(value: unknown): string | undefined {
  if (value instanceof CosemDateTime || value instanceof CosemDate || value instanceof CosemTime)
    return value.problem();
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return undefined;
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) {
      const problem = oddMoment(item);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  const moment = tagged(value);
  if (moment !== undefined) return oddMoment(moment);
  // Every value that is read comes through here: no list of the fields is made.
  for (const field in value) {
    const item = (value as Readonly<Record<string, unknown>>)[field];
    const problem = typeof item === 'object' ? oddMoment(item) : undefined;
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** A date or time as Data has it. */
function tagged(data: { readonly type?: unknown; readonly value?: unknown }): object | undefined {
  const { type, value } = data;
  if (!(value instanceof Uint8Array)) return undefined;
  if (type === 'date-time') return CosemDateTime.fromBytes(value);
  if (type === 'date') return CosemDate.fromBytes(value);
  return type === 'time' ? CosemTime.fromBytes(value) : undefined;
}
