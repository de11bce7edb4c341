import { toHex } from '../base/bytes.js';
import { CosemError, StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import { uncaught } from '../base/listeners.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { ReplayGuard } from '../contracts/replay-guard.js';
import { NotificationReceiver } from '../session/notification.js';
import type { PushKeys } from '../session/push-faults.js';
import { type DeframerEvent, PushDeframer } from './deframer.js';
import type { LineReceiver } from './listened-line.js';
import { type PushEvent, PushReader, type PushReceiverConfig } from './receiver.js';

/** A value, or the promise of one: what is at hand costs no turn. */
export type Awaitable<T> = T | Promise<T>;

/**
 * Remembers which invocation counters of a sender were passed, as {@link ReplayGuard} does, but may ask a database: what was pushed is told
 * of when its counter is kept.
 */
export interface PushCounters {
  /** The lowest counter acceptable; 0 for an entry that is not known. */
  lowest(entry: string): Awaitable<number>;
  /**
   * Takes note of a message that proved itself. Where several processes listen it must be one step: compare and set.
   * @throws SecurityError `replay` when it was passed already.
   */
  accept(entry: string, counter: number): Awaitable<void>;
}

/** What opens pushes and what gives their values a meaning. */
export interface KeyedReaderConfig extends Pick<PushReceiverConfig, 'sheets' | 'companion'> {
  readonly crypto: CryptoProvider;
  readonly keysOf: (systemTitle: Uint8Array) => Awaitable<PushKeys | undefined>;
  readonly counters: PushCounters;
  readonly strict?: boolean;
  readonly acceptUnauthenticated?: boolean;
}

/** What was asked for one message so far. */
interface Known {
  readonly keys: Map<string, PushKeys | undefined>;
  readonly lowest: Map<string, number>;
  /** Ends when its counter is kept. */
  kept: Promise<void> | undefined;
}

/** Thrown out of the reading of a message, which is synchronous: it is read anew when the answer is there. No state was changed by then. */
class Awaited extends Error {
  readonly answer: Promise<void>;
  constructor(answer: Promise<void>) {
    super('an answer is awaited');
    this.answer = answer;
  }
}

/** Reads pushes of all lines, with keys and counters that may come later. */
export class KeyedReader {
  readonly #config: KeyedReaderConfig;
  readonly #reader: PushReader;
  #known: Known | undefined;
  /** The lowest counters acceptable while those below are being kept, by entry. */
  readonly #keeping = new Map<string, number>();

  constructor(config: KeyedReaderConfig) {
    this.#config = config;
    const { crypto, strict, acceptUnauthenticated, sheets, companion } = config;
    const guard: ReplayGuard = {
      lowest: (entry) => Math.max(this.#keeping.get(entry) ?? 0, this.#lowest(entry)),
      accept: (entry, counter) => this.#accept(entry, counter),
    };
    const notifications = new NotificationReceiver({
      crypto,
      keysOf: (title) => this.#keysOf(title),
      guard,
      ...given({ strict, acceptUnauthenticated }),
    });
    this.#reader = new PushReader({
      notifications,
      ...given({ sheets, companion }),
    });
  }

  /** At once where nothing is to be waited for. */
  read(event: DeframerEvent): Awaitable<PushEvent> {
    return this.#read(event, { keys: new Map(), lowest: new Map(), kept: undefined });
  }

  #read(event: DeframerEvent, known: Known): Awaitable<PushEvent> {
    const refused = (error: unknown): PushEvent => {
      if (event.type === 'payload' && error instanceof CosemError) {
        return { type: 'refused', framing: event.framing, error };
      }
      throw error;
    };
    this.#known = known;
    try {
      const read = this.#reader.read(event);
      return known.kept === undefined ? read : known.kept.then(() => read, refused);
    } catch (error) {
      if (error instanceof Awaited) return error.answer.then(() => this.#read(event, known), refused);
      throw error;
    } finally {
      this.#known = undefined;
    }
  }

  #keysOf(title: Uint8Array): PushKeys | undefined {
    const name = toHex(title);
    const keys = this.#known?.keys ?? new Map<string, PushKeys | undefined>();
    if (!keys.has(name)) {
      const ask = () => this.#config.keysOf(title.slice());
      this.#ask(ask, `the keys of the meter ${name}`, (found) => keys.set(name, found));
    }
    return keys.get(name);
  }

  #lowest(entry: string): number {
    const lowest = this.#known?.lowest ?? new Map<string, number>();
    if (!lowest.has(entry)) {
      const ask = () => this.#config.counters.lowest(entry);
      this.#ask(ask, `the counters of ${entry}`, (found) => lowest.set(entry, found));
    }
    return lowest.get(entry) as number;
  }

  #accept(entry: string, counter: number): void {
    const what = `the counter of ${entry}`;
    let kept: Awaitable<void>;
    try {
      kept = this.#config.counters.accept(entry, counter);
    } catch (error) {
      throw unavailable(what, 'kept', error);
    }
    if (!isPromise(kept) || this.#known === undefined) return;
    const next = counter + 1;
    this.#keeping.set(entry, next);
    const done = () => {
      if (this.#keeping.get(entry) === next) this.#keeping.delete(entry);
    };
    this.#known.kept = kept.then(done, (error: unknown) => {
      done();
      throw unavailable(what, 'kept', error);
    });
  }

  /** @throws Awaited where the answer comes later. */
  #ask<T>(ask: () => Awaitable<T>, what: string, keep: (answer: T) => void): void {
    let answer: Awaitable<T>;
    try {
      answer = ask();
    } catch (error) {
      throw unavailable(what, 'had', error);
    }
    if (!isPromise(answer)) keep(answer);
    else {
      throw new Awaited(
        answer.then(keep, (error: unknown) => {
          throw unavailable(what, 'had', error);
        }),
      );
    }
  }
}

