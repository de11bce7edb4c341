import type { Millis } from '../base/clock.js';
import type { CosemError } from '../base/errors.js';
import type { Notification } from '../session/notification-forms.js';
import type { Resumption } from './connection.js';

/** The line or the association of a meter is lost. */
export interface MeterLost {
  /** What broke it. */
  readonly error: CosemError;
  /** When it was noticed, by the clock in the options: milliseconds since 1970. */
  readonly since: Millis;
  /** How long it is tried to be reached again, in milliseconds: at once where a call is under way or `reconnect` says so, else with the next call. */
  readonly patience: Millis;
}

/** The meter has ended and cannot be used any more. */
export interface MeterClosed {
  /** The reason, where nobody closed it: the meter could not be reached again, or the signal aborted. */
  readonly error?: unknown;
}

/** The events of a `Meter`: `meter.on('lost', ({ error, since }) => …)`. */
export interface MeterEvents {
  /** The line or the association was lost, during a call or while nothing was under way. */
  readonly lost: MeterLost;
  /** The session continues over a new connection. */
  readonly resumed: Resumption;
  /** The meter has ended; nothing follows. */
  readonly closed: MeterClosed;
  /** The meter sent a notification on this line. */
  readonly notification: Notification;
}
