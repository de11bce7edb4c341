import { toHex } from '../base/bytes.js';
import { CosemError } from '../base/errors.js';
import { given } from '../base/given.js';
import { uncaught } from '../base/listeners.js';
import { isPromise, unavailable } from '../client/later.js';
import type { Awaitable } from '../contracts/awaitable.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { AsyncReplayGuard, ReplayGuard } from '../contracts/replay-guard.js';
import { NotificationReceiver } from '../session/notification.js';
import type { PushKeys } from '../session/push-faults.js';
import { PushDeframer } from './deframer.js';
import type { DeframerEvent } from './found.js';
import type { LineReceiver } from './listened-line.js';
import { type PushEvent, PushReader, type PushReceiverConfig } from './receiver.js';

/** What is needed to open pushes and to give their values a meaning. */
export interface KeyedReaderConfig extends Pick<PushReceiverConfig, 'sheets' | 'companion'> {
  readonly crypto: CryptoProvider;
  readonly keysOf: (systemTitle: Uint8Array) => Awaitable<PushKeys | undefined>;
  readonly counters: AsyncReplayGuard;
  readonly strict?: boolean;
  readonly acceptUnauthenticated?: boolean;
}

/** The answers of the caller for one message so far. */
interface Known {
  readonly keys: Map<string, PushKeys | undefined>;
  readonly lowest: Map<string, number>;
  /** Resolves when its counter is stored. */
  kept: Promise<void> | undefined;
}

/**
 * Thrown while a message is read when an answer of the caller is still to come, because reading is synchronous. The message is then read again
 * with the answer. Nothing was changed before this is thrown.
 */
class Awaited extends Error {
  readonly answer: Promise<void>;
  constructor(answer: Promise<void>) {
    super('an answer is awaited');
    this.answer = answer;
  }
}

/** Reads the pushes of all lines, with keys and counters that may come later. */
export class KeyedReader {
  readonly #config: KeyedReaderConfig;
  readonly #reader: PushReader;
  #known: Known | undefined;
  /** The lowest acceptable counters by entry, while lower ones are still being stored. */
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

  /** Reads one message. The result is there at once, unless keys or counters come later. */
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
      throw failedTo(what, 'stored', error);
    }
    if (!isPromise(kept) || this.#known === undefined) return;
    const next = counter + 1;
    this.#keeping.set(entry, next);
    const done = () => {
      if (this.#keeping.get(entry) === next) this.#keeping.delete(entry);
    };
    this.#known.kept = kept.then(done, (error: unknown) => {
      done();
      throw failedTo(what, 'stored', error);
    });
  }

  /** Asks the caller. @throws Awaited when the answer comes later. */
  #ask<T>(ask: () => Awaitable<T>, what: string, keep: (answer: T) => void): void {
    let answer: Awaitable<T>;
    try {
      answer = ask();
    } catch (error) {
      throw failedTo(what, 'read', error);
    }
    if (!isPromise(answer)) keep(answer);
    else {
      throw new Awaited(
        answer.then(keep, (error: unknown) => {
          throw failedTo(what, 'read', error);
        }),
      );
    }
  }
}

function failedTo(what: string, verb: 'read' | 'stored', error: unknown): CosemError {
  const then = verb === 'read' ? 'the push was not opened' : 'the push was not accepted';
  return unavailable(`${what} cannot be ${verb}: ${then}`, 'look at the cause: your keysOf or counters failed', error);
}

/** How many messages, and octets, may wait on one line while the keys or counters of an earlier message are awaited. */
const MOST_WAITING = 256;
const MOST_OCTETS = 64 * 1024;

/** Receives the pushes of one line, in order, whenever their keys come. */
export class KeyedReceiver implements LineReceiver {
  readonly #reader: KeyedReader;
  readonly #deframer: PushDeframer;
  readonly #late: (event: PushEvent) => void;
  /** Messages that wait; the first of them is being read. */
  readonly #waiting: DeframerEvent[] = [];
  #octets = 0;
  #abandoned = false;
  #settled: Promise<void> | undefined;

  /** @param late is called with events whose keys or counters came later than their octets. */
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

  /** Resolves when no message is waiting. */
  async settled(): Promise<void> {
    await this.#settled;
  }

  /** Gives up waiting for keys and counters. @returns the messages that were not read. */
  abandon(): PushEvent[] {
    this.#abandoned = true;
    return this.#waiting.splice(0).map((event) => unread(event, 'listening ended before its keys or counters came'));
  }

  #drain(): PushEvent[] {
    const events: PushEvent[] = [];
    for (let event = this.#deframer.pollEvent(); event !== undefined; event = this.#deframer.pollEvent()) {
      if (this.#waiting.length > 0) {
        if (!this.#keep(event)) {
          events.push(
            unread(event, 'too many messages came while the keys or counters of an earlier push were awaited'),
          );
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
