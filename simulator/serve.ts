import type { Clock } from '../src/base/clock.js';
import type { MeterServer } from '../src/server/server.js';
import type { LineObserver } from '../src/transport/pump.js';
import { type ServedLink, serveLink } from '../src/transport/server.js';
import type { Transport } from '../src/transport/transport.js';
import type { Link } from './meter/platform.js';

/** What answers on a line. */
export type Answerer = Pick<MeterServer, 'handle' | 'released' | 'session'>;

export interface ServeOptions extends LineObserver {
  /** Told when the line is gone; with an error when nobody asked for it. */
  readonly onClosed?: (error: Error | undefined) => void;
}

/**
 * Lets a meter's server answer on a line until it closes.
 * @throws LinkError when the transport cannot be opened.
 */
export function serveMeter(
  server: Answerer,
  transport: Transport,
  link: Link,
  clock: Clock,
  options: ServeOptions,
): Promise<ServedLink> {
  const clients = new Set<number>();
  const release = (client: number | undefined) => {
    for (const one of client === undefined ? [...clients] : [client]) {
      clients.delete(one);
      server.released(one);
    }
  };
  const handler: Parameters<typeof serveLink>[3] = {
    payload: (event, now) => {
      clients.add(event.client);
      return server.handle(event.client, event.server, event.bytes, now, event.unconfirmed);
    },
    // A new data link begins without association, whatever was before.
    connected: (event) => release(event.client),
    disconnected: (event) => release(event.client),
    closed: (error) => {
      release(undefined);
      options.onClosed?.(error);
    },
  };
  return serveLink(transport, link, clock, handler, options);
}
