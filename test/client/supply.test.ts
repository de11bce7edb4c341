/** Why a house is dark: each verdict provoked on the virtual meter, in virtual time. */

import { describe, expect, it } from 'vitest';
import {
  Account,
  type AttributeRef,
  attributeTarget,
  Credit,
  f32,
  GsmDiagnosticV1,
  i32,
  Limiter,
  type ReadingSpec,
  SingleActionSchedule,
  TokenGateway,
  textOctets,
  u8,
} from '../../src/classes.js';
import { AccessError, CosemDate, CosemDateTime, CosemTime, type Meter, Reading } from '../../src/index.js';
import { LANGUAGES, type SupplyCauseId, type SupplyPart, wordSupplyCause, wordSupplyPart } from '../../src/inspect.js';
import { type DeviceObject, object } from '../../src/server.js';
import { diagnoseSupply, type SupplyOptions } from '../../src/tools.js';
import { Bench, HOUR, MINUTE, START } from '../simulator/support.js';

const INDIA = 330 * MINUTE;
const NEVER_FRIENDLY = { from: '00:00', to: '00:00' };

interface House {
  readonly bench: Bench;
  readonly meter: Meter;
  readonly pass: (millis: number) => void;
  readonly set: (name: string, value: Parameters<Meter['set']>[1]) => Promise<void>;
}

interface Told {
  readonly options?: ConstructorParameters<typeof Bench>[0];
  readonly about?: SupplyOptions;
}

/** A house of its own: Monday, nine in the morning, nobody at home unless the test turns something on. */
async function house(options: Told['options'] = {}): Promise<House> {
  const bench = new Bench({ prepaid: { friendlyHours: NEVER_FRIENDLY }, tariff: 500, ...options });
  bench.meter.controls.household(false);
  const meter = await bench.open('utility');
  return {
    bench,
    meter,
    pass: (millis) => bench.clock.advance(millis),
    set: (name, value) => meter.set(meter.data(name).value, value as never),
  };
}

async function diagnosed(make: (at: House) => Promise<void> | void, { options, about = {} }: Told = {}) {
  const at = await house(options);
  try {
    await make(at);
    return await diagnoseSupply(at.meter, { localTime: () => at.bench.clock.now() + INDIA, ...about });
  } finally {
    await at.meter.close();
    at.bench.meter.stop();
  }
}

const off = ({ meter }: House) => meter.call(meter.disconnectControl().remoteDisconnect, undefined);
const on = ({ meter }: House) => meter.call(meter.disconnectControl().remoteReconnect, undefined);
const mode = ({ meter }: House, value: number) => meter.set(meter.disconnectControl().controlMode, value);
const balance = (at: House, paise: number) => at.set('0.0.94.96.24.255', i32(paise));
const load = ({ bench }: House, watts: number) => bench.meter.controls.appliance('heater', watts, undefined);

/** Credit runs out while something is on. */
async function cutForCredit(at: House) {
  await balance(at, 100);
  load(at, 2000);
  at.pass(2 * HOUR);
}

async function cutAndRecharged(at: House) {
  at.pass(MINUTE);
  await off(at);
  at.pass(HOUR);
  at.bench.meter.controls.recharge(50_000);
  at.pass(MINUTE);
}

async function overloaded(at: House) {
  await at.meter.set(at.meter.object(Limiter, '0.0.17.0.0.255').thresholdNormal, f32(1000));
  await mode(at, 4);
  load(at, 3000);
  at.pass(4 * MINUTE);
}

/** An account with emergency credit, beside the objects of IS 15959. */
function account(status: 'selectable' | 'exhausted'): DeviceObject[] {
  const unset = new CosemDateTime();
  return [
    object(Account, '0.0.19.0.0.255', {
      accountModeAndStatus: { mode: 'prepayment', status: 'active' },
      currentCreditInUse: 0,
      currentCreditStatus: { bytes: Uint8Array.of(0x02), length: 7 },
      availableCredit: -1234,
      amountToClear: 0,
      clearanceThreshold: 0,
      aggregatedDebt: 0,
      creditReferenceList: ['0.0.19.10.0.255', '0.0.19.10.1.255'],
      chargeReferenceList: [],
      creditChargeConfiguration: [],
      tokenGatewayConfiguration: [],
      accountActivationTime: unset,
      accountClosureTime: unset,
      currency: { name: 'INR', scale: -2, unit: 'monetary' },
      lowCreditThreshold: 20_000,
      nextCreditAvailableThreshold: 0,
      maxProvision: 0,
      maxProvisionPeriod: 0,
    }),
    ...(['token', 'emergency'] as const).map((type, i) =>
      object(Credit, `0.0.19.10.${i}.255`, {
        currentCreditAmount: 0,
        creditType: type,
        priority: i + 1,
        warningThreshold: 0,
        limit: 0,
        creditConfiguration: { bytes: Uint8Array.of(0), length: 5 },
        creditStatus: type === 'token' ? 'exhausted' : status,
        presetCreditAmount: 10_000,
        creditAvailableThreshold: 0,
        period: unset,
      }),
    ),
  ];
}

