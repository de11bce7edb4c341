/** Two virtual meters of one house, read one after the other and compared: by an order, with a signed record. */

import { afterEach, describe, expect, test } from 'vitest';
import { createMeter, openOptionsOf, VirtualLine, type VirtualMeter } from '../../../simulator/index.js';
import { open } from '../../../src/index.js';
import { nodeCrypto } from '../../../src/transport/node-crypto.js';
import { certificatePage, recordSummary } from '../src/certificate/page.js';
import { ClientMeterPort } from '../src/client-meter-port.js';
import { alignLoads } from '../src/comparison/align.js';
import { judged } from '../src/comparison/judge.js';
import { MeterComparisonVisit } from '../src/comparison/visit.js';
import type { Break, Hours } from '../src/index.js';
import { sentence } from '../src/messages.js';
import type { BlockLoad, MeterPort } from '../src/meter-port.js';
import { Outbox } from '../src/outbox.js';
import { RecordChain } from '../src/record/chain.js';
import { verifyRecord } from '../src/record/record.js';
import type { Certificate } from '../src/record/record-base.js';
import { type MeterComparisonOrder, parseWorkOrder } from '../src/work-order.js';
import { Bench, orderJson, SERIAL } from './bench.js';
import { pulledAt } from './faulty-port.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CHECK = '20000099';
const benches: House[] = [];
afterEach(() => {
  for (const house of benches.splice(0)) house.dispose();
});

/** A house with the consumer's meter and a check meter behind it. */
class House {
  readonly bench = new Bench();
  readonly check = createMeter('is15959-1ph', {
    clock: this.bench.clock,
    seed: 7,
    serial: CHECK,
    crypto: nodeCrypto,
  });

  constructor() {
    benches.push(this);
  }

  get tested() {
    return this.bench.meter;
  }

  at<T>(meter: VirtualMeter, work: (port: MeterPort) => Promise<T>): Promise<T> {
    const { clock } = this.bench;
    const doing = async () => {
      const line = new VirtualLine(clock, { baudRate: 57_600 });
      await meter.attach(line.b, { framing: 'hdlc' });
      const client = await open(line.a, { ...openOptionsOf(meter, 'utility'), clock, crypto: nodeCrypto });
      try {
        return await work(new ClientMeterPort(client, 'is15959/D1'));
      } finally {
        await client.close();
      }
    };
    return clock.run(doing());
  }

  /** The next run of the program. */
  visit(more: Record<string, unknown> = {}): MeterComparisonVisit {
    const { bench } = this;
    const { network: _, position: __, oldMeter: ___, newMeter: ____, sanctionedLoad: _____, ...base } = orderJson();
    const keys = base.keys;
    const json = {
      ...base,
      id: 'CM-1',
      kind: 'meter-comparison',
      meter: { serial: SERIAL, profile: 'is15959/D1', accuracy: '1' },
      checkMeter: { serial: CHECK, profile: 'is15959/D1', accuracy: '0.5S', keys },
      hours: 72,
      ...more,
    };
    const order = parseWorkOrder(JSON.stringify(json), 'a.json').order as MeterComparisonOrder;
    return new MeterComparisonVisit({
      order,
      policy: bench.policy,
      clock: bench.clock,
      journal: bench.disk.file(`journal-${order.id}`),
      random: bench.random,
      keyOwner: 'R. Sharma',
      signing: {
        signer: bench.signer,
        chain: new RecordChain(bench.disk.file('records')),
        outbox: new Outbox(bench.disk.file('outbox'), bench.clock),
        random: bench.random,
      },
    });
  }

  /** Reads both and compares. */
  async compared(
    visit = this.visit(),
    confirm: (longest: Hours, breaks: readonly Break[]) => Promise<boolean> = async () => false,
  ) {
    const tested = await this.at(this.tested, (port) => visit.testedLoad(port));
    if (!tested.ok) return tested;
    const check = await this.at(this.check, (port) => visit.checkLoad(port));
    if (!check.ok) return check;
    return visit.compare({ classes: { tested: '1', check: '0.5S' }, confirm });
  }

