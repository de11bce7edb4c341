import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { StateError } from '../src/index.js';
import { counted, jsonText } from '../src/inspect.js';
import type { StoredConnection } from '../src/node.js';
import { systemErrorText } from '../src/node.js';
import { connectionNameIn, parseStored, type StoredFile, valuesIn } from '../src/tools.js';
import { asUsage, UsageError } from './failure.js';

export type { StoredConnection } from '../src/node.js';

/** A configuration file. */
export interface StoredConfig {
  /** The command that wrote it and may write it again: `cosem simulate`. */
  readonly generatedBy?: string;
  /** The connection that is used when none is named. */
  readonly default?: string;
  readonly connections: Readonly<Record<string, StoredConnection>>;
  /** Number of meters, for a fleet: in the values `{20000+meter}` stands for a number that depends on the meter. */
  readonly meters?: number;
}

/**
 * One connection of a configuration file, values as text.
 * @param meter which meter of a fleet, from 0.
 * @throws UsageError that names the file, never a value in it.
 */
export function readConnection(file: string, name: string | undefined, meter?: number): Record<string, string> {
  const config = readStored(file);
  return asUsage(() => {
    const wanted = connectionNameIn(config, file, name);
    checkMeter(file, config.meters, meter);
    return valuesIn(config, file, wanted, meter);
  });
}

function checkMeter(file: string, meters: number | undefined, meter: number | undefined): void {
  if (meters === undefined && meter !== undefined)
    throw new UsageError(`${file} is not that of a fleet`, 'leave out --meter');
  if (meters === undefined) return;
  if (meter === undefined)
    throw new UsageError(`${file} has ${counted(meters, 'meter')}`, `add --meter 0 to ${meters - 1}`);
  if (meter >= meters) throw new UsageError(`${file} has no meter ${meter}`, `it has 0 to ${meters - 1}`);
}

/** The names of a file's connections, in its order. @throws UsageError when it is no configuration. */
export function connectionNames(file: string): string[] {
  return [...readStored(file).connections.keys()];
}

function readStored(file: string): StoredFile {
  const text = textOf(file);
  return asUsage(() => parseStored(text, file));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      `${file} cannot be read: ${systemErrorText(error)}`,
      'is --config, or COSEM_CONFIG, the right file?',
    );
  }
}

/**
 * Writes a configuration that `writer` may replace afterwards. A file that anybody else wrote stays unless `force` is given.
 * @throws UsageError when the file is somebody else's, StateError when it cannot be written.
 */
export function writeGenerated(file: string, config: StoredConfig, writer: string, force: boolean): void {
  if (!force && existsSync(file) && !wasWrittenBy(file, writer)) refuseToReplace(file);
  writeConfig(file, { generatedBy: writer, ...config });
}

/** @throws UsageError that says how to replace it all the same. */
export function refuseToReplace(file: string): never {
  throw new UsageError(`${file} is there already`, 'name another file, or add --force to replace it');
}

function wasWrittenBy(file: string, writer: string): boolean {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isRecord(content) && content.generatedBy === writer;
  } catch {
    return false;
  }
}

/** Writes a configuration that only its owner may read: it holds keys. */
export function writeConfig(file: string, config: StoredConfig): void {
  try {
    writeFileSync(file, `${jsonText(config, 2)}\n`, { mode: 0o600 });
    // The mode above is that of a new file.
    if (statSync(file).isFile()) chmodSync(file, 0o600);
  } catch (error) {
    throw new StateError(`${file} cannot be written: ${systemErrorText(error)}`, {
      hint: 'does its folder exist, and may you write there?',
    });
  }
}

/**
 * Saves how a meter is reached as a connection of a configuration file. The file is created if necessary; keys and passwords of an existing
 * connection of that name stay.
 * @param replaced settings that are removed unless `connection` has them.
 */
export function saveConnection(
  file: string,
  name: string,
  connection: StoredConnection,
  replaced: readonly string[],
): void {
  const config = existsSync(file) ? wholeConfig(file) : { connections: {} };
  const before = Object.hasOwn(config.connections, name) ? (config.connections[name] ?? {}) : {};
  const kept = Object.fromEntries(Object.entries(before).filter(([key]) => !replaced.includes(key)));
  // The file now contains more than its first writer knows.
  const { generatedBy: _writer, ...own } = config;
  writeConfig(file, { ...own, connections: { ...config.connections, [name]: { ...connection, ...kept } } });
}

/** A file with all that it says, also what the command does not know. */
function wholeConfig(file: string): StoredConfig {
  readStored(file);
  return JSON.parse(textOf(file)) as StoredConfig;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
