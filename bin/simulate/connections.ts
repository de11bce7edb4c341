/** How clients connect to a simulated meter, as configurations and flags. */

import type { MeterConnection } from '../../simulator/index.js';
import { type Authentication, type Framing, is15959, toHex } from '../../src/index.js';
import { isPrintable, toLatin1 } from '../../src/protocol.js';
import { authentications } from '../../src/tools.js';
import type { StoredConfig, StoredConnection } from '../config.js';
import { type Line, lineText } from '../settings.js';
import type { SimulatedMeter } from '../simulated.js';

/** Connections that configurations name, in the order of the help. */
export const OFFERED = ['public', 'reader', 'utility', 'firmware'];

/** A connection as flags, without defaults. */
export function flagsOf({ server: _server, auth, ...connection }: StoredConnection, where: string): string {
  const told = auth === 'none' || auth === 'lls' || auth === 'hls2' ? connection : { auth, ...connection };
  const flags = Object.entries(told).map(([name, value]) => `--${name} ${value}`);
  return `${where.trim()} ${flags.join(' ')}`.trim();
}

/** How clients connect, as `--config` reads it. */
export function configOf(meter: SimulatedMeter, line: Line, framing: Framing, peer?: string): StoredConfig {
  return connectionsAt(meter, { ...reachable(line, peer), framing: framingName(framing) });
}

/** The same where the place is known; it overrides what the meter says. */
export function connectionsAt(meter: SimulatedMeter, place: StoredConnection): StoredConfig {
  const connections: Record<string, StoredConnection> = {};
  // A recorded meter shows by itself which specification it follows.
  const companion = 'template' in meter ? {} : { companion: is15959.id };
  for (const connection of meter.connections) {
    // The associations for push and in-home display are pre-established: nobody connects with them.
    if (connection.preEstablished === undefined && ('template' in meter || OFFERED.includes(connection.name)))
      connections[connection.name] = { ...place, ...storedConnection(connection), ...companion, ...place };
  }
  const { utility } = connections;
  // A meter accepts one mechanism only.
  if (utility !== undefined && !('template' in meter)) {
    const gmac = utility.auth === 'gmac';
    if (gmac) connections['utility-gmac'] = utility;
    connections[gmac ? 'utility-gmac-dedicated' : 'utility-dedicated'] = { ...utility, 'dedicated-key': 'random' };
  }
  return { default: connections.reader === undefined ? (Object.keys(connections)[0] ?? '') : 'reader', connections };
}

/** The line as a client on this machine uses it. The meter does not know which port is the other end of a serial cable. */
export function reachable(line: Line, peer: string | undefined): StoredConnection {
  if (line.type === 'serial') return { ...(peer === undefined ? {} : { serial: peer }), baud: line.baud };
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
    ...(secret === undefined || auth === 'gmac'
      ? {}
      : { [mechanism === 1 ? 'password' : 'secret']: writtenSecret(secret) }),
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

export function framingName(framing: Framing): string {
  return framing === 'wrapper-udp' ? 'wrapper' : framing;
}
