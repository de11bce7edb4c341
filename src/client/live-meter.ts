// Kept in the declarations, for projects whose `lib` has no AsyncDisposable of its own.
/// <reference lib="esnext.disposable" preserve="true" />

import { onAbort } from '../base/abort.js';
import type { Clock } from '../base/clock.js';
import { LinkError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { Listeners } from '../base/listeners.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { Procedure } from '../contracts/procedure.js';
import type { AssociationView } from '../session/client-config.js';
import type { ClientSession } from '../session/client-session.js';
import type { Notification } from '../session/notification.js';
import { withCaller } from './caller.js';
import type { Connection, RunOptions } from './connection.js';
import type { MeterClosed, MeterEvents } from './meter-events.js';
import type { MeterTelemetry } from './meter-telemetry.js';
import { unlessAborted } from './signals.js';
import { Stream } from './stream.js';

/** What a meter's life is made of. */
export interface LiveParts {
  readonly connection: Connection;
  readonly events: Listeners<MeterEvents>;
  readonly signal: AbortSignal | undefined;
  /** Who is told how calls go. */
  readonly telemetry?: MeterTelemetry | undefined;
}

/** Notifications that wait for who reads them. */
const MOST_NOTIFICATIONS = 1000;

/** The life of a meter: its calls one after the other over what may be lost and taken up again, what it tells of, and its end. */
export abstract class LiveMeter implements AsyncDisposable {
  /** @internal */
  protected readonly connection: Connection;
  readonly #events: Listeners<MeterEvents>;
  readonly #signal: AbortSignal | undefined;
  readonly #off: (() => void) | undefined;
  readonly #telemetry: MeterTelemetry | undefined;
  #closing: Promise<void> | undefined;
  #closedFor: unknown;
  #changed = false;
  /** It ended for good, also where nobody closed it. */
  #over: MeterClosed | undefined;

  /** @internal */
  constructor({ connection, events, signal, telemetry }: LiveParts) {
    this.#telemetry = telemetry;
    this.connection = connection;
    this.#events = events;
    this.#signal = signal;
    if (signal !== undefined) this.#off = onAbort(signal, () => void this.abort(signal.reason));
    events.on('closed', (over) => {
      this.#over = over;
      this.#off?.();
    });
  }

  /** Whether the link and the association are up. */
  get connected(): boolean {
    const { driver, session } = this.connection;
    return this.#closing === undefined && driver.connected && session.association !== undefined;
  }

  /** What was agreed with the meter; undefined when the association is gone. */
  get association(): AssociationView | undefined {
    return this.connection.session.association;
  }

  /** @internal What it waits by. */
  get timer(): Clock {
    return this.connection.clock;
  }

  /** @internal The cryptography that the association uses. */
  get crypto(): CryptoProvider {
    return this.connection.session.config.crypto;
  }

  /**
   * Listens to what happens with the meter: `lost`, `resumed`, `closed`, `notification`.
   *
   * ```ts
   * const off = meter.on('lost', ({ error, since }) => console.warn(new Date(since), error.message));
   * ```
   *
   * What a listener throws does the meter no harm; it is thrown in a turn of its own, as an error that nobody caught.
   * @returns what ends the listening.
   */
  on<K extends keyof MeterEvents>(name: K, listener: (event: MeterEvents[K]) => void): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * What the meter sends by itself on this line, from now on, as it comes. Ends when the meter is closed. A thousand wait at most for who
   * reads; the oldest go first.
   *
   * ```ts
   * for await (const { time, body } of meter.notifications()) …
   * ```
   * @throws what ended the meter, where nobody closed it; the signal's reason.
   */
  notifications({ signal }: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<Notification> {
    const offs: (() => void)[] = [];
    const onEnd = () => {
      for (const off of offs) off();
    };
    const stream = new Stream<Notification>({ most: MOST_NOTIFICATIONS, signal, onEnd });
    if (this.#over !== undefined) stream.end(this.#over.error);
    else if (this.#closing !== undefined) stream.end(this.#closedFor);
    // What has ended already is told of nothing, and its listeners would stay for ever.
    if (stream.ended) return stream;
    offs.push(this.on('notification', (notification) => stream.push(notification)));
    offs.push(this.on('closed', ({ error }) => stream.end(error)));
    return stream;
  }

  /** @internal Whether anything was called that changes the meter. */
  get changed(): boolean {
    return this.#changed;
  }

  /**
   * Runs a procedure of the session in its turn, again after a loss of the line where it changes nothing.
   * @internal
   */
  async run<T>(make: (session: ClientSession) => Procedure<T>, options: RunOptions = {}): Promise<T> {
    const { signal } = options;
    const telemetry = this.#telemetry;
    const begun = telemetry?.now() ?? 0;
    try {
      if (this.#closing !== undefined) throw this.#closedError();
      signal?.throwIfAborted();
      if (options.changes !== undefined) this.#changed = true;
      const running = this.#running(make, options);
      const value = await (signal === undefined ? running : unlessAborted(running, signal));
      telemetry?.called(begun);
      return value;
    } catch (error) {
      telemetry?.called(begun, { error });
      throw withCaller(error);
    }
  }

  async #running<T>(make: (session: ClientSession) => Procedure<T>, options: RunOptions): Promise<T> {
    try {
      const result = await this.connection.run(make, options);
      await this.kept();
      return result;
    } catch (error) {
      throw this.#signal?.aborted === true ? this.#signal.reason : error;
    }
  }

  /** @internal After each call. */
  protected abstract kept(): Promise<void>;

  /** @internal What is said before the line is closed. */
  protected abstract farewell(): Procedure<void>;

  /**
   * Lets the calls made before finish, releases the association, disconnects and closes the line. Never throws; once closed it does
   * nothing.
   */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown(this.farewell());
    return this.#closing;
  }

  /** Disconnects at once, also where {@link close} still waits; whatever is under way ends with `reason`. Never throws. */
  abort(reason: unknown): Promise<void> {
    this.#closedFor ??= reason;
    if (this.#closing === undefined) this.#closing = this.#shutDown();
    else void this.connection.close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What was called before finishes first, unless `farewell` is left out: then it ends at once. */
  async #shutDown(farewell?: Procedure<void>): Promise<void> {
    const { connection } = this;
    connection.ending();
    const { driver } = connection;
    if (farewell !== undefined && driver.connected) {
      try {
        await driver.run(farewell);
      } catch {
        // The disconnection ends the association all the same.
      }
    }
    await connection.close();
    this.#events.emit('closed', given({ error: this.#closedFor }));
    this.#events.end();
  }

  #closedError(): unknown {
    return this.#closedFor ?? new LinkError('not-connected', 'the meter was closed', { hint: 'open it again' });
  }
}
