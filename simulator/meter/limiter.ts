import type { Millis } from '../../src/base/clock.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import type { Timeline } from './conditions.js';
import type { EventLogs } from './events.js';
import type { Process } from './process.js';
import type { SupplyRelay } from './relay.js';
import type { Supply } from './supply.js';
import { type MeterTime, MINUTE } from './time.js';

const OVERLOAD = 215;
const OVERLOAD_OVER = 216;

/** How the relay closes again after the limiter opened it. Times are in seconds. */
export interface RelayTimes {
  readonly interval: number;
  readonly lockout: number;
  readonly attempts: number;
}

/** Another load limit for some time, for a group of meters. */
export interface EmergencyProfile {
  readonly id: number;
  /** The beginning by the meter's clock; with wildcards it never begins. */
  readonly activation: CosemDateTime;
  /** Seconds. */
  readonly duration: number;
}

/** What the limiter reads and controls. */
export interface LimiterParts {
  readonly supply: Supply;
  readonly timeline: Timeline;
  readonly time: MeterTime;
  readonly relay: SupplyRelay;
  readonly events: EventLogs;
}

/**
 * The load limit (class 71), and what closes the relay again. The power changes every minute and with what is done to the meter. The
 * limiter looks at those times, and only while the threshold is low enough to be reached.
 */
export class LoadLimiter implements Process {
  readonly #parts: LimiterParts;
  // Code that changes one of these must call `changed` afterwards.
  /** W. */
  thresholdNormal = 6600;
  thresholdEmergency = 6600;
  /** Seconds. */
  minOverThresholdDuration = 120;
  minUnderThresholdDuration = 120;
  times: RelayTimes = { interval: 120, lockout: 300, attempts: 4 };
  emergencyProfile: EmergencyProfile = { id: 0, activation: new CosemDateTime(), duration: 0 };
  /** Ids of the emergency profiles that concern this meter. */
  emergencyGroups: readonly number[] = [];
  #overSince: Millis | undefined;
  #underSince: Millis | undefined;
  #overloaded = false;
  #attempts = 0;
  #lockedUntil: Millis | undefined;
  #looked: Millis;
  #changed: Millis | undefined;

  constructor(parts: LimiterParts) {
    this.#parts = parts;
    this.#looked = parts.supply.installed;
  }

  /** Whether an emergency profile applies: one of our groups, from its activation on for its duration, by the meter's clock. */
  isEmergency(at: Millis): boolean {
    const window = this.#window(at);
    return window !== undefined && window.from <= at && at < window.to;
  }

  /** threshold_active, in W. */
  thresholdAt(at: Millis): number {
    return this.isEmergency(at) ? this.thresholdEmergency : this.thresholdNormal;
  }

  /** Called when something was done to the meter or its limits, or when its clock was set. */
  changed(at: Millis): void {
    this.#changed = at;
  }

  /** The current is too high: the relay opens as for an overload. */
  trip(at: Millis): void {
    const { relay } = this.#parts;
    const { interval, lockout, attempts } = this.times;
    if (relay.mode === 0 || relay.state !== 'connected') return;
    this.#overSince = undefined;
    this.#attempts++;
    const exhausted = this.#attempts > attempts;
    relay.localDisconnect(at, exhausted ? undefined : interval * 1000);
    if (!exhausted) return;
    this.#attempts = 0;
    this.#lockedUntil = at + lockout * 1000;
    relay.hold('lockout');
  }

