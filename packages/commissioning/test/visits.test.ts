import { expect, test } from 'vitest';
import { AppendLog } from '../src/append-log.js';
import { dayOf } from '../src/day.js';
import { DocumentError } from '../src/document.js';
import { Journal, type JournalEntry } from '../src/journal.js';
import { say, stepTitle } from '../src/messages.js';
import { STEPS, STEPS_OF, stepName } from '../src/steps.js';
import { COMMAND_OF, meterOf, parseWorkOrder, workOrderDigest } from '../src/work-order.js';
import { orderJson, orderOf } from './bench.js';
import { MemoryDisk } from './memory-file.js';

const METER = { serial: '10000042', profile: 'is15959/D1' };
const KEYS = { config: 'meters.json', connection: 'utility' };

/** An order of a kind, without what only installations have. */
function jsonOf(kind: string, more: Record<string, unknown>): Record<string, unknown> {
  const {
    network: _,
    position: __,
    oldMeter: ___,
    newMeter: ____,
    keys: _____,
    sanctionedLoad: ______,
    ...base
  } = orderJson();
  return { ...base, id: `${kind}-1`, kind, ...more };
}

const ORDERS = [
  orderJson(),
  jsonOf('survey', { sanctionedLoad: 2000, network: { feeder: 'F-11' } }),
  jsonOf('reconnection', { meter: METER, keys: KEYS, reconnect: { close: 'own-credit', reason: 'recharged today' } }),
  jsonOf('payment-mode', { meter: METER, keys: KEYS, to: 'postpaid' }),
  jsonOf('meter-comparison', {
    meter: METER,
    keys: KEYS,
    checkMeter: { serial: 'CHECK-1', profile: 'is15959/D1', keys: { ...KEYS, connection: 'check' } },
  }),
];
const parsed = (json: object) => parseWorkOrder(JSON.stringify(json), 'a.json').order;

test('an order without a kind is an installation, and its digest is what it was before there were kinds', () => {
  expect(parsed(orderJson())).toEqual(parsed({ ...orderJson(), kind: 'installation' }));
  const { kind: _, ...before } = orderOf();
  expect(workOrderDigest(orderOf())).toBe(workOrderDigest(before as never));
  expect(workOrderDigest(parsed(ORDERS[1]!))).not.toBe(workOrderDigest({ ...parsed(ORDERS[1]!), kind: 'x' } as never));
});

test('each kind says what it needs, and nothing of another', () => {
  expect(ORDERS.map((json) => parsed(json).kind)).toEqual(Object.keys(COMMAND_OF));
  expect(ORDERS.map((json) => meterOf(parsed(json)))).toEqual([
    METER.serial,
    undefined,
    METER.serial,
    METER.serial,
    METER.serial,
  ]);
  const wrong: [object, string][] = [
    [{ ...ORDERS[1], keys: KEYS }, 'keys is not known'],
    [{ ...ORDERS[2], otp: {} }, 'otp is not known'],
    [{ ...ORDERS[2], reconnect: { close: 'always' } }, 'reconnect.close is not one of the allowed values'],
    [{ ...ORDERS[3], to: 'free' }, 'to is not one of the allowed values'],
    [{ ...orderJson(), kind: 'visit' }, 'kind is no kind of work order: write one of installation, survey'],
  ];
  for (const [json, message] of wrong) {
    expect(() => parsed(json)).toThrow(DocumentError);
    expect(() => parsed(json)).toThrow(message);
  }
});

test("the day's list has orders of every kind, each with its own steps", () => {
  const disk = new MemoryDisk();
  const files = ORDERS.map((json, i) => ({ name: `${i}.json`, text: JSON.stringify(json) }));
  const day = () =>
    dayOf(files, (id) => disk.file(id)).map((entry) =>
      entry.status === 'unreadable' ? entry : [entry.order.kind, entry.steps, entry.stepsDone, entry.status],
    );
  expect(day()).toEqual(Object.entries(STEPS_OF).map(([kind, steps]) => [kind, steps.length, 0, 'open']));
  for (const [kind, steps] of Object.entries(STEPS_OF)) {
    for (const step of steps) {
      for (const language of ['en', 'hi'] as const)
        expect(stepTitle(stepName(kind as 'survey', step), language)).toMatch(/^\d+ \S/);
    }
    expect(say('hi', `kind-${kind}` as 'kind-survey')).not.toMatch(/[a-z]/);
  }
  const journal = new Journal<Record<string, unknown>>(disk.file('survey-1'), STEPS_OF.survey);
  for (const step of STEPS_OF.survey) journal.append({ type: 'done', at: 1, step, evidence: {} });
  expect(day()[1]).toEqual(['survey', STEPS_OF.survey.length, STEPS_OF.survey.length, 'done']);
});

test('a journal of other steps resumes as that of an installation, and one written before is read as it is', () => {
  interface Visit {
    readonly look: { readonly seen: number };
    readonly certificate: { readonly hash: string };
  }
  const disk = new MemoryDisk();
  const steps = ['look', 'certificate'] as const;
  const journal = new Journal<Visit, { readonly action: 'press'; readonly times: number }>(disk.file('a'), steps);
  journal.append({ type: 'begun', at: 1, step: 'look', intent: { action: 'press', times: 3 } });
  const again = () => new Journal<Visit, { readonly action: 'press'; readonly times: number }>(disk.file('a'), steps);
  expect(again().pending('look', 'press')).toEqual({ action: 'press', times: 3 });
  journal.append({ type: 'done', at: 2, step: 'look', evidence: { seen: 4 } });
  expect(again().pending('look', 'press')).toBeUndefined();
  expect(again().evidence('look')?.seen).toBe(4);
  expect(again().next).toBe('certificate');

  const log = new AppendLog<JournalEntry>(disk.file('old'));
  log.append({ type: 'opened', at: 1, workOrder: 'WO-1', digest: 'd', session: 's' });
  log.append({ type: 'begun', at: 2, step: 'consumer', intent: { action: 'verify', key: 'k', counted: true } });
  const old = new Journal(disk.file('old'), STEPS);
  expect(old.counted).toEqual({ asked: true, wrong: 0 });
  expect(old.pending('consumer', 'verify')?.key).toBe('k');
});
