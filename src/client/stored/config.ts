import { StateError } from '../../base/errors.js';
import { isRecord } from '../../base/json.js';
import { suggestion } from '../../base/near-miss.js';
import { counted } from '../../base/words.js';
import { LINE_SETTINGS } from './line.js';

/** A configuration file, that of `--config` of the command, as far as it was looked at: settings are checked when they are used. */
export interface StoredFile {
  /** The connection that is used when none is named. */
  readonly default: string | undefined;
  /** Number of meters, for a town: a number such as `{20000+meter}` in a setting depends on the meter. */
  readonly meters: number | undefined;
  /** Settings of each connection. */
  readonly connections: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

/** Names of all settings of a connection. */
export const SETTING_NAMES = [
  ...LINE_SETTINGS,
  'baud',
  'rts',
  'dtr',
  'echo',
  'turnaround',
  'inter-frame-delay',
  'strict',
  'lenient',
  'acknowledge-by-answer',
  'framing',
  'device-address',
  'wake-up',
  'sign-on-baud',
  'hdlc-baud',
  'client',
  'server',
  'gateway',
  'physical',
  'address-size',
  'naming',
  'auth',
  'password',
  'secret',
  'ek',
  'ak',
  'title',
  'dedicated-key',
  'security',
  'counters',
  'counter-object',
  'counter-step',
  'companion',
  'quirks',
  'timeout',
  'patience',
] as const;

/** Keys and secrets that no association proved yet stand in a connection under this name. */
const PENDING = 'pending';
/** No file that people or the command write is as long: 16 MiB. */
const LONGEST = 1 << 24;
/** The most meters that a town has. */
const MOST_METERS = 10_000_000;
/** What may differ from meter to meter: where it is. Keys that look like such a number stay what they are. */
const PLACES: ReadonlySet<string> = new Set([...LINE_SETTINGS, 'server', 'gateway', 'physical']);
/** `{20000+meter/50}`, `{256+meter%50}`: the place of meter n behind gateways of 50 meters each. */
const PATTERN = /\{(\d{1,9})\+meter(?:([/%])([1-9]\d{0,8}))?\}/g;

const FORM = 'it is {"connections": {"NAME": {"tcp": "HOST:PORT", "client": 16}}}';

/**
 * Reads the text of a configuration.
 * @param source the name of the file, for messages. They never repeat a value of it.
 * @throws StateError when it is none.
 */
export function parseStored(text: string, source: string): StoredFile {
  if (text.length > LONGEST) {
    throw new StateError(`${source} is longer than ${counted(LONGEST, 'character')}`, { hint: FORM });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's message would quote the text, which may hold keys.
    throw new StateError(`${source} is not JSON`, {
      hint: 'cosem simulate --write-config FILE writes one to begin with',
    });
  }
  if (!isRecord(parsed) || !isRecord(parsed.connections) || !Object.values(parsed.connections).every(isRecord)) {
    throw new StateError(`${source} holds no connections`, { hint: FORM });
  }
  const { default: usual, meters } = parsed;
  if (usual !== undefined && typeof usual !== 'string') throw new StateError(`'default' of ${source} is no name`);
  if (meters !== undefined && !isCount(meters)) {
    throw new StateError(`'meters' of ${source} is not a whole number from 1 to ${MOST_METERS}`);
  }
  const connections = new Map(Object.entries(parsed.connections as Record<string, Record<string, unknown>>));
  return { default: usual, meters, connections };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST_METERS;
}

/** The name of the connection that is meant. @throws StateError where that is not clear, or there is none of the name. */
export function connectionNameIn(file: StoredFile, source: string, name: string | undefined): string {
  const names = [...file.connections.keys()];
  const wanted = name ?? file.default ?? (names.length === 1 ? names[0] : undefined);
  if (wanted === undefined) {
    throw new StateError(`${source} holds ${counted(names.length, 'connection')}`, {
      hint: `name one of them (connection): ${names.join(', ')}`,
    });
  }
  if (!file.connections.has(wanted)) {
    throw new StateError(`${source} has no connection '${wanted}'`, {
      hint: names.length === 0 ? 'it has none' : suggestion(wanted, names),
    });
  }
  return wanted;
}

/**
 * The settings of a connection as text.
 * @param meter which meter of a town, from 0.
 * @throws StateError that names file and setting, never a value.
 */
export function valuesIn(
  file: StoredFile,
  source: string,
  name: string,
  meter: number | undefined,
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(file.connections.get(name) ?? {})) {
    if (key === PENDING) continue;
    if (!(SETTING_NAMES as readonly string[]).includes(key)) {
      throw new StateError(`connection '${name}' of ${source} has an unknown setting '${key}'`, {
        hint: suggestion(key, SETTING_NAMES),
      });
    }
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw new StateError(`'${key}' of connection '${name}' in ${source} is neither text nor a number`);
    }
    values[key] = meter !== undefined && PLACES.has(key) ? atMeter(String(value), meter) : String(value);
  }
  return values;
}

function atMeter(value: string, meter: number): string {
  return value.replace(PATTERN, (_, first: string, operator: string | undefined, by: string) => {
    const offset =
      operator === undefined ? meter : operator === '/' ? Math.floor(meter / Number(by)) : meter % Number(by);
    return String(Number(first) + offset);
  });
}
