/** Reconnection and payment mode: what is closed and what never is, once and with proof, whatever is pulled when. */

import { afterEach, describe, expect, test } from 'vitest';
import { LinkError } from '../../../src/base/errors.js';
import type { Meter } from '../../../src/index.js';
import { certificatePage, recordSummary } from '../src/certificate/page.js';
import { say, sentence } from '../src/messages.js';
import type { MeterPort } from '../src/meter-port.js';
import { Outbox } from '../src/outbox.js';
import { PaymentModeVisit } from '../src/payment-mode/visit.js';
import { ReconnectionVisit } from '../src/reconnection/visit.js';
import { RecordChain } from '../src/record/chain.js';
import { verifyRecord } from '../src/record/record.js';
import type { Certificate } from '../src/record/record-base.js';
import { type PaymentModeOrder, parseWorkOrder, type ReconnectionOrder } from '../src/work-order.js';
import { Bench, orderJson, SERIAL } from './bench.js';
import { pulledAt } from './faulty-port.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const benches: Bench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) {
    bench.meter.stop();
    bench.dispose();
  }
});

function benched(): Bench {
  const bench = new Bench();
  benches.push(bench);
  return bench;
}

function orderOf<O>(id: string, more: Record<string, unknown>): O {
  const { network: _, position: __, oldMeter: ___, newMeter: ____, sanctionedLoad: _____, ...base } = orderJson();
  const json = { ...base, id, meter: { serial: SERIAL, profile: 'is15959/D1' }, ...more };
  return parseWorkOrder(JSON.stringify(json), 'a.json').order as O;
}
const reconnection = (reconnect: Record<string, unknown> = { close: 'own-credit' }, more = {}) =>
  orderOf<ReconnectionOrder>('RC-1', { kind: 'reconnection', reconnect, ...more });
const paymentMode = (to: string) => orderOf<PaymentModeOrder>('PM-1', { kind: 'payment-mode', to });

/** The next run of the program. */
function parts<O>(bench: Bench, order: O & { readonly id: string }) {
  return {
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
  };
}
const visitOf = (bench: Bench, order = reconnection()) => new ReconnectionVisit(parts(bench, order));
const modeVisit = (bench: Bench, order: PaymentModeOrder) => new PaymentModeVisit(parts(bench, order));

/** A house that was cut by order in a control mode and recharged an hour later. */
async function rechargedHouse(mode = 4, more: (meter: Meter) => Promise<unknown> = async () => {}): Promise<Bench> {
  const bench = benched();
  await bench.withMeter(async (_, meter) => {
    await meter.set(meter.disconnectControl().controlMode, mode);
    await meter.relay().disconnect();
    await more(meter);
  });
  bench.clock.advance(HOUR);
  bench.meter.controls.recharge(50_000);
  bench.clock.advance(MINUTE);
  return bench;
}

const YES = { confirm: async () => true };

async function lookAndAct(
  bench: Bench,
  order = reconnection(),
  options: Parameters<ReconnectionVisit['reconnect']>[1] = YES,
) {
  const visit = visitOf(bench, order);
  const looked = await bench.withMeter((port) => visit.diagnosis(port));
  if (!looked.ok) throw new Error(JSON.stringify(looked.refusal));
  const acted = await bench.withMeter((port) => visit.reconnect(port, options));
  return { visit, looked: looked.evidence, acted };
}

/** Closings in the meter's own log, as the meter has them. */
const closings = (bench: Bench) =>
  bench.withMeter(async (port) => (await port.switchings())!.filter(({ code }) => code === 302).length);

async function signed<C extends Certificate>(visit: {
  certificate(write: (made: C) => Promise<void>): Promise<{ readonly ok: boolean }>;
}): Promise<C> {
  const made: C[] = [];
  const result = await visit.certificate(async (certificate) => {
    made.push(certificate);
  });
  expect(result.ok).toBe(true);
  return made[0]!;
}

