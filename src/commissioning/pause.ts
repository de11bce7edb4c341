import type { Clock, Millis } from '../base/clock.js';

/** Lets time pass. */
export function pause(clock: Clock, time: Millis): Promise<void> {
  return new Promise((resolve) => {
    clock.at(clock.now() + time, resolve);
  });
}
