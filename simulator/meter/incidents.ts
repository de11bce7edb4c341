/**
 * Outages, overloads and the like, day by day, as a pure function of the seed: before the meter was made, and afterwards if that is wanted.
 */

import type { Millis } from '../../src/base/clock.js';
import type { Load } from '../load.js';
import type { Conditions } from './conditions.js';
import type { Process } from './process.js';
import { fromLocal, localDay } from './supply.js';
import { DAY, MINUTE } from './time.js';

export type IncidentKind =
  | 'outage'
  | 'low-voltage'
  | 'over-voltage'
  | 'earth-load'
  | 'phase-missing'
  | 'module-removed';

/** One incident in local time; it begins and ends on one day. */
export interface Incident {
  readonly kind: IncidentKind;
  readonly from: Millis;
  readonly to: Millis;
}

/** Chances of a day in 1000, and the longest duration in minutes. */
type Rates = readonly (readonly [kind: IncidentKind, chance: number, minutes: number])[];

const COMMON: Rates = [
  ['outage', 190, 95],
  ['low-voltage', 28, 140],
  ['over-voltage', 9, 40],
];
const SINGLE_PHASE: Rates = [...COMMON, ['earth-load', 6, 300], ['module-removed', 3, 25]];
const THREE_PHASE: Rates = [...COMMON, ['phase-missing', 9, 180], ['module-removed', 3, 25]];
/** How many days it looks ahead. */
const HORIZON = 400;

/** The incident of a day, if there is one. `day` counts local days since 1970. */
export function incidentOf(load: Load, day: number): Incident | undefined {
  let lot = load.draw(1, day, 1000);
  for (const [kind, chance, minutes] of load.phases === 1 ? SINGLE_PHASE : THREE_PHASE) {
    if (lot < chance) {
      const from = day * DAY + (300 + load.draw(2, day, 900)) * MINUTE + load.draw(3, day, 60) * 1000;
      const lasts = (1 + load.draw(4, day, minutes)) * MINUTE + load.draw(5, day, 60) * 1000;
      return { kind, from, to: from + lasts };
    }
    lot -= chance;
  }
  return undefined;
}

/** Makes incidents happen, between two moments. */
export class Incidents implements Process {
  readonly #load: Load;
  readonly #from: Millis;
  readonly #until: Millis;
  readonly #apply: (patch: Partial<Conditions>, at: Millis) => void;
  /** The last answer: between these two times no incident begins or ends. */
  #found: { readonly after: Millis; readonly next: Millis | undefined } | undefined;

  constructor(load: Load, from: Millis, until: Millis, apply: (patch: Partial<Conditions>, at: Millis) => void) {
    this.#load = load;
    this.#from = from;
    this.#until = until;
    this.#apply = apply;
  }

  next(after: Millis): Millis | undefined {
    const known = this.#found;
    if (known !== undefined && known.after <= after && (known.next === undefined || after < known.next))
      return known.next;
    const next = this.#search(after);
    this.#found = { after, next };
    return next;
  }

  step(at: Millis): void {
    const incident = incidentOf(this.#load, localDay(at));
    if (incident === undefined) return;
    const begins = fromLocal(incident.from) === at;
    this.#apply(effectOf(this.#load, incident.kind, localDay(at), begins), at);
  }

  #search(after: Millis): Millis | undefined {
    const first = Math.max(localDay(after), localDay(this.#from) + 1);
    const last = Math.min(
      first + HORIZON,
      this.#until === Number.POSITIVE_INFINITY ? first + HORIZON : localDay(this.#until) - 1,
    );
    for (let day = first; day <= last; day++) {
      const incident = incidentOf(this.#load, day);
      if (incident === undefined) continue;
      if (fromLocal(incident.from) > after) return fromLocal(incident.from);
      if (fromLocal(incident.to) > after) return fromLocal(incident.to);
    }
    return undefined;
  }
}

/** The conditions that an incident sets, and those without it. */
function effectOf(load: Load, kind: IncidentKind, day: number, on: boolean): Partial<Conditions> {
  const all = (voltage: number | null) => ({
    voltages: new Array<number | null>(load.phases).fill(on ? voltage : null),
  });
  switch (kind) {
    case 'outage':
      return all(0);
    case 'low-voltage':
      return all(1_780 + load.draw(33, day, 60));
    case 'over-voltage':
      return all(2_790 + load.draw(33, day, 40));
    case 'phase-missing': {
      const phase = load.draw(34, day, load.phases);
      return { voltages: Array.from({ length: load.phases }, (_, i) => (on && i === phase ? 0 : null)) };
    }
    case 'earth-load':
      return { earthLoad: on ? 420 : 0 };
    case 'module-removed':
      return { moduleRemoved: on };
  }
}
