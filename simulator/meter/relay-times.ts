/** How the relay closes again after the limiter opened it: the active times, and the passive ones that take effect on a date. */

import type { Millis } from '../../src/base/clock.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import { octetString, structure, uint8, uint32 } from '../../src/codec/types.js';
import type { Core } from './core.js';
import { type Entry, entry } from './entry.js';
import type { MeterModel } from './model.js';

const CHANGED = 182;
const DATE_TIME = 12;

const activeTimes = structure({ interval: uint32, lockout: uint32, attempts: uint8 });
const passiveTimes = structure({ interval: uint32, lockout: uint32, attempts: uint8, activation: octetString });

/** The quirk: what a meter has in memory where nothing was set, a date with month 191. */
export const GARBAGE = Uint8Array.of(0x08, 0x15, 0xbf, 0x33, 0x03, 0x50, 0x36, 0x69, 0x00, 0x02, 0x76, 0x00);

/** Active and passive relay time (class 1). The passive times take effect at their activation; without one, at once. */
export function relayTimes(core: Core, { quirks }: MeterModel): Entry[] {
  const { limiter, events, time } = core;
  const unset = quirks.has('unset-garbage')
    ? { interval: 0, lockout: 843_841_536, attempts: 150, activation: new Uint8Array(0) }
    : { ...limiter.times, activation: new Uint8Array(0) };
  const passive = core.parts.cell('relay times', passiveTimes, unset);
  const due = core.parts.cell('relay times due', uint8, 0);
  const activation = () => (due.get() === 0 ? undefined : wallTime(passive.get().activation));
  const activate = () => {
    const { interval, lockout, attempts } = passive.get();
    limiter.times = { interval, lockout, attempts };
    due.set(0);
  };
  core.attach({
    next: (after) => {
      const wall = activation();
      return wall === undefined ? undefined : time.trueTime(wall, after);
    },
    step: activate,
  });
  return [
    entry('1.0.96.128.25', () => {
      core.catchUp();
      return activeTimes.encode(limiter.times);
    }),
    entry(
      '1.0.96.128.30',
      () => passiveTimes.encode(passive.get()),
      (value) => {
        const now = core.catchUp();
        const times = passiveTimes.decode(value);
        passive.set({ ...times, activation: times.activation.slice(0, DATE_TIME) });
        due.set(1);
        if (times.activation.length === 0) activate();
        events.record(CHANGED, now);
      },
    ),
  ];
}

/** The local time of the activation; undefined where it is not a full date-time. */
function wallTime(octets: Uint8Array): Millis | undefined {
  if (octets.length !== DATE_TIME) return undefined;
  return CosemDateTime.fromBytes(octets).with({ deviation: 0 }).toMillis();
}
