/**
 * The other process of the TCP benchmarks: a virtual meter on one port, and on another who answers at once with octets that were recorded of
 * it, without any DLMS.
 */

import { createServer } from 'node:net';
import { listenTcp } from '../src/node.js';
import { recorded, serveMeter, WRAPPER_LENGTH } from './meter.js';

const meter = await listenTcp({}, (transport) => {
  serveMeter(transport).catch((error: unknown) => {
    throw error;
  });
});
/** Where in a message, behind the wrapper's header, the tag of the APDU stands, and in a GET and its answer the invoke id. */
const [TAG, INVOKE_ID] = [WRAPPER_LENGTH, WRAPPER_LENGTH + 2];
const GET_REQUEST = 0xc0;

const exchanges = await recorded();
const bare = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.on('data', (question) => {
    const tag = question[TAG] as number;
    const answer = exchanges.get(tag)?.answer;
    if (answer === undefined) throw new Error(`nothing was recorded for tag ${tag}`);
    if (tag === GET_REQUEST) answer[INVOKE_ID] = question[INVOKE_ID] as number;
    socket.write(answer);
  });
});
bare.listen(0, '127.0.0.1', () => {
  const question = [...(exchanges.get(GET_REQUEST)?.question ?? [])];
  process.send?.({ meter: meter.port, bare: (bare.address() as { port: number }).port, question });
});
process.once('disconnect', () => process.exit());
