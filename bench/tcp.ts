/**
 * GETs a second over one TCP connection, wrapper framing, against a bare ping-pong of Node.
 *
 * The bare ping-pong is what such an exchange costs without any DLMS: the same octets over the same kind of socket, read into a buffer of its own as
 * `tcp` does, to the same process, which answers at once with octets that were recorded. One question at a time, each with a promise, because whoever
 * asks has to wait for the answer. The client's own share shows where it is answered in the same way; beside it stands what a virtual meter in that
 * process makes of it, which has to read, look up and write for each GET.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, type OnReadOpts } from 'node:net';
import { tcp as connect } from '../src/node.js';
import { type Comparison, compareAsync, type Row } from './harness.js';
import { ENERGY, openMeter } from './meter.js';

/** Round trips in one call. */
const COUNT = 50;
const ROUNDS = 101;
const WARM_UP = 400;

export async function tcp(): Promise<Row[]> {
  const child = fork(new URL('./tcp-server.js', import.meta.url));
  try {
    const [ports] = (await once(child, 'message')) as [{ meter: number; bare: number; question: number[] }];
    const bare = await pingPong(ports.bare, Uint8Array.from(ports.question));
    const rows = [
      await gets(ports.bare, bare, { name: 'GET over TCP, answered with recorded octets', target: { atLeast: 0.9 } }),
      await gets(ports.meter, bare, { name: 'GET over TCP from a virtual meter', target: { atLeast: 0.7 } }),
    ];
    bare.end();
    return rows;
  } finally {
    child.disconnect();
  }
}

/** Compares GETs at that port with the ping-pong. */
async function gets(port: number, bare: PingPong, what: Pick<Comparison, 'name' | 'target'>): Promise<Row> {
  const meter = await openMeter(connect('127.0.0.1', port), 'clear');
  const energy = meter.register(ENERGY);
  const work = async () => {
    let last: unknown;
    for (let i = 0; i < COUNT; i++) last = await meter.get(energy.value);
    return last;
  };
  // By number, not by time: on a busy machine the compiler would not have seen enough of it else.
  for (let i = 0; i < WARM_UP; i++) await work();
  const row = await compareAsync({
    ...what,
    against: 'bare ping-pong',
    work,
    reference: async () => {
      let last: unknown;
      for (let i = 0; i < COUNT; i++) last = await bare.ask();
      return last;
    },
    per: { count: COUNT, unit: 'GETs' },
    rounds: ROUNDS,
    best: true,
  });
  await meter.close();
  return row;
}

interface PingPong {
  /** Sends the question. @returns the number of octets that came in answer. */
  ask(): Promise<number>;
  end(): void;
}

async function pingPong(port: number, question: Uint8Array): Promise<PingPong> {
  let told: (length: number) => void = () => {};
  const onread: OnReadOpts = {
    buffer: new Uint8Array(16_384),
    callback(length) {
      told(length);
      return true;
    },
  };
  const socket = createConnection({ port, host: '127.0.0.1', noDelay: true, onread });
  await once(socket, 'connect');
  return {
    ask: () =>
      new Promise((resolve) => {
        told = resolve;
        socket.write(question);
      }),
    end: () => socket.destroy(),
  };
}
