import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { StateError } from '../src/index.js';
import { counted, jsonText } from '../src/inspect.js';
import { PENDING_CHANGE, type StoredConnection } from '../src/node.js';
import { UsageError } from './failure.js';
import { whyOf } from './file-error.js';
import { suggestion } from './suggest.js';

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
export function readConnection(
  file: string,
  name: string | undefined,
  known: readonly string[],
  meter?: number,
): Record<string, string> {
  const config = readConfig(file);
  const names = Object.keys(config.connections);
  const wanted = name ?? config.default ?? (names.length === 1 ? names[0] : undefined);
  if (wanted === undefined) {
    throw new UsageError(
      `${file} holds ${counted(names.length, 'connection')}`,
      `add --connection with one of ${names.join(', ')}`,
    );
  }
  const connection = Object.hasOwn(config.connections, wanted) ? config.connections[wanted] : undefined;
  if (connection === undefined) {
    throw new UsageError(
      `${file} has no connection '${wanted}'`,
      names.length === 0 ? 'it has none' : suggestion(wanted, names),
    );
  }
  checkMeter(file, config.meters, meter);
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(connection)) {
    if (key === PENDING_CHANGE) continue;
    if (!known.includes(key)) {
      throw new UsageError(`connection '${wanted}' of ${file} has an unknown setting '${key}'`, suggestion(key, known));
    }
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw new UsageError(`'${key}' of connection '${wanted}' in ${file} is neither text nor a number`);
    }
    values[key] = meter === undefined ? String(value) : atMeter(String(value), meter);
  }
  return values;
}

/** `{20000+meter/50}`, `{256+meter%50}`: the place of meter n behind gateways of 50 meters each. */
const PATTERN = /\{(\d+)\+meter(?:([/%])(\d+))?\}/g;

function atMeter(value: string, meter: number): string {
  return value.replace(PATTERN, (_, first: string, operator: string | undefined, by: string) => {
    const offset =
      operator === undefined ? meter : operator === '/' ? Math.floor(meter / Number(by)) : meter % Number(by);
    return String(Number(first) + offset);
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
  return Object.keys(readConfig(file).connections);
}

function readConfig(file: string): StoredConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${whyOf(error)})`, 'is --config, or COSEM_CONFIG, the right file?');
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
    throw new StateError(`${file} cannot be written (${whyOf(error)})`, {
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
  const config: StoredConfig = existsSync(file) ? readConfig(file) : { connections: {} };
  const before = Object.hasOwn(config.connections, name) ? (config.connections[name] ?? {}) : {};
  const kept = Object.fromEntries(Object.entries(before).filter(([key]) => !replaced.includes(key)));
  // The file now contains more than its first writer knows.
  const { generatedBy: _writer, ...own } = config;
  writeConfig(file, { ...own, connections: { ...config.connections, [name]: { ...connection, ...kept } } });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
