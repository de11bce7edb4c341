/** What a meter told is not asked for again, unless it is another meter, another firmware, or long ago. */
import { describe, expect, test } from 'vitest';
import { makeImage } from '../../simulator/index.js';
import { fromHex, fromLatin1, toHex } from '../../src/base/bytes.js';
import { type CacheStore, is15959, type Meter, type OpenOptions, readingsOf } from '../../src/index.js';
import { conformanceBits } from '../../src/protocol.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { findCompanion, ImageUpdate } from '../../src/tools.js';
import { Bench, DAY } from '../simulator/support.js';
import { RogueMeter } from './rogue-lists.js';

class MemoryCache implements CacheStore {
  readonly entries = new Map<string, string>();
  load(entry: string): string | undefined {
    return this.entries.get(entry);
  }
  save(entry: string, text: string): void {
    this.entries.set(entry, text);
  }
}

const specs = readingsOf(is15959, 'energy');

/** Opens, reads energies, closes; gives the texts and how many requests the reading took. */
async function visit(bench: Bench, cache: CacheStore | undefined, name = 'utility') {
  let requests = 0;
  const meter = await bench.open(name, {
    ...(cache === undefined ? {} : { cache }),
    trace: (event) => event.type === 'octets' && event.direction === 'sent' && requests++,
  });
  const before = requests;
  const outcomes = await meter.readings(specs);
  const took = requests - before;
  const texts = outcomes.map((outcome) => (outcome.ok ? outcome.value.text : String(outcome.error)));
  await meter.close();
  return { took, texts };
}

/** Lets the meter have other scalers: what it says stays as it is kept, if that is believed. */
function falsify(cache: MemoryCache): void {
  for (const [entry, text] of cache.entries) {
    const known = JSON.parse(text);
    // scaler 1 in place of 3, unit as it was
    for (const target of Object.keys(known.scalers))
      known.scalers[target] = known.scalers[target].replace('0F03', '0F01');
    cache.entries.set(entry, JSON.stringify(known));
  }
}

describe('the cache', () => {
  test('spares the second visit every scaler for one question', async () => {
    const bench = new Bench();
    const cache = new MemoryCache();
    const without = await visit(bench, undefined);
    const first = await visit(bench, cache);
    const second = await visit(bench, cache);
    expect(first.took).toBe(without.took + 1);
    expect(second.took).toBe(without.took - 6 + 1);
    expect(second.texts).toEqual(without.texts);
    expect(first.texts).toEqual(without.texts);
    // It is believed: what was put in shows.
    falsify(cache);
    expect((await visit(bench, cache)).texts).not.toEqual(without.texts);
  });

  test('holds for the same meter and the same client alone', async () => {
    const cache = new MemoryCache();
    const bench = new Bench();
    await visit(bench, cache);
    falsify(cache);
    const other = new Bench({ seed: 8 });
    expect((await visit(other, cache)).texts).toEqual((await visit(other, undefined)).texts);
    expect((await visit(bench, cache, 'reader')).texts).toEqual((await visit(bench, undefined, 'reader')).texts);
    expect(cache.entries.size).toBe(3);
  });

  test('ends with the firmware, and after a month', async () => {
    const cache = new MemoryCache();
    const bench = new Bench();
    const right = (await visit(bench, cache)).texts;
    falsify(cache);
    bench.clock.advance(31 * DAY);
    const month = await visit(bench, cache);
    expect(month.texts).toEqual((await visit(bench, undefined)).texts);
    expect(month.texts[0]).toContain('Wh');
    expect(right[0]).toContain('Wh');
    falsify(cache);
    await update(await bench.open('firmware'));
    expect((await visit(bench, cache)).texts).toEqual((await visit(bench, undefined)).texts);
  });

  test('that is torn, or no cache at all, is nothing', async () => {
    const bench = new Bench();
    const right = (await visit(bench, undefined)).texts;
    const cache = new MemoryCache();
    await visit(bench, cache);
    const [[entry, text] = ['', '']] = [...cache.entries];
    const known = JSON.parse(text);
    const [target = ''] = Object.keys(known.scalers);
    for (const damaged of [
      '',
      'null',
      '{}',
      text.slice(0, -5),
      JSON.stringify({ ...known, version: 2 }),
      JSON.stringify({ ...known, scalers: null }),
      JSON.stringify({ ...known, scalers: { ...known.scalers, [target]: '0F' } }),
      JSON.stringify({ ...known, scalers: { ...known.scalers, [target]: 7 } }),
      JSON.stringify({ ...known, objects: 'zz' }),
      JSON.stringify({ ...known, at: Number.MAX_SAFE_INTEGER }),
    ]) {
      cache.entries.set(entry, damaged);
      expect((await visit(bench, cache)).texts).toEqual(right);
    }
  });

  test('keeps the object list too', async () => {
    const bench = new Bench();
    const cache = new MemoryCache();
    const lists = async (options: { cache?: CacheStore }) => {
      let octets = 0;
      const meter = await bench.open('utility', {
        ...options,
        trace: (event) => {
          if (event.type === 'octets') octets += event.bytes.length;
        },
      });
      const before = octets;
      const objects = await meter.objects();
      await meter.close();
      return { objects, octets: octets - before };
    };
    const without = await lists({});
    await lists({ cache });
    const second = await lists({ cache });
    expect(second.objects).toEqual(without.objects);
    expect(second.octets).toBeLessThan(without.octets / 40);
  });
});

