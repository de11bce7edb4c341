import type { Millis } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import { decodeData, encodeData } from '../../src/codec/axdr.js';
import { SingleActionSchedule } from '../../src/cosem/classes/time.js';
import { Load } from '../load.js';
import { Parts } from '../state/parts.js';
import { BillingPeriods, type ExecutionTime, MONTHLY, nextExecution } from './billing.js';
import type { Calendar } from './calendar.js';
import { type Change, type Conditions, outagesWithin, powered, Timeline, usualConditions } from './conditions.js';
import { Demand } from './demand.js';
import { Detectors } from './detectors.js';
import { EventLogs } from './events.js';
import { Grid } from './grid.js';
import { Incidents } from './incidents.js';
import { LoadLimiter } from './limiter.js';
import type { MeterModel } from './model.js';
import { checkInstalled, type EmergencyOptions, installedAt, type MeterOptions } from './options.js';
import { Prepaid } from './prepaid.js';
import type { Process } from './process.js';
import { SupplyRelay } from './relay.js';
import { Supply } from './supply.js';
import { HOUR, MeterTime } from './time.js';
import { RELAY_STUCK } from './vendor-events.js';
import { ZoneRegisters } from './zones.js';

const LAST_GASP_BIT = 85;
const FIRST_BREATH_BIT = 86;
const BILLING_BIT = 87;
const POWER_FAILED = 101;
const POWER_BACK = 102;
const CONNECTED = 302;
const DISCONNECTED = 301;
/** What a new meter logs when it is set up: clock, load limit, capture period, payment mode, relay. */
const INSTALLATION = [151, 158, 153, 212, CONNECTED];
/** The same for a meter without load limit and prepaid account. */
const WITHOUT_RELAY = [151, 153, 211];
/** If more events than this happen at one moment, the simulation itself is at fault. */
const MOST_AT_ONCE = 1000;

/** When a billing period ends, and the date it carries, as local time. */
interface BillingDue {
  readonly at: Millis;
  readonly wall: Millis;
}

/** Everything that happens in the meter, apart from how it is read. Time only moves on when somebody looks: {@link catchUp}. */
export class Core {
  /** The state that is kept. Whatever cannot be computed again from seed and time adds itself here. */
  readonly parts = new Parts();
  readonly time: MeterTime;
  /** What is done to the meter from outside. */
  readonly timeline: Timeline;
  readonly supply: Supply;
  readonly grid: Grid;
  readonly relay = new SupplyRelay();
  readonly events: EventLogs;
  readonly detectors: Detectors;
  readonly limiter: LoadLimiter;
  readonly zones: ZoneRegisters;
  readonly demand: Demand;
  readonly billing: BillingPeriods;
  readonly prepaid: Prepaid;
  readonly created: Millis;
  /** The firmware version that runs. */
  firmware: string;
  #billingDates: readonly ExecutionTime[] = MONTHLY;
  /** When the billing period ends next, and its date. Kept until clock or dates change, which is seldom. */
  #billingDue: BillingDue | undefined | 'unknown' = 'unknown';
  /** Activates the passive calendar when its time comes. */
  calendarActivation: { readonly at: () => Millis | undefined; readonly activate: (at: Millis) => void } | undefined;
  readonly #incidents: Incidents;
  /** Everything that happens by itself while there is power. At one moment it happens in this order. */
  readonly #processes: Process[];
  #advanced: Millis;
  /** Set while time moves on: an event may start a push, and a push asks what happened. */
  #advancing = false;

