import type { Transport } from '../../src/contracts/transport.js';
import type { ServedMeter } from './served-meter.js';

/** A line to a meter that can be made again, as a connection over a network can. */
export function lineAgain(meter: ServedMeter, framing: 'hdlc' | 'wrapper'): Transport {
  const line = meter.line(framing);
  return {
    name: line.name,
    open: (handler) => line.open(handler),
    write: (bytes) => line.write(bytes),
    close: () => line.close(),
    again: () => lineAgain(meter, framing),
  };
}
