/** The other process of the TCP benchmark: a virtual meter on one port, a bare answerer of the same sizes on another. */

import { createServer } from 'node:net';
import { listenTcp } from '../src/node.js';
import { ANSWER_LENGTH, serveMeter, WRAPPER_LENGTH } from './meter.js';

const meter = await listenTcp({}, (transport) => {
  serveMeter(transport).catch((error: unknown) => {
    throw error;
  });
});
const answer = new Uint8Array(WRAPPER_LENGTH + ANSWER_LENGTH);
const bare = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.on('data', () => socket.write(answer));
});
bare.listen(0, '127.0.0.1', () => {
  process.send?.({ meter: meter.port, bare: (bare.address() as { port: number }).port });
});
process.once('disconnect', () => process.exit());
