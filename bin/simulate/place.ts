import { type Framing, systemClock, type Transport } from '../../src/index.js';
import { listenTcp, listenUdp, serial } from '../../src/node.js';
import { IdlePeers } from '../../src/server.js';
import type { Run } from '../command.js';
import { failureOf, UsageError } from '../failure.js';
import { MAX_CONNECTIONS, timeLimit, wholeOr } from '../limits.js';
import { framingOf, hostAndPort, type Line, wholeIn } from '../settings.js';
import type { SimulatedMeter } from '../simulated.js';
import type { FrameCounts } from './ui/frames.js';

export const DEFAULT_PORT = 4059;

/** Where a meter, or the first of a fleet, is to be found. */
export interface Place {
  readonly line: Line;
  readonly framing: Framing;
}

/** Where the meter is to be found: loopback unless told. */
export function placeOf(options: Run['options']): Place {
  const { serial: path, tcp: stream, udp: datagrams } = options;
  const framing = options.modeE === true ? 'mode-e' : options.framing;
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

/** Seconds of silence after which a connection is closed, and within which there has to be an association. */
export const IDLE_LIMIT = 180;
export const HANDSHAKE_LIMIT = 30;

/** Limits that keep idle peers from filling a listener. */
export interface Peers {
  readonly peers: IdlePeers;
  /** How many connections the listener itself accepts: some that were closed for a new one may not be gone yet. */
  readonly room: number;
}

/** The limits of one listener, from --idle-limit, --handshake-limit and --max-connections. @throws UsageError */
export function peersOf({ options }: Run, usual = MAX_CONNECTIONS): Peers {
  const most = wholeOr(options.maxConnections, '--max-connections', usual, 1, 100_000);
  const seconds = (value: unknown, option: string, otherwise: number) =>
    timeLimit(value, option, otherwise, 1000, 100_000);
  const idle = seconds(options.idleLimit, '--idle-limit', IDLE_LIMIT);
  const handshake = seconds(options.handshakeLimit, '--handshake-limit', HANDSHAKE_LIMIT);
  return { peers: new IdlePeers({ clock: systemClock, idle, handshake, most }), room: 2 * most };
}

export interface Served {
  /** With the port that was bound. */
  readonly line: Line;
  close(): Promise<void>;
}

/** Serves one meter. @param frames where its frames are counted, if somebody wants to know. */
export async function serve(
  run: Run,
  meter: SimulatedMeter,
  place: Place,
  lower: number | undefined,
  lost: AbortController,
  frames?: FrameCounts,
): Promise<Served> {
  const { line, framing } = place;
  const attach = () => ({ framing, ...(lower === undefined ? {} : { lower }), ...frames?.watch(framing) });
  if (line.type === 'serial') {
    const served = await meter.attach(serial(line.path, { baudRate: framing === 'mode-e' ? 300 : line.baud }), {
      ...attach(),
      onClosed: (error) => lost.abort(error),
    });
    if (frames !== undefined) frames.lines = 1;
    return { line, close: () => served.close() };
  }
  const { peers, room } = peersOf(run);
  const onPeer = (transport: Transport) => {
    if (frames !== undefined) frames.lines++;
    const onClosed = () => {
      if (frames !== undefined) frames.lines--;
    };
    meter.attach(transport, { ...attach(), peers, onClosed }).catch((error) => {
      onClosed();
      run.output.note(`${transport.name}: ${failureOf(error).message}`);
    });
  };
  const listener = await (line.type === 'tcp' ? listenTcp : listenUdp)(
    { host: line.host, port: line.port, maxPeers: room },
    onPeer,
  );
  return { line: { type: line.type, host: listener.host, port: listener.port }, close: () => listener.close() };
}
