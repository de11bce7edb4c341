/** A small virtual meter and a client for it, the same in every benchmark: one register, in clear and ciphered. */

import { systemClock } from '../src/base/clock.js';
import { u32 } from '../src/codec/make.js';
import type { Transport } from '../src/contracts/transport.js';
import { Register } from '../src/cosem/classes/storage.js';
import { fromHex, MemoryCounterStore, type Meter, type OpenOptions, open } from '../src/index.js';
import { WrapperLink } from '../src/link/wrapper-link.js';
import { ReceiveCounter } from '../src/security/ciphering.js';
import { LogicalDevice } from '../src/server/logical-device.js';
import { object } from '../src/server/object.js';
import { MeterServer } from '../src/server/server.js';
import { serveLink } from '../src/server.js';
import { memoryPair } from '../src/transport/memory.js';
import { nodeCrypto } from '../src/transport/node-crypto.js';

export const ENERGY = '1.0.1.8.0.255';
/** Octets of a GET of its value, of the answer, and of the wrapper's header before each. */
export const REQUEST_LENGTH = 13;
export const ANSWER_LENGTH = 9;
export const WRAPPER_LENGTH = 8;
const CLEAR_CLIENT = 16;
const CIPHERED_CLIENT = 48;

const SERVER_TITLE = fromHex('4D4D4D0000000001');
const CLIENT_TITLE = fromHex('4D4D4D0000BC614E');
const keys = {
  encryption: fromHex('000102030405060708090A0B0C0D0E0F'),
  authentication: fromHex('D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF'),
};

/** Serves the meter over a transport, wrapper framing. */
export async function serveMeter(transport: Transport): Promise<void> {
  let energy = 1_000_000;
  const device = new LogicalDevice();
  const common = { conformance: 0x0fffff, maxReceivePduSize: 0xffff, maxSendPduSize: 0xffff, mechanism: 0 } as const;
  device.associate({ ...common, client: CLEAR_CLIENT, name: 'clear', logicalName: '0.0.40.0.1.255', context: 'ln' });
  device.associate({
    ...common,
    client: CIPHERED_CLIENT,
    name: 'ciphered',
    logicalName: '0.0.40.0.2.255',
    context: 'ln-ciphered',
    policy: 'authenticated-encryption',
    security: { keys, counters: new MemoryCounterStore(), counterEntry: 'meter', received: new ReceiveCounter() },
  });
  device.add(object(Register, ENERGY, { value: () => u32(energy++), scalerUnit: { scaler: 0, unit: 'Wh' } }));
  const server = new MeterServer({ crypto: nodeCrypto, systemTitle: SERVER_TITLE, devices: [device] });
  await serveLink(transport, new WrapperLink('server', {}), systemClock, {
    payload: ({ client, server: sap, bytes }, now) => server.handle(client, sap, bytes, now),
  });
}

/** A question and its answer, both with the wrapper's header. */
export interface Recorded {
  readonly question: Uint8Array;
  readonly answer: Uint8Array;
}

/** What is asked and answered in a session in clear, by the tag of the question: AARQ, GET, RLRQ. */
export async function recorded(): Promise<Map<number, Recorded>> {
  const [near, far] = memoryPair();
  await serveMeter(far);
  const all = new Map<number, Recorded>();
  let question = new Uint8Array(0);
  const recording: Transport = {
    name: near.name,
    open: (handler) =>
      near.open({
        data(octets) {
          all.set(question[WRAPPER_LENGTH] as number, { question, answer: octets.slice() });
          handler.data(octets);
        },
        closed: (error) => handler.closed(error),
      }),
    write(octets) {
      question = octets.slice();
      near.write(octets);
    },
    close: () => near.close(),
  };
  const meter = await openMeter(recording, 'clear');
  await meter.get(meter.register(ENERGY).value);
  await meter.close();
  return all;
}

/** Opens an association with it. */
export function openMeter(
  transport: Transport,
  how: 'clear' | 'ciphered',
  options: Pick<OpenOptions, 'inFlight'> = {},
): Promise<Meter> {
  const link = { framing: 'wrapper', server: 1, crypto: nodeCrypto, ...options } as const;
  if (how === 'clear') return open(transport, { ...link, client: CLEAR_CLIENT });
  return open(transport, {
    ...link,
    client: CIPHERED_CLIENT,
    security: {
      systemTitle: CLIENT_TITLE,
      encryptionKey: keys.encryption,
      authenticationKey: keys.authentication,
      counters: new MemoryCounterStore(),
    },
  });
}
