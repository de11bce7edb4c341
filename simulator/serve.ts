import { type Clock, lazily, type Millis } from '../src/base/clock.js';
import { StateError } from '../src/base/errors.js';
import { checkOptions, type OptionNames } from '../src/base/known-options.js';
import type { AnsweringLine } from '../src/contracts/answering-line.js';
import type { Framing, Link, PayloadEvent } from '../src/contracts/link.js';
import type { Transport } from '../src/contracts/transport.js';
import { DeviceLine, type ServedLineOptions } from '../src/transport/device-line.js';
import type { IdlePeers, Standing } from '../src/transport/idle-peers.js';
import { type ServedLink, serveLink } from '../src/transport/server.js';
import { AARQ, faultyAnswer, refusedAssociation } from './faults/answers.js';
import type { FaultLike, Faults, LineFaults } from './faults/faults.js';
import { FaultyTransport } from './faults/transport.js';
import type { RealisticTransport } from './realistic.js';

const loadRealistic = lazily(async () => (await import('./realistic.js')).RealisticTransport);

/** Answers on lines, on each independently of the others. */
export interface Answerer {
  /** @param gone called when the meter leaves memory with its associations, so that nobody needs the line any more. */
  line(gone?: () => void): AnsweringLine;
}

/** How a line is served. */
export interface AttachOptions extends ServedLineOptions {
  /** Data link of the line. Default `hdlc`. */
  readonly framing?: Framing;
  /** Faults of this line, in addition to those of the meter: `bit-errors=1e-4`. */
  readonly faults?: readonly FaultLike[];
  /** Whether it answers as slowly as a real meter at 9600 baud on this line. By default as the meter's options say. */
  readonly realistic?: boolean;
  /** Closes idle lines and makes room when there are too many. By default no line is closed. */
  readonly peers?: Pick<IdlePeers, 'admit'>;
}

/** Every option of a line, by name. */
export const ATTACH_OPTIONS: OptionNames<AttachOptions> = {
  framing: true,
  lower: true,
  faults: true,
  realistic: true,
  peers: true,
  onClosed: true,
  trace: true,
  onLinkEvent: true,
};

/** A line to a meter. */
export interface ServedMeterLink extends ServedLink {
  /** How far the client at the other end has proved itself. */
  standing(): Standing;
}

/** The meter that is served. */
export interface Served {
  readonly answerer: Answerer;
  readonly clock: Clock;
  readonly faults: Faults;
  /** The faults of the meter at that port, where several are behind one line; undefined where there is none. */
  faultsAt?(port: number): Faults | undefined;
  /** Whether it is as slow as a real meter, and the seed of how slow. */
  readonly realistic?: boolean;
  readonly seed?: number;
  /** Whether it ignores an APDU, because of a quirk. */
  ignores?(apdu: Uint8Array): boolean;
  /** Makes the meter's side of the data link. `busy` says whether it is to answer RNR. */
  link(options: AttachOptions, busy: () => boolean): Link | Promise<Link>;
}

/**
 * Lets a meter answer on a line until it closes.
 * @throws LinkError when the transport cannot be opened; StateError when a fault is written wrongly.
 */
export async function serveMeter(
  meter: Served,
  transport: Transport,
  options: AttachOptions,
): Promise<ServedMeterLink> {
  checkOptions(options, ATTACH_OPTIONS, 'attach', { others: { physical: 'lower' } });
  const faults = meter.faults.line(options.faults);
  const making = meter.link(options, () => meter.clock.now() < faults.busyUntil);
  const link = making instanceof Promise ? await making : making;
  const line = new Line(meter, options, faults, link);
  const served = await line.serve(transport);
  return { push: (...push) => served.push(...push), close: () => served.close(), standing: () => line.standing };
}

class Line {
  readonly #meter: Served;
  readonly #options: AttachOptions;
  readonly #faults: LineFaults;
  /** Those of meters that have faults of their own. */
  readonly #meters = new Map<Faults, LineFaults>();
  readonly #link: Link;
  readonly #answering: AnsweringLine;
  readonly #timers = new Set<() => void>();
  #served: ServedLink | undefined;
  #pace: RealisticTransport | undefined;
  readonly #line: DeviceLine;

