/** What the registers of a meter are made of. */

import type { Millis } from '../../src/base/clock.js';
import type { Unit } from '../../src/cosem/units.js';
import type { EnergyKind } from '../energies.js';
import type { Core } from './core.js';
import type { MeterModel } from './model.js';
import type { Quantity, ValueAt, ValueMoment } from './values.js';

export interface Sources {
  readonly core: Core;
  readonly model: MeterModel;
  /** The whole Wh, VAh or varh of a kind of energy up to a moment. */
  readonly total: (kind: EnergyKind, at: Millis) => number;
}

/** A quantity, by its logical name without value group F. */
export function register(name: string, unit: Unit, scaler: number, valueAt: ValueAt): Quantity {
  return { name: `${name}.255`, unit, scaler, valueAt };
}

/** An energy register as this kind of meter encodes it. */
export function energyRegister({ model }: Sources, name: string, unit: Unit, amount: (moment: ValueMoment) => number) {
  const { scaler, energy } = model.forms;
  return register(name, unit, scaler, (moment) => energy(amount(moment)));
}
