/** A gateway's connection holds no meter that has left memory, and no line to one. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createFleet } from '../../simulator/index.js';
import { VirtualClock } from '../../src/base/clock.js';
import { encodeWpdu } from '../../src/link/wrapper-link.js';
import { memoryPair } from '../../src/transport/memory.js';
import { START } from './support.js';

const MOST_LIVE = 5;
const FIRST_PORT = 256;
const PUBLIC = 16;
/** GET without an association: the meter is made, and refuses. */
const REQUEST = Uint8Array.of(0xc0, 1, 0xc1, 0, 1, 0, 0, 42, 0, 0, 255, 2, 0);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('one connection over many meters holds those in memory alone', async () => {
  const clock = new VirtualClock(START);
  const fleet = createFleet('is15959-1ph', { clock, seed: 500, count: 1000, mostLive: MOST_LIVE });
  const lines: WeakRef<object>[] = [];
  const answerer = fleet.answerer.bind(fleet);
  fleet.answerer = (index) => ({
    line: (...told) => {
      const line = answerer(index).line(...told);
      lines.push(new WeakRef(line));
      return line;
    },
  });
  const [near, far] = memoryPair({ delivery: 'synchronous' });
  let answers = 0;
  await near.open({ data: () => answers++, closed: () => {} });
  await fleet.gateway(far, { framing: 'wrapper' });
  const meters: WeakRef<object>[] = [];
  for (let index = 0; index < 40; index++) {
    near.write(encodeWpdu({ source: PUBLIC, destination: FIRST_PORT + index, apdu: REQUEST }));
    meters.push(new WeakRef(fleet.meter(index)));
    clock.advance(11_000);
  }
  // What is referred to weakly lives until the turn is over.
  await new Promise((done) => setImmediate(done));
  collect();
  const held = (refs: readonly WeakRef<object>[]) => refs.filter((ref) => ref.deref() !== undefined).length;
  expect([answers, meters.length, lines.length]).toEqual([40, 40, 40]);
  expect(fleet.live).toBe(MOST_LIVE);
  expect([held(meters), held(lines)]).toEqual([MOST_LIVE, MOST_LIVE]);
  // The last ones are spoken to over the line they had, the first ones over a new one.
  for (const index of [39, 0])
    near.write(encodeWpdu({ source: PUBLIC, destination: FIRST_PORT + index, apdu: REQUEST }));
  expect([answers, lines.length]).toEqual([42, 41]);
  fleet.stop();
});

test('a meter holds no line that was closed', async () => {
  const clock = new VirtualClock(START);
  const fleet = createFleet('is15959-1ph', { clock, seed: 500, count: 1 });
  const begun: WeakRef<object>[] = [];
  const { answerer } = fleet.meter(0).served;
  const line = answerer.line.bind(answerer);
  Object.assign(answerer, {
    line: () => {
      const made = line();
      begun.push(new WeakRef(made));
      return made;
    },
  });
  for (let i = 0; i < 20; i++) {
    const [near, far] = memoryPair({ delivery: 'synchronous' });
    await near.open({ data: () => {}, closed: () => {} });
    await fleet.attach(0, far, { framing: 'wrapper' });
    near.write(encodeWpdu({ source: PUBLIC, destination: 1, apdu: REQUEST }));
    await near.close();
  }
  await new Promise((done) => setImmediate(done));
  collect();
  expect(begun).toHaveLength(20);
  expect(begun.filter((ref) => ref.deref() !== undefined)).toHaveLength(0);
  expect(fleet.live).toBe(1);
  fleet.stop();
});
