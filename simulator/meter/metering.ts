/** What a meter counts of the load behind it, under the conditions that apply. */

import type { Power } from '../consumer.js';
import { type Energies, NO_ENERGY, Tally } from '../energies.js';
import { BLOCK, type Flow, type Load, type PhaseFlow } from '../load.js';
import { type Conditions, powered, present } from './conditions.js';

/** The conditions on which the energies depend. */
export interface Metering {
  /**
   * `off`: nothing flows. `drawn`: what the load draws, in the same proportion every minute. `added`: constant appliances are added to it.
   */
  readonly kind: 'off' | 'drawn' | 'added';
  readonly conditions: Conditions;
}

export function meteringOf(conditions: Conditions): Metering {
  if (!conditions.closed || !powered(conditions)) return { kind: 'off', conditions };
  return { kind: conditions.appliances.length === 0 && conditions.household ? 'drawn' : 'added', conditions };
}

/** Whether energies are counted the same way under both. */
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

/** A part of a block: from one weight to another, of `of` for the whole block; and how many seconds it lasts. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly of: number;
  readonly seconds: number;
}

const WHOLE: Part = { from: 0, to: 1, of: 1, seconds: BLOCK };

/** Energies in the first seconds of a block; blocks are counted from 1970. More seconds never give less energy. */
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

/** Counts a part of an even flow in one direction. The phases are added up before import and export are told apart. */
function countPart(into: Tally, { active, reactive, apparent, phases }: Flow, part: number, whole: number): void {
  const of = (energy: number) => (part === whole ? energy : Math.trunc((energy * part) / whole));
  // Import or export is decided by the whole block: a part may be 0.
  into.count(active >= 0, of(active), of(reactive), of(apparent));
  for (let phase = 0; phase < phases.length; phase++) into.through(phase, of((phases[phase] as PhaseFlow).apparent));
}

/** What the meter sees of a part, in J, var-seconds and VA-seconds. The phases are added with their signs, as in an electronic meter. */
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
  // A reversed current turns the sign of both powers.
  const turned = conditions.forwardOnly && active < 0;
  const apparent = magnitude(active, reactive);
  return { active: turned ? -active : active, reactive: turned ? -reactive : reactive, apparent };
}

/** The difference of two cumulative amounts, so that the minutes add up exactly to their block. */
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
