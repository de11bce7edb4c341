/** The other process of the benchmark of a head-end: a fleet of virtual meters behind one address, and a bare answerer. */

import { createServer } from 'node:net';
import { createFleet } from '../simulator/index.js';
import { systemClock } from '../src/index.js';
import { listenTcp, nodeCrypto } from '../src/node.js';

const [, , count = '1'] = process.argv;
const fleet = createFleet('is15959-3ph', { clock: systemClock, seed: 1, count: Number(count), crypto: nodeCrypto });
const meters = await listenTcp({}, (transport) => {
  fleet.gateway(transport, { framing: 'wrapper' }).catch((error: unknown) => {
    throw error;
  });
});
const bare = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.on('data', (chunk) => socket.write(chunk));
});
bare.listen(0, '127.0.0.1', () => {
  process.send?.({ meters: meters.port, bare: (bare.address() as { port: number }).port });
});
process.once('disconnect', () => process.exit());
