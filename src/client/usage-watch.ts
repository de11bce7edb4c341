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
  type PrepaidAccount,
  type Usage,
  wallMillis,
  wholeDays,
} from './usage.js';

/** Options of {@link UsageWatch}. */
export interface UsageWatchOptions {
  /** How many whole days before today are followed. Default 14. */
  readonly days?: number;
  /** Price in rupees for a kWh, to compute how long the balance lasts. Without it, what was spent since the last recharge is used. */
  readonly price?: Decimal;
}

const PHASES = ['', 'R', 'Y', 'B'];
/** Values that are read once, because they do not change. */
const STATIC = ['serial'];
/** Values that are read when the balance has changed, because they do not change without it. */
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
 * Follows usage and balance of a meter. The first {@link refresh} reads everything; later ones read what changes, in one request as far as
 * the meter accepts lists, and of profiles only the new rows.
 * ```ts
 * const watch = new UsageWatch(meter, is15959);
 * const { today, account, daysLeft } = await watch.refresh();
 * ```
 */
export class UsageWatch {
  readonly #meter: Meter;
  readonly #days: number;
  readonly #price: Decimal | undefined;
  /** The values to read, by key; values that the meter does not have are removed. */
  readonly #specs: Map<string, ReadingSpec>;
  /** The latest reading of each value. */
  #kept: Readings = new Map();
  #daily: Profile | undefined;
  #blocks: Profile | undefined;
  readonly #marks = new Map<number, Decimal>();
  /** The day on which the marks were read. */
  #marked = Number.NaN;
  #today: BlockUsage[] = [];
  /** Time between rows: the shortest possible, until two rows show it. */
  #period = 5 * MINUTE;
  #lastBlock = Number.NEGATIVE_INFINITY;

  /** @throws StateError when the companion specification does not define usage. */
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
   * Reads what has changed, and gives the present usage. Values that the meter refuses are undefined.
   * @throws AccessError when this client may not read clock or energy. LinkError, TimeoutError, DecodeError.
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

  /** Reads values. One that the meter has refused is not read again; one that it has under an older name is read there. */
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

  /** Reads the marks, once a day. */
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
    // The row of midnight may be some seconds late; it is then read again.
    if (this.#marks.has(today) || wallMillis(time) - today * DAY > HOUR) this.#marked = today;
  }

  /** Reads the rows of today, when the next one is due. */
  async #readBlocks(time: CosemDateTime, options: CallOptions): Promise<void> {
    if (this.#blocks === undefined) return;
    const midnight = dayNumber(time) * DAY;
    const now = wallMillis(time);
    // The clock was set back: what was read belongs to another day.
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
      // Rows are as far apart as the last two, so the period need not be read.
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

/** The spec with only the name at which the value was found. */
function at({ alternatives: _, ...spec }: ReadingSpec, logicalName: string): ReadingSpec {
  return { ...spec, attribute: { ...spec.attribute, logicalName } };
}

/** The rows; undefined where this client may not read them. */
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

function accountOf(readings: Readings): PrepaidAccount | undefined {
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
