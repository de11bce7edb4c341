import type { Clock, Millis } from '../base/clock.js';
import { type Came, LinkError, StateError } from '../base/errors.js';
import type { ConnectedEvent, Link, LinkEvent, PayloadEvent, SendOptions } from '../contracts/link.js';
import type { Exchange, Procedure } from '../contracts/procedure.js';
import type { Transport } from '../contracts/transport.js';
import { Aside } from './aside.js';
import { type ClientDriverOptions, checkDriverOptions } from './driver-options.js';
import { DriverTimes } from './driver-times.js';
import { closedError, NOTIFIED, notConnected, silentError, TOO_MANY, UNJUDGED } from './driver-words.js';
import { cancellerOf } from './echo-canceller.js';
import { type Failed, Inbox, tellLeft, whenSettled } from './inbox.js';
import { abandon, type Job, type Waiter } from './job.js';
import { Pump } from './pump.js';

const NOTHING = new Uint8Array(0);
const NO_REPLY: SendOptions = { reply: false };
const MORE_FOLLOW: SendOptions = { reply: false, more: true };

export { type LineEcho, lineEcho } from './echo-canceller.js';

/**
 * Drives a client's link over a transport. It is the only place that waits. Procedures run one at a time, in the order in which they came.
 * A procedure costs one promise, however many exchanges it takes. After a `TimeoutError` or `LinkError` the link is down (in HDLC a DISC was sent, if that was possible), and everything that
 * waited is rejected. `connect` may be called again unless the transport itself is gone. A refusal by the meter leaves the link up.
 * ```ts
 * const driver = new ClientDriver(transport, link, { responseTimeout: 5000 });
 * await driver.connect();
 * const answer = await driver.run(procedure);
 * ```
 */
export class ClientDriver {
  readonly #pump: Pump;
  readonly #times: DriverTimes;
  readonly #connectLimit: Millis;
  readonly #onUnsolicited: ClientDriverOptions['onUnsolicited'];
  readonly #ready: ClientDriverOptions['ready'];
  readonly #arriving: ClientDriverOptions['arriving'];
  readonly #judged: ClientDriverOptions['judged'];
  /** The procedure waits for a promise, `ready` or its own, and not for an answer. */
  #preparing = false;
  /** What came while something before it waited for a store. */
  readonly #inbox = new Inbox();
  /** Several requests of the procedure are awaited at once. */
  #beside = false;
  /** The number of requests so far: what came before one was sent does not answer it. */
  #round = 0;
  readonly #queue: Job[] = [];
  #active: Job | undefined;
  #state: 'new' | 'opening' | 'connecting' | 'connected' | 'disconnecting' | 'down' | 'gone' = 'new';
  #connecting: Waiter<ConnectedEvent> | undefined;
  #disconnecting: Array<() => void> = [];
  #lost: LinkError | undefined;
  readonly #aside = new Aside();
  /** Called when the link goes down by itself or the transport is gone, also when nothing waits for an answer. It must not throw. */
  onDown: ((error: LinkError) => void) | undefined;

  constructor(transport: Transport, link: Link, clock: Clock, options: ClientDriverOptions = {}) {
    checkDriverOptions(options);
    const { responseTimeout = 10_000, exchangeLimit = 300_000, connectLimit = 0 } = options;
    this.#times = new DriverTimes(responseTimeout, exchangeLimit);
    this.#connectLimit = Math.max(exchangeLimit, connectLimit);
    this.#onUnsolicited = options.onUnsolicited;
    this.#ready = options.ready;
    this.#arriving = options.arriving;
    this.#judged = options.judged;
    const driver = this;
    const owner = {
      get deadline() {
        return driver.#times.deadline;
      },
      heard: (now: Millis, octets: number) => driver.#heard(now, octets),
      event: (event: LinkEvent, now: Millis) => driver.#event(event, now),
      expired: (now: Millis) => driver.#expired(now),
      lost: (error: LinkError) => {
        driver.#lost = error;
        driver.#fall('gone', error);
      },
    };
    this.#pump = new Pump(transport, link, clock, owner, { ...options, echo: cancellerOf(options.echo) });
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
      if ((this.#state as string) !== 'opening') {
        await this.#pump.transport.close();
        throw this.#goneError();
      }
      this.#state = 'down';
    }
    if (this.#state !== 'down') {
      throw new StateError(`connect() while the link is ${this.#state}`, { hint: 'one connect() at a time' });
    }
    return new Promise((resolve, reject) => {
      const now = this.#pump.clock.now();
      this.#state = 'connecting';
      this.#connecting = { resolve, reject };
      this.#times.connecting(now, this.#connectLimit);
      this.#aside.anew();
      this.#guard(() => this.#pump.link.connect(now));
      this.#pump.turn(now);
    });
  }

