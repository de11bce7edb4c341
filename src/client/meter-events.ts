import type { Millis } from '../base/clock.js';
import type { CosemError } from '../base/errors.js';
import type { Notification } from '../session/notification.js';
import type { Resumption } from './connection.js';

/** The line or the association of a meter is lost. */
export interface MeterLost {
  /** What broke it. */
  readonly error: CosemError;
  /** When that was noticed, by the meter's clock: milliseconds since 1970. */
  readonly since: Millis;
  /** How long it is tried to be reached again, in milliseconds: at once where a call is under way or `reconnect` says so, else with the next call. */
  readonly patience: Millis;
}

/** A meter is of no use any more. */
export interface MeterClosed {
  /** Why, where nobody closed it: the meter could not be reached again, or what the signal gave as its reason. */
  readonly error?: unknown;
}

/** What a `Meter` tells of: `meter.on('lost', ({ error, since }) => …)`. */
export interface MeterEvents {
  /** The line or the association was lost, while something was under way or while nothing was. */
  readonly lost: MeterLost;
  /** The session goes on over a new connection. */
  readonly resumed: Resumption;
  /** It ended for good; nothing follows. */
  readonly closed: MeterClosed;
  /** The meter sent something by itself on this line. */
  readonly notification: Notification;
}