function gateway(statusCode: number): DeviceObject {
  return object(TokenGateway, '0.0.19.40.0.255', {
    token: new Uint8Array(20),
    tokenTime: CosemDateTime.fromDate(new Date(START), -330),
    tokenDescription: [],
    tokenDeliveryMethod: 'manual',
    tokenStatus: { statusCode, dataValue: { bytes: Uint8Array.of(0), length: 8 } },
  });
}

/** A schedule that closes the relay at half past eleven. */
const schedule = object(SingleActionSchedule, '0.0.15.0.1.255', {
  executedScript: { scriptLogicalName: '0.0.10.0.106.255', scriptSelector: 2 },
  type: 'any-time',
  executionTime: [
    {
      time: new CosemTime({ hour: 11, minute: 30, second: 0, hundredths: 0 }),
      date: new CosemDate({ year: 2026, month: 11, dayOfMonth: 23 }),
    },
  ],
});

function modem(signalQuality: number): DeviceObject {
  return object(GsmDiagnosticV1, '0.0.25.6.0.255', {
    operator: 'TEST',
    status: 1,
    csAttachment: 0,
    psStatus: 1,
    cellInfo: {
      cellId: 1,
      locationId: 1,
      signalQuality,
      bitErrorRate: 0,
      countryCode: 404,
      networkCode: 1,
      channelNumber: 1,
    },
    adjacentCells: [],
    captureTime: CosemDateTime.fromDate(new Date(START), -330),
  });
}

type Case = readonly [SupplyCauseId, string, (at: House) => Promise<void> | void, Told?];

const HOUSES: readonly Case[] = [
  ['load-present', 'the relay is closed and something is on', (at) => load(at, 500)],
  ['no-load', 'the relay is closed and nothing is on', () => {}],
  [
    'phase-missing',
    'one of three phases has no voltage',
    ({ bench }) => bench.meter.controls.voltage(0, 1),
    { options: { profile: 'is15959-3ph' } },
  ],
  [
    'no-supply',
    'the relay is closed and the meter measures no voltage',
    ({ bench }) => bench.meter.controls.voltage(100, undefined),
  ],
  ['recharged-not-closed', 'cut by order, then recharged', cutAndRecharged],
  [
    'cut-by-order',
    'cut by order with money on the account',
    async (at) => {
      at.pass(MINUTE);
      await off(at);
    },
  ],
  [
    'cut-by-order',
    'post-paid, cut by order',
    async (at) => {
      await at.set('0.0.94.96.20.255', u8(0));
      await off(at);
    },
  ],
  ['no-credit', 'credit ran out', cutForCredit],
  [
    'recharge-not-arrived',
    'credit ran out, and the utility has a newer recharge',
    cutForCredit,
    { about: { recharge: { time: '2026-11-23 10:40:00', amount: '₹ 500' } } },
  ],
  [
    'emergency-credit',
    'credit ran out, emergency credit waits',
    cutForCredit,
    { options: { objects: account('selectable') } },
  ],
  ['no-credit', 'credit ran out, emergency credit too', cutForCredit, { options: { objects: account('exhausted') } }],
  ['token-refused', 'credit ran out, the token was refused', cutForCredit, { options: { objects: [gateway(5)] } }],
  ['overload', 'the load was too high', overloaded],
  [
    'relay-stuck-open',
    'the contacts do not close',
    async (at) => {
      await mode(at, 4);
      await off(at);
      at.bench.meter.controls.relayStuck(true);
      await on(at);
    },
  ],
  [
    'relay-stuck-closed',
    'the contacts do not open',
    async (at) => {
      at.bench.meter.controls.relayStuck(true);
      await off(at);
    },
  ],
  [
    'tampered',
    'the meter opened because its cover was opened',
    ({ bench, pass }) => {
      bench.meter.controls.cover(true);
      pass(MINUTE);
    },
    { options: { opensOn: ['cover'] } },
  ],
  [
    'tampered',
    'recharged, but a magnet was held against it after it opened',
    async (at) => {
      await cutAndRecharged(at);
      at.bench.meter.controls.magnet(true);
      at.pass(2 * MINUTE);
      at.bench.meter.controls.magnet(false);
      at.pass(10 * MINUTE);
    },
  ],
  ['wrong-meter', 'another meter', () => {}, { about: { serial: '1234567' } }],
  [
    'mode-wants-button',
    'ready in mode 3',
    async (at) => {
      await mode(at, 3);
      await off(at);
      await on(at);
    },
  ],
  [
    'waits-for-button',
    'ready in mode 5, a moment before it closes itself',
    async (at) => {
      await mode(at, 5);
      await off(at);
      await on(at);
    },
  ],
  ['closes-later', 'a schedule closes it later', off, { options: { objects: [schedule] } }],
  [
    'clock-wrong',
    'recharged, but the clock is two hours off',
    async (at) => {
      await cutAndRecharged(at);
      at.bench.meter.controls.clock({ by: 2 * HOUR });
    },
  ],
  [
    'times-not-known',
    'recharged, but the clock was set since it opened',
    async (at) => {
      at.pass(MINUTE);
      await off(at);
      at.pass(HOUR);
      const now = await at.meter.get(at.meter.clock().time);
      await at.meter.set(at.meter.clock().time, now);
      at.pass(MINUTE);
      at.bench.meter.controls.recharge(50_000);
    },
  ],
];

