import type { Clock, Millis } from '../base/clock.js';
import { LinkError } from '../base/errors.js';
import { checkOptions } from '../base/known-options.js';
import { counted } from '../base/words.js';
import type { Transport, TransportHandler } from '../contracts/transport.js';

/**
 * How far a peer has proved itself: `stranger`, not at all; `associated`, it has an association; `proved`, it has shown that it knows a
 * secret.
 */
export type Standing = 'stranger' | 'associated' | 'proved';

/** Limits of {@link IdlePeers}. Times are in milliseconds. */
export interface IdlePeersOptions {
  /** The clock by which connections are idle. */
  readonly clock: Clock;
  /** A connection over which nothing came for this long is closed; `Infinity` closes none. */
  readonly idle: Millis;
  /**
   * How many connections are served at once. When one more comes, the one that was silent longest is closed, and first of all one that has
   * proved nothing.
   */
  readonly most: number;
  /** A connection that has no association this long after it began is closed. None by default. */
  readonly handshake?: Millis;
}

interface HeldPeer {
  readonly since: Millis;
  heard: Millis;
  readonly standing: () => Standing;
  /** The highest standing that it ever had. Between two associations it has none, but it is no longer a stranger. */
  best: Standing;
  readonly close: (reason: string) => void;
}

const ORDER: readonly Standing[] = ['stranger', 'associated', 'proved'];
const SECOND: Millis = 1000;
const MINUTE: Millis = 60_000;

/**
 * Closes idle connections of a server. A peer that vanished, or that only occupies a place, is closed after a time; when there are too many
 * peers, the one that was silent longest goes first.
 * ```ts
 * const peers = new IdlePeers({ clock: systemClock, idle: 180_000, most: 256 });
 * const server = await listenTcp({ port: 4059 }, (transport) => meter.attach(transport, { framing: 'wrapper', peers }));
 * ```
 */
export class IdlePeers {
  readonly #clock: Clock;
  readonly #idle: Millis;
  readonly #most: number;
  readonly #handshake: Millis;
  /** In the order in which they were last heard. */
  readonly #peers = new Map<object, HeldPeer>();
  #disarm: (() => void) | undefined;

  constructor(options: IdlePeersOptions) {
    checkOptions(options, { clock: true, idle: true, most: true, handshake: true }, 'IdlePeers');
    const { clock, idle, most, handshake = Number.POSITIVE_INFINITY } = options;
    this.#clock = clock;
    this.#idle = idle;
    this.#most = most;
    this.#handshake = handshake;
  }

  /** How many connections there are. */
  get size(): number {
    return this.#peers.size;
  }

  /**
   * Adds a connection, open or not. Use the returned transport instead of the given one: it notices what is received, and when the
   * connection is closed here its handler gets `closed` with a LinkError that names the reason.
   * @param standing how far the peer has proved itself by now; the highest standing it ever had counts. Without it, no peer needs an
   * association, and all are equal.
   */
  admit(transport: Transport, standing: () => Standing = () => 'associated'): Transport {
    const key = {};
    let handler: TransportHandler | undefined;
    let lost: LinkError | undefined;
    const gone = (error?: Error) => {
      this.#forget(key);
      const told = handler;
      handler = undefined;
      if (error === undefined) told?.closed();
      else told?.closed(error);
    };
    while (this.#peers.size >= this.#most)
      this.#drop(this.#leastWanted(), `${counted(this.#most, 'connection')} at most, and this one was silent longest`);
    const close = (reason: string) => {
      lost = new LinkError('transport', `${transport.name}: closed, ${reason}`);
      gone(lost);
      transport.close().catch(() => {});
    };
    const now = this.#clock.now();
    this.#peers.set(key, { since: now, heard: now, standing, best: 'stranger', close });
    // Its time for an association may end before the timer that is armed.
    this.#disarm?.();
    this.#disarm = undefined;
    this.#arm();
    const { configure, drain } = transport;
    return {
      name: transport.name,
      open: async (owner) => {
        if (lost !== undefined) throw lost;
        handler = owner;
        await transport.open({
          data: (chunk) => {
            this.#heard(key);
            handler?.data(chunk);
            // The standing is read at once, because the association may be over before the next look.
            const peer = this.#peers.get(key);
            if (peer !== undefined) standingOf(peer);
          },
          closed: gone,
        });
      },
      write: (bytes) => transport.write(bytes),
      close: () => {
        this.#forget(key);
        return transport.close();
      },
      ...(configure === undefined ? {} : { configure: configure.bind(transport) }),
      ...(drain === undefined ? {} : { drain: drain.bind(transport) }),
    };
  }

  #heard(key: object): void {
    const peer = this.#peers.get(key);
    if (peer === undefined) return;
    this.#peers.delete(key);
    peer.heard = this.#clock.now();
    standingOf(peer);
    this.#peers.set(key, peer);
  }

  #forget(key: object): void {
    this.#peers.delete(key);
    if (this.#peers.size > 0) return;
    this.#disarm?.();
    this.#disarm = undefined;
  }

  /** The connection that was silent longest, among those that proved nothing if there are any. */
  #leastWanted(): object | undefined {
    let oldest: object | undefined;
    for (const [key, peer] of this.#peers) {
      if (standingOf(peer) !== 'proved') return key;
      oldest ??= key;
    }
    return oldest;
  }

  #drop(key: object | undefined, reason: string): void {
    const peer = key === undefined ? undefined : this.#peers.get(key);
    if (key === undefined || peer === undefined) return;
    this.#forget(key);
    peer.close(reason);
  }

  /** When the next connection must be checked. */
  #due(): Millis {
    const [oldest] = this.#peers.values();
    let due = (oldest?.heard ?? Number.POSITIVE_INFINITY) + this.#idle;
    if (this.#handshake === Number.POSITIVE_INFINITY) return due;
    for (const peer of this.#peers.values()) {
      const last = peer.since + this.#handshake;
      if (last < due && (last > this.#clock.now() || standingOf(peer) === 'stranger')) due = last;
    }
    return due;
  }

  /** One timer for all connections: it fires when the first may have been silent, or a stranger, for too long. */
  #arm(): void {
    if (this.#disarm !== undefined) return;
    const due = this.#due();
    if (due === Number.POSITIVE_INFINITY) return;
    this.#disarm = this.#clock.at(due, () => {
      this.#disarm = undefined;
      this.#sweep();
      this.#arm();
    });
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (const [key, peer] of [...this.#peers]) {
      if (peer.heard + this.#idle <= now) this.#drop(key, `nothing came for ${durationText(this.#idle)}`);
      else if (peer.since + this.#handshake <= now && standingOf(peer) === 'stranger')
        this.#drop(key, `there was no association within ${durationText(this.#handshake)}`);
    }
  }
}

/** The highest standing that a peer ever had. */
function standingOf(peer: HeldPeer): Standing {
  if (peer.best === 'proved') return peer.best;
  const now = peer.standing();
  if (ORDER.indexOf(now) > ORDER.indexOf(peer.best)) peer.best = now;
  return peer.best;
}

function durationText(time: Millis): string {
  if (time < SECOND) return counted(time, 'millisecond');
  return time % MINUTE === 0 ? counted(time / MINUTE, 'minute') : counted(time / SECOND, 'second');
}