  dispose(): void {
    this.tested.stop();
    this.check.stop();
    this.bench.dispose();
  }
}

async function signed(visit: MeterComparisonVisit): Promise<Certificate> {
  const made: Certificate[] = [];
  const result = await visit.certificate(async (certificate) => {
    made.push(certificate);
  });
  expect(result.ok).toBe(true);
  return made[0] as Certificate;
}

function evidenceOf<T>(
  result: { readonly ok: true; readonly evidence: T } | { readonly ok: false; readonly refusal: object },
): T {
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return result.evidence;
}

function refusalOf(result: Awaited<ReturnType<House['compared']>>) {
  if (result.ok) throw new Error('it was not refused');
  return result.refusal;
}

describe('two meters of one house', () => {
  test('that count alike agree, and the record says so in both languages', async () => {
    const house = new House();
    house.bench.clock.advance(4 * DAY);
    const visit = house.visit();
    const found = evidenceOf(await house.compared(visit));
    expect(found).toMatchObject({
      verdict: 'within',
      difference: '0.0000',
      clocks: 0,
      from: '2026-11-24 10:30:00',
      to: '2026-11-27 10:30:00',
      leftOut: [],
      clockLogs: true,
    });
    expect(found).toMatchObject({ tested: { blocks: 144 }, check: { blocks: 144 } });
    const certificate = await signed(visit);
    const verdict = verifyRecord(certificate, house.bench.trusted);
    expect(verdict.verdict).toBe('valid');
    const page = JSON.stringify(certificatePage(certificate));
    expect(page).toContain('24-11-2026 10:30:00 to 27-11-2026 10:30:00');
    expect(page).toContain('Both meters agree within their accuracy classes');
    expect(page).toContain('दोनों मीटर अपनी शुद्धता श्रेणियों के भीतर मेल खाते हैं');
    expect(page).not.toMatch(/undefined|\[object|\?\?|\{\w+\}/);
    if (verdict.verdict === 'valid') {
      const rows = recordSummary(verdict.content).map(({ label, value }) =>
        [label.en, JSON.stringify(value)].join(' '),
      );
      expect(rows).toEqual(expect.arrayContaining([expect.stringContaining(`${CHECK}, class 0.5S`)]));
    }
    expect(house.visit().next).toBeUndefined();
  });

  test('of which one runs 3 % fast differ by 3 % and are outside', async () => {
    const house = new House();
    house.tested.controls.current(103, undefined);
    house.bench.clock.advance(4 * DAY);
    const found = evidenceOf(await house.compared());
    expect(Number(found.difference)).toBeCloseTo(3, 1);
    expect(found.verdict).toBe('outside');
  });

  test('of which one counts too little have no verdict', async () => {
    const house = new House();
    for (const meter of [house.tested, house.check]) meter.controls.household(false);
    for (const meter of [house.tested, house.check]) meter.controls.appliance('lamp', 5, undefined);
    house.bench.clock.advance(4 * DAY);
    expect(evidenceOf(await house.compared())).toMatchObject({ verdict: 'too-little', difference: '0.0000' });
  });

  test('whose clocks are some minutes apart are compared by their own times, and the difference is told', async () => {
    const house = new House();
    house.tested.controls.clock({ by: 120_000 });
    house.bench.clock.advance(5 * DAY);
    const found = evidenceOf(await house.compared());
    expect(found.clocks).toBe(120);
    expect(found.to).toBe('2026-11-28 10:30:00');
    expect(Math.abs(Number(found.difference))).toBeLessThan(0.5);
  });

  test('whose clocks are hours apart are refused with the duration', async () => {
    const house = new House();
    house.tested.controls.clock({ by: 2 * HOUR });
    house.bench.clock.advance(5 * DAY);
    const refusal = refusalOf(await house.compared());
    expect(refusal.code).toBe('compare-clocks-apart');
    expect(sentence(refusal, 'en')).toContain('2 h 0 min apart');
    expect(sentence(refusal, 'hi')).toContain('2 घंटे 0 मिनट');
  });

  test('of which one was set within the hours are refused, and compared since then when somebody says Yes', async () => {
    const house = new House();
    house.bench.clock.advance(2 * DAY);
    house.check.controls.clock({ by: 40_000 });
    await house.at(house.check, async (port) => port.setTime((await port.time()).with({ second: 0 })));
    house.bench.clock.advance(2 * DAY);
    const refused = refusalOf(await house.compared());
    expect(refused.code).toBe('compare-broken');
    expect(sentence(refused, 'en')).toContain('the clock of the check meter was set');
    const asked: [Hours, readonly Break[]][] = [];
    const found = evidenceOf(
      await house.compared(house.visit(), async (...about) => {
        asked.push(about);
        return true;
      }),
    );
    expect(asked).toMatchObject([[{}, [{ meter: 'check', why: 'clock-set' }]]]);
    expect(found).toMatchObject({ from: '2026-11-25 11:00:00', leftOut: [{ meter: 'check', why: 'clock-set' }] });
    const certificate = await signed(house.visit());
    expect(JSON.stringify(certificatePage(certificate))).toContain('the clock of the check meter was set');
  });

  test('in the wrong order are told apart', async () => {
    const house = new House();
    house.bench.clock.advance(DAY);
    const visit = house.visit();
    const first = await house.at(house.check, (port) => visit.testedLoad(port));
    expect(first).toMatchObject({
      refusal: { code: 'compare-check-first', params: { serial: CHECK, expected: SERIAL } },
    });
    expect((await house.at(house.tested, (port) => visit.testedLoad(port))).ok).toBe(true);
    const still = await house.at(house.tested, (port) => visit.checkLoad(port));
    expect(still).toMatchObject({ refusal: { code: 'compare-still-tested' } });
    const third = createMeter('is15959-1ph', {
      clock: house.bench.clock,
      seed: 9,
      serial: '30000001',
      crypto: nodeCrypto,
    });
    const strange = await house.at(third, (port) => visit.checkLoad(port));
    third.stop();
    expect(strange).toMatchObject({
      refusal: { code: 'wrong-meter', params: { serial: '30000001', expected: CHECK } },
    });
  });

  test('that are one and the same in the order are refused', async () => {
    const house = new House();
    const visit = house.visit({ checkMeter: { serial: SERIAL, profile: 'is15959/D1', keys: orderJson().keys } });
    const refused = await house.at(house.tested, (port) => visit.testedLoad(port));
    expect(refused).toMatchObject({ refusal: { code: 'compare-same-meter' } });
  });

  test('a probe that is pulled loses nothing: the next run goes on with the other meter', async () => {
    const house = new House();
    house.bench.clock.advance(4 * DAY);
    const visit = house.visit();
    expect((await house.at(house.tested, (port) => visit.testedLoad(port))).ok).toBe(true);
    const pulled = await house.at(house.check, (port) => visit.checkLoad(pulledAt(port, 2, true)));
    expect(pulled).toMatchObject({ ok: false, refusal: { code: 'probe-lost' } });
    const again = house.visit();
    expect(again.next).toBe('check-load');
    expect(evidenceOf(await house.compared(again)).verdict).toBe('within');
  });
});

// ---- the hours

const T0 = Date.UTC(2026, 10, 23, 0, 0, 0);
const MINUTES = 30;
function load(from: number, count: number, more: Partial<BlockLoad> = {}): BlockLoad {
  const blocks = Array.from({ length: count }, (_, i) => ({
    end: T0 + (from + i + 1) * MINUTES * 60_000,
    counts: '1000',
  }));
  return {
    time: T0 + (from + count) * MINUTES * 60_000,
    period: MINUTES * 60,
    scaler: 0,
    blocks,
    clockSet: [],
    ...more,
  };
}
const edge = (block: number) => T0 + block * MINUTES * 60_000;

describe('the hours of two load profiles', () => {
  test('are those that both have', () => {
    expect(alignLoads(load(0, 10), load(4, 10))).toEqual({
      common: { from: edge(4), to: edge(10) },
      breaks: [],
      longest: { from: edge(4), to: edge(10) },
    });
    expect(alignLoads(load(0, 4), load(4, 10)).common).toBeUndefined();
  });

  test('with missing rows, rows twice, rows without energy and doubtful rows are told, and the longest rest is found', () => {
    const whole = load(0, 20);
    const without = { ...whole, blocks: whole.blocks.filter((_, i) => i !== 4 && i !== 5) };
    expect(alignLoads(whole, without)).toEqual({
      common: { from: edge(0), to: edge(20) },
      breaks: [{ meter: 'check', why: 'missing', from: edge(4), to: edge(6) }],
      longest: { from: edge(6), to: edge(20) },
    });
    const of = (change: object, at = 3) => ({
      ...whole,
      blocks: whole.blocks.map((block, i) => (i === at ? { ...block, ...change } : block)),
    });
    const why = (tested: BlockLoad) => alignLoads(tested, whole).breaks.map((found) => found.why);
    expect(why({ ...whole, blocks: [...whole.blocks, whole.blocks[3]!] })).toEqual(['twice']);
    expect(why(of({ counts: undefined }))).toEqual(['no-energy']);
    expect(why(of({ counts: '-5' }))).toEqual(['no-energy']);
    expect(why(of({ doubtful: true }))).toEqual(['doubtful']);
    expect(why({ ...whole, clockSet: [edge(3) + 1000] })).toEqual(['clock-set']);
    expect(alignLoads({ ...whole, clockSet: [edge(3) + 1000] }, whole).longest).toEqual({
      from: edge(4),
      to: edge(20),
    });
    expect(why({ ...whole, clockSet: [edge(-3)] })).toEqual([]);
  });

  test('of other periods meet at the edges of the longer one', () => {
    const quarter = {
      ...load(0, 0),
      period: 900,
      blocks: Array.from({ length: 21 }, (_, i) => ({ end: T0 + (i + 1) * 900_000, counts: '500' })),
    };
    expect(alignLoads(quarter, load(1, 12)).common).toEqual({ from: edge(1), to: edge(10) });
    expect(alignLoads({ ...quarter, period: 1000 }, load(1, 12)).common).toBeUndefined();
  });

  test('have a verdict only where clocks and roundings cannot turn it', () => {
    const clocked = (counts: string, ahead = 0) => ({
      ...load(0, 48, { blocks: load(0, 48).blocks.map((block) => ({ ...block, counts })) }),
      ahead,
    });
    const verdict = (tested: string, check: string, apart = 0, accuracy: '1' | '2' = '1') =>
      judged(
        clocked(tested, apart),
        clocked(check),
        { from: edge(0), to: edge(48) },
        { tested: accuracy, check: '0.5S' },
      ).verdict;
    expect(verdict('10000', '10000')).toBe('within');
    expect(verdict('10300', '10000')).toBe('outside');
    expect(verdict('9700', '10000')).toBe('outside');
    expect(verdict('10300', '10000', 0, '2')).toBe('outside');
    expect(verdict('10240', '10000', 0, '2')).toBe('within');
    // 1.5 % is allowed; ten minutes at both edges of a day are 1.4 %.
    expect(verdict('10000', '10000', 600)).toBe('within');
    expect(verdict('10050', '10000', 600)).toBe('too-little');
    expect(verdict('10200', '10000', 600)).toBe('too-little');
    // Rows of two counts: their roundings are 8 of 96.
    expect(verdict('2', '2')).toBe('too-little');
  });
});
