import { expect, test } from 'vitest';
import { StateError } from '../../src/base/errors.js';
import { MemoryReplayGuard } from '../../src/security/replay.js';
import { KeptReceiveCounter } from '../../src/session/kept-received.js';

const METER = '4D4D4D0000BC614E/00112233';

/** A guard that counts what is written down. */
class Counted extends MemoryReplayGuard {
  writes = 0;

  override accept(entry: string, counter: number): void {
    this.writes++;
    super.accept(entry, counter);
  }
}

function take(guard: KeptReceiveCounter, counter: number): void {
  guard.accept(counter);
  guard.proved(counter);
}

test('the first message that a tag proved is written down at once, then one in 64, and in the end the last', () => {
  const kept = new Counted();
  const guard = new KeptReceiveCounter(kept, METER);
  take(guard, 100);
  expect([kept.writes, kept.lowest(METER)]).toEqual([1, 101]);
  for (let counter = 101; counter < 164; counter++) take(guard, counter);
  expect(kept.writes).toBe(1);
  take(guard, 164);
  expect([kept.writes, kept.lowest(METER)]).toEqual([2, 165]);
  take(guard, 165);
  guard.settle();
  guard.settle();
  expect([kept.writes, kept.lowest(METER)]).toEqual([3, 166]);
  const next = new KeptReceiveCounter(kept, METER);
  expect(() => next.check(165)).toThrow('went back: 165 came, and 165 was received from it in an earlier session');
  // The first of the next association is written down at once again, however near it lies.
  take(next, 170);
  expect(kept.lowest(METER)).toBe(171);
});

test('without an answer to an AARQ each message is', () => {
  const kept = new Counted();
  const guard = new KeptReceiveCounter(kept, METER, 0, 1);
  for (const counter of [5, 6, 9]) {
    take(guard, counter);
    expect(kept.lowest(METER)).toBe(counter + 1);
  }
});

test('what was merely encrypted moves nothing that is kept: anybody may have changed its counter', () => {
  const kept = new Counted();
  const guard = new KeptReceiveCounter(kept, METER);
  guard.accept(0xffff_fff0);
  guard.settle();
  expect(kept.lowest(METER)).toBe(0);
  // Nor by a message with a tag that comes after it.
  guard.accept(0xffff_fff1);
  guard.proved(7);
  expect(kept.lowest(METER)).toBe(8);
});

test('what cannot be kept is not believed; in the end it is let be', () => {
  const full = new MemoryReplayGuard();
  full.accept = () => {
    throw new StateError('the disk is full');
  };
  const guard = new KeptReceiveCounter(full, METER);
  expect(() => take(guard, 1)).toThrow('the disk is full');
  expect(() => guard.settle()).not.toThrow();
});