  /**
   * Runs a procedure to its end and gives its result.
   * @throws TimeoutError when no answer comes, LinkError when the link or the transport breaks, and whatever the procedure throws.
   */
  run<T>(procedure: Pick<Procedure<T>, 'next' | 'throw'>): Promise<T> {
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

  /** Whether procedures wait for the one under way. */
  get queued(): boolean {
    return this.#queue.length > 0;
  }

  /** Feeds an empty array to the procedure under way where it awaits an answer: it has something to send beside what it asked. */
  poke(): void {
    const job = this.#active;
    if (this.#state !== 'connected' || job === undefined || this.#preparing || this.#inbox.holding) return;
    this.#advance(job, NOTHING, this.#pump.clock.now());
    this.#pump.turn(this.#pump.clock.now());
  }

  /** Takes the link down (HDLC: DISC) and waits until the peer confirms or does not answer. What still runs is rejected. Never throws. */
  disconnect(): Promise<void> {
    if (!['connected', 'connecting', 'disconnecting'].includes(this.#state)) return Promise.resolve();
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

  #heard(now: Millis, octets: number): void {
    this.#aside.heard(octets);
    if (this.#state === 'connected') this.#times.heard(now);
  }

  #event(event: LinkEvent, now: Millis): void {
    if (event.type === 'payload') this.#take(event, now);
    else if (event.type === 'discarded') this.#aside.put(event.reason, event.bytes);
    else if (event.type === 'connected') this.#up(event);
    else if (event.type === 'closed') this.#fall('down', closedError(event, this.#pump.transport.name, this.#came()));
  }

  #expired(now: Millis): void {
    if (this.#state === 'disconnecting') {
      this.#fall('down', new LinkError('no-answer', 'the peer did not confirm the disconnection'));
      return;
    }
    const connecting = this.#state === 'connecting';
    const whole = connecting || now >= this.#times.limit;
    if (!whole && this.#times.patience !== undefined && this.#active !== undefined) {
      this.#times.stop();
      this.#advance(this.#active, NOTHING, now);
      return;
    }
    const due = this.#pump.link.pollTimeout();
    if (!whole && due !== undefined) {
      this.#times.again(due);
      return;
    }
    const lasted = this.#times.lasted(now, connecting);
    this.#takeDown(silentError(this.#pump.transport.name, { ...lasted, came: this.#came() }));
  }

  // ---- inside

  #came(): Came | undefined {
    return this.#aside.came(this.#pump.link.pending?.());
  }

  #take(event: PayloadEvent, now: Millis): void {
    if (this.#state !== 'connected') this.#payload(event, now, this.#round);
    else if (!this.#inbox.holding) this.#arrive(event, now, this.#round);
    else if (!this.#inbox.put(event, this.#round)) this.#aside.put(TOO_MANY, event.bytes);
  }

  #arrive(event: PayloadEvent, now: Millis, round: number): void {
    let wait: Promise<void> | undefined;
    try {
      wait = this.#arriving?.(event);
    } catch (error) {
      this.#unjudged({ error }, event, now);
      return;
    }
    if (wait === undefined) this.#payload(event, now, round);
    else {
      this.#hold(wait, (failed, later) => {
        if (failed === undefined) this.#payload(event, later, round);
        else this.#unjudged(failed, event, later);
      });
    }
  }

  /** What a store knows of its sender did not come: nobody may judge it. */
  #unjudged({ error }: Failed, { bytes }: PayloadEvent, now: Millis): void {
    this.#aside.put(UNJUDGED, bytes);
    const job = this.#active;
    if (job === undefined || this.#preparing) return;
    abandon(job, error);
    this.#next(now);
  }

  #payload(event: PayloadEvent, now: Millis, round: number): void {
    const job = this.#active;
    const answers = job !== undefined && !this.#preparing && round === this.#round;
    if (this.#onUnsolicited?.(event) === true) {
      if (job !== undefined) this.#pump.link.awaitMore?.(now);
      this.#aside.else(NOTIFIED);
      const kept = this.#judged?.();
      // Who got the notification, or did not, knows what became of it.
      if (kept !== undefined) this.#hold(kept, () => {});
      return;
    }
    if (!answers) return;
    this.#times.answered(event.bytes.length);
    this.#advance(job, event.bytes, now);
  }

