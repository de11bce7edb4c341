/** Four times the octets take some four times the work, whatever they are: counted in steps, so that no load on the machine changes it. */

import { stepsOf } from '../../support/steps.js';

// It has begun before what it counts is compiled.

import { expect, test } from 'vitest';
import { Random } from '../../../simulator/random.js';
import { concat } from '../../../src/base/bytes.js';
import { CosemError } from '../../../src/base/errors.js';
import { inputOf, isDocumented, type Surface } from './engine.js';
import { decodeSurfaces } from './surfaces-decode.js';
import { linkSurfaces } from './surfaces-link.js';
import { textSurfaces } from './surfaces-text.js';

const SMALL = 2048;
const TIMES = 4;
/** What is quadratic takes sixteen times the steps. */
const MOST = 2 * TIMES;
const FAMILIES = 4;
/** Their work is that of a meter or of a file, whatever comes in. */
const OTHER = ['meter-state', 'config', 'push-keys', 'counter-files'];

/** Some octets of an input said again and again, behind what comes before them. */
function family(surface: Surface, index: number): (length: number) => Uint8Array {
  const input = inputOf(surface, 1, index).subarray(0, 600);
  const random = new Random(index);
  const from = random.below(Math.max(1, input.length >> 1));
  const part = input.subarray(from, from + 1 + random.below(60));
  const repeated = part.length === 0 ? Uint8Array.of(0x7e) : part;
  return (length) => {
    const times = Math.ceil(length / repeated.length);
    return concat(input.subarray(0, from), ...Array<Uint8Array>(times).fill(repeated)).subarray(0, length);
  };
}

async function steps(surface: Surface, input: Uint8Array): Promise<number> {
  return stepsOf(async () => {
    try {
      await surface.feed(input, new Random(11));
    } catch (error) {
      if (!isDocumented(error)) throw error;
      expect(error instanceof CosemError || error.name === 'UsageError').toBe(true);
    }
  });
}

test.each([...decodeSurfaces, ...linkSurfaces, ...textSurfaces].filter(({ name }) => !OTHER.includes(name)))(
  '$name: four times the octets take less than eight times the steps',
  async (surface) => {
    for (let index = 0; index < FAMILIES; index++) {
      const member = family(surface, index);
      // What is made when it is first needed is made.
      await steps(surface, member(SMALL));
      const small = await steps(surface, member(SMALL));
      const large = await steps(surface, member(SMALL * TIMES));
      expect(large, `family ${index}: ${small} steps for ${SMALL} octets`).toBeLessThan(MOST * Math.max(small, SMALL));
    }
  },
  300_000,
);

test('the counter sees what is quadratic', async () => {
  const quadratic = (octets: Uint8Array) => {
    let sum = 0;
    for (const one of octets) for (const other of octets) if (one > other) sum++;
    return sum;
  };
  const of = (length: number) => stepsOf(() => void quadratic(new Uint8Array(length)));
  await of(100);
  expect((await of(400)) / (await of(100))).toBeGreaterThan(10);
});
