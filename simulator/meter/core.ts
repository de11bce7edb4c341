import type { Millis } from '../../src/base/clock.js';
import { singlePhaseProfiles } from '../../src/companion/is15959/profiles.js';
import { Load } from '../load.js';
import { BillingPeriods, type ExecutionTime, MONTHLY, nextExecution } from './billing.js';
import type { Calendar } from './calendar.js';
import { Demand } from './demand.js';
import { EventLogs } from './events.js';
import { Grid } from './grid.js';
import { INCIDENTS, incidentOf } from './incidents.js';
import { LoadLimiter } from './limiter.js';
import { checkInstalled, installedAt, type MeterOptions } from './options.js';
import { Prepaid } from './prepaid.js';
import { Relay } from './relay.js';
import { fromLocal, localDay, Supply } from './supply.js';
import { HOUR, MeterTime } from './time.js';
import { ZoneRegisters } from './zones.js';

const BILLING_BIT = 87;
const CONNECTED = 302;
const DISCONNECTED = 301;
/** What a new meter logs when it is set up: clock, load limit, capture period, payment mode, relay. */
const INSTALLATION = [151, 158, 153, 212, CONNECTED];

/** Everything that happens in the meter, apart from how it is read. Time moves on when somebody looks. */
export class Core {
  readonly time: MeterTime;
  readonly supply: Supply;
  readonly grid: Grid;
  readonly relay = new Relay();
  readonly events: EventLogs;
  readonly limiter: LoadLimiter;
  readonly zones: ZoneRegisters;
  readonly demand: Demand;
  readonly billing: BillingPeriods;
  readonly prepaid: Prepaid;
  readonly created: Millis;
  #billingDates: readonly ExecutionTime[] = MONTHLY;
  /** When the billing period ends next, found once: the clock and the dates change seldom. */
  #billingDue: Millis | undefined | 'unknown' = 'unknown';
  /** Runs an activity calendar's activation when its time comes. */
  calendarActivation: { readonly at: () => Millis | undefined; readonly activate: (at: Millis) => void } | undefined;
  /** Minutes without power, of outages that are over. */
  readonly #outages: { readonly from: Millis; readonly to: Millis }[] = [];
  #advanced: Millis;

  constructor(options: MeterOptions) {
    const now = options.clock.now();
    const installed = installedAt(options);
    checkInstalled(installed, now);
    this.created = now;
    this.#advanced = now;
    this.time = new MeterTime(options.clock);
    const load = new Load({ seed: options.seed, solarPeak: options.solarPeak ?? 0 });
    this.supply = new Supply(load, installed);
    this.grid = new Grid(this.supply, now);
    const logs = singlePhaseProfiles.filter((profile) => profile.kind === 'event-log');
    this.events = new EventLogs(logs.map((log) => log.entries));
    this.limiter = new LoadLimiter(this.supply, this.relay, this.events);
    this.zones = new ZoneRegisters(this.supply, this.time);
    this.demand = new Demand(this.supply, this.time);
    this.billing = new BillingPeriods(installed);
    this.#replay();
    this.prepaid = new Prepaid(this.supply, this.time, load, options.tariff ?? 650, now);
    this.relay.onSwitch = (connected, at) => this.#switched(connected, at);
  }

  /** Lets everything happen that fell due. Returns the time. */
  now(): Millis {
    const now = this.time.now();
    while (this.#advanced < now) {
      const next = this.#step(now);
      this.#advanced = next;
    }
    return now;
  }

  get billingDates(): readonly ExecutionTime[] {
    return this.#billingDates;
  }

  set billingDates(dates: readonly ExecutionTime[]) {
    this.#billingDates = dates;
    this.#billingDue = 'unknown';
  }

  /** Sets the meter's clock to a local time. */
  setClock(wall: Millis, now: Millis): void {
    this.time.set(wall, now);
    this.#billingDue = this.#nextBilling(now);
  }

  /** Ends the billing period. */
  endBillingPeriod(at: Millis): void {
    this.billing.end(at);
    this.events.setStatus(BILLING_BIT, true, at);
  }

  activate(calendar: Calendar, at: Millis): void {
    this.zones.activate(calendar, at);
  }

  /** Number of power failures, and minutes without power, up to a moment. */
  outagesUntil(at: Millis): { readonly count: number; readonly minutes: number } {
    let count = 0;
    let total = 0;
    for (const { from, to } of this.#outages) {
      if (from >= at) break;
      count++;
      total += Math.min(to, at) - from;
    }
    return { count, minutes: Math.floor(total / 60_000) };
  }

  /** Minutes with power between two moments. */
  poweredMinutes(from: Millis, to: Millis): number {
    return Math.max(
      0,
      Math.floor((to - from) / 60_000) - (this.outagesUntil(to).minutes - this.outagesUntil(from).minutes),
    );
  }

  /** When something happens next by itself. */
  nextDue(): Millis | undefined {
    const next = Math.min(...Object.values(this.#due()).map((at) => at ?? Number.POSITIVE_INFINITY));
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  #due(): Readonly<Record<'billing' | 'limiter' | 'calendar', Millis | undefined>> {
    const from = this.#advanced;
    if (this.#billingDue === 'unknown') this.#billingDue = this.#nextBilling(from);
    return { billing: this.#billingDue, limiter: this.limiter.next(from), calendar: this.calendarActivation?.at() };
  }

  /** Does the next thing that is due, and gives its time; `until` when nothing is. */
  #step(until: Millis): Millis {
    const from = this.#advanced;
    const { billing, limiter, calendar } = this.#due();
    const next = Math.min(billing ?? until, limiter ?? until, calendar ?? until, until);
    if (calendar !== undefined && calendar <= next) this.calendarActivation?.activate(next);
    if (billing !== undefined && billing <= next) {
      this.endBillingPeriod(billing);
      this.#billingDue = 'unknown';
    }
    if (limiter !== undefined && limiter <= next) this.limiter.step(limiter);
    return Math.max(next, from);
  }

  #nextBilling(after: Millis): Millis | undefined {
    const wall = nextExecution(this.#billingDates, this.time.wall(after));
    return wall === undefined ? undefined : this.time.trueTime(wall, after);
  }

  #switched(connected: boolean, at: Millis): void {
    if (connected) this.supply.resume(at);
    else this.supply.interrupt(at);
    this.events.record(connected ? CONNECTED : DISCONNECTED, at);
  }

  /** The life before: incidents of each day, ends of months. */
  #replay(): void {
    const { installed, load } = this.supply;
    for (const code of INSTALLATION) this.events.record(code, installed + 10 * HOUR);
    for (let day = localDay(installed) + 1; day < localDay(this.created); day++) {
      const incident = incidentOf(load, day);
      if (incident === undefined) continue;
      const from = fromLocal(incident.from);
      const to = fromLocal(incident.to);
      if (incident.kind === 'outage') {
        this.supply.interrupt(from);
        this.supply.resume(to);
        this.#outages.push({ from, to });
      }
      this.events.record(INCIDENTS[incident.kind], from);
      this.events.record(INCIDENTS[incident.kind] + 1, to);
    }
    for (let at = this.#nextBilling(installed); at !== undefined && at <= this.created; at = this.#nextBilling(at)) {
      this.billing.end(at);
    }
  }
}
