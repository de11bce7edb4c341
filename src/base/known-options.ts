import { StateError } from './errors.js';
import { suggestion } from './near-miss.js';

/** Every option of a function by name. The compiler checks that none is missing. */
export type OptionNames<T> = Readonly<Record<T extends unknown ? keyof T : never, true>>;

/**
 * What an option is called elsewhere (in the command, in other libraries), and what it is called here. Such a name is suggested before any that
 * is merely spelled alike.
 */
export type OtherNames = Readonly<Record<string, string>>;

/**
 * Refuses unknown options: a misspelled option that is silently ignored could be one of security, or leave a request without its limit.
 * @param where the name of the function: `open`.
 * @param within the option whose members these are, where they are nested.
 * @throws StateError that names the unknown option, never its value.
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
        : `the option '${within}' of ${where} has no member '${name}'`,
      { hint: meant ?? suggestion(name, Object.keys(known)) },
    );
  }
}
