import type { Clock, Millis } from 'cosem';

/** Lets time pass. */
export function pause(clock: Clock, time: Millis): Promise<void> {
  return new Promise((resolve) => {
    clock.at(clock.now() + time, resolve);
  });
}

/** The same clock in whole milliseconds, which is what is written down. */
export function wholeMillis(clock: Clock): Clock {
  return { now: () => Math.floor(clock.now()), at: (time, action) => clock.at(time, action) };
}
