import type { Millis } from '../../src/base/clock.js';
import type { BillingPeriods } from './billing.js';
import type { Timeline } from './conditions.js';
import type { EventLogs } from './events.js';
import { type Friendly, type FriendlyHours, friendlyOf, USUAL_FRIENDLY_HOURS } from './friendly.js';
import type { Process } from './process.js';
import type { SupplyRelay } from './relay.js';
import type { Supply } from './supply.js';
import { Tariff, type TariffOption } from './tariff.js';
import { HOUR, lastDayOfMonth, type MeterTime, MINUTE } from './time.js';
import { EMERGENCY_CREDIT_TAKEN, LOW_CREDIT, LOW_CREDIT_OVER, RECHARGED } from './vendor-events.js';

/** Amounts of a recharge in paise: most of them last such a household until the next month's. */
const RECHARGES = [250_000, 300_000, 350_000, 400_000] as const;
/** The lowest balance of a new meter. */
const LEAST = 60_000;
/** The balance is updated at the end of each half hour. */
const STEP = 30 * MINUTE;
/** Hours after which it checks the balance in any case. */
const HORIZON = 24 * 30;

/** How a prepaid account is kept. Amounts are in paise. */
export interface PrepaidOptions {
  /** Balance in paise below which a warning is logged. Default 20 000. */
  readonly lowCredit?: number;
  /** Paise that may be used below zero once the button was pressed. Default 10 000; 0 is no emergency credit. */
  readonly emergencyCredit?: number;
  /** When nobody is disconnected. By default 18:00 to 10:00, and Sundays. */
  readonly friendlyHours?: FriendlyHours;
  /**
   * Who keeps the account. `meter`: the balance falls with use, a token adds to it, and at zero the relay opens. `head-end`: the balance is
   * what was last written, as in meters that only show what the head end has counted. Default `meter`.
   */
  readonly accounting?: 'meter' | 'head-end';
}

/** What the account reads and controls. */
export interface PrepaidParts {
  readonly supply: Supply;
  readonly timeline: Timeline;
  readonly time: MeterTime;
  readonly billing: BillingPeriods;
  readonly relay: SupplyRelay;
  readonly events: EventLogs;
}

/** The prepaid account. Amounts are whole paise outside and whole thousandths of a paisa inside, so that nothing is ever rounded away. */
export class Prepaid implements Process {
  readonly #parts: PrepaidParts;
  readonly #tariff: Tariff;
  readonly #lowCredit: number;
  readonly #emergencyCredit: number;
  readonly #friendly: Friendly;
  readonly #accounting: 'meter' | 'head-end';
  /** 0 forward only, 1 import and export. */
  meteringMode = 0;
  /** 0 post-paid, 1 pre-paid. */
  #paymentMode = 1;
  lastTokenAmount: number;
  #lastTokenTime: Uint8Array;
  totalAtLastRecharge: number;
  /** The last balance, in thousandths of a paisa, and its time. */
  #balance = 0;
  #since: Millis;
  /** The balance time as a client wrote it, until the balance is updated again. */
  #writtenTime: Uint8Array | undefined;
  /** Whether the warning was given, and whether emergency credit was taken. */
  #low = false;
  #emergency = false;
  /** When it checks the balance next, once that has been computed. */
  #due: Millis | undefined | 'unknown' = 'unknown';
  #looked: Millis;

  /** Makes the account with its past: everything before `now` follows from the seed of the load. */
  constructor(parts: PrepaidParts, tariff: TariffOption, options: PrepaidOptions, now: Millis) {
    this.#parts = parts;
    this.#tariff = new Tariff(tariff);
    this.#lowCredit = options.lowCredit ?? 20_000;
    this.#emergencyCredit = options.emergencyCredit ?? 10_000;
    this.#friendly = friendlyOf(options.friendlyHours ?? USUAL_FRIENDLY_HOURS);
    this.#accounting = options.accounting ?? 'meter';
    const { supply, time } = parts;
    const { load } = supply;
    const day = 1 + load.draw(20, 0, 28);
    const wall = lastDayOfMonth(time.wall(now) - STEP, day, 18 * HOUR + load.draw(21, 0, 180) * MINUTE);
    this.#since = Math.max(time.trueTime(wall, now), supply.installed);
    this.#looked = now;
    this.lastTokenAmount = (RECHARGES[load.draw(22, 0, RECHARGES.length)] as number) * load.phases;
    this.#lastTokenTime = time.stamp(this.#since).toBytes();
    this.totalAtLastRecharge = this.lastTokenAmount + 20_000 + load.draw(23, 0, 180_000);
    this.#balance = this.totalAtLastRecharge * 1000;
    const missing = LEAST - this.balance(now);
    if (missing > 0) {
      this.totalAtLastRecharge += missing;
      this.#balance += missing * 1000;
    }
  }

