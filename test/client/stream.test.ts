import { describe, expect, it } from 'vitest';
import { Stream } from '../../src/client/stream.js';

describe('a stream', () => {
  it('answers everybody who asks before something comes, in the order they asked', async () => {
    const stream = new Stream<number>();
    const asked = [stream.next(), stream.next(), stream.next()];
    stream.push(1);
    stream.push(2);
    stream.end();
    expect(await Promise.all(asked)).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: true, value: undefined },
    ]);
  });

  it('throws its error once, to who asked first', async () => {
    const stream = new Stream<number>();
    const asked = [stream.next(), stream.next()];
    stream.end(new Error('broken'));
    expect(await Promise.allSettled([...asked, stream.next()])).toMatchObject([
      { status: 'rejected', reason: { message: 'broken' } },
      { status: 'fulfilled', value: { done: true } },
      { status: 'fulfilled', value: { done: true } },
    ]);
  });

  it('is left by who reads while others wait', async () => {
    let ended = 0;
    const stream = new Stream<number>({ onEnd: () => void ended++ });
    const waiting = [stream.next(), stream.next()];
    expect((await stream.return()).done).toBe(true);
    expect((await Promise.all(waiting)).map(({ done }) => done)).toEqual([true, true]);
    stream.push(1);
    expect((await stream.next()).done).toBe(true);
    expect(ended).toBe(1);
  });
});
