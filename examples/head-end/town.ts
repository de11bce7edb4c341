// A town to read: virtual meters behind one address, and the list of them for the head-end. Some of them fail, as in any town.
//   node town.ts [500 [meters.json]]
import { writeFile } from 'node:fs/promises';
import { systemClock, type Transport, toHex } from 'cosem';
import { listenTcp, nodeCrypto } from 'cosem/node';
import { createFleet, openOptionsOf } from 'cosem/simulator';

const [count = '500', file = 'meters.json'] = process.argv.slice(2);

const fleet = createFleet('is15959-1ph', {
  clock: systemClock,
  crypto: nodeCrypto,
  seed: 1,
  count: Number(count),
  faultsOf: (meter) => (meter % 100 === 7 ? ['wrong-tag'] : []),
});
const serve = (transport: Transport) => {
  fleet.gateway(transport, { framing: 'wrapper' }).catch((error: unknown) => console.error(error));
};
const listener = await listenTcp({ port: 0, maxPeers: 1024 }, serve);

// All meters of a fleet have the same keys. One entry of the list has a wrong one, and one is a meter that is not there.
const { secret, security } = openOptionsOf(fleet.meter(0), 'utility');
if (secret === undefined || security === undefined) throw new Error('client 48 has a secret and keys');
const meters = Array.from({ length: fleet.count }, (_, index) => ({
  name: fleet.identity(index).serial,
  host: listener.host,
  port: listener.port,
  server: 256 + index,
  secret: toHex(secret),
  encryptionKey: toHex(security.encryptionKey),
  authenticationKey: index === 3 ? '00'.repeat(16) : toHex(security.authenticationKey),
}));
const [first] = meters;
if (first !== undefined) meters.push({ ...first, name: 'moved away', port: 1 });
await writeFile(file, JSON.stringify(meters, undefined, 1), { mode: 0o600 });
console.log(`${fleet.count} meters at ${listener.host}:${listener.port}; ${file} lists them`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await listener.close();
    fleet.stop();
  });
}