/** What the caller's store threw may hold anything: it is the cause, and no part of the sentence. */
function unavailable(what: string, verb: 'had' | 'kept', error: unknown): CosemError {
  if (error instanceof CosemError) return error;
  return new StateError(
    `${what} cannot be ${verb}: ${verb === 'had' ? 'the push was not opened' : 'the push was not taken'}`,
    {
      cause: error,
      hint: 'look at the cause: keysOf or counters of the caller failed',
    },
  );
}

function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function';
}

/** What may wait on one line while keys or counters of a message before it are awaited. */
const MOST_WAITING = 256;
const MOST_OCTETS = 64 * 1024;

/** Receives the pushes of one line in their order, whenever their keys come. */
export class KeyedReceiver implements LineReceiver {
  readonly #reader: KeyedReader;
  readonly #deframer: PushDeframer;
  readonly #late: (event: PushEvent) => void;
  /** The first is being read. */
  readonly #waiting: DeframerEvent[] = [];
  #octets = 0;
  #abandoned = false;
  #settled: Promise<void> | undefined;

  /** @param late takes what was not there when its octets came. */
  constructor(reader: KeyedReader, mode: 'stream' | 'datagram', late: (event: PushEvent) => void) {
    this.#reader = reader;
    this.#deframer = new PushDeframer({ mode });
    this.#late = late;
  }

  receive(chunk: Uint8Array): PushEvent[] {
    this.#deframer.push(chunk);
    return this.#drain();
  }

  pause(): PushEvent[] {
    this.#deframer.pause();
    return this.#drain();
  }

  flush(): PushEvent[] {
    this.#deframer.flush();
    return this.#drain();
  }

  /** Resolves when nothing waits. */
  async settled(): Promise<void> {
    await this.#settled;
  }

  /** Nobody waits any more: what was not read is told. */
  abandon(): PushEvent[] {
    this.#abandoned = true;
    return this.#waiting.splice(0).map((event) => unread(event, 'listening ended before its keys and counters came'));
  }

  #drain(): PushEvent[] {
    const events: PushEvent[] = [];
    for (let event = this.#deframer.pollEvent(); event !== undefined; event = this.#deframer.pollEvent()) {
      if (this.#waiting.length > 0) {
        if (!this.#keep(event)) {
          events.push(unread(event, 'too much came while the keys or counters of a push before it were awaited'));
        }
        continue;
      }
      const read = this.#reader.read(event);
      if (isPromise(read)) {
        this.#keep(event);
        this.#settled = this.#settle(read);
      } else events.push(read);
    }
    return events;
  }

  #keep(event: DeframerEvent): boolean {
    const octets = sizeOf(event);
    const room = this.#waiting.length < MOST_WAITING && this.#octets + octets <= MOST_OCTETS;
    if (!room && this.#waiting.length > 0) return false;
    this.#waiting.push(event);
    this.#octets += octets;
    return true;
  }

  async #settle(first: Awaitable<PushEvent>): Promise<void> {
    let read = () => first;
    for (;;) {
      try {
        const event = await read();
        if (this.#abandoned) return;
        this.#late(event);
      } catch (error) {
        uncaught(error);
      }
      this.#octets -= sizeOf(this.#waiting.shift());
      const [next] = this.#waiting;
      if (next === undefined) return;
      read = () => this.#reader.read(next);
    }
  }
}

function sizeOf(event: DeframerEvent | undefined): number {
  return event === undefined || event.type === 'incomplete' ? 0 : event.bytes.length;
}

function unread(event: DeframerEvent, reason: string): PushEvent {
  if (event.type === 'payload') return { type: 'discarded', octets: event.bytes, reason };
  return event.type === 'discarded' ? { type: 'discarded', octets: event.bytes, reason: event.reason } : event;
}
