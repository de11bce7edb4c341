import { gatewayText } from '../apdu/gateway.js';
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
import type { PushFraming } from './found.js';
import type { PortFormat } from './port-search.js';
import type { Push } from './receiver.js';

/** A push, with the line over which it came and the time when it came. */
export interface ReceivedPush extends Push {
  /** The line: `tcp 10.0.0.7:50112`, `serial /dev/ttyUSB0 2400 8E1`. */
  readonly from: string;
  /** When it was received, by the clock of this machine: milliseconds since 1970. */
  readonly at: Millis;
  /** For people: `4B464D1010000002 at 2026-11-23 14:00:00 +05:30: Active energy import 123 Wh, …`. */
  readonly text: string;
  /**
   * Says that the push is stored safely: where the meter asked for a confirm, it is sent now. Unless `confirm: { when: 'explicit' }`, this
   * happens by itself when the loop asks for the next push.
   */
  acknowledge(): void;
  /** Without loss, for `JSON.stringify`. */
  toJSON(): PushJson;
}

/** A push as JSON. */
export interface PushJson {
  /** The line: `tcp 10.0.0.7:50112`. */
  readonly from: string;
  /** When it was received, in ISO 8601. */
  readonly at: string;
  /** System title in hexadecimal, or what the meter calls itself. */
  readonly sender: string | null;
  /** The meter behind a gateway, `0/12345678` or `0/hex:AABB`; null where it came without the header of one. */
  readonly gateway: string | null;
  /** Whether a tag proved who sent it. */
  readonly authenticated: boolean;
  /** `none`, `authentication`, `encryption` or `authenticated-encryption`. */
  readonly protection: string;
  /** When it was made, as the meter says. */
  readonly time: string | null;
  /** The sheet or push setup that gave the values a meaning. */
  readonly list: string | null;
  /** The readings, in the order of the push. */
  readonly readings: readonly ReadingJson[];
  /** Values without a name, in the order of the push. */
  readonly unnamed: readonly DataJson[];
  /** Codes of the remarks. */
  readonly remarks: readonly string[];
}

/** Where something came from, and when. */
export interface PushOrigin {
  /** The line: `tcp 10.0.0.7:50112`, `serial /dev/ttyUSB0 2400 8E1`. */
  readonly from: string;
  /** When it came, by the clock of this machine: milliseconds since 1970. */
  readonly at: Millis;
}

/** What a {@link PushStream} reports beside its pushes: `pushes.on('refused', ({ from, error }) => …)`. */
export interface PushStreamEvents {
  /** A complete message that was not accepted: no keys, a wrong key, a replay, content that makes no sense. */
  readonly refused: PushOrigin & {
    /** The frame in which it came. */
    readonly framing: PushFraming;
    /** Why it was refused. */
    readonly error: CosemError;
  };
  /** A message of which parts are missing. */
  readonly incomplete: PushOrigin & {
    /** What is missing, in words. */
    readonly reason: string;
  };
  /** Octets that are not a message. */
  readonly discarded: PushOrigin & {
    /** The octets. */
    readonly octets: Uint8Array;
    /** Why they are not a message, in words. */
    readonly reason: string;
  };
  /** A push that was dropped because the loop is slow and newer pushes came. */
  readonly dropped: {
    /** The push. */
    readonly push: ReceivedPush;
    /** Number of all pushes that were dropped so far. */
    readonly count: number;
  };
  /** A push that came before: the meter repeats it because no confirm of it arrived. The loop does not get it again. */
  readonly repeated: PushOrigin & {
    /** The push. */
    readonly push: ReceivedPush;
  };
  /** A meter asked for a confirm, and it was sent. */
  readonly confirmed: PushOrigin & {
    /** The push. */
    readonly push: ReceivedPush;
  };
  /** A meter asked for a confirm that could not be sent: it will repeat the push. */
  readonly unconfirmed: PushOrigin & {
    /** The push. */
    readonly push: ReceivedPush;
    /** Why no confirm could be sent. */
    readonly error: CosemError;
  };
  /** The setting of a serial port is being searched for. */
  readonly setting: PushOrigin & {
    /** The setting. */
    readonly format: PortFormat;
    /** True when messages come at it; false when it is only tried. */
    readonly found: boolean;
    /** The same in words. */
    readonly text: string;
  };
  /** A TCP or UDP peer has gone, or was closed after a long silence. */
  readonly gone: PushOrigin & {
    /** Why, where it did not just close. */
    readonly error: Error | undefined;
  };
  /** A port was lost, such as a serial adapter that was pulled out. It is opened again unless `reconnect` is off. */
  readonly lost: PushOrigin & {
    /** Why it was lost. */
    readonly error: Error;
  };
  /** A port that was lost is open again. */
  readonly resumed: PushOrigin & {
    /** For how many milliseconds it was lost. */
    readonly lost: Millis;
    /** How often it was tried. */
    readonly attempts: number;
  };
  /** The stream has ended; nothing follows. */
  readonly closed: {
    /** Why, unless `close` or the loop ended it: an error, or the reason of the signal. */
    readonly error?: unknown;
  };
}

