/** The registers of a single-phase meter: each a function of time. Energies are whole Wh, sent in kWh with scaler 3. */

import type { Millis } from '../../src/base/clock.js';
import type { Data } from '../../src/codec/data.js';
import { f32, octets, u32 } from '../../src/codec/make.js';
import type { Unit } from '../../src/cosem/units.js';
import type { Energies } from '../load.js';
import { ZONES } from './calendar.js';
import type { Core } from './core.js';
import type { Maxima, Maximum } from './demand.js';
import type { Moment, Quantity, ValueAt } from './values.js';

/** Month and day 0: how these meters say that there was no maximum yet. */
const NEVER = Uint8Array.of(0x07, 0xd0, 0, 0, 0xff, 0, 0, 0, 0, 0xfe, 0xb6, 0);

/** Thousandths of the unit that is sent: 1234 Wh is 1.234 kWh. */
function kilo(value: number): Data {
  return f32(value / 1000);
}

/** When maximum demands were reset by their own method. */
export interface DemandResets {
  active: Millis;
  apparent: Millis;
}

export interface Quantities {
  /** Class 3. */
  readonly registers: readonly Quantity[];
  /** Class 4. */
  readonly demands: readonly Quantity[];
  readonly demandResets: DemandResets;
}

/** Wh or VAh of one kind at a moment. */
type Kind = keyof Energies;

export function quantitiesOf(core: Core): Quantities {
  const total = (kind: Kind, at: Millis) => Math.floor(core.supply.energiesAt(at)[kind] / 3600);
  const demandResets: DemandResets = { active: 0, apparent: 0 };
  return {
    registers: [
      ...energyRegisters(core, total),
      ...blockRegisters(core, total),
      ...instantRegisters(core),
      ...durations(core),
      powerFactorOfPeriod(core, total),
      billingDate(core),
    ],
    demands: demandRegisters(core, demandResets),
    demandResets,
  };
}

function register(name: string, unit: Unit, scaler: number, valueAt: ValueAt): Quantity {
  return { name: `${name}.255`, unit, scaler, valueAt };
}

function energyRegisters(core: Core, total: (kind: Kind, at: Millis) => number): Quantity[] {
  const zoned = (c: number, unit: Unit, part: 'active' | 'apparent') =>
    Array.from({ length: ZONES }, (_, i) =>
      register(`1.0.${c}.8.${i + 1}`, unit, 3, ({ at }) => kilo(core.zones.at(at)[part][i + 1] ?? 0)),
    );
  return [
    register('1.0.1.8.0', 'Wh', 3, ({ at }) => kilo(total('activeImport', at))),
    ...zoned(1, 'Wh', 'active'),
    register('1.0.9.8.0', 'VAh', 3, ({ at }) => kilo(total('apparentImport', at))),
    ...zoned(9, 'VAh', 'apparent'),
    register('1.0.2.8.0', 'Wh', 3, ({ at }) => kilo(total('activeExport', at))),
    register('1.0.10.8.0', 'VAh', 3, ({ at }) => kilo(total('apparentExport', at))),
    register('1.0.1.9.0', 'Wh', 3, (moment) =>
      kilo(total('activeImport', moment.at) - total('activeImport', core.billing.startFor(moment))),
    ),
  ];
}

function blockRegisters(core: Core, total: (kind: Kind, at: Millis) => number): Quantity[] {
  const block = (name: string, unit: Unit, scaler: number, valueAt: ValueAt): Quantity => ({
    ...register(name, unit, scaler, valueAt),
    present: (now) => lastBlock(core, now),
  });
  const energy = (name: string, unit: Unit, kind: Kind) =>
    block(name, unit, 3, ({ at, since }) => kilo(total(kind, at) - total(kind, since)));
  return [
    energy('1.0.1.29.0', 'Wh', 'activeImport'),
    energy('1.0.9.29.0', 'VAh', 'apparentImport'),
    energy('1.0.2.29.0', 'Wh', 'activeExport'),
    energy('1.0.10.29.0', 'VAh', 'apparentExport'),
    block('1.0.12.27.0', 'V', 0, ({ at, since }) => f32(core.grid.averageVoltage(since, at) / 10)),
    block('1.0.11.27.0', 'A', 0, ({ at, since }) => f32(core.grid.averageCurrent(since, at) / 1000)),
  ];
}

