import type { Clock, Millis } from '../base/clock.js';
import { type LinkError, StateError } from '../base/errors.js';
import type { LineObserver } from '../contracts/line-observer.js';
import type { ClosedEvent, ConnectedEvent, Link, LinkEvent, PayloadEvent, SendOptions } from '../contracts/link.js';
import type { Transport } from '../contracts/transport.js';
import { Pump } from './pump.js';

/** The server's side of one line. All methods are synchronous. */
export interface ServerHandler {
  /**
   * Handles a received payload. Returns the answer for the peer that sent it, `none` when no answer is due, or undefined when the answer
   * may still be pushed.
   */
  payload(event: PayloadEvent, now: Millis): Uint8Array | 'none' | undefined;
  /** The next payload to send to the peer right after the answer, for blocks of a stream. Called until it gives undefined. */
  following?(event: PayloadEvent): Uint8Array | undefined;
  /** The data link was connected. */
  connected?(event: ConnectedEvent, now: Millis): void;
  /** The data link was closed but not the transport: an HDLC client may connect again. */
  disconnected?(event: ClosedEvent, now: Millis): void;
  /** The transport is gone. Called once, and nothing after it. Without an error when `close` was called here. */
  closed?(error: LinkError | undefined): void;
}

/** One line being served. */
export interface ServedLink {
  /** Sends an unsolicited APDU: a notification. @throws StateError when the link is not connected or the line is gone. */
  push(apdu: Uint8Array, options?: SendOptions): void;
  /** Takes the link down and closes the transport. Never throws. */
  close(): Promise<void>;
}

/**
 * Serves a link over a transport until either closes. Resolves when the transport is open.
 * @throws LinkError when the transport cannot be opened.
 */
export async function serveLink(
  transport: Transport,
  link: Link,
  clock: Clock,
  handler: ServerHandler,
  observer: LineObserver = {},
): Promise<ServedLink> {
  const owner = {
    deadline: Number.POSITIVE_INFINITY,
    heard() {},
    event(event: LinkEvent, now: Millis) {
      if (event.type === 'payload') {
        const answer = handler.payload(event, now);
        if (answer === 'none') {
          link.unanswered?.(now, event);
          return;
        }
        for (let reply = answer; reply !== undefined; reply = handler.following?.(event)) link.send(reply, now, event);
      } else if (event.type === 'connected') handler.connected?.(event, now);
      else if (event.type === 'closed') handler.disconnected?.(event, now);
    },
    expired() {},
    lost(error: LinkError) {
      handler.closed?.(error);
    },
  };
  const pump = new Pump(transport, link, clock, owner, observer);
  await transport.open(pump);
  // The timers of a server (inactivity) start with the line, not with its first octet.
  pump.turn(clock.now());
  return {
    push(apdu, options) {
      if (pump.gone) throw new StateError(`${transport.name} is closed`, { hint: 'open the connection again' });
      const now = clock.now();
      link.send(apdu, now, options);
      pump.turn(now);
    },
    async close() {
      if (pump.gone) return;
      const now = clock.now();
      link.disconnect(now);
      pump.turn(now);
      if (pump.gone) return;
      pump.stop();
      handler.closed?.(undefined);
      try {
        await transport.close();
      } catch {
        // It is closed, which is what was asked.
      }
    },
  };
}