  get paymentMode(): number {
    return this.#paymentMode;
  }

  get lastTokenTime(): Uint8Array {
    return this.#lastTokenTime;
  }

  /** Whether the balance is below the warning limit. */
  get low(): boolean {
    return this.#low;
  }

  /** Whether emergency credit is being used. */
  get emergency(): boolean {
    return this.#emergency;
  }

  /** The balance in paise; negative when more was used than paid. It only falls while the account is pre-paid. */
  balance(now: Millis): number {
    // A paisa is deducted once all of it has been used.
    return Math.ceil(this.#exact(now) / 1000) + 0;
  }

  /** Sets the balance in paise. */
  setBalance(amount: number, now: Millis): void {
    this.#setExact(amount * 1000, now);
  }

  /** When the balance was last updated, as a date-time of 12 octets. */
  balanceTime(now: Millis): Uint8Array {
    const upTo = this.#countedUpTo(now);
    if (this.#writtenTime !== undefined && upTo === this.#since) return this.#writtenTime;
    return this.#parts.time.stamp(upTo).toBytes();
  }

  setBalanceTime(octets: Uint8Array): void {
    this.#writtenTime = octets;
  }

  /** Writing the time of a token completes it: its amount is added, once for each time. */
  setTokenTime(octets: Uint8Array, now: Millis): void {
    const again = octets.every((octet, i) => octet === this.#lastTokenTime[i]);
    this.#lastTokenTime = octets;
    if (!again && this.#accounting === 'meter') this.#add(this.lastTokenAmount, now);
  }

  /** Adds a payment of this moment, whoever keeps the account. */
  payIn(amount: number, now: Millis): void {
    this.lastTokenAmount = amount;
    this.#lastTokenTime = this.#parts.time.stamp(now).toBytes();
    this.#add(amount, now);
  }

  #add(amount: number, now: Millis): void {
    this.#setExact(this.#settled(now) + amount * 1000, now);
    this.totalAtLastRecharge = this.balance(now);
    this.#parts.events.record(RECHARGED, now);
  }

  setPaymentMode(mode: number, now: Millis): void {
    const balance = this.#settled(now);
    this.#paymentMode = mode;
    this.#setExact(balance, now);
  }

  /**
   * Called when the button was pressed: a consumer who was disconnected because credit ran out may use emergency credit. @returns true when
   * that is so.
   */
  takeEmergencyCredit(now: Millis): boolean {
    const { relay, events } = this.#parts;
    if (!relay.isHeld('credit') || this.#emergency || this.#exact(now) <= -this.#emergencyCredit * 1000) return false;
    this.#emergency = true;
    events.record(EMERGENCY_CREDIT_TAKEN, now);
    this.#look(now);
    return true;
  }

  /**
   * Called when something was done to the meter, or its clock was set: consumption may be higher than foreseen, and half hours end at other
   * times.
   */
  changed(at: Millis): void {
    this.#looked = at;
    this.#due = 'unknown';
  }

  next(): Millis | undefined {
    if (this.#due === 'unknown') this.#due = this.#nextLook();
    return this.#due;
  }

  step(at: Millis): void {
    const upTo = this.#countedUpTo(at);
    this.#balance = this.#exact(at);
    if (upTo > this.#since) this.#writtenTime = undefined;
    this.#since = upTo;
    this.#look(at);
  }

  save() {
    return {
      meteringMode: this.meteringMode,
      paymentMode: this.#paymentMode,
      lastTokenAmount: this.lastTokenAmount,
      lastTokenTime: this.#lastTokenTime,
      totalAtLastRecharge: this.totalAtLastRecharge,
      balance: this.#balance,
      since: this.#since,
      writtenTime: this.#writtenTime,
      low: this.#low,
      emergency: this.#emergency,
      looked: this.#looked,
    };
  }

  load(saved: ReturnType<Prepaid['save']>): void {
    this.meteringMode = saved.meteringMode;
    this.#paymentMode = saved.paymentMode;
    this.lastTokenAmount = saved.lastTokenAmount;
    this.#lastTokenTime = saved.lastTokenTime;
    this.totalAtLastRecharge = saved.totalAtLastRecharge;
    this.#balance = saved.balance;
    this.#since = saved.since;
    this.#writtenTime = saved.writtenTime;
    this.#low = saved.low;
    this.#emergency = saved.emergency;
    this.#looked = saved.looked;
    this.#due = 'unknown';
  }

  get #counts(): boolean {
    return this.#paymentMode === 1 && this.#accounting === 'meter';
  }

  #setExact(balance: number, now: Millis): void {
    this.#balance = balance;
    this.#since = now;
    this.#writtenTime = undefined;
    this.#look(now);
  }

  /** Does what the balance requires: warns, opens the relay, or lets it close again. */
  #look(now: Millis): void {
    this.#looked = now;
    this.#due = 'unknown';
    const { relay, events, time } = this.#parts;
    const balance = this.#exact(now);
    if (!this.#counts) {
      relay.release('credit', now);
      return;
    }
    const low = balance < this.#lowCredit * 1000;
    if (low !== this.#low) {
      this.#low = low;
      events.record(low ? LOW_CREDIT : LOW_CREDIT_OVER, now);
    }
    if (balance > 0) this.#emergency = false;
    const limit = this.#emergency ? -this.#emergencyCredit * 1000 : 0;
    if (balance > limit) relay.release('credit', now);
    else if (relay.state === 'connected' && !this.#friendly(time.wall(now))) {
      relay.hold('credit');
      relay.localDisconnect(now);
    }
  }

  /** The balance in thousandths of a paisa. */
  #exact(now: Millis): number {
    const upTo = this.#countedUpTo(now);
    return upTo > this.#since ? this.#balance - this.#costOf(this.#since, upTo) : this.#balance;
  }

  /** The balance up to this very moment, for a change that does not come from consumption. */
  #settled(now: Millis): number {
    return this.#counts ? this.#balance - this.#costOf(this.#since, now) : this.#balance;
  }

  /** The cost of the energy between two times. Slabs start again with each billing period. */
  #costOf(from: Millis, to: Millis): number {
    const { billing } = this.#parts;
    let cost = 0;
    for (let end = to; end > from; ) {
      const start = billing.startOf(end);
      const before = this.#wattHours(start);
      cost += this.#tariff.costOf(this.#wattHours(end) - before);
      if (start < from) return cost - this.#tariff.costOf(this.#wattHours(from) - before);
      end = start;
    }
    return cost;
  }

