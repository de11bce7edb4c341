import type { Argument, Command } from 'commander';
import { suggestion } from '../src/inspect.js';
import { UsageError } from './failure.js';

export { suggestion } from '../src/inspect.js';

/** Says of an argument of this command that it is one of a few words; `fallback` where nothing is said. */
export function wordArgument(
  command: Command,
  name: string,
  what: string,
  words: readonly string[],
  fallback: string,
): void {
  describeArgument(command, name, what)
    .choices(words)
    .default(fallback)
    .argParser((written: string) => {
      if (!words.includes(written))
        throw new UsageError(`there is no ${name} '${written}'`, suggestion(written, words));
      return written;
    });
}

/** Says of an argument of this command what it is. */
export function describeArgument(command: Command, name: string, what: string): Argument {
  const argument = command.registeredArguments.find((one) => one.name() === name);
  if (argument === undefined) throw new Error(`the command ${command.name()} has no argument ${name}`);
  argument.description = what;
  return argument;
}