  constructor(meter: Served, options: AttachOptions, faults: LineFaults, link: Link) {
    this.#meter = meter;
    this.#answering = meter.answerer.line();
    this.#options = options;
    this.#faults = faults;
    this.#link = link;
    this.#line = new DeviceLine(this.#answering, {
      datagrams: options.framing === 'wrapper-udp',
      peers: options.peers,
      onClosed: (error) => {
        for (const cancel of this.#timers) cancel();
        options.onClosed?.(error);
      },
    });
  }

  get standing(): Standing {
    return this.#line.standing;
  }

  async serve(transport: Transport): Promise<ServedLink> {
    const { clock } = this.#meter;
    const handler = this.#line.handler((event, now) => this.#payload(event, now));
    const { realistic = this.#meter.realistic } = this.#options;
    const faultsOf = this.#meter.faultsAt && ((frame: Uint8Array) => this.#faultsAt(sourceOf(frame)));
    const faulty = new FaultyTransport(this.#line.over(transport), this.#faults, clock, faultsOf);
    if (realistic === true) this.#pace = new (await loadRealistic())(faulty, clock, this.#meter.seed ?? 0);
    this.#served = await serveLink(this.#pace ?? faulty, this.#link, clock, handler, this.#options);
    return this.#served;
  }

  /** Of the meter that a client speaks to. */
  #faultsAt(port: number): LineFaults {
    const meter = this.#meter.faultsAt?.(port);
    if (meter === undefined) return this.#faults;
    let faults = this.#meters.get(meter);
    if (faults === undefined) {
      faults = meter.line(this.#options.faults);
      this.#meters.set(meter, faults);
    }
    return faults;
  }

  #payload(event: PayloadEvent, now: Millis): Uint8Array | 'none' | undefined {
    const faults = this.#faultsAt(event.server);
    const { quiet } = faults;
    const answer = quiet ? this.#answer(event, now) : this.#faultyAnswer(faults, event, now);
    if (answer !== undefined && this.#pace !== undefined) {
      const pending = this.#answering.session(event.client, event.server)?.state === 'pending';
      this.#pace.answers({ request: event.bytes, answer, pending });
    }
    return answer ?? (quiet ? 'none' : undefined);
  }

  #answer(event: PayloadEvent, now: Millis): Uint8Array | undefined {
    return this.#meter.ignores?.(event.bytes) === true ? undefined : this.#line.answer(event, now);
  }

  /** What continues the last answer: further blocks of a stream. */
  #following(client: number, server: number): Uint8Array | undefined {
    return this.#answering.session(client, server)?.following();
  }

  #faultyAnswer(faults: LineFaults, event: PayloadEvent, now: Millis): Uint8Array | undefined {
    // It does not hear either: where the line is its own, nothing came through.
    if (faults.isDead(now)) return undefined;
    const refusal = refusedAssociation(faults, event.bytes, now);
    if (refusal !== undefined) {
      this.#answering.released(event.client, event.server);
      return refusal;
    }
    if (event.bytes[0] !== AARQ && faults.strike('drop-association', now) !== undefined)
      this.#answering.released(event.client, event.server);
    faults.meter.stale = faults.strike('stale-counter', now) !== undefined;
    let answer: Uint8Array | undefined;
    try {
      answer = this.#answer(event, now);
    } finally {
      faults.meter.stale = false;
    }
    if (answer === undefined) return undefined;
    const inBlocks = this.#answering.session(event.client, event.server)?.transferring === true;
    const reset = inBlocks ? faults.strike('reset-in-block', now) : undefined;
    if (reset !== undefined) {
      this.#restart(faults, event.server, reset.amount, now);
      return undefined;
    }
    answer = faultyAnswer(faults, answer, now);
    const busy = faults.strike('busy', now);
    if (busy === undefined) return answer;
    faults.busyUntil = now + busy.amount;
    this.#answerLater(event, answer, faults.busyUntil);
    return undefined;
  }

  #answerLater({ client, server }: PayloadEvent, answer: Uint8Array, time: Millis): void {
    const cancel = this.#meter.clock.at(time, () => {
      this.#timers.delete(cancel);
      try {
        for (let apdu: Uint8Array | undefined = answer; apdu; apdu = this.#following(client, server)) {
          this.#served?.push(apdu, { client, server });
        }
      } catch (error) {
        // The client has left in the meantime, so there is nobody to answer.
        if (!(error instanceof StateError)) throw error;
      }
    });
    this.#timers.add(cancel);
  }

  /** The meter restarts: associations and data links are lost, and network connections too, but for those of a gateway before it. */
  #restart(faults: LineFaults, server: number, away: Millis, now: Millis): void {
    faults.meter.downUntil = now + away;
    if (this.#meter.faultsAt !== undefined) {
      this.#answering.released(undefined, server);
      return;
    }
    this.#answering.released();
    if (this.#options.framing?.startsWith('wrapper') === true) void this.#served?.close();
    else this.#link.disconnect(now);
  }
}

/** Source port of a WPDU (IEC 62056-47, 5.4): the meter that sends it. */
function sourceOf(wpdu: Uint8Array): number {
  return ((wpdu[2] ?? 0) << 8) | (wpdu[3] ?? 0);
}
