import { type Clock, type Millis, systemClock } from '../base/clock.js';
import { AccessError, AssociationError, LinkError, SecurityError, StateError, TimeoutError } from '../base/errors.js';
import { parseLogicalName } from '../base/obis.js';
import type { Remark } from '../base/remark.js';
import type { Data } from '../codec/data.js';
import { clientObject } from '../cosem/class.js';
import { DataClass } from '../cosem/classes/storage.js';
import type { Link, LinkEvent } from '../link/link.js';
import { ClientSession } from '../session/client-session.js';
import { ListTrust } from '../session/list-trust.js';
import { ClientDriver, type PayloadEvent } from '../transport/driver.js';
import type { Transport } from '../transport/transport.js';
import { Connection, type Established } from './connection.js';
import { HeldTransport } from './held-transport.js';
import { Meter } from './meter.js';
import { MeterCache } from './meter-cache.js';
import {
  type CounterStore,
  type CryptoProvider,
  counterEntryOf,
  type Framing,
  type OpenOptions,
  type SecurityOptions,
  sessionConfig,
} from './options.js';

/** Addresses and limits of a data link. */
export type LinkOptions = Pick<
  OpenOptions,
  | 'serverLower'
  | 'addressSize'
  | 'maxInfo'
  | 'window'
  | 'octetTime'
  | 'maxBaud'
  | 'hdlcBaud'
  | 'signOnBaud'
  | 'deviceAddress'
  | 'wakeUp'
  | 'turnaround'
  | 'interFrameDelay'
  | 'retries'
  | 'responseTimeout'
  | 'patience'
> & {
  readonly client: number;
  readonly server: number;
  /** Mode E: the speed agreed before the line broke; HDLC goes on there without sign-on. */
  readonly continueAt?: number;
};

/** What the entries put in: the client room sees of links and of cryptography their contracts only. */
export interface Platform {
  readonly links: Readonly<Record<Framing, (options: LinkOptions) => Link>>;
  readonly crypto: CryptoProvider;
  /** Counters that last as long as the process. */
  readonly memoryCounters: () => CounterStore;
}

const PUBLIC_CLIENT = 16;
/** The next counter of a key that a store knows nothing of. */
const FIRST_COUNTER = 1;
/** How long a lost meter is tried anew unless told. */
const PATIENCE: Millis = 60_000;
/** How long connecting may take in all, beside what patience adds. */
const CONNECT_LIMIT: Millis = 300_000;
/** Security options with a counter store, whoever brought it. */
type Counted = SecurityOptions & { readonly counters: CounterStore };

/**
 * Opens an association with a meter over a transport: connects the data link, associates, authenticates. When anything fails,
 * everything that was opened is closed again before the error comes. When the line breaks later, the session goes on over a new one (see
 * {@link OpenOptions.patience}).
 * @throws LinkError when there is no line, or the meter refuses the data link; TimeoutError when nobody answers; AssociationError when
 * the meter refuses the association or cannot prove itself; SecurityError when keys are wrong; StateError when the options do not fit.
 */
export async function openOn(platform: Platform, transport: Transport, options: OpenOptions): Promise<Meter> {
  const { signal, security, clock = systemClock } = options;
  signal?.throwIfAborted();
  const crypto = options.crypto ?? platform.crypto;
  const counters =
    security?.counters ?? (security?.readInvocationCounter === undefined ? undefined : platform.memoryCounters());
  // Whatever is wrong with the options is told before anything is sent.
  sessionConfig(options, crypto, counters);
  const line = new HeldTransport(transport);
  const opener = new Opener(platform, crypto, line, options, counters);
  const letGo = async () => {
    line.letGo();
    await line.close();
  };
  let first: Established;
  try {
    first = await opener.open(signal);
  } catch (error) {
    await letGo();
    throw error;
  }
  const connection = new Connection({
    first,
    again: (attempt, stop) => opener.again(attempt, stop),
    letGo,
    clock,
    patience: options.patience ?? PATIENCE,
    onLoss: options.onLoss,
    onResume: options.onResume,
  });
  const release = options.release ?? isWrapper(options);
  const cache = options.cache && new MeterCache(options.cache, clock, options.client ?? PUBLIC_CLIENT);
  return new Meter({ connection, release, deviation: options.deviation, signal, cache, onRemark: options.onRemark });
}

