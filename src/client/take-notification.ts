import type { Clock } from '../base/clock.js';
import type { ClientCore } from '../session/client-core.js';
import type { Notification } from '../session/notification-forms.js';
import type { ClientDriver } from '../transport/driver.js';
import type { AheadReceived } from './ahead-received.js';
import type { OpenOptions } from './options.js';

/** What takes the notifications of one connection. */
export interface NotificationTaker {
  readonly session: ClientCore;
  readonly options: OpenOptions;
  readonly clock: Clock;
  readonly received: AheadReceived | undefined;
  readonly driver: Pick<ClientDriver, 'run'>;
}

/** Handles a payload if it is a notification. It is told of once its counter is kept. @returns whether it was one, valid or not. */
export function takeNotification(
  { session, options, clock, received, driver }: NotificationTaker,
  bytes: Uint8Array,
): boolean {
  const refuse = (error: unknown) =>
    options.trace?.({ type: 'refused', bytes, error: error as Error, now: clock.now() });
  const tell = (notification: Notification) => {
    options.onNotification?.(notification);
    if (options.confirmNotifications === true) driver.run(session.confirm(notification)).catch(refuse);
  };
  try {
    const notification = session.unsolicited(bytes);
    if (notification === undefined) return false;
    const kept = received?.judged();
    if (kept === undefined) tell(notification);
    else kept.then(() => tell(notification)).catch(refuse);
  } catch (error) {
    refuse(error);
  }
  return true;
}
