import type { Millis } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import { u32 } from '../../src/codec/make.js';
import type { ProfileSpec } from '../../src/companion/companion.js';
import type { ProfileGenericV1 } from '../../src/cosem/classes/storage.js';
import type { Implementation } from '../../src/cosem/implementation.js';
import { type ProfileRows, profileBuffer } from '../../src/server/profile.js';
import { captures, type Moments } from './captures.js';
import type { Core } from './core.js';
import { eventCode } from './event-code.js';
import type { MeterModel } from './model.js';
import type { ValueAt, ValueMoment, Values } from './values.js';

const EVENT_CODE = 1;
const BLOCK_LOAD = '1.0.99.1.0.255';

/** The moments of the rows of a profile, by index. */
interface Rows {
  readonly length: number;
  readonly ascending: boolean;
  moment(row: number): ValueMoment;
  /** A column whose values were stored, because they are not a function of time. */
  readonly written?: (row: number, column: number) => ReturnType<ValueAt> | undefined;
}

/** The profiles of a meter. Rows are computed when they are read; only events are stored. */
export class Profiles {
  readonly #core: Core;
  readonly #model: MeterModel;
  readonly #values: Values;
  /** The time from which each profile has rows; a reset moves it to now. */
  readonly #since = new Map<string, Millis>();
  /** Seconds between rows of the block load profile. */
  blockPeriod = 1800;

  constructor(core: Core, model: MeterModel, values: Values) {
    this.#core = core;
    this.#model = model;
    this.#values = values;
    core.parts.add('profiles', {
      save: () => ({ blockPeriod: this.blockPeriod, since: Object.fromEntries(this.#since) }),
      load: ({ blockPeriod, since }) => {
        this.blockPeriod = blockPeriod;
        for (const [name, from] of Object.entries(since)) this.#since.set(name, from);
      },
    });
  }

  /** Sets the block capture period; the profile then starts again without rows. */
  setBlockPeriod(seconds: number, now: Millis): void {
    this.blockPeriod = seconds;
    this.#since.set(BLOCK_LOAD, now);
  }

  implementation(spec: ProfileSpec): Implementation<typeof ProfileGenericV1> {
    const columns = spec.columns.map((column) => this.#valueOf(spec, column));
    const ascending = () => this.#momentsOf(spec).ascending;
    return {
      buffer: profileBuffer({
        columns: spec.columns,
        rows: () => this.#rows(spec, columns),
        // Ranges of time are found by binary search as long as the clock was not set in between.
        get sortedBy() {
          return ascending() ? 0 : -1;
        },
      }),
      captureObjects: spec.columns,
      capturePeriod: () => (spec.kind === 'block-load' ? this.blockPeriod : spec.capturePeriod),
      sortMethod: 'fifo',
      sortObject: spec.sortObject,
      entriesInUse: () => this.#momentsOf(spec).length,
      profileEntries: spec.entries,
      reset: () => this.#reset(spec),
      capture: () => this.#capture(spec),
    };
  }

  #valueOf(spec: ProfileSpec, column: ProfileSpec['columns'][number]): ValueAt {
    const value = this.#values.of(column);
    if (value === undefined) {
      throw new StateError(
        `${spec.title}: nothing gives ${column.classId}:${column.logicalName}:${column.attributeIndex}`,
      );
    }
    return value;
  }

  #rows(spec: ProfileSpec, columns: readonly ValueAt[]): ProfileRows {
    const rows = this.#momentsOf(spec);
    return {
      length: rows.length,
      value: (row, column) => rows.written?.(row, column) ?? (columns[column] as ValueAt)(rows.moment(row)),
    };
  }

  #momentsOf(spec: ProfileSpec): Rows {
    const now = this.#core.catchUp();
    switch (spec.kind) {
      case 'block-load':
        return this.#byTime(spec, this.blockPeriod, now);
      case 'daily-load':
        return this.#byTime(spec, spec.capturePeriod, now);
      case 'billing':
        return this.#billing(spec, now);
      case 'event-log':
        return this.#events(spec);
      default:
        return { length: 1, ascending: true, moment: () => ({ at: now, since: now }) };
    }
  }

  /** The last whole recording interval. */
  lastBlock(now: Millis): ValueMoment {
    const moments = this.#captures(BLOCK_LOAD, this.blockPeriod, now, 1);
    return { at: moments.at(0), since: moments.at(-1) };
  }

  #captures(name: string, period: number, now: Millis, limit: number): Moments {
    return captures(this.#core.time, period, this.#since.get(name) ?? this.#core.supply.installed, now, limit);
  }

  #byTime(spec: ProfileSpec, period: number, now: Millis): Rows {
    const moments = this.#captures(spec.logicalName, period, now, spec.entries);
    return {
      length: moments.length,
      ascending: moments.ascending,
      moment: (row) => ({ at: moments.at(row), since: moments.at(row - 1) }),
    };
  }

  /** Closed periods, the oldest first, then the current one up to now. */
  #billing(spec: ProfileSpec, now: Millis): Rows {
    const { billing, supply } = this.#core;
    const since = this.#since.get(spec.logicalName) ?? supply.installed;
    const ends = [...billing.newest(spec.entries - 1, since), now];
    return {
      length: ends.length,
      ascending: true,
      moment: (row) => {
        const at = ends[row] as Millis;
        const current = row === ends.length - 1;
        return { at, since: billing.startOf(current ? at + 1 : at) };
      },
    };
  }

  #events(spec: ProfileSpec): Rows {
    const log = this.#core.events.log(logIndex(spec));
    const written = this.#writtenColumns(spec);
    return {
      length: log.length,
      ascending: true,
      moment: (row) => {
        const at = log[row]?.at ?? 0;
        return { at, since: at };
      },
      written: (row, column) => {
        const event = log[row];
        const kind = written[column];
        if (event === undefined || kind === undefined) return undefined;
        return kind === 'code' ? eventCode(event.code, this.#model) : u32(event.tampers);
      },
    };
  }

  /** Which columns of an event log were stored with the event: its code, the tamper count. */
  #writtenColumns(spec: ProfileSpec): readonly ('code' | 'tampers' | undefined)[] {
    return spec.columns.map((column, i) => {
      if (i === EVENT_CODE) return 'code';
      return column.logicalName === '0.0.94.91.0.255' ? 'tampers' : undefined;
    });
  }

  #reset(spec: ProfileSpec): void {
    const now = this.#core.catchUp();
    this.#since.set(spec.logicalName, now);
    if (spec.kind === 'event-log') this.#core.events.clear(logIndex(spec));
  }

  /** Only a billing row can be captured on request: an MD reset. The rest is captured by time or by events. */
  #capture(spec: ProfileSpec): void {
    if (spec.kind !== 'billing') return;
    this.resetDemand(this.#core.catchUp());
  }

  /** Ends the billing period, as the schedule or the MD reset script does. */
  resetDemand(now: Millis): void {
    this.#core.endBillingPeriod(now);
    this.#core.events.record(166, now);
  }
}

function logIndex(spec: ProfileSpec): number {
  return Number(spec.logicalName.split('.')[4]);
}
