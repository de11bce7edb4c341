import type { Clock, Millis } from '../base/clock.js';
import { LinkError } from '../base/errors.js';
import { checkOptions } from '../base/known-options.js';
import { counted } from '../base/words.js';
import type { Transport, TransportHandler } from '../contracts/transport.js';

/** What is known of who is at the other end: nothing, that it has an association, or that it has shown that it knows a secret. */
export type Standing = 'stranger' | 'associated' | 'proved';

/** How {@link IdlePeers} judges. */
export interface IdlePeersOptions {
  readonly clock: Clock;
  /** A connection over which nothing came for so long is closed, in milliseconds; `Infinity` closes none. */
  readonly idle: Millis;
  /** So many connections are served at once. One more, and the one that was silent longest is closed, of those that proved nothing first. */
  readonly most: number;
  /** A connection over which so long after it began there is no association is closed, in milliseconds; none is unless told. */
  readonly handshake?: Millis;
}

interface HeldPeer {
  readonly since: Millis;
  heard: Millis;
  readonly standing: () => Standing;
  /** The best that was seen of it: between two associations it has none, and is no stranger. */
  best: Standing;
  readonly close: (reason: string) => void;
}

const ORDER: readonly Standing[] = ['stranger', 'associated', 'proved'];
const SECOND: Millis = 1000;
const MINUTE: Millis = 60_000;

/**
 * The connections of one server, none of which may be kept open for nothing: a peer that is gone without a word, or that only holds a
 * place, is closed after a time, and when there are too many the one that was silent longest goes first.
 */
export class IdlePeers {
  readonly #clock: Clock;
  readonly #idle: Millis;
  readonly #most: number;
  readonly #handshake: Millis;
  /** In the order they were last heard. */
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

  /** How many there are. */
  get size(): number {
    return this.#peers.size;
  }

  /**
   * Takes a connection in, open or not. Use what is returned in its place: it hears what comes, and its handler is told `closed` with a
   * LinkError that names the reason when it is closed here.
   * @param standing what is known of the peer by now; the best that was seen counts as long as the connection is there. Without it none is
   * held to the time for an association, and all are alike.
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
    // Its time for an association may end before all that was waited for.
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
            // Seen at once: the association that this opened may be over before anybody looks again.
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

  /** The one that was silent longest, of those that proved nothing where there are such. */
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

  /** When one of them is to be looked at next. */
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

  /** One timer for all: it looks when the first of them may have been silent, or a stranger, for long enough. */
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

/** The best that was ever seen of a peer. */
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