describe('a dark house', () => {
  it.each(HOUSES.map(([id, what, make, told]) => ({ id, what, make, told })))(
    '$id: $what',
    async ({ id, make, told }) => {
      const { verdict, evidence } = await diagnosed(make, told);
      expect(verdict.id).toBe(id);
      expect(evidence.unread.filter((part) => part !== 'signal')).toEqual([]);
      for (const language of LANGUAGES) {
        const { sentence } = wordSupplyCause(verdict.id, verdict.facts, language);
        expect(sentence).not.toMatch(/not known\)|ज्ञात नहीं\)|undefined|[[\]{}]/);
      }
    },
  );

  it('says which recharge came, when, and what did not', async () => {
    const { verdict, closing, also } = await diagnosed(cutAndRecharged);
    const { sentence } = wordSupplyCause(verdict.id, verdict.facts);
    expect(sentence).toMatch(
      /^The recharge reached the meter at 23-11-2026 10:01:00 \(balance ₹ \d+\.\d\d\), the order to close did not: off since 23-11-2026 09:01:00\.$/,
    );
    expect(closing).toEqual({ order: 'makes-ready', byCredit: true, barriers: [] });
    expect(also.map(({ id }) => id)).toEqual(['mode-makes-ready']);
  });

  it('an order closes the relay itself in mode 4', async () => {
    const { closing } = await diagnosed(async (at) => {
      await mode(at, 4);
      await cutAndRecharged(at);
    });
    expect(closing.order).toBe('closes');
  });

  it('nothing is taken for credit that is none: money that was there before the cut does not allow closing', async () => {
    const { closing } = await diagnosed(async (at) => {
      at.pass(MINUTE);
      await off(at);
    });
    expect(closing).toEqual({ order: 'makes-ready', byCredit: false, barriers: [] });
  });

  const BARRED: readonly (readonly [SupplyCauseId, (at: House) => Promise<void> | void, Told?])[] = [
    [
      'no-credit',
      async (at) => {
        await balance(at, -100);
        await off(at);
      },
    ],
    [
      'tampered',
      async (at) => {
        at.bench.meter.controls.magnet(true);
        at.pass(MINUTE);
        await off(at);
      },
    ],
    ['outside-hours', cutAndRecharged, { about: { hours: { from: '08:00', to: '10:00' } } }],
    ['outside-hours', cutAndRecharged, { about: { hours: { from: '22:00', to: '06:00' } } }],
    ['wrong-meter', cutAndRecharged, { about: { serial: '1234567' } }],
    [
      'relay-stuck-closed',
      async (at) => {
        at.bench.meter.controls.relayStuck(true);
        await off(at);
      },
    ],
  ];
  it.each(BARRED.map(([id, make, told]) => ({ id, make, told })))(
    'a barrier against closing: $id',
    async ({ id, make, told }) => {
      const { closing } = await diagnosed(make, told);
      expect(closing.barriers).toEqual([id]);
    },
  );

  it('within the hours, also over midnight, nothing bars', async () => {
    for (const hours of [
      { from: '08:00', to: '18:00' },
      { from: '10:00', to: '02:00' },
    ])
      expect((await diagnosed(cutAndRecharged, { about: { hours } })).closing.barriers).toEqual([]);
  });

  it.each([
    [2, ['weak-signal'], -109],
    [20, [], -73],
    [99, [], undefined],
  ] as const)('a modem with signal %d', async (quality, ids, level) => {
    const { also, evidence } = await diagnosed((at) => load(at, 500), { options: { objects: [modem(quality)] } });
    expect(also.map(({ id }) => id)).toEqual(ids);
    expect(evidence.signal).toEqual({ level, registered: true });
  });

  it('a clock that was jumped over is told as the meter shows it', async () => {
    const { verdict } = await diagnosed(async (at) => {
      await cutAndRecharged(at);
      at.bench.meter.controls.clock({ by: -90 * MINUTE });
    });
    expect(verdict).toEqual({ id: 'clock-wrong', facts: { time: '23-11-2026 08:32:00', difference: -5400 } });
  });
});

