import { type Clock, systemClock } from '../../base/clock.js';
import { AssociationError, CosemError, DecodeError, LinkError, TimeoutError } from '../../base/errors.js';
import { given } from '../../base/given.js';
import { checkOptions, type OptionNames } from '../../base/known-options.js';
import { readingsOf } from '../../companion/companion.js';
import { generic } from '../../companion/generic.js';
import type { Link } from '../../contracts/link.js';
import type { LineSettings, Transport } from '../../contracts/transport.js';
import { mayBeShortNames, shortNamesError } from '../../session/short-names.js';
import { lineEcho } from '../../transport/driver.js';
import { findCompanion } from '../find-companion.js';
import { HeldTransport } from '../held-transport.js';
import type { Meter } from '../meter.js';
import { openOn } from '../open.js';
import type { OpenOptions } from '../options.js';
import type { Outcome } from '../outcome.js';
import type { Platform } from '../platform.js';
import { speaksShortNamesOn } from '../probe-short-names.js';
import type { Reading } from '../readings.js';
import { shortNamesIn } from '../short-naming.js';
import type { TraceEvent } from '../trace-event.js';
import {
  describeProbe,
  type Probe,
  type SearchOptions,
  type Sighting,
  type SignedOn,
  search,
  type Way,
} from './plan.js';
import { type ProbeLinkOptions, tryLink } from './probe.js';

/** What the entry provides for discovery, in addition to what opening a meter needs. */
export interface DiscoverPlatform extends Platform {
  /** An HDLC client that sends its request once. */
  readonly probe: () => Promise<(options: ProbeLinkOptions) => Link>;
  /** The sign-on of mode E without a following link. */
  readonly signOn: () => Promise<SignOnMaker>;
}

/** Makes the sign-on of mode E, without a link after it. */
export type SignOnMaker = (options: {
  readonly wakeUp: boolean;
  readonly baud: number;
  /** Variant of the sign-on, see {@link Probe}. */
  readonly opening: number;
  /** How long the meter may take to begin its answer, in milliseconds, with one request; undefined for the usual time. */
  readonly wait: number | undefined;
}) => Link & { readonly identification: SignedOn | undefined };

/** Options of {@link discover}. */
export interface DiscoverOptions extends SearchOptions {
  /** Client SAP. Default 16, the public client. */
  readonly client?: number;
  /** The clock. Default the system's own. */
  readonly clock?: Clock;
  /** Cryptography. Default that of the entry. */
  readonly crypto?: OpenOptions['crypto'];
  /** Called before each attempt, with a description for people. It must not throw. */
  readonly onProbe?: (words: string, probe: Probe) => void;
  /**
   * Called as soon as a meter signs on in mode E, before it is known how its HDLC is reached. Once for each such meter. It must not throw.
   */
  readonly onSignedOn?: (signedOn: SignedOn, way: { readonly baud: number; readonly wakeUp: boolean }) => void;
  /** Called for each way to a meter before its name plate is read, which takes long on a slow line. It must not throw. */
  readonly onSeen?: (way: Way) => void;
  /** Called for each meter as soon as it is known. It must not throw. */
  readonly onFound?: (meter: DiscoveredMeter) => void;
  /** Gets everything that crosses the line. It must not throw. */
  readonly trace?: (event: TraceEvent) => void;
  /** Ends the search with its reason. */
  readonly signal?: AbortSignal;
}

/** A meter that answered, and how. */
export interface DiscoveredMeter extends Way {
  /** Client SAP that was used. */
  readonly client: number;
  /** Its name plate, as the public client can read it; undefined where it opened no association. */
  readonly namePlate: readonly Outcome<Reading>[] | undefined;
  /** Id of the companion specification that it evidently follows; undefined where it opened no association. */
  readonly companion?: string;
  /** Why it opened no association. */
  readonly refusal?: Error;
}

/** The result of a search. */
export interface Discovery {
  /** The meters that were found; empty where none answered. */
  readonly meters: readonly DiscoveredMeter[];
  /** Whether the line returns our own octets (echo). */
  readonly echo: boolean;
  /** Whether octets came that were not a valid answer. */
  readonly garbled: boolean;
  /** How many attempts were made. */
  readonly probes: number;
}

