import type { Millis } from '../base/clock.js';
import type { Link, LinkEvent, SendOptions } from '../contracts/link.js';
import { HdlcClient } from './hdlc-client.js';
import type { HdlcClientConfig, HdlcCommonConfig, HdlcRole, HdlcServerConfig, LineSide } from './hdlc-config.js';
import { FrameEncoder, type HdlcFrame } from './hdlc-frame.js';
import { HdlcListener } from './hdlc-listener.js';
import { HdlcServer } from './hdlc-server.js';
import { FrameSplitter } from './hdlc-splitter.js';

/**
 * The HDLC data link of IEC 62056-46, for either side, or for listening to pushes alone. It finds frames in the octets, writes and reads LLC headers, cuts and joins
 * segments, repeats what is lost and never delivers anything twice. Frames that are not right or not for us, as an echo that nobody took out
 * before, end as `discarded` events and have no other effect.
 */
export class HdlcLink implements Link {
  readonly #role: HdlcRole;
  readonly #interOctetTimeout: Millis;
  readonly #splitter: FrameSplitter;
  readonly #encoder = new FrameEncoder();
  readonly #transmit: Uint8Array[] = [];
  readonly #events: LinkEvent[] = [];
  #lastOctet: Millis = 0;

  /** @throws StateError when the configuration cannot be. */
  constructor(role: 'client', config: HdlcClientConfig);
  constructor(role: 'server', config: HdlcServerConfig);
  constructor(role: 'listener', config: HdlcCommonConfig);
  constructor(role: 'client' | 'server' | 'listener', config: HdlcClientConfig | HdlcServerConfig | HdlcCommonConfig) {
    const line: LineSide = {
      transmit: (destination, source, control, information, segmented) => {
        const frame: HdlcFrame = { destination, source, control, segmented, information };
        this.#transmit.push(this.#encoder.encode(frame));
      },
      event: (event) => {
        this.#events.push(event);
      },
      discard: (frame, reason) => {
        this.#discard(frame.information, `${frame.control.type} frame: ${reason}`);
      },
      receivingUntil: () => (this.#splitter.partial ? this.#lastOctet + this.#interOctetTimeout : undefined),
    };
    this.#splitter = new FrameSplitter((bytes, reason) => {
      this.#discard(bytes, reason);
      this.#role.lostOctets();
    });
    this.#interOctetTimeout = config.interOctetTimeout ?? (role === 'server' ? 500 : 1000);
    if (role === 'client') this.#role = new HdlcClient(config as HdlcClientConfig, line);
    else if (role === 'server') this.#role = new HdlcServer(config as HdlcServerConfig, line);
    else this.#role = new HdlcListener(config, line);
  }

  #discard(bytes: Uint8Array, reason: string): void {
    this.#events.push({ type: 'discarded', bytes, reason });
  }

  /** Client: asks for the link by SNRM. Server: nothing, it waits. */
  connect(now: Millis): void {
    this.#role.connect(now);
  }

  /**
   * Queues an APDU. Unconfirmed ones (UI frames) need no connection, but must fit into one frame. A server with several
   * connections answers the one that spoke last unless told otherwise.
   */
  send(payload: Uint8Array, now: Millis, options: SendOptions = {}): void {
    this.#role.send(payload, now, options);
  }

  awaitMore(now: Millis): void {
    this.#role.awaitMore(now);
  }

  unanswered(now: Millis, options: SendOptions): void {
    this.#role.unanswered?.(now, options);
  }

  /** Client: asks for the end by DISC, once it is its turn. Server: forgets its connections. */
  disconnect(now: Millis): void {
    this.#role.disconnect(now);
  }

  receive(chunk: Uint8Array, now: Millis): void {
    // A flag, too, loses its meaning after a pause: the frame after it brings its own.
    if (now >= this.#lastOctet + this.#interOctetTimeout) this.#drain(now, true);
    this.#lastOctet = now;
    this.#splitter.push(chunk);
    this.#drain(now, false);
  }

  #drain(now: Millis, flush: boolean): void {
    if (flush) this.#splitter.flush();
    for (let frame = this.#splitter.next(); frame !== undefined; frame = this.#splitter.next()) {
      this.#role.receive(frame, now);
    }
  }

  handleTimeout(now: Millis): void {
    if (this.#splitter.partial && now >= this.#lastOctet + this.#interOctetTimeout) this.#drain(now, true);
    this.#role.handleTimeout(now);
  }

  pollTimeout(): Millis | undefined {
    const role = this.#role.pollTimeout();
    if (!this.#splitter.partial) return role;
    return Math.min(role ?? Number.POSITIVE_INFINITY, this.#lastOctet + this.#interOctetTimeout);
  }

  pending(): string | undefined {
    return this.#role.pending?.() ?? this.#splitter.pending;
  }

  pollTransmit(): Uint8Array | undefined {
    return this.#transmit.shift();
  }

  pollEvent(): LinkEvent | undefined {
    return this.#events.shift();
  }
}
