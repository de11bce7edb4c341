import type { Clock, Millis } from '../base/clock.js';
import { LinkError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { Transport, TransportHandler } from './transport.js';

/** How {@link IdlePeers} judges. */
export interface IdlePeersOptions {
  readonly clock: Clock;
  /** A connection over which nothing came for so long is closed, in milliseconds; `Infinity` closes none. */
  readonly idle: Millis;
  /** So many connections are served at once. One more, and the one that was silent longest is closed. */
  readonly most: number;
}

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
  /** In the order they were last heard. */
  readonly #peers = new Map<object, { heard: Millis; readonly close: (reason: string) => void }>();
  #disarm: (() => void) | undefined;

  constructor({ clock, idle, most }: IdlePeersOptions) {
    this.#clock = clock;
    this.#idle = idle;
    this.#most = most;
  }

  /** How many there are. */
  get size(): number {
    return this.#peers.size;
  }

  /**
   * Takes a connection in, open or not. Use what is returned in its place: it hears what comes, and its handler is told `closed` with a
   * LinkError that names the reason when it is closed here.
   */
  admit(transport: Transport): Transport {
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
      this.#drop(`${counted(this.#most, 'connection')} at most, and this one was silent longest`);
    const close = (reason: string) => {
      lost = new LinkError('transport', `${transport.name}: closed, ${reason}`);
      gone(lost);
      transport.close().catch(() => {});
    };
    this.#peers.set(key, { heard: this.#clock.now(), close });
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
    this.#peers.set(key, peer);
  }

  #forget(key: object): void {
    this.#peers.delete(key);
    if (this.#peers.size > 0) return;
    this.#disarm?.();
    this.#disarm = undefined;
  }

  /** The one that was silent longest. */
  #drop(reason: string): void {
    const [oldest] = this.#peers;
    if (oldest === undefined) return;
    this.#forget(oldest[0]);
    oldest[1].close(reason);
  }

  /** One timer for all: it looks when the one that was silent longest may have been so long enough. */
  #arm(): void {
    const [oldest] = this.#peers.values();
    if (this.#disarm !== undefined || oldest === undefined || this.#idle === Number.POSITIVE_INFINITY) return;
    this.#disarm = this.#clock.at(oldest.heard + this.#idle, () => {
      this.#disarm = undefined;
      this.#sweep();
      this.#arm();
    });
  }

  #sweep(): void {
    const before = this.#clock.now() - this.#idle;
    for (
      let [oldest] = this.#peers.values();
      oldest !== undefined && oldest.heard <= before;
      [oldest] = this.#peers.values()
    ) {
      this.#drop(`nothing came for ${durationText(this.#idle)}`);
    }
  }
}

function durationText(time: Millis): string {
  if (time < SECOND) return counted(time, 'millisecond');
  return time % MINUTE === 0 ? counted(time / MINUTE, 'minute') : counted(time / SECOND, 'second');
}
