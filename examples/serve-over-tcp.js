// A virtual meter that listens on TCP, wrapper framing: `node examples/serve-over-tcp.js [PORT]`. Read it with read-attribute.js.

import { systemClock } from 'cosem';
import { listenTcp } from 'cosem/node';
import { createMeter } from 'cosem/simulator';

const meter = createMeter('is15959-1ph', { clock: systemClock, seed: 7 });
const listener = await listenTcp({ port: Number(process.argv[2] ?? 0) }, (transport, peer) => {
  console.log(`${peer.address} connected`);
  meter
    .attach(transport, { framing: 'wrapper', onClosed: () => console.log(`${peer.address} left`) })
    .catch((error) => console.error(error.message));
});
console.log(`listening on ${listener.host}:${listener.port}`);
