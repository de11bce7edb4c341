import { conformanceBits } from '../apdu/conformance.js';
import { onAbort } from '../base/abort.js';
import { toHex } from '../base/bytes.js';
import { lazily, type Millis, systemClock } from '../base/clock.js';
import { StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import { Listeners } from '../base/listeners.js';
import type { Remark } from '../base/remark.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { Framing, LinkEvent } from '../contracts/link.js';
import type { Transport } from '../contracts/transport.js';
import { CLIENT_CONFORMANCE, type ClientSessionConfig } from '../session/client-config.js';
import { ClientCore } from '../session/client-core.js';
import { ListTrust } from '../session/list-trust.js';
import { ClientDriver } from '../transport/driver.js';
import type { AheadReceived } from './ahead-received.js';
import { withCaller } from './caller.js';
import { Connection, type Established } from './connection.js';
import type { CountedOpening } from './counted-opening.js';
import type { Window } from './flight.js';
import { HeldTransport } from './held-transport.js';
import { untilAborted } from './later.js';
import { Meter } from './meter.js';
import type { MeterEvents } from './meter-events.js';
import { MeterServices } from './meter-services.js';
import type { MeterTelemetry } from './meter-telemetry.js';
import type { MeterWays } from './meter-ways.js';
import { loadNaming, NamingChoice } from './naming-choice.js';
import { needsProtection, type OpenOptions, sessionConfig } from './options.js';
import type { LoadedLinks, Platform } from './platform.js';
import { firstOpened, hdlcKeepAlive, PATIENCE, pausesOf, reconnectPolicy, refusalPatience } from './reconnect.js';
import { takeNotification } from './take-notification.js';
import { noteUnaccepted } from './unaccepted.js';

/** What was told on earlier visits: loaded where a cache is given. */
const loadMemory = lazily(async () => ({
  ...(await import('./meter-cache.js')),
  ...(await import('./meter-ways.js')),
}));

/** What keys and HLS need: loaded where the options have them. */
const loadProtection = lazily(async () => {
  const [{ protectedCode }, { receivedOf }, { CountedOpening }, { countersOf }, { readyOf }, { clientSecurity }] =
    await Promise.all([
      import('../session/client-protection.js'),
      import('./ahead-received.js'),
      import('./counted-opening.js'),
      import('./ahead-counters.js'),
      import('./counters.js'),
      import('./security-options.js'),
    ]);
  return { protectedCode, receivedOf, CountedOpening, countersOf, readyOf, clientSecurity };
});
type ProtectionCode = Awaited<ReturnType<typeof loadProtection>>;
const loadSecrets = lazily(() => import('./secrets.js'));
/** The header of a gateway: loaded where the meter is behind one. */
const loadGateway = lazily(async () => (await import('../session/gateway-link.js')).GatewayLink);
const loadFlight = lazily(async () => (await import('./flight.js')).Flight);
const loadTelemetry = lazily(async () => (await import('./meter-telemetry.js')).MeterTelemetry);

const PUBLIC_CLIENT = 16;
/** There are 15 invoke ids, and one is left for the next request. */
const MOST_IN_FLIGHT = 14;
/** How long connecting may take in total, without the patience. */
const CONNECT_LIMIT: Millis = 300_000;

/**
 * Opens an association with a meter over a transport: connects the data link, associates, authenticates. When anything fails, everything
 * that was opened is closed before the error is thrown. When the line breaks later, the session continues over a new one (see {@link
 * OpenOptions.patience}).
 * @throws LinkError when there is no line, or the meter refuses the data link; TimeoutError when nobody answers; AssociationError when the
 * meter refuses the association or cannot prove itself; SecurityError when keys are wrong; StateError when the options do not fit.
 */
export async function openOn(platform: Platform, transport: Transport, options: OpenOptions): Promise<Meter> {
  const heard = options.onLog !== undefined || options.onMetric !== undefined;
  const telemetry = heard ? new (await loadTelemetry())(transport.name, options) : undefined;
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
  told: OpenOptions,
  telemetry: MeterTelemetry | undefined,
): Promise<Meter> {
  const events = new Listeners<MeterEvents>();
  telemetry?.listen(events);
  const { keysOf } = told;
  told.signal?.throwIfAborted();
  const given = keysOf === undefined ? told : await (await loadSecrets()).withSecrets(told, keysOf);
  const options: OpenOptions = {
    ...given,
    onNotification: (notification) => {
      given.onNotification?.(notification);
      events.emit('notification', notification);
    },
  };
  const { signal, clock = systemClock, patience = PATIENCE } = options;
  signal?.throwIfAborted();
  const policy = reconnectPolicy(options);
  const protection =
    keysOf !== undefined || needsProtection(options) ? await untilAborted(loadProtection(), signal) : undefined;
  // An association in clear needs random numbers at most, for the pauses between its tries.
  const random = protection !== undefined || policy.backoff !== undefined;
  const crypto = options.crypto ?? (random ? await untilAborted(platform.crypto(), signal) : undefined);
  const line = new HeldTransport(transport);
  const trust = new ListTrust();
  const memory = options.cache && (await loadMemory());
  const ways = memory && options.cache && new memory.MeterWays(options.cache, clock, placeOf(transport.name, options));
  const services = servicesOf(trust, options, ways);
  // Before the naming is chosen: it may be known.
  const known = await services.recall();
  const release = options.release ?? isWrapper(options);
  const parts = { platform, crypto, protection, line, options, trust, services, release };
  const opener = await Opener.of(parts);
  const letGo = async () => {
    line.letGo();
    await line.close();
    await opener.received?.settled();
  };
  const pause = policy.backoff && crypto && pausesOf(policy.backoff, crypto);
  let first: Established;
  try {
    first = await firstOpened(opener, services, policy, { clock, patience, signal, pause });
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
    pause,
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
  const cache = memory && options.cache && new memory.MeterCache(options.cache, clock, options.client ?? PUBLIC_CLIENT);
  const { deviation, onRemark, companion } = options;
  const meter = new Meter({
    ...{ connection, events, telemetry, release, deviation, signal, cache, onRemark, services, companion },
    crypto: async () => options.crypto ?? platform.crypto(),
  });
  try {
    // Between the last answer and this meter nobody was told of an abort.
    signal?.throwIfAborted();
    // What an earlier visit found out only applies to that meter.
    const other = known !== undefined && known.who !== (await memory?.whoIs(meter));
    if (other && services.forget()) await connection.reopen();
  } catch (error) {
    await meter.close();
    throw error;
  }
  return meter;
}

/** Where a meter is reached, and as whom: what is known of its services belongs to that. */
function placeOf(line: string, { server = 1, client = PUBLIC_CLIENT, serverLower, gateway }: OpenOptions): string {
  const behind = gateway === undefined ? '' : `/${gateway.networkId}-${toHex(gateway.physicalDeviceAddress)}`;
  return `${line}/${server}/${serverLower ?? ''}/${client}${behind}`;
}

/** The handling of services that the meter at this place does not carry out. */
function servicesOf(trust: ListTrust, options: OpenOptions, ways: MeterWays | undefined): MeterServices {
  const { preEstablished, onRemark } = options;
  const proposed = preEstablished === undefined ? (options.conformance ?? CLIENT_CONFORMANCE) : 0;
  return new MeterServices({ trust, proposed, ways, onRemark });
}

/** @throws StateError where it cannot be so many. */
function inFlightOf({ inFlight = 1, framing = 'hdlc' }: OpenOptions): number {
  if (!Number.isInteger(inFlight) || inFlight < 1 || inFlight > MOST_IN_FLIGHT) {
    throw new StateError(`inFlight ${inFlight}`, { hint: `it is a whole number, 1 to ${MOST_IN_FLIGHT}` });
  }
  if (inFlight > 1 && framing !== 'wrapper') {
    throw new StateError(`several requests in flight over ${framing}`, { hint: 'the wrapper over TCP carries them' });
  }
  return inFlight;
}

function isWrapper({ framing = 'hdlc' }: OpenOptions): boolean {
  return framing.startsWith('wrapper');
}

/** The parts of an {@link Opener}. */
interface OpenerParts {
  readonly platform: Platform;
  readonly crypto: CryptoProvider | undefined;
  /** Given where keys or HLS need it. */
  readonly protection: ProtectionCode | undefined;
  readonly line: HeldTransport;
  readonly options: OpenOptions;
  /** What one association learns about lists, for the next one. */
  readonly trust: ListTrust;
  readonly services: MeterServices;
  readonly release: boolean;
}

/** Connects and associates over a held line, as often as necessary. */
class Opener {
  readonly #parts: OpenerParts;
  /** With the secrets that the next association has. */
  #options: OpenOptions;
  /** Given where invocation counters have to fit. */
  #counted: CountedOpening | undefined;
  /** Counters that last as long as the meter is open, whatever keys it has: none is given twice. */
  #memory: CounterStore | undefined;
  /** The counters received from the meter while it is open, if the store does not keep them. */
  received: AheadReceived | undefined;
  /** Mode E: the last agreed speed, and whether the next link continues at it. */
  #agreed: number | undefined;
  #continues = false;
  readonly #remarked = new Set<string>();
  /** How many requests may be under way; one, once the meter showed that it takes no more. */
  readonly #window: Window;
  readonly #naming: NamingChoice;
  /** Whether the last attempt brought the data link up. */
  linked = false;
  /** Whether the meter accepted the AARQ of the last attempt. */
  taken = false;

  private constructor(parts: OpenerParts) {
    this.#parts = parts;
    this.#window = { most: inFlightOf(parts.options) };
    this.#options = parts.options;
    this.#naming = new NamingChoice(parts);
  }

  /** @throws StateError for wrong options: before anything is sent. */
  static async of(parts: OpenerParts): Promise<Opener> {
    const line = new Opener(parts);
    await line.#prepare();
    return line;
  }

  async #prepare(): Promise<void> {
    const { platform, crypto, protection, release } = this.#parts;
    const options = this.#options;
    const { security } = options;
    if (security !== undefined) this.#memory ??= await platform.memoryCounters();
    const memory = this.#memory;
    const ours = security && crypto && protection?.countersOf(security, crypto);
    const counters = ours ?? (security?.readInvocationCounter === undefined ? undefined : memory);
    this.received = security && memory && crypto && protection?.receivedOf(security, crypto, memory);
    this.#config(options, counters);
    this.#counted = undefined;
    if (security !== undefined && counters !== undefined && crypto !== undefined && protection !== undefined)
      this.#counted = new protection.CountedOpening({ line: this, crypto, options, security, counters, release });
  }

  /** Takes over keys that were changed meanwhile. */
  async #renewSecrets(signal: AbortSignal): Promise<void> {
    const { keysOf } = this.#options;
    if (keysOf === undefined) return;
    const { withNewSecrets } = await loadSecrets();
    const renewed = await withNewSecrets(this.#options, keysOf, signal);
    if (renewed === this.#options) return;
    await this.received?.settled();
    this.#options = renewed;
    await this.#prepare();
  }

  /** @param lost why the previous association was lost: the meter may have named a counter. */
  async open(signal: AbortSignal | undefined, lost?: unknown): Promise<Established> {
    try {
      return await this.#opened(signal, lost);
    } catch (error) {
      if (!(await this.#naming.turns(error, signal))) throw error;
      return this.#opened(signal, lost);
    }
  }

  async #opened(signal: AbortSignal | undefined, lost?: unknown): Promise<Established> {
    const established = await (this.#counted?.open(signal, lost) ?? this.establish(this.#options, undefined, signal));
    this.#naming.settle();
    return established;
  }

  #config(options: OpenOptions, counters: CounterStore | undefined): ClientSessionConfig {
    const { crypto, protection } = this.#parts;
    const { security } = options;
    const keys = security && crypto && protection?.clientSecurity(security, crypto, counters, this.received, options);
    return sessionConfig(options, crypto, keys);
  }

  /**
   * Connects again. A line that only the meter has left is first used as it is; a line that changes its speed, or is a connection, is made
   * again. In mode E the meter stays at the agreed speed until it notices the silence, and then waits for the sign-on: both are tried in
   * turn.
   */
  async again(attempt: number, signal: AbortSignal, lost?: unknown): Promise<Established> {
    const { framing = 'hdlc' } = this.#options;
    await this.#renewSecrets(signal);
    if (attempt > 1 || framing !== 'hdlc') await this.#parts.line.renew();
    this.#continues = attempt % 2 === 1;
    return this.open(signal, lost);
  }

  /** A link repeats its remark with every frame: once is enough. */
  #remark(remark: Remark): void {
    if (this.#remarked.has(remark.code)) return;
    this.#remarked.add(remark.code);
    this.#parts.options.onRemark?.(remark);
  }

  async establish(
    options: OpenOptions,
    counters: CounterStore | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Established> {
    const { platform, protection, line, trust, services } = this.#parts;
    const { client = PUBLIC_CLIENT, server = 1, framing = 'hdlc', onNotification, trace } = options;
    const load = platform.links[framing] as LoadedLinks[Framing] | undefined;
    if (load === undefined) throw new StateError(`there is no framing '${framing}'`, { hint: 'hdlc or wrapper' });
    const makeLink = await untilAborted(load(), signal);
    // Short names have no invoke ids: one request at a time.
    const OneFlight =
      this.#window.most > 1 && !this.#naming.short ? await untilAborted(loadFlight(), signal) : undefined;
    const Gateway = options.gateway && (await untilAborted(loadGateway(), signal));
    const short = this.#naming.short ? await untilAborted(loadNaming(), signal) : undefined;
    // A meter that is known is asked nothing before it is known what came from it.
    await untilAborted(this.received?.begin(options.security?.serverTitle), signal);
    // After the last wait before the line is opened: an aborted signal calls nobody later.
    signal?.throwIfAborted();
    const config = this.#config(options, counters);
    const without = conformanceBits([...services.without]);
    const wanted = (config.conformance ?? CLIENT_CONFORMANCE) & ~without;
    const conformance = short?.shortConformance(wanted) ?? wanted;
    const session = new ClientCore(
      { ...config, conformance, lists: trust, ...given({ shortNames: short?.readShortNames }) },
      protection?.protectedCode,
      short && new short.ShortNameClient(short.readShortNames, config.maxTransfer),
    );
    const continueAt = this.#continues ? this.#agreed : undefined;
    this.#continues = false;
    const fixedLine = line.configure === undefined;
    const direct = makeLink({
      ...options,
      client,
      server,
      patience: refusalPatience(options),
      keepAlive: hdlcKeepAlive(options),
      ...given({ continueAt }),
      ...(fixedLine ? { fixedLine } : {}),
    });
    const link = Gateway && options.gateway ? new Gateway(direct, options.gateway) : direct;
    const clock = options.clock ?? systemClock;
    const received = options.security && this.received;
    const driver: ClientDriver = new ClientDriver(line, link, clock, {
      ...given({ responseTimeout: options.responseTimeout, echo: options.echo, exchangeLimit: options.exchangeLimit }),
      ready: protection?.readyOf(counters),
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
      this.linked = false;
      this.taken = false;
      await driver.connect();
      this.linked = true;
      await driver.run(session.associate());
      signal?.throwIfAborted();
      return {
        driver,
        session,
        ...(OneFlight && { flight: new OneFlight(driver, session, this.#window, options.onRemark) }),
      };
    } catch (error) {
      this.taken = session.taken;
      noteUnaccepted(error, session.unaccepted, !isWrapper(options));
      await driver.close();
      throw signal?.aborted === true ? signal.reason : error;
    } finally {
      if (session.taken) this.#naming.accepted();
      off?.();
    }
  }
}
