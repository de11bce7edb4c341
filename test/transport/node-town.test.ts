/** A town that `cosem simulate` would write is read, opened and worked through. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { configOf } from '../../bin/simulate/fleet.js';
import { createFleet } from '../../simulator/index.js';
import { MeterPool, open, systemClock, type Transport } from '../../src/index.js';
import { listenTcp, nodeCrypto, townFrom } from '../../src/node.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-town-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'town.json');

it('each meter of the file is that of the town: one by one, and through a pool', async () => {
  const fleet = createFleet('is15959-1ph', { clock: systemClock, seed: 7, count: 12, crypto: nodeCrypto });
  const framing = 'wrapper';
  const serve = (transport: Transport) => void fleet.gateway(transport, { framing });
  const listener = await listenTcp({ host: '127.0.0.1', port: 0, maxPeers: 20 }, serve);
  const line = { type: 'tcp', host: '127.0.0.1', port: listener.port } as const;
  writeFileSync(file, JSON.stringify(configOf(fleet, { line, framing }, { framing, perPort: 100, ports: 1 })));

  const town = townFrom(file);
  const serial = '0.0.96.1.0.255';
  const first = town.at(3);
  const alone = await open(first.transport(), first.options);
  expect((await alone.get(alone.data(serial).value)).value).toEqual(fleet.identity(3).serial);
  await alone.close();

  const found = new Map<number, unknown>();
  for await (const { meter, ok, value, error } of new MeterPool({ perGateway: 4 }).each(town, async (one) =>
    one.get(one.data(serial).value),
  )) {
    if (!ok) throw error;
    found.set(meter.index, value.value);
  }
  expect(found.size).toBe(12);
  for (const [index, value] of found) expect(value).toEqual(fleet.identity(index).serial);
  await listener.close();
  fleet.stop();
});

it('a file that is none, or is not there, is refused in words', () => {
  expect(() => townFrom(join(folder, 'none.json'))).toThrow(
    'none.json cannot be read: there is no such file or folder (ENOENT)',
  );
  expect(() => townFrom(folder)).toThrow('cannot be read: it is a folder (EISDIR)');
  expect(() => townFrom('/dev/zero')).toThrow('/dev/zero is longer than');
  expect(() => townFrom(file, { conection: 'reader' } as never)).toThrow("townFrom has no option 'conection'");
});
