import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { generic } from '../../src/classes.js';
import {
  type Companion,
  CosemError,
  LinkError,
  MemoryReplayGuard,
  type PushStream,
  type ReplayGuard,
} from '../../src/index.js';
import {
  type ConfirmOptions,
  FileCounterStore,
  FileReplayGuard,
  listenPushes,
  systemErrorText,
} from '../../src/node.js';
import type { PushKeys } from '../../src/protocol.js';
import { knownPushSheets, type PushPlace, type PushSheet, parsePushKeys, titleOctets } from '../../src/tools.js';
import { ANNOUNCED } from '../announced.js';
import { define, Ended, type Run } from '../command.js';
import { counterFile } from '../connect.js';
import { tellOfFile } from '../exposed.js';
import { asUsage, EXIT, failureOf, UsageError } from '../failure.js';
import { aborted, type Io } from '../io.js';
import { MAX_CONNECTIONS, timeLimit, wholeOr } from '../limits.js';
import { heardText } from '../listen/listened-line.js';
import { lineFormat, type PortFormat, PortSearch, USUAL_FORMATS } from '../listen/port-search.js';
import { pushSheets } from '../listen/push-sheets.js';
import { refusalText, showPush } from '../listen/show-push.js';
import { addKeyOptions, hostAndPort, keySettings, wholeIn } from '../settings.js';
import { stateFolder } from '../state-folder.js';

const DEFAULT_PORT = 4059;
/** Minutes without an octet after which a connection is closed, and connections at a time. */
const IDLE_MINUTES = 10;

/** `cosem listen` */
export function defineListen(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.listen,
      description:
        'Notifications and telegrams, plain or ciphered, whatever is around them: wrapper, HDLC, M-Bus frames, blocks, P1, or nothing. A serial port ' +
        'is tried at the usual settings until messages come, unless --baud and --format say how it stands. Without --serial, --tcp and --udp it ' +
        `listens on TCP 127.0.0.1:${DEFAULT_PORT}. A ciphered push counts once, also after a restart. With --json every line on stdout is a document:\n` +
        'first where it listens, then one for each push. What is refused is said on stderr, with the reason.',
      examples: [
        'cosem listen --serial /dev/ttyUSB0 --ek 000102030405060708090A0B0C0D0E0F',
        'cosem listen --serial /dev/ttyUSB0 --baud 115200 --format 8N1 --json',
        'cosem listen --tcp 0.0.0.0:4059 --udp 0.0.0.0:4059 --keys meters.json --json',
      ],
    },
    listen,
  );
  command
    .option('--serial <path>', 'customer port or probe: nothing is sent to it')
    .option('--baud <n>', 'its speed; the usual ones are tried when left out')
    .option('--format <name>', '8E1, 8N1, 7E1 or 7N1; tried too when left out')
    .option('--tcp <host:port>', 'listen for connections; port 0 picks one')
    .option('--udp <host:port>', 'listen for datagrams')
    .option(
      '--keys <file>',
      'keys by sender: {"SYSTEM TITLE": {"ek": "KEY", "ak": "KEY", "gbek": "KEY"}}, "*" for all others',
    )
    .option('--sheets <file|id>', 'more sheets of lists, or which shall hold; docs/customer-ports.md lists them')
    .option('--guard <file|none>', 'where counters of received pushes are kept; none: as long as it runs')
    .option(
      '--confirm <title|none>',
      'system title under which ciphered pushes are confirmed that ask for it, as those in clear are; none: no push is confirmed',
    )
    .option(
      '--confirm-counters <file>',
      'invocation counters of such confirms; those that meters are read with when left out',
    )
    .option('--strict', 'refuse by name what deviates from the standard in its form')
    .option(
      '--idle-limit <minutes>',
      `a TCP connection over which nothing came for so long is closed; 0: none is; ${IDLE_MINUTES} when left out`,
    )
    .option(
      '--max-connections <n>',
      `TCP connections at a time, the longest silent going first; ${MAX_CONNECTIONS} when left out`,
    )
    .option('--count <n>', 'end after so many pushes');
  addKeyOptions(command);
}

