import type { Clock, Millis } from '../base/clock.js';
import { type Came, LinkError, StateError, TimeoutError } from '../base/errors.js';
import { isText, shownOctets } from '../base/shown.js';
import type { ConnectedEvent, Link, LinkEvent, PayloadEvent, SendOptions } from '../contracts/link.js';
import type { Procedure } from '../contracts/procedure.js';
import type { Transport } from '../contracts/transport.js';
import { closedError, inWords, NOTIFIED, PUSHES, SILENCE, SOMETHING } from './driver-words.js';
import { EchoCanceller } from './echo-canceller.js';
import { Pump, type PumpOptions } from './pump.js';

const NOTHING = new Uint8Array(0);
const NO_REPLY: SendOptions = { reply: false };
const MORE_FOLLOW: SendOptions = { reply: false, more: true };
/** A procedure may take the time of so many exchanges, and so long for each octet that came and went. */
const [FREE_EXCHANGES, OCTET_TIME] = [12, 1000];
const NEVER = Number.POSITIVE_INFINITY;

export interface ClientDriverOptions extends Omit<PumpOptions, 'echo'> {
  /** Whether our own octets come back, as from an optical probe, and are taken out. `auto` unless told: once a whole frame came back. */
  readonly echo?: PumpOptions['echo'];
  /**
   * How long the peer may stay silent while an answer is awaited, in milliseconds. 10 s unless told. A link that asks again by itself
   * (HDLC) is let finish: it gives up in its own time.
   */
  readonly responseTimeout?: Millis;
  /** How long one exchange, or connecting, may take in all, however much comes in meanwhile. 5 minutes unless told. */
  readonly exchangeLimit?: Millis;
  /** The same for connecting, where it is longer: a meter that refuses the link may be waited for. */
  readonly connectLimit?: Millis;
  /**
   * Sees every payload before it is taken for an answer. Returns true when it was unsolicited (a notification) and is dealt with.
   * Must not throw.
   */
  readonly onUnsolicited?: (payload: PayloadEvent) => boolean;
  /**
   * Asked before each step of a procedure: what is to be waited for first, as counters that come from elsewhere; undefined where nothing is.
   * What it throws ends the procedure, and leaves the link up.
   */
  readonly ready?: (() => Promise<void> | undefined) | undefined;
}

/** What is known of a line's echo, for drivers that take the line over one after the other: the option `echo` of each. */
export type LineEcho = EchoCanceller;

/** Nothing is known yet. */
export function lineEcho(): LineEcho {
  return new EchoCanceller('auto');
}

/** A procedure and the promise of its result. */
interface Job {
  readonly procedure: Procedure<unknown>;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Drives a client's link over a transport: the one place that waits. Procedures run one at a time, in the order they came. A whole
 * procedure costs one promise, however many exchanges it takes.
 *
 * After a {@link TimeoutError} or {@link LinkError} the link is down (HDLC: DISC was sent, as best it could be) and what waited is
 * rejected; `connect` may be called again unless the transport itself is gone. What the meter refuses leaves the link up.
 */
export class ClientDriver {
  readonly #pump: Pump;
  readonly #responseTimeout: Millis;
  readonly #exchangeLimit: Millis;
  readonly #connectLimit: Millis;
  readonly #onUnsolicited: ClientDriverOptions['onUnsolicited'];
  readonly #ready: ClientDriverOptions['ready'];
  /** The procedure waits for what it needs before it goes on; no answer is awaited. */
  #preparing = false;
  readonly #queue: Job[] = [];
  #active: Job | undefined;
  #state: 'new' | 'opening' | 'connecting' | 'connected' | 'disconnecting' | 'down' | 'gone' = 'new';
  #connecting: Waiter<ConnectedEvent> | undefined;
  #disconnecting: Array<() => void> = [];
  #lost: LinkError | undefined;
  #deadline: Millis = NEVER;
  #limit: Millis = NEVER;
  #asked: Millis = 0; // when the question under way was put
  #begun: Millis = 0; // when the procedure began
  #moved = 0; // octets of its questions and answers
  /** The exchange under way asks again itself after so much silence. */
  #patience: Millis | undefined;
  /** Octets that came since the last question, and why the last of them that were put aside were. */
  #octets = 0;
  #aside: string | undefined;
  /** Told when the link goes down by itself, or the transport is gone, also where nothing waits for an answer. Must not throw. */
  onDown: ((error: LinkError) => void) | undefined;

