/** Meters without a companion specification: what can be expected by the standard alone. */

import { clientObject } from '../cosem/class.js';
import { ClockClass } from '../cosem/classes/clock.js';
import { DisconnectControlV0 } from '../cosem/classes/disconnect-control.js';
import { DataClass, Register } from '../cosem/classes/storage.js';
import { CONTROL_STATES, type Companion, type ReadingSpec } from './companion.js';

function register(key: string, title: string, name: string): ReadingSpec {
  const object = clientObject(Register, name);
  return { key, title, attribute: object.value, scalerUnit: object.scalerUnit };
}

const clock = clientObject(ClockClass, '0.0.1.0.0.255');
const relay = clientObject(DisconnectControlV0, '0.0.96.3.10.255');

/** Topics of {@link generic}. */
export type GenericTopic = 'energy' | 'clock' | 'relay' | 'nameplate';

/** The public client, and the objects to which the Blue Book gives fixed logical names. */
export const generic: Companion<GenericTopic> = {
  id: 'generic',
  title: 'DLMS/COSEM without a companion specification',
  serverSap: 1,
  associations: [
    {
      key: 'public',
      title: 'Public client',
      clientSap: 16,
      logicalName: '0.0.40.0.0.255',
      ciphered: false,
      mechanism: 0,
      policy: 0,
      conformance: 0x000010,
      purpose: 'the one association that every meter offers',
    },
  ],
  categories: [],
  readings: [
    {
      key: 'energy',
      title: 'Energy',
      readings: [
        register('activeImport', 'Active energy import', '1.0.1.8.0.255'),
        register('activeExport', 'Active energy export', '1.0.2.8.0.255'),
      ],
    },
    {
      key: 'clock',
      title: 'Clock',
      readings: [{ key: 'time', title: 'Time', attribute: clock.time }],
    },
    {
      key: 'relay',
      title: 'Relay',
      readings: [
        { key: 'outputState', title: 'Supply connected', attribute: relay.outputState },
        { key: 'controlState', title: 'Control state', attribute: relay.controlState, presentation: CONTROL_STATES },
      ],
    },
    {
      key: 'nameplate',
      title: 'Name plate',
      readings: [
        {
          key: 'logicalDeviceName',
          title: 'Logical device name',
          attribute: clientObject(DataClass, '0.0.42.0.0.255').value,
          presentation: 'text',
        },
        {
          key: 'serial',
          title: 'Serial number',
          attribute: clientObject(DataClass, '0.0.96.1.0.255').value,
          presentation: 'text',
        },
      ],
    },
  ],
  objectTitle: () => undefined,
  event: () => undefined,
  statusBit: () => undefined,
};
