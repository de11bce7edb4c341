/** What happened to a meter before it was created, day by day, as a pure function of the seed. A running meter has no surprises. */

import type { Millis } from '../../src/base/clock.js';
import type { Load } from '../load.js';
import { DAY, MINUTE } from './time.js';

/** Kinds of incidents with the event code of their beginning; the end has the next code. */
export const INCIDENTS = {
  outage: 101,
  'low-voltage': 9,
  'over-voltage': 7,
  'earth-load': 69,
  'communication-module': 209,
} as const;

export type IncidentKind = keyof typeof INCIDENTS;

/** One incident in local time; it begins and ends on one day. */
export interface Incident {
  readonly kind: IncidentKind;
  readonly from: Millis;
  readonly to: Millis;
}

/** Chances of a day in 1000, and the longest duration in minutes. */
const RATES: readonly (readonly [kind: IncidentKind, chance: number, minutes: number])[] = [
  ['outage', 190, 95],
  ['low-voltage', 28, 140],
  ['over-voltage', 9, 40],
  ['earth-load', 6, 300],
  ['communication-module', 3, 25],
];

/** The incident of a day, if there was one. `day` counts local days since 1970. */
export function incidentOf(load: Load, day: number): Incident | undefined {
  let lot = load.draw(1, day, 1000);
  for (const [kind, chance, minutes] of RATES) {
    if (lot < chance) {
      const from = day * DAY + (300 + load.draw(2, day, 900)) * MINUTE + load.draw(3, day, 60) * 1000;
      const lasts = (1 + load.draw(4, day, minutes)) * MINUTE + load.draw(5, day, 60) * 1000;
      return { kind, from, to: from + lasts };
    }
    lot -= chance;
  }
  return undefined;
}