  next(after: Millis): Millis | undefined {
    let next = this.#changed ?? Number.POSITIVE_INFINITY;
    if (this.#lockedUntil !== undefined) next = Math.min(next, this.#lockedUntil);
    const window = this.#window(after);
    // The threshold changes where an emergency begins or ends.
    const base = Math.max(after, this.#looked);
    if (window !== undefined && window.from > base) next = Math.min(next, window.from);
    else if (window !== undefined && window.to > base) next = Math.min(next, window.to);
    if (this.#watches(after)) {
      next = Math.min(next, (Math.floor(base / MINUTE) + 1) * MINUTE);
      if (this.#overSince !== undefined) next = Math.min(next, this.#overSince + this.minOverThresholdDuration * 1000);
      if (this.#underSince !== undefined && (this.#overloaded || this.#attempts > 0))
        next = Math.min(next, this.#underSince + this.minUnderThresholdDuration * 1000);
    }
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  step(at: Millis): void {
    this.#changed = undefined;
    this.#looked = at;
    if (this.#lockedUntil !== undefined && at >= this.#lockedUntil) {
      this.#lockedUntil = undefined;
      this.#parts.relay.release('lockout', at);
    }
    const { relay } = this.#parts;
    if (relay.connected && relay.mode !== 0) this.#watch(at);
    else {
      this.#overSince = undefined;
      this.#underSince = undefined;
    }
  }

  save() {
    return {
      thresholds: [this.thresholdNormal, this.thresholdEmergency],
      durations: [this.minOverThresholdDuration, this.minUnderThresholdDuration],
      times: { ...this.times },
      emergency: {
        id: this.emergencyProfile.id,
        activation: this.emergencyProfile.activation.toBytes(),
        duration: this.emergencyProfile.duration,
        groups: this.emergencyGroups,
      },
      overSince: this.#overSince,
      underSince: this.#underSince,
      overloaded: this.#overloaded,
      attempts: this.#attempts,
      lockedUntil: this.#lockedUntil,
      looked: this.#looked,
      changed: this.#changed,
    };
  }

  load(saved: ReturnType<LoadLimiter['save']>): void {
    [this.thresholdNormal, this.thresholdEmergency] = saved.thresholds as [number, number];
    [this.minOverThresholdDuration, this.minUnderThresholdDuration] = saved.durations as [number, number];
    this.times = saved.times;
    const { id, activation, duration, groups } = saved.emergency;
    this.emergencyProfile = { id, activation: CosemDateTime.fromBytes(activation), duration };
    this.emergencyGroups = groups;
    this.#overSince = saved.overSince;
    this.#underSince = saved.underSince;
    this.#overloaded = saved.overloaded;
    this.#attempts = saved.attempts;
    this.#lockedUntil = saved.lockedUntil;
    this.#looked = saved.looked;
    this.#changed = saved.changed;
  }

  /** Whether the load can reach the threshold at all. */
  #watches(at: Millis): boolean {
    const { relay, supply, timeline } = this.#parts;
    if (!relay.connected || relay.mode === 0) return false;
    if (this.#overloaded || this.#attempts > 0 || this.#overSince !== undefined) return true;
    const added = timeline.current.appliances.reduce((sum, { watts }) => sum + Math.max(0, watts), 0);
    return this.thresholdAt(at) < supply.load.peak + added;
  }

  #watch(at: Millis): void {
    const over = this.#parts.supply.flowAt(at).active > this.thresholdAt(at);
    this.#overSince = over ? (this.#overSince ?? at) : undefined;
    this.#underSince = over ? undefined : (this.#underSince ?? at);
    if (this.#overSince !== undefined && at - this.#overSince >= this.minOverThresholdDuration * 1000) {
      // A relay that did not open is tried again after the same time.
      this.#overSince = this.minOverThresholdDuration === 0 ? undefined : at;
      this.#setOverloaded(true, at);
      this.trip(at);
    } else if (this.#underSince !== undefined && at - this.#underSince >= this.minUnderThresholdDuration * 1000) {
      this.#attempts = 0;
      this.#setOverloaded(false, at);
    }
  }

  #setOverloaded(overloaded: boolean, at: Millis): void {
    if (overloaded === this.#overloaded) return;
    this.#overloaded = overloaded;
    this.#parts.events.record(overloaded ? OVERLOAD : OVERLOAD_OVER, at);
  }

  /** When the emergency profile applies, as true time, with the clock as it is set now. */
  #window(near: Millis): { readonly from: Millis; readonly to: Millis } | undefined {
    const { id, activation, duration } = this.emergencyProfile;
    if (duration === 0 || !this.emergencyGroups.includes(id)) return undefined;
    const wall = activation.with({ deviation: 0 }).toMillis();
    if (wall === undefined) return undefined;
    const from = this.#parts.time.trueTime(wall, near);
    return { from, to: from + duration * 1000 };
  }
}
