import { type Command, Option } from 'commander';
import { companionOf, companions } from '../src/classes.js';
import type { Authentication, Companion, Framing, LogicalName } from '../src/index.js';
import { type Protection, parseLogicalName } from '../src/protocol.js';
import { keyOctets, secretOctets, titleOctets } from '../src/tools.js';
import { readConnection, type StoredConnection } from './config.js';
import { tellOfConnection } from './exposed.js';
import { UsageError } from './failure.js';
import type { Io } from './io.js';
import { AUTHENTICATIONS, FRAMINGS, LINE, OTHERS, PROTECTIONS, type Setting } from './setting-table.js';
import { suggestion } from './suggest.js';

/** A place on a network. */
export interface Address {
  /** Host name or IP address. */
  readonly host: string;
  /** Port number. */
  readonly port: number;
}

export type Line =
  | { readonly type: 'serial'; readonly path: string; readonly baud: number }
  | ({ readonly type: 'tcp' | 'udp' } & Address);

/** Keys, and what they are used with. */
export interface KeySettings {
  /** Global unicast encryption key (GUEK). */
  readonly encryptionKey: Uint8Array | undefined;
  /** Authentication key (GAK). */
  readonly authenticationKey: Uint8Array | undefined;
  /** System title: our own, or with `decode` and `monitor` that of the client. 8 octets. */
  readonly title: Uint8Array | undefined;
  /** Dedicated key of a recorded association, or `random` to draw one for each association. */
  readonly dedicatedKey: Uint8Array | 'random' | undefined;
  /** The companion specification: the given one, or the one that the meter shows once it is open; `generic` until then. */
  readonly companion: Companion;
  /** Whether the companion specification was given. */
  readonly companionTold: boolean;
  /** Path of the file of invocation counters. */
  readonly counters: string | undefined;
}

/** Everything that a command needs to reach a meter, already checked. */
export interface ConnectionSettings extends KeySettings {
  /** The line: serial port, TCP or UDP. */
  readonly line: Line;
  /** Data link of the line. */
  readonly framing: Framing;
  /** Mode E: device address of the meter. */
  readonly deviceAddress: string | undefined;
  /** Mode E: whether a wake-up sequence is sent first. */
  readonly wakeUp: boolean;
  /** Mode E: speed of the sign-on, in baud. */
  readonly signOnBaud: number | undefined;
  /** Mode E: fixed speed of HDLC after the sign-on, in baud. */
  readonly hdlcBaud: number | undefined;
  /** Client SAP. */
  readonly client: number;
  /** Server SAP: the logical device. */
  readonly server: number;
  /** HDLC: the lower (physical) part of the server's address. */
  readonly physical: number | undefined;
  /** HDLC: size of the server's address in octets. */
  readonly addressSize: 1 | 2 | 4 | undefined;
  /** Authentication mechanism. */
  readonly authentication: Authentication;
  /** Password of low level security. */
  readonly password: Uint8Array | undefined;
  /** Secret of high level security. */
  readonly secret: Uint8Array | undefined;
  /** Protection of requests. */
  readonly security: Protection | undefined;
  /** Files and names of quirk sheets, or `none`. */
  readonly quirks: string | undefined;
  /** Logical name of the object in which the meter publishes the invocation counter of this client. */
  readonly counterObject: LogicalName | undefined;
  /** The largest step by which our counter follows that of the meter without a person's decision. */
  readonly counterStep: number | undefined;
  /** How long the meter may stay silent, in milliseconds. */
  readonly timeout: number | undefined;
  /** For how long a lost meter is tried again, in milliseconds. */
  readonly patience: number | undefined;
  /** Control line RTS of the serial port. */
  readonly rts: 'on' | 'off' | 'send' | 'listen' | undefined;
  /** Control line DTR of the serial port. */
  readonly dtr: 'on' | 'off' | undefined;
  /** Whether the line returns what is sent. */
  readonly echo: boolean | 'auto' | undefined;
  /** Silence from the last octet heard to the first one sent, in milliseconds. */
  readonly turnaround: number | undefined;
  /** Silence between two frames sent in a row, in milliseconds. */
  readonly interFrameDelay: number | undefined;
  /** Whether deviations from the standard in form are errors. */
  readonly strict: boolean;
  /** Whether deviations of this meter are tolerated even with `strict`. */
  readonly lenient: boolean;
  /** HDLC: whether an answer acknowledges its request. */
  readonly acknowledgeByAnswer: boolean;
}

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