  constructor(transport: Transport, link: Link, clock: Clock, options: ClientDriverOptions = {}) {
    this.#responseTimeout = options.responseTimeout ?? 10_000;
    this.#exchangeLimit = options.exchangeLimit ?? 300_000;
    this.#connectLimit = Math.max(this.#exchangeLimit, options.connectLimit ?? 0);
    this.#onUnsolicited = options.onUnsolicited;
    this.#ready = options.ready;
    const driver = this;
    const owner = {
      get deadline() {
        return driver.#deadline;
      },
      heard: (now: Millis, octets: number) => driver.#heard(now, octets),
      event: (event: LinkEvent, now: Millis) => driver.#event(event, now),
      expired: (now: Millis) => driver.#expired(now),
      lost: (error: LinkError) => {
        driver.#lost = error;
        driver.#fall('gone', error);
      },
    };
    this.#pump = new Pump(transport, link, clock, owner, { ...options, echo: options.echo ?? 'auto' });
  }

  /** Whether procedures can run. */
  get connected(): boolean {
    return this.#state === 'connected';
  }

  /**
   * Opens the transport (the first time) and connects the link.
   * @throws LinkError when the port is not to be had, the peer refuses the link or nobody answers; StateError when called out of order.
   */
  async connect(): Promise<ConnectedEvent> {
    if (this.#state === 'gone') throw this.#goneError();
    if (this.#state === 'new') {
      this.#state = 'opening';
      try {
        await this.#pump.transport.open(this.#pump);
      } catch (error) {
        this.#state = 'new';
        throw error;
      }
      if ((this.#state as string) !== 'opening') throw this.#goneError();
      this.#state = 'down';
    }
    if (this.#state !== 'down') {
      throw new StateError(`connect() while the link is ${this.#state}`, { hint: 'one connect() at a time' });
    }
    return new Promise((resolve, reject) => {
      const now = this.#pump.clock.now();
      this.#state = 'connecting';
      this.#connecting = { resolve, reject };
      this.#deadline = now + this.#connectLimit;
      this.#asked = now;
      this.#listenAnew();
      this.#guard(() => this.#pump.link.connect(now));
      this.#pump.turn(now);
    });
  }

  /**
   * Runs a procedure to its end and gives its result.
   * @throws TimeoutError when no answer comes, LinkError when the link or the transport breaks, and whatever the procedure throws.
   */
  run<T>(procedure: Procedure<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const job: Job = { procedure, resolve: resolve as (value: never) => void, reject };
      if (this.#state !== 'connected') {
        abandon(job, this.#goneError());
      } else if (this.#active !== undefined) {
        this.#queue.push(job);
      } else {
        const now = this.#pump.clock.now();
        this.#begin(job, now);
        this.#advance(job, NOTHING, now);
        this.#pump.turn(now);
      }
    });
  }

  /**
   * Takes the link down (HDLC: DISC) and waits until the peer agrees or is given up. What still runs is rejected. Never throws.
   */
  disconnect(): Promise<void> {
    if (this.#state !== 'connected' && this.#state !== 'connecting' && this.#state !== 'disconnecting') {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#disconnecting.push(resolve);
      this.#takeDown(new LinkError('not-connected', 'the connection was closed before the answer came'));
      this.#pump.turn(this.#pump.clock.now());
    });
  }

  /** Disconnects as best it can and closes the transport. The driver is of no use afterwards. Never throws. */
  async close(): Promise<void> {
    const untouched = this.#state === 'new';
    if (this.#state === 'opening') this.#state = 'gone';
    await this.disconnect();
    this.#state = 'gone';
    this.#pump.stop();
    this.#settle(this.#goneError());
    if (untouched) return;
    try {
      await this.#pump.transport.close();
    } catch {
      // It is closed, which is what was asked.
    }
  }

  // ---- what the pump reports

  /** The peer is alive, so its silence is measured anew; the limit of the exchange stays. */
  #heard(now: Millis, octets: number): void {
    this.#octets += octets;
    if (this.#deadline === NEVER || this.#state !== 'connected') return;
    this.#deadline = Math.min(now + (this.#patience ?? this.#responseTimeout), this.#limit);
  }

  #event(event: LinkEvent, now: Millis): void {
    if (event.type === 'payload') this.#payload(event, now);
    else if (event.type === 'discarded') this.#putAside(event.reason, event.bytes);
    else if (event.type === 'connected') this.#up(event);
    else if (event.type === 'closed') this.#fall('down', closedError(event, this.#pump.transport.name, this.#came()));
  }

  #expired(now: Millis): void {
    if (this.#state === 'disconnecting') {
      this.#fall('down', new LinkError('no-answer', 'the peer did not confirm the disconnection'));
      return;
    }
    const whole = this.#state === 'connecting' || now >= this.#limit;
    if (!whole && this.#patience !== undefined && this.#active !== undefined) {
      this.#deadline = NEVER;
      this.#advance(this.#active, NOTHING, now);
      return;
    }
    const due = this.#pump.link.pollTimeout();
    if (!whole && due !== undefined) {
      this.#deadline = Math.min(due, this.#limit);
      return;
    }
    const slow = this.#state !== 'connecting' && now >= this.#last;
    const waited = Math.round((now - (slow ? this.#begun : this.#asked)) / 100) / 10;
    const came = this.#came();
    const hint = came === undefined ? SILENCE : came.reason === NOTIFIED ? PUSHES : SOMETHING;
    const what = `${slow ? 'the answer has no end' : 'no answer'} from ${this.#pump.transport.name}`;
    this.#takeDown(new TimeoutError(`${what} within ${waited} s${inWords(came)}`, { hint, came }));
  }

  // ---- inside

  /** Something came and was no answer: whoever waits in vain is told. */
  #putAside(reason: string, bytes: Uint8Array): void {
    const shown = shownOctets(bytes);
    // Some reasons quote it themselves.
    this.#aside = isText(bytes) && !reason.includes(shown) ? `${reason} (${shown})` : reason;
  }

  #came(): Came | undefined {
    const reason = this.#pump.link.pending?.() ?? this.#aside;
    return reason === undefined ? undefined : { octets: this.#octets, reason };
  }

  /** A new question: what came before it was no answer to it. */
  #listenAnew(): void {
    this.#octets = 0;
    this.#aside = undefined;
  }

  #payload(event: PayloadEvent, now: Millis): void {
    const job = this.#active;
    if (this.#onUnsolicited?.(event) === true) {
      if (job !== undefined) this.#pump.link.awaitMore?.(now);
      // What else was put aside says more.
      this.#aside ??= NOTIFIED;
      return;
    }
    if (job === undefined || this.#preparing) return;
    this.#deadline = NEVER;
    this.#moved += event.bytes.length;
    this.#advance(job, event.bytes, now);
  }

  /** Runs the active procedure on; when it ends, the next one begins. */
  #advance(first: Job, answer: Uint8Array, now: Millis): void {
    if (!this.#waits(first, answer, now)) this.#next(now);
  }

  /** The next procedure that does not end at once. */
  #next(now: Millis): void {
    for (;;) {
      const job = this.#queue.shift();
      this.#begin(job, now);
      if (job === undefined || this.#waits(job, NOTHING, now)) return;
    }
  }

  #begin(job: Job | undefined, now: Millis): void {
    this.#active = job;
    this.#begun = now;
    this.#asked = now;
    this.#moved = 0;
    this.#limit = now + this.#exchangeLimit;
  }

