import { describe, expect, it } from 'vitest';
import { LinkError, StateError } from '../../src/base/errors.js';
import { memoryPair } from '../../src/transport/memory.js';
import { deferred, listening } from '../support/listen.js';

const handler = (data: (chunk: Uint8Array) => void) => ({ data, closed: () => {} });

describe.each(['microtask', 'synchronous'] as const)('a memory pair, %s', (delivery) => {
  it('carries chunks as they are, both ways, in order', async () => {
    const [a, b] = memoryPair({ delivery });
    const [atA, atB] = [await listening(a), await listening(b)];
    const chunk = Uint8Array.of(1, 2);
    a.write(chunk);
    a.write(Uint8Array.of(3));
    b.write(Uint8Array.of(4));
    expect(await atB.heard(3)).toEqual([1, 2, 3]);
    expect(await atA.heard(1)).toEqual([4]);
    expect(atB.chunks[0]).toBe(chunk);
    expect(atB.chunks.length).toBe(2);
  });

  it('never calls a handler while one is being called', async () => {
    const [a, b] = memoryPair({ delivery });
    let depth = 0;
    let deepest = 0;
    let bounces = 0;
    const done = deferred();
    const bounce = (back: () => void) => () => {
      deepest = Math.max(deepest, ++depth);
      if (++bounces < 10_000) back();
      else done.resolve();
      depth--;
    };
    await a.open(handler(bounce(() => a.write(Uint8Array.of(1)))));
    await b.open(handler(bounce(() => b.write(Uint8Array.of(1)))));
    a.write(Uint8Array.of(1));
    await done.promise;
    expect(deepest).toBe(1);
    expect(bounces).toBe(10_000);
  });

  it('keeps what came before somebody listened', async () => {
    const [a, b] = memoryPair({ delivery });
    await listening(a);
    a.write(Uint8Array.of(1));
    await a.close();
    const heard = await listening(b);
    expect(await heard.heard(1)).toEqual([1]);
    expect(await heard.closed).toBeInstanceOf(LinkError);
  });

  it('tells both ends of a close, once, and is deaf afterwards', async () => {
    const [a, b] = memoryPair({ delivery });
    const [atA, atB] = [await listening(a), await listening(b)];
    b.write(Uint8Array.of(5));
    await a.close();
    a.write(Uint8Array.of(1));
    expect(await atA.closed).toBeUndefined();
    expect(await atB.closed).toBeInstanceOf(LinkError);
    b.write(Uint8Array.of(1));
    await Promise.all([a.close(), b.close()]);
    expect([atA.closings, atB.closings, atB.octets.length]).toEqual([1, 1, 0]);
    await expect(listening(a)).rejects.toThrow(LinkError);
  });

  it('goes on after a handler that throws', async () => {
    const [a, b] = memoryPair({ delivery });
    let heard = 0;
    const done = deferred();
    await b.open(
      handler(() => {
        if (++heard === 3) done.resolve();
      }),
    );
    await a.open(handler(() => {}));
    for (let i = 0; i < 3; i++) a.write(Uint8Array.of(i));
    await done.promise;
    expect(heard).toBe(3);
  });
});

describe('delivery', () => {
  it('is after the task that writes, or before write returns', async () => {
    for (const [delivery, expected] of [
      ['microtask', []],
      ['synchronous', [7]],
    ] as const) {
      const [a, b] = memoryPair({ delivery });
      const heard = await listening(b);
      a.write(Uint8Array.of(7));
      expect(heard.octets).toEqual(expected);
      expect(await heard.heard(1)).toEqual([7]);
    }
  });

  it('reports a handler that throws to whoever writes synchronously, and delivers the rest', async () => {
    const [a, b] = memoryPair({ delivery: 'synchronous' });
    const rest = deferred<number>();
    await a.open(handler(() => {}));
    await b.open(
      handler((chunk) => {
        if (chunk[0] === 0) {
          b.write(Uint8Array.of(9));
          throw new Error('a fault in the handler');
        }
        rest.resolve(chunk[0]!);
      }),
    );
    expect(() => a.write(Uint8Array.of(0))).toThrow('a fault in the handler');
    a.write(Uint8Array.of(1));
    expect(await rest.promise).toBe(1);
  });

  it('opens once', async () => {
    const [a] = memoryPair({ names: ['meter', 'reader'] });
    await listening(a);
    expect(a.name).toBe('meter');
    await expect(listening(a)).rejects.toThrow(StateError);
  });
});
