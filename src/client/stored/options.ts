import { given } from '../../base/given.js';
import type { LogicalName } from '../../base/obis.js';
import { usualCounterObjects } from '../counter-objects.js';
import type { OpenOptions, SecurityOptions } from '../options.js';
import type { StoredSettings } from './settings.js';

/**
 * What `open` is told by settings. Counters, cache, quirk sheets and whatever else is no setting are the caller's.
 */
export function optionsOf(settings: StoredSettings): OpenOptions {
  const { physical, title, timeout, wakeUp, strict, lenient, acknowledgeByAnswer, line } = settings;
  const { framing, client, server, authentication, addressSize, deviceAddress, signOnBaud, hdlcBaud } = settings;
  const { echo, turnaround, interFrameDelay, password, secret, patience, naming } = settings;
  return {
    framing,
    client,
    server,
    authentication,
    ...given({ addressSize, deviceAddress, signOnBaud, hdlcBaud, echo, turnaround, interFrameDelay }),
    ...given({ password, secret, patience, serverLower: physical, systemTitle: title, responseTimeout: timeout }),
    ...given({ security: securityOf(settings), gateway: settings.gateway, naming }),
    ...(settings.companionTold ? { companion: settings.companion } : {}),
    ...(wakeUp ? { wakeUp } : {}),
    ...(strict ? { strict } : {}),
    ...(lenient ? { lenient } : {}),
    ...(acknowledgeByAnswer ? { acknowledgeByAnswer } : {}),
    ...(line.type === 'serial' ? { octetTime: 10_000 / (hdlcBaud ?? line.baud), maxBaud: line.baud } : {}),
  };
}

function securityOf(settings: StoredSettings): SecurityOptions | undefined {
  const { encryptionKey, authenticationKey, title, dedicatedKey, security, counterStep } = settings;
  if (encryptionKey === undefined || authenticationKey === undefined || title === undefined) return undefined;
  return {
    systemTitle: title,
    encryptionKey,
    authenticationKey,
    ...given({ policy: security, counterStep }),
    ...(dedicatedKey === undefined ? {} : { dedicatedKey: true }),
    readInvocationCounter: counterObjectsOf(settings),
    trustCounters: true,
  };
}

/** Where the meter publishes the invocation counter of this client: the place that was given, or the {@link usualCounterObjects}. */
export function counterObjectsOf(
  settings: Pick<StoredSettings, 'counterObject' | 'companion' | 'companionTold' | 'client'>,
): LogicalName | readonly LogicalName[] {
  const { counterObject, companion, companionTold, client } = settings;
  return counterObject ?? usualCounterObjects(client, companionTold ? companion : undefined);
}