function addSettings(command: Command, settings: readonly Setting[]): Command {
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
type Values = Readonly<Record<string, string | undefined>>;

/**
 * The settings of a run: first the flags, then the environment (`COSEM_TCP`, `COSEM_EK`, …), then the named connection of the configuration
 * file. The first of them that names a line decides on the line.
 * @throws UsageError, StateError that say what to write instead.
 */
export function connectionSettings(options: Options, io: Io): ConnectionSettings {
  const values = mergedValues(options, io);
  const file = textOption(options.config) ?? io.env.COSEM_CONFIG;
  if (file && LINE.every(({ name }) => values[name] === undefined)) {
    const name = textOption(options.connection) ?? io.env.COSEM_CONNECTION;
    throw new UsageError(
      `${name === undefined ? 'the connection' : `connection '${name}'`} of ${file} names no line`,
      'add --serial OTHER-END of the cable, or --tcp HOST:PORT',
    );
  }
  return checked(values);
}

/** The settings of one connection of a configuration, without flags and environment. */
export function storedSettings(connection: StoredConnection): ConnectionSettings {
  return checked(Object.fromEntries(Object.entries(connection).map(([name, value]) => [name, String(value)])));
}

/** The part of {@link ConnectionSettings} that deciphers messages of others. None of it is required. */
export function keySettings(options: Options, io: Io): KeySettings {
  return keysIn(mergedValues(options, io));
}

function mergedValues(options: Options, io: Io): Values {
  const flags = valuesFrom((name) => options[camelCase(name)]);
  const environment = valuesFrom((name) => io.env[variable(name)] || undefined);
  const file = textOption(options.config) ?? io.env.COSEM_CONFIG;
  const connection = textOption(options.connection) ?? io.env.COSEM_CONNECTION;
  if (connection !== undefined && !file) {
    throw new UsageError(`connection '${connection}' of which file?`, 'add --config FILE');
  }
  const configured = file
    ? readConnection(
        file,
        connection,
        SETTINGS.map(({ name }) => name),
        given({ meter: textOption(options.meter) ?? io.env.COSEM_METER }, 'meter', (text, what) =>
          wholeIn(text, what, 0, 10_000_000),
        ),
      )
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

/** A setting, read where it is given. */
function given<T>(values: Values, name: string, read: (text: string, what: string) => T): T | undefined {
  const text = values[name];
  return text === undefined ? undefined : read(text, `--${name}`);
}

function keysIn(values: Values): KeySettings {
  const id = values.companion ?? 'generic';
  const companion = companionOf(id);
  if (companion === undefined) {
    throw new UsageError(
      `there is no companion specification '${id}'`,
      `one of ${companions.map((c) => c.id).join(', ')}`,
    );
  }
  return {
    encryptionKey: given(values, 'ek', keyOctets),
    authenticationKey: given(values, 'ak', keyOctets),
    title: given(values, 'title', titleOctets),
    dedicatedKey: given(values, 'dedicated-key', (text, what) => (text === 'random' ? text : keyOctets(text, what))),
    companion,
    companionTold: values.companion !== undefined,
    counters: values.counters,
  };
}

function checked(values: Values): ConnectionSettings {
  const line = lineOf(values);
  const optional = <T>(name: string, read: (text: string, what: string) => T) => given(values, name, read);
  const password = optional('password', (text, what) => secretOctets(text, what));
  const secret = optional('secret', (text, what) => secretOctets(text, what, { hexDigits: [32, 64] }));
  const seconds = optional('timeout', (text, what) => numberIn(text, what, 0.1, 3600));
  const patience = optional('patience', (text, what) => numberIn(text, what, 0, 86_400));
  const settings: ConnectionSettings = {
    line,
    framing: framingOf(values.framing, '--framing', line),
    deviceAddress: values['device-address'],
    wakeUp: optional('wake-up', yesOrNo) ?? false,
    signOnBaud: optional('sign-on-baud', (text, what) => wholeIn(text, what, 300, 4_000_000)),
    hdlcBaud: optional('hdlc-baud', (text, what) => wholeIn(text, what, 300, 4_000_000)),
    client: optional('client', (text, what) => wholeIn(text, what, 0, 0xffff)) ?? 16,
    server: optional('server', (text, what) => wholeIn(text, what, 0, 0xffff)) ?? 1,
    physical: optional('physical', (text, what) => wholeIn(text, what, 0, 0x3fff)),
    addressSize: optional('address-size', (text, what) => Number(oneOf(text, what, ['1', '2', '4'])) as 1 | 2 | 4),
    authentication:
      optional('auth', (text, what) => oneOf(text, what, AUTHENTICATIONS)) ??
      (secret ? 'hls2' : password ? 'lls' : 'none'),
    password,
    secret,
    ...keysIn(values),
    security: optional('security', (text, what) => oneOf(text, what, PROTECTIONS)),
    counterObject: optional('counter-object', obisOf),
    counterStep: optional('counter-step', (text, what) => wholeIn(text, what, 0, 0xffffffff)),
    quirks: values.quirks,
    timeout: seconds === undefined ? undefined : seconds * 1000,
    patience: patience === undefined ? undefined : patience * 1000,
    rts: optional('rts', (text, what) => oneOf(text, what, ['on', 'off', 'send', 'listen'])),
    dtr: optional('dtr', (text, what) => oneOf(text, what, ['on', 'off'])),
    echo: optional('echo', echoOf),
    turnaround: optional('turnaround', (text, what) => numberIn(text, what, 0, 10_000)),
    interFrameDelay: optional('inter-frame-delay', (text, what) => numberIn(text, what, 0, 10_000)),
    strict: optional('strict', yesOrNo) ?? false,
    lenient: optional('lenient', yesOrNo) ?? false,
    acknowledgeByAnswer: optional('acknowledge-by-answer', yesOrNo) ?? false,
  };
  if (settings.dedicatedKey !== undefined && settings.dedicatedKey !== 'random') {
    throw new UsageError(
      'a fixed --dedicated-key is for decode and monitor: meters count from 0 under it in every association, and the same counters under the same key lay open what they protect',
      "write --dedicated-key random, or 'random' in the configuration: a key is drawn for each association",
    );
  }
  complain(settings);
  return settings;
}

function yesOrNo(text: string, what: string): boolean {
  return oneOf(text, what, ['yes', 'no']) === 'yes';
}

function complain({
  authentication,
  password,
  secret,
  encryptionKey,
  authenticationKey,
  title,
  ...rest
}: ConnectionSettings): void {
  if (authentication === 'lls' && !password) {
    throw new UsageError('low level security needs a password', 'add --password, or COSEM_PASSWORD to the environment');
  }
  if (authentication !== 'none' && authentication !== 'lls' && authentication !== 'gmac' && !secret) {
    throw new UsageError(
      `authentication ${authentication} needs a secret`,
      'add --secret, or COSEM_SECRET to the environment',
    );
  }
  if (authentication === 'sha256' && !title) {
    throw new UsageError(
      'authentication sha256 needs our system title, which goes into its answers',
      'add --title, 16 hexadecimal digits',
    );
  }
  const keyed = encryptionKey !== undefined || authenticationKey !== undefined;
  const needsKeys =
    authentication === 'gmac' || rest.dedicatedKey !== undefined || (rest.security ?? 'none') !== 'none';
  const missing = [encryptionKey ? '' : '--ek', authenticationKey ? '' : '--ak', title ? '' : '--title'].filter(
    (name) => name !== '',
  );
  if ((keyed || needsKeys) && missing.length > 0) {
    throw new UsageError(
      `ciphering needs ${missing.join(' and ')} too`,
      'both keys and our system title belong together',
    );
  }
}

/** The logical name of an object. */
function obisOf(text: string, what: string): LogicalName {
  try {
    return parseLogicalName(text);
  } catch {
    throw new UsageError(`${what} '${text}' is no logical name`, 'write six numbers, such as 0.0.43.1.0.255');
  }
}

function lineOf(values: Values): Line {
  const given = LINE.filter(({ name }) => values[name] !== undefined).map(({ name }) => `--${name}`);
  if (given.length > 1) throw new UsageError(`${given.join(' and ')} at once`, 'a meter is reached by one of them');
  const { serial, tcp, udp } = values;
  if (serial !== undefined) {
    const baud = values.baud === undefined ? 9600 : wholeIn(values.baud, '--baud', 50, 4_000_000);
    return { type: 'serial', path: serial, baud };
  }
  if (tcp !== undefined) return { type: 'tcp', ...hostAndPort(tcp, '--tcp', 4059) };
  if (udp !== undefined) return { type: 'udp', ...hostAndPort(udp, '--udp', 4059) };
  throw new UsageError('which meter?', 'add --serial PATH, --tcp HOST:PORT, or --config FILE --connection NAME');
}

/** The framing of a line: the named one, or the usual one for such a line. */
export function framingOf(name: string | undefined, what: string, line: Line): Framing {
  const usual = line.type === 'serial' ? 'hdlc' : 'wrapper';
  const framing = name === undefined ? usual : oneOf(name, what, FRAMINGS);
  if (line.type === 'udp') {
    if (framing === 'wrapper') return 'wrapper-udp';
    throw new UsageError(`${framing} over udp`, 'datagrams carry the wrapper');
  }
  return framing;
}

function echoOf(text: string, what: string): boolean | 'auto' {
  const mode = oneOf(text, what, ['auto', 'on', 'off']);
  return mode === 'auto' ? mode : mode === 'on';
}

/** The place of a line, as the options write it: `127.0.0.1:4059`, `[::1]:4059`, `/dev/ttyUSB0`. */
export function lineText(line: Line): string {
  if (line.type === 'serial') return line.path;
  return line.host.includes(':') ? `[${line.host}]:${line.port}` : `${line.host}:${line.port}`;
}

/** Reads `HOST:PORT` or `[::1]:4059`; the port may be left out where a default is given. */
export function hostAndPort(text: string, what: string, port?: number): Address {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const digits = match?.[3];
  if (host === undefined || (digits === undefined && port === undefined)) {
    throw new UsageError(
      `${what} '${text}' is not an address`,
      'write HOST:PORT, such as 192.168.1.10:4059 or [::1]:4059',
    );
  }
  return { host, port: digits === undefined ? (port as number) : wholeIn(digits, `the port of ${what}`, 0, 65_535) };
}

/** Reads a whole number, decimal or with 0x. */
export function wholeIn(text: string, what: string, least: number, most: number): number {
  const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new UsageError(`${what} '${text}' is not a whole number from ${least} to ${most}`);
  }
  return value;
}

export function numberIn(text: string, what: string, least: number, most: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw new UsageError(`${what} '${text}' is not a number from ${least} to ${most}`);
  return value;
}

/** One of a few words. */
export function oneOf<T extends string>(text: string, what: string, words: readonly T[]): T {
  const word = words.find((candidate) => candidate === text.toLowerCase());
  if (word === undefined) throw new UsageError(`${what} '${text}' is unknown`, suggestion(text, words));
  return word;
}
