import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../bin/program.js';
import { type PtyPair, ptyPair } from '../../bin/pty-pair.js';
import { withEvenParity } from '../../src/base/parity.js';
import { systemClock } from '../../src/index.js';
import { listenTcp, serial } from '../../src/node.js';
import { encodeReadout, fromLatin1, ModeCLink } from '../../src/protocol.js';
import { serveLink } from '../../src/server.js';
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

  it('reads through a serial server, and hears a telegram through one', async () => {
    const sockets = await listenTcp({ host: '127.0.0.1', port: 0 }, (transport) => {
      const link = new ModeCLink({ role: 'server', manufacturer: 'ABC', identification: 'FAR', baud: 9600 });
      const answer = encodeReadout([{ address: '1.8.0', values: [{ value: '000123.456', unit: 'kWh' }] }]);
      void serveLink(transport, link, systemClock, { payload: () => answer });
    });
    const telegrams = await listenTcp({ host: '127.0.0.1', port: 0 }, (transport) => {
      const text = withEvenParity(fromLatin1('\r\n/ABC9FAR\r\n\r\n1.8.0(000123.456*kWh)\r\n!\r\n'));
      void transport.open({ data: () => {}, closed: () => {} }).then(() => transport.write(text));
    });
    try {
      const io = new FakeIo();
      expect(await main(['readout', '--tcp', `127.0.0.1:${sockets.port}`, '--json'], io), io.stderr.text).toBe(0);
      expect(io.document()).toMatchObject({ meter: { mode: 'C' }, values: [{ value: '000123.456' }] });
      const heard = new FakeIo();
      const words = ['readout', '--listen', '--tcp', `127.0.0.1:${telegrams.port}`, '--json'];
      expect(await main(words, heard), heard.stderr.text).toBe(0);
      expect(heard.document()).toMatchObject({ meter: { mode: 'D', baudRate: null }, values: [{ unit: 'kWh' }] });
    } finally {
      await sockets.close();
      await telegrams.close();
    }
  });

  it.each([
    ['/ABC9FAR', 'the identification names no speed that the standard knows'],
    ['/A1\\5 FAR', 'the identification begins with no three letters of a maker'],
    ['/ABC5FAR', undefined],
  ])('--strict refuses %s by what is wrong in it, which is borne otherwise', async (line, wrong) => {
    const port = await listenTcp({ host: '127.0.0.1', port: 0 }, (transport) => {
      const text = fromLatin1(`${line}\r\n\r\n1.8.0(000123.456*kWh)\r\n!\r\n`);
      void transport.open({ data: () => {}, closed: () => {} }).then(() => transport.write(text));
    });
    try {
      const words = ['readout', '--listen', '--tcp', `127.0.0.1:${port.port}`, '--json'];
      const strict = new FakeIo();
      expect(await main([...words, '--strict'], strict), strict.stderr.text).toBe(wrong === undefined ? 0 : 5);
      if (wrong !== undefined) expect(strict.stderr.text + strict.stdout.text).toContain(wrong);
      const tolerant = new FakeIo();
      expect(await main(words, tolerant), tolerant.stderr.text).toBe(0);
      expect(tolerant.document()).toMatchObject({ values: [{ value: '000123.456' }] });
    } finally {
      await port.close();
    }
  });

  it.each([
    [[]],
    [['--serial', 'x', '--tcp', 'y:1']],
    [['--serial', 'x', '--command', 'R9']],
    [['--serial', 'x', '--baud', '7']],
  ])('ends with 2: %j', async (words) => {
    expect(await main(['readout', ...words], new FakeIo())).toBe(2);
  });
});
