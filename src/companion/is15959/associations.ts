/** Associations of IS 15959 Part 2: which clients may connect, and how. */

import type { AssociationSpec } from '../companion.js';

/** Client SAPs of IS 15959. */
export const PUBLIC = 16;
export const READER = 32;
export const UTILITY = 48;
export const PUSH = 64;
export const FIRMWARE = 80;
export const DISPLAY = 96;

function setups(index: number) {
  return { securitySetup: `0.0.43.0.${index}.255`, invocationCounter: `0.0.43.1.${index}.255` };
}

/** The conformance blocks are those of a reference meter. */
export const associations: readonly AssociationSpec[] = [
  {
    key: 'public',
    title: 'Public client',
    clientSap: PUBLIC,
    logicalName: '0.0.40.0.1.255',
    ciphered: false,
    mechanism: 0,
    policy: 0,
    // get
    conformance: 0x000010,
    purpose: 'discovery: clock, serial number, logical device name, invocation counters',
  },
  {
    key: 'reader',
    title: 'Meter reader',
    clientSap: READER,
    logicalName: '0.0.40.0.2.255',
    ciphered: true,
    mechanism: 1,
    policy: 2,
    // block-transfer-with-get, get, selective-access
    conformance: 0x001014,
    ...setups(2),
    purpose: 'reads everything, changes nothing',
  },
  {
    key: 'utility',
    title: 'Utility setting',
    clientSap: UTILITY,
    logicalName: '0.0.40.0.3.255',
    ciphered: true,
    mechanism: 2,
    alternativeMechanisms: [3, 5],
    policy: 3,
    // general-block-transfer, block transfer with get and set, data-notification, get, set, selective-access, action
    conformance: 0x20189d,
    ...setups(3),
    purpose: 'reads and sets everything, relay, keys and secrets',
  },
  {
    key: 'push',
    title: 'Push',
    clientSap: PUSH,
    logicalName: '0.0.40.0.4.255',
    ciphered: true,
    mechanism: 0,
    policy: 2,
    // general-protection, general-block-transfer, block-transfer-with-get, data-notification, get
    conformance: 0x601090,
    preEstablished: true,
    ...setups(4),
    purpose: 'notifications of the meter, reading back of the push setups',
  },
  {
    key: 'firmware',
    title: 'Firmware upgrade',
    clientSap: FIRMWARE,
    logicalName: '0.0.40.0.5.255',
    ciphered: true,
    mechanism: 2,
    alternativeMechanisms: [3, 5],
    policy: 3,
    // get, set, action
    conformance: 0x000019,
    ...setups(5),
    purpose: 'image transfer and its activation',
  },
  {
    key: 'ihd',
    title: 'In-home display',
    clientSap: DISPLAY,
    logicalName: '0.0.40.0.6.255',
    ciphered: true,
    mechanism: 1,
    policy: 2,
    // data-notification, block-transfer-with-get, get, set, selective-access; not confirmed by any recording
    conformance: 0x00109c,
    preEstablished: true,
    ...setups(6),
    purpose: 'messages to and from a display, what it shows; few meters offer it',
  },
];
