import { StateError } from './errors.js';
import { suggestion } from './near-miss.js';

/** Every option of a function by name, which the compiler holds complete. */
export type OptionNames<T> = Readonly<Record<T extends unknown ? keyof T : never, true>>;

/**
 * What options are called elsewhere: in the command, in other libraries. Given in place of the names that are near.
 */
export type OtherNames = Readonly<Record<string, string>>;

/**
 * Holds options against those that there are: one that is silently not heard may be one of security, or ask for everything in place of a part.
 * @param where the function in words: `open`.
 * @param within the option whose members these are, where they are nested.
 * @throws StateError for an option that there is not, by name; never with its value.
 */
export function checkOptions<T extends object>(
  given: T | undefined,
  known: OptionNames<T>,
  where: string,
  { within, others = {} }: { readonly within?: string; readonly others?: OtherNames } = {},
): void {
  for (const [name, value] of Object.entries(given ?? {})) {
    if (value === undefined || Object.hasOwn(known, name)) continue;
    const other = Object.hasOwn(others, name) ? others[name] : undefined;
    const meant = other !== undefined && Object.hasOwn(known, other) ? `did you mean '${other}'?` : undefined;
    throw new StateError(
      within === undefined
        ? `${where} has no option '${name}'`
        : `the option '${within}' of ${where} holds no '${name}'`,
      { hint: meant ?? suggestion(name, Object.keys(known)) },
    );
  }
}
