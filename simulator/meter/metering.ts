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

/** A part of what flows in a block: between two weights, of `of` for all of it; and the seconds that it lasts. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly of: number;
  readonly seconds: number;
}

const WHOLE: Part = { from: 0, to: 1, of: 1, seconds: BLOCK };

/** Energies in the first seconds of a block, which is counted from 1970. They grow with the seconds. */
export function countedInto(load: Load, { kind, conditions }: Metering, at: number, seconds: number): Energies {
  if (kind === 'off' || seconds === 0) return NO_ENERGY;
  const tally = new Tally();
  if (kind === 'drawn') countPart(tally, seenIn(load, conditions, at, WHOLE), load.weight(at, seconds), load.whole(at));
  else countMinutes(tally, load, conditions, at, seconds);
  return tally;
}

/** Adds the energies of a whole block. */
export function countBlock(load: Load, { kind, conditions }: Metering, at: number, into: Tally): void {
  if (kind === 'drawn') countPart(into, seenIn(load, conditions, at, WHOLE), 1, 1);
  else if (kind === 'added') countMinutes(into, load, conditions, at, BLOCK);
}

function countMinutes(into: Tally, load: Load, conditions: Conditions, at: number, seconds: number): void {
  for (let second = 0; second < seconds; second += 60) {
    countPart(into, seenIn(load, conditions, at, minuteOf(load, at, second)), Math.min(60, seconds - second), 60);
  }
}

function minuteOf(load: Load, at: number, second: number): Part {
  return { from: load.weight(at, second), to: load.weight(at, second + 60), of: load.whole(at), seconds: 60 };
}

/** Counts a part of what flows evenly, in one direction, with the phases added up before import and export are told apart. */
function countPart(into: Tally, { active, reactive, apparent, phases }: Flow, part: number, whole: number): void {
  const of = (energy: number) => (part === whole ? energy : Math.trunc((energy * part) / whole));
  // Whether it is import is a matter of the whole: a part may be 0.
  into.count(active >= 0, of(active), of(reactive), of(apparent));
  for (let phase = 0; phase < phases.length; phase++) into.through(phase, of((phases[phase] as PhaseFlow).apparent));
}

/** What the meter sees of a part: J, vars and VAs. The phases are added with their signs, as an electronic meter does. */
function seenIn(load: Load, conditions: Conditions, at: number, part: Part): Flow {
  let active = 0;
  let reactive = 0;
  const phases: PhaseFlow[] = [];
  for (let phase = 0; phase < load.phases; phase++) {
    const seen = seenOf(load, conditions, at, phase, part);
    active += seen.active;
    reactive += seen.reactive;
    phases.push(seen);
  }
  return { active, reactive, apparent: magnitude(active, reactive), phases };
}

function seenOf(load: Load, conditions: Conditions, at: number, phase: number, part: Part): PhaseFlow {
  const percent = conditions.currents[phase] as number;
  if (percent === 0 || !present(conditions.voltages[phase])) return NOTHING;
  const power = conditions.household ? (load.power(at)[phase] as Power) : NO_POWER;
  let active = drawn(power.active, part);
  let reactive = drawn(power.reactive, part);
  for (const appliance of conditions.appliances) {
    if (appliance.phase !== phase) continue;
    active += appliance.watts * part.seconds;
    reactive += appliance.vars * part.seconds;
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

/** The difference of what flowed up to there: minutes add up to their block. */
function drawn(power: number, { from, to, of }: Part): number {
  const energy = power * BLOCK;
  return of === 1 ? energy : Math.trunc((energy * to) / of) - Math.trunc((energy * from) / of);
}

const NO_POWER: Power = { active: 0, reactive: 0 };
const NOTHING: PhaseFlow = { active: 0, reactive: 0, apparent: 0 };

function magnitude(active: number, reactive: number): number {
  return Math.ceil(Math.sqrt(active * active + reactive * reactive));
}

/** What the meter sees in the minute of a second of local time. */
export function flowIn(load: Load, { kind, conditions }: Metering, second: number): Flow {
  const at = Math.floor(second / BLOCK);
  const part = minuteOf(load, at, Math.floor((second - at * BLOCK) / 60) * 60);
  const phases = Array.from({ length: load.phases }, (_, phase): PhaseFlow => {
    if (kind === 'off') return NOTHING;
    const seen = seenOf(load, conditions, at, phase, part);
    const active = Math.round(seen.active / 60);
    const reactive = Math.round(seen.reactive / 60);
    return { active, reactive, apparent: magnitude(active, reactive) };
  });
  const active = phases.reduce((sum, phase) => sum + phase.active, 0);
  const reactive = phases.reduce((sum, phase) => sum + phase.reactive, 0);
  return { active, reactive, apparent: magnitude(active, reactive), phases };
}
