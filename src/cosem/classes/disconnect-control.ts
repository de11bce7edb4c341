/** The relay between network and consumer (IEC 62056-6-2 clause 4.5.8). It stands by itself, because every client has it. */

import { bool, enumOf } from '../../codec/types.js';
import { attr, type ClientObject, cosemClass, extendClass, method } from '../class.js';
import { enumNumber, zero } from '../types.js';

/** What the utility sets and the meter never changes by itself. */
const setup = { static: true, access: { utility: 'read-and-write' } } as const;
/** What the utility executes. */
const executed = { access: { utility: 'access' } } as const;

/** control_state: what the relay's logic is in. `ready-for-reconnection` waits for somebody to press the button of the meter. */
export const controlState = enumOf({ disconnected: 0, connected: 1, 'ready-for-reconnection': 2 });

/** Disconnect control version 0 (class 70, Blue Book 4.5.8): the relay between network and consumer; control modes 0 to 6. */
export const DisconnectControlV0 = cosemClass({
  name: 'Disconnect control',
  id: 70,
  version: 0,
  clause: '4.5.8',
  attributes: {
    /** Whether the supply is connected: true while the relay is closed. */
    outputState: attr(2, bool),
    /** What the logic of the relay is in. */
    controlState: attr(3, controlState),
    /** Who may open and close the relay (remote, by hand, by a limiter), by the number of the mode; see `CONTROL_MODES`. */
    controlMode: attr(4, enumNumber, setup),
  },
  methods: {
    /** Disconnects the supply, where the control mode allows it. */
    remoteDisconnect: method(1, zero, executed),
    /** Connects the supply, or makes it ready for the button of the meter, as the control mode says. */
    remoteReconnect: method(2, zero, executed),
  },
});

/** Disconnect control version 1 (class 70, Blue Book 4.5.8): adds control modes 7 to 10. */
export const DisconnectControlV1 = extendClass(DisconnectControlV0, { version: 1 });

/** References to the attributes and methods of a Disconnect control object, as `clientObject` makes them of {@link DisconnectControlV0}. */
export interface DisconnectControlObject extends ClientObject<typeof DisconnectControlV0> {}