/** The last whole half hour by the meter's clock. */
function lastBlock(core: Core, now: Millis): Moment {
  const period = core.demand.period * 1000;
  const wall = core.time.wall(now);
  const at = core.time.trueTime(Math.floor(wall / period) * period, now);
  return { at, since: at - period };
}

function instantRegisters(core: Core): Quantity[] {
  const { grid, supply } = core;
  const current: ValueAt = ({ at }) => f32(grid.current(at) / 1000);
  return [
    register('1.0.12.7.0', 'V', 0, ({ at }) => f32(grid.voltage(at) / 10)),
    register('1.0.11.7.0', 'A', 0, current),
    register('1.0.94.91.14', 'A', 0, current),
    register('1.0.91.7.0', 'A', 0, ({ at }) => f32(grid.neutralCurrent(at) / 1000)),
    register('1.0.14.7.0', 'Hz', 0, ({ at }) => f32(grid.frequency(at) / 100)),
    register('1.0.1.7.0', 'W', 3, ({ at }) => kilo(supply.flowAt(at).active)),
    register('1.0.9.7.0', 'VA', 3, ({ at }) => kilo(supply.flowAt(at).apparent)),
    register('1.0.13.7.0', 'none', 0, ({ at }) => {
      const { active, apparent } = supply.flowAt(at);
      return f32(ratio(active, apparent));
    }),
  ];
}

/** A power factor to three digits; 1 where nothing flows. */
function ratio(active: number, apparent: number): number {
  return apparent === 0 ? 1 : Math.max(-1, Math.min(1, Math.round((active * 1000) / apparent) / 1000));
}

function durations(core: Core): Quantity[] {
  const { installed } = core.supply;
  return [
    register('0.0.94.91.8', 'min', 0, ({ at }) => u32(core.outagesUntil(at).minutes)),
    register('0.0.94.91.14', 'min', 0, ({ at }) => u32(core.poweredMinutes(installed, at))),
    register('0.0.94.91.13', 'min', 0, (moment) => u32(core.poweredMinutes(core.billing.startFor(moment), moment.at))),
  ];
}

function powerFactorOfPeriod(core: Core, total: (kind: Kind, at: Millis) => number): Quantity {
  return register('1.0.13.0.0', 'none', 0, (moment) => {
    const start = core.billing.startFor(moment);
    const used = (kind: Kind) => total(kind, moment.at) - total(kind, start);
    return f32(ratio(used('activeImport'), used('apparentImport')));
  });
}

/** The date of a billing row; by itself the end of the last period. */
function billingDate(core: Core): Quantity {
  return {
    ...register('0.0.0.1.2', 'none', 0, ({ at }) => octets(core.time.stamp(at).toBytes())),
    present: (now) => ({ at: core.billing.last ?? now, since: now }),
  };
}

function demandRegisters(core: Core, resets: DemandResets): Quantity[] {
  const demand = (name: string, unit: Unit, part: keyof Maxima): Quantity => {
    const maximum = (moment: Moment): Maximum => {
      const { at } = moment;
      const start = core.billing.startFor(moment);
      const reset = resets[part];
      return core.demand.between(reset > start && reset <= at ? reset : start, at)[part];
    };
    return {
      ...register(name, unit, 3, (moment) => kilo(maximum(moment).value)),
      timeAt: (moment) => {
        const when = maximum(moment).at;
        return octets(when === undefined ? NEVER : core.time.stamp(when).toBytes());
      },
    };
  };
  return [demand('1.0.1.6.0', 'W', 'active'), demand('1.0.9.6.0', 'VA', 'apparent')];
}
