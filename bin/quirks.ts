import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { systemErrorText } from '../src/node.js';
import { knownQuirks, parseQuirks, type QuirkSheet } from '../src/tools.js';
import { UsageError } from './failure.js';
import type { Io } from './io.js';
import { suggestion } from './suggest.js';

/** Where a person keeps sheets: they are looked at by every command. */
export function quirksFolder({ env }: Pick<Io, 'env'>): string {
  const base = env.XDG_CONFIG_HOME || env.APPDATA || join(env.HOME || homedir(), '.config');
  return join(base, 'cosem', 'quirks');
}

/**
 * The sheets of a run: those that come with cosem and those of the person's folder; with `--quirks` a file more, or sheets by their names,
 * which then hold whatever the meter says of itself; `none` for none.
 * @throws UsageError, StateError that name the file and what is wrong in it.
 */
export function quirkSheets(io: Pick<Io, 'env'>, asked?: string): readonly QuirkSheet[] {
  if (asked === 'none') return [];
  const all = [...knownQuirks, ...folderSheets(quirksFolder(io))];
  if (asked === undefined) return all;
  return [...all, ...asked.split(',').flatMap((one) => sheetsCalled(one.trim(), all))];
}

function sheetsCalled(name: string, all: readonly QuirkSheet[]): readonly QuirkSheet[] {
  const named = all.findLast(({ id }) => id === name);
  if (named !== undefined) {
    const { match: _match, ...sheet } = named;
    return [sheet];
  }
  if (existsSync(name)) return sheetsIn(name);
  const ids = all.map(({ id }) => id);
  throw new UsageError(`--quirks '${name}' is neither a file nor a sheet`, suggestion(name, [...ids, 'none']));
}

function folderSheets(folder: string): readonly QuirkSheet[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    // Most people have none.
    return [];
  }
  const files = names.filter((name) => name.endsWith('.json')).sort();
  return files.flatMap((name) => sheetsIn(join(folder, name)));
}

/** The sheets of one file. */
export function sheetsIn(file: string): readonly QuirkSheet[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      `${file} cannot be read: ${systemErrorText(error)}`,
      'is it the right file, and may you read it?',
    );
  }
  return parseQuirks(text, file);
}
