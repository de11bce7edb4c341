import { type Clock, systemClock } from '../base/clock.js';
import { StateError } from '../base/errors.js';
import { parseLogicalName } from '../base/obis.js';
import type { Data } from '../codec/data.js';
import { clientObject } from '../cosem/class.js';
import { DataClass } from '../cosem/classes/storage.js';
import type { Link, LinkEvent } from '../link/link.js';
import { ClientSession } from '../session/client-session.js';
import { ClientDriver, type PayloadEvent } from '../transport/driver.js';
import type { Transport } from '../transport/transport.js';
import { HeldTransport } from './held-transport.js';
import { Meter } from './meter.js';
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
  'serverLower' | 'addressSize' | 'maxInfo' | 'window' | 'octetTime' | 'maxBaud' | 'retries' | 'responseTimeout'
> & { readonly client: number; readonly server: number };

/** What the entries put in: the client room sees of links and of cryptography their contracts only. */
export interface Platform {
  readonly links: Readonly<Record<Framing, (options: LinkOptions) => Link>>;
  readonly crypto: CryptoProvider;
  /** Counters that last as long as the process. */
  readonly memoryCounters: () => CounterStore;
}

const PUBLIC_CLIENT = 16;
/** Security options with a counter store, whoever brought it. */
type Counted = SecurityOptions & { readonly counters: CounterStore };

/**
 * Opens an association with a meter over a transport: connects the data link, associates, authenticates. When anything fails,
 * everything that was opened is closed again before the error comes.
 * @throws LinkError when there is no line, or the meter refuses the data link; TimeoutError when nobody answers; AssociationError when
 * the meter refuses the association or cannot prove itself; SecurityError when keys are wrong; StateError when the options do not fit.
 */
export async function openOn(platform: Platform, transport: Transport, options: OpenOptions): Promise<Meter> {
  options.signal?.throwIfAborted();
  const crypto = options.crypto ?? platform.crypto;
  const { security } = options;
  if (security?.readInvocationCounter === undefined) {
    return connect(platform, crypto, transport, options, security?.counters);
  }
  const counters = security.counters ?? platform.memoryCounters();
  // Whatever is wrong with the options is told before anything is sent.
  sessionConfig(options, crypto, counters);
  const held = new HeldTransport(transport);
  try {
    await raiseCounter(platform, crypto, held, options, { ...security, counters });
  } catch (error) {
    held.letGo();
    await held.close();
    throw error;
  }
  held.letGo();
  return connect(platform, crypto, held, options, counters);
}

/** Reads the counter that the meter publishes, as the public client, and goes above it. */
async function raiseCounter(
  platform: Platform,
  crypto: CryptoProvider,
  transport: Transport,
  options: OpenOptions,
  security: Counted,
): Promise<void> {
  const { publicClient = PUBLIC_CLIENT, readInvocationCounter } = security;
  const object = clientObject(DataClass, parseLogicalName(readInvocationCounter as string));
  const meter = await connect(platform, crypto, transport, asPublic(options, publicClient), undefined);
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
  security.counters.raise(counterEntryOf(crypto, security), Number(value.value) + 1);
}

/** The same line and link, but the public client and nothing secret. */
function asPublic(options: OpenOptions, client: number): OpenOptions {
  const {
    security: _security,
    password: _password,
    secret: _secret,
    authentication: _authentication,
    conformance: _conformance,
    userId: _userId,
    preEstablished: _preEstablished,
    onNotification: _onNotification,
    ...rest
  } = options;
  return { ...rest, client };
}

async function connect(
  platform: Platform,
  crypto: CryptoProvider,
  transport: Transport,
  options: OpenOptions,
  counters: CounterStore | undefined,
): Promise<Meter> {
  const { client = PUBLIC_CLIENT, server = 1, framing = 'hdlc', signal, onNotification } = options;
  const session = new ClientSession(sessionConfig(options, crypto, counters));
  const makeLink = platform.links[framing] as ((options: LinkOptions) => Link) | undefined;
  if (makeLink === undefined) throw new StateError(`there is no framing '${framing}'`, { hint: 'hdlc or wrapper' });
  const link = makeLink({ ...options, client, server });
  const clock = options.clock ?? systemClock;
  const { trace } = options;
  const driver = new ClientDriver(transport, link, clock, {
    ...(options.responseTimeout === undefined ? {} : { responseTimeout: options.responseTimeout }),
    ...(options.exchangeLimit === undefined ? {} : { exchangeLimit: options.exchangeLimit }),
    ...(trace === undefined ? {} : { trace: (entry) => trace({ type: 'octets', ...entry }) }),
    onLinkEvent: (event: LinkEvent, now) => {
      if (event.type === 'closed') session.disconnected();
      if (trace !== undefined) trace({ type: 'link', event, now });
    },
    onUnsolicited: (payload: PayloadEvent) => takeNotification(session, payload, options, clock),
  });
  session.onNotification = onNotification;
  const release = options.release ?? framing.startsWith('wrapper');
  const meter = new Meter({ driver, session, release, deviation: options.deviation, signal });
  try {
    await driver.connect();
    await driver.run(session.associate());
    signal?.throwIfAborted();
    return meter;
  } catch (error) {
    await meter.abort(error);
    throw signal?.aborted === true ? signal.reason : error;
  }
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
