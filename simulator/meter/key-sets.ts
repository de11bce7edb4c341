/** Keys of a meter, by client: who holds those of one does not open the association of another. */

import { DISPLAY, FIRMWARE, READER } from '../../src/companion/is15959/associations.js';
import type { MeterSecrets } from './options.js';
import type { Platform, ServerSecurity } from './platform.js';

export interface KeySets {
  /** Of utility setting, and of what it is pushed: whoever may set everything may hear everything. */
  readonly utility: ServerSecurity;
  readonly reader: ServerSecurity;
  readonly firmware: ServerSecurity;
  readonly display: ServerSecurity;
}

/** One set of counters for each set of keys; the broadcast key is not the display's. */
export function keySets(platform: Platform, secrets: MeterSecrets, counters: ServerSecurity['counters']): KeySets {
  const set = (name: string, encryption: Uint8Array, authentication = encryption, heard = true): ServerSecurity => ({
    keys: { encryption, authentication, ...(heard ? { broadcast: secrets.broadcastKey } : {}) },
    counters,
    counterEntry: `server/${name}`,
    received: platform.receiveCounter(),
    ...(heard ? { broadcastReceived: platform.receiveCounter() } : {}),
  });
  return {
    utility: set('guek', secrets.encryptionKey, secrets.authenticationKey),
    reader: set('reader', secrets.readerKey),
    firmware: set('firmware', secrets.firmwareKey),
    display: set('display', secrets.displayKey, secrets.displayKey, false),
  };
}

/** The keys of a client SAP. */
export function keysOfClient(sets: KeySets, client: number): ServerSecurity {
  if (client === READER) return sets.reader;
  if (client === FIRMWARE) return sets.firmware;
  return client === DISPLAY ? sets.display : sets.utility;
}
