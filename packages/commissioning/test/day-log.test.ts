import { expect, test } from 'vitest';
import { dayOf } from '../src/day.js';
import { DayLog, dayOrders } from '../src/day-log.js';
import { defaultPolicy } from '../src/policy.js';
import { RefusedError } from '../src/refused.js';
import { orderJson, START } from './bench.js';
import { MemoryDisk } from './memory-file.js';

const entries = dayOf([{ name: 'WO-1.json', text: JSON.stringify(orderJson()) }], () => new MemoryDisk().file('none'));

test('what was put off is put off until it is taken up or worked on, also after a power cut', () => {
  const disk = new MemoryDisk();
  const log = new DayLog(disk.file('day'));
  const status = (last?: number) => {
    const times = last === undefined ? undefined : { begun: last, last };
    return dayOrders(entries, new DayLog(disk.file('day')), () => times)[0]?.status;
  };
  expect(status()).toBe('open');
  log.postpone('WO-1', 'house-locked', '', START, defaultPolicy);
  expect(status()).toBe('postponed');
  expect(status(START - 1)).toBe('postponed');
  // Somebody worked on it by cosem commission.
  expect(status(START + 1)).toBe('open');
  log.append({ type: 'taken-up', at: START + 10, order: 'WO-1' });
  expect(status()).toBe('open');
  log.append({ type: 'left', at: START + 20, order: 'WO-1', done: false });
  expect(status()).toBe('open');
  log.postpone('WO-1', 'unsafe', ' wet  wall ', START + 30, defaultPolicy);
  expect(log.postponed('WO-1')).toMatchObject({ reason: 'unsafe', note: 'wet wall' });
});

test('a reason of ones own needs words', () => {
  const log = new DayLog(new MemoryDisk().file('day'));
  expect(() => log.postpone('WO-1', 'other', 'no', START, defaultPolicy)).toThrow(RefusedError);
  expect(log.events).toEqual([]);
});
