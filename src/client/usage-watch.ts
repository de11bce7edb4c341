import { AccessError, StateError } from '../base/errors.js';
import { checkOptions } from '../base/known-options.js';
import type { CosemDateTime } from '../codec/datetime.js';
import type { Decimal } from '../codec/decimal.js';
import type { Companion, ProfileKind, ReadingSpec } from '../companion/companion.js';
import type { Meter } from './meter.js';
import type { CallOptions } from './meter-calls.js';
import type { Outcome } from './outcome.js';
import type { Profile } from './profile.js';
import type { ProfileRow } from './profile-row.js';
import { dateTimeOf, type Reading } from './readings.js';
import {
  type Account,
  type BlockUsage,
  DAY,
  dayNumber,
  daysLeft,
  energyOfMonth,
  energySince,
  localTime,
  markedDay,
  monthBegin,
  type PhaseNow,
  type Usage,
  wallMillis,
  wholeDays,
} from './usage.js';

export interface UsageWatchOptions {
  /** Whole days before today; 14. */
  readonly days?: number;
  /** Rupees a kWh, for reckoning how long the balance lasts; without it what was spent since the last recharge must do. */
  readonly price?: Decimal;
}

const PHASES = ['', 'R', 'Y', 'B'];
/** Read once: it does not change. */
const STATIC = ['serial'];
/** Read when the balance is another: nothing of it changes without that. */
const ACCOUNT = ['paymentMode', 'balanceTime', 'lastTokenAmount', 'lastTokenTime', 'totalAtLastRecharge'];
const LIVE = [
  'time',
  'activeImport',
  'activePower',
  'outputState',
  ...PHASES.flatMap((phase) => [`voltage${phase}`, `current${phase}`]),
  'balance',
];
const TOTAL = '1.0.1.8.0.255';
const BLOCK = '1.0.1.29.0.255';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

type Readings = ReadonlyMap<string, Reading>;

/**
 * Follows usage and balance of a meter. The first {@link refresh} reads all that is needed; later ones read what changes, in one request as
 * far as the meter takes lists, and of the profiles only rows that are new.
 */
export class UsageWatch {
  readonly #meter: Meter;
  readonly #days: number;
  readonly #price: Decimal | undefined;
  /** By key; those that the meter does not have leave. */
  readonly #specs: Map<string, ReadingSpec>;
  /** The newest of each. */
  #kept: Readings = new Map();
  #daily: Profile | undefined;
  #blocks: Profile | undefined;
  readonly #marks = new Map<number, Decimal>();
  /** The day that the marks were read on. */
  #marked = Number.NaN;
  #today: BlockUsage[] = [];
  /** Between rows; the shortest that there is, until two of them tell. */
  #period = 5 * MINUTE;
  #lastBlock = Number.NEGATIVE_INFINITY;

  /** @throws StateError when the companion does not say where a meter keeps its usage. */
  constructor(meter: Meter, companion: Companion, options: UsageWatchOptions = {}) {
    checkOptions(options, { days: true, price: true }, 'UsageWatch');
    const { days = 14, price } = options;
    this.#meter = meter;
    this.#days = days;
    this.#price = price;
    const wanted = new Set([...STATIC, ...ACCOUNT, ...LIVE]);
    const specs = companion.readings.flatMap(({ readings }) => readings.filter(({ key }) => wanted.has(key)));
    this.#specs = new Map(specs.map((spec) => [spec.key, spec]));
    if (!this.#specs.has('activeImport') || !this.#specs.has('time')) {
      throw new StateError(`the companion ${companion.id} does not say where meters keep their usage`, {
        hint: 'take is15959',
      });
    }
    this.#daily = profileOf(meter, companion, 'daily-load');
    this.#blocks = profileOf(meter, companion, 'block-load');
  }

