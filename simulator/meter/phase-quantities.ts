/**
 * The registers in which single-phase and three-phase meters differ: voltages, currents and power factors by phase, and reactive energy.
 */

import { f32 } from '../../src/codec/make.js';
import type { EnergyKind } from '../energies.js';
import type { PhaseFlow } from '../load.js';
import { energyRegister, register, type Sources } from './sources.js';
import type { Quantity, ValueAt } from './values.js';

/** Value group C of the current of each phase; the voltage is one above, the power factor two above. */
const PHASES = [31, 51, 71] as const;
const QUADRANTS: readonly EnergyKind[] = ['reactiveQ1', 'reactiveQ2', 'reactiveQ3', 'reactiveQ4'];
const NO_FLOW: PhaseFlow = { active: 0, apparent: 0, reactive: 0 };

/** The power factor with three digits: negative where the current leads, 1 where nothing flows. */
export function powerFactor({ active, apparent, reactive }: PhaseFlow): number {
  if (apparent === 0) return 1;
  const factor = Math.min(1, Math.round((Math.abs(active) * 1000) / apparent) / 1000);
  return reactive < 0 ? -factor : factor;
}

/** The present voltages, currents and power factors. */
export function ownInstants(sources: Sources): Quantity[] {
  return sources.model.phases === 1 ? singleInstants(sources) : threeInstants(sources);
}

function singleInstants({ core: { grid } }: Sources): Quantity[] {
  const current: ValueAt = ({ at }) => f32(grid.current(at) / 1000);
  return [
    register('1.0.12.7.0', 'V', 0, ({ at }) => f32(grid.voltage(at) / 10)),
    register('1.0.11.7.0', 'A', 0, current),
    register('1.0.94.91.14', 'A', 0, current),
    register('1.0.91.7.0', 'A', 0, ({ at }) => f32(grid.neutralCurrent(at) / 1000)),
  ];
}

function threeInstants({ core: { grid, supply } }: Sources): Quantity[] {
  return PHASES.flatMap((c, phase) => [
    register(`1.0.${c}.7.0`, 'A', 0, ({ at }) => f32(grid.current(at, phase) / 1000)),
    register(`1.0.${c + 1}.7.0`, 'V', 0, ({ at }) => f32(grid.voltage(at, phase) / 10)),
    register(`1.0.${c + 2}.7.0`, 'none', 0, ({ at }) => f32(powerFactor(supply.flowAt(at).phases[phase] ?? NO_FLOW))),
  ]);
}

/** Averages over a recording interval. */
export function phaseAverages({ core: { grid }, model }: Sources): Quantity[] {
  const average = (currentName: string, voltageName: string, phase: number) => [
    register(currentName, 'A', 0, ({ at, since }) => f32(grid.averageCurrent([{ from: since, to: at }], phase) / 1000)),
    register(voltageName, 'V', 0, ({ at, since }) => f32(grid.averageVoltage([{ from: since, to: at }], phase) / 10)),
  ];
  if (model.phases === 1) return average('1.0.11.27.0', '1.0.12.27.0', 0);
  return PHASES.flatMap((c, phase) => average(`1.0.${c}.27.0`, `1.0.${c + 1}.27.0`, phase));
}

/** Cumulative kvarh by quadrant. */
export function reactiveEnergies(sources: Sources): Quantity[] {
  return QUADRANTS.map((kind, i) =>
    energyRegister(sources, `1.0.${5 + i}.8.0`, 'varh', ({ at }) => sources.total(kind, at)),
  );
}
