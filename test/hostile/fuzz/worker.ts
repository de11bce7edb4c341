/** One process of `npm run fuzz`: does its part of the inputs, watches CPU and heap, and tells the parent. */

import { blocksOf, type Failure, newTally, runBlock, type Tally, type Watch } from './engine.js';
import { surfaces } from './surfaces.js';

/** What the parent orders. */
interface Order {
  readonly inputs: number;
  readonly seed: number;
  readonly part: number;
  readonly parts: number;
  /** One surface alone. */
  readonly surface?: string;
  /** Inputs from this one to before that one alone, of that surface. */
  readonly only?: readonly [from: number, to: number];
}

/** CPU milliseconds that one input may take. */
const MOST_CPU = 2000;
/** Inputs of the beginning that warm the machine, in parts of the whole. */
const TENTHS = 10;

interface Cost {
  cpu: number;
  slowest: { readonly index: number; readonly cpu: number; readonly octets: number };
}

const order = JSON.parse(process.argv[2] ?? '{}') as Order;
const chosen = order.surface === undefined ? surfaces : surfaces.filter(({ name }) => name === order.surface);
const tell = (message: object) => process.send?.(message);
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

if (chosen.length === 0) {
  tell({ type: 'unknown', surfaces: surfaces.map(({ name, share }) => ({ name, share })) });
  process.exit(2);
}

const tallies = new Map<string, Tally>();
const costs = new Map<string, Cost>();
const heap: number[] = [];
let began = 0;
const watch: Watch = {
  before: () => {
    began = cpu();
  },
  after: (name, index, octets) => {
    const taken = cpu() - began;
    const cost = costs.get(name) ?? { cpu: 0, slowest: { index, cpu: taken, octets } };
    cost.cpu += taken;
    if (taken > cost.slowest.cpu) cost.slowest = { index, cpu: taken, octets };
    costs.set(name, cost);
    return taken > MOST_CPU ? `cost: ${taken.toFixed(0)} ms of CPU for ${octets} octets` : undefined;
  },
};

const [from, to] = order.only ?? [0, Number.POSITIVE_INFINITY];
const blocks = [
  ...blocksOf(chosen, Math.max(order.inputs, order.only === undefined ? 0 : to), order.part, order.parts),
].filter(({ index, end }) => end > from && index < to);
const tenth = Math.max(1, Math.ceil(blocks.length / TENTHS / 4));
for (const [i, { surface, index, end }] of blocks.entries()) {
  tell({ type: 'at', surface: surface.name, index, end });
  const tally = tallies.get(surface.name) ?? newTally();
  tallies.set(surface.name, tally);
  const last = Math.min(end, to);
  const failures: Failure[] = await runBlock(surface, { seed: order.seed, index, end: last }, tally, watch);
  for (const failure of failures) if (failure.index >= from) tell({ type: 'failure', failure });
  if (i % tenth === tenth - 1) {
    globalThis.gc?.();
    heap.push(process.memoryUsage().heapUsed);
  }
}
tell({
  type: 'done',
  heap,
  tallies: [...tallies].map(([name, { errors, ...rest }]) => ({
    name,
    ...rest,
    errors: [...errors],
    ...costs.get(name),
  })),
});
process.disconnect();