function isWrapper({ framing = 'hdlc' }: OpenOptions): boolean {
  return framing.startsWith('wrapper');
}

/** Connects and associates over a line that is held, as often as it must be. */
class Opener {
  readonly #platform: Platform;
  readonly #crypto: CryptoProvider;
  readonly #line: HeldTransport;
  readonly #options: OpenOptions;
  readonly #counters: CounterStore | undefined;
  /** What one association finds out about lists, the next knows. */
  readonly trust = new ListTrust();
  /** Mode E: the speed agreed last, and whether the next link goes on at it. */
  #agreed: number | undefined;
  #continues = false;
  readonly #remarked = new Set<string>();
  /** Whether the data link was up that was tried last. */
  #linked = false;

  constructor(
    platform: Platform,
    crypto: CryptoProvider,
    line: HeldTransport,
    options: OpenOptions,
    counters: CounterStore | undefined,
  ) {
    this.#platform = platform;
    this.#crypto = crypto;
    this.#line = line;
    this.#options = options;
    this.#counters = counters;
  }

  async open(signal: AbortSignal | undefined): Promise<Established> {
    const { security } = this.#options;
    const counters = this.#counters;
    if (security?.readInvocationCounter === undefined || counters === undefined) {
      return this.#establish(this.#options, counters, signal);
    }
    const entry = counterEntryOf(this.#crypto, security);
    let refusal: unknown;
    if (security.trustCounters === true && counters.peek(entry) > FIRST_COUNTER) {
      try {
        return await this.#establish(this.#options, counters, signal);
      } catch (error) {
        // Some meters keep silent over a counter that they do not take.
        if (!mayBeStale(error) && !(this.#linked && isSilence(error))) throw error;
        refusal = error;
      }
    }
    const tried = counters.peek(entry);
    try {
      await this.#raiseCounter({ ...security, counters }, signal);
    } catch (error) {
      throw refusal ?? error;
    }
    // Ours was above: it was something else that the meter did not like.
    if (refusal !== undefined && counters.peek(entry) === tried) throw refusal;
    return this.#establish(this.#options, counters, signal);
  }

  /**
   * A line that only the meter has left is tried as it is first; where it changes its speed, or is a connection, it is made anew. In mode E
   * the meter stands at the speed agreed until it finds that nobody speaks, then waits for the sign-on: both are tried in turn.
   */
  async again(attempt: number, signal: AbortSignal): Promise<Established> {
    const { framing = 'hdlc' } = this.#options;
    if (attempt > 1 || framing !== 'hdlc') await this.#line.renew();
    this.#continues = attempt % 2 === 1;
    return this.open(signal);
  }

  /** What a link has to remark comes with every frame: once is enough. */
  #remark(remark: Remark): void {
    if (this.#remarked.has(remark.code)) return;
    this.#remarked.add(remark.code);
    this.#options.onRemark?.(remark);
  }

  /** Reads the counter that the meter publishes, as the public client, and goes above it. */
  async #raiseCounter(security: Counted, signal: AbortSignal | undefined): Promise<void> {
    const { publicClient = PUBLIC_CLIENT, readInvocationCounter } = security;
    const object = clientObject(DataClass, parseLogicalName(readInvocationCounter as string));
    const options = asPublic(this.#options, publicClient);
    const established = await this.#establish(options, undefined, signal);
    const meter = new Meter({
      connection: withoutPatience(established, options.clock),
      release: options.release ?? isWrapper(options),
      deviation: undefined,
      signal,
    });
    let value: Data;
    try {
      value = await meter.get(object.value);
    } finally {
      await meter.close();
    }
    if (value.type !== 'double-long-unsigned' && value.type !== 'long64-unsigned') {
      throw new StateError(`${object.self.logicalName} holds a ${value.type}, which is no invocation counter`, {
        hint: 'in India it is 0.0.43.1.2.255 for client 32 and 0.0.43.1.3.255 for client 48',
      });
    }
    // Some meters publish the last counter they took, some the next they take: one above is right for both.
    security.counters.raise(counterEntryOf(this.#crypto, security), Number(value.value) + 1);
  }

  async #establish(
    options: OpenOptions,
    counters: CounterStore | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Established> {
    const { client = PUBLIC_CLIENT, server = 1, framing = 'hdlc', onNotification, trace } = options;
    signal?.throwIfAborted();
    const session = new ClientSession({ ...sessionConfig(options, this.#crypto, counters), lists: this.trust });
    const makeLink = this.#platform.links[framing] as ((options: LinkOptions) => Link) | undefined;
    if (makeLink === undefined) throw new StateError(`there is no framing '${framing}'`, { hint: 'hdlc or wrapper' });
    const continueAt = this.#continues ? this.#agreed : undefined;
    this.#continues = false;
    const link = makeLink({ ...options, client, server, ...(continueAt === undefined ? {} : { continueAt }) });
    const clock = options.clock ?? systemClock;
    const driver = new ClientDriver(this.#line, link, clock, {
      ...(options.responseTimeout === undefined ? {} : { responseTimeout: options.responseTimeout }),
      ...(options.echo === undefined ? {} : { echo: options.echo }),
      ...(options.exchangeLimit === undefined ? {} : { exchangeLimit: options.exchangeLimit }),
      connectLimit: (options.exchangeLimit ?? CONNECT_LIMIT) + (options.patience ?? PATIENCE),
      ...(trace === undefined ? {} : { trace: (entry) => trace({ type: 'octets', ...entry }) }),
      onLinkEvent: (event: LinkEvent, now) => {
        if (event.type === 'closed') session.disconnected();
        if (event.type === 'payload' && event.remark !== undefined) this.#remark(event.remark);
        if (event.type === 'reconfigure' && event.format === '8N1') this.#agreed = event.baud;
        if (trace !== undefined) trace({ type: 'link', event, now });
      },
      onUnsolicited: (payload: PayloadEvent) => takeNotification(session, payload, options, clock),
    });
    session.onNotification = onNotification;
    const stop = () => void driver.close();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      this.#linked = false;
      await driver.connect();
      this.#linked = true;
      await driver.run(session.associate());
      signal?.throwIfAborted();
      return { driver, session };
    } catch (error) {
      await driver.close();
      throw signal?.aborted === true ? signal.reason : error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }
}

/** Whether a meter may have answered so because the invocation counter was below the one that it takes. */
function mayBeStale(error: unknown): boolean {
  return error instanceof AssociationError || error instanceof AccessError || error instanceof SecurityError;
}

function isSilence(error: unknown): boolean {
  return error instanceof TimeoutError || error instanceof LinkError;
}

/** One that ends with its line. */
function withoutPatience(first: Established, clock = systemClock): Connection {
  return new Connection({
    first,
    again: () => Promise.reject(new StateError('this connection is not made anew')),
    letGo: () => Promise.resolve(),
    clock,
    patience: 0,
    onLoss: undefined,
    onResume: undefined,
  });
}

/** The same line and link, but the public client and nothing secret. */
export function asPublic(options: OpenOptions, client: number): OpenOptions {
  const {
    security: _security,
    password: _password,
    secret: _secret,
    authentication: _authentication,
    conformance: _conformance,
    userId: _userId,
    preEstablished: _preEstablished,
    onNotification: _onNotification,
    cache: _cache,
    ...rest
  } = options;
  return { ...rest, client };
}

/** Whether a payload was a notification, right or wrong. */
function takeNotification(
  session: ClientSession,
  { bytes }: PayloadEvent,
  options: OpenOptions,
  clock: Clock,
): boolean {
  try {
    const notification = session.unsolicited(bytes);
    if (notification === undefined) return false;
    options.onNotification?.(notification);
  } catch (error) {
    options.trace?.({ type: 'refused', bytes, error: error as Error, now: clock.now() });
  }
  return true;
}
