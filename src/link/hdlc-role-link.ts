import type { Millis } from '../base/clock.js';
import type { Link, LinkEvent, SendOptions } from '../contracts/link.js';
import type { HdlcRole, LineSide } from './hdlc-config.js';
import { FrameEncoder, type HdlcFrame } from './hdlc-frame.js';
import { FrameSplitter } from './hdlc-splitter.js';

/** What all roles of HDLC have in common: frames in the octets, and out of them. Which role it is, whoever makes it says. */
export class HdlcRoleLink implements Link {
  readonly #role: HdlcRole;
  readonly #interOctetTimeout: Millis;
  readonly #splitter: FrameSplitter;
  readonly #encoder = new FrameEncoder();
  readonly #transmit: Uint8Array[] = [];
  readonly #events: LinkEvent[] = [];
  #lastOctet: Millis = 0;

  constructor(interOctetTimeout: Millis, roleOn: (line: LineSide) => HdlcRole) {
    this.#interOctetTimeout = interOctetTimeout;
    this.#splitter = new FrameSplitter((bytes, reason) => {
      this.#discard(bytes, reason);
      this.#role.lostOctets();
    });
    this.#role = roleOn({
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
    });
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
