import { onAbort } from '../base/abort.js';
import type { Millis } from '../base/clock.js';
import type { CosemError } from '../base/errors.js';
import { given } from '../base/given.js';
import { Listeners } from '../base/listeners.js';
import { awaited } from '../client/caller.js';
import { dataText, type ReadingJson } from '../client/readings.js';
import { Stream } from '../client/stream.js';
import { type DataJson, dataToJson } from '../codec/json.js';
import type { Asked } from './confirms.js';
import type { PushFraming } from './deframer.js';
import type { PortFormat } from './port-search.js';
import type { Push } from './receiver.js';

/** A push with the line that it came over and the time when it came. */
export interface ReceivedPush extends Push {
  /** The line: `tcp 10.0.0.7:50112`, `serial /dev/ttyUSB0 2400 8E1`. */
  readonly from: string;
  /** When it was received, by the clock of this machine: milliseconds since 1970. */
  readonly at: Millis;
  /** For people: `4B464D1010000002 at 2026-11-23 14:00:00 +05:30: Active energy import 123 Wh, …`. */
  readonly text: string;
  /**
   * The push is in safe hands: where the meter asked for a confirm it gets one now. By itself this is done when the loop asks for the next
   * push, unless `confirm: { when: 'explicit' }`.
   */
  acknowledge(): void;
  /** Without loss, for `JSON.stringify`. */
  toJSON(): PushJson;
}

/** A push as JSON. */
export interface PushJson {
  readonly from: string;
  /** When it was received, in ISO 8601. */
  readonly at: string;
  readonly sender: string | null;
  readonly authenticated: boolean;
  readonly protection: string;
  /** When it was made, as the meter says. */
  readonly time: string | null;
  /** The sheet or push setup that gave the values a meaning. */
  readonly list: string | null;
  readonly readings: readonly ReadingJson[];
  readonly unnamed: readonly DataJson[];
  readonly remarks: readonly string[];
}

/** Where something came from, and when. */
export interface PushOrigin {
  readonly from: string;
  readonly at: Millis;
}

/** What a {@link PushStream} tells of beside its pushes: `pushes.on('refused', ({ from, error }) => …)`. */
export interface PushStreamEvents {
  /** A message that is whole and is not taken: no keys, a wrong key, a replay, content that makes no sense. */
  readonly refused: PushOrigin & { readonly framing: PushFraming; readonly error: CosemError };
  /** A message of which parts are missing. */
  readonly incomplete: PushOrigin & { readonly reason: string };
  /** Octets that are no message. */
  readonly discarded: PushOrigin & { readonly octets: Uint8Array; readonly reason: string };
  /** A push that waited too long for a loop that is slow: newer ones came. `count` is of all that went so. */
  readonly dropped: { readonly push: ReceivedPush; readonly count: number };
  /** A push that came before: the meter repeats it, since no confirm of it arrived. The loop does not get it again. */
  readonly repeated: PushOrigin & { readonly push: ReceivedPush };
  /** A meter asked for a confirm, and it was sent. */
  readonly confirmed: PushOrigin & { readonly push: ReceivedPush };
  /** A meter asked for a confirm that could not be sent: it will repeat the push. */
  readonly unconfirmed: PushOrigin & { readonly push: ReceivedPush; readonly error: CosemError };
  /** A serial port is tried at another setting (`found` false), or messages come at this one. */
  readonly setting: PushOrigin & { readonly format: PortFormat; readonly found: boolean; readonly text: string };
  /** A peer of TCP or UDP is no more: it went by itself, or was silent for too long. */
  readonly gone: PushOrigin & { readonly error: Error | undefined };
  /** A port was lost, such as a serial adapter that was pulled. It is tried again unless `reconnect` is off. */
  readonly lost: PushOrigin & { readonly error: Error };
  /** A port that was lost is open again. */
  readonly resumed: PushOrigin & { readonly lost: Millis; readonly attempts: number };
  /** It ended, and nothing follows. With an error when nobody asked for it, or what the signal gave as its reason. */
  readonly closed: { readonly error?: unknown };
}

/** How much came. */
export interface PushCounts {
  readonly pushes: number;
  readonly refused: number;
  readonly incomplete: number;
  readonly discarded: number;
  readonly dropped: number;
  /** Pushes that came before. */
  readonly repeated: number;
  readonly confirmed: number;
  readonly unconfirmed: number;
}

/** A place where it is listened. */
export type PushPlace =
  | { readonly protocol: 'tcp' | 'udp'; readonly host: string; readonly port: number }
  | { readonly protocol: 'serial'; readonly path: string; readonly name: string }
  | { readonly protocol: 'line'; readonly name: string };

/** What a {@link PushStream} is made of. */
export interface PushStreamParts {
  readonly most: number;
  readonly signal: AbortSignal | undefined;
  /** Whether a push counts as taken when the next one is asked for. */
  readonly takenByNext?: boolean;
  /** Opens the lines, and ends when they are open. */
  readonly start: (stream: PushSink) => Promise<readonly PushPlace[]>;
  /** Closes them all. What they had begun is told before it ends. */
  readonly stop: () => Promise<void>;
}

/** A push that is not read yet, and the octets of its message. */
interface Waiting {
  readonly push: ReceivedPush;
  readonly size: number;
  readonly asked: Asked | undefined;
}

/** Octets of the messages whose pushes wait together. */
const HEAVIEST = 4 * 1024 * 1024;

