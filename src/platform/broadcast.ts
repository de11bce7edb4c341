import type { BroadcastOptions, BroadcastPlatform } from '../client/broadcast.js';
import { commandControl, encodeFrame, hdlcAddress } from '../link/hdlc-frame.js';
import { addLlc } from '../link/hdlc-llc.js';
import { checkUnconfirmed } from '../link/hdlc-unconfirmed.js';
import { ALL_STATION_PORT, encodeWpdu } from '../link/wrapper-link.js';
import { platformCrypto } from './crypto.js';

/** Frames to all stations, and cryptography, for the client room, which knows only contracts. */
export const broadcastPlatform: BroadcastPlatform = {
  frame: async (options) => (options.framing?.startsWith('wrapper') === true ? wrapped(options) : unnumbered(options)),
  crypto: platformCrypto,
};

function wrapped({ client }: BroadcastOptions): (apdu: Uint8Array) => Uint8Array {
  return (apdu) => encodeWpdu({ source: client, destination: ALL_STATION_PORT, apdu });
}

/** One UI frame, which needs no connection and gets no answer (IEC 62056-46, 6.4.4.2). */
function unnumbered({ client, addressSize = 1 }: BroadcastOptions): (apdu: Uint8Array) => Uint8Array {
  const all = addressSize === 4 ? 0x3fff : 0x7f;
  const destination = addressSize === 1 ? hdlcAddress(all) : hdlcAddress(all, all, addressSize);
  const source = hdlcAddress(client);
  return (apdu) => {
    const information = addLlc(apdu, 'command');
    checkUnconfirmed(information);
    return encodeFrame({ destination, source, control: commandControl('UI', false), segmented: false, information });
  };
}