describe('reconnection', () => {
  test('closes where the credit of the meter allows it, reads it back, and signs what was seen', async () => {
    const bench = await rechargedHouse();
    const before = await closings(bench);
    const { visit, looked, acted } = await lookAndAct(bench);
    expect(looked.verdict.id).toBe('recharged-not-closed');
    const evidence = acted.ok ? acted.evidence : undefined;
    expect(evidence).toMatchObject({ outcome: 'closed', closed: { by: 'meter' }, resumed: false });
    expect(await closings(bench)).toBe(before + 1);
    const certificate = await signed(visit);
    const verdict = verifyRecord(certificate, bench.trusted);
    expect(verdict.verdict).toBe('valid');
    const page = JSON.stringify(certificatePage(certificate));
    expect(page).toContain('The recharge reached the meter at 23-11-2026 11:30:');
    expect(page).toContain('relay closed, read back from the meter');
    expect(page).toContain('रिले जोड़ी गई, मीटर से पढ़कर देखा');
    expect(page).not.toMatch(/undefined|\[object|\?\?/);
    if (verdict.verdict === 'valid') {
      expect(recordSummary(verdict.content).map(({ label }) => label.en)).toContain('Verdict');
    }
    expect(visitOf(bench).next).toBeUndefined();
  });

  test.each([
    [6, 'closed', false],
    [3, 'ready', false],
    [3, 'closed', true],
  ] as const)('in control mode %d the order makes it ready: %s, button pressed %s', async (mode, outcome, press) => {
    const bench = await rechargedHouse(mode);
    let told = 0;
    const { acted, visit } = await lookAndAct(bench, reconnection(), {
      ...YES,
      onButton: () => {
        told++;
        if (press) bench.meter.pressButton();
      },
    });
    expect(acted).toMatchObject({ ok: true, evidence: { outcome } });
    expect(told).toBe(1);
    const page = JSON.stringify(certificatePage(await signed(visit)));
    expect(page.includes('no supply yet')).toBe(outcome === 'ready');
  });

  const tampered = (bench: Bench) => {
    bench.meter.controls.magnet(true);
    bench.clock.advance(2 * MINUTE);
  };
  const LEFT: readonly {
    readonly why: string;
    readonly order?: ReconnectionOrder;
    readonly make?: (bench: Bench) => void;
    readonly more?: (meter: Meter) => Promise<unknown>;
    readonly confirm?: boolean;
  }[] = [
    { why: 'tampered', make: tampered },
    { why: 'tampered', make: tampered, order: reconnection({ close: 'ordered' }) },
    { why: 'only-to-find-out', order: reconnection({ close: 'never' }) },
    { why: 'outside-hours', order: reconnection({ close: 'ordered', hours: { from: '07:00', to: '11:00' } }) },
    { why: 'declined', confirm: false },
  ];

  test.each(LEFT)('closes nothing: $why', async ({ why, order, make, more, confirm = true }) => {
    const bench = await rechargedHouse(4, more);
    make?.(bench);
    const before = await closings(bench);
    let asked = 0;
    const { acted, visit } = await lookAndAct(bench, order, {
      confirm: async () => {
        asked++;
        return confirm;
      },
    });
    expect(acted).toMatchObject({ ok: true, evidence: { outcome: 'left', why: [why] } });
    expect(asked).toBe(why === 'declined' ? 1 : 0);
    expect(await closings(bench)).toBe(before);
    const page = JSON.stringify(certificatePage(await signed(visit)));
    expect(page).toContain('nothing was closed');
    expect(page).not.toMatch(/not known\)|undefined/);
  });

  test('without credit not even an order of the utility closes, and without a recharge not the credit', async () => {
    for (const [close, paise, why] of [
      ['ordered', -5000, 'no-credit'],
      ['own-credit', 5000, 'no-own-credit'],
    ] as const) {
      const bench = benched();
      await bench.withMeter(async (_, meter) => {
        await meter.set(meter.disconnectControl().controlMode, 4);
        await meter.set(meter.data('0.0.94.96.24.255').value, { type: 'double-long', value: paise });
        await meter.relay().disconnect();
      });
      const { acted } = await lookAndAct(bench, reconnection({ close }));
      expect(acted).toMatchObject({ ok: true, evidence: { outcome: 'left', why: [why] } });
    }
  });

  test('an order of the utility closes where only the utility knows why it is off', async () => {
    const bench = benched();
    await bench.withMeter(async (_, meter) => {
      await meter.set(meter.disconnectControl().controlMode, 4);
      await meter.relay().disconnect();
    });
    const { acted, looked } = await lookAndAct(
      bench,
      reconnection({ close: 'ordered', reason: 'paid at the counter' }),
    );
    expect(looked.verdict.id).toBe('cut-by-order');
    expect(acted).toMatchObject({ ok: true, evidence: { outcome: 'closed' } });
  });

  test('a recharge that the utility has and the meter has not', async () => {
    const bench = await rechargedHouse(4, (meter) =>
      meter.set(meter.data('0.0.94.96.24.255').value, { type: 'double-long', value: -900_000 }),
    );
    const at = new Date(bench.clock.now() + HOUR).toISOString().replace('Z', '+00:00').replace(/\.\d+/, '');
    const { looked, acted } = await lookAndAct(
      bench,
      reconnection({ close: 'ordered', recharge: { at, rupees: '500.00' } }),
    );
    expect(looked.verdict).toMatchObject({ id: 'recharge-not-arrived', facts: { amount: '₹ 500.00' } });
    expect(acted).toMatchObject({ ok: true, evidence: { why: ['recharge-not-arrived'] } });
  });

  test('another meter is refused before anything is done', async () => {
    const bench = await rechargedHouse();
    const order = reconnection({ close: 'ordered' }, { meter: { serial: '99999999', profile: 'is15959/D1' } });
    const visit = visitOf(bench, order);
    const looked = await bench.withMeter((port) => visit.diagnosis(port));
    expect(looked).toMatchObject({ ok: false, refusal: { code: 'wrong-meter' } });
    expect(visit.next).toBe('diagnosis');
  });

  test('wherever the probe is pulled, the relay is closed once, and the next run proves it', async () => {
    for (const heard of [false, true]) {
      for (let call = 0; ; call++) {
        const bench = await rechargedHouse();
        const before = await closings(bench);
        const visit = visitOf(bench);
        await bench.withMeter((port) => visit.diagnosis(port));
        let calls = 0;
        const first = await bench.withMeter(async (port) => {
          const faulty = pulledAt(port, call, heard);
          const result = await visit.reconnect(faulty, YES);
          ({ calls } = faulty);
          return result;
        });
        if (first.ok) {
          expect(calls).toBeLessThanOrEqual(call);
          expect(call).toBeGreaterThan(5);
          break;
        }
        expect(first.refusal.code).toBe('probe-lost');
        const again = visitOf(bench);
        const second = await bench.withMeter((port) => again.reconnect(port, YES));
        expect(second).toMatchObject({ ok: true, evidence: { outcome: 'closed' } });
        expect(await closings(bench)).toBe(before + 1);
      }
    }
  }, 60_000);

  test('what was closed and opened again is not closed a second time', async () => {
    const bench = await rechargedHouse();
    const visit = visitOf(bench);
    await bench.withMeter((port) => visit.diagnosis(port));
    const first = await bench.withMeter(async (port) => {
      let sent = false;
      const cut = new Proxy(port, {
        get: (target, name) => {
          const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
          return async (...args: unknown[]) => {
            if (sent) throw new LinkError('transport', 'pulled');
            sent = name === 'closeRelay';
            return method.apply(target, args);
          };
        },
      });
      return visit.reconnect(cut, YES);
    });
    expect(first).toMatchObject({ ok: false, refusal: { code: 'probe-lost' } });
    bench.clock.advance(MINUTE);
    await bench.withMeter((_, meter) => meter.relay().disconnect());
    const before = await closings(bench);
    const again = await bench.withMeter((port) => visitOf(bench).reconnect(port, YES));
    expect(again).toMatchObject({ ok: false, refusal: { code: 'reconnect-reopened' } });
    expect(await closings(bench)).toBe(before);
    if (!again.ok) expect(sentence(again.refusal, 'hi')).toMatch(/दूसरी बार/);
  });

  test('a meter that takes the order and does not close is no proof', async () => {
    const bench = await rechargedHouse();
    bench.meter.controls.relayStuck(true);
    const { acted, visit } = await lookAndAct(bench);
    expect(acted).toMatchObject({ ok: false, refusal: { code: 'reconnect-not-done' } });
    expect(visit.next).toBe('reconnect');
    const later = await bench.withMeter((port) => visitOf(bench).reconnect(port, YES));
    expect(later).toMatchObject({ ok: true, evidence: { outcome: 'left', why: ['relay-stuck-open'] } });
  });

  test('a No that stops leaves nothing in the journal but the look', async () => {
    const bench = await rechargedHouse();
    const stop = new Error('stop');
    await expect(lookAndAct(bench, reconnection(), { confirm: () => Promise.reject(stop) })).rejects.toBe(stop);
    const visit = visitOf(bench);
    expect(visit.closingBegun).toBe(false);
    expect(visit.next).toBe('reconnect');
  });

  test('an order whose end no log can prove is not given twice', async () => {
    const bench = await rechargedHouse();
    const visit = visitOf(bench);
    await bench.withMeter((port) => visit.diagnosis(port));
    // The order is lost on the way: the relay stays open, and the log cannot be read the next time.
    const lost = await bench.withMeter((port) =>
      visit.reconnect(
        new Proxy(port, {
          get: (target, name) =>
            name === 'closeRelay'
              ? () => Promise.reject(new LinkError('transport', 'the probe was pulled'))
              : Reflect.get(target, name).bind(target),
        }),
        YES,
      ),
    );
    expect(lost).toMatchObject({ ok: false, refusal: { code: 'probe-lost' } });
    const before = await closings(bench);
    const blind = (port: MeterPort) =>
      new Proxy(port, {
        get: (target, name) => (name === 'switchings' ? async () => undefined : Reflect.get(target, name).bind(target)),
      });
    const again = await bench.withMeter((port) => visitOf(bench).reconnect(blind(port), YES));
    expect(again).toMatchObject({ ok: false, refusal: { code: 'reconnect-unproved' } });
    expect(await closings(bench)).toBe(before);
    // With the log it is proved that nothing came of it: then it is given, once.
    const third = await bench.withMeter((port) => visitOf(bench).reconnect(port, YES));
    expect(third).toMatchObject({ ok: true, evidence: { outcome: 'closed' } });
    expect(await closings(bench)).toBe(before + 1);
  });

  test('a forged record of a closing is altered', async () => {
    const bench = await rechargedHouse();
    const { visit } = await lookAndAct(bench);
    const certificate = await signed(visit);
    const forged = structuredClone(certificate) as unknown as { signed: { record: { done: { outcome: string } } } };
    forged.signed.record.done.outcome = 'left';
    expect(verifyRecord(forged, bench.trusted).verdict).toBe('altered');
  });

  test('every reason has words in both languages', () => {
    const reasons = ['is-closed', 'takes-no-order', 'only-to-find-out', 'no-own-credit', 'declined'] as const;
    for (const reason of reasons) {
      expect(say('en', `left-${reason}`)).toMatch(/[a-z]\.$/);
      expect(say('hi', `left-${reason}`)).toMatch(/[\u0900-\u097f].*।$/);
    }
  });
});

