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
/** A procedure may take as long as this many exchanges, plus this much time for each octet sent or received. */
const [FREE_EXCHANGES, OCTET_TIME] = [12, 1000];
const NEVER = Number.POSITIVE_INFINITY;

/** Options of {@link ClientDriver}. Times are in milliseconds. */
export interface ClientDriverOptions extends Omit<PumpOptions, 'echo'> {
  /**
   * Whether our own octets come back, as from an optical probe, and must be removed. Default `auto`: from the first complete frame that
   * comes back.
   */
  readonly echo?: PumpOptions['echo'];
  /**
   * How long the peer may stay silent while an answer is awaited. Default 10 s. A link that repeats by itself (HDLC) may finish its own
   * repetitions first.
   */
  readonly responseTimeout?: Millis;
  /** How long one exchange, or connecting, may take in total, however much is received meanwhile. Default 5 minutes. */
  readonly exchangeLimit?: Millis;
  /** The same for connecting, if it may take longer, because a meter that refuses the link is tried again later. */
  readonly connectLimit?: Millis;
  /**
   * Gets every payload before it is taken as an answer. Returns true when it was unsolicited (a notification) and has been handled. It must
   * not throw.
   */
  readonly onUnsolicited?: (payload: PayloadEvent) => boolean;
  /**
   * Called before each step of a procedure. Returns what must be waited for first, such as counters from a remote store; undefined for
   * nothing. If it rejects, the procedure fails and the link stays up.
   */
  readonly ready?: (() => Promise<void> | undefined) | undefined;
}

/**
 * What is known about the echo of a line. Give it as the option `echo` to each of several drivers that use the line one after the other.
 */
export type LineEcho = EchoCanceller;

/** A new {@link LineEcho} that knows nothing yet. */
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
 * Drives a client's link over a transport. It is the only place that waits. Procedures run one at a time, in the order in which they came.
 * A procedure costs one promise, however many exchanges it takes.
 *
 * After a {@link TimeoutError} or {@link LinkError} the link is down (in HDLC a DISC was sent, if that was possible), and everything that
 * waited is rejected. `connect` may be called again unless the transport itself is gone. A refusal by the meter leaves the link up.
 * ```ts
 * const driver = new ClientDriver(transport, link, { responseTimeout: 5000 });
 * await driver.connect();
 * const answer = await driver.run(procedure);
 * ```
 */
export class ClientDriver {
  readonly #pump: Pump;
  readonly #responseTimeout: Millis;
  readonly #exchangeLimit: Millis;
  readonly #connectLimit: Millis;
  readonly #onUnsolicited: ClientDriverOptions['onUnsolicited'];
  readonly #ready: ClientDriverOptions['ready'];
  /** The procedure waits for its `ready` promise, not for an answer. */
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
  /** After this much silence the running exchange repeats its request by itself. */
  #patience: Millis | undefined;
  /** How many octets came since the last request, and why the last rejected ones were rejected. */
  #octets = 0;
  #aside: string | undefined;
  /** Called when the link goes down by itself or the transport is gone, also when nothing waits for an answer. It must not throw. */
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

  /** Whether procedures can run now. */
  get connected(): boolean {
    return this.#state === 'connected';
  }

  /**
   * Opens the transport (the first time) and connects the link.
   * @throws LinkError when the port is not available, the peer refuses the link or nobody answers; StateError when called out of order.
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

  /** Takes the link down (HDLC: DISC) and waits until the peer confirms or does not answer. What still runs is rejected. Never throws. */
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

  /** Disconnects if possible and closes the transport. The driver cannot be used afterwards. Never throws. */
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

  /** The peer is alive, so the time of silence starts again. The limit of the exchange does not. */
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

  /** Remembers something that came and was not an answer, to report it if no answer follows. */
  #putAside(reason: string, bytes: Uint8Array): void {
    const shown = shownOctets(bytes);
    // Some reasons already quote the octets.
    this.#aside = isText(bytes) && !reason.includes(shown) ? `${reason} (${shown})` : reason;
  }

  #came(): Came | undefined {
    const reason = this.#pump.link.pending?.() ?? this.#aside;
    return reason === undefined ? undefined : { octets: this.#octets, reason };
  }

  /** A new request: what came before it was not its answer. */
  #listenAnew(): void {
    this.#octets = 0;
    this.#aside = undefined;
  }

  #payload(event: PayloadEvent, now: Millis): void {
    const job = this.#active;
    if (this.#onUnsolicited?.(event) === true) {
      if (job !== undefined) this.#pump.link.awaitMore?.(now);
      // Any other reason is more helpful.
      this.#aside ??= NOTIFIED;
      return;
    }
    if (job === undefined || this.#preparing) return;
    this.#deadline = NEVER;
    this.#moved += event.bytes.length;
    this.#advance(job, event.bytes, now);
  }

  /** Continues the active procedure; when it ends, the next one starts. */
  #advance(first: Job, answer: Uint8Array, now: Millis): void {
    if (!this.#waits(first, answer, now)) this.#next(now);
  }

  /** Starts procedures until one of them has to wait. */
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

  /** The time limit of the running procedure. Each received octet extends it a little, so that an answer in many tiny pieces ends too. */
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
        // An empty APDU is WAIT_ON: the payload was not the answer, so the same exchange continues.
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

  /** Continues the procedure when its `ready` promise is settled. */
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

  /** Rejects what waits and tells the link to disconnect. The event `closed` or the deadline completes it. */
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

/** Ends a procedure with an error, so that it can tidy up its session, and rejects its promise. */
function abandon(job: Job, error: unknown): void {
  let reason = error;
  try {
    job.procedure.throw(error);
  } catch (thrown) {
    reason = thrown;
  }
  job.reject(reason);
}
