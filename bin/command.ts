import { type Command, Option } from 'commander';
import { LANGUAGES } from '../src/inspect.js';
import type { Announced } from './announced.js';
import { tellOfArguments } from './exposed.js';
import { helpExample } from './help-text.js';
import type { Io } from './io.js';
import { speak } from './language.js';
import { LOG_OPTION } from './log-option.js';
import { Output } from './output.js';

/** What the action of a command gets. */
export interface Run {
  /** The surroundings: standard streams, environment, signal. */
  readonly io: Io;
  /** Where the command's words go. */
  readonly output: Output;
  /** The options as commander read them; {@link connectionSettings} reads the connection options. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** How a command is called and explained. */
export interface CommandSpec extends Announced {
  /** Whole command lines, shown under the help. */
  readonly examples: readonly string[];
  /** Text below the summary in the command's own help. */
  readonly description?: string;
  /** Whether the command is left out of the help, because another command calls it. */
  readonly hidden?: boolean;
}

function languageOption(): Option {
  return new Option('--language <code>', 'say it in en or hi; else what the environment (LANG) wants').choices(
    LANGUAGES,
  );
}

/** Thrown by a command that has already said everything, but does not end with 0. */
export class Ended extends Error {
  /** The exit code. */
  readonly exit: number;
  /** @param exit one of `EXIT`, or the exit code of a command that was run. */
  constructor(exit: number) {
    super(`ended with ${exit}`);
    this.exit = exit;
  }
}

/**
 * Adds a command to the program. `action` gets the run and the arguments.
 * ```ts
 * define(program, io, { usage: 'greet <name>', summary: 'say hello', examples: ['cosem greet Asha'] }, async ({ output }, [name]) => {
 *   output.line(`hello ${name}`);
 * });
 * ```
 */
export function define(
  program: Command,
  io: Io,
  spec: CommandSpec,
  action: (run: Run, args: readonly (string | undefined)[]) => Promise<void>,
): Command {
  return program
    .command(spec.usage, { hidden: spec.hidden === true })
    .summary(spec.summary)
    .description(spec.description === undefined ? spec.summary : `${spec.summary}\n\n${spec.description}`)
    .option('--json', 'one JSON document on stdout, everything else on stderr')
    .addOption(languageOption())
    .option(...LOG_OPTION)
    .addHelpText(
      'after',
      () =>
        `\nExample${spec.examples.length > 1 ? 's' : ''}:\n${spec.examples.map((e) => `${helpExample(e)}\n`).join('')}`,
    )
    .action(async (...received: unknown[]) => {
      const command = received.at(-1) as Command;
      const options = command.opts();
      const output = new Output(io, options.json === true);
      speak(io, options.language);
      tellOfArguments(io, command);
      try {
        await action({ io, output, options }, received.slice(0, -2) as (string | undefined)[]);
      } finally {
        output.endProgress();
      }
    });
}