/** Where lines put what comes. */
export interface PushSink {
  /** @param size of its message in octets. */
  push(push: ReceivedPush, size: number, asked?: Asked): void;
  tell<K extends keyof PushStreamEvents>(name: K, event: PushStreamEvents[K]): void;
  /** It cannot go on. */
  fail(error: unknown): void;
}

/**
 * What meters push, as it comes: for one `for await`. Leaving the loop, `close()` and the signal close all ports. What is no push is told
 * by {@link on} and counted, so that nothing goes by in silence.
 */
export class PushStream implements AsyncIterableIterator<ReceivedPush>, AsyncDisposable {
  /**
   * Resolves when all ports are open, with where they listen (the port that was picked for 0 among it). Rejects with what the loop throws
   * where one cannot be opened.
   */
  readonly listening: Promise<readonly PushPlace[]>;
  readonly #parts: PushStreamParts;
  readonly #stream: Stream<Waiting>;
  readonly #listeners = new Listeners<PushStreamEvents>();
  readonly #counts: { -readonly [K in keyof PushCounts]: number } = {
    ...{ pushes: 0, refused: 0, incomplete: 0, discarded: 0, dropped: 0 },
    ...{ repeated: 0, confirmed: 0, unconfirmed: 0 },
  };
  /** What the loop has and may still be at work with. */
  readonly #had: Asked[] = [];
  readonly #off: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(parts: PushStreamParts) {
    this.#parts = parts;
    this.#stream = new Stream({
      most: parts.most,
      weigh: ({ size }) => size,
      heaviest: HEAVIEST,
      onDrop: ({ push, asked }) => {
        asked?.lost();
        this.#counts.dropped += 1;
        this.#listeners.emit('dropped', { push, count: this.#counts.dropped });
      },
      onEnd: () => this.close(),
    });
    const { signal } = parts;
    this.#off = signal && onAbort(signal, () => void this.#close(signal.reason));
    this.listening = this.#start();
    // Who only loops gets it there.
    this.listening.catch((error: unknown) => this.#close(error));
  }

  /** How much came so far. */
  get counts(): PushCounts {
    return { ...this.#counts };
  }

  /**
   * Tells of what is no push. Listen right after the call that gave this stream: nothing was told by then.
   * @returns what takes the listener back.
   */
  on<K extends keyof PushStreamEvents>(name: K, listener: (event: PushStreamEvents[K]) => void): () => void {
    return this.#listeners.on(name, listener);
  }

  /** @throws LinkError when a port cannot be opened, or was lost and `reconnect` is off; the reason of the signal. */
  async next(): Promise<IteratorResult<ReceivedPush>> {
    for (const asked of this.#had.splice(0)) asked.taken();
    const step = await awaited(this.#stream.next());
    if (step.done === true) return step;
    const { push, asked } = step.value;
    if (asked !== undefined && this.#parts.takenByNext !== false) this.#had.push(asked);
    return { done: false, value: push };
  }

  /** Ends it, as leaving the loop does: when it resolves, all ports are closed. */
  async return(): Promise<IteratorResult<ReceivedPush>> {
    await this.#stream.return();
    return { done: true, value: undefined };
  }

  /** Closes all ports and ends the loop when what waits is read. Never throws. */
  close(): Promise<void> {
    return this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #start(): Promise<readonly PushPlace[]> {
    this.#parts.signal?.throwIfAborted();
    // Who called may listen to events first.
    await undefined;
    if (this.#closing !== undefined) return [];
    return this.#parts.start({
      push: (push, size, asked) => {
        this.#counts.pushes += 1;
        this.#stream.push({ push, size, asked });
      },
      tell: (name, event) => {
        const counted: keyof PushStreamEvents = name;
        if (isCounted(counted)) this.#counts[counted] += 1;
        this.#listeners.emit(name, event);
      },
      fail: (error) => void this.#close(error),
    });
  }

  #close(error?: unknown): Promise<void> {
    this.#closing ??= this.#end(error);
    return this.#closing;
  }

  async #end(error: unknown): Promise<void> {
    this.#off?.();
    // Not before whoever began this has noted that it is under way.
    await undefined;
    await this.#parts.stop();
    this.#stream.end(error);
    this.#listeners.emit('closed', given({ error }));
    this.#listeners.end();
  }
}

const COUNTED = ['refused', 'incomplete', 'discarded', 'repeated', 'confirmed', 'unconfirmed'] as const;

function isCounted(name: keyof PushStreamEvents): name is (typeof COUNTED)[number] {
  return COUNTED.some((counted) => counted === name);
}

/** A push with where it came from, for people. @param asked who is to know when it is taken. */
export function received(push: Push, { from, at }: PushOrigin, asked?: () => Asked | undefined): ReceivedPush {
  return {
    ...push,
    from,
    at,
    get text() {
      const when = push.time === undefined ? '' : ` at ${push.time}`;
      const values = [...push.readings.map((reading) => String(reading)), ...push.unnamed.map(dataText)];
      return `${push.sender ?? from}${when}: ${values.join(', ')}`;
    },
    acknowledge: () => asked?.()?.taken(),
    toJSON: () => ({
      from,
      at: new Date(at).toISOString(),
      sender: push.sender ?? null,
      authenticated: push.authenticated,
      protection: push.protection,
      time: push.time?.toText() ?? null,
      list: push.list?.id ?? null,
      readings: push.readings.map((reading) => reading.toJSON()),
      unnamed: push.unnamed.map(dataToJson),
      remarks: push.remarks.map(({ code }) => code),
    }),
  };
}
