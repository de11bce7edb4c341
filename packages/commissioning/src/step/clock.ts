/** Step 6: the meter's clock is compared with local time, and set where the policy lets it be. */

import { CosemDateTime, type Millis } from 'cosem';
import type { ClockEvidence } from '../evidence.js';
import type { MeterPort } from '../meter-port.js';
import { refuse } from '../refused.js';
import { intend, localTime, type StepContext } from './context.js';

interface Comparison {
  readonly time: CosemDateTime;
  /** How many seconds the meter is ahead; undefined where it shows no time. */
  readonly difference: number | undefined;
  /** How long a request takes to reach the meter. */
  readonly delay: Millis;
}

/**
 * The time that a meter shows is taken as local time, whatever deviation it sends. In India most meters send a wrong deviation: IS 15959
 * means local time, and meters send +330, 630 or nothing where -330 is right.
 */
async function compare({ clock, policy }: StepContext, port: MeterPort): Promise<Comparison> {
  const asked = clock.now();
  const time = await port.time();
  const delay = (clock.now() - asked) / 2;
  const shown = time.isSpecified() ? time.with({ deviation: 0 }).toMillis() : undefined;
  const local = localTime(asked + delay, policy);
  return { time, delay, difference: shown === undefined ? undefined : Math.round((shown - local) / 1000) };
}

/** Local time in the form of this meter: with its deviation and status, and with or without hundredths and weekday. */
function written(local: Millis, like: CosemDateTime): CosemDateTime {
  const time = CosemDateTime.fromDate(new Date(local), 0);
  return time.with({
    deviation: like.deviation,
    status: like.status,
    hundredths: like.hundredths === 0xff ? 0xff : time.hundredths,
    dayOfWeek: like.dayOfWeek === 0xff ? 0xff : time.dayOfWeek,
  });
}

/** Step 6. */
export async function checkClock(context: StepContext, port: MeterPort): Promise<ClockEvidence> {
  const { policy, clock, journal } = context;
  const { tolerance, correction } = policy.clock;
  const first = await compare(context, port);
  const { time, difference } = first;
  if (difference === undefined) return refuse('clock-unset');
  const begun = journal.pending('clock', 'set-clock');
  if (Math.abs(difference) <= tolerance) {
    if (begun === undefined) return { before: time.toText(), difference, set: false, deviation: time.deviation };
    // The clock was set, and then the power failed.
    const { before, deviation } = begun;
    return setEvidence({ before, difference: begun.difference, deviation }, time, difference);
  }
  if (Math.abs(difference) > correction) {
    refuse('clock-too-far', { seconds: difference, limit: correction, way: difference > 0 ? 'ahead' : 'behind' });
  }
  const before = { before: time.toText(), difference, deviation: time.deviation };
  intend(context, 'clock', { action: 'set-clock', ...before });
  await port.setTime(written(localTime(clock.now() + first.delay, policy), time));
  const after = await compare(context, port);
  if (after.difference === undefined || Math.abs(after.difference) > tolerance) {
    return refuse('clock-not-taken', { seconds: after.difference ?? difference });
  }
  return setEvidence(before, after.time, after.difference);
}

function setEvidence(
  before: Pick<ClockEvidence, 'before' | 'difference' | 'deviation'>,
  time: CosemDateTime,
  differenceAfter: number,
): ClockEvidence {
  return { ...before, set: true, after: time.toText(), differenceAfter };
}
