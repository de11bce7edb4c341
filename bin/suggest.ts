import type { Argument, Command } from 'commander';
import { type Sentence, suggestion } from '../src/inspect.js';
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
        throw new UsageError(
          { en: `there is no ${name} '${written}'`, hi: `'${written}' यहाँ नहीं लिखा जा सकता` },
          wordsHint(written, words),
        );
      return written;
    });
}

function wordsHint(written: string, words: readonly string[]): Sentence {
  return { en: suggestion(written, words), hi: `इनमें से एक लिखें: ${words.map((word) => `'${word}'`).join(', ')}` };
}

/** Says of an argument of this command what it is. */
export function describeArgument(command: Command, name: string, what: string): Argument {
  const argument = command.registeredArguments.find((one) => one.name() === name);
  if (argument === undefined) throw new Error(`the command ${command.name()} has no argument ${name}`);
  argument.description = what;
  return argument;
}
