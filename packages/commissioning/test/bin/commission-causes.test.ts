/** Each cause of the table, as a commissioning tells it: in the refusal, in the journal, on the screen in both languages. */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { columnsOf } from '../../../../bin/format.js';
import { Output } from '../../../../bin/output.js';
import { connectionSettings } from '../../../../bin/settings.js';
import { LinkError, UncertainError, type VirtualClock } from '../../../../src/index.js';
import { type CauseId, causes, LANGUAGES } from '../../../../src/inspect.js';
import { FakeIo } from '../../../../test/bin/fake-io.js';
import { type Provocation, provocations } from '../../../../test/causes/provocations.js';
import { failing, hdlc, provokedLines } from '../../../../test/causes/provoked-lines.js';
import { passing } from '../../../../test/support/passing.js';
import { HeldMeter } from '../../bin/meter.js';
import { Show } from '../../bin/show.js';
import { advice, type Refusal, sentence } from '../../src/messages.js';
import { Bench, SEALS } from '../bench.js';

/** Causes that a commissioning does not tell, and why. */
const NOT_TOLD: Partial<Record<CauseId, string>> = {
  'no-port': 'without a line in order and options the command asks for one',
  'wrong-ek': 'keys are not tried unasked',
};
/** These are told by the code of the refusal, which also says how the work goes on. */
const BY_CODE: ReadonlySet<string> = new Set([
  ...['no-answer', 'line-drops', 'change-unknown', 'request-refused', 'association-refused'],
]);

let b: Bench;
let all: readonly Provocation[];
let clock: VirtualClock;

beforeAll(async () => {
  b = new Bench();
  clock = b.clock;
  await b.openIndex();
  await b.upTo(b.session(), 'new-meter');
  all = provocations(clock, b.meter);
}, 60_000);
afterAll(() => b.dispose());

/** The meter of the command, on a line with something wrong. */
function heldOn({ connect, settings }: Pick<Provocation, 'connect' | 'settings'>): HeldMeter {
  const io = new FakeIo();
  const line = connect();
  Object.assign(io, { clock, lines: () => line() });
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  const file = join(b.folder, 'meters.json');
  writeFileSync(file, JSON.stringify({ connections: { utility: Object.fromEntries(given) } }), { mode: 0o600 });
  try {
    const known = connectionSettings({ config: file, connection: 'utility' }, io);
    return new HeldMeter(
      { io, output: new Output(io, false), options: { fresh: true } },
      known,
      'is15959/D1',
      () => {},
    );
  } finally {
    rmSync(file);
  }
}

/** Step 5 on that line. */
async function refusedBy(one: Provocation): Promise<Refusal> {
  const { thrown, unasked } = one;
  const open = () => provokedLines(clock, () => b.meter).line(hdlc);
  const held = heldOn(thrown === undefined ? one : { ...one, connect: open });
  const session = b.session();
  const port = {
    ...within(held),
    ...(thrown === undefined ? {} : { namePlate: () => held.port.time().then(() => Promise.reject(thrown)) }),
    ...(unasked === undefined ? {} : { causeOf: (error: unknown) => held.port.causeOf!(error, false) }),
  };
  const result = await passing(clock, session.newMeter(port, SEALS));
  await passing(clock, held.release());
  if (result.ok) throw new Error('it was not refused');
  return result.refusal;
}

/** The port with its methods as members of its own, so that some can be put in their place. */
function within({ port }: HeldMeter) {
  return {
    namePlate: () => port.namePlate(),
    serial: () => port.serial(),
    time: () => port.time(),
    clockStatus: () => port.clockStatus(),
    setTime: (time: Parameters<typeof port.setTime>[0]) => port.setTime(time),
    relay: () => port.relay(),
    openRelay: () => port.openRelay(),
    closeRelay: () => port.closeRelay(),
    switchings: () => port.switchings(),
    load: () => port.load(),
    energies: () => port.energies(),
    payment: () => port.payment(),
    tampers: (watched: Parameters<typeof port.tampers>[0]) => port.tampers(watched),
    supply: (options: Parameters<typeof port.supply>[0]) => port.supply(options),
    paymentModes: () => port.paymentModes(),
    setPaymentMode: (to: 'prepaid' | 'postpaid') => port.setPaymentMode(to),
    modeEvents: () => port.modeEvents(),
    blockLoad: (hours: number) => port.blockLoad(hours),
    causeOf: (error: unknown, mayAsk: boolean) => port.causeOf!(error, mayAsk),
  };
}

function shown(refusal: Refusal, language: 'en' | 'hi', columns?: number): string {
  const io = new FakeIo({ NO_COLOR: '1' });
  if (columns !== undefined) Object.assign(io.stdout, { isTTY: true, columns });
  new Show(new Output(io, false), language, 'cosem commission WO-1').refused(refusal);
  return io.stdout.text;
}

/** Step 5 changes nothing: that is told below. */
const IN_STEP_5 = (Object.keys(causes) as CauseId[]).filter(
  (id) => NOT_TOLD[id] === undefined && id !== 'change-unknown',
);

