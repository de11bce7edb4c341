/**
 * GETs a second over one TCP connection to a virtual meter in another process, wrapper framing, against a bare Node ping-pong of the same
 * sizes between the same two processes.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { tcp as connect } from '../src/node.js';
import { compareAsync, type Row } from './harness.js';
import { ENERGY, openMeter, REQUEST_LENGTH, WRAPPER_LENGTH } from './meter.js';

/** Round trips in one call. */
const COUNT = 50;

export async function tcp(): Promise<Row[]> {
  const child = fork(new URL('./tcp-server.js', import.meta.url));
  try {
    const [ports] = (await once(child, 'message')) as [{ meter: number; bare: number }];
    const meter = await openMeter(connect('127.0.0.1', ports.meter), 'clear');
    const energy = meter.register(ENERGY);
    const socket = createConnection({ port: ports.bare, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const row = await compareAsync({
      name: 'GET over TCP between two processes',
      against: 'bare ping-pong',
      work: async () => {
        let last: unknown;
        for (let i = 0; i < COUNT; i++) last = await meter.get(energy.value);
        return last;
      },
      reference: pingPong(socket),
      target: { atLeast: 0.7 },
      per: { count: COUNT, unit: 'GETs' },
    });
    await meter.close();
    socket.destroy();
    return [row];
  } finally {
    child.disconnect();
  }
}

/** A question and its answer as bare chunks, without even a promise for each: what Node and the system make possible at all. */
function pingPong(socket: ReturnType<typeof createConnection>): () => Promise<unknown> {
  const request = new Uint8Array(WRAPPER_LENGTH + REQUEST_LENGTH);
  let left = 0;
  let done: (last: unknown) => void = () => {};
  socket.on('data', (answer) => {
    if (--left > 0) socket.write(request);
    else done(answer);
  });
  return () =>
    new Promise((resolve) => {
      left = COUNT;
      done = resolve;
      socket.write(request);
    });
}
