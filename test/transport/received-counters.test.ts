/** What was received from meters is kept beside the counters of ours, not among them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CounterFile } from '../../src/transport/node-counter-file.js';
import { FileCounterStore } from '../../src/transport/node-counter-store.js';
import { FileReplayGuard } from '../../src/transport/node-replay-guard.js';
import { ModelDisk, PowerCut } from '../support/model-disk.js';

const METER = '4D4D4D0000BC614E/00112233';
const OTHER = '4D4D4D0000BC614F/00112233';
const replay = expect.objectContaining({ reason: 'replay' });

describe('what a process receives', () => {
  test('takes no reservation of another one, and writes none of our counters', () => {
    const disk = new ModelDisk();
    const [a, b] = [new FileCounterStore('/c', { fs: disk.fs }), new FileCounterStore('/c', { fs: disk.fs })];
    const given = [a.next('k')];
    const text = disk.text('/c');
    for (let i = 0; i < 5; i++) {
      b.received.accept(METER, i);
      given.push(a.next('k'));
    }
    expect(given).toEqual([1, 2, 3, 4, 5, 6]);
    expect(disk.text('/c')).toBe(text);
    expect(() => a.received.accept(METER, 4)).toThrow(replay);
  });

  test('is a line at the end of a log, however many meters are known', () => {
    const disk = new ModelDisk();
    const { received } = new FileCounterStore('/c', { fs: disk.fs });
    for (let i = 0; i < 200; i++) received.accept(`METER ${i}/00112233`, 5);
    let written = 0;
    const { writeSync } = disk.fs;
    const counting = {
      ...disk.fs,
      writeSync: (...given: Parameters<typeof writeSync>) => {
        const octets = writeSync(...given);
        written += octets;
        return octets;
      },
    } as typeof disk.fs;
    const next = new FileCounterStore('/c', { fs: counting }).received;
    next.accept('METER 7/00112233', 9);
    // Two lines and the text of the lock.
    expect(written).toBeLessThan(300);
    expect(new FileCounterStore('/c', { fs: disk.fs }).received.lowest('METER 7/00112233')).toBe(10);
  });

  test('does not make the log grow without end', () => {
    const disk = new ModelDisk();
    const { received } = new FileCounterStore('/c', { fs: disk.fs });
    for (let i = 0; i < 2500; i++) received.accept(METER, i);
    expect((disk.text('/c.received.log') as string).split('\n').length).toBeLessThan(1100);
    expect(new FileCounterStore('/c', { fs: disk.fs }).received.lowest(METER)).toBe(2500);
  });
});

describe('what was kept in the counter file before', () => {
  function old(disk: ModelDisk): void {
    const file = new CounterFile('/c', { name: 'x', heading: 'cosem invocation counters 1', damaged: '' }, 0, disk.fs);
    file.write(
      new Map([
        ['k', 7],
        [`\0received ${METER}`, 100],
        ['\0spent 5000/k', 5008],
      ]),
    );
  }

  test('is read on, and taken over once', () => {
    const disk = new ModelDisk();
    old(disk);
    const store = new FileCounterStore('/c', { fs: disk.fs });
    expect(store.received.lowest(METER)).toBe(100);
    expect(() => store.received.accept(METER, 99)).toThrow(replay);
    expect(store.next('k')).toBe(7);
    expect(disk.text('/c')).not.toContain('received');
    expect(disk.text('/c')).toContain('spent');
    const later = new FileCounterStore('/c', { fs: disk.fs }).received;
    expect([...later.entries()]).toEqual([[METER, 100]]);
  });

  test('is not there again when it was forgotten', () => {
    const disk = new ModelDisk();
    old(disk);
    expect(new FileCounterStore('/c', { fs: disk.fs }).received.forget(METER)).toBe(true);
    const store = new FileCounterStore('/c', { fs: disk.fs });
    expect(store.received.lowest(METER)).toBe(0);
    store.next('k');
    expect(new FileCounterStore('/c', { fs: disk.fs }).received.entries().size).toBe(0);
  });

  test('of pushes is read on', () => {
    const disk = new ModelDisk();
    const kind = { name: 'x', heading: 'cosem replay guard 1', damaged: '' };
    new CounterFile('/g', kind, 0, disk.fs).write(new Map([[METER, 100]]));
    const guard = new FileReplayGuard('/g', disk.fs);
    expect(() => guard.accept(METER, 99)).toThrow(replay);
    guard.accept(METER, 100);
    expect(() => new FileReplayGuard('/g', disk.fs).accept(METER, 100)).toThrow(replay);
  });
});

describe('on a disk that loses power', () => {
  test('what was accepted is never accepted again, wherever the power is cut, and the guard always comes back', () => {
    let cuts = 0;
    const life = fc.record({
      calls: fc.array(fc.constantFrom(METER, OTHER, 'forget'), { minLength: 1, maxLength: 8 }),
      cut: fc.integer({ min: 0, max: 70 }),
    });
    fc.assert(
      fc.property(fc.array(life, { minLength: 1, maxLength: 6 }), fc.infiniteStream(fc.nat(2)), (lives, fates) => {
        const disk = new ModelDisk();
        const next: Record<string, number> = { [METER]: 0, [OTHER]: 0 };
        for (const { calls, cut } of lives) {
          const guard = new FileReplayGuard('/g', disk.fs);
          disk.cutAfter(cut);
          try {
            for (const call of calls) {
              if (call === 'forget') guard.forget('nobody');
              else {
                const counter = Math.max(next[call] as number, guard.lowest(call));
                guard.accept(call, counter);
                next[call] = counter + 1;
              }
            }
          } catch (error) {
            if (!(error instanceof PowerCut)) throw error;
            cuts++;
          }
          disk.restart(() => fates.next().value as number);
          const after = new FileReplayGuard('/g', disk.fs);
          for (const [entry, lowest] of Object.entries(next)) {
            expect(after.lowest(entry)).toBeGreaterThanOrEqual(lowest);
          }
        }
      }),
      { numRuns: 500 },
    );
    expect(cuts).toBeGreaterThan(300);
  });

  test('a torn last line never was, and nothing is written behind it', () => {
    const disk = new ModelDisk();
    const guard = new FileReplayGuard('/g', disk.fs);
    for (const counter of [5, 6, 7]) guard.accept(METER, counter);
    const log = disk.text('/g.log') as string;
    for (const name of ['/g.log', '/g.log.copy']) disk.put(name, log.slice(0, -9));
    const next = new FileReplayGuard('/g', disk.fs);
    expect(next.lowest(METER)).toBe(7);
    next.accept(METER, 9);
    expect(new FileReplayGuard('/g', disk.fs).lowest(METER)).toBe(10);
  });

  test.each(['/g.log', '/g.log.copy'])('a line of %s that is damaged elsewhere is an error with words', (name) => {
    const disk = new ModelDisk();
    const guard = new FileReplayGuard('/g', disk.fs);
    for (const counter of [5, 6, 7]) guard.accept(METER, counter);
    disk.put(name, (disk.text(name) as string).replace('7', '6'));
    expect(() => new FileReplayGuard('/g', disk.fs).lowest(METER)).toThrow(`the log ${name} of the replay guard file`);
  });

  test.each(['/g', '/g.copy', '/g.log', '/g.log.copy'])('nothing goes back when %s is removed or set back', (name) => {
    const disk = new ModelDisk();
    const guard = new FileReplayGuard('/g', disk.fs);
    guard.accept(METER, 5);
    guard.accept(METER, 6);
    const old = disk.text(name) as string;
    guard.accept(METER, 7);
    disk.remove(name);
    expect([guard.lowest(METER), new FileReplayGuard('/g', disk.fs).lowest(METER)]).toEqual([8, 8]);
    disk.put(name, old);
    expect([guard.lowest(METER), new FileReplayGuard('/g', disk.fs).lowest(METER)]).toEqual([8, 8]);
    expect(() => guard.accept(METER, 7)).toThrow(replay);
    guard.accept(METER, 8);
    expect(new FileReplayGuard('/g', disk.fs).lowest(METER)).toBe(9);
  });

  test('what one process forgets, another one that runs forgets too', () => {
    const disk = new ModelDisk();
    const [one, other] = [new FileReplayGuard('/g', disk.fs), new FileReplayGuard('/g', disk.fs)];
    one.accept(METER, 5);
    one.accept(OTHER, 5);
    one.accept(METER, 6);
    expect([other.lowest(METER), other.forget(METER), other.forget(METER)]).toEqual([7, true, false]);
    expect([one.lowest(METER), one.lowest(OTHER)]).toEqual([0, 6]);
    one.accept(METER, 1);
    expect(other.lowest(METER)).toBe(2);
  });

  test('on a full disk nothing is accepted, and all is well when there is room again', () => {
    for (let at = 0; at < 40; at++) {
      const disk = new ModelDisk();
      const guard = new FileReplayGuard('/g', disk.fs);
      guard.accept(METER, 5);
      disk.fullAfter(at);
      let accepted = 6;
      try {
        for (; accepted < 12; accepted++) guard.accept(METER, accepted);
      } catch (error) {
        expect(error).toMatchObject({ code: 'state' });
      }
      disk.makeRoom();
      for (const some of [guard, new FileReplayGuard('/g', disk.fs)]) {
        expect(some.lowest(METER)).toBeGreaterThanOrEqual(accepted);
      }
      guard.accept(METER, 100);
      expect(new FileReplayGuard('/g', disk.fs).lowest(METER)).toBe(101);
    }
  });
});