describe('a commissioning says', () => {
  test.each(IN_STEP_5)(
    '%s',
    async (id) => {
      const ways = all.filter(({ cause, untried }) => (untried ?? cause) === id);
      expect(ways.length).toBeGreaterThan(0);
      for (const one of ways) {
        const counters = one.cause === 'counter-too-low' ? { counters: join(b.folder, 'own-counters') } : {};
        const refusal = await refusedBy({ ...one, settings: { ...one.settings, ...counters } });
        expect(refusal.cause?.id).toBe(id);
        expect(refusal.code).toMatch(/^(probe-lost|meter-refused|meter-garbled)$/);
        // The journal tells it to the next run in the same words.
        expect(b.session().steps[4]).toMatchObject({
          outcome: 'failed',
          refusal: { code: refusal.code, cause: { id } },
        });
        for (const language of LANGUAGES) {
          const text = shown(refusal, language);
          expect(text).toContain(`✖ ${sentence(refusal, language)}`);
          expect(text).not.toMatch(/not known|ज्ञात नहीं|\{\w+\}/);
          expect(advice(refusal, language).length > 0).toBe(!BY_CODE.has(id));
          for (const line of shown(refusal, language, 80).split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(80);
        }
        expect(b.disk.text()).not.toMatch(/0011223344556677|WRONG-PW/i);
      }
    },
    60_000,
  );

  test('every cause of the table has a way there', () => {
    const provoked = new Set(all.map(({ cause, untried }) => untried ?? cause));
    const missing = (Object.keys(causes) as CauseId[]).filter((id) => !provoked.has(id) && NOT_TOLD[id] === undefined);
    // Nothing is changed in step 5: below.
    expect(missing).toEqual(['change-unknown']);
  });

  test('change-unknown', async () => {
    const held = heldOn({ connect: () => provokedLines(clock, () => b.meter).line(hdlc), settings: all[0]!.settings });
    await passing(clock, held.port.time());
    const lost = new UncertainError('8:0.0.1.0.0.255:2', 'set was sent', { cause: new LinkError('no-answer', 'lost') });
    expect(await held.port.causeOf!(lost, true)).toMatchObject({ id: 'change-unknown' });
    await passing(clock, held.release());
  });
});

describe('the supply may be off', () => {
  const off: Refusal = {
    code: 'probe-lost-supply-off',
    params: {},
    cause: { id: 'port-busy', facts: { port: '/dev/ttyUSB0' } },
  };

  test('stands first, whatever the cause', () => {
    expect(sentence(off, 'en')).toMatch(
      /^THE SUPPLY MAY BE OFF\. Another program uses the port .* closes the relay first\.$/,
    );
    expect(sentence(off, 'hi')).toMatch(/^बिजली बंद हो सकती है। पोर्ट /);
    for (const code of ['meter-refused', 'meter-garbled', 'storage-failed', 'wrong-meter'] as const) {
      const refusal: Refusal = {
        code,
        params: { what: 'x', reason: 'x', serial: '1', expected: '2' },
        supplyMayBeOff: true,
      };
      expect(sentence(refusal, 'en')).toMatch(/^THE SUPPLY MAY BE OFF\. /);
      expect(sentence(refusal, 'hi')).toMatch(/^बिजली बंद हो सकती है। /);
    }
  });

  test('in the middle of the relay test the meter is asked nothing', async () => {
    const asked: boolean[] = [];
    const c = new Bench();
    try {
      await c.openIndex();
      await c.upTo(c.session(), 'relay');
      const lost = new LinkError('no-answer', 'lost');
      const port = {
        ...within(heldOn({ connect: () => failing('x'), settings: all[0]!.settings })),
        serial: () => Promise.resolve('10000042'),
        relay: () => Promise.reject(lost),
        causeOf: (_: unknown, mayAsk: boolean) => {
          asked.push(mayAsk);
          return Promise.resolve(undefined);
        },
      };
      const result = await c.session().relay(port);
      expect(result).toMatchObject({ ok: false, refusal: { code: 'probe-lost' } });
      expect(asked).toEqual([false]);
    } finally {
      c.dispose();
    }
  });

  test('a meter that was open with these settings is not searched with others', async () => {
    const line = provokedLines(clock, () => b.meter).line(hdlc);
    let opened = 0;
    const connect = () => () => {
      opened++;
      return line();
    };
    const held = heldOn({ connect, settings: all.find(({ cause }) => cause === 'no-light')!.settings });
    await passing(clock, held.port.time());
    await passing(clock, held.release());
    const before = opened;
    const lost = new LinkError('no-answer', 'lost');
    expect(await held.port.causeOf!(lost, true)).toMatchObject({ id: 'line-drops' });
    expect(opened).toBe(before);
  });
});

test('the journal of before is told as before', () => {
  const refusal: Refusal = { code: 'probe-lost', params: {} };
  expect(sentence(refusal, 'en')).toBe('The meter no longer answers. Put the probe back and run this step again.');
  const unknown = { ...refusal, cause: { id: 'of-a-later-version' as CauseId, facts: {} } };
  expect(sentence(unknown, 'en')).toBe(sentence(refusal, 'en'));
  expect(readFileSync(join(import.meta.dirname, '../../src/messages-refusals.ts'), 'utf8')).toContain(
    "'probe-lost': {",
  );
});