const DISCOVER_OPTIONS: OptionNames<DiscoverOptions> = {
  line: true,
  bauds: true,
  server: true,
  deep: true,
  range: true,
  client: true,
  clock: true,
  crypto: true,
  onProbe: true,
  onSignedOn: true,
  onSeen: true,
  onFound: true,
  trace: true,
  signal: true,
};

const WRAPPER_WAIT = 2000;
const PUBLIC_CLIENT = 16;

/**
 * Searches for the meter at the other end of a line: speed, framing, addresses. Then it reads the meter's name plate as the public client.
 * @param connect makes an unopened transport for the line. A serial port is opened once, a network connection once for each framing.
 * @throws LinkError when the port or host is not available; the signal's reason.
 */
export async function discoverOn(
  platform: DiscoverPlatform,
  connect: () => Transport,
  options: DiscoverOptions,
): Promise<Discovery> {
  checkOptions(options, DISCOVER_OPTIONS, 'discover');
  const searcher = new Searcher(platform, connect, options);
  try {
    return await searcher.run();
  } finally {
    await searcher.close();
  }
}

class Searcher {
  readonly #platform: DiscoverPlatform;
  readonly #connect: () => Transport;
  readonly #options: DiscoverOptions;
  readonly #clock: Clock;
  #line: HeldTransport | undefined;
  /** Present speed and format of the line, as text. */
  #settings = '';
  readonly #echoes = lineEcho();
  #echo = false;
  #garbled = false;
  #probes = 0;
  /** Whether a sign-on was already reported. */
  #told = false;