/** The same meter, which refuses some of its objects. */
function hiding(meter: Meter, hidden: RegExp): Meter {
  const refused = (name: string): { readonly ok: false; readonly error: AccessError } => ({
    ok: false,
    error: new AccessError('read-write-denied', name, `${name} is refused`),
  });
  const own: Partial<Record<keyof Meter, unknown>> = {
    tryGet: async (ref: AttributeRef<unknown>) =>
      hidden.test(attributeTarget(ref)) ? refused(ref.logicalName) : meter.tryGet(ref),
    tryGetAll: async (refs: readonly AttributeRef<unknown>[]) =>
      Promise.all(
        refs.map((ref) => (hidden.test(attributeTarget(ref)) ? refused(ref.logicalName) : meter.tryGet(ref))),
      ),
    readings: async (specs: readonly ReadingSpec[]) => {
      const outcomes = await meter.readings(specs);
      return specs.map(({ attribute }, i) =>
        hidden.test(attributeTarget(attribute)) ? refused(attribute.logicalName) : outcomes[i],
      );
    },
    profile: (name: string) => {
      if (!hidden.test(`7:${name}`)) return meter.profile(name);
      return { rows: () => Promise.reject(refused(name).error) };
    },
  };
  return new Proxy(meter, {
    get: (target, key) =>
      own[key as keyof Meter] ?? Reflect.get(target, key, target).bind?.(target) ?? Reflect.get(target, key, target),
  });
}