  /** When the procedure under way ends, unless more comes: an answer in pieces that bring next to nothing has an end too. */
  get #last(): Millis {
    return this.#begun + FREE_EXCHANGES * this.#exchangeLimit + this.#moved * OCTET_TIME;
  }

  /** Feeds a procedure and sends what it yields. True when it now waits for an answer, false when it is over. */
  #waits(job: Job, answer: Uint8Array, now: Millis): boolean {
    let input = answer;
    try {
      for (;;) {
        const ready = this.#ready?.();
        if (ready !== undefined) {
          this.#prepare(job, input, ready);
          return true;
        }
        const step = job.procedure.next(input);
        if (step.done === true) {
          job.resolve(step.value as never);
          return false;
        }
        const { apdu, reply, patience, more } = step.value;
        // An empty one is WAIT_ON: the payload was not the answer, so the same exchange goes on.
        if (apdu.length > 0) this.#listenAnew();
        if (step.value.aside !== undefined) this.#putAside(step.value.aside, NOTHING);
        if (apdu.length > 0) {
          this.#pump.link.send(apdu, now, reply ? undefined : more === true ? MORE_FOLLOW : NO_REPLY);
          this.#moved += apdu.length;
          this.#asked = now;
          this.#limit = Math.min(now + this.#exchangeLimit, this.#last);
        } else this.#pump.link.awaitMore?.(now);
        if (reply) {
          this.#patience = patience;
          this.#deadline = Math.min(now + (patience ?? this.#responseTimeout), this.#limit);
          return true;
        }
        input = NOTHING;
      }
    } catch (error) {
      abandon(job, error);
      return false;
    }
  }

  /** Goes on with the procedure when what it waits for is there. */
  #prepare(job: Job, input: Uint8Array, ready: Promise<void>): void {
    this.#preparing = true;
    this.#deadline = NEVER;
    const goOn = (failed?: { readonly error: unknown }) => {
      if (this.#active !== job) return;
      this.#preparing = false;
      const now = this.#pump.clock.now();
      if (failed === undefined) this.#advance(job, input, now);
      else {
        abandon(job, failed.error);
        this.#next(now);
      }
      this.#pump.turn(now);
    };
    ready.then(
      () => goOn(),
      (error: unknown) => goOn({ error }),
    );
  }

  /** Rejects what waits and tells the link to disconnect; `closed` or the deadline ends it. */
  #takeDown(error: unknown): void {
    if (this.#state === 'disconnecting') return;
    const now = this.#pump.clock.now();
    this.#state = 'disconnecting';
    this.#settleJobs(error);
    this.#deadline = now + this.#responseTimeout;
    this.#guard(() => this.#pump.link.disconnect(now));
  }

  #up(event: ConnectedEvent): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'connected';
    this.#deadline = NEVER;
    const waiter = this.#connecting;
    this.#connecting = undefined;
    waiter?.resolve(event);
  }

  #fall(state: 'down' | 'gone', error: LinkError): void {
    const byItself = this.#state === 'connected';
    this.#state = state;
    this.#settle(error);
    if (byItself) this.onDown?.(error);
  }

  #settle(error: unknown): void {
    this.#deadline = NEVER;
    this.#settleJobs(error);
    const waiters = this.#disconnecting;
    this.#disconnecting = [];
    for (const resolve of waiters) resolve();
  }

  #settleJobs(error: unknown): void {
    const connecting = this.#connecting;
    this.#connecting = undefined;
    connecting?.reject(error);
    const jobs = this.#active === undefined ? [] : [this.#active, ...this.#queue.splice(0)];
    this.#active = undefined;
    this.#preparing = false;
    for (const job of jobs) abandon(job, error);
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#pump.fail(error);
    }
  }

  #goneError(): LinkError {
    return (
      this.#lost ??
      new LinkError('not-connected', `${this.#pump.transport.name} is not connected`, {
        hint: 'connect first; after an error connect again',
      })
    );
  }
}

/** Tells a procedure that it cannot go on, so that it may put its session in order, and rejects its promise. */
function abandon(job: Job, error: unknown): void {
  let reason = error;
  try {
    job.procedure.throw(error);
  } catch (thrown) {
    reason = thrown;
  }
  job.reject(reason);
}
