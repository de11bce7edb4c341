// Kept in the declarations, for projects whose `lib` has no AsyncDisposable of its own.
/// <reference lib="esnext.disposable" preserve="true" />

import { onAbort } from '../base/abort.js';
import type { Clock } from '../base/clock.js';
import { LinkError, StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { Listeners } from '../base/listeners.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { Procedure } from '../contracts/procedure.js';
import type { AssociationView } from '../session/client-config.js';
import type { ClientCore } from '../session/client-core.js';
import type { Notification } from '../session/notification-forms.js';
import { withCaller } from './caller.js';
import type { Connection, RunOptions } from './connection.js';
import type { MeterClosed, MeterEvents } from './meter-events.js';
import type { MeterTelemetry } from './meter-telemetry.js';
import { unlessAborted } from './signals.js';
import { Stream } from './stream.js';

/** What a {@link LiveMeter} is made of. */
export interface LiveParts {
  /** The connected line with its association. */
  readonly connection: Connection;
  /** The listeners of the meter's events. */
  readonly events: Listeners<MeterEvents>;
  /** Ends the meter with its reason. */
  readonly signal: AbortSignal | undefined;
  /** Gets logs and metrics about calls. */
  readonly telemetry?: MeterTelemetry | undefined;
  /** Cryptography for what is done over an association in clear. */
  readonly crypto?: () => Promise<CryptoProvider>;
}

/** How many notifications may wait for a reader. */
const MOST_NOTIFICATIONS = 1000;

/** The life of a meter: its calls, one after the other, over a connection that may be lost and restored; its events; and its end. */
export abstract class LiveMeter implements AsyncDisposable {
  /** @internal */
  protected readonly connection: Connection;
  readonly #events: Listeners<MeterEvents>;
  readonly #signal: AbortSignal | undefined;
  readonly #off: (() => void) | undefined;
  readonly #telemetry: MeterTelemetry | undefined;
  readonly #crypto: LiveParts['crypto'];
  #closing: Promise<void> | undefined;
  #closedFor: unknown;
  #changed = false;
  /** Set once the meter has ended, whether or not somebody closed it. */
  #over: MeterClosed | undefined;

  /** @internal */
  constructor({ connection, events, signal, telemetry, crypto }: LiveParts) {
    this.#crypto = crypto;
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

  /** What was negotiated with the meter; undefined when the association is gone. */
  get association(): AssociationView | undefined {
    return this.connection.session.association;
  }

  /** @internal The clock for waiting. */
  get timer(): Clock {
    return this.connection.clock;
  }

  /** @internal The cryptography that the association uses, or would use. */
  async cryptography(): Promise<CryptoProvider> {
    const { crypto } = this.connection.session.config;
    if (crypto !== undefined) return crypto;
    if (this.#crypto === undefined) throw new StateError('this meter was opened without cryptography');
    return this.#crypto();
  }

  /**
   * Listens to events of the meter: `lost`, `resumed`, `closed`, `notification`.
   *
   * ```ts
   * const off = meter.on('lost', ({ error, since }) => console.warn(new Date(since), error.message));
   * ```
   *
   * An error that a listener throws does the meter no harm; it is thrown again in a turn of its own, as an uncaught error.
   * @returns a function that removes the listener.
   */
  on<K extends keyof MeterEvents>(name: K, listener: (event: MeterEvents[K]) => void): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * The notifications that the meter sends on this line from now on, as they come. Ends when the meter is closed. At most a thousand wait
   * for the reader; the oldest are dropped first.
   *
   * ```ts
   * for await (const { time, body } of meter.notifications()) …
   * ```
   * @throws the error that ended the meter, where nobody closed it; the signal's reason.
   */
  notifications({ signal }: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<Notification> {
    const offs: (() => void)[] = [];
    const onEnd = () => {
      for (const off of offs) off();
    };
    const stream = new Stream<Notification>({ most: MOST_NOTIFICATIONS, signal, onEnd });
    if (this.#over !== undefined) stream.end(this.#over.error);
    else if (this.#closing !== undefined) stream.end(this.#closedFor);
    // A stream that has already ended gets no events, and its listeners would stay for ever.
    if (stream.ended) return stream;
    offs.push(this.on('notification', (notification) => stream.push(notification)));
    offs.push(this.on('closed', ({ error }) => stream.end(error)));
    return stream;
  }

  /** @internal Whether any call has changed the meter. */
  get changed(): boolean {
    return this.#changed;
  }

  /**
   * Runs a procedure of the session in its turn, and again after a loss of the line if it changes nothing.
   * @internal
   */
  async run<T>(make: (session: ClientCore) => Procedure<T>, options: RunOptions = {}): Promise<T> {
    const { signal } = options;
    const telemetry = this.#telemetry;
    const begun = telemetry?.now() ?? 0;
    try {
      if (this.#closing !== undefined) throw this.#closedError();
      signal?.throwIfAborted();
      if (options.changes !== undefined) this.#changed = true;
      const value = await (signal === undefined
        ? this.connection.run(make, options)
        : unlessAborted(this.#running(make, options), signal));
      if (signal === undefined) {
        const keeping = this.kept();
        if (keeping !== undefined) await keeping;
      }
      telemetry?.called(begun);
      return value;
    } catch (failure) {
      const ended = signal === undefined && this.#signal?.aborted === true;
      const error = ended ? this.#signal.reason : failure;
      telemetry?.called(begun, { error });
      throw withCaller(error);
    }
  }

  async #running<T>(make: (session: ClientCore) => Procedure<T>, options: RunOptions): Promise<T> {
    try {
      const result = await this.connection.run(make, options);
      await this.kept();
      return result;
    } catch (error) {
      throw this.#signal?.aborted === true ? this.#signal.reason : error;
    }
  }

  /** @internal After each call. @returns what must be waited for; undefined for nothing. */
  protected abstract kept(): Promise<void> | undefined;

  /** @internal The last request before the line is closed. */
  protected abstract farewell(): Procedure<void>;

  /** Lets earlier calls finish, releases the association, disconnects and closes the line. Never throws; once closed it does nothing. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown(this.farewell());
    return this.#closing;
  }

  /** Disconnects at once, also while {@link close} still waits; running calls end with `reason`. Never throws. */
  abort(reason: unknown): Promise<void> {
    this.#closedFor ??= reason;
    if (this.#closing === undefined) this.#closing = this.#shutDown();
    else void this.connection.close();
    return this.#closing;
  }

  /** The same as {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Ends the meter. Earlier calls finish first, unless `farewell` is left out: then it ends at once. */
  async #shutDown(farewell?: Procedure<void>): Promise<void> {
    const { connection } = this;
    connection.ending();
    const { driver } = connection;
    if (farewell !== undefined && driver.connected) {
      try {
        await driver.run(farewell);
      } catch {
        // The disconnection ends the association in any case.
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
