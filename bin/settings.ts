import { type Command, Option } from 'commander';
import type { Framing } from '../src/index.js';
import {
  type NetworkAddress as Address,
  type StoredSettings as ConnectionSettings,
  framingIn,
  type KeySettings,
  keySettingsOf,
  type StoredLine as Line,
  type SettingValues,
  type SettingWords,
  settingsOf,
  writtenAddress,
  writtenNumber,
  writtenWhole,
  writtenWord,
} from '../src/tools.js';
import { readConnection, type StoredConnection } from './config.js';
import { tellOfConnection } from './exposed.js';
import { asUsage, UsageError } from './failure.js';
import type { Io } from './io.js';
import { LINE, OTHERS, type Setting } from './setting-table.js';

export type { Address, ConnectionSettings, Line };

const SETTINGS = [...LINE, ...OTHERS];
const KEY_SETTINGS = ['ek', 'ak', 'title', 'dedicated-key', 'companion'];
const GROUP = 'Connection options:';

/** The options that every command which talks to a meter has. */
export function addConnectionOptions(command: Command): Command {
  command.option('--fresh', 'ask the meter for scalers and objects again that an earlier visit told');
  // Trust is not a setting: neither a file nor the environment may decide this for a person.
  command.option(
    '--allow-echoed-challenge',
    'go on though the meter sends our own challenge back (HLS): it proves nothing',
  );
  command.option(
    '--allow-odd-challenge',
    'go on though the challenge of the meter has not 16 octets (HLS 2): it may have its proof worked out by us',
  );
  command.option(
    '--allow-counter-reset',
    'go on though the counter of the meter went back (HLS): its old answers may be played to us',
  );
  command.option(
    '--accept-unproven',
    'go on though the meter returns no proof of its own (HLS): it may be another one',
  );
  command.option('--trace', 'show the frames, decoded, on stderr; keys and secrets are masked');
  command.option('--trace-file <file>', 'write them for Wireshark (pcapng); keys are not in it, secrets are masked');
  command.option('--deciphered', 'what --trace-file writes is in clear: readings that anyone can read');
  return addSettings(command, SETTINGS);
}

/** The options of commands that only decode what others sent: keys and what belongs to them. */
export function addKeyOptions(command: Command): Command {
  return addSettings(
    command,
    OTHERS.filter(({ name }) => KEY_SETTINGS.includes(name)).map((setting) =>
      setting.name === 'dedicated-key'
        ? { ...setting, value: '<key>', help: 'the dedicated key of the association that was recorded' }
        : setting,
    ),
  );
}

/** The settings of a connection as options, or some of them. */
export function addSettings(command: Command, settings: readonly Setting[] = SETTINGS): Command {
  for (const { name, value, help } of settings) {
    command.addOption(new Option(`--${name} ${value}`, help).helpGroup(GROUP));
  }
  return command
    .addOption(new Option('--config <file>', 'file with named connections').helpGroup(GROUP))
    .addOption(new Option('--connection <name>', 'which connection of the file').helpGroup(GROUP))
    .addOption(
      new Option('--meter <n>', 'which meter of the file, when it is that of a fleet; 0 is the first').helpGroup(GROUP),
    );
}

type Options = Readonly<Record<string, unknown>>;
type Values = SettingValues;

/**
 * The settings of a run: first the flags, then the environment (`COSEM_TCP`, `COSEM_EK`, …), then the named connection of the configuration
 * file. The first of them that names a line decides on the line.
 * @throws UsageError, StateError that say what to write instead.
 */
export function connectionSettings(options: Options, io: Io): ConnectionSettings {
  const values = connectionValues(options, io);
  const file = textOption(options.config) ?? io.env.COSEM_CONFIG;
  if (file && LINE.every(({ name }) => values[name] === undefined)) {
    const name = textOption(options.connection) ?? io.env.COSEM_CONNECTION;
    throw new UsageError(
      `${name === undefined ? 'the connection' : `connection '${name}'`} of ${file} names no line`,
      'add --serial OTHER-END of the cable, or --tcp HOST:PORT',
    );
  }
  if (LINE.every(({ name }) => values[name] === undefined)) {
    const { message: en, hint } = WORDS.noLine;
    const hi = '--serial से पोर्ट, --tcp से पता, या --config और --connection से फ़ाइल और उसका कनेक्शन बताएँ';
    throw new UsageError({ en, hi: 'कौन सा मीटर?' }, { en: hint, hi });
  }
  return asUsage(() => settingsOf(values, WORDS));
}

