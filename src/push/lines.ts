import type { Backoff } from '../base/backoff.js';
import type { Clock, Millis } from '../base/clock.js';
import { systemClock } from '../base/clock.js';
import { LinkError, StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import { uncaught } from '../base/listeners.js';
import { attempted } from '../client/attempts.js';
import { pausesOf } from '../client/reconnect.js';
import type { Reconnect } from '../client/reconnect-options.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { Transport } from '../contracts/transport.js';
import { MemoryReplayGuard } from '../security/replay.js';
import type { PushKeys } from '../session/push-faults.js';
import { type Asked, type ConfirmLine, type ConfirmOptions, Confirms } from './confirms.js';
import { type Awaitable, KeyedReader, KeyedReceiver, type PushCounters } from './keyed-receiver.js';
import { type LineEvents, listenOn } from './listened-line.js';
import type { PortSearch } from './port-search.js';
import { type PushOrigin, type PushSink, received } from './push-stream.js';
import type { PushEvent, PushReceiverConfig } from './receiver.js';

/** How pushes are received, on whatever line. */
export interface PushOptions extends Pick<PushReceiverConfig, 'sheets' | 'companion'> {
  /** The keys of every sender. */
  readonly keys?: PushKeys | undefined;
  /**
   * The keys of the meter with this system title (8 octets), at once or later; undefined when it is not known. In place of `keys`, or for
   * those it does not know.
   */
  readonly keysOf?: (systemTitle: Uint8Array) => Awaitable<PushKeys | undefined>;
  /** Remembers which counters were passed, so that a recorded push is refused when it comes again; as long as this lasts unless given. */
  readonly counters?: PushCounters;
  /**
   * Takes pushes that nothing proves when they open with the encryption key, marked `authenticated: false`: those without a tag, and those
   * whose tag cannot be checked for want of an authentication key. Off unless asked for.
   */
  readonly acceptUnauthenticated?: boolean;
  /** Refuses by name what deviates from the standard in its form. */
  readonly strict?: boolean;
  /**
   * So many pushes wait at most for a loop that is slow, and pushes of 4 MiB together; then the oldest goes, is counted and told (`dropped`).
   * 10 000 unless told.
   */
  readonly waiting?: number;
  /** A port that is lost is opened again, with pauses; true unless told. With false the loop ends with the error. */
  readonly reconnect?: boolean | Reconnect;
  /** Ends it: all ports are closed, and the loop throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly crypto?: CryptoProvider;
  /** The system's unless told. */
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

/** Silence that ends what has begun on a serial port: far longer than gaps in frames, far shorter than the pause between pushes. */
export const SERIAL_SILENCE: Millis = 500;
/** On a network what is lost is sent again. */
export const NETWORK_SILENCE: Millis = 10_000;
const MOST_PUSHES = 10_000;

/**
 * So many pushes wait at most.
 * @throws StateError when it cannot be so.
 */
export function mostWaiting({ waiting = MOST_PUSHES }: PushOptions): number {
  if (Number.isInteger(waiting) && waiting > 0) return waiting;
  throw new StateError(`${waiting} pushes cannot wait: it is a whole number from 1 on`, {
    hint: `leave 'waiting' out for ${MOST_PUSHES}`,
  });
}

/** A port that is opened again when it is lost. */
export interface Port {
  readonly first: Transport;
  /** Another transport of the same port; undefined where there is none. */
  readonly again: (() => Transport) | undefined;
  readonly silence: Millis;
  readonly search?: PortSearch | undefined;
}

/** All lines of one stream: they share keys, counters and their end. */
export class Lines {
  readonly clock: Clock;
  readonly #sink: PushSink;
  readonly #reader: KeyedReader;
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
    const askKeys = keysOf === undefined ? () => keys : eachKeys(keysOf, keys);
    this.#confirms = confirm && new Confirms(confirm, this.#crypto, askKeys);
    this.#reader = new KeyedReader({
      crypto: this.#crypto,
      keysOf: askKeys,
      counters,
      ...given({ sheets, companion, strict, acceptUnauthenticated }),
    });
  }

  /** Whether it is over. */
  get stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Listens to a peer that came by itself, as long as it is there. */
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
   * Opens a port and holds it: when it is lost it is opened again, as the policy says.
   * @throws LinkError when it is not to be had.
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

  /** Closes all lines. What they had begun is told by then. */
  async close(): Promise<void> {
    this.#stop.abort();
    // Each by itself, so that what it left incomplete is told before all is over.
    await Promise.all([...this.#open].map((transport) => transport.close().catch(() => {})));
    for (const [receiver, transport] of this.#receivers) {
      for (const event of receiver.abandon()) this.#event(event, transport);
    }
    this.#receivers.clear();
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
    // It was told to end while it was being opened.
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

  /** Undefined where it is not tried, or was stopped. */
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
    // Those whose keys are still to come are told then.
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
    return keys instanceof Promise ? keys.then((found) => found ?? others) : (keys ?? others);
  };
}
