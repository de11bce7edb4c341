/** What a meter counts of what is drawn behind it, under the conditions that hold. */

import type { Power } from '../consumer.js';
import { type Energies, NO_ENERGY, Tally } from '../energies.js';
import { BLOCK, type Flow, type Load, type PhaseFlow } from '../load.js';
import { type Conditions, powered, present } from './conditions.js';

/** Conditions as far as energies depend on them. */
export interface Metering {
  /** Nothing flows; it flows as it is drawn, minute by minute in the same proportion; or appliances that do not change are added. */
  readonly kind: 'off' | 'drawn' | 'added';
  readonly conditions: Conditions;
}

export function meteringOf(conditions: Conditions): Metering {
  if (!conditions.closed || !powered(conditions)) return { kind: 'off', conditions };
  return { kind: conditions.appliances.length === 0 && conditions.household ? 'drawn' : 'added', conditions };
}

/** Whether energies go on alike under both. */
export function sameMetering(a: Metering, b: Metering): boolean {
  if (a.kind === 'off' || b.kind === 'off') return a.kind === b.kind;
  const { appliances, household, currents, voltages, forwardOnly } = a.conditions;
  return (
    appliances === b.conditions.appliances &&
    household === b.conditions.household &&
    forwardOnly === b.conditions.forwardOnly &&
    currents.every((percent, phase) => percent === b.conditions.currents[phase]) &&
    voltages.every((voltage, phase) => present(voltage) === present(b.conditions.voltages[phase]))
  );
}

/** Energies in the first seconds of a block, which is counted from 1970. They grow with the seconds. */
export function counted(load: Load, { kind, conditions }: Metering, at: number, seconds: number): Energies {
  if (kind === 'off' || seconds === 0) return NO_ENERGY;
  const tally = new Tally();
  const whole = load.whole(at);
  if (kind === 'drawn') {
    const seen = seenIn(load, conditions, at, 0, whole, 0);
    countPart(tally, seen, seconds === BLOCK ? whole : load.weight(at, seconds), whole);
    return tally;
  }
  for (let second = 0; second < seconds; second += 60) {
    const seen = seenIn(load, conditions, at, load.weight(at, second), load.weight(at, second + 60), 60);
    countPart(tally, seen, Math.min(60, seconds - second), 60);
  }
  return tally;
}

/** Counts a part of what flows evenly, in one direction, with the phases added up before import and export are told apart. */
function countPart(tally: Tally, seen: Flow, part: number, whole: number): void {
  const of = (energy: number) => (part === whole ? energy : Math.trunc((energy * part) / whole));
  // Whether it is import is a matter of the whole: a part may be 0.
  tally.count(seen.active >= 0, of(seen.active), of(seen.reactive), of(seen.apparent));
  for (let phase = 0; phase < seen.phases.length; phase++) {
    tally.through(phase, of((seen.phases[phase] as PhaseFlow).apparent));
  }
}

/**
 * What the meter sees of a block between two weights, and of appliances over some seconds: J, vars and VAs. The phases are added with their signs,
 * as an electronic meter does.
 */
function seenIn(load: Load, conditions: Conditions, at: number, from: number, to: number, seconds: number): Flow {
  let active = 0;
  let reactive = 0;
  const phases: PhaseFlow[] = [];
  for (let phase = 0; phase < load.phases; phase++) {
    const seen = seenOf(load, conditions, at, phase, from, to, seconds);
    active += seen.active;
    reactive += seen.reactive;
    phases.push(seen);
  }
  return { active, reactive, apparent: magnitude(active, reactive), phases };
}

function seenOf(
  load: Load,
  conditions: Conditions,
  at: number,
  phase: number,
  from: number,
  to: number,
  seconds: number,
): PhaseFlow {
  const percent = conditions.currents[phase] as number;
  if (percent === 0 || !present(conditions.voltages[phase])) return NOTHING;
  const power = conditions.household ? (load.power(at)[phase] as Power) : NO_POWER;
  const whole = load.whole(at);
  // Differences of what flowed up to there: minutes add up to their block.
  const drawn = (watts: number) =>
    Math.trunc((watts * BLOCK * to) / whole) - Math.trunc((watts * BLOCK * from) / whole);
  let active = drawn(power.active);
  let reactive = drawn(power.reactive);
  for (const appliance of conditions.appliances) {
    if (appliance.phase !== phase) continue;
    active += appliance.watts * seconds;
    reactive += appliance.vars * seconds;
  }
  if (percent !== 100) {
    active = Math.trunc((active * percent) / 100);
    reactive = Math.trunc((reactive * percent) / 100);
  }
  // A current the wrong way round turns both powers.
  const turned = conditions.forwardOnly && active < 0;
  const apparent = magnitude(active, reactive);
  return { active: turned ? -active : active, reactive: turned ? -reactive : reactive, apparent };
}

const NO_POWER: Power = { active: 0, reactive: 0 };
const NOTHING: PhaseFlow = { active: 0, reactive: 0, apparent: 0 };

function magnitude(active: number, reactive: number): number {
  return Math.ceil(Math.sqrt(active * active + reactive * reactive));
}

/** What the meter sees in the minute of a second of local time. */
export function flowIn(load: Load, { kind, conditions }: Metering, second: number): Flow {
  const at = Math.floor(second / BLOCK);
  const start = Math.floor((second - at * BLOCK) / 60) * 60;
  const from = load.weight(at, start);
  const to = load.weight(at, start + 60);
  const phases = Array.from({ length: load.phases }, (_, phase): PhaseFlow => {
    if (kind === 'off') return NOTHING;
    const seen = seenOf(load, conditions, at, phase, from, to, 60);
    const active = Math.round(seen.active / 60);
    const reactive = Math.round(seen.reactive / 60);
    return { active, reactive, apparent: magnitude(active, reactive) };
  });
  const active = phases.reduce((sum, phase) => sum + phase.active, 0);
  const reactive = phases.reduce((sum, phase) => sum + phase.reactive, 0);
  return { active, reactive, apparent: magnitude(active, reactive), phases };
}
