/**
 * Economy on the line: a virtual serial line of 9600 baud between this client and the virtual meter, in virtual time. Deterministic: no machine
 * is faster here. Beside each the least possible time: the same payload, the useful values alone, at the line's speed without any pause.
 */

import { createMeter, VirtualLine, type VirtualMeter } from '../simulator/index.js';
import {
  data,
  encodeData,
  is15959,
  MemoryCounterStore,
  type Meter,
  type OpenOptions,
  open,
  ProfileGenericV1,
  readingsOf,
  VirtualClock,
} from '../src/index.js';
import { nodeCrypto } from '../src/transport/node-crypto.js';
import type { Row } from './harness.js';

const BAUD = 9600;
const OCTET = 10_000 / BAUD;
const BLOCK_LOAD = '1.0.99.1.0.255';
const DAY = 86_400_000;

/** What a job cost on the line. */
export interface LineCost {
  readonly seconds: number;
  /** Octets in both directions. */
  readonly octets: number;
  /** Times that the line turned round: from us to the meter and back. */
  readonly turns: number;
  /** Octets of the content, as APDUs carry it, without which the job cannot be done. */
  readonly payload: number;
}

export interface LineSetUp {
  /** What the meter grants. */
  readonly maxInfo: number;
  readonly window: number;
}

/** Runs a job over a fresh line: opening, work and closing. `payload` is the least that must cross. */
export async function overLine(
  setUp: LineSetUp,
  work: (meter: Meter) => Promise<number>,
  options: Partial<OpenOptions> = {},
  from: 'opening' | 'association' = 'opening',
): Promise<LineCost> {
  const clock = new VirtualClock(Date.UTC(2026, 5, 10, 6));
  const virtual = createMeter('is15959-1ph', { clock, seed: 7, crypto: nodeCrypto, ...setUp });
  const line = new VirtualLine(clock, { baudRate: BAUD });
  await virtual.attach(line.b);
  let [octets, turns, last, began] = [0, 0, '', clock.now()];
  const count: OpenOptions['trace'] = (event) => {
    if (event.type !== 'octets') return;
    octets += event.bytes.length;
    if (event.direction === 'sent' && last !== 'sent') turns++;
    last = event.direction;
  };
  const run = async () => {
    const meter = await open(line.a, { ...utility(virtual), clock, trace: count, ...options });
    if (from === 'association') [octets, turns, last, began] = [0, 0, '', clock.now()];
    const payload = await work(meter);
    const ended = clock.now();
    const measured = { octets, turns };
    await meter.close();
    return from === 'association' ? { payload, ended, ...measured } : { payload, ended: clock.now(), octets, turns };
  };
  const { ended, ...rest } = await clock.run(run());
  virtual.stop();
  return { ...rest, seconds: (ended - began) / 1000 };
}

/** Client 48: HLS and ciphering; the invocation counter is kept. */
function utility(virtual: VirtualMeter): OpenOptions {
  const connection = virtual.connections.find(({ name }) => name === 'utility');
  const { client, secret, security } = connection ?? {};
  if (client === undefined || secret === undefined || security === undefined)
    throw new Error('the meter has no utility');
  return {
    client,
    authentication: 'hls2',
    secret,
    crypto: nodeCrypto,
    octetTime: OCTET,
    security: {
      systemTitle: security.clientTitle,
      encryptionKey: security.encryptionKey,
      authenticationKey: security.authenticationKey,
      policy: security.policy,
      counters: new MemoryCounterStore(),
    },
  };
}

/** (a) What a technician wants first: energy, balance, relay. The least is what the values with their scalers take as Data. */
export function readFirst(setUp: LineSetUp): Promise<LineCost> {
  return overLine(setUp, async (meter) => {
    const specs = ['energy', 'balance', 'relay'].flatMap((topic) => readingsOf(is15959, topic));
    const outcomes = await meter.readings(specs);
    const read = outcomes.filter(({ ok }) => ok).length;
    if (read < specs.length) throw new Error(`${read} of ${specs.length} values read`);
    return specs.length * 6;
  });
}

/** (b) 35 days of half-hour block load, once the association is open. The least is the buffer as Data, once over the line. */
export function readBlockLoad(setUp: LineSetUp): Promise<LineCost> {
  return overLine(
    setUp,
    async (meter) => {
      const { buffer } = meter.object(ProfileGenericV1, BLOCK_LOAD);
      return encodeData(await meter.get({ ...buffer, type: data })).length;
    },
    {},
    'association',
  );
}

void DAY;
export function line(): Promise<Row[]> {
  throw new Error('not yet');
}
