import type { Clock, Millis } from '../base/clock.js';
import { CosemError, LinkError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { LineObserver } from '../contracts/line-observer.js';
import type { Link, LinkEvent } from '../contracts/link.js';
import type { Transport, TransportHandler } from '../contracts/transport.js';
import type { EchoCanceller } from './echo-canceller.js';

const NOTHING = new Uint8Array(0);

/** Options of a {@link Pump}. */
export interface PumpOptions extends LineObserver {
  /** Removes our own octets, which come back. Left out, none are looked for. */
  readonly echo?: EchoCanceller | undefined;
}

/** Who owns a {@link Pump}: the client's driver or a served connection. */
export interface PumpOwner {
  /** When `expired` must be called; Infinity for never. */
  readonly deadline: Millis;
  /** Called when this many octets were received, without echoes; their events follow. */
  heard(now: Millis, octets: number): void;
  event(event: LinkEvent, now: Millis): void;
  expired(now: Millis): void;
  /** The transport is gone, or our own code failed. Called once, and nothing after it. */
  lost(error: LinkError): void;
}

/**
 * Moves octets and time between one transport and one link, and gives the link's events to its owner. Everything happens synchronously
 * inside `data`, `turn` and the timer, so that an exchange needs no promise of its own. A timer is only armed when it must fire before the
 * one already armed; a timer that fires too early checks again.
 */
export class Pump implements TransportHandler {
  readonly transport: Transport;
  readonly link: Link;
  readonly clock: Clock;
  readonly #owner: PumpOwner;
  readonly #trace: LineObserver['trace'];
  readonly #onLinkEvent: LineObserver['onLinkEvent'];
  readonly #echo: EchoCanceller | undefined;
  #turning = false;
  /** True while the line changes its speed: nothing is sent then. */
  #paused = false;
  #gone = false;
  #armed: Millis = Number.POSITIVE_INFINITY;
  #disarm: (() => void) | undefined;
  readonly #ring = () => this.#tick();

  constructor(transport: Transport, link: Link, clock: Clock, owner: PumpOwner, options: PumpOptions) {
    this.transport = transport;
    this.link = link;
    this.clock = clock;
    this.#owner = owner;
    this.#trace = options.trace;
    this.#onLinkEvent = options.onLinkEvent;
    this.#echo = options.echo;
    if (this.#echo !== undefined) this.#echo.cancelled = (frame) => this.#cancelled(frame);
  }

  /** Whether the transport has closed or was abandoned. */
  get gone(): boolean {
    return this.#gone;
  }

  data(chunk: Uint8Array): void {
    if (this.#gone) return;
    const now = this.clock.now();
    try {
      this.#trace?.({ direction: 'received', bytes: chunk, now });
      this.#hear(this.#echo?.receive(chunk, now) ?? chunk, now);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.turn(now);
  }

  #hear(octets: Uint8Array, now: Millis): void {
    if (octets.length === 0) return;
    this.#owner.heard(now, octets.length);
    this.link.receive(octets, now);
  }

  #cancelled(bytes: Uint8Array): void {
    this.#onLinkEvent?.({ type: 'discarded', bytes, reason: 'echo: our own frame, come back' }, this.clock.now());
  }

  closed(error?: Error): void {
    const { name } = this.transport;
    const pending = this.#gone ? undefined : this.link.pending?.();
    if (pending !== undefined) {
      this.#onLinkEvent?.(
        { type: 'discarded', bytes: NOTHING, reason: `${pending}: the line closed` },
        this.clock.now(),
      );
    }
    this.#lose(
      error instanceof LinkError
        ? error
        : new LinkError(
            'transport',
            `${name} closed${error === undefined ? '' : `: ${error.message}`}${pending === undefined ? '' : `; ${pending}`}`,
            {
              hint: 'the other end closed the line, or the cable or adapter was unplugged; connect again',
              ...given({ cause: error }),
            },
          ),
    );
  }

  /**
   * Sends what the link has to send, gives its events to the owner and arms the timer. Called after every call of the link. A call from
   * inside an event handler returns at once, and the running turn goes on until nothing is left.
   */
  turn(now: Millis): void {
    if (this.#turning || this.#gone) return;
    this.#turning = true;
    try {
      while (this.#step(now));
      this.#arm();
    } catch (error) {
      this.fail(error);
    } finally {
      this.#turning = false;
    }
  }

  /** Abandons the line after an error of our own: the owner is told once, timers stop, the transport is closed. */
  fail(error: unknown): void {
    if (this.#gone) return;
    const { transport } = this;
    this.#lose(
      error instanceof LinkError
        ? error
        : new LinkError('transport', `${transport.name}: ${describe(error)}`, { cause: error }),
    );
    transport.close().catch(() => {
      // It is closed, which is what was asked.
    });
  }

  /** Stops silently: no event, no timer, nothing sent any more. */
  stop(): void {
    this.#gone = true;
    this.#disarm?.();
    this.#disarm = undefined;
  }

  #lose(error: LinkError): void {
    if (this.#gone) return;
    this.stop();
    this.#owner.lost(error);
  }

  /** One frame out or one event in; false when there is neither. */
  #step(now: Millis): boolean {
    if (this.#gone) return false;
    const { link } = this;
    if (!this.#paused) {
      const frame = link.pollTransmit();
      if (frame !== undefined) {
        this.#trace?.({ direction: 'sent', bytes: frame, now });
        this.#echo?.sent(frame);
        this.transport.write(frame);
        return true;
      }
    }
    const event = link.pollEvent();
    if (event === undefined) return false;
    this.#onLinkEvent?.(event, now);
    if (event.type === 'reconfigure') this.#reconfigure(event.baud);
    this.#owner.event(event, now);
    return true;
  }

  /** IEC 62056-21: what was written is sent at the old speed, then the line changes. The link adds the parity itself. */
  #reconfigure(baudRate: number): void {
    const { transport } = this;
    if (transport.configure === undefined) return;
    this.#paused = true;
    const change = async () => {
      await transport.drain?.();
      await transport.configure?.({ baudRate, dataBits: 8, parity: 'none' });
    };
    change().then(
      () => {
        this.#paused = false;
        this.turn(this.clock.now());
      },
      (error: unknown) => this.fail(error),
    );
  }

  #arm(): void {
    if (this.#gone) return;
    const link = this.link.pollTimeout() ?? Number.POSITIVE_INFINITY;
    const echo = this.#echo?.pollTimeout() ?? Number.POSITIVE_INFINITY;
    const wanted = Math.min(link, echo, this.#owner.deadline);
    if (wanted >= this.#armed) return;
    this.#disarm?.();
    this.#armed = wanted;
    this.#disarm = this.clock.at(wanted, this.#ring);
  }

  #tick(): void {
    this.#armed = Number.POSITIVE_INFINITY;
    this.#disarm = undefined;
    if (this.#gone) return;
    const now = this.clock.now();
    try {
      if (this.#echo !== undefined) this.#hear(this.#echo.handleTimeout(now), now);
      const due = this.link.pollTimeout();
      if (due !== undefined && due <= now) this.link.handleTimeout(now);
      // The link handles its timers first: it may have given up, or heard an answer.
      this.turn(now);
      if (!this.#gone && this.#owner.deadline <= now) this.#owner.expired(now);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.turn(now);
  }
}

function describe(error: unknown): string {
  if (error instanceof CosemError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