  /** The end of the last half hour by the meter's clock. */
  #countedUpTo(now: Millis): Millis {
    if (!this.#counts) return this.#since;
    return Math.max(this.#since, now - (((this.#parts.time.wall(now) % STEP) + STEP) % STEP));
  }

  /** The end of the half hour in which the balance can first reach a limit that matters. */
  #nextLook(): Millis | undefined {
    const { relay, supply, time, timeline } = this.#parts;
    if (!this.#counts) return undefined;
    const balance = this.#exact(this.#looked);
    const limit = this.#emergency ? -this.#emergencyCredit * 1000 : 0;
    if (balance <= limit && relay.state !== 'connected') return undefined;
    const bound = this.#low ? Math.max(0, balance - limit) : Math.max(0, balance - this.#lowCredit * 1000);
    const added = timeline.current.appliances.reduce((sum, { watts }) => sum + Math.max(0, watts), 0);
    // The highest possible cost of an hour, in thousandths of a paisa.
    const fastest = (supply.load.peak + added) * this.#tariff.highest;
    const hours = fastest === 0 ? Number.POSITIVE_INFINITY : bound / fastest;
    if (hours > HORIZON) return this.#stepAfter(time, this.#looked + HORIZON * HOUR);
    return this.#stepAfter(time, this.#looked + Math.max(0, Math.floor(hours * HOUR) - STEP));
  }

  #stepAfter(time: MeterTime, at: Millis): Millis {
    const from = Math.max(at, this.#looked);
    return from - (((time.wall(from) % STEP) + STEP) % STEP) + STEP;
  }

  #wattHours(at: Millis): number {
    return Math.floor(this.#parts.supply.energiesAt(at).activeImport / 3600);
  }
}
