/** A vault that is asked for keys: by anybody who makes up titles, so never often, and never for the same at once. */

import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import { AskedKeys } from '../../src/push/asked-keys.js';
import type { PushKeys } from '../../src/session/push-faults.js';
import { deferred } from '../support/listen.js';
import { EK } from './lines.js';

const KEYS: PushKeys = { encryption: EK };
const titled = (number: number) => Uint8Array.of(1, 2, 3, 4, 0, 0, number >> 8, number & 255);
const steps = () => new Promise<void>((resolve) => setImmediate(resolve));

function vault() {
  const clock = new VirtualClock();
  const asked: { readonly title: string; readonly answer: ReturnType<typeof deferred<PushKeys | undefined>> }[] = [];
  const keys = new AskedKeys((title) => {
    const answer = deferred<PushKeys | undefined>();
    asked.push({ title: toHex(title), answer });
    return answer.promise;
  }, clock);
  /** Answers question n, counted from 0. */
  const answer = async (n: number, found: PushKeys | undefined) => {
    asked[n]?.answer.resolve(found);
    await steps();
  };
  return { clock, asked, keys, answer };
}

describe('keys of a vault', () => {
  it('are asked for once, however many lines want them at a time, and again for the next message', async () => {
    const { keys, asked, answer } = vault();
    const both = [keys.of(titled(1)), keys.of(titled(1))];
    expect(asked).toHaveLength(1);
    await answer(0, KEYS);
    expect(await Promise.all(both)).toEqual([KEYS, KEYS]);
    void keys.of(titled(1));
    expect(asked).toHaveLength(2);
  });

  it('are asked for by sixteen questions at a time, and the others follow in their order', async () => {
    const { keys, asked, answer } = vault();
    const all = Array.from({ length: 40 }, (_, n) => Promise.resolve(keys.of(titled(n))));
    expect(asked).toHaveLength(16);
    await answer(3, KEYS);
    expect([asked.length, asked[16]?.title]).toEqual([17, toHex(titled(16))]);
    for (let n = 0; n < 40; n++) await answer(n, KEYS);
    expect(await Promise.all(all)).toEqual(all.map(() => KEYS));
  });

  it('that it does not have are not asked for again for a minute', async () => {
    const { keys, asked, answer, clock } = vault();
    const first = keys.of(titled(1));
    await answer(0, undefined);
    expect(await first).toBeUndefined();
    expect(keys.of(titled(1))).toBeUndefined();
    expect(asked).toHaveLength(1);
    clock.advance(60_000);
    const next = keys.of(titled(1));
    await answer(1, KEYS);
    expect(await next).toEqual(KEYS);
  });

  it('of that many made-up titles that the first is forgotten: memory does not grow', async () => {
    const { keys, asked, answer } = vault();
    for (let n = 0; n < 1025; n++) {
      void keys.of(titled(n));
      await answer(n, undefined);
    }
    void keys.of(titled(1));
    expect(asked).toHaveLength(1025);
    void keys.of(titled(0));
    expect(asked).toHaveLength(1026);
  });

  it('leave nobody waiting where one refusal answers many', async () => {
    const { keys, asked, answer } = vault();
    for (let n = 0; n < 16; n++) void keys.of(titled(n));
    // Forty lines, and the title is refused when their turn comes.
    const waiting = Array.from({ length: 40 }, () => Promise.resolve(keys.of(titled(15))));
    const others = Array.from({ length: 40 }, (_, n) => Promise.resolve(keys.of(titled(n < 39 ? 16 : 17))));
    await answer(15, undefined);
    await answer(16, undefined);
    await answer(17, KEYS);
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => undefined));
    expect((await Promise.all(others)).at(-1)).toEqual(KEYS);
    expect(asked).toHaveLength(18);
  });

  it('that fail are no refusal', async () => {
    const { keys, asked } = vault();
    const first = keys.of(titled(1));
    asked[0]?.answer.reject(new Error('sealed'));
    await expect(first).rejects.toThrow('sealed');
    void keys.of(titled(1));
    expect(asked).toHaveLength(2);
  });

  it('are asked for no more when listening ends', async () => {
    const { keys, asked, answer } = vault();
    const all = Array.from({ length: 20 }, (_, n) => Promise.resolve(keys.of(titled(n))));
    keys.stop();
    await answer(0, KEYS);
    expect(await all[19]).toBeUndefined();
    expect(asked).toHaveLength(16);
  });

  it('of a caller who answers at once are asked for each time', () => {
    let asked = 0;
    const keys = new AskedKeys(() => {
      asked += 1;
      return undefined;
    }, new VirtualClock());
    for (let n = 0; n < 40; n++) expect(keys.of(titled(1))).toBeUndefined();
    expect(asked).toBe(40);
  });
});
