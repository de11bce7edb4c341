import { type LineOptions, VirtualLine } from '../../simulator/line.js';
import { VirtualClock } from '../../src/base/clock.js';
import type { HdlcClientConfig, HdlcServerConfig } from '../../src/link/hdlc-config.js';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import { ClientDriver } from '../../src/transport/driver.js';
import type { ClientDriverOptions } from '../../src/transport/driver-options.js';
import { type ServedLink, type ServerHandler, serveLink } from '../../src/transport/server.js';

export interface PairOptions {
  /** The server's side: a virtual meter's session, or a function of the payload. */
  readonly handler: ServerHandler;
  readonly line?: LineOptions;
  readonly client?: Partial<HdlcClientConfig>;
  readonly server?: Partial<HdlcServerConfig>;
  readonly driver?: ClientDriverOptions;
}

export interface Pair {
  readonly clock: VirtualClock;
  readonly line: VirtualLine;
  readonly driver: ClientDriver;
  readonly served: ServedLink;
}

/** A client and a server joined by HDLC over one virtual line, in one virtual time: `clock.run(driver.connect())` and so on. */
export async function pair(options: PairOptions): Promise<Pair> {
  const clock = new VirtualClock();
  const line = new VirtualLine(clock, options.line);
  const octetTime = 10_000 / (options.line?.baudRate ?? 9600);
  const client = new HdlcLink('client', { client: 16, server: 1, octetTime, ...options.client });
  const server = new HdlcLink('server', { devices: [1], ...options.server });
  const served = await serveLink(line.b, server, clock, options.handler);
  return { clock, line, served, driver: new ClientDriver(line.a, client, clock, options.driver) };
}
