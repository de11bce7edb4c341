import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../bin/program.js';
import { type PtyPair, ptyPair } from '../../bin/pty-pair.js';
import { encodeReadout, ModeCLink, serveLink, systemClock } from '../../src/index.js';
import { serial } from '../../src/node.js';
import { FakeIo } from './fake-io.js';

let pair: PtyPair | undefined;
beforeAll(async () => {
  pair = await ptyPair();
});
afterAll(() => pair?.close());

describe('cosem readout', () => {
  it('reads an older meter at a real serial port', { timeout: 30_000 }, async ({ skip }) => {
    if (pair === undefined) return skip('socat is not installed');
    const port = serial(pair.meter, { baudRate: 300, dataBits: 7, parity: 'even' });
    const link = new ModeCLink({ role: 'server', manufacturer: 'ABC', identification: 'OLDMETER', baud: 9600 });
    const answer = encodeReadout([
      { address: '0.0.0', values: [{ value: '12345678', unit: null }] },
      { address: '1.8.0', values: [{ value: '000123.456', unit: 'kWh' }] },
    ]);
    const served = await serveLink(port, link, systemClock, { payload: () => answer });
    try {
      const io = new FakeIo();
      expect(await main(['readout', '--serial', pair.reader, '--json', '--trace'], io), io.stderr.text).toBe(0);
      expect(io.document()).toEqual({
        command: 'readout',
        meter: { manufacturer: 'ABC', identification: 'OLDMETER', baudRate: 9600, mode: 'C' },
        values: [
          { address: '0.0.0', object: '1.0.0.0.0.255', value: '12345678', unit: null },
          { address: '1.8.0', object: '1.0.1.8.0.255', value: '000123.456', unit: 'kWh' },
        ],
      });
      const people = new FakeIo();
      expect(await main(['readout', '--serial', pair.reader], people)).toBe(0);
      expect(people.stdout.text).toMatch(/ABC OLDMETER\n\s+0\.0\.0\s+12345678.*\n\s+1\.8\.0\s+000123\.456 kWh/);
    } finally {
      await served.close();
    }
  });

  it.each([[[]], [['--serial', 'x', '--command', 'R9']], [['--serial', 'x', '--baud', '7']]])(
    'ends with 2: %j',
    async (words) => {
      expect(await main(['readout', ...words], new FakeIo())).toBe(2);
    },
  );
});