describe('payment mode', () => {
  const confirm = async () => {};
  const changes = (bench: Bench, code: number) =>
    bench.withMeter(async (port) => (await port.modeEvents())!.filter((event) => event.code === code).length);

  test.each([
    ['postpaid', 211],
    ['prepaid', 212],
  ] as const)('to %s: read back, with the event %d of the meter itself, signed', async (to, code) => {
    const bench = benched();
    if (to === 'prepaid') await bench.withMeter((port) => port.setPaymentMode('postpaid'));
    const visit = modeVisit(bench, paymentMode(to));
    await bench.withMeter((port) => visit.modes(port));
    const changed = await bench.withMeter((port) => visit.change(port, { confirm }));
    expect(changed).toMatchObject({
      ok: true,
      evidence: { already: false, after: { payment: to }, events: [{ code }], resumed: false },
    });
    const certificate = await signed(visit);
    expect(verifyRecord(certificate, bench.trusted).verdict).toBe('valid');
    const page = JSON.stringify(certificatePage(certificate));
    expect(page).toContain('changed, read back from the meter');
    expect(page).toContain(say('hi', to));
    expect(page).not.toMatch(/undefined/);
  });

  test('a meter that is in the mode already is not written', async () => {
    const bench = benched();
    const before = await changes(bench, 212);
    const visit = modeVisit(bench, paymentMode('prepaid'));
    await bench.withMeter((port) => visit.modes(port));
    const changed = await bench.withMeter((port) =>
      visit.change(port, { confirm: () => Promise.reject(new Error('asked')) }),
    );
    expect(changed).toMatchObject({ ok: true, evidence: { already: true } });
    expect(await changes(bench, 212)).toBe(before);
    expect(JSON.stringify(certificatePage(await signed(visit)))).toContain('was so already');
  });

  test('wherever the probe is pulled, the mode is written once', async () => {
    for (const heard of [false, true]) {
      for (let call = 0; ; call++) {
        const bench = benched();
        const visit = modeVisit(bench, paymentMode('postpaid'));
        await bench.withMeter((port) => visit.modes(port));
        const first = await bench.withMeter((port) => visit.change(pulledAt(port, call, heard), { confirm }));
        if (first.ok) {
          expect(call).toBeGreaterThan(5);
          break;
        }
        const second = await bench.withMeter((port) =>
          modeVisit(bench, paymentMode('postpaid')).change(port, { confirm }),
        );
        expect(second).toMatchObject({
          ok: true,
          evidence: { after: { payment: 'postpaid' }, events: [{ code: 211 }] },
        });
        expect(await changes(bench, 211)).toBe(1);
      }
    }
  }, 60_000);

  const other = (port: MeterPort, own: Partial<Record<keyof MeterPort, () => Promise<unknown>>>) =>
    new Proxy(port, { get: (target, name) => own[name as 'serial'] ?? Reflect.get(target, name).bind(target) });

  test.each([
    ['wrong-meter', { serial: async () => 'OTHER-1' }],
    ['mode-not-told', { paymentModes: async () => ({ metering: 'forward only' }) }],
    ['mode-not-kept', { setPaymentMode: async () => {} }],
  ] as const)('%s: refused', async (code, own) => {
    const bench = benched();
    const visit = modeVisit(bench, paymentMode('postpaid'));
    await bench.withMeter((port) => visit.modes(port));
    const result = await bench.withMeter((port) => visit.change(other(port, own), { confirm }));
    expect(result).toMatchObject({ ok: false, refusal: { code } });
    expect(visit.status).toBe('failed');
  });

  test('a metering mode that moved with it is told with both modes, and nothing is signed', async () => {
    const bench = benched();
    const visit = modeVisit(bench, paymentMode('postpaid'));
    await bench.withMeter((port) => visit.modes(port));
    const result = await bench.withMeter((port) => {
      let changed = false;
      const own = {
        setPaymentMode: async () => {
          changed = true;
          await port.setPaymentMode('postpaid');
        },
        paymentModes: async () => ({
          ...(await port.paymentModes()),
          ...(changed ? { metering: 'import and export' } : {}),
        }),
      };
      return visit.change(other(port, own), { confirm });
    });
    expect(result).toMatchObject({
      ok: false,
      refusal: { code: 'metering-moved', params: { before: 'forward only', after: 'import and export' } },
    });
    if (result.ok) return;
    expect(sentence(result.refusal, 'en')).toMatch(/forward only.*import and export/);
    expect(sentence(result.refusal, 'hi')).toMatch(/[\u0900-\u097f]/);
    expect(visit.changeBegun).toBe(true);
    expect(visit.next).toBe('mode-change');
    expect(bench.disk.file('records').read()).toHaveLength(0);
  });
});
