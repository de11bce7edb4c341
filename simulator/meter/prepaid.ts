import type { Millis } from '../../src/base/clock.js';
import type { Load } from '../load.js';
import type { Supply } from './supply.js';
import { HOUR, lastDayOfMonth, type MeterTime, MINUTE } from './time.js';

/** Sizes of a recharge in paise: most last a household of this kind until the next month's. */
const RECHARGES = [250_000, 300_000, 350_000, 400_000] as const;
/** The balance is counted on at the end of each half hour. */
const STEP = 30 * MINUTE;

/**
 * The prepaid account as the meter shows it, in paise. It falls with use at one tariff; what is written to the meter counts from then on.
 * Real meters leave the account to the head end, which writes the balance: this one stands in for it.
 */
export class Prepaid {
  readonly #supply: Supply;
  readonly #time: MeterTime;
  readonly #tariff: number;
  /** 0 forward only, 1 import and export. */
  meteringMode = 0;
  /** 0 post-paid, 1 pre-paid. */
  paymentMode = 1;
  lastTokenAmount: number;
  lastTokenTime: Uint8Array;
  totalAtLastRecharge: number;
  /** What the balance was, and when. */
  #balance: number;
  #since: Millis;
  /** Balance time as it was written, until the balance is counted on. */
  #writtenTime: Uint8Array | undefined;

  /** @param tariff paise for a kWh. */
  constructor(supply: Supply, time: MeterTime, load: Load, tariff: number, now: Millis) {
    this.#supply = supply;
    this.#time = time;
    this.#tariff = tariff;
    const day = 1 + load.draw(20, 0, 28);
    const wall = lastDayOfMonth(time.wall(now) - STEP, day, 18 * HOUR + load.draw(21, 0, 180) * MINUTE);
    this.#since = Math.max(time.trueTime(wall, now), supply.installed);
    this.lastTokenAmount = RECHARGES[load.draw(22, 0, RECHARGES.length)] as number;
    this.lastTokenTime = time.stamp(this.#since).toBytes();
    this.totalAtLastRecharge = this.lastTokenAmount + 20_000 + load.draw(23, 0, 180_000);
    this.#balance = this.totalAtLastRecharge;
  }

  /** Paise; negative when more was used than paid. Only a pre-paid account falls. */
  balance(now: Millis): number {
    if (this.paymentMode !== 1) return this.#balance;
    const used = this.#wattHours(this.#countedUpTo(now)) - this.#wattHours(this.#since);
    return this.#balance - Math.floor((used * this.#tariff) / 1000);
  }

  setBalance(amount: number, now: Millis): void {
    this.#balance = amount;
    this.#since = now;
    this.#writtenTime = undefined;
  }

  /** A date-time of 12 octets: when the balance was counted on last. */
  balanceTime(now: Millis): Uint8Array {
    const upTo = this.#countedUpTo(now);
    if (this.#writtenTime !== undefined && upTo === this.#since) return this.#writtenTime;
    return this.#time.stamp(upTo).toBytes();
  }

  setBalanceTime(octets: Uint8Array): void {
    this.#writtenTime = octets;
  }

  setPaymentMode(mode: number, now: Millis): void {
    this.setBalance(this.balance(now), now);
    this.paymentMode = mode;
  }

  #countedUpTo(now: Millis): Millis {
    if (this.paymentMode !== 1) return this.#since;
    return Math.max(this.#since, now - (((this.#time.wall(now) % STEP) + STEP) % STEP));
  }

  #wattHours(at: Millis): number {
    return Math.floor(this.#supply.energiesAt(at).activeImport / 3600);
  }
}
