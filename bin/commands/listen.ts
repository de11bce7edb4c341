import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { generic } from '../../src/classes.js';
import {
  LinkError,
  MemoryReplayGuard,
  NotificationReceiver,
  type PushEvent,
  PushReceiver,
  type ReplayGuard,
  systemClock,
  type Transport,
} from '../../src/index.js';
import { FileReplayGuard, type Listener, listenTcp, listenUdp, nodeCrypto, serial } from '../../src/node.js';
import { IdlePeers } from '../../src/server.js';
import { knownPushSheets, type PushSheet } from '../../src/tools.js';
import { define, Ended, type Run } from '../command.js';
import { tellOfFile } from '../exposed.js';
import { EXIT, failureOf } from '../failure.js';
import { aborted, type Io } from '../io.js';
import { heardText, type LineEvents, listenOn } from '../listen/listened-line.js';
import { lineFormat, type PortFormat, PortSearch, USUAL_FORMATS } from '../listen/port-search.js';
import { keysFor, pushKeys, readPushKeys } from '../listen/push-keys.js';
import { pushSheets } from '../listen/push-sheets.js';
import { refusalText, showPush } from '../listen/show-push.js';
import { addKeyOptions, hostAndPort, keySettings, wholeIn } from '../settings.js';
import { stateFolder } from '../state-folder.js';

const DEFAULT_PORT = 4059;
/** Silence that ends what has begun on a serial port: far longer than gaps in frames, far shorter than the pause between pushes. */
const SERIAL_SILENCE = 500;
/** On a network what is lost is sent again. */
const NETWORK_SILENCE = 10_000;
/** Minutes without an octet after which a connection is closed, and connections at a time. */
const IDLE_MINUTES = 10;
const MAX_CONNECTIONS = 256;

/** `cosem listen` */
export function defineListen(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      usage: 'listen',
      summary: 'receive what meters push, on a customer port or over a network, and show it',
      description:
        'Notifications and telegrams, plain or ciphered, whatever is around them: wrapper, HDLC, M-Bus frames, blocks, P1, or nothing. A serial port\n' +
        'is tried at the usual settings until messages come, unless --baud and --format say how it stands. Without --serial, --tcp and --udp it\n' +
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
  // A push tells its companion by itself, unless a person says it.
  const companion = companionTold ? chosen : undefined;
  const count =
    options.count === undefined ? Number.POSITIVE_INFINITY : wholeIn(String(options.count), '--count', 1, 1e6);
  const notifications = new NotificationReceiver({
    crypto: nodeCrypto,
    // Where there is no authentication key what the other one opens is shown, marked.
    acceptUnauthenticated: true,
    strict: options.strict === true,
    ...keysAndGuard(run, encryptionKey, authenticationKey),
  });
  const sheets = sheetsOf(run);
  const receiver = (mode: 'stream' | 'datagram') => () =>
    new PushReceiver({ notifications, mode, sheets, ...(companion === undefined ? {} : { companion }) });
  const enough = new AbortController();
  let received = 0;
  let broken: Error | undefined;
  const events: LineEvents = {
    note: (text) => output.note(text),
    event: (event, transport) => {
      if (received >= count) return;
      take(run, event, transport, () => {
        if (event.type === 'push') showPush(run, event.push, transport.name, companion ?? generic);
      });
      if (event.type !== 'push') return;
      received += 1;
      if (received === count) enough.abort();
    },
    closed: (transport, error) => {
      if (!transport.name.startsWith('serial')) {
        // Closed by us: a peer that closes its own is nothing to tell.
        if (error instanceof LinkError && error.reason === 'transport') output.note(error.message);
        return;
      }
      broken = error;
      enough.abort();
    },
  };
  const lines = await openLines(run, receiver, events);
  try {
    output.documentLine({ event: 'listening', addresses: lines.addresses });
    output.line(`Listening on ${lines.names.join(' and ')}. Ctrl-C ends.`);
    await Promise.race([aborted(io.signal), aborted(enough.signal)]);
  } finally {
    await lines.close();
  }
  if (lines.search?.settled === false) for (const text of heardText(lines.search)) output.note(text);
  if (broken !== undefined) {
    const { message, hint } = failureOf(broken);
    output.note(message, ...(hint === undefined ? [] : [`  hint: ${hint}`]));
    throw new Ended(EXIT.notConnected);
  }
}

