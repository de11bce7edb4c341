import { conformanceBits } from '../apdu/conformance.js';
import { onAbort } from '../base/abort.js';
import { type Clock, type Millis, systemClock } from '../base/clock.js';
import { type AccessError, StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import { Listeners } from '../base/listeners.js';
import { parseLogicalName } from '../base/obis.js';
import type { Remark } from '../base/remark.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { Framing, Link, LinkEvent } from '../contracts/link.js';
import type { Transport } from '../contracts/transport.js';
import { provesMeter } from '../session/client-association.js';
import { CLIENT_CONFORMANCE } from '../session/client-config.js';
import { ClientSession } from '../session/client-session.js';
import { ListTrust } from '../session/list-trust.js';
import { ClientDriver } from '../transport/driver.js';
import { AheadCounters, countersOf } from './ahead-counters.js';
import { type AheadReceived, receivedOf } from './ahead-received.js';
import { withCaller } from './caller.js';
import { Connection, type Established } from './connection.js';
import { AttemptCounters, counterLimit, counterStepRefusal, readyOf } from './counters.js';
import { HeldTransport } from './held-transport.js';
import { untilAborted } from './later.js';
import { Meter } from './meter.js';
import { MeterCache } from './meter-cache.js';
import type { MeterEvents } from './meter-events.js';
import { type MeterTelemetry, telemetryOf } from './meter-telemetry.js';
import { MeterServices, MeterWays, whoIs } from './meter-ways.js';
import { isAbsence, isSilence, mayBeStale, refusedForCounter } from './open-refusals.js';
import { counterEntryOf, type OpenOptions, type SecurityOptions, sessionConfig } from './options.js';
import { readPublishedCounter } from './published-counter.js';
import { firstOpened, hdlcKeepAlive, PATIENCE, pausesOf, reconnectPolicy, refusalPatience } from './reconnect.js';
import { takeNotification } from './take-notification.js';

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
  | 'acknowledgeByAnswer'
  | 'retries'
  | 'responseTimeout'
  | 'patience'
> & {
  /** HDLC: after this much silence the link is checked by RR; 0 for never. */
  readonly keepAlive?: Millis;
  readonly client: number;
  readonly server: number;
  /** Mode E: the speed agreed before the line broke; HDLC continues at it without a sign-on. */
  readonly continueAt?: number;
  /** Mode E: the line cannot change its speed, for example behind a serial server or a modem. */
  readonly fixedLine?: boolean;
};

/** The code of a framing is loaded when a line has it: a program that reads meters has most often one of them. */
export type LoadedLinks = Readonly<Record<Framing, () => Promise<(options: LinkOptions) => Link>>>;

/** Links and cryptography, provided by the entries: the client room only knows their contracts. */
export interface Platform {
  readonly links: LoadedLinks;
  /** Cryptography where the options name none. */
  readonly crypto: () => Promise<CryptoProvider>;
  /** Counters that last as long as the process. */
  readonly memoryCounters: () => CounterStore;
}

const PUBLIC_CLIENT = 16;
/** The first counter of a key that a store does not know. */
const FIRST_COUNTER = 1;
/** How long to wait for an object that may not exist. */
const GUESS_TIMEOUT: Millis = 3000;
/** How long connecting may take in total, without the patience. */
const CONNECT_LIMIT: Millis = 300_000;
/** Security options with a counter store, either the caller's or one in memory. */
type Counted = SecurityOptions & { readonly counters: CounterStore };

/**
 * Opens an association with a meter over a transport: connects the data link, associates, authenticates. When anything fails, everything
 * that was opened is closed before the error is thrown. When the line breaks later, the session continues over a new one (see {@link
 * OpenOptions.patience}).
 * @throws LinkError when there is no line, or the meter refuses the data link; TimeoutError when nobody answers; AssociationError when the
 * meter refuses the association or cannot prove itself; SecurityError when keys are wrong; StateError when the options do not fit.
 */
export async function openOn(platform: Platform, transport: Transport, options: OpenOptions): Promise<Meter> {
  const telemetry = telemetryOf(transport.name, options);
  try {
    const meter = await openMeter(platform, transport, telemetry?.hearing(options) ?? options, telemetry);
    telemetry?.opened();
    return meter;
  } catch (error) {
    telemetry?.notOpened(error);
    throw withCaller(error);
  }
}

async function openMeter(
  platform: Platform,
  transport: Transport,
  given: OpenOptions,
  telemetry: MeterTelemetry | undefined,
): Promise<Meter> {
  const events = new Listeners<MeterEvents>();
  telemetry?.listen(events);
  const options: OpenOptions = {
    ...given,
    onNotification: (notification) => {
      given.onNotification?.(notification);
      events.emit('notification', notification);
    },
  };
  const { signal, security, clock = systemClock, patience = PATIENCE } = options;
  signal?.throwIfAborted();
  const policy = reconnectPolicy(options);
  const crypto = options.crypto ?? (await platform.crypto());
  const counters =
    (security && countersOf(security, crypto)) ??
    (security?.readInvocationCounter === undefined ? undefined : platform.memoryCounters());
  // Errors in the options are thrown before anything is sent.
  sessionConfig(options, crypto, counters);
  const line = new HeldTransport(transport);
  const trust = new ListTrust();
  const services = servicesOf(transport.name, trust, options, clock);
  const opener = new Opener(platform, crypto, line, options, counters, trust, services);
  const letGo = async () => {
    line.letGo();
    await line.close();
    await opener.received?.settled();
  };
  const known = await services.recall();
  let first: Established;
  try {
    first = await firstOpened(opener, services, policy, { clock, patience, signal, crypto });
  } catch (error) {
    await letGo();
    throw error;
  }
  const connection = new Connection({
    first,
    again: (attempt, stop, lost) => opener.again(attempt, stop, lost),
    letGo,
    clock,
    patience,
    ...(policy.backoff === undefined ? {} : { pause: pausesOf(policy.backoff, crypto) }),
    background: policy.background,
    probe: isWrapper(options) && options.keepAlive ? { after: options.keepAlive } : undefined,
    onResume: (resumption) => events.emit('resumed', resumption),
    onLost: (error, since) => events.emit('lost', { error, since, patience }),
    onOver: (error) => {
      events.emit('closed', { error });
      events.end();
    },
    services,
  });
  const release = options.release ?? isWrapper(options);
  const cache = options.cache && new MeterCache(options.cache, clock, options.client ?? PUBLIC_CLIENT);
  const { deviation, onRemark } = options;
  const meter = new Meter({ connection, events, telemetry, release, deviation, signal, cache, onRemark, services });
  try {
    // Between the last answer and this meter nobody was told of an abort.
    signal?.throwIfAborted();
    // What an earlier visit found out only applies to that meter.
    if (known !== undefined && known.who !== (await whoIs(meter)) && services.forget()) await connection.reopen();
  } catch (error) {
    await meter.close();
    throw error;
  }
  return meter;
}

/** The handling of services that the meter at this place does not carry out. */
function servicesOf(line: string, trust: ListTrust, options: OpenOptions, clock: Clock): MeterServices {
  const { server = 1, client = PUBLIC_CLIENT, serverLower = '', preEstablished, onRemark } = options;
  const place = `${line}/${server}/${serverLower}/${client}`;
  const ways = options.cache && new MeterWays(options.cache, clock, place);
  const proposed = preEstablished === undefined ? (options.conformance ?? CLIENT_CONFORMANCE) : 0;
  return new MeterServices({ trust, proposed, ways, onRemark });
}

function isWrapper({ framing = 'hdlc' }: OpenOptions): boolean {
  return framing.startsWith('wrapper');
}

/** Connects and associates over a held line, as often as necessary. */
class Opener {
  readonly #platform: Platform;
  readonly #crypto: CryptoProvider;
  readonly #line: HeldTransport;
  readonly #options: OpenOptions;
  readonly #counters: CounterStore | undefined;
  /** The counters received from the meter while it is open, if the store does not keep them. */
  readonly received: AheadReceived | undefined;
  /** What one association learns about lists, for the next one. */
  readonly #trust: ListTrust;
  readonly #services: MeterServices;
  /** Mode E: the last agreed speed, and whether the next link continues at it. */
  #agreed: number | undefined;
  #continues = false;
  readonly #remarked = new Set<string>();
  /** The highest invocation counter that we adopt while this meter is open. */
  #limit: number | undefined;
  /** The first counter that was used, where the published one was read before. */
  #looked: number | undefined;
  /** Whether the last attempt brought the data link up. */
  #linked = false;

  constructor(
    platform: Platform,
    crypto: CryptoProvider,
    line: HeldTransport,
    options: OpenOptions,
    counters: CounterStore | undefined,
    trust: ListTrust,
    services: MeterServices,
  ) {
    this.#trust = trust;
    this.#services = services;
    this.#platform = platform;
    this.#crypto = crypto;
    this.#line = line;
    this.#options = options;
    this.#counters = counters;
    const { security } = options;
    this.received = security && receivedOf(security, crypto, platform.memoryCounters);
  }

  /** @param lost why the previous association was lost: the meter may have named a counter. */
  async open(signal: AbortSignal | undefined, lost?: unknown): Promise<Established> {
    this.#looked = undefined;
    try {
      return await this.#open(signal, lost);
    } catch (error) {
      // The published counter was read before: there may be none, or that of another client.
      const named = refusedForCounter(error) ? (error as Partial<AccessError>).invocationCounter : undefined;
      if (this.#looked === undefined || named === undefined || named < this.#looked) throw error;
      return await this.#open(signal, error);
    }
  }

  async #open(signal: AbortSignal | undefined, lost: unknown): Promise<Established> {
    const { security } = this.#options;
    const counters = this.#counters;
    if (security === undefined || counters === undefined) return this.#establish(this.#options, counters, signal);
    const entry = counterEntryOf(this.#crypto, security);
    if (counters instanceof AheadCounters) await untilAborted(counters.look(), signal);
    // All steps are counted from here, so that a meter that refuses again and again cannot pull the counter along.
    this.#limit ??= counterLimit(counters.peek(entry), security.counterStep);
    const published = security.readInvocationCounter !== undefined;
    const trusted = security.trustCounters === true && counters.peek(entry) > FIRST_COUNTER;
    let refusal = refusedForCounter(lost) ? lost : undefined;
    // What was sent before an association was lost is unknown here: another process may have used the store since.
    let tried = 0;
    if (refusal === undefined && (!published || trusted)) {
      tried = counters.peek(entry);
      try {
        return await this.#establish(this.#options, counters, signal);
      } catch (error) {
        // Some meters do not answer to a counter that they do not accept.
        const stale = mayBeStale(error) || (this.#linked && isSilence(error));
        if (!refusedForCounter(error) && !(published && stale)) throw error;
        refusal = error;
      }
    }
    const wanted = await this.#wanted({ ...security, counters }, refusal, signal);
    // Our counter was higher: the meter refused for another reason.
    if (refusal !== undefined && (wanted === undefined || wanted <= tried)) throw refusal;
    const ours = counters.peek(entry);
    if (refusal === undefined) this.#looked = wanted === undefined || wanted <= ours ? ours : Number(wanted);
    if (wanted === undefined || wanted <= ours) return this.#establish(this.#options, counters, signal);
    const tooFar = counterStepRefusal(wanted, ours, this.#limit);
    if (tooFar !== undefined) return await this.#withOurs(tooFar, refusal !== undefined, signal);
    const attempt = new AttemptCounters(counters, entry, Number(wanted));
    const established = await this.#establish(this.#options, attempt, signal);
    if (provesMeter(established.session.config)) attempt.settle();
    return established;
  }

  /** The published counter may be nonsense. Our own may work, if it is from a durable store and was not refused. */
  async #withOurs(tooFar: Error, refused: boolean, signal: AbortSignal | undefined): Promise<Established> {
    if (refused || this.#options.security?.counters === undefined) throw tooFar;
    try {
      return await this.#establish(this.#options, this.#counters, signal);
    } catch (error) {
      throw mayBeStale(error) ? tooFar : error;
    }
  }

  /**
   * The lowest counter that the meter accepts: one above what it named or publishes. Some meters mean the last counter they accepted, some
   * the next one; one above is right for both.
   */
  async #wanted(
    security: Counted,
    refusal: unknown,
    signal: AbortSignal | undefined,
  ): Promise<number | bigint | undefined> {
    const named = (refusal as Partial<AccessError> | undefined)?.invocationCounter;
    if (named !== undefined) return named + 1;
    if (security.readInvocationCounter === undefined) return undefined;
    try {
      const value = await this.#readCounter(security, signal);
      return value === undefined ? undefined : typeof value === 'bigint' ? value + 1n : value + 1;
    } catch (error) {
      throw refusal ?? error;
    }
  }

  /**
   * Connects again. A line that only the meter has left is first used as it is; a line that changes its speed, or is a connection, is made
   * again. In mode E the meter stays at the agreed speed until it notices the silence, and then waits for the sign-on: both are tried in
   * turn.
   */
  async again(attempt: number, signal: AbortSignal, lost?: unknown): Promise<Established> {
    const { framing = 'hdlc' } = this.#options;
    if (attempt > 1 || framing !== 'hdlc') await this.#line.renew();
    this.#continues = attempt % 2 === 1;
    return this.open(signal, lost);
  }

  /** A link repeats its remark with every frame: once is enough. */
  #remark(remark: Remark): void {
    if (this.#remarked.has(remark.code)) return;
    this.#remarked.add(remark.code);
    this.#options.onRemark?.(remark);
  }

  /** Reads the published counter as the public client; undefined where there is none. */
  async #readCounter(security: Counted, signal: AbortSignal | undefined): Promise<number | bigint | undefined> {
    const { publicClient = PUBLIC_CLIENT, readInvocationCounter: told } = security;
    const guessed = typeof told !== 'string';
    const objects = guessed ? (told ?? []).map(parseLogicalName) : parseLogicalName(told);
    const options = asPublic(this.#options, publicClient);
    // The wait is short, because the object is optional.
    const responseTimeout = Math.min(options.responseTimeout ?? GUESS_TIMEOUT, GUESS_TIMEOUT);
    try {
      const established = await this.#establish(guessed ? { ...options, responseTimeout } : options, undefined, signal);
      return await readPublishedCounter(established, objects, {
        clock: options.clock ?? systemClock,
        release: options.release ?? isWrapper(options),
        signal,
      });
    } catch (error) {
      if (!guessed || !isAbsence(error)) throw error;
    }
    return this.#noCounter();
  }

  /** Without a durable store, counters would start again under a key that was already used. */
  #noCounter(): undefined {
    if (this.#options.security?.counters !== undefined) return undefined;
    throw new StateError('nothing says which invocation counter comes next: the meter publishes none', {
      hint: 'give a counter store, or name the object (readInvocationCounter)',
    });
  }

  async #establish(
    options: OpenOptions,
    counters: CounterStore | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Established> {
    const { client = PUBLIC_CLIENT, server = 1, framing = 'hdlc', onNotification, trace } = options;
    const load = this.#platform.links[framing] as LoadedLinks[Framing] | undefined;
    if (load === undefined) throw new StateError(`there is no framing '${framing}'`, { hint: 'hdlc or wrapper' });
    const makeLink = await load();
    // A meter that is known is asked nothing before it is known what came from it.
    await untilAborted(this.received?.begin(options.security?.serverTitle), signal);
    // After the last wait before the line is opened: an aborted signal calls nobody later.
    signal?.throwIfAborted();
    const config = sessionConfig(options, this.#crypto, counters, this.received);
    const without = conformanceBits([...this.#services.without]);
    const conformance = (config.conformance ?? CLIENT_CONFORMANCE) & ~without;
    const session = new ClientSession({ ...config, conformance, lists: this.#trust });
    const continueAt = this.#continues ? this.#agreed : undefined;
    this.#continues = false;
    const fixedLine = this.#line.configure === undefined;
    const link = makeLink({
      ...options,
      client,
      server,
      patience: refusalPatience(options),
      keepAlive: hdlcKeepAlive(options),
      ...given({ continueAt }),
      ...(fixedLine ? { fixedLine } : {}),
    });
    const clock = options.clock ?? systemClock;
    const received = options.security && this.received;
    const driver: ClientDriver = new ClientDriver(this.#line, link, clock, {
      ...given({ responseTimeout: options.responseTimeout, echo: options.echo, exchangeLimit: options.exchangeLimit }),
      ready: readyOf(counters),
      connectLimit: (options.exchangeLimit ?? CONNECT_LIMIT) + refusalPatience(options),
      ...(trace === undefined ? {} : { trace: (entry) => trace({ type: 'octets', ...entry }) }),
      onLinkEvent: (event: LinkEvent, now) => {
        if (event.type === 'closed') session.disconnected();
        if (event.type === 'payload' && event.remark !== undefined) this.#remark(event.remark);
        if (event.type === 'reconfigure' && event.format === '8N1') this.#agreed = event.baud;
        if (trace !== undefined) trace({ type: 'link', event, now });
      },
      arriving: received && (({ bytes }) => received.arriving(bytes, session.peerTitle)),
      judged: received && (() => received.judged()),
      onUnsolicited: ({ bytes }) => takeNotification({ session, options, clock, received, driver }, bytes),
    });
    session.onNotification = onNotification;
    const stop = () => void driver.close();
    const off = signal && onAbort(signal, stop);
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
      off?.();
    }
  }
}

/** The same line and link, but as the public client and without anything secret. */
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
