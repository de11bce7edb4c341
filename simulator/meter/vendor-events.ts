/** Events of the virtual meter for which sources do not agree on an IS 15959 code. */

import type { EventSpec } from '../../src/companion/companion.js';
import { eventOf } from '../../src/companion/is15959/events.js';

export const RECHARGED = 195;
export const EMERGENCY_CREDIT_TAKEN = 196;
export const LOW_CREDIT = 233;
export const LOW_CREDIT_OVER = 234;
export const RELAY_STUCK = 253;

const VENDOR: ReadonlyMap<number, EventSpec> = new Map(
  [
    { code: RECHARGED, meaning: 'account recharged', log: 3 },
    { code: EMERGENCY_CREDIT_TAKEN, meaning: 'emergency credit taken', log: 3 },
    { code: LOW_CREDIT, meaning: 'credit low', log: 4 },
    { code: LOW_CREDIT_OVER, meaning: 'credit no longer low', log: 4 },
    { code: RELAY_STUCK, meaning: 'relay contacts stuck', log: 5 },
  ].map((event) => [event.code, { ...event, kind: 'event' }]),
);

/** An event of IS 15959, or one of ours. */
export function loggedEvent(code: number): EventSpec | undefined {
  return eventOf(code) ?? VENDOR.get(code);
}