async function listen(run: Run): Promise<void> {
  const { io, output, options } = run;
  const { companion: chosen, companionTold, encryptionKey, authenticationKey } = keySettings(options, io);
  // A push shows its companion by itself, unless the option gives one.
  const companion = companionTold ? chosen : undefined;
  const count =
    options.count === undefined ? Number.POSITIVE_INFINITY : wholeIn(String(options.count), '--count', 1, 1e6);
  const sheets = sheetsOf(run);
  const ports = portsOf(options);
  const pushes = listenPushes({
    ...ports,
    // Without an authentication key, messages that open with the encryption key are shown and marked.
    acceptUnauthenticated: true,
    strict: options.strict === true,
    sheets,
    // A person who watches a port wants to know that it is gone.
    reconnect: false,
    confirm: confirmOf(run),
    ...(companion === undefined ? {} : { companion }),
    ...keysAndCounters(run, encryptionKey, authenticationKey),
  });
  const { search } = ports.serial ?? {};
  const broken = await shown(run, pushes, { companion: companion ?? generic, count, search });
  if (search?.settled === false) for (const text of heardText(search)) output.note(text);
  if (broken !== undefined) {
    const { message, hint } = failureOf(broken);
    output.note(message, ...(hint === undefined ? [] : [`  hint: ${hint}`]));
    throw new Ended(EXIT.notConnected);
  }
}

interface Shown {
  readonly companion: Companion;
  readonly count: number;
  /** Of the serial port, where its setting is not known. */
  readonly search: PortSearch | undefined;
}

/**
 * Shows what comes until there are enough, or a person ends it.
 * @returns what broke it, where a port was lost.
 * @throws LinkError when a port cannot be opened.
 */
async function shown(run: Run, pushes: PushStream, { companion, count, search }: Shown): Promise<Error | undefined> {
  const { io, output } = run;
  let received = 0;
  const note = (from: string, text: string) => {
    if (received < count) output.note(...`from ${from}: ${text}`.split('\n'));
  };
  pushes.on('refused', ({ from, ...event }) => note(from, refusalText({ type: 'refused', ...event })));
  pushes.on('incomplete', ({ from, ...event }) => note(from, refusalText({ type: 'incomplete', ...event })));
  pushes.on('discarded', ({ from, ...event }) => note(from, refusalText({ type: 'discarded', ...event })));
  pushes.on('unconfirmed', ({ push, error }) => {
    output.note(`from ${push.from}: not confirmed, so the meter may send it again: ${error.message}`);
  });
  pushes.on('dropped', ({ push }) => note(push.from, 'a push was dropped: it is shown too slowly'));
  pushes.on('setting', ({ text }) => output.note(text));
  // Only connections that we closed are reported.
  pushes.on('gone', ({ error }) => {
    if (error instanceof LinkError && error.reason === 'transport') output.note(error.message);
  });
  const ending = aborted(io.signal).then(() => pushes.close());
  try {
    const places = await pushes.listening;
    output.documentLine({ event: 'listening', addresses: places.map(addressOf) });
    output.line(`Listening on ${places.map((place) => nameOf(place, search)).join(' and ')}. Ctrl-C ends.`);
  } catch (error) {
    await pushes.close();
    throw error;
  }
  try {
    for await (const push of pushes) {
      showPush(run, push, push.from, companion);
      // If the loop ends here, it does not ask for the next push, which would confirm this one.
      push.acknowledge();
      received += 1;
      if (received >= count) break;
    }
    if (io.signal.aborted) await ending;
    return undefined;
  } catch (error) {
    if (error instanceof CosemError) return error;
    throw error;
  }
}

/** How pushes that ask for it are confirmed. @throws UsageError */
function confirmOf({ options, io }: Run): boolean | ConfirmOptions {
  const { confirm: title, confirmCounters: told } = options;
  if (typeof title !== 'string' || title === 'none') {
    if (told === undefined) return title !== 'none';
    throw new UsageError(
      '--confirm-counters without a title to confirm with',
      'add --confirm TITLE, 16 hexadecimal digits',
    );
  }
  const systemTitle = asUsage(() => titleOctets(title, '--confirm'));
  const file = counterFile(io, typeof told === 'string' ? told : undefined);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  return { systemTitle, counters: asUsage(() => new FileCounterStore(file)) };
}

