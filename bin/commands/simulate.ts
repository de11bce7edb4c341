import type { Command } from 'commander';
import type { MeterConnection, PushedNotification } from '../../simulator/index.js';
import {
  type Authentication,
  authentications,
  ClientDriver,
  type Framing,
  isPrintable,
  type Procedure,
  systemClock,
  type Transport,
  toHex,
  toLatin1,
  WrapperLink,
} from '../../src/index.js';
import { listenTcp, listenUdp, serial, tcp } from '../../src/node.js';
import { define, type Run } from '../command.js';
import { type StoredConfig, type StoredConnection, writeConfig } from '../config.js';
import { failureOf, UsageError } from '../failure.js';
import { aborted, type Io } from '../io.js';
import { type Address, framingOf, hostAndPort, type Line, lineText, wholeIn } from '../settings.js';
import { addMeterOptions, meterTitle, type SimulatedMeter, simulatedMeter } from '../simulated.js';

const DEFAULT_PORT = 4059;
/** Connections that configurations name, in the order of the help. */
const OFFERED = ['public', 'reader', 'utility', 'firmware'];

/** `cosem simulate` */
export function defineSimulate(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      usage: 'simulate',
      summary: 'be a meter: a virtual single-phase prepaid smart meter of IS 15959',
      description:
        'It serves until Ctrl-C. Everything in it follows from --seed and the time. With --json one line on stdout says that it is ready.\n' +
        'Its keys are printed and protect nothing.',
      examples: [
        'cosem simulate --tcp 127.0.0.1:0 --framing hdlc --write-config meter.json',
        'cosem simulate --serial /dev/pts/3 --seed 7',
      ],
    },
    simulate,
  );
  addMeterOptions(command)
    .option('--tcp <host:port>', `listen for connections; port 0 picks one (127.0.0.1:${DEFAULT_PORT})`)
    .option('--udp <host:port>', 'listen for datagrams')
    .option('--serial <path>', 'serve a serial port')
    .option('--baud <n>', 'speed of the serial port (9600)')
    .option(
      '--framing <name>',
      'hdlc or wrapper; mode-e on a serial port (wrapper on a network, hdlc on a serial port)',
    )
    .option('--physical <n>', 'HDLC: answer to this lower address only')
    .option('--seed <n>', 'another number, another meter (1)')
    .option('--write-config <file>', `write connections ${OFFERED.join(', ')} and more for --config`)
    .option('--push <host:port>', 'send what it pushes there, in the wrapper');
}

async function simulate(run: Run): Promise<void> {
  const { io, output, options } = run;
  const place = placeOf(options);
  const seed = typeof options.seed === 'string' ? wholeIn(options.seed, '--seed', 0, Number.MAX_SAFE_INTEGER) : 1;
  const lower = typeof options.physical === 'string' ? wholeIn(options.physical, '--physical', 0, 0x3fff) : undefined;
  const push = typeof options.push === 'string' ? hostAndPort(options.push, '--push', DEFAULT_PORT) : undefined;
  const meter = simulatedMeter(run, seed, {
    ...(push === undefined ? {} : { onPush: (pushed: PushedNotification) => void send(run, push, pushed) }),
  });
  const lost = new AbortController();
  const served = await serve(run, meter, place, lower, lost);
  try {
    announce(run, meter, served.line, place.framing, seed);
    await Promise.race([aborted(io.signal), aborted(lost.signal)]);
    if (lost.signal.aborted) throw lost.signal.reason;
  } finally {
    meter.stop();
    await served.close();
  }
  output.note('The meter has stopped.');
}

interface Place {
  readonly line: Line;
  readonly framing: Framing;
}

/** Where the meter is to be found: loopback unless told. */
function placeOf(options: Run['options']): Place {
  const { serial: path, tcp: stream, udp: datagrams, framing } = options;
  const given = [path, stream, datagrams].filter((option) => option !== undefined);
  if (given.length > 1) throw new UsageError('a meter is at one place', 'give one of --tcp, --udp and --serial');
  const line: Line =
    typeof path === 'string'
      ? {
          type: 'serial',
          path,
          baud: typeof options.baud === 'string' ? wholeIn(options.baud, '--baud', 50, 4_000_000) : 9600,
        }
      : typeof datagrams === 'string'
        ? { type: 'udp', ...hostAndPort(datagrams, '--udp', DEFAULT_PORT) }
        : { type: 'tcp', ...hostAndPort(typeof stream === 'string' ? stream : '127.0.0.1', '--tcp', DEFAULT_PORT) };
  return { line, framing: framingOf(typeof framing === 'string' ? framing : undefined, '--framing', line) };
}

interface Served {
  /** With the port that was bound. */
  readonly line: Line;
  close(): Promise<void>;
}

async function serve(
  run: Run,
  meter: SimulatedMeter,
  place: Place,
  lower: number | undefined,
  lost: AbortController,
): Promise<Served> {
  const { line, framing } = place;
  const attach = { framing, ...(lower === undefined ? {} : { lower }) };
  if (line.type === 'serial') {
    const settings =
      framing === 'mode-e' ? ({ baudRate: 300, dataBits: 7, parity: 'even' } as const) : { baudRate: line.baud };
    const served = await meter.attach(serial(line.path, settings), {
      ...attach,
      onClosed: (error) => lost.abort(error),
    });
    return { line, close: () => served.close() };
  }
  const onPeer = (transport: Transport) => {
    meter.attach(transport, attach).catch((error) => run.output.note(`${transport.name}: ${failureOf(error).message}`));
  };
  const listener = await (line.type === 'tcp' ? listenTcp : listenUdp)({ host: line.host, port: line.port }, onPeer);
  return { line: { type: line.type, host: listener.host, port: listener.port }, close: () => listener.close() };
}