/** How much has come so far. */
export interface PushCounts {
  /** Pushes that were accepted. */
  readonly pushes: number;
  /** Complete messages that were refused. */
  readonly refused: number;
  /** Messages of which parts are missing. */
  readonly incomplete: number;
  /** Times that octets were discarded. */
  readonly discarded: number;
  /** Pushes that were dropped because the loop is slow. */
  readonly dropped: number;
  /** Pushes that came before, which meters repeated. */
  readonly repeated: number;
  /** Confirms that were sent. */
  readonly confirmed: number;
  /** Confirms that could not be sent. */
  readonly unconfirmed: number;
}

/** A place where a stream listens. */
export type PushPlace =
  | {
      /** A network port. */
      readonly protocol: 'tcp' | 'udp';
      /** Address that was bound. */
      readonly host: string;
      /** Port that was bound; when 0 was asked for, the one that was picked. */
      readonly port: number;
    }
  | {
      /** A serial port. */
      readonly protocol: 'serial';
      /** Its path, as it was given. */
      readonly path: string;
      /** Its name with speed and format. */
      readonly name: string;
    }
  | {
      /** A transport that the caller made. */
      readonly protocol: 'line';
      /** Its name. */
      readonly name: string;
    };

/** What a {@link PushStream} is made of. */
export interface PushStreamParts {
  readonly most: number;
  readonly signal: AbortSignal | undefined;
  /** Whether a push counts as taken when the next one is asked for. */
  readonly takenByNext?: boolean;
  /** Opens the lines, and resolves when they are open. */
  readonly start: (stream: PushSink) => Promise<readonly PushPlace[]>;
  /** Closes all lines. Incomplete messages are reported before it resolves. */
  readonly stop: () => Promise<void>;
}

/** A push that is not read yet, and the octets of its message. */
interface Waiting {
  readonly push: ReceivedPush;
  readonly size: number;
  readonly asked: Asked | undefined;
}

/** The most octets of the messages whose pushes wait. */
const HEAVIEST = 4 * 1024 * 1024;

/** Where lines put what comes. */
export interface PushSink {
  /** @param size octets of its message. @param asked the confirm that its meter asked for. */
  push(push: ReceivedPush, size: number, asked?: Asked): void;
  tell<K extends keyof PushStreamEvents>(name: K, event: PushStreamEvents[K]): void;
  /** Ends the stream with an error. */
  fail(error: unknown): void;
}

/**
 * The pushes of meters, as they come: for one `for await` loop. Leaving the loop, `close()` and the signal close all ports. What is not a push is
 * reported by {@link PushStream.on} and counted, so that nothing is lost silently.
 *
 * @example
 * ```ts
 * const pushes = listenPushes({ tcp: 4059, keys: { ek, ak } });
 * pushes.on('refused', ({ from, error }) => console.warn(from, error.message));
 * for await (const push of pushes) console.log(push.sender, push.readings.map(({ text }) => text));
 * ```
 */
export class PushStream implements AsyncIterableIterator<ReceivedPush>, AsyncDisposable {
  /**
   * Resolves when all ports are open, with the places where they listen (including the port that was picked for 0). When a port cannot be
   * opened it rejects with the error that the loop throws.
   */
  readonly listening: Promise<readonly PushPlace[]>;
  readonly #parts: PushStreamParts;
  readonly #stream: Stream<Waiting>;
  readonly #listeners = new Listeners<PushStreamEvents>();
  readonly #counts: { -readonly [K in keyof PushCounts]: number } = {
    ...{ pushes: 0, refused: 0, incomplete: 0, discarded: 0, dropped: 0 },
    ...{ repeated: 0, confirmed: 0, unconfirmed: 0 },
  };
  /** Confirms of the pushes that the loop has and may still be working on. */
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
    // A caller that only uses the loop gets the error there.
    this.listening.catch((error: unknown) => this.#close(error));
  }

  /** How much has come so far. */
  get counts(): PushCounts {
    return { ...this.#counts };
  }

  /**
   * Calls `listener` with each event of this name. Add listeners right after the call that returned this stream: nothing was reported before.
   * @returns a function that removes the listener.
   */
  on<K extends keyof PushStreamEvents>(name: K, listener: (event: PushStreamEvents[K]) => void): () => void {
    return this.#listeners.on(name, listener);
  }

  /** The next push. @throws LinkError when a port cannot be opened, or was lost and `reconnect` is off; the reason of the signal. */
  async next(): Promise<IteratorResult<ReceivedPush>> {
    for (const asked of this.#had.splice(0)) asked.taken();
    const step = await awaited(this.#stream.next());
    if (step.done === true) return step;
    const { push, asked } = step.value;
    if (asked !== undefined && this.#parts.takenByNext !== false) this.#had.push(asked);
    return { done: false, value: push };
  }

  /** Ends the stream, as leaving the loop does. All ports are closed when it resolves. */
  async return(): Promise<IteratorResult<ReceivedPush>> {
    await this.#stream.return();
    return { done: true, value: undefined };
  }

  /** Closes all ports. The loop ends after the pushes that still wait. Never throws. */
  close(): Promise<void> {
    return this.#close();
  }

  /** For `await using`: closes all ports. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** For `for await`: the stream itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  async #start(): Promise<readonly PushPlace[]> {
    this.#parts.signal?.throwIfAborted();
    // Let the caller add listeners first.
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
    // Let the caller store the promise of closing first.
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

/** Adds to a push where it came from, and its text for people. @param asked is told when the push was taken. */
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
      gateway: push.gateway === undefined ? null : gatewayText(push.gateway),
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
