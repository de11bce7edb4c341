/** The meter's clock beside this machine's: comparing them, and setting the meter's. */

import type { Clock, Millis } from '../base/clock.js';
import { AccessError } from '../base/errors.js';
import { given } from '../base/given.js';
import { checkOptions } from '../base/known-options.js';
import { durationText } from '../base/words.js';
import type { CosemDateTime } from '../codec/datetime.js';
import { attributeTarget } from '../cosem/class.js';
import type { Meter } from './meter.js';
import type { CallOptions } from './meter-calls.js';
import { setClock } from './read-back.js';

/** How far a clock may be off after it was set, in seconds: some meters apply a time late, by up to this. */
const LEEWAY = 15;
/** As {@link LEEWAY}, where setting it brought the clock no closer. */
const UNMOVED_LEEWAY = 2;

/** What a meter's clock shows beside this machine's. Made by {@link readClock}. */
export class ClockReading {
  /** The time as the meter sent it. */
  readonly time: CosemDateTime;
  /** When it showed that, by this machine: half way between request and answer, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: Millis;
  /** How long a message takes one way, in milliseconds: half of what request and answer took. */
  readonly transit: Millis;
  /** By how many seconds the meter is ahead of this machine; below 0 when it is behind, undefined when its time is not valid. */
  readonly ahead: number | undefined;

  /** @internal */
  constructor({ time, at, transit, ahead }: Pick<ClockReading, 'time' | 'at' | 'transit' | 'ahead'>) {
    this.time = time;
    this.at = at;
    this.transit = transit;
    this.ahead = ahead;
  }

  /** For people, to follow "the clock is": `right`, `2 min 10 s ahead`, `1 d 4 h behind`, `not set to a time`. */
  get text(): string {
    if (this.ahead === undefined) return 'not set to a time';
    const off = Math.abs(this.ahead);
    return off <= 1 ? 'right' : `${durationText(off)} ${this.ahead > 0 ? 'ahead' : 'behind'}`;
  }

  /** The difference in words, as `text`. */
  toString(): string {
    return this.text;
  }

  /** The time as text, with the difference in seconds. */
  toJSON(): ClockReadingJson {
    return { time: this.time.toText(), aheadSeconds: this.ahead ?? null };
  }
}

/** A {@link ClockReading} as JSON. */
export interface ClockReadingJson {
  /** The time as the meter sent it, as `CosemDateTime.toText` writes it. */
  readonly time: string;
  /** By how many seconds the meter is ahead; null when its time is not valid. */
  readonly aheadSeconds: number | null;
}

/** Options of {@link readClock}. */
export interface ReadClockOptions extends CallOptions {
  /**
   * The deviation of a meter that gives none, in minutes: UTC = local + deviation, -330 in India. Default that of this machine's time zone.
   */
  readonly deviation?: number;
}

/** Options of {@link syncClock}. */
export interface SyncClockOptions extends ReadClockOptions {
  /** What the clock showed, when it was read already. Default: it is read. */
  readonly before?: ClockReading;
}

/** What a clock showed before and after it was set. */
export interface SyncedClock {
  /** Before it was set. */
  readonly before: ClockReading;
  /** After it was set, read back. */
  readonly after: ClockReading;
}

/**
 * Reads the meter's clock and compares it with this machine's, allowing for the time that the messages take.
 *
 * ```ts
 * const { ahead, text } = await readClock(meter); // -130, '2 min 10 s behind'
 * ```
 * @throws AccessError when this client may not read the clock.
 */
export async function readClock(meter: Meter, options: ReadClockOptions = {}): Promise<ClockReading> {
  checkOptions(options, { deviation: true, signal: true }, 'readClock');
  return compared(meter, options);
}

/**
 * Sets the meter's clock to this machine's time, written as the meter writes it, to the nearest second; then reads it back.
 *
 * ```ts
 * const { before, after } = await syncClock(meter);
 * console.log(`it was ${before.text} and is ${after.text}`);
 * ```
 * @throws AccessError when this client may not set the clock; with `not-done` when the meter took the time and its clock does not show it.
 */
export async function syncClock(meter: Meter, options: SyncClockOptions = {}): Promise<SyncedClock> {
  checkOptions(options, { deviation: true, signal: true, before: true }, 'syncClock');
  const before = options.before ?? (await compared(meter, options));
  const call = given({ signal: options.signal });
  await setClock(meter, timeToSet(meter, before, deviationOf(meter.timer, options)), call);
  const after = await compared(meter, options);
  if (!isSet(before, after)) throw notSet(meter, before, after);
  return { before, after };
}

async function compared(meter: Meter, { signal, deviation }: ReadClockOptions): Promise<ClockReading> {
  const { timer } = meter;
  const asked = timer.now();
  const time = await meter.get(meter.clock().time, given({ signal }));
  const transit = (timer.now() - asked) / 2;
  const at = asked + transit;
  const shown = meter.understood(time).toMillis(deviationOf(timer, { deviation }));
  // Never -0, which JSON and people would see.
  const ahead = shown === undefined ? undefined : Math.round((shown - at) / 1000) + 0;
  return new ClockReading({ time, at, transit, ahead });
}

/** What this machine will show when the request reaches the meter, in the meter's form. */
function timeToSet(meter: Meter, { time, transit }: ClockReading, deviation: number): CosemDateTime {
  const heard = Math.round((meter.timer.now() + transit) / 1000) * 1000;
  return meter.timeLike(new Date(heard), time, deviation);
}

/** JavaScript counts as COSEM does: UTC minus local time. */
function deviationOf(timer: Clock, { deviation }: { readonly deviation?: number | undefined }): number {
  return deviation ?? new Date(timer.now()).getTimezoneOffset();
}

/** Whether a clock was evidently set. */
function isSet(before: ClockReading, { ahead, transit }: ClockReading): boolean {
  if (ahead === undefined) return false;
  // One of the two differences may come from rounding.
  const moved = before.ahead === undefined || Math.abs(ahead) < Math.abs(before.ahead) - 1;
  return Math.abs(ahead) - transit / 1000 <= (moved ? LEEWAY : UNMOVED_LEEWAY);
}

function notSet(meter: Meter, before: ClockReading, after: ClockReading): AccessError {
  const target = attributeTarget(meter.clock().time);
  return new AccessError(
    'not-done',
    target,
    `${target}: the meter took the time, but its clock shows ${after.time.toText()}: it is ${after.text} (before: ${before.text})`,
    {
      hint: 'does it keep a deviation of its own (cosem get 8:0.0.1.0.0.255:3)? is it set by somebody else, such as the network?',
    },
  );
}