/** Says where the meter is and how to connect, and writes the configuration. */
function announce({ output, options }: Run, meter: SimulatedMeter, line: Line, framing: Framing, seed: number): void {
  const file = typeof options.writeConfig === 'string' ? options.writeConfig : undefined;
  const config = configOf(meter, line, framing);
  if (file !== undefined) writeConfig(file, config);
  const { serial: serialNumber, logicalDeviceName, systemTitle } = meter.identity;
  output.documentLine({
    event: 'ready',
    ...(line.type === 'serial'
      ? { serial: line.path, baud: line.baud }
      : { [line.type]: lineText(line), host: line.host, port: line.port }),
    framing: framingName(framing),
    meter: { serialNumber, logicalDeviceName, systemTitle: toHex(systemTitle), seed },
    config: file ?? null,
    connections: Object.keys(config.connections),
  });
  output.heading(meterTitle(meter, options, seed));
  output.line(`Listening on ${line.type} ${lineText(line)}, ${framingName(framing)}. Ctrl-C stops it.`);
  output.line();
  output.line('Read it with');
  const where = line.type === 'serial' ? ' --serial OTHER-END' : '';
  if (file === undefined) {
    for (const connection of Object.values(config.connections).slice(0, 3))
      output.line(`  ${output.style('bold', `cosem read all ${flagsOf(connection, where)}`)}`);
  } else {
    const names = Object.keys(config.connections);
    output.line(`  ${output.style('bold', `cosem read all${where} --config ${file} --connection ${config.default}`)}`);
    output.line(`Connections in ${file}: ${names.join(', ')}.`);
  }
}

/** A connection as flags; what goes without saying is left out. */
function flagsOf({ server: _server, auth, ...connection }: StoredConnection, where: string): string {
  const told = auth === 'none' || auth === 'lls' || auth === 'hls2' ? connection : { auth, ...connection };
  const flags = Object.entries(told).map(([name, value]) => `--${name} ${value}`);
  return `${where.trim()} ${flags.join(' ')}`.trim();
}

/** How clients connect, as `--config` reads it. */
export function configOf(meter: SimulatedMeter, line: Line, framing: Framing): StoredConfig {
  const connections: Record<string, StoredConnection> = {};
  const place = { ...reachable(line), framing: framingName(framing) };
  for (const connection of meter.connections) {
    // The push association is the meter's own.
    if (connection.name !== 'push') connections[connection.name] = { ...place, ...storedConnection(connection) };
  }
  const { utility } = connections;
  // A recorded meter lets in as it did when it was recorded, and in no other way.
  if (utility !== undefined && !('template' in meter)) {
    const { secret: _secret, ...keys } = utility;
    connections['utility-gmac'] = { ...keys, auth: 'gmac' };
    connections['utility-dedicated'] = { ...utility, 'dedicated-key': 'random' };
    connections['utility-gmac-dedicated'] = { ...keys, auth: 'gmac', 'dedicated-key': 'random' };
  }
  return { default: connections.reader === undefined ? (Object.keys(connections)[0] ?? '') : 'reader', connections };
}

/** The line as a client on this machine finds it. Which port is the other end of a serial cable the meter does not know. */
function reachable(line: Line): StoredConnection {
  if (line.type === 'serial') return { baud: line.baud };
  const host = line.host === '0.0.0.0' ? '127.0.0.1' : line.host === '::' ? '::1' : line.host;
  return { [line.type]: lineText({ ...line, host }) };
}

function storedConnection({ client, server, mechanism, secret, security }: MeterConnection): StoredConnection {
  const auth =
    (Object.keys(authentications) as Authentication[]).find((name) => authentications[name] === mechanism) ?? 'none';
  return {
    client,
    server,
    auth,
    ...(secret === undefined ? {} : { [mechanism === 1 ? 'password' : 'secret']: writtenSecret(secret) }),
    ...(security === undefined
      ? {}
      : {
          ek: toHex(security.encryptionKey),
          ak: toHex(security.authenticationKey),
          title: toHex(security.clientTitle),
          security: security.policy,
        }),
  };
}

function writtenSecret(secret: Uint8Array): string {
  const text = isPrintable(secret) ? toLatin1(secret) : '';
  return /^[\w-]+$/.test(text) && !/^[0-9a-f]+$/i.test(text) ? text : `hex:${toHex(secret)}`;
}

function framingName(framing: Framing): string {
  return framing === 'wrapper-udp' ? 'wrapper' : framing;
}

/** Brings a push to its destination: a connection of its own, as meters do. */
async function send({ output }: Run, { host, port }: Address, { apdu, ...pushed }: PushedNotification): Promise<void> {
  const link = new WrapperLink('client', { client: pushed.source, server: pushed.destination });
  const driver = new ClientDriver(tcp(host, port), link, systemClock);
  try {
    await driver.connect();
    await driver.run(unanswered(apdu));
    output.note(`pushed ${pushed.logicalName} to ${host}:${port}`);
  } catch (error) {
    output.note(`push of ${pushed.logicalName}: ${failureOf(error).message}`);
  } finally {
    await driver.close();
  }
}

function* unanswered(apdu: Uint8Array): Procedure<void> {
  yield { apdu, reply: false };
}
