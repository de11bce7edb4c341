import { Argument } from 'commander';
import { suggestion } from '../src/inspect.js';
import { UsageError } from './failure.js';

export { suggestion } from '../src/inspect.js';

/** An argument that is one of a few words; `fallback` where nothing is said. */
export function wordArgument(name: string, what: string, words: readonly string[], fallback: string): Argument {
  return new Argument(`[${name}]`, what)
    .choices(words)
    .default(fallback)
    .argParser((written: string) => {
      if (!words.includes(written))
        throw new UsageError(`there is no ${name} '${written}'`, suggestion(written, words));
      return written;
    });
}
