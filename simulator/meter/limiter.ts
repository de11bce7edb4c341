import type { Millis } from '../../src/base/clock.js';
import type { EventLogs } from './events.js';
import type { Relay } from './relay.js';
import type { Supply } from './supply.js';
import { MINUTE } from './time.js';

const OVERLOAD = 215;
const OVERLOAD_OVER = 216;
/** Between remote reconnection and the meter's own closing of the relay. */
const CLOSING_DELAY = 1000;

/** How the relay closes again after the limiter opened it. Seconds. */
export interface RelayTimes {
  readonly interval: number;
  readonly lockout: number;
  readonly attempts: number;
}

/**
 * The load limit (class 71) and what closes the relay again. It looks at the power once a minute, and only while the threshold is low
 * enough to be reached.
 */
export class LoadLimiter {
  readonly #supply: Supply;
  readonly #relay: Relay;
  readonly #events: EventLogs;
  /** W. */
  thresholdNormal = 6600;
  thresholdEmergency = 6600;
  /** Seconds. */
  minOverThresholdDuration = 120;
  minUnderThresholdDuration = 120;
  times: RelayTimes = { interval: 120, lockout: 300, attempts: 4 };
  #overSince: Millis | undefined;
  #underSince: Millis | undefined;
  #overloaded = false;
  #attempts = 0;
  #reconnectAt: Millis | undefined;

  constructor(supply: Supply, relay: Relay, events: EventLogs) {
    this.#supply = supply;
    this.#relay = relay;
    this.#events = events;
  }

  get thresholdActive(): number {
    return this.thresholdNormal;
  }

  /** The relay was made ready by the client: the meter closes it where its mode says so. */
  remotelyReady(now: Millis): void {
    if (this.#relay.reconnectsItself && this.#relay.state === 'ready-for-reconnection')
      this.#reconnectAt = now + CLOSING_DELAY;
  }

  /** The relay was opened by the client: the meter leaves it open. */
  remotelyOpened(): void {
    this.#reconnectAt = undefined;
    this.#overSince = undefined;
  }

  /** When it wants {@link step} to be called, after `now`. */
  next(now: Millis): Millis | undefined {
    if (this.#reconnectAt !== undefined) return Math.max(this.#reconnectAt, now);
    const watched = this.#relay.connected && (this.thresholdActive < this.#supply.load.peak || this.#overloaded);
    return watched ? (Math.floor(now / MINUTE) + 1) * MINUTE : undefined;
  }

  step(at: Millis): void {
    if (this.#reconnectAt !== undefined && at >= this.#reconnectAt) {
      this.#reconnectAt = undefined;
      this.#relay.localReconnect(at);
    } else if (this.#relay.connected) this.#watch(at);
  }

  #watch(at: Millis): void {
    const over = Math.abs(this.#supply.flowAt(at).active) > this.thresholdActive;
    this.#overSince = over ? (this.#overSince ?? at) : undefined;
    this.#underSince = over ? undefined : (this.#underSince ?? at);
    if (this.#overSince !== undefined && at - this.#overSince >= this.minOverThresholdDuration * 1000) this.#trip(at);
    if (this.#underSince !== undefined && at - this.#underSince >= this.minUnderThresholdDuration * 1000) {
      this.#attempts = 0;
      this.#setOverloaded(false, at);
    }
  }

  #trip(at: Millis): void {
    this.#overSince = undefined;
    this.#setOverloaded(true, at);
    this.#relay.localDisconnect(at);
    if (this.#relay.connected) return;
    this.#attempts++;
    const exhausted = this.#attempts > this.times.attempts;
    if (exhausted) this.#attempts = 0;
    if (this.#relay.reconnectsItself) {
      this.#reconnectAt = at + (exhausted ? this.times.lockout : this.times.interval) * 1000;
    }
  }

  #setOverloaded(overloaded: boolean, at: Millis): void {
    if (overloaded === this.#overloaded) return;
    this.#overloaded = overloaded;
    this.#events.record(overloaded ? OVERLOAD : OVERLOAD_OVER, at);
  }
}
