import {
  type CreateMeterOptions,
  createMeter,
  type MeterProfile,
  openOptionsOf,
  type VirtualMeter,
} from '../../simulator/index.js';
import { VirtualClock } from '../../src/base/clock.js';
import type { Data } from '../../src/codec/data.js';
import { Decimal } from '../../src/codec/decimal.js';
import {
  type Framing,
  MemoryCounterStore,
  type Meter,
  type OpenOptions,
  open,
  type Transport,
} from '../../src/index.js';

/** 2026-11-23 09:00 in India. */
export const START = Date.UTC(2026, 10, 23, 3, 30);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A meter in a virtual clock, and how to open associations with it. */
export class Bench {
  readonly clock: VirtualClock;
  readonly meter: VirtualMeter;
  readonly #counters = new MemoryCounterStore();

  constructor(
    options: Partial<Omit<CreateMeterOptions, 'clock'>> & {
      readonly start?: number;
      readonly profile?: MeterProfile;
    } = {},
  ) {
    const { start = START, profile = 'is15959-1ph', ...rest } = options;
    this.clock = new VirtualClock(start);
    this.meter = createMeter(profile, { seed: 7, ...rest, clock: this.clock });
  }

  /** Opens one of the meter's connections. */
  async open(name: string, options: Partial<OpenOptions> & { readonly framing?: Framing } = {}): Promise<Meter> {
    // The public client comes first to read the counter, over a line of its own.
    return this.openOn(await this.meter.line({ framing: options.framing ?? 'wrapper' }), name, options);
  }

  /** The same over a line that is there. */
  openOn(
    line: Transport,
    name: string,
    options: Partial<OpenOptions> & { readonly framing?: Framing } = {},
  ): Promise<Meter> {
    const { security, ...connection } = openOptionsOf(this.meter, name);
    const given: OpenOptions = {
      framing: 'wrapper',
      clock: this.clock,
      ...connection,
      // The in-home display counts for itself: nobody tells it what the meter expects.
      ...(security && {
        security: security.readInvocationCounter === undefined ? { ...security, counters: this.#counters } : security,
      }),
      ...options,
    };
    return open(line, given);
  }
}

/** Whole thousandths of a kilo-something: Wh of a register in kWh. Throws when a digit would be lost. */
export function wattHours(data: Data): number {
  const value = Decimal.of(data, 3);
  if (value === undefined) throw new Error(`${data.type} is no number`);
  return Number(value.coefficientAt(0));
}
