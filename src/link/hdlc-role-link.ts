import type { Millis } from '../base/clock.js';
import type { Link, LinkEvent, SendOptions } from '../contracts/link.js';
import type { HdlcRole, LineSide } from './hdlc-config.js';
import { FrameEncoder, type HdlcFrame } from './hdlc-frame.js';
import { FrameSplitter } from './hdlc-splitter.js';

/** What all roles of HDLC have in common: it finds frames in octets and writes frames. The role itself is given to the constructor. */
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

  /** Client: connects by SNRM. Server: does nothing, it waits for a client. */
  connect(now: Millis): void {
    this.#role.connect(now);
  }

  /**
   * Queues an APDU. Unconfirmed ones (UI frames) need no connection, but must fit into one frame. A server with several connections sends to the
   * client that it heard last, unless `options` name another.
   * @throws StateError when not connected, or when it does not fit.
   */
  send(payload: Uint8Array, now: Millis, options: SendOptions = {}): void {
    this.#role.send(payload, now, options);
  }

  /** Client: the answer is still awaited, so it polls for more. */
  awaitMore(now: Millis): void {
    this.#role.awaitMore(now);
  }

  /** Server: no answer will come, so it gives the turn back at once. */
  unanswered(now: Millis, options: SendOptions): void {
    this.#role.unanswered?.(now, options);
  }

  /** Client: disconnects by DISC, as soon as it has the turn. Server: forgets its connections. */
  disconnect(now: Millis): void {
    this.#role.disconnect(now);
  }

  /** Takes octets in any chunks, and any garbage. */
  receive(chunk: Uint8Array, now: Millis): void {
    // After a pause even a single flag is dropped: the next frame brings its own opening flag.
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

  /** Is called when the time that `pollTimeout` gave has come: repeats, polls, or gives up. */
  handleTimeout(now: Millis): void {
    if (this.#splitter.partial && now >= this.#lastOctet + this.#interOctetTimeout) this.#drain(now, true);
    this.#role.handleTimeout(now);
  }

  /** When `handleTimeout` must be called; undefined when no timer is needed. */
  pollTimeout(): Millis | undefined {
    const role = this.#role.pollTimeout();
    if (!this.#splitter.partial) return role;
    return Math.min(role ?? Number.POSITIVE_INFINITY, this.#lastOctet + this.#interOctetTimeout);
  }

  /** What has come in part and what is missing of it, in words; undefined when nothing is incomplete. */
  pending(): string | undefined {
    return this.#role.pending?.() ?? this.#splitter.pending;
  }

  /** The next frame to write; undefined when there is none left. */
  pollTransmit(): Uint8Array | undefined {
    return this.#transmit.shift();
  }

  /** The next event; undefined when there is none left. */
  pollEvent(): LinkEvent | undefined {
    return this.#events.shift();
  }
}