function keysAndCounters(run: Run, ek: Uint8Array | undefined, ak: Uint8Array | undefined) {
  const { io, options } = run;
  const others: PushKeys | undefined =
    ek === undefined ? undefined : { encryption: ek, ...(ak === undefined ? {} : { authentication: ak }) };
  const file = typeof options.keys === 'string' ? options.keys : undefined;
  const known = file === undefined ? undefined : asUsage(() => parsePushKeys(keysText(file), file));
  if (file !== undefined) tellOfFile(io, file);
  return { keysOf: (title: Uint8Array) => known?.(title) ?? others, counters: guardOf(options.guard, io) };
}

function keysText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${systemErrorText(error)}`, 'is --keys the right file?');
  }
}

function guardOf(asked: unknown, io: Io): ReplayGuard {
  if (asked === 'none') return new MemoryReplayGuard();
  const path = typeof asked === 'string' ? asked : join(stateFolder(io), 'replay-guard');
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return new FileReplayGuard(path);
}

function sheetsOf({ options }: Run): readonly PushSheet[] {
  const own = typeof options.sheets === 'string' ? pushSheets(options.sheets) : [];
  return [...own, ...knownPushSheets.filter(({ byHand }) => byHand !== true)];
}

/** Where it listens, as the document has it. */
function addressOf(place: PushPlace): object {
  if (place.protocol === 'serial') return { protocol: 'serial', path: place.path };
  return place;
}

/** Where it listens, for people. */
function nameOf(place: PushPlace, search: PortSearch | undefined): string {
  if (place.protocol === 'line') return place.name;
  if (place.protocol !== 'serial') return `${place.protocol} ${endpoint(place)}`;
  return search?.settled === false ? `serial ${place.path}, at the usual settings` : place.name;
}

function portsOf(options: Run['options']) {
  const { tcp, udp, serial: path } = options;
  const place = (given: unknown, option: string) => hostAndPort(withHost(given), option, DEFAULT_PORT);
  const bounds = peerBounds(options);
  return {
    ...bounds,
    ...(typeof tcp === 'string' || (udp === undefined && path === undefined) ? { tcp: place(tcp, '--tcp') } : {}),
    ...(typeof udp === 'string' ? { udp: place(udp, '--udp') } : {}),
    ...(typeof path === 'string' ? { serial: { path, search: new PortSearch(formatsFor(options)) } } : {}),
  };
}

function peerBounds({ idleLimit, maxConnections }: Run['options']) {
  return {
    idle: timeLimit(idleLimit, '--idle-limit', IDLE_MINUTES, 60_000, 10_000),
    maxPeers: wholeOr(maxConnections, '--max-connections', MAX_CONNECTIONS, 1, 10_000),
  };
}

/** The settings that are tried: those of the usual ones that fit what is given; what is given where none does. */
function formatsFor({ baud, format }: Run['options']): readonly PortFormat[] {
  const baudRate = baud === undefined ? undefined : wholeIn(String(baud), '--baud', 50, 4_000_000);
  const octets = format === undefined ? undefined : lineFormat(format);
  if (baudRate !== undefined && octets !== undefined) return [{ baudRate, ...octets }];
  if (baudRate !== undefined) {
    return [
      { baudRate, dataBits: 8, parity: 'even' },
      { baudRate, dataBits: 8, parity: 'none' },
      { baudRate, dataBits: 7, parity: 'even' },
    ];
  }
  if (octets === undefined) return USUAL_FORMATS;
  return [...new Set(USUAL_FORMATS.map((usual) => usual.baudRate))].map((usual) => ({ baudRate: usual, ...octets }));
}

/** Loopback unless told: `:4059` is `127.0.0.1:4059`. */
function withHost(place: unknown): string {
  const text = typeof place === 'string' ? place : '';
  return text === '' || text.startsWith(':') ? `127.0.0.1${text}` : text;
}

function endpoint({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
