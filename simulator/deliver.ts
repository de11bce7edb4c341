import type { Clock, Millis } from '../src/base/clock.js';
import type { Link } from '../src/contracts/link.js';
import type { Procedure } from '../src/contracts/procedure.js';
import type { Transport } from '../src/contracts/transport.js';
import { ClientDriver } from '../src/transport/driver.js';
import type { PushedNotification } from './meter/options.js';

/** How a push is brought to its destination. */
export interface DeliverOptions {
  /** How long a confirm is waited for, in milliseconds; 10 s unless told. */
  readonly timeout?: Millis;
  /** The machine's own unless told: that of the meter. */
  readonly clock?: Clock;
  /** The gateway that the push goes through puts the header with this address of the meter before it; none unless told. */
  readonly gateway?: {
    /** The network behind the gateway, 0 to 255. */
    readonly networkId: number;
    /** The meter in that network: 1 to 127 octets. */
    readonly physicalDeviceAddress: Uint8Array;
  };
}

/** Brings a push over a link of its own, as meters do. @returns the confirm that came, where one was asked for. */
export async function deliverOver(
  link: Link,
  transport: Transport,
  { apdu, confirmed }: PushedNotification,
  { clock, timeout }: { readonly clock: Clock; readonly timeout: Millis },
): Promise<Uint8Array | undefined> {
  const driver = new ClientDriver(transport, link, clock, { responseTimeout: timeout });
  try {
    await driver.connect();
    return await driver.run(exchange(apdu, confirmed));
  } finally {
    await driver.close();
  }
}

function* exchange(apdu: Uint8Array, reply: boolean): Procedure<Uint8Array | undefined> {
  const answer = yield { apdu, reply };
  return reply ? answer : undefined;
}