  constructor(options: MeterOptions, model: MeterModel) {
    const now = options.created ?? options.clock.now();
    const installed = installedAt(options);
    checkInstalled(installed, now);
    this.created = now;
    this.firmware = model.firmware;
    this.#advanced = installed;
    this.time = new MeterTime(options.clock);
    this.time.deviation = model.deviation;
    const solarPeak = options.solarPeak ?? 0;
    const load = new Load({ seed: options.seed, solarPeak, phases: model.phases, kind: model.load });
    const conditions = usualConditions(load.phases, solarPeak === 0);
    this.timeline = new Timeline(installed, conditions);
    this.supply = new Supply(load, installed, conditions);
    this.grid = new Grid(this.supply, this.timeline);
    const logs = model.category.profiles.filter((profile) => profile.kind === 'event-log');
    this.events = new EventLogs(
      logs.map((log) => log.entries),
      model.statusFilter,
    );
    const { rating, hasRelay } = model;
    this.detectors = new Detectors(this, { rating, ctOperated: !hasRelay, detection: options.detection ?? {} });
    this.limiter = new LoadLimiter(this);
    this.limiter.thresholdNormal = model.loadLimit;
    this.limiter.thresholdEmergency = model.loadLimit;
    if (options.emergency !== undefined) this.#prepareEmergency(options.emergency);
    this.zones = new ZoneRegisters(this.supply, this.time);
    this.demand = new Demand(this.supply, this.time, this.zones);
    this.billing = new BillingPeriods(installed);
    this.#incidents = new Incidents(load, installed, now, (patch, at) => this.change(patch, at));
    this.#processes = [
      this.#incidents,
      this.detectors,
      {
        next: () => this.calendarActivation?.at(),
        step: (at) => this.calendarActivation?.activate(at),
      },
      { next: (after) => this.#billingAfter(after), step: (at) => this.#bill(at) },
      this.limiter,
      this.relay,
    ];
    for (const code of hasRelay ? INSTALLATION : WITHOUT_RELAY) this.events.record(code, installed + 10 * HOUR);
    this.#advanceTo(now);
    for (const bit of [LAST_GASP_BIT, FIRST_BREATH_BIT, BILLING_BIT]) this.events.clearQuietly(bit);
    this.prepaid = new Prepaid(this, options.tariff ?? 650, options.prepaid ?? {}, now);
    this.prepaid.meteringMode = solarPeak === 0 ? 0 : 1;
    if (!hasRelay) this.prepaid.setPaymentMode(0, now);
    this.#processes.push(this.prepaid);
    this.#addParts();
    const { opensOn = ['over-current'] } = options;
    this.detectors.onDetected = (name, active, at) => {
      if (!active || !hasRelay || !opensOn.some((one) => one === name)) return;
      if (name === 'over-current') this.limiter.trip(at);
      else this.#coverOpened(at);
    };
    this.relay.onSwitch = (connected, at) => this.#switched(connected, at);
    this.relay.onStuck = (_, at) => this.events.record(RELAY_STUCK, at);
  }

  #addParts(): void {
    const { parts } = this;
    parts.add('time', this.time);
    parts.add('conditions', {
      save: () => this.timeline.since(this.#ownFrom),
      load: (saved) => this.#putBack(saved),
    });
    parts.add('relay', this.relay);
    parts.add('events', this.events);
    parts.add('detectors', this.detectors);
    parts.add('limiter', this.limiter);
    parts.add('zones', this.zones);
    parts.add('demand', this.demand);
    parts.add('billing', this.billing);
    parts.add('prepaid', this.prepaid);
    const datesType = SingleActionSchedule.attributes.executionTime.type;
    parts.add('core', {
      save: () => ({
        advanced: this.#advanced,
        billingDates: encodeData(datesType.encode(this.#billingDates)),
        // A date that the clock was set past is due, although it lies in the past.
        ...(typeof this.#billingDue === 'object' ? { billingDue: { ...this.#billingDue } } : {}),
      }),
      load: ({ advanced, billingDates, billingDue }) => {
        this.#advanced = advanced;
        this.billingDates = datesType.decode(decodeData(billingDates));
        this.#billingDue = billingDue ?? 'unknown';
      },
    });
  }

  /** From here on the past does not follow from the seed alone: this includes what was done at the moment at which the meter was made. */
  get #ownFrom(): Millis {
    return this.created - 1;
  }

  /** Without power only things from outside happen; the rest falls due when power is back. */
  get #running(): readonly Process[] {
    return this.powered ? this.#processes : [this.#incidents];
  }

  /** Lets everything happen that has fallen due. @returns the time now. */
  catchUp(): Millis {
    const now = this.time.now();
    this.#advanceTo(now);
    return now;
  }

  /** Adds something that happens by itself. */
  attach(process: Process): void {
    this.#processes.push(process);
  }

  /** Whether the meter has supply. */
  get powered(): boolean {
    return powered(this.timeline.current);
  }

  /** Changes the conditions of the meter. What fell due earlier happens first. */
  change(patch: Partial<Conditions>, at: Millis): void {
    const before = this.powered;
    this.supply.change(this.timeline.change(patch, at), at);
    this.detectors.changed(at);
    this.limiter.changed(at);
    this.prepaid?.changed(at);
    if (before === this.powered) return;
    this.events.record(before ? POWER_FAILED : POWER_BACK, at);
    this.events.setStatus(LAST_GASP_BIT, before, at);
    if (!before) this.events.setStatus(FIRST_BREATH_BIT, true, at);
  }

  /** Sets the metering mode. 0: all energy counts as import; 1: import and export are counted apart. */
  setMeteringMode(mode: number, at: Millis): void {
    this.prepaid.meteringMode = mode;
    this.change({ forwardOnly: mode === 0 }, at);
  }

  #putBack(changes: readonly Change[]): void {
    this.timeline.forget(this.#ownFrom);
    this.supply.reset();
    for (const { at, conditions } of this.timeline.since(Number.NEGATIVE_INFINITY)) this.supply.change(conditions, at);
    for (const { at, conditions } of changes) this.supply.change(this.timeline.change(conditions, at), at);
  }

  #advanceTo(now: Millis): void {
    if (this.#advancing) return;
    this.#advancing = true;
    try {
      this.#happen(now);
    } finally {
      this.#advancing = false;
    }
  }

  #happen(now: Millis): void {
    let atOnce = 0;
    for (;;) {
      const from = this.#advanced;
      const running = this.#running;
      const dues = running.map((process) => process.next(from) ?? Number.POSITIVE_INFINITY);
      const next = Math.max(from, Math.min(...dues));
      if (next > now) break;
      this.#advanced = next;
      atOnce = next === from ? atOnce + 1 : 0;
      if (atOnce > MOST_AT_ONCE)
        throw new StateError(`more than ${MOST_AT_ONCE} things happen in the meter at one moment`);
      running.forEach((process, i) => {
        const due = dues[i] as Millis;
        if (due <= next) process.step(due);
      });
    }
    this.#advanced = now;
  }