/** The settings of one connection of a configuration, without flags and environment. */
export function storedSettings(connection: StoredConnection): ConnectionSettings {
  const values = Object.fromEntries(Object.entries(connection).map(([name, value]) => [name, String(value)]));
  return asUsage(() => settingsOf(values, WORDS));
}

/** The part of {@link ConnectionSettings} that deciphers messages of others. None of it is required. */
export function keySettings(options: Options, io: Io): KeySettings {
  const values = connectionValues(options, io);
  return asUsage(() => keySettingsOf(values, WORDS));
}

/** The settings of a run as they were written, by their names: flags, environment, configuration. @throws UsageError */
export function connectionValues(options: Options, io: Io): Values {
  const flags = valuesFrom((name) => options[camelCase(name)]);
  const environment = valuesFrom((name) => io.env[variable(name)] || undefined);
  const file = textOption(options.config) ?? io.env.COSEM_CONFIG;
  const connection = textOption(options.connection) ?? io.env.COSEM_CONNECTION;
  if (connection !== undefined && !file) {
    throw new UsageError(
      { en: `connection '${connection}' of which file?`, hi: `कनेक्शन '${connection}' किस फ़ाइल में है?` },
      { en: 'add --config FILE', hi: '--config के साथ फ़ाइल बताएँ' },
    );
  }
  const meter = textOption(options.meter) ?? io.env.COSEM_METER;
  const configured = file
    ? readConnection(file, connection, meter === undefined ? undefined : wholeIn(meter, '--meter', 0, 10_000_000))
    : {};
  if (file) tellOfConnection(io, file, configured);
  return merge([flags, environment, configured]);
}

/** The variable of the environment that stands for a setting. */
function variable(name: string): string {
  return `COSEM_${name.toUpperCase().replaceAll('-', '_')}`;
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function textOption(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function valuesFrom(get: (name: string) => unknown): Values {
  // An option without a value means yes.
  return Object.fromEntries(SETTINGS.map(({ name }) => [name, get(name) === true ? 'yes' : textOption(get(name))]));
}

/** Merges sources: the first one wins, setting by setting; the line as a whole comes from the first that names one. */
function merge(sources: readonly Values[]): Values {
  const merged: Record<string, string | undefined> = {};
  const named = sources.find((source) => LINE.some(({ name }) => source[name] !== undefined));
  for (const { name } of LINE) merged[name] = named?.[name];
  for (const { name } of OTHERS) merged[name] = sources.find((source) => source[name] !== undefined)?.[name];
  return merged;
}

/** What the command calls settings. */
const WORDS: SettingWords = {
  name: (setting) => `--${setting}`,
  value: (setting, text) => `--${setting} '${text}'`,
  said: (text) => `'${text}'`,
  add: (setting) => `--${setting}, or ${variable(setting)} to the environment`,
  noLine: {
    message: 'which meter?',
    hint: 'add --serial PATH, --tcp HOST:PORT, or --config FILE --connection NAME',
  },
};

/** The place of a line, as the options write it: `127.0.0.1:4059`, `[::1]:4059`, `/dev/ttyUSB0`. */
export function lineText(line: Line): string {
  if (line.type === 'serial') return line.path;
  return line.host.includes(':') ? `[${line.host}]:${line.port}` : `${line.host}:${line.port}`;
}

/** The framing of a line: the named one, or the usual one for such a line. */
export function framingOf(name: string | undefined, what: string, line: Line): Framing {
  return asUsage(() => framingIn(name, `${what} '${name}'`, line));
}

/** Reads `HOST:PORT` or `[::1]:4059`; the port may be left out where a default is given. */
export function hostAndPort(text: string, what: string, port?: number): Address {
  return asUsage(() => writtenAddress(text, `${what} '${text}'`, port));
}

/** Reads a whole number, decimal or with 0x. */
export function wholeIn(text: string, what: string, least: number, most: number): number {
  return asUsage(() => writtenWhole(text, `${what} '${text}'`, least, most));
}

export function numberIn(text: string, what: string, least: number, most: number): number {
  return asUsage(() => writtenNumber(text, `${what} '${text}'`, least, most));
}

/** One of a few words. */
export function oneOf<T extends string>(text: string, what: string, words: readonly T[]): T {
  return asUsage(() => writtenWord(text, `${what} '${text}'`, words));
}
