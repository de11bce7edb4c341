import { StateError } from '../../src/base/errors.js';

/** Energy at one price. */
export interface Slab {
  /** Whole kWh of a billing period up to which it goes; the last has none. */
  readonly upTo?: number;
  /** Paise for a kWh. */
  readonly rate: number;
}

/** A price in paise for each kWh, or slabs by the use in a billing period. */
export type TariffOption = number | readonly Slab[];

/**
 * What energy costs, exactly: whole thousandths of a paisa, for a paisa for a kWh is a thousandth for a Wh.
 */
export class Tariff {
  readonly slabs: readonly Slab[];

  /** @throws StateError for prices or slabs that are none. */
  constructor(option: TariffOption) {
    this.slabs = typeof option === 'number' ? [{ rate: option }] : option;
    let last = 0;
    this.slabs.forEach(({ upTo, rate }, i) => {
      const end = i === this.slabs.length - 1;
      const right = end ? upTo === undefined : upTo !== undefined && Number.isSafeInteger(upTo) && upTo > last;
      if (!right || !Number.isSafeInteger(rate) || rate < 0) {
        throw new StateError(`slab ${i + 1} of the tariff is none`, {
          hint: 'whole paise for a kWh; whole kWh that rise from slab to slab, and none for the last',
        });
      }
      last = upTo ?? last;
    });
    if (this.slabs.length === 0) throw new StateError('a tariff without slabs');
  }

  /** Highest price, in paise for a kWh. */
  get highest(): number {
    return Math.max(...this.slabs.map(({ rate }) => rate));
  }

  /** Thousandths of a paisa for the first Wh of a billing period. */
  costOf(wattHours: number): number {
    let cost = 0;
    let from = 0;
    for (const { upTo, rate } of this.slabs) {
      const to = upTo === undefined ? wattHours : Math.min(wattHours, upTo * 1000);
      if (to <= from) break;
      cost += (to - from) * rate;
      from = to;
    }
    return cost;
  }
}
