/** When the relay switched: from the meter's own log where it has the events, else between two looks. */

import type { Millis } from 'cosem';
import type { Outage, SwitchTime } from '../evidence.js';
import type { Intent, Journal } from '../journal.js';
import { CLOSED, type LoggedEvent, OPENED } from '../meter-port.js';

/** After one moment of this machine's clock and before another. */
export interface Between {
  readonly after: Millis;
  readonly before: Millis;
}

/** What the looks at the relay show of a test. */
interface Looks {
  readonly opened: Between;
  readonly closed: Between;
}

/** A time of which nothing is left open; meters send others, and they say nothing. */
const WHOLE = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/;

/**
 * The switchings that the log did not have when the test began, oldest first; undefined where that cannot be told. Entries are told apart
 * by time and code and not by their place, because logs drop their oldest entries and some show the newest first; nor by their order in
 * time, because the clock may have been set.
 */
export function newSwitchings(
  log: readonly LoggedEvent[] | undefined,
  begun: Extract<Intent, { action: 'open-relay' }>,
): readonly LoggedEvent[] | undefined {
  if (log === undefined) return undefined;
  const switchings = log.filter(({ code }) => code === OPENED || code === CLOSED);
  if (begun.log !== undefined) return begun.log === null ? undefined : ordered(without(switchings, begun.log));
  // Begun by an earlier version, which noted the last opening alone.
  const { lastOpening } = begun;
  if (lastOpening == null) return undefined;
  const last = switchings.findLastIndex(({ code, time }) => code === OPENED && time === lastOpening);
  const behind = switchings.slice(last + 1);
  return behind.slice(Math.max(0, behind.findIndex(isOpening)));
}

/** The entries that the log did not have before, told apart by time and code. */
export function without(events: readonly LoggedEvent[], known: readonly LoggedEvent[]): LoggedEvent[] {
  const key = ({ code, time }: LoggedEvent) => `${code} ${time}`;
  const left = new Map<string, number>();
  for (const event of known) left.set(key(event), (left.get(key(event)) ?? 0) + 1);
  return events.filter((event) => {
    const count = left.get(key(event)) ?? 0;
    left.set(key(event), count - 1);
    return count <= 0;
  });
}

/** The supply was on before: the first switching opened it. */
function ordered(events: readonly LoggedEvent[]): readonly LoggedEvent[] {
  const [first, last] = [events[0], events.at(-1)];
  return first?.code === CLOSED && last?.code === OPENED ? events.toReversed() : events;
}

export function isOpening({ code }: LoggedEvent): boolean {
  return code === OPENED;
}

/** Whether the log has the test to its end. */
export function isWhole(events: readonly LoggedEvent[]): boolean {
  return events.at(-1)?.code === CLOSED && events.some(isOpening);
}

/** Each time that the supply was off in a test, at least one. */
export function outagesOf(events: readonly LoggedEvent[], { opened, closed }: Looks): readonly Outage[] {
  const outages: Outage[] = [];
  let open: SwitchTime | undefined;
  for (const event of events) {
    if (isOpening(event)) open ??= timeOf(event, opened);
    // A closing that was logged twice closes nothing.
    else if (open !== undefined || outages.length === 0) {
      outages.push({ opened: open ?? looks(opened), closed: timeOf(event, closed) });
      open = undefined;
    }
  }
  if (open !== undefined || outages.length === 0)
    outages.push({ opened: open ?? looks(opened), closed: looks(closed) });
  return outages;
}

function timeOf({ time }: LoggedEvent, between: Between): SwitchTime {
  return WHOLE.test(time) ? { by: 'meter', time } : looks(between);
}

/** In order, also where the clock of this machine was set back meanwhile. */
function looks({ after, before }: Between): SwitchTime {
  return { by: 'looks', after: Math.min(after, before), before: Math.max(after, before) };
}

/** When the command to open was written down, which was before it was sent. */
export function commandedAt({ entries }: Journal): Millis {
  const begun = entries.findLast((entry) => entry.type === 'begun' && entry.intent.action === 'open-relay');
  return begun?.at ?? 0;
}
