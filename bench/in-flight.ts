/**
 * GETs a second over the wrapper where each round trip takes 50 ms: several in flight against one at a time, in the same run. What is measured is
 * waiting, so a busy machine changes little of it.
 */
import type { Transport } from '../src/contracts/transport.js';
import { memoryPair } from '../src/transport/memory.js';
import { compareAsync, type Row } from './harness.js';
import { ENERGY, openMeter, serveMeter } from './meter.js';

/** Half of a round trip, in milliseconds. */
const ONE_WAY = 25;
const COUNT = 32;
const IN_FLIGHT = 8;

export async function inFlight(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of ['clear', 'ciphered'] as const) {
    const [several, one] = await Promise.all([gets(kind, IN_FLIGHT), gets(kind, 1)]);
    rows.push(
      await compareAsync({
        name: `GET at ${2 * ONE_WAY} ms, ${IN_FLIGHT} in flight, ${kind}`,
        against: 'one at a time',
        work: several,
        reference: one,
        target: { atLeast: 5 },
        per: { count: COUNT, unit: 'GETs' },
        rounds: 3,
      }),
    );
  }
  return rows;
}

async function gets(kind: 'clear' | 'ciphered', most: number): Promise<() => Promise<unknown>> {
  const [near, far] = memoryPair();
  await serveMeter(late(far));
  const meter = await openMeter(late(near), kind, { inFlight: most });
  const energy = meter.register(ENERGY);
  return () => Promise.all(Array.from({ length: COUNT }, () => meter.get(energy.value)));
}

/** What is written arrives later, in order. */
function late(transport: Transport): Transport {
  return {
    name: transport.name,
    open: (handler) => transport.open(handler),
    close: () => transport.close(),
    write: (octets) => void setTimeout(() => transport.write(octets), ONE_WAY),
  };
}
