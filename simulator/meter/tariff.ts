import { StateError } from '../../src/base/errors.js';

/** A slab of a tariff: energy at one price. */
export interface Slab {
  /** Whole kWh of a billing period up to which the price applies; left out for the last slab. */
  readonly upTo?: number;
  /** Price in paise for a kWh. */
  readonly rate: number;
}

/** A price in paise for each kWh, or slabs by the consumption in a billing period: `[{ upTo: 100, rate: 350 }, { rate: 650 }]`. */
export type TariffOption = number | readonly Slab[];

/** What energy costs, exactly: whole thousandths of a paisa, since one paisa per kWh is a thousandth of a paisa per Wh. */
export class Tariff {
  readonly slabs: readonly Slab[];

  /** @throws StateError for invalid prices or slabs. */
  constructor(option: TariffOption) {
    this.slabs = typeof option === 'number' ? [{ rate: option }] : option;
    let last = 0;
    this.slabs.forEach(({ upTo, rate }, i) => {
      const end = i === this.slabs.length - 1;
      const right = end ? upTo === undefined : upTo !== undefined && Number.isSafeInteger(upTo) && upTo > last;
      if (!right || !Number.isSafeInteger(rate) || rate < 0) {
        throw new StateError(`slab ${i + 1} of the tariff is not valid`, {
          hint: 'give whole paise for a kWh, and whole kWh that rise from slab to slab; the last slab has no upper limit',
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

  /** The price of the first `wattHours` of a billing period, in thousandths of a paisa. */
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
