import { readFileSync, writeFileSync } from 'node:fs';
import { StateError } from '../src/index.js';
import { UsageError } from './failure.js';

/** A connection as it stands in a configuration file: the command's options by their names, values as text or numbers. */
export type StoredConnection = Readonly<Record<string, string | number>>;

/** A configuration file. */
export interface StoredConfig {
  /** The connection that is meant when none is named. */
  readonly default?: string;
  readonly connections: Readonly<Record<string, StoredConnection>>;
}

/**
 * One connection of a configuration file, values as text.
 * @throws UsageError that names the file, never a value in it.
 */
export function readConnection(
  file: string,
  name: string | undefined,
  known: readonly string[],
): Record<string, string> {
  const config = readConfig(file);
  const names = Object.keys(config.connections);
  const wanted = name ?? config.default ?? (names.length === 1 ? names[0] : undefined);
  if (wanted === undefined) {
    throw new UsageError(
      `${file} holds ${names.length} connections`,
      `add --connection with one of ${names.join(', ')}`,
    );
  }
  const connection = Object.hasOwn(config.connections, wanted) ? config.connections[wanted] : undefined;
  if (connection === undefined) {
    throw new UsageError(`${file} has no connection '${wanted}'`, `it has ${names.join(', ') || 'none'}`);
  }
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(connection)) {
    if (!known.includes(key)) {
      throw new UsageError(
        `connection '${wanted}' of ${file} has an unknown setting '${key}'`,
        `known are ${known.join(', ')}`,
      );
    }
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw new UsageError(`'${key}' of connection '${wanted}' in ${file} is neither text nor a number`);
    }
    values[key] = String(value);
  }
  return values;
}

/** The names of a file's connections, in its order. @throws UsageError when it is no configuration. */
export function connectionNames(file: string): string[] {
  return Object.keys(readConfig(file).connections);
}

function readConfig(file: string): StoredConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${codeOf(error)})`, 'is --config, or COSEM_CONFIG, the right file?');
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's message would quote the text, which may hold keys.
    throw new UsageError(`${file} is not JSON`, 'cosem simulate --write-config FILE writes one to begin with');
  }
  if (!isRecord(parsed) || !isRecord(parsed.connections) || !Object.values(parsed.connections).every(isRecord)) {
    throw new UsageError(
      `${file} holds no connections`,
      'it is {"connections": {"NAME": {"tcp": "HOST:PORT", "client": 16}}}',
    );
  }
  return parsed as unknown as StoredConfig;
}

/** Writes a configuration that only its owner may read: it holds keys. */
export function writeConfig(file: string, config: StoredConfig): void {
  try {
    writeFileSync(file, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
  } catch (error) {
    throw new StateError(`${file} cannot be written (${codeOf(error)})`, {
      hint: 'does its folder exist, and may you write there?',
    });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
