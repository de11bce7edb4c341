import { describe, expect, it } from 'vitest';
import { Random } from '../../../simulator/random.js';
import { fromHex, toHex } from '../../../src/base/bytes.js';
import { DecodeError } from '../../../src/base/errors.js';
import { BLOCK, blocksOf, failureText, inputOf, must, newTally, runBlock, type Surface } from './engine.js';
import { mutated } from './mutate.js';
import { mutatedText } from './mutate-text.js';
import { surfaces } from './surfaces.js';

const octets = fromHex('C401C10002020906010001080 0FF0600000005'.replace(' ', ''));
const surface = (feed: Surface['feed']): Surface => ({
  name: 'planted',
  share: 1,
  make: (random) => mutated(random, [octets]),
  feed,
});
const run = (feed: Surface['feed'], end = 2000) => runBlock(surface(feed), { seed: 3, index: 0, end }, newTally());

describe('what is found', () => {
  it('an error that is not documented, made small, with how to make it again', async () => {
    const [failure] = await run((input) => {
      if (input.includes(0x82)) throw new RangeError('too much');
    });
    expect(failure).toMatchObject({ surface: 'planted', seed: 3, input: '82' });
    expect(failureText(failure as NonNullable<typeof failure>)).toMatch(
      /RangeError: too much at .*\n {2}input 82\n {2}again: npm run fuzz -- --seed 3 --surface planted --only \d+$/,
    );
  });

  it('what must hold and does not; not an error that is documented', async () => {
    const broken = await run((input) => must(input.length < 100, 'too long'), 200);
    expect(new Set(broken.map(({ error }) => error))).toEqual(new Set(['Broken: too long']));
    const tally = newTally();
    const refusing = surface(() => {
      throw new DecodeError('bad-value', 'no');
    });
    expect(await runBlock(refusing, { seed: 3, index: 0, end: 50 }, tally)).toEqual([]);
    expect(tally).toMatchObject({ inputs: 50, taken: 0, errors: new Map([['DecodeError bad-value', 50]]) });
  });

  it('what costs too much', async () => {
    const watch = { before: () => {}, after: (_: string, index: number) => (index === 7 ? 'cost: much' : undefined) };
    const failures = await runBlock(
      surface(() => {}),
      { seed: 3, index: 0, end: 20 },
      newTally(),
      watch,
    );
    expect(failures.map(({ index, error }) => [index, error])).toEqual([[7, 'cost: much']]);
  });
});

describe('an input', () => {
  it('is named by seed, surface and index', () => {
    for (const each of surfaces.filter(({ name }) => name !== 'meter-state')) {
      const input = (seed: number, index: number) => toHex(inputOf(each, seed, index));
      expect(input(1, 5), each.name).toBe(input(1, 5));
      const all = new Set(Array.from({ length: 20 }, (_, i) => input(1 + (i % 2), i >> 1)));
      expect(all.size, each.name).toBeGreaterThan(5);
    }
  });

  it('is done by one worker, whatever their number', () => {
    const named = (part: number, parts: number) =>
      [...blocksOf(surfaces, 30_000, part, parts)].map(
        ({ surface: { name }, index, end }) => `${name} ${index} ${end}`,
      );
    const all = named(0, 1);
    expect(new Set(all).size).toBe(all.length);
    expect([...named(0, 3), ...named(1, 3), ...named(2, 3)].sort()).toEqual([...all].sort());
    const inputs = [...blocksOf(surfaces, 30_000)].reduce((sum, { index, end }) => sum + end - index, 0);
    expect(inputs).toBeGreaterThanOrEqual(30_000);
    expect(inputs).toBeLessThan(30_000 + BLOCK * surfaces.length);
  });

  it('is often still understood in part: changes know lengths and tags', () => {
    const random = new Random(5);
    const made = Array.from({ length: 2000 }, () => mutated(random, [octets]));
    expect(made.some((each) => each[0] === 0xc4 && each.length > 1000)).toBe(true);
    expect(made.some((each) => toHex(each).includes('84FFFFFFFF'))).toBe(true);
    expect(made.some((each) => /(0[12]01){30}/.test(toHex(each)))).toBe(true);
    expect(Math.max(...made.map(({ length }) => length))).toBeLessThanOrEqual(4096);
    const texts = Array.from({ length: 2000 }, () => mutatedText(random, ['{"a": [1, "b"]}']));
    expect(texts.some((text) => text.includes('__proto__'))).toBe(true);
    expect(texts.some((text) => /\[{60}/.test(text))).toBe(true);
  });
});
