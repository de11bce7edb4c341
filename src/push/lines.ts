import type { Backoff } from '../base/backoff.js';
import type { Clock, Millis } from '../base/clock.js';
import { systemClock } from '../base/clock.js';
import { LinkError, StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import { uncaught } from '../base/listeners.js';
import { attempted } from '../client/attempts.js';
import { isPromise } from '../client/later.js';
import { pausesOf } from '../client/reconnect.js';
import type { Reconnect } from '../client/reconnect-options.js';
import type { Awaitable } from '../contracts/awaitable.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { AsyncReplayGuard } from '../contracts/replay-guard.js';
import type { Transport } from '../contracts/transport.js';
import { MemoryReplayGuard } from '../security/replay.js';
import type { PushKeys } from '../session/push-faults.js';
import { AskedKeys } from './asked-keys.js';
import { type Asked, type ConfirmLine, type ConfirmOptions, Confirms } from './confirms.js';
import { KeyedReader, KeyedReceiver } from './keyed-receiver.js';
import { type LineEvents, listenOn } from './listened-line.js';
import type { PortSearch } from './port-search.js';
import { type PushOrigin, type PushSink, received } from './push-stream.js';
import type { PushEvent, PushReceiverConfig } from './receiver.js';

/** How pushes are received, on any kind of line. */
export interface PushOptions extends Pick<PushReceiverConfig, 'sheets' | 'companion'> {
  /** One set of keys for every sender. */
  readonly keys?: PushKeys | undefined;
  /**
   * Gives the keys of the meter with this system title (8 octets), at once or later; undefined when it does not know the meter, for which
   * `keys` are then used. Where it answers later it is asked at most 16 questions at a time, and not again for a minute about a title that it
   * does not know.
   */
  readonly keysOf?: (systemTitle: Uint8Array) => Awaitable<PushKeys | undefined>;
  /** Remembers which counters were accepted, so that a recorded push is refused when it comes again. By default in memory, for this stream. */
  readonly counters?: AsyncReplayGuard;
  /**
   * Accepts pushes that are not authenticated when they open with the encryption key, marked `authenticated: false`: those without a tag, and
   * those whose tag cannot be checked because there is no authentication key. Default off.
   */
  readonly acceptUnauthenticated?: boolean;
  /** Refuses pushes whose form deviates from the standard, with an error that names the deviation. Default off. */
  readonly strict?: boolean;
  /**
   * The most pushes that wait for a slow loop (also at most 4 MiB of them). With more, the oldest is dropped, counted and reported as
   * `dropped`. Default 10 000.
   */
  readonly waiting?: number;
  /** Whether a port that is lost is opened again, with pauses. Default true. With false the loop ends with the error. */
  readonly reconnect?: boolean | Reconnect;
  /** Ends listening: all ports are closed, and the loop throws the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /** Cryptography; by default that of the platform. */
  readonly crypto?: CryptoProvider;
  /** The clock; by default that of the system. */
  readonly clock?: Clock;
}

/** The names of {@link PushOptions}. */
export const PUSH_OPTIONS = {
  keys: true,
  keysOf: true,
  counters: true,
  sheets: true,
  companion: true,
  acceptUnauthenticated: true,
  strict: true,
  waiting: true,
  reconnect: true,
  signal: true,
  crypto: true,
  clock: true,
} as const;

/** A silence so long ends a message on a serial port: far longer than gaps within frames, far shorter than the pause between pushes. */
export const SERIAL_SILENCE: Millis = 500;
/** The same on a network, where lost packets are sent again and may come late. */
export const NETWORK_SILENCE: Millis = 10_000;
const MOST_PUSHES = 10_000;

/**
 * The most pushes that wait.
 * @throws StateError when it is not a whole number above 0.
 */
export function mostWaiting({ waiting = MOST_PUSHES }: PushOptions): number {
  if (Number.isInteger(waiting) && waiting > 0) return waiting;
  throw new StateError(`'waiting' is ${waiting}, but must be a whole number of pushes, 1 or more`, {
    hint: `leave 'waiting' out for ${MOST_PUSHES}`,
  });
}

/** A port that is opened again when it is lost. */
export interface Port {
  readonly first: Transport;
  /** Makes another transport for the same port; undefined where that is not possible. */
  readonly again: (() => Transport) | undefined;
  readonly silence: Millis;
  readonly search?: PortSearch | undefined;
}

/** All lines of one stream: they share keys and counters, and end together. */
export class Lines {
  readonly clock: Clock;
  readonly #sink: PushSink;
  readonly #reader: KeyedReader;
  readonly #keys: AskedKeys;
  readonly #backoff: Backoff | undefined;
  readonly #firstToo: boolean;
  readonly #crypto: CryptoProvider;
  readonly #confirms: Confirms | undefined;
  /** Peers, who may be answered: to ports nothing is sent. */
  readonly #peers = new WeakSet<Transport>();
  readonly #open = new Set<Transport>();
  readonly #receivers = new Map<KeyedReceiver, Transport>();
  readonly #stop = new AbortController();

  constructor(options: PushOptions, crypto: CryptoProvider, sink: PushSink, confirm?: ConfirmOptions) {
    const { keys, keysOf, counters = new MemoryReplayGuard(), reconnect = true } = options;
    this.clock = options.clock ?? systemClock;
    this.#sink = sink;
    this.#crypto = crypto;
    const { first = false, backoff = {} } = typeof reconnect === 'boolean' ? {} : reconnect;
    this.#firstToo = first;
    this.#backoff = reconnect === false ? undefined : backoff;
    const { sheets, companion, strict, acceptUnauthenticated } = options;
    this.#keys = new AskedKeys(keysOf ?? (() => undefined), this.clock);
    const asked = (title: Uint8Array) => this.#keys.of(title);
    const askKeys = keysOf === undefined ? () => keys : eachKeys(asked, keys);
    this.#confirms = confirm && new Confirms(confirm, this.#crypto, askKeys);
    this.#reader = new KeyedReader({
      crypto: this.#crypto,
      keysOf: askKeys,
      counters,
      ...given({ sheets, companion, strict, acceptUnauthenticated }),
    });
  }

  /** Whether `close` was called. */
  get stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Listens to a peer that has connected, until it goes. */
  peer(transport: Transport, mode: 'stream' | 'datagram'): void {
    if (this.stopped) {
      transport.close().catch(() => {});
      return;
    }
    const gone = (error: Error | undefined) => {
      this.#open.delete(transport);
      this.#sink.tell('gone', { ...this.#origin(transport), error });
    };
    this.#open.add(transport);
    this.#peers.add(transport);
    this.#listen({ first: transport, again: undefined, silence: NETWORK_SILENCE }, transport, mode, gone).catch(gone);
  }

  /**
   * Opens a port. When it is lost later it is opened again, as the options say.
   * @throws LinkError when it cannot be opened.
   */
  async port(port: Port): Promise<void> {
    try {
      await this.#openPort(port, port.first);
    } catch (error) {
      if (!this.#firstToo || port.again === undefined || !(error instanceof LinkError)) throw error;
      const opened = await this.#reopened(port, error);
      if (!opened) throw error;
    }
  }

  /** Closes all lines. Incomplete messages were reported when it resolves. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#confirms?.settled(this.clock);
    // Closing each line reports its incomplete messages.
    await Promise.all([...this.#open].map((transport) => transport.close().catch(() => {})));
    for (const [receiver, transport] of this.#receivers) {
      for (const event of receiver.abandon()) this.#event(event, transport);
    }
    this.#receivers.clear();
    this.#keys.stop();
  }

  async #openPort(port: Port, transport: Transport): Promise<void> {
    this.#open.add(transport);
    const lost = (error: Error | undefined) => {
      this.#open.delete(transport);
      if (this.stopped) return;
      const broken = error ?? new LinkError('transport', `${transport.name} was closed`);
      this.#sink.tell('lost', { ...this.#origin(transport), error: broken });
      this.#recover(port, broken).catch((failure: unknown) => this.#sink.fail(failure));
    };
    try {
      await this.#listen(port, transport, 'stream', lost);
    } catch (error) {
      this.#open.delete(transport);
      throw error;
    }
    // `close` was called while it was being opened.
    if (this.stopped) await transport.close();
  }

  async #recover(port: Port, error: Error): Promise<void> {
    const since = this.clock.now();
    const opened = await this.#reopened(port, error);
    if (opened === undefined) {
      if (!this.stopped) throw error;
      return;
    }
    this.#sink.tell('resumed', {
      ...this.#origin(opened.transport),
      lost: this.clock.now() - since,
      attempts: opened.attempts,
    });
  }

  /** Undefined where reconnecting is off or impossible, or was stopped. */
  async #reopened(
    port: Port,
    error: Error,
  ): Promise<{ readonly transport: Transport; readonly attempts: number } | undefined> {
    const { again } = port;
    const backoff = this.#backoff;
    if (again === undefined || backoff === undefined) return undefined;
    const outcome = await attempted(
      async () => {
        const transport = again();
        await this.#openPort(port, transport);
        return transport;
      },
      {
        clock: this.clock,
        patience: Number.POSITIVE_INFINITY,
        pause: pausesOf(backoff, this.#crypto),
        stop: this.#stop.signal,
        error,
      },
    );
    if ('value' in outcome) return { transport: outcome.value, attempts: outcome.attempts };
    if (outcome.final) throw outcome.failed;
    return undefined;
  }

  #listen(
    { silence, search }: Port,
    transport: Transport,
    mode: 'stream' | 'datagram',
    closed: (error: Error | undefined) => void,
  ): Promise<void> {
    let current: KeyedReceiver | undefined;
    // Messages whose keys are still to come are reported later.
    const retire = () => {
      const last = current;
      if (last !== undefined) last.settled().then(() => this.#receivers.delete(last), uncaught);
    };
    const events: LineEvents = {
      event: (event, from) => this.#event(event, from),
      note: (text, setting) => this.#sink.tell('setting', { ...this.#origin(transport), ...setting, text }),
      closed: (_, error) => {
        retire();
        closed(error);
      },
    };
    const receiver = (late: (event: PushEvent) => void) => {
      retire();
      const keyed = new KeyedReceiver(this.#reader, mode, late);
      current = keyed;
      this.#receivers.set(keyed, transport);
      return keyed;
    };
    return listenOn({ transport, receiver, silence, search, clock: this.clock }, events);
  }

  #event(event: PushEvent, transport: Transport): void {
    const origin = this.#origin(transport);
    if (event.type === 'push') this.#push(event, origin, transport);
    else if (event.type === 'refused') {
      this.#sink.tell('refused', { ...origin, framing: event.framing, error: event.error });
    } else if (event.type === 'incomplete') this.#sink.tell('incomplete', { ...origin, reason: event.reason });
    else this.#sink.tell('discarded', { ...origin, octets: event.octets, reason: event.reason });
  }

  #push({ push, size, confirm }: PushedEvent, origin: PushOrigin, transport: Transport): void {
    let asked: Asked | undefined;
    const told = received(push, origin, () => asked);
    if (confirm === undefined || this.#confirms === undefined || !this.#peers.has(transport)) {
      this.#sink.push(told, size);
      return;
    }
    const line: ConfirmLine = {
      write: (octets) => {
        if (!this.#open.has(transport)) throw new LinkError('transport', `${transport.name} is closed already`);
        transport.write(octets);
      },
      sent: () => this.#sink.tell('confirmed', { ...this.#origin(transport), push: told }),
      failed: (error) => this.#sink.tell('unconfirmed', { ...this.#origin(transport), push: told, error }),
    };
    asked = this.#confirms.asked(confirm, push.sender ?? placeOf(transport), line);
    if (asked === undefined) this.#sink.tell('repeated', { ...origin, push: told });
    else this.#sink.push(told, size, asked);
  }

  #origin({ name }: Transport): { readonly from: string; readonly at: Millis } {
    return { from: name, at: this.clock.now() };
  }
}

type PushedEvent = Extract<PushEvent, { type: 'push' }>;

/** Who calls nobody: the address, since a meter comes back from another port. */
function placeOf({ name }: Transport): string {
  return name.replace(/:\d+$/, '');
}

function eachKeys(
  keysOf: (systemTitle: Uint8Array) => Awaitable<PushKeys | undefined>,
  others: PushKeys | undefined,
): (systemTitle: Uint8Array) => Awaitable<PushKeys | undefined> {
  if (others === undefined) return keysOf;
  return (title) => {
    const keys = keysOf(title);
    return isPromise(keys) ? keys.then((found) => found ?? others) : (keys ?? others);
  };
}
