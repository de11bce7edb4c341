/** The registers of a meter, each as a function of time. Energies are whole Wh, and each kind of meter encodes them in its own way. */

import type { Millis } from '../../src/base/clock.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import { f32, octets, u32 } from '../../src/codec/make.js';
import type { Unit } from '../../src/cosem/units.js';
import type { EnergyKind } from '../energies.js';
import { ZONES } from './calendar.js';
import type { Core } from './core.js';
import type { DemandKind, Maximum } from './demand.js';
import type { MeterModel } from './model.js';
import { ownInstants, phaseAverages, powerFactor, reactiveEnergies } from './phase-quantities.js';
import { energyRegister, register, type Sources } from './sources.js';
import type { Quantity, ValueMoment } from './values.js';

/** Month and day 0: how some meters say that there was no maximum yet. */
const DATE_ZERO = new CosemDateTime({
  year: 2000,
  month: 0,
  dayOfMonth: 0,
  hour: 0,
  minute: 0,
  second: 0,
  hundredths: 0,
  status: 0,
});
const NEVER = new CosemDateTime();

export interface Quantities {
  /** Registers (class 3). */
  readonly registers: readonly Quantity[];
  /** Extended registers (class 4), with the demand that their reset clears. */
  readonly demands: readonly (Quantity & { readonly demand: DemandKind })[];
}

/** @param lastBlock gives the last complete recording interval. */
export function quantitiesOf(core: Core, model: MeterModel, lastBlock: (now: Millis) => ValueMoment): Quantities {
  const total = (kind: EnergyKind, at: Millis) => Math.floor(core.supply.energiesAt(at)[kind] / 3600);
  const sources: Sources = { core, model, total };
  const ofBlock = (quantity: Quantity): Quantity => ({ ...quantity, present: lastBlock });
  return {
    registers: [
      ...energyRegisters(sources),
      ...blockRegisters(sources).map(ofBlock),
      ...instantRegisters(sources),
      ...ownInstants(sources),
      ...reactiveEnergies(sources),
      ...phaseAverages(sources).map(ofBlock),
      ...durations(core),
      powerFactorOfPeriod(sources),
      billingDate(core),
    ],
    demands: demandRegisters(sources),
  };
}

function energyRegisters(sources: Sources): Quantity[] {
  const { core, total } = sources;
  const energy = (name: string, unit: Unit, amount: (moment: ValueMoment) => number) =>
    energyRegister(sources, name, unit, amount);
  const cumulative = (name: string, unit: Unit, kind: EnergyKind) => energy(name, unit, ({ at }) => total(kind, at));
  const zoned = (c: number, unit: Unit, part: 'active' | 'apparent') =>
    Array.from({ length: ZONES }, (_, i) =>
      energy(`1.0.${c}.8.${i + 1}`, unit, ({ at }) => core.zones.at(at)[part][i + 1] ?? 0),
    );
  return [
    cumulative('1.0.1.8.0', 'Wh', 'activeImport'),
    ...zoned(1, 'Wh', 'active'),
    cumulative('1.0.9.8.0', 'VAh', 'apparentImport'),
    ...zoned(9, 'VAh', 'apparent'),
    cumulative('1.0.2.8.0', 'Wh', 'activeExport'),
    cumulative('1.0.10.8.0', 'VAh', 'apparentExport'),
    energy(
      '1.0.1.9.0',
      'Wh',
      (moment) => total('activeImport', moment.at) - total('activeImport', core.billing.startFor(moment)),
    ),
  ];
}

/** Registers of a recording interval. A reading outside a profile gives the last complete interval. */
function blockRegisters(sources: Sources): Quantity[] {
  const { total } = sources;
  const energy = (name: string, unit: Unit, kind: EnergyKind) =>
    energyRegister(sources, name, unit, ({ at, since }) => total(kind, at) - total(kind, since));
  return [
    energy('1.0.1.29.0', 'Wh', 'activeImport'),
    energy('1.0.9.29.0', 'VAh', 'apparentImport'),
    energy('1.0.2.29.0', 'Wh', 'activeExport'),
    energy('1.0.10.29.0', 'VAh', 'apparentExport'),
    energy('1.0.5.29.0', 'varh', 'reactiveQ1'),
    energy('1.0.6.29.0', 'varh', 'reactiveQ2'),
    energy('1.0.7.29.0', 'varh', 'reactiveQ3'),
    energy('1.0.8.29.0', 'varh', 'reactiveQ4'),
  ];
}