  constructor(platform: DiscoverPlatform, connect: () => Transport, options: DiscoverOptions) {
    this.#platform = platform;
    this.#connect = connect;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  async run(): Promise<Discovery> {
    const { signal, onProbe, onSeen, onFound } = this.#options;
    const plan = search(this.#options);
    let step = plan.next();
    while (step.done !== true) {
      signal?.throwIfAborted();
      this.#probes++;
      onProbe?.(describeProbe(step.value), step.value);
      const seen = await this.#try(step.value);
      this.#echo ||= seen.echo;
      this.#garbled ||= seen.result === 'garbled';
      step = plan.next(seen);
    }
    const meters: DiscoveredMeter[] = [];
    for (const way of step.value) {
      onSeen?.(way);
      const meter = await this.#introduce(way);
      meters.push(meter);
      onFound?.(meter);
    }
    return { meters, echo: this.#echo, garbled: this.#garbled, probes: this.#probes };
  }

  async close(): Promise<void> {
    const line = this.#line;
    this.#line = undefined;
    line?.letGo();
    await line?.close();
  }

  #try(probe: Probe): Promise<Sighting> {
    switch (probe.type) {
      case 'hdlc':
        return this.#tryHdlc(probe);
      case 'sign-on':
        return this.#trySignOn(probe);
      case 'wrapper':
        return this.#tryWrapper(probe.server);
    }
  }

  async #tryHdlc({ baud, address, wait }: Extract<Probe, { type: 'hdlc' }>): Promise<Sighting> {
    const { client = PUBLIC_CLIENT } = this.#options;
    const line = this.#held();
    if (baud !== undefined) await this.#configure(line, { baudRate: baud, dataBits: 8, parity: 'none' });
    const makeLink = await this.#platform.probe();
    const link = makeLink({ ...address, client, wait, octetTime: octetTimeOf(baud) });
    const { event, ...seen } = await tryLink(line, link, this.#clock, this.#echoes, this.#options.trace);
    return event?.lower === undefined ? seen : { ...seen, lower: event.lower };
  }

  async #trySignOn({ wakeUp, baud, opening, wait }: Extract<Probe, { type: 'sign-on' }>): Promise<Sighting> {
    const line = this.#held();
    const makeLink = await this.#platform.signOn();
    const link = makeLink({ wakeUp, baud, opening, wait });
    const { trace } = this.#options;
    // What follows the identification takes a second more at 300 baud.
    const watch = (event: TraceEvent) => {
      trace?.(event);
      this.#tellOf(link.identification, { baud, wakeUp });
    };
    const { event: _, ...seen } = await tryLink(line, link, this.#clock, this.#echoes, watch);
    const { identification } = link;
    this.#tellOf(identification, { baud, wakeUp });
    // The sign-on changes the speed of the line itself.
    this.#settings = '';
    return identification === undefined ? seen : { ...seen, signedOn: plain(identification) };
  }

  /** Reports a sign-on once, because the variants of the sign-on are tried one after another with the same meter. */
  #tellOf(identification: SignedOn | undefined, way: { readonly baud: number; readonly wakeUp: boolean }): void {
    if (identification === undefined || this.#told) return;
    this.#told = true;
    this.#options.onSignedOn?.(plain(identification), way);
  }

  async #tryWrapper(server: number): Promise<Sighting> {
    const options = { ...this.#common(), framing: 'wrapper', server, responseTimeout: WRAPPER_WAIT } as const;
    try {
      const meter = await openOn(this.#platform, this.#connect(), options);
      await meter.close();
      return { result: 'answered', echo: false };
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      if (error instanceof AssociationError) return { result: 'refused', echo: false };
      if (error instanceof LinkError && error.reason === 'transport') throw error;
      if (error instanceof LinkError || error instanceof TimeoutError) return { result: 'silent', echo: false };
      if (error instanceof DecodeError) return { result: 'garbled', echo: false };
      throw error;
    }
  }

  /** Opens the meter as the public client and reads its name plate. */
  async #introduce(way: Way): Promise<DiscoveredMeter> {
    const { client = PUBLIC_CLIENT } = this.#options;
    const found = { ...way, client };
    if (way.framing === 'mode-e' && (way.refused || way.silent)) return { ...found, namePlate: undefined };
    try {
      const meter = await this.#open(way);
      try {
        const namePlate = await namePlateOf(meter, this.#options.signal);
        return { ...found, refused: false, namePlate, companion: (await findCompanion(meter)).id };
      } finally {
        await meter.close();
      }
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      if (!(error instanceof CosemError)) throw error;
      if (error instanceof LinkError && error.reason === 'transport') throw error;
      return { ...found, namePlate: undefined, refusal: await this.#refusal(way, error) };
    }
  }

  /** Examines an unclear refusal, to recognise a meter with short names. */
  async #refusal(way: Way, error: CosemError): Promise<CosemError> {
    // What else is unclear `open` has asked already.
    if (!mayBeShortNames(error) || shortNamesIn(error) !== 'no') return error;
    const short = await speaksShortNamesOn(this.#platform, this.#lineTo(way), this.#optionsFor(way));
    return short ? shortNamesError(error instanceof AssociationError ? error.result : undefined) : error;
  }

  #open(way: Way): Promise<Meter> {
    return openOn(this.#platform, this.#lineTo(way), this.#optionsFor(way));
  }

  #lineTo({ framing }: Way): Transport {
    return framing === 'wrapper' ? this.#connect() : this.#held();
  }

  #optionsFor({ framing, baud, hdlcBaud, address, refused }: Way): OpenOptions {
    const { server, lower, addressSize } = address;
    const common = { ...this.#common(), server };
    if (framing === 'wrapper') return { ...common, framing };
    // After a sign-on the line has the speed at which HDLC continues; the meter takes a second SNRM as a new start.
    return {
      ...common,
      framing: 'hdlc',
      addressSize,
      octetTime: octetTimeOf(hdlcBaud ?? baud),
      release: false,
      ...(this.#echoes.echoing ? { echo: true } : {}),
      // It has already refused; this is reported without waiting.
      ...(refused ? { patience: 0 } : {}),
      // A badly placed probe makes a poor line: better slow than not found.
      retries: 8,
      ...given({ serverLower: lower }),
    };
  }

  #common(): Omit<OpenOptions, 'framing'> {
    const { client = PUBLIC_CLIENT, crypto, trace, signal } = this.#options;
    return {
      client,
      clock: this.#clock,
      ...given({ crypto, trace, signal }),
    };
  }

  #held(): HeldTransport {
    this.#line ??= new HeldTransport(this.#connect());
    return this.#line;
  }

  async #configure(line: Transport, settings: LineSettings): Promise<void> {
    const text = JSON.stringify(settings);
    if (text === this.#settings) return;
    await line.configure?.(settings);
    this.#settings = text;
  }
}

/** The public part of an identification. */
function plain({ manufacturer, identification, baudRate, mode }: SignedOn): SignedOn {
  return { manufacturer, identification, baudRate, mode };
}

async function namePlateOf(meter: Meter, signal: AbortSignal | undefined): Promise<readonly Outcome<Reading>[]> {
  return meter.readings(readingsOf(generic, 'nameplate'), given({ signal }));
}

function octetTimeOf(baud: number | undefined): number {
  return baud === undefined ? 0 : 10_000 / baud;
}
