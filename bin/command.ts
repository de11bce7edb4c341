import type { Command } from 'commander';
import type { Announced } from './announced.js';
import { tellOfArguments } from './exposed.js';
import { helpExample } from './help-text.js';
import type { Io } from './io.js';
import { Output } from './output.js';

/** What a command's action is given. */
export interface Run {
  readonly io: Io;
  readonly output: Output;
  /** As commander read them; connection options are for {@link connectionSettings}. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface CommandSpec extends Announced {
  /** Whole command lines, shown under the help. */
  readonly examples: readonly string[];
  /** Told under the summary in the command's own help. */
  readonly description?: string;
  /** Not in the help: what another command does by it. */
  readonly hidden?: boolean;
}

/** Thrown by a command that has said everything, but does not end with 0. */
export class Ended extends Error {
  readonly exit: number;
  /** @param exit one of `EXIT`, or that of a command which was run. */
  constructor(exit: number) {
    super(`ended with ${exit}`);
    this.exit = exit;
  }
}

/** Adds a command to the program. `action` gets the run and the arguments. */
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
    .addHelpText(
      'after',
      () =>
        `\nExample${spec.examples.length > 1 ? 's' : ''}:\n${spec.examples.map((e) => `${helpExample(e)}\n`).join('')}`,
    )
    .action(async (...received: unknown[]) => {
      const command = received.at(-1) as Command;
      const options = command.opts();
      const output = new Output(io, options.json === true);
      tellOfArguments(io, command);
      try {
        await action({ io, output, options }, received.slice(0, -2) as (string | undefined)[]);
      } finally {
        output.endProgress();
      }
    });
}
