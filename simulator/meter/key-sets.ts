/** The keys of a meter, by client: the keys of one client do not open the association of another. */

import { equalBytes } from '../../src/base/bytes.js';
import type { LogicalName } from '../../src/base/obis.js';
import { associations, DISPLAY, FIRMWARE, READER, UTILITY } from '../../src/companion/is15959/associations.js';
import type { ServerSecurity } from '../../src/contracts/association.js';
import type { MeterSecrets } from './options.js';
import type { Platform } from './platform.js';

export interface KeySets {
  /** Of utility setting, and of pushes to it: the client that may set everything may also hear everything. */
  readonly utility: ServerSecurity;
  readonly reader: ServerSecurity;
  readonly firmware: ServerSecurity;
  readonly display: ServerSecurity;
}

/** Everything that the meter sends under keys that may be equal draws from one counter, so that no counter is used twice with one key. */
const ENTRY = 'server/guek';
const DISPLAY_ENTRY = 'server/display';
/** @internal Every entry that a meter counts its sending in. */
export const SENDING_ENTRIES: readonly string[] = [ENTRY, DISPLAY_ENTRY];
/** Entries that the sets of these clients counted in before. */
const FORMER = ['server/reader', 'server/firmware'];

/** One set of receive counters for each key; the broadcast key is not the display's. */
export function keySets(platform: Platform, secrets: MeterSecrets, counters: ServerSecurity['counters']): KeySets {
  const { encryptionKey, authenticationKey, broadcastKey, readerKey, firmwareKey, displayKey } = secrets;
  for (const former of FORMER) counters.raise(ENTRY, counters.peek(former));
  const set = (encryption: Uint8Array, authentication: Uint8Array): ServerSecurity => ({
    keys: { encryption, authentication, broadcast: broadcastKey },
    counters,
    counterEntry: ENTRY,
    received: platform.receiveCounter(),
    broadcastReceived: platform.receiveCounter(),
  });
  const own = (key: Uint8Array | undefined) =>
    key === undefined ? set(encryptionKey, authenticationKey) : set(key, key);
  const sets: KeySets = {
    utility: set(encryptionKey, authenticationKey),
    reader: own(readerKey),
    firmware: own(firmwareKey),
    display: {
      keys: { encryption: displayKey, authentication: displayKey },
      counters,
      counterEntry: DISPLAY_ENTRY,
      received: platform.receiveCounter(),
    },
  };
  shareReceived(sets);
  return sets;
}

/** Sets with the same key share one receive counter: a message to one client is not accepted again as a message to another. */
export function shareReceived({ utility, reader, firmware }: KeySets): void {
  for (const set of [reader, firmware]) {
    if (!equalBytes(set.keys.encryption, utility.keys.encryption)) continue;
    set.received = utility.received;
    if (utility.broadcastReceived !== undefined) set.broadcastReceived = utility.broadcastReceived;
  }
}

/** The keys whose lowest counter an object shows. */
export function keysOfCounter(sets: KeySets, name: LogicalName): ServerSecurity {
  return keysOfClient(sets, associations.find((one) => one.invocationCounter === name)?.clientSap ?? UTILITY);
}

/** The keys of a client SAP. */
export function keysOfClient(sets: KeySets, client: number): ServerSecurity {
  if (client === READER) return sets.reader;
  if (client === FIRMWARE) return sets.firmware;
  return client === DISPLAY ? sets.display : sets.utility;
}