describe('the companion that a meter follows', () => {
  /** Opens, finds the companion, closes; gives it and how many requests that took. */
  const find = async (bench: Bench, cache: CacheStore, options: Partial<OpenOptions> = {}, name = 'utility') => {
    let requests = 0;
    const meter = await bench.open(name, {
      cache,
      ...options,
      trace: (event) => event.type === 'octets' && event.direction === 'sent' && requests++,
    });
    const before = requests;
    const { id } = await findCompanion(meter);
    const took = requests - before;
    await meter.close();
    return { id, took };
  };

  test('is asked for once of a meter that tells its system title', async () => {
    const bench = new Bench();
    const cache = new MemoryCache();
    expect(await find(bench, cache)).toEqual({ id: 'is15959', took: 3 });
    expect(await find(bench, cache)).toEqual({ id: 'is15959', took: 0 });
    // It is believed: what was put in shows; nonsense and what is unknown do not.
    const [entry = ''] = [...cache.entries.keys()];
    const kept = cache.entries.get(entry) as string;
    cache.entries.set(entry, kept.replace('is15959', 'generic'));
    expect(await find(bench, cache)).toEqual({ id: 'generic', took: 0 });
    for (const damaged of [
      '',
      '{',
      'null',
      kept.replace('is15959', 'other'),
      kept.replace('"version":1', '"version":2'),
    ]) {
      cache.entries.set(entry, damaged);
      expect(await find(bench, cache)).toEqual({ id: 'is15959', took: 3 });
    }
  });

  test('is that of this meter and this client alone, for a month', async () => {
    const bench = new Bench();
    const cache = new MemoryCache();
    await find(bench, cache);
    expect((await find(new Bench({ seed: 8 }), cache)).took).toBe(3);
    expect((await find(bench, cache, {}, 'reader')).took).toBe(3);
    expect((await find(bench, cache)).took).toBe(0);
    bench.clock.advance(31 * DAY);
    expect((await find(bench, cache)).took).toBe(3);
  });

  test('ends with the firmware, once that shows', async () => {
    const bench = new Bench();
    const cache = new MemoryCache();
    await find(bench, cache);
    await visit(bench, cache);
    await update(await bench.open('firmware'));
    expect((await find(bench, cache)).took).toBe(0);
    await visit(bench, cache);
    expect((await find(bench, cache)).took).toBe(3);
  });

  test('in clear it is remembered where to ask who it is costs less than to find out', async () => {
    const bench = new Bench();
    const cache = new MemoryCache();
    expect((await find(bench, cache, {}, 'public')).took).toBe(1 + 3);
    expect((await find(bench, cache, {}, 'public')).took).toBe(1);
    const none = new MemoryCache();
    const inLists = new RogueMeter();
    await inLists.visit((meter) => findCompanion(meter), { cache: none });
    expect([inLists.lists, inLists.singles, none.entries.size]).toEqual([1, 0, 0]);
  });

  test.each([
    ['a denial', '03', 0],
    ['no such object', '04', 1],
  ])('of a meter that answers %s: generic, remembered or not', async (_, result, kept) => {
    const cache = new MemoryCache();
    const meter = new RogueMeter();
    meter.says = (answer, request) => {
      const normal = `C401${toHex(request.subarray(2, 3))}`;
      // Value group C of the object: its logical device name, the counters and the meter type.
      if (request[0] !== 0xc0) return answer;
      if (request[7] === 42) return fromHex(`${normal}000A0441424331`);
      return request[7] === 43 || request[7] === 94 ? fromHex(`${normal}01${result}`) : answer;
    };
    const conformance = conformanceBits(['get']);
    const companion = await meter.visit((opened) => findCompanion(opened), { cache, conformance });
    expect([companion.id, cache.entries.size]).toEqual(['generic', kept]);
  });
});

async function update(meter: Meter): Promise<void> {
  const octets = makeImage(nobleCrypto, { profile: 'is15959-1ph', firmware: 'COSEM-D1-2.0' });
  const image = { identification: fromLatin1('COSEM-D1-2.0'), octets };
  const updating = new ImageUpdate(meter);
  await updating.transfer(image);
  await updating.verify();
  await updating.check(image);
  await updating.activate();
  await meter.close();
}