describe('what could not be read', () => {
  const HIDDEN: readonly (readonly [string, RegExp, SupplyCauseId, SupplyPart])[] = [
    ['the contacts', /^70:.*:2$/, 'recharged-not-closed', 'output'],
    ['the state of the relay', /^70:.*:3$/, 'open-not-explained', 'state'],
    ['the control mode', /^70:.*:4$/, 'recharged-not-closed', 'mode'],
    ['the relay', /^70:/, 'relay-not-told', 'output'],
    ['the payment mode', /94\.96\.20/, 'credit-not-known', 'payment'],
    ['the balance', /94\.96\.24/, 'credit-not-known', 'balance'],
    ['the time of the recharge', /94\.96\.22/, 'times-not-known', 'token'],
    ['the log of the relay', /^7:0\.0\.99\.98\.6/, 'times-not-known', 'switching-log'],
    ['the log of changes', /^7:0\.0\.99\.98\.3/, 'times-not-known', 'transaction-log'],
    ['the status word', /94\.91\.18/, 'recharged-not-closed', 'tampers'],
    ['the log of the cover', /^7:0\.0\.99\.98\.5/, 'recharged-not-closed', 'tamper-log'],
    ['the log of magnets', /^7:0\.0\.99\.98\.4/, 'recharged-not-closed', 'tamper-log'],
    ['the log of currents', /^7:0\.0\.99\.98\.1/, 'recharged-not-closed', 'tamper-log'],
  ];

  it.each([
    ['voltages', /^3:1\.0\.12\.7\.0/],
    ['currents', /^3:1\.0\.(?:11|91)\.7\.0/],
  ] as const)('a closed relay without %s to read is not called sound or dark', async (_, hidden) => {
    const at = await house();
    const { verdict } = await diagnoseSupply(hiding(at.meter, hidden));
    expect(verdict.id).toBe('closed-not-measured');
    await at.meter.close();
    at.bench.meter.stop();
  });

  it.each(HIDDEN)(
    '%s: nothing is concluded from it, and the meter’s credit does not close',
    async (_, hidden, id, part) => {
      const at = await house();
      await cutAndRecharged(at);
      const { verdict, closing, evidence } = await diagnoseSupply(hiding(at.meter, hidden));
      expect(verdict.id).toBe(id);
      expect(evidence.unread).toContain(part);
      expect(closing.byCredit && closing.order !== undefined && closing.barriers.length === 0).toBe(false);
      expect(wordSupplyPart(part, 'hi')).toMatch(/[\u0900-\u097f]/);
      await at.meter.close();
      at.bench.meter.stop();
    },
  );

  it('without its serial number no meter is the right one', async () => {
    const at = await house();
    await cutAndRecharged(at);
    const told = { serial: at.bench.meter.identity.serial };
    expect((await diagnoseSupply(at.meter, told)).closing.barriers).toEqual([]);
    const { closing, also } = await diagnoseSupply(hiding(at.meter, /96\.1\.0/), told);
    expect(closing.barriers).toEqual(['meter-unnamed']);
    expect(also.map((one) => one.id)).toContain('meter-unnamed');
    await at.meter.close();
    at.bench.meter.stop();
  });

  it('the public client is shown nothing of the relay', async () => {
    const bench = new Bench();
    const meter = await bench.open('public');
    const { verdict, closing, evidence } = await diagnoseSupply(meter);
    expect(verdict.id).toBe('relay-not-told');
    expect(evidence.serial).toBe(bench.meter.identity.serial);
    expect(closing.order).toBeUndefined();
    expect(closing.barriers).toEqual(['relay-not-told', 'mode-not-known', 'tamper-not-known', 'credit-not-known']);
    await meter.close();
    bench.meter.stop();
  });

  it('hostile values become no terminal sequence, no amount and no time', async () => {
    const unset = object(TokenGateway, '0.0.19.40.0.255', {
      token: new Uint8Array(4000),
      tokenTime: new CosemDateTime(),
      tokenDescription: [],
      tokenDeliveryMethod: 'remote',
      tokenStatus: { statusCode: 255, dataValue: { bytes: Uint8Array.of(0), length: 8 } },
    });
    const [first, ...rest] = account('selectable');
    const bench = new Bench({ objects: [unset, ...rest, { ...first } as DeviceObject] });
    const meter = await bench.open('utility');
    const evil = new Proxy(meter, {
      get: (target, key) =>
        key === 'readings'
          ? async (specs: readonly ReadingSpec[]) =>
              (await meter.readings(specs)).map((outcome, i) =>
                specs[i]?.key === 'serial'
                  ? {
                      ok: true,
                      value: new Reading({
                        classId: 1,
                        logicalName: '0.0.96.1.0.255',
                        attributeId: 2,
                        name: '',
                        data: textOctets(`\u001b[2J\u202e${'9'.repeat(900)}`),
                        presentation: 'text',
                      }),
                    }
                  : outcome,
              )
          : (Reflect.get(target, key, target).bind?.(target) ?? Reflect.get(target, key, target)),
    });
    const { verdict, evidence } = await diagnoseSupply(evil, { serial: '1234567' });
    const { sentence } = wordSupplyCause(verdict.id, verdict.facts);
    expect(verdict.id).toBe('wrong-meter');
    expect(sentence.length).toBeLessThan(120);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(sentence).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(evidence.credit.token?.accepted).toBeUndefined();
    await meter.close();
    bench.meter.stop();
  });

  it('refuses an option that it does not have', async () => {
    await expect(diagnoseSupply({} as Meter, { serail: '1' } as SupplyOptions)).rejects.toThrow(/serail/);
  });
});