  /** Holds back what comes until a store has answered. The peer is not to blame for the time that it takes. */
  #hold(wait: Promise<void>, goOn: (failed: Failed | undefined, now: Millis) => void): void {
    this.#times.pause(this.#pump.clock.now());
    this.#inbox.hold(wait, (failed) => {
      const now = this.#pump.clock.now();
      if (!this.#inbox.holding) this.#times.resume(now);
      goOn(failed, now);
      this.#drain(now);
      this.#pump.turn(now);
    });
  }

  /** Judges what came meanwhile, until something of it has to wait again. */
  #drain(now: Millis): void {
    for (let kept = this.#inbox.next(); kept !== undefined; kept = this.#inbox.next()) {
      this.#arrive(kept.event, now, kept.round);
    }
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
    this.#beside = false;
    this.#active = job;
    this.#times.begin(now);
  }

  /** Feeds a procedure and sends what it yields. True when it now waits for an answer, false when it is over. */
  #waits(job: Job, answer: Uint8Array, now: Millis): boolean {
    try {
      for (let input = answer; ; input = NOTHING) {
        const ready = this.#ready?.();
        if (ready !== undefined) return this.#prepare(job, input, ready);
        const step = job.procedure.next(input);
        const kept = this.#judged?.();
        if (kept !== undefined) {
          this.#keep(job, step, kept);
          return true;
        }
        const waits = this.#act(job, step, now);
        if (waits !== undefined) return waits;
      }
    } catch (error) {
      abandon(job, error);
      return false;
    }
  }

  /** Does what a procedure wants. @returns as {@link #waits}; undefined when it is to be fed at once. */
  #act(job: Job, step: IteratorResult<Exchange, unknown>, now: Millis): boolean | undefined {
    if (step.done === true) {
      job.resolve(step.value as never);
      return false;
    }
    const { apdu, reply, patience, more, aside, until, beside = false } = step.value;
    this.#beside = beside;
    if (until !== undefined) return this.#prepare(job, NOTHING, until);
    // An empty APDU is WAIT_ON: the payload was not the answer, so the same exchange continues.
    if (apdu.length > 0) this.#aside.anew();
    if (aside !== undefined) this.#aside.put(aside, NOTHING);
    if (apdu.length > 0) {
      this.#pump.link.send(apdu, now, reply ? undefined : more === true ? MORE_FOLLOW : NO_REPLY);
      if (!beside) this.#round++;
      this.#times.sent(now, apdu.length);
    } else this.#pump.link.awaitMore?.(now);
    if (!reply) return undefined;
    this.#times.expect(now, patience);
    return true;
  }

  /** Continues the procedure when what it waits for is settled. What comes behind an answer is not judged before it. */
  #prepare(job: Job, input: Uint8Array, ready: Promise<void>): true {
    this.#preparing = true;
    const goOn = (failed: Failed | undefined, now: Millis) => {
      if (this.#active !== job) return;
      this.#preparing = false;
      if (failed === undefined) this.#advance(job, input, now);
      else {
        abandon(job, failed.error);
        this.#next(now);
      }
    };
    this.#times.stop();
    if (input.length > 0 || this.#beside) this.#hold(ready, goOn);
    else {
      whenSettled(ready, (failed) => {
        const now = this.#pump.clock.now();
        goOn(failed, now);
        this.#pump.turn(now);
      });
    }
    return true;
  }

  /** Does what a procedure wants, or ends it, when what it took note of is kept. */
  #keep(job: Job, step: IteratorResult<Exchange, unknown>, kept: Promise<void>): void {
    this.#times.stop();
    this.#hold(kept, (failed, now) => {
      if (this.#active !== job) return;
      let waits: boolean | undefined = false;
      try {
        if (failed !== undefined) throw failed.error;
        waits = this.#act(job, step, now);
      } catch (error) {
        abandon(job, error);
      }
      if (waits === undefined) this.#advance(job, NOTHING, now);
      else if (!waits) this.#next(now);
    });
  }

  /** Rejects what waits and tells the link to disconnect. The event `closed` or the deadline completes it. */
  #takeDown(error: unknown): void {
    if (this.#state === 'disconnecting') return;
    const now = this.#pump.clock.now();
    this.#state = 'disconnecting';
    this.#settleJobs(error);
    this.#times.disconnecting(now);
    this.#guard(() => this.#pump.link.disconnect(now));
  }

  #up(event: ConnectedEvent): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'connected';
    this.#times.stop();
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
    this.#times.stop();
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
    const left = this.#inbox.end();
    this.#times.end();
    for (const job of jobs) abandon(job, error);
    tellLeft(left, this.#arriving, this.#onUnsolicited);
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#pump.fail(error);
    }
  }

  #goneError(): LinkError {
    return this.#lost ?? notConnected(this.#pump.transport.name);
  }
}
