import type { Clock } from '../base/clock.js';
import type { PayloadEvent } from '../contracts/link.js';
import type { ClientSession } from '../session/client-session.js';
import type { OpenOptions } from './options.js';

/** Handles a payload if it is a notification. @returns whether it was one, valid or not. */
export function takeNotification(
  session: ClientSession,
  { bytes }: PayloadEvent,
  options: OpenOptions,
  clock: Clock,
): boolean {
  try {
    const notification = session.unsolicited(bytes);
    if (notification === undefined) return false;
    options.onNotification?.(notification);
  } catch (error) {
    options.trace?.({ type: 'refused', bytes, error: error as Error, now: clock.now() });
  }
  return true;
}
