/** Packages that add commands to `cosem`. Nothing of a package is loaded before one of its commands is called. */

import type { Command } from 'commander';
import type { Run } from './command.js';
import { UsageError } from './failure.js';
import type { Io } from './io.js';
import type { Json } from './output.js';

/** The contract: a package exports this from its entry `commands`. It adds the package's commands to the program. */
export type Commands = (program: Command, io: Io) => void;

/** What a package tells for a support file (`cosem support`), also exported from its entry `commands`. Nothing in it may be secret or personal. */
export type Support = (run: Run) => Promise<Json>;

interface CommandPackage {
  readonly commands: Commands;
  readonly support?: Support | undefined;
}

const PACKAGES: Readonly<Record<string, () => Promise<CommandPackage>>> = {
  'cosem-commissioning': () => import('cosem-commissioning/commands'),
  'cosem-pki': () => import('cosem-pki/commands'),
};

/**
 * The commands of a package.
 * @param asked what was asked for, as a person typed it.
 * @throws UsageError when the package is not installed, and says how to install it.
 */
export async function loadCommands(name: string, asked: string): Promise<Commands> {
  try {
    const found = await PACKAGES[name]?.();
    if (found !== undefined) return found.commands;
  } catch (error) {
    if (!isMissing(error, name)) throw error;
  }
  throw new UsageError(`\`${asked}\` comes with the package ${name}, which is not installed: npm install ${name}`);
}

/** What the packages tell for a support file, by their names; undefined for one that is not installed. */
export async function loadSupport(): Promise<Readonly<Record<string, Support | undefined>>> {
  const found: Record<string, Support | undefined> = {};
  for (const [name, load] of Object.entries(PACKAGES)) {
    try {
      found[name] = (await load()).support;
    } catch (error) {
      if (!isMissing(error, name)) throw error;
      found[name] = undefined;
    }
  }
  return found;
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