function take({ output }: Run, event: PushEvent, { name }: Transport, show: () => void): void {
  if (event.type === 'push') show();
  else output.note(...`from ${name}: ${refusalText(event)}`.split('\n'));
}

function keysAndGuard(run: Run, ek: Uint8Array | undefined, ak: Uint8Array | undefined) {
  const { io, options } = run;
  const others = pushKeys(ek, ak);
  const file = typeof options.keys === 'string' ? options.keys : undefined;
  const keys = file === undefined ? new Map() : readPushKeys(file);
  if (file !== undefined) tellOfFile(io, file);
  return { keysOf: (title: Uint8Array) => keysFor(keys, title, others), guard: guardOf(options.guard, io) };
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

interface Lines {
  readonly addresses: readonly object[];
  readonly names: readonly string[];
  readonly search: PortSearch | undefined;
  close(): Promise<void>;
}

async function openLines(
  { options }: Run,
  receiver: (mode: 'stream' | 'datagram') => () => PushReceiver,
  events: LineEvents,
): Promise<Lines> {
  const { tcp, udp, serial: path } = options;
  const listeners: { protocol: 'tcp' | 'udp'; listener: Listener }[] = [];
  const peers = peersFor(options);
  const open = new Set<Transport>();
  const told: LineEvents = {
    ...events,
    closed: (transport, error) => {
      open.delete(transport);
      events.closed(transport, error);
    },
  };
  const onPeer = (mode: 'stream' | 'datagram') => (peer: Transport) => {
    const transport = mode === 'stream' ? peers.admit(peer) : peer;
    open.add(transport);
    listenOn({ transport, receiver: receiver(mode), silence: NETWORK_SILENCE, clock: systemClock }, told).catch(
      (error: unknown) => {
        open.delete(transport);
        events.note(`from ${transport.name}: ${failureOf(error).message}`);
      },
    );
  };
  const close = async () => {
    // Each by itself, so that what it left incomplete is told before all is over.
    await Promise.all([...open].map((transport) => transport.close()));
    for (const { listener } of listeners) await listener.close();
  };
  try {
    if (typeof tcp === 'string' || (udp === undefined && path === undefined)) {
      const place = hostAndPort(withHost(tcp), '--tcp', DEFAULT_PORT);
      listeners.push({
        protocol: 'tcp',
        listener: await listenTcp({ ...place, maxPeers: peers.room }, onPeer('stream')),
      });
    }
    if (typeof udp === 'string') {
      const place = hostAndPort(withHost(udp), '--udp', DEFAULT_PORT);
      listeners.push({ protocol: 'udp', listener: await listenUdp(place, onPeer('datagram')) });
    }
    const addresses = listeners.map(({ protocol, listener: { host, port } }) => ({ protocol, host, port }));
    const names = listeners.map(({ protocol, listener }) => `${protocol} ${endpoint(listener)}`);
    if (typeof path !== 'string') return { addresses, names, search: undefined, close };
    const search = new PortSearch(formatsFor(options));
    const transport = serial(path, search.format);
    await listenOn(
      { transport, receiver: receiver('stream'), silence: SERIAL_SILENCE, search, clock: systemClock },
      events,
    );
    return {
      addresses: [...addresses, { protocol: 'serial', path }],
      names: [...names, search.settled ? transport.name : `serial ${path}, at the usual settings`],
      search,
      close: async () => {
        await transport.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function peersFor({ idleLimit, maxConnections }: Run['options']) {
  const minutes = idleLimit === undefined ? IDLE_MINUTES : wholeIn(String(idleLimit), '--idle-limit', 0, 10_000);
  const most =
    maxConnections === undefined ? MAX_CONNECTIONS : wholeIn(String(maxConnections), '--max-connections', 1, 10_000);
  const idle = minutes === 0 ? Number.POSITIVE_INFINITY : minutes * 60_000;
  const peers = new IdlePeers({ clock: systemClock, idle, most });
  // Those that were closed for a new one may still be on their way out.
  return { admit: (transport: Transport) => peers.admit(transport), room: 2 * most };
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

function endpoint({ host, port }: Listener): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