  /**
   * @throws AccessError when the meter does not let this client read its clock or its energy; what else it keeps back is undefined.
   * LinkError, TimeoutError, DecodeError.
   */
  async refresh(options: CallOptions = {}): Promise<Usage> {
    const readings = await this.#read(options);
    const time = dateTimeOf(required(readings, 'time').data);
    const total = required(readings, 'activeImport').value;
    if (time?.isSpecified() !== true || total === undefined) {
      throw new StateError(`the meter tells no ${total === undefined ? 'energy' : 'time'}`, {
        hint: 'is its clock set? cosem clock shows it',
      });
    }
    await this.#readMarks(time, options);
    await this.#readBlocks(time, options);
    const today = dayNumber(time);
    const days = wholeDays(today, this.#days, this.#marks);
    const account = accountOf(readings);
    return {
      time,
      serial: readings.get('serial')?.text.trim(),
      connected: truth(readings.get('outputState')),
      power: readings.get('activePower')?.value,
      phases: phasesOf(readings),
      total,
      today: energySince(total, today, this.#marks),
      month: energyOfMonth(total, today, this.#marks),
      days,
      blocks: this.#today,
      account,
      daysLeft: daysLeft(account, days, this.#price),
    };
  }

  async #read(options: CallOptions): Promise<Readings> {
    if (this.#kept.size === 0) this.#kept = await this.#readKeys([...STATIC, ...ACCOUNT, ...LIVE], options);
    else {
      const live = await this.#readKeys(LIVE, options);
      const changed = live.get('balance')?.text !== this.#kept.get('balance')?.text;
      const account = changed ? await this.#readKeys(ACCOUNT, options) : [];
      this.#kept = new Map([...this.#kept, ...live, ...account]);
    }
    return this.#kept;
  }

  /** A value that the meter refused once is not asked for again; one that it has under an older name is asked for there. */
  async #readKeys(keys: readonly string[], options: CallOptions): Promise<Readings> {
    const specs = keys.flatMap((key) => this.#specs.get(key) ?? []);
    const outcomes = await this.#meter.readings(specs, options);
    const found = new Map<string, Reading>();
    specs.forEach((spec, i) => {
      const outcome = outcomes[i] as Outcome<Reading>;
      if (outcome.ok) {
        found.set(spec.key, outcome.value);
        this.#specs.set(spec.key, at(spec, outcome.value.logicalName));
      } else if (spec.key === 'time' || spec.key === 'activeImport') throw outcome.error;
      else this.#specs.delete(spec.key);
    });
    return found;
  }

  /** Once a day. */
  async #readMarks(time: CosemDateTime, options: CallOptions): Promise<void> {
    const today = dayNumber(time);
    if (this.#daily === undefined || this.#marked === today) return;
    const first = Number.isNaN(this.#marked) ? Math.min(monthBegin(today), today - this.#days) : this.#marked;
    const rows = await rowsFrom(this.#daily, localTime(first * DAY, time), options);
    if (rows === undefined) this.#daily = undefined;
    for (const row of rows ?? []) {
      const energy = row.values.find(({ logicalName }) => logicalName === TOTAL)?.value;
      if (row.time !== undefined && energy !== undefined) this.#marks.set(markedDay(row.time), energy);
    }
    // The row of midnight may be some seconds late: it is asked for again.
    if (this.#marks.has(today) || wallMillis(time) - today * DAY > HOUR) this.#marked = today;
  }

  /** Rows of today, and only when the next one is due. */
  async #readBlocks(time: CosemDateTime, options: CallOptions): Promise<void> {
    if (this.#blocks === undefined) return;
    const midnight = dayNumber(time) * DAY;
    const now = wallMillis(time);
    // The clock was set back: what was read is of another day.
    if (this.#lastBlock > now) this.#lastBlock = Number.NEGATIVE_INFINITY;
    this.#today = this.#today.filter(({ end }) => wallMillis(end) > midnight && wallMillis(end) <= now);
    const from = Math.max(midnight, this.#lastBlock);
    if (now < from + this.#period) return;
    const rows = await rowsFrom(this.#blocks, localTime(from + 1000, time), options);
    if (rows === undefined) this.#blocks = undefined;
    for (const row of rows ?? []) {
      const energy = row.values.find(({ logicalName }) => logicalName === BLOCK)?.value;
      if (row.time === undefined || energy === undefined || wallMillis(row.time) <= from) continue;
      this.#today.push({ end: row.time, energy });
      // Rows are as far apart as the last two: no need to ask how far.
      if (Number.isFinite(this.#lastBlock) && this.#lastBlock >= midnight)
        this.#period = wallMillis(row.time) - this.#lastBlock;
      this.#lastBlock = Math.max(this.#lastBlock, wallMillis(row.time));
    }
  }
}

function profileOf(meter: Meter, { categories }: Companion, wanted: ProfileKind): Profile | undefined {
  const found = categories.flatMap(({ profiles }) => profiles).find(({ kind }) => kind === wanted);
  return found === undefined ? undefined : meter.profile(found.logicalName);
}

/** The name at which the value was found, and no other. */
function at({ alternatives: _, ...spec }: ReadingSpec, logicalName: string): ReadingSpec {
  return { ...spec, attribute: { ...spec.attribute, logicalName } };
}

/** Undefined where the meter does not let this client read them. */
async function rowsFrom(
  profile: Profile,
  from: CosemDateTime,
  options: CallOptions,
): Promise<readonly ProfileRow[] | undefined> {
  try {
    return await profile.rows({ from }, options);
  } catch (error) {
    if (error instanceof AccessError) return undefined;
    throw error;
  }
}

function required(readings: Readings, key: string): Reading {
  const reading = readings.get(key);
  if (reading === undefined) throw new StateError(`the meter tells no ${key} any more`);
  return reading;
}

function truth(reading: Reading | undefined): boolean | undefined {
  return reading?.data.type === 'boolean' ? reading.data.value : undefined;
}

function phasesOf(readings: Readings): PhaseNow[] {
  return PHASES.flatMap((phase) => {
    const voltage = readings.get(`voltage${phase}`)?.value;
    const current = readings.get(`current${phase}`)?.value;
    return voltage === undefined && current === undefined ? [] : [{ phase, voltage, current }];
  });
}

function accountOf(readings: Readings): Account | undefined {
  if (!['balance', ...ACCOUNT].some((key) => readings.has(key))) return undefined;
  const time = (key: string) => {
    const reading = readings.get(key);
    const found = reading === undefined ? undefined : dateTimeOf(reading.data);
    return found?.isSpecified() === true ? found : undefined;
  };
  const amount = readings.get('lastTokenAmount')?.value;
  const recharged = time('lastTokenTime');
  return {
    prepaid: readings.get('paymentMode')?.value?.toString() === '1',
    balance: readings.get('balance')?.value,
    balanceTime: time('balanceTime'),
    lastRecharge: amount === undefined || recharged === undefined ? undefined : { amount, time: recharged },
    totalAtLastRecharge: readings.get('totalAtLastRecharge')?.value,
  };
}
