// Reads a virtual Indian prepaid meter: LLS and ciphering over HDLC, no hardware. `npm run build`, then `node examples/read-virtual-meter.js`.

import { is15959, open, readingsOf, systemClock } from 'cosem';
import { createMeter, openOptionsOf } from 'cosem/simulator';

const virtual = createMeter('is15959-1ph', { clock: systemClock, seed: 7 });
const meter = await open(await virtual.line(), openOptionsOf(virtual, 'reader'));

try {
  for (const outcome of await meter.readings(readingsOf(is15959, 'energy'))) {
    if (outcome.ok) console.log(`${outcome.value.name}: ${outcome.value.text}`);
  }
} finally {
  // Releases the association, disconnects, closes the line. `await using meter = ...` does it by itself where the language has it.
  await meter.close();
}
