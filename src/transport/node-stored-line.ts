import { given } from '../base/given.js';
import type { StoredPlace } from '../contracts/stored-line.js';
import type { Transport } from '../contracts/transport.js';
import { udp } from './node-datagram.js';
import { serial } from './node-serial.js';
import { tcp } from './node-socket.js';

/**
 * The transport of a line that a configuration names, not open yet.
 * ```ts
 * const [meter] = parseTown(text, 'meter.json');
 * const transport = transportOf(meter.settings);
 * ```
 */
export function transportOf({ line, framing, timeout, signOnBaud, rts, dtr }: StoredPlace): Transport {
  if (line.type === 'serial') {
    // Mode E signs on at 300 baud and changes the speed itself; the parity of 7E1 is made in software.
    const baudRate = framing === 'mode-e' ? (signOnBaud ?? 300) : line.baud;
    return serial(line.path, { baudRate, ...given({ rts, dtr }) });
  }
  if (line.type === 'udp') return udp(line.host, line.port);
  return tcp(line.host, line.port, given({ connectTimeout: timeout }));
}