/** The instantaneous values that every meter has. */
function instantRegisters({ core, model }: Sources): Quantity[] {
  const { grid, supply } = core;
  const { scaler, power } = model.forms;
  return [
    register('1.0.14.7.0', 'Hz', 0, ({ at }) => f32(grid.frequency(at) / 100)),
    register('1.0.1.7.0', 'W', scaler, ({ at }) => power(supply.flowAt(at).active)),
    register('1.0.9.7.0', 'VA', scaler, ({ at }) => power(supply.flowAt(at).apparent)),
    register('1.0.3.7.0', 'var', scaler, ({ at }) => power(supply.flowAt(at).reactive)),
    register('1.0.13.7.0', 'none', 0, ({ at }) => f32(powerFactor(supply.flowAt(at)))),
  ];
}

function durations(core: Core): Quantity[] {
  const { installed } = core.supply;
  return [
    register('0.0.94.91.8', 'min', 0, ({ at }) => u32(core.outagesUntil(at).minutes)),
    register('0.0.94.91.14', 'min', 0, ({ at }) => u32(core.poweredMinutes(installed, at))),
    register('0.0.94.91.13', 'min', 0, (moment) => u32(core.poweredMinutes(core.billing.startFor(moment), moment.at))),
  ];
}

/** The average power factor of the import in the billing period; 1 where nothing flowed. */
function powerFactorOfPeriod({ core, total }: Sources): Quantity {
  return register('1.0.13.0.0', 'none', 0, (moment) => {
    const start = core.billing.startFor(moment);
    const used = (kind: EnergyKind) => total(kind, moment.at) - total(kind, start);
    return f32(powerFactor({ active: used('activeImport'), apparent: used('apparentImport'), reactive: 0 }));
  });
}

/** The date of a billing row, or now for the current one. A reading outside a profile gives the date of the last bill. */
function billingDate({ billing, time }: Core): Quantity {
  return register('0.0.0.1.2', 'none', 0, ({ at, since }) => {
    const wall = at === since ? billing.last?.wall : billing.wallOf(at);
    return octets((wall === undefined ? time.stamp(at) : time.dated(wall)).toBytes());
  });
}

/** Total and time zones. */
function demandRegisters({ core, model }: Sources): Quantities['demands'] {
  const { scaler, power } = model.forms;
  const never = model.quirks.has('date-zero') ? DATE_ZERO : NEVER;
  const demand = (c: number, unit: Unit, kind: DemandKind, zone: number) => {
    const maximum = (moment: ValueMoment): Maximum =>
      core.demand.maximum(kind, zone, core.billing.startFor(moment), moment.at);
    return {
      ...register(`1.0.${c}.6.${zone}`, unit, scaler, (moment) => power(maximum(moment).value)),
      demand: kind,
      timeAt: (moment: ValueMoment) => {
        const { at } = maximum(moment);
        const time = at === undefined ? never.with({ deviation: unsetDeviation(core, never) }) : core.time.stamp(at);
        return octets(time.toBytes());
      },
    };
  };
  const zones = Array.from({ length: ZONES + 1 }, (_, zone) => zone);
  return [
    ...zones.flatMap((zone) => [demand(1, 'W', 'activeImport', zone), demand(9, 'VA', 'apparentImport', zone)]),
    demand(2, 'W', 'activeExport', 0),
    demand(10, 'VA', 'apparentExport', 0),
  ];
}

/** An all-zero date carries the deviation of the clock, an unspecified date none. */
function unsetDeviation(core: Core, unset: CosemDateTime): number {
  return unset === NEVER ? NEVER.deviation : core.time.deviation;
}