  /**
   * Lets the meter be without supply between two moments of the past, because nobody simulated it then. What fell due earlier happens
   * first.
   */
  wasWithoutPower(from: Millis, to: Millis): void {
    this.#advanceTo(from);
    const { voltages } = this.timeline.current;
    this.change({ voltages: voltages.map(() => 0) }, from);
    this.#advanceTo(to);
    this.change({ voltages }, to);
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
    const skipped = this.#nextBilling(now)?.wall;
    this.time.set(wall, now);
    this.limiter.changed(now);
    this.prepaid.changed(now);
    // A date that the clock jumps over is billed at once, so that no period contains two dates.
    const due = skipped !== undefined && skipped <= wall ? { at: now, wall: skipped } : this.#nextBilling(now);
    this.#billingDue = due;
  }

  /** Ends the billing period. @param wall the date it carries; by default the time that the clock shows. */
  endBillingPeriod(at: Millis, wall: Millis = this.time.wall(at)): void {
    this.billing.end(at, wall);
    this.events.setStatus(BILLING_BIT, true, at);
  }

  activate(calendar: Calendar, at: Millis): void {
    this.zones.activate(calendar, at);
  }

  /** Number of power failures, and minutes without power, up to a moment. */
  outagesUntil(at: Millis): { readonly count: number; readonly minutes: number } {
    const outages = outagesWithin(this.timeline.outages, this.supply.installed, at);
    const total = outages.reduce((sum, { from, to }) => sum + Math.min(to ?? at, at) - from, 0);
    return { count: outages.length, minutes: Math.floor(total / 60_000) };
  }

  /** Minutes with power between two moments. */
  poweredMinutes(from: Millis, to: Millis): number {
    return Math.max(
      0,
      Math.floor((to - from) / 60_000) - (this.outagesUntil(to).minutes - this.outagesUntil(from).minutes),
    );
  }

  /** When the next thing happens by itself. */
  nextDue(): Millis | undefined {
    const dues = this.#running.map((process) => process.next(this.#advanced) ?? Number.POSITIVE_INFINITY);
    const next = Math.min(...dues);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  #billingAfter(after: Millis): Millis | undefined {
    if (this.#billingDue === 'unknown') this.#billingDue = this.#nextBilling(after);
    return this.#billingDue?.at;
  }

  #bill(at: Millis): void {
    const due = this.#billingDue;
    this.endBillingPeriod(at, typeof due === 'object' ? due.wall : undefined);
    this.#billingDue = this.#nextBilling(at);
  }

  #nextBilling(after: Millis): BillingDue | undefined {
    let wall = nextExecution(this.#billingDates, this.time.wall(after));
    // A clock that was set back reaches the date of the last bill a second time.
    if (wall !== undefined && wall === this.billing.last?.wall) wall = nextExecution(this.#billingDates, wall);
    return wall === undefined ? undefined : { at: this.time.trueTime(wall, after), wall };
  }

  #prepareEmergency({ id, groups, activation, duration, threshold }: EmergencyOptions): void {
    const { limiter, time } = this;
    limiter.thresholdEmergency = threshold;
    limiter.emergencyGroups = groups;
    limiter.emergencyProfile = { id, activation: time.stamp(activation), duration };
  }

  #coverOpened(at: Millis): void {
    this.relay.hold('cover');
    this.relay.localDisconnect(at);
  }

  #switched(connected: boolean, at: Millis): void {
    this.change({ closed: connected }, at);
    this.events.record(connected ? CONNECTED : DISCONNECTED, at);
  }
}
