/** Packages that add commands to `cosem`. Nothing of a package is loaded before one of its commands is called. */

import type { Command } from 'commander';
import { UsageError } from './failure.js';
import type { Io } from './io.js';

/** The contract: a package exports this from its entry `commands`. It adds the package's commands to the program. */
export type Commands = (program: Command, io: Io) => void;

/** A package, and what the help says of its commands while it is not loaded. */
interface CommandPackage {
  readonly name: string;
  readonly summaries: Readonly<Record<string, string>>;
  readonly load: () => Promise<{ readonly commands: Commands }>;
}

const PACKAGES: readonly CommandPackage[] = [
  {
    name: 'cosem-commissioning',
    summaries: {
      verify: 'check a certificate or a record of commissioning: valid, altered, or signed by somebody unknown',
      commission: 'install a smart meter by a work order: free of charge for the consumer',
      index: 'meters that serve, and where',
      sync: 'send finished records of commissioned meters to the utility',
    },
    load: () => import('cosem-commissioning/commands'),
  },
];

/** A command of a package: its line in the help of `cosem`. The command itself comes with {@link loadCommands}. */
export function announce(program: Command, command: string): void {
  program.command(command).summary(packageOf(command)?.summaries[command] ?? '');
}

/**
 * Loads the package that a command line needs.
 * @returns adds its commands; undefined where the command is no package's.
 * @throws UsageError when the package is not installed, and says how to install it.
 */
export async function commandsFor(argv: readonly string[]): Promise<Commands | undefined> {
  const [first = '', second = ''] = argv.filter((word) => !word.startsWith('-'));
  const command = first === 'help' ? second : first;
  const found = packageOf(command);
  return found === undefined ? undefined : loadCommands(found.name, `cosem ${command}`);
}

/** @param asked what was asked for, as a person typed it. @throws UsageError when the package is not installed. */
export async function loadCommands(name: string, asked: string): Promise<Commands> {
  const found = PACKAGES.find((one) => one.name === name);
  try {
    if (found !== undefined) return (await found.load()).commands;
  } catch (error) {
    if (!isMissing(error, name)) throw error;
  }
  throw new UsageError(`\`${asked}\` comes with the package ${name}, which is not installed: npm install ${name}`);
}

function packageOf(command: string): CommandPackage | undefined {
  return PACKAGES.find(({ summaries }) => Object.hasOwn(summaries, command));
}

/** Whether it is this package that is not there, and not one that it needs itself. */
function isMissing(error: unknown, name: string): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'ERR_MODULE_NOT_FOUND' &&
    error.message.includes(`'${name}'`)
  );
}
