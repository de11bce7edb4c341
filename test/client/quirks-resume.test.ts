/** A meter that was asked who it is, because of the quirks of others, is reached again over a new line. */
import { expect, test } from 'vitest';
import { open } from '../../src/index.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { lineAgain } from '../support/line-again.js';
import { ServedMeter } from '../support/served-meter.js';

const OTHERS = [
  { id: 'other', title: 'other', source: 'here', match: { manufacturer: 'ABC' }, effects: { maxInfo: 64 } },
] as const;

test.each(['hdlc', 'wrapper'] as const)('%s', async (framing) => {
  const meter = new ServedMeter();
  const read = async () => {
    const options = { clock: meter.clock, crypto: nodeCrypto, framing, client: 16, quirks: OTHERS };
    const opened = await open(lineAgain(meter, framing), options);
    for (let times = 0; times < 3; times++) {
      for (const line of meter.lines) void line.close();
      expect(await opened.get(opened.data('0.0.96.1.0.255').value)).toBeDefined();
    }
    await opened.close();
    return meter.lines.length;
  };
  expect(await meter.clock.run(read())).toBe(4);
  // None of them is left open.
  expect(meter.ends.filter((end) => end === 'transport')).toHaveLength(4);
});
