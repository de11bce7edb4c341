import { afterEach, describe, expect, test } from 'vitest';
import { AccessError, LinkError } from '../../../src/base/errors.js';
import { CosemDateTime } from '../../../src/codec/datetime.js';
import { sentence } from '../src/messages.js';
import { type MeterPort, OPENED } from '../src/meter-port.js';
import { defaultPolicy } from '../src/policy.js';
import { compactOf, verifyCompact } from '../src/record/compact.js';
import { verifyRecord } from '../src/record/record.js';
import type { CommissioningSession, StepResult } from '../src/session.js';
import { dayIn } from '../src/step/papers.js';
import { STEPS, type StepId } from '../src/steps.js';
import { OneTimeCode } from '../src/verification.js';
import { Bench, type BenchOptions, CODE, INSTALLER, OLD_METER, orderOf, SERIAL, START } from './bench.js';
import { PowerCut } from './memory-file.js';

const benches: Bench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) bench.dispose();
});

async function bench(options: BenchOptions = {}): Promise<Bench> {
  const made = new Bench(options);
  benches.push(made);
  await made.openIndex();
  return made;
}

/** A bench whose session has reached a step. */
async function at(step: StepId, options: BenchOptions = {}): Promise<{ b: Bench; session: CommissioningSession }> {
  const b = await bench(options);
  const session = b.session();
  await b.upTo(session, step);
  return { b, session };
}

function english(result: StepResult): string {
  return result.ok ? 'done' : sentence(result.refusal, 'en');
}

/** How often the relay was opened since it was installed, by the meter's own log. */
async function openings(b: Bench): Promise<number> {
  const events = await b.withMeter((port) => port.switchings());
  return events!.filter(({ code }) => code === OPENED).length;
}

describe('a commissioning', () => {
  test('goes through eleven steps to a certificate that verifies', async () => {
    const b = await bench();
    const session = b.session();
    expect(session.next).toBe('installer');
    await b.upTo(session, undefined);
    expect(session.status).toBe('done');
    expect(session.steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual(STEPS.map((step) => `${step} done`));
    const certificate = b.certificates[0]!;
    expect(verifyRecord(certificate, b.trusted)).toMatchObject({ verdict: 'valid', signer: { name: 'R. Sharma' } });
    expect(verifyCompact(certificate.compact, b.trusted)).toMatchObject({
      verdict: 'valid',
      content: { meter: SERIAL, relayTested: true, recordHash: certificate.signed.hash.slice(0, 32) },
    });
    expect(b.meter.connected).toBe(true);
    expect(await openings(b)).toBe(1);
    const { record } = certificate.signed;
    expect(record.relay).toMatchObject({ mode: 6, underLoad: true, resumed: false, open: { amperes: ['0'] } });
    expect(record.readings.energies.map(({ logicalName, unit }) => `${logicalName} ${unit}`)).toEqual([
      ...Array.from({ length: 9 }, (_, zone) => `1.0.1.8.${zone}.255 Wh`),
      '1.0.2.8.0.255 Wh',
      ...Array.from({ length: 9 }, (_, zone) => `1.0.9.8.${zone}.255 VAh`),
      '1.0.10.8.0.255 VAh',
    ]);
    expect(record.readings.payment.map(({ name, value }) => [name, value])).toContainEqual([
      'Payment mode',
      'pre-paid',
    ]);
    expect(b.index.serving(SERIAL)).toMatchObject({ workOrder: 'WO-1', consumer: { name: 'Asha Devi' } });
  });

  test('names no person in the record, and no document number anywhere', async () => {
    const b = await bench();
    await b.upTo(b.session(), undefined);
    const record = JSON.stringify(b.certificates[0]!.signed);
    for (const personal of ['Asha', 'Gandhi', '"4321"', '"1012"']) expect(record).not.toContain(personal);
    expect(b.disk.text()).not.toContain('98765432');
    expect(b.disk.text() + JSON.stringify(b.index.rows())).not.toContain('98123');
  });

  test('is taken up by the next run where the last one ended, and asks nothing again', async () => {
    const { b } = await at('relay');
    const next = b.session();
    expect(next.next).toBe('relay');
    expect(next.steps.find(({ step }) => step === 'installer')).toMatchObject({
      outcome: 'done',
      evidence: { letter: 'AMI/2026/118' },
    });
    const again = await next.installer({ ...INSTALLER, letter: '' });
    expect(again).toMatchObject({ ok: true, evidence: { letter: 'AMI/2026/118' } });
    await b.upTo(next, undefined);
    expect(b.session().status).toBe('done');
  });

  test('keeps the order of its steps', async () => {
    const b = await bench();
    const session = b.session();
    const result = await session.documents([]);
    expect(english(result)).toBe('Step 3 Documents cannot be done yet: 1 Installer comes first.');
    expect(session.status).toBe('open');
  });

  test('does a step once when it is asked for twice at a time', async () => {
    const { b, session } = await at('relay');
    const [first, second] = await b.withMeter((port) => Promise.all([session.relay(port), session.relay(port)]));
    expect(second).toEqual(first);
    expect(await openings(b)).toBe(1);
  });

  test('refuses an order that was changed meanwhile', async () => {
    const { b } = await at('documents');
    const changed = orderOf({ sanctionedLoad: 5000 });
    expect(() => b.session({ order: changed })).toThrow('Work order WO-1 was changed after work on it began');
  });
});

describe('steps 1, 3 and 4: papers', () => {
  test.each([
    [{ letter: ' ' }, 'The number of the authorisation letter is missing'],
    [{ letterValidUntil: '2026-11-22' }, 'The authorisation letter AMI/2026/118 was valid until 22-11-2026'],
    [{ letterValidUntil: 'tomorrow' }, 'The last day of the letter is no date'],
    [{ identityCardShown: false }, 'Show the consumer your identity card first'],
    [{ name: '' }, 'Name and identification of the installer are missing'],
  ])('%j', async (changes, expected) => {
    const b = await bench();
    const session = b.session();
    expect(english(await session.installer({ ...INSTALLER, ...changes }))).toContain(expected);
    expect(session.status).toBe('failed');
    expect((await session.installer(INSTALLER)).ok).toBe(true);
    expect(session.status).toBe('open');
  });

  test.each(['28-02-2027', '28/02/2027', '28.02.2027', '28/2/2027', '2027-02-28', '२८/०२/२०२७'])(
    'a day written as people write it is kept as ISO has it: %s',
    async (letterValidUntil) => {
      const b = await bench();
      const done = await b.session().installer({ ...INSTALLER, letterValidUntil });
      expect(done).toMatchObject({ ok: true, evidence: { letterValidUntil: '2027-02-28' } });
    },
  );

  test.each(['30-02-2027', '02/28/2027', '2027/02/28', '28-02/2027', '28022027', '28-02-27', '2027-28-02', ''])(
    'one that is in no month, or has the month first, is none: %s',
    (text) => {
      expect(dayIn(text)).toBeUndefined();
    },
  );

  test('the day of a date that could be read in two ways comes first', () => {
    expect(dayIn('03/04/2027')).toBe('2027-04-03');
  });

  test('whoever installs is the owner of the key', async () => {
    const b = await bench();
    const session = b.session({ keyOwner: 'R. Sharma' });
    const other = await session.installer({ ...INSTALLER, name: 'A. Other' });
    expect(english(other)).toContain('belongs to R. Sharma, not to A. Other');
    expect(other.ok ? '' : sentence(other.refusal, 'hi')).toContain('R. Sharma की है, A. Other की नहीं');
    const done = await session.installer({ ...INSTALLER, name: ' r.  sharma' });
    expect(done).toMatchObject({ ok: true, evidence: { name: 'R. Sharma' } });
  });

  test('a letter is valid on its last day, by the utility’s clock', async () => {
    const b = await bench();
    expect((await b.session().installer({ ...INSTALLER, letterValidUntil: '2026-11-23' })).ok).toBe(true);
  });

  test('an order past its time', async () => {
    const b = await bench({ order: orderOf({ validUntil: '2026-11-23T10:29:59+05:30' }) });
    expect(english(await b.session().installer(INSTALLER))).toContain('was valid until');
  });

  test('documents are kinds, last four characters and a digest; one that was seen is noted', async () => {
    const { session, b } = await at('documents');
    expect(english(await session.documents([]))).toBe('At least 1 documents are needed; 0 were given.');
    expect(english(await session.documents([{ type: 'pan', number: 'A-1' }]))).toContain('fewer than four');
    const miscopied = await session.documents([{ type: 'aadhaar', number: '9876 5432 1013' }]);
    expect(english(miscopied)).toBe(
      'Document 1 has no number of its kind (Aadhaar: twelve digits). Read it from the document again, digit by digit.',
    );
    expect(JSON.stringify(miscopied) + b.disk.text()).not.toContain('98765432');
    const result = await session.documents([{ type: 'aadhaar', number: '9876-5432-1012' }]);
    expect(result).toMatchObject({
      ok: true,
      evidence: { documents: [{ type: 'aadhaar', last4: '1012', seen: false }] },
    });
    await b.upTo(session, undefined);
    const digest = b.index.digest('Aadhaar ', '987654321012');
    expect(b.index.seen(digest, '1100220033')).toBe(false);
    expect(b.index.seen(digest, 'another consumer')).toBe(true);
  });

  test.each([
    [null, 'The order names the old meter OLD-5567'],
    [{ ...OLD_METER, serial: 'OLD-9' }, 'The old meter is OLD-9, the order says OLD-5567'],
    [{ ...OLD_METER, serial: 'OLD-9', explanation: 'yes' }, 'The reason is too short'],
    [{ ...OLD_METER, finalReading: '12,5' }, 'The final reading is no number of kWh'],
    [{ ...OLD_METER, condition: '' }, 'The condition of the old meter is missing'],
  ])('old meter %j', async (input, expected) => {
    const { session } = await at('old-meter');
    expect(english(await session.oldMeter(input))).toContain(expected);
    const explained = { ...OLD_METER, serial: 'OLD-9', explanation: 'was replaced in 2024 after a fire' };
    expect((await session.oldMeter(explained)).ok).toBe(true);
  });

  test('a new connection has no old meter', async () => {
    const { session } = await at('old-meter', { order: orderOf({ oldMeter: null }) });
    expect(english(await session.oldMeter(OLD_METER))).toContain('The order is for a new connection');
    expect(await session.oldMeter(null)).toMatchObject({ ok: true, evidence: { meter: null } });
  });
});

describe('step 2: the OTP', () => {
  const wrong = OneTimeCode.parse('900001');

  test('five wrong ones lock it: nothing was installed', async () => {
    const { b, session } = await at('consumer');
    const said: string[] = [];
    for (let i = 0; i < 5; i++) {
      said.push(english(await session.consumer(wrong)));
      b.clock.advance(5000);
    }
    expect(said).toEqual([
      ...[4, 3, 2, 1].map(
        (left) => `The OTP is wrong. Ask the consumer to read the six digits again. Tries left: ${left}.`,
      ),
      'Five wrong OTPs: the verification is locked. Nothing was installed. Ask the utility for a new work order.',
    ]);
    const next = b.session();
    expect(next.status).toBe('failed');
    expect(english(await next.consumer(OneTimeCode.parse(CODE)))).toContain('the verification is locked');
    expect(next.next).toBe('consumer');
    expect(next.steps.filter(({ outcome }) => outcome === 'open').length).toBe(9);
    expect(b.index.rows()).toEqual([]);
  });

  test('expired', async () => {
    const { b, session } = await at('consumer');
    b.clock.advance(86_400_000);
    expect(english(await session.consumer(OneTimeCode.parse(CODE)))).toContain('The OTP has expired');
    expect(session.status).toBe('failed');
  });

  test('too fast', async () => {
    const { session } = await at('consumer');
    await session.consumer(wrong);
    expect(english(await session.consumer(wrong))).toBe('Too fast. Try again after 23-11-2026 10:30:02.');
  });
});

describe('step 5: the new meter', () => {
  test('a wrong one: nothing was changed on it', async () => {
    const { b, session } = await at('new-meter', {
      order: orderOf({ newMeter: { serial: '10000099', profile: 'is15959/D1' } }),
    });
    const before = await b.withMeter(async (_, meter) => meter.get(meter.data('0.0.96.2.0.255').value));
    expect(english(await b.do(session, 'new-meter'))).toBe(
      'This is meter 10000042, the order is for 10000099. Fetch the right meter; nothing was changed on this one.',
    );
    expect(await b.withMeter(async (_, meter) => meter.get(meter.data('0.0.96.2.0.255').value))).toEqual(before);
    expect(b.session().next).toBe('new-meter');
  });

  test('one that another order expects, though any would do here', async () => {
    const { b, session } = await at('new-meter', {
      order: orderOf({ newMeter: { serial: 'any', profile: 'is15959/D1' } }),
    });
    b.expected.set(SERIAL, 'WO-7');
    expect(english(await b.do(session, 'new-meter'))).toContain(
      'Meter 10000042 belongs to work order WO-7. Were two meters swapped?',
    );
    b.expected.clear();
    expect((await b.do(session, 'new-meter')).ok).toBe(true);
  });

  test('one that serves another consumer already', async () => {
    const { b, session } = await at('new-meter');
    const other = { number: '99', name: 'X', address: 'Y', mobileLast4: '0000' };
    b.index.add({
      workOrder: 'WO-0',
      consumer: other,
      meter: SERIAL,
      feeder: 'F',
      transformer: 'T',
      pole: 'P',
      seals: [],
      sanctionedLoad: 1000,
      installedAt: START - 1000,
      startReadings: { time: 'then', values: [] },
    });
    expect(english(await b.do(session, 'new-meter'))).toBe(
      'Meter 10000042 already serves another consumer (work order WO-0). A meter serves one consumer at a time.',
    );
    expect(session.next).toBe('new-meter');
  });

  test.each([
    [{ seals: [' '] }, 'At least 1 seals are needed; 0 were given.'],
    [{ seals: ['S-1', 'S-1'] }, 'Seal S-1 was given twice'],
  ])('%j', async (input, expected) => {
    const { b, session } = await at('new-meter');
    expect(english(await b.withMeter((port) => session.newMeter(port, input)))).toContain(expected);
  });

  test('the old meter put back, another category, another firmware', async () => {
    const old = await at('new-meter', {
      order: orderOf({ oldMeter: { serial: SERIAL }, newMeter: { serial: 'any', profile: 'is15959/D1' } }),
    }).catch((error: Error) => error.message);
    expect(old).toContain('old-meter');
    const D2 = await at('new-meter', { order: orderOf({ newMeter: { serial: SERIAL, profile: 'is15959/D2' } }) });
    expect(english(await D2.b.do(D2.session, 'new-meter'))).toBe('The meter is of category D1, the order is for D2.');
    const meter = { ...defaultPolicy.meter, firmware: ['COSEM-D1-2.0'] };
    const firmware = await at('new-meter', { policy: { meter } });
    expect(english(await firmware.b.do(firmware.session, 'new-meter'))).toContain(
      'The meter has firmware COSEM-D1-1.0',
    );
  });

  test('the probe on another meter later on', async () => {
    const { b, session } = await at('clock');
    const other = new Bench({ seed: 9, order: b.order });
    benches.push(other);
    const wrong = await b.withMeter((port) =>
      session.clock(
        new Proxy(port, {
          get: (target, name) => (name === 'serial' ? async () => '20000001' : Reflect.get(target, name)),
        }),
      ),
    );
    expect(english(wrong)).toContain('This is meter 20000001, the order is for 10000042');
  });
});

describe('step 6: the clock', () => {
  async function shifted(seconds: number) {
    const { b, session } = await at('clock');
    await b.withMeter(async (port, meter) => {
      const time = await port.time();
      // Many Indian meters send this: it must stay as it is.
      await meter.set(meter.clock().timeZone, 330);
      const wall = time.with({ deviation: 0 }).toMillis()! + seconds * 1000;
      await port.setTime(CosemDateTime.fromDate(new Date(wall), 0).with({ deviation: 330, status: time.status }));
    });
    return { b, session };
  }
  const show = (b: Bench) => b.withMeter((port) => port.time());

  test('three hours off: it is not touched', async () => {
    const { b, session } = await shifted(-3 * 3600);
    const before = await show(b);
    expect(english(await b.do(session, 'clock'))).toBe(
      "The meter's clock is 3 h 0 min behind; the utility lets it be set by 15 min 0 s at most. It was not changed. Check the laptop's clock, then take another meter.",
    );
    const after = await show(b);
    expect(after.with({ deviation: 0 }).toMillis()! - before.with({ deviation: 0 }).toMillis()!).toBeLessThan(2000);
    expect(b.session().next).toBe('clock');
    expect(b.session().status).toBe('failed');
  });

  test.each([-300, 45, 899])('%i s off: it is set, its deviation left alone', async (seconds) => {
    const { b, session } = await shifted(seconds);
    const result = await b.do(session, 'clock');
    expect(result).toMatchObject({ ok: true, evidence: { difference: seconds, set: true, deviation: 330 } });
    expect(
      Math.abs((result as { evidence: { differenceAfter: number } }).evidence.differenceAfter),
    ).toBeLessThanOrEqual(1);
    expect((await show(b)).deviation).toBe(330);
  });

  test('a few seconds off: it is left alone', async () => {
    const { b, session } = await shifted(8);
    expect(await b.do(session, 'clock')).toMatchObject({ ok: true, evidence: { difference: 8, set: false } });
  });

  test('no time at all', async () => {
    const { b, session } = await at('clock');
    const result = await b.withMeter((port) =>
      session.clock(
        new Proxy(port, {
          get: (target, name) =>
            name === 'time' ? async () => new CosemDateTime() : Reflect.get(target, name).bind(target),
        }),
      ),
    );
    expect(english(result)).toContain('shows no time');
  });

  test('set, and then the power goes: it is not set again, and the evidence is kept', async () => {
    const { b, session } = await shifted(120);
    b.disk.fault = { kind: 'power', at: b.disk.writes + 1, after: 0 };
    await expect(b.do(session, 'clock')).rejects.toBeInstanceOf(PowerCut);
    b.disk.restart();
    const next = b.session();
    const result = await b.withMeter((port) =>
      next.clock(
        new Proxy(port, {
          get: (target, name) => {
            if (name === 'setTime') throw new Error('set twice');
            return Reflect.get(target, name).bind(target);
          },
        }),
      ),
    );
    expect(result).toMatchObject({ ok: true, evidence: { difference: 120, set: true } });
  });
});

describe('step 7: the relay', () => {
  test('one that is stuck: the supply stays on', async () => {
    const { b, session } = await at('relay');
    // Control mode 0: the contacts never open.
    await b.withMeter((_, meter) => meter.set(meter.disconnectControl().controlMode, 0));
    expect(english(await b.do(session, 'relay'))).toBe(
      'The relay does not open: the supply stayed on. Take another meter.',
    );
    expect(b.meter.connected).toBe(true);
    expect(b.session()).toMatchObject({ next: 'relay', status: 'failed', supplyMayBeOff: false });
  });

  /** A relay whose contacts follow what it is told later than anybody waits, and which takes no command to close meanwhile. */
  const late = (port: MeterPort, obeys: () => boolean) => {
    let told = 'connected';
    return new Proxy(port, {
      get: (target, name) => {
        if (name === 'openRelay' || name === 'closeRelay') {
          return async () => {
            if (name === 'openRelay') told = 'disconnected';
            else if (obeys()) told = 'connected';
          };
        }
        if (name === 'relay') return async () => ({ ...(await target.relay()), connected: true, state: told });
        return Reflect.get(target, name).bind(target);
      },
    });
  };

  test.each([
    [false, true],
    [true, false],
  ])('contacts that may still open: the closing is seen (%s), or the supply may be off (%s)', async (obeys, off) => {
    const { b, session } = await at('relay');
    const result = await b.withMeter((port) => session.relay(late(port, () => obeys)));
    if (obeys) expect(english(result)).toBe('The relay does not open: the supply stayed on. Take another meter.');
    else expect(english(result)).toMatch(/SUPPLY MAY BE OFF.* its contacts have not followed: they may yet/);
    expect(b.session().supplyMayBeOff).toBe(off);
  });

  test('contacts that may still open, and no current in the next run: the supply may be off until the relay is seen closed', async () => {
    const relayPolicy = { ...defaultPolicy.relay, loadRequired: true };
    const { b, session } = await at('relay', { policy: { relay: relayPolicy } });
    const idle = (port: MeterPort) =>
      new Proxy(port, {
        get: (target, name) =>
          name === 'load'
            ? async () => ({ volts: ['230'], amperes: ['0'] })
            : (Reflect.get(target, name) as () => unknown).bind(target),
      });
    let obeys = false;
    await b.withMeter(async (port) => {
      const relay = late(port, () => obeys);
      await session.relay(relay);
      const next = b.session();
      expect((await next.relay(idle(relay))).ok).toBe(false);
      expect(b.session().supplyMayBeOff).toBe(true);
      obeys = true;
      expect(english(await b.session().relay(idle(relay)))).toContain('No current flows.');
      expect(b.session().supplyMayBeOff).toBe(false);
    });
  });

  test('one that waits for the button', async () => {
    const { b, session } = await at('relay');
    await b.withMeter((_, meter) => meter.set(meter.disconnectControl().controlMode, 1));
    const phases: string[] = [];
    const result = await b.withMeter((port) =>
      session.relay(port, {
        onPhase: (phase) => {
          phases.push(phase);
          if (phase === 'button') b.meter.pressButton();
        },
      }),
    );
    expect(result.ok).toBe(true);
    expect(phases).toEqual(['opening', 'closing', 'button']);
  });

  test('nobody presses the button: the supply is off, and says so until it is on', async () => {
    const { b, session } = await at('relay');
    await b.withMeter((_, meter) => meter.set(meter.disconnectControl().controlMode, 1));
    expect(english(await b.do(session, 'relay'))).toContain('THE SUPPLY IS OFF. Press the button on the meter');
    expect(b.meter.connected).toBe(false);
    const next = b.session();
    expect(next.supplyMayBeOff).toBe(true);
    b.meter.pressButton();
    expect(await b.do(next, 'relay')).toMatchObject({
      ok: true,
      evidence: { resumed: true, open: { amperes: ['0'] } },
    });
    expect(await openings(b)).toBe(1);
  });

  test('the probe pulled while the relay is open: the next run closes it first', async () => {
    const { b, session } = await at('relay');
    const result = await b.withMeter((port) =>
      session.relay(port, { onPhase: (phase) => phase === 'closing' && b.line!.unplug() }),
    );
    expect(english(result)).toBe(
      'The meter no longer answers, and THE SUPPLY MAY BE OFF. Put the probe back and run this step again: it closes the relay first.',
    );
    expect(b.meter.connected).toBe(false);
    const next = b.session();
    expect(next).toMatchObject({ next: 'relay', status: 'failed', supplyMayBeOff: true });
    expect(await b.do(next, 'relay')).toMatchObject({ ok: true, evidence: { resumed: true, underLoad: true } });
    expect(b.meter.connected).toBe(true);
    expect(await openings(b)).toBe(1);
  });

  test('closed by somebody else meanwhile: the supply is not cut again', async () => {
    const { b, session } = await at('relay');
    const result = await b.withMeter((port) =>
      session.relay(
        new Proxy(port, {
          get: (target, name) => {
            if (name !== 'openRelay') return Reflect.get(target, name).bind(target);
            return async () => {
              await target.openRelay();
              throw new LinkError('transport', 'the probe was pulled');
            };
          },
        }),
      ),
    );
    expect(english(result)).toContain('THE SUPPLY MAY BE OFF');
    await b.withMeter((port) => port.closeRelay());
    b.clock.advance(5000);
    expect(await b.do(b.session(), 'relay')).toMatchObject({
      ok: true,
      evidence: { resumed: true, underLoad: false, open: { amperes: [] } },
    });
    expect(await openings(b)).toBe(1);
  });

  test('a meter that refuses to be switched', async () => {
    const { b, session } = await at('relay');
    const result = await b.withMeter((port) =>
      session.relay(
        new Proxy(port, {
          get: (target, name) => {
            if (name === 'openRelay')
              return async () => Promise.reject(new AccessError('read-write-denied', '70:x:1()', 'no'));
            return Reflect.get(target, name).bind(target);
          },
        }),
      ),
    );
    expect(english(result)).toContain('The meter refused: 70:x:1() read-write-denied');
    expect(session.supplyMayBeOff).toBe(false);
  });

  test('a meter that refuses to be closed again: the supply is off, and says so until it is on', async () => {
    const { b, session } = await at('relay');
    const result = await b.withMeter((port) =>
      session.relay(
        new Proxy(port, {
          get: (target, name) =>
            name === 'closeRelay'
              ? async () => Promise.reject(new AccessError('temporary-failure', '70:x:2()', 'no'))
              : Reflect.get(target, name).bind(target),
        }),
      ),
    );
    expect(english(result)).toContain('The meter refused: 70:x:2() temporary-failure');
    expect(result).toMatchObject({ ok: false, refusal: { supplyMayBeOff: true } });
    expect(b.meter.connected).toBe(false);
    const next = b.session();
    expect(next.supplyMayBeOff).toBe(true);
    expect(await b.do(next, 'relay')).toMatchObject({ ok: true, evidence: { resumed: true } });
    expect(b.meter.connected).toBe(true);
    expect(await openings(b)).toBe(1);
  });

  test('current that flows through an open relay', async () => {
    const { b, session } = await at('relay');
    const result = await b.withMeter((port) =>
      session.relay(
        new Proxy(port, {
          get: (target, name) =>
            name === 'load'
              ? async () => ({ volts: ['230'], amperes: ['0.900'] })
              : Reflect.get(target, name).bind(target),
        }),
      ),
    );
    expect(english(result)).toBe(
      'The relay says open, but 0.900 A still flow. The supply is on again. Take another meter.',
    );
    expect(b.meter.connected).toBe(true);
  });

  test('cannot be left out unless the policy says so, never without a reason, never with the supply off', async () => {
    const strict = await at('relay');
    expect(sentence((await strict.session.skip('relay', 'the consumer is on a ventilator'))!, 'en')).toContain(
      'does not let step 7 Relay be skipped',
    );
    const { b, session } = await at('relay', { policy: { skippable: ['relay'] } });
    expect((await session.skip('relay', 'no'))!.code).toBe('reason-too-short');
    await b.withMeter((port) => session.relay(port, { onPhase: (phase) => phase === 'closing' && b.line!.unplug() }));
    expect((await session.skip('relay', 'the consumer is on a ventilator'))!.code).toBe('relay-stays-open');
    await b.do(session, 'relay');
    const other = await at('relay', { policy: { skippable: ['relay'] } });
    expect(await other.session.skip('relay', ' the consumer is\n on a ventilator ')).toBeUndefined();
    await other.b.upTo(other.session, undefined);
    expect(other.b.certificates[0]!.signed.record.steps[6]).toMatchObject({
      step: 'relay',
      outcome: 'skipped',
      reason: 'the consumer is on a ventilator',
    });
    expect(await openings(other.b)).toBe(0);
  });
});

describe('steps 8 and 9: readings and events', () => {
  test('a meter that has served a household is no new one, whatever the policy leaves out', async () => {
    const { b, session } = await at('readings', { policy: { meter: defaultPolicy.meter } });
    expect(english(await b.do(session, 'readings'))).toMatch(
      /has already counted \d{4}\.\d{3} kWh; the utility takes at most 10 kWh/,
    );
    const { b: c, session: other } = await at('readings', { policy: { meter: defaultPolicy.meter } });
    const exported = await c.withMeter((port) =>
      other.readings(
        new Proxy(port, {
          get: (target, name) => {
            if (name !== 'energies') return Reflect.get(target, name).bind(target);
            const low = { '1.0.1.8.0.255': '900', '1.0.2.8.0.255': '10001' } as Record<string, string>;
            return async () =>
              (await target.energies()).map((one) => ({ ...one, value: low[one.logicalName] ?? one.value }));
          },
        }),
      ),
    );
    expect(english(exported)).toContain('has already counted 10.001 kWh');
  });

  test('a new meter that has counted too much', async () => {
    const { b, session } = await at('readings', {
      policy: { meter: { ...defaultPolicy.meter, highestStartReading: 50 } },
    });
    expect(english(await b.do(session, 'readings'))).toMatch(
      /has already counted \d+\.\d{3} kWh; the utility takes at most 50 kWh/,
    );
  });

  test('an open cover: the meter goes back', async () => {
    const { b, session } = await at('events');
    b.meter.raise(251);
    expect(english(await b.do(session, 'events'))).toMatch(
      /^The meter cover was opened \(23-11-2026 10:30:\d\d\)\. Do not use this meter: send it back\.$/,
    );
    expect(b.session()).toMatchObject({ next: 'events', status: 'failed' });
    const explained = await b.withMeter((port) => session.events(port, { cover: 'opened by the store for a check' }));
    expect(english(explained)).toContain('The meter cover was opened');
    expect(b.index.rows()).toEqual([]);
  });

  test('a magnet is explained, or the meter goes back', async () => {
    const { b, session } = await at('events');
    b.meter.raise(201);
    b.meter.raise(202);
    expect(english(await b.do(session, 'events'))).toContain('A magnet was near the meter');
    expect(english(await b.withMeter((port) => session.events(port, { magnet: 'dunno' })))).toContain('too short');
    const reason = 'the probe’s own magnet, before it was fixed';
    const result = await b.withMeter((port) => session.events(port, { magnet: reason }));
    expect(result).toMatchObject({
      ok: true,
      evidence: { findings: [{ tamper: 'magnet', standing: false, explanation: reason }] },
    });
  });
});

describe('steps 10 and 11: index and certificate', () => {
  test('a meter that got another consumer since step 5', async () => {
    const { b, session } = await at('index');
    b.index.add({
      workOrder: 'WO-0',
      consumer: { number: '99', name: 'X', address: 'Y', mobileLast4: '0000' },
      meter: SERIAL,
      feeder: 'F',
      transformer: 'T',
      pole: 'P',
      seals: [],
      sanctionedLoad: 1000,
      installedAt: START - 1000,
      startReadings: { time: 'then', values: [] },
    });
    expect(english(await session.index())).toContain('already serves another consumer (work order WO-0)');
    expect(session).toMatchObject({ next: 'index', status: 'failed' });
  });

  test('the power goes right behind the index, and the position is typed differently', async () => {
    const { b, session } = await at('index');
    b.disk.fault = { kind: 'power', at: b.disk.writes, after: 0 };
    await expect(session.index({ position: { latitude: 26.8468, longitude: 80.9463 } })).rejects.toBeInstanceOf(
      PowerCut,
    );
    b.disk.restart();
    const next = b.session();
    expect(await next.index({ position: { latitude: 26.8469, longitude: 80.9464 } })).toMatchObject({
      ok: true,
      evidence: { row: 1 },
    });
    expect(b.index.rows()).toMatchObject([{ consumer: { position: { latitude: 26.8468 } } }]);
  });

  test('a position where no meter can be', async () => {
    const { session } = await at('index');
    const result = await session.index({ position: { latitude: 51.5, longitude: 85 } });
    expect(english(result)).toBe('latitude is impossible: it is 6 to 38.');
  });

  test('the compact form of any record fits a QR code', async () => {
    const b = await bench({
      order: orderOf({
        id: 'W'.repeat(40),
        consumer: { number: 'C'.repeat(24), name: 'x', address: 'y', mobile: '9812344321' },
      }),
    });
    await b.upTo(b.session(), undefined);
    const { signed } = b.certificates[0]!;
    const long = {
      ...signed,
      record: { ...signed.record, installer: { ...signed.record.installer, letter: 'L'.repeat(300) } },
    };
    const compact = compactOf(long, b.signer);
    console.log(`compact: ${b.certificates[0]!.compact.length} characters, at most ${compact.length}`);
    expect(compact.length).toBeLessThan(800);
    expect(compact).toMatch(/^[0-9A-Z $%*+\-./:]+$/);
  });
});

describe('a full disk or a power cut at any write of the whole work', { timeout: 180_000 }, () => {
  async function writesOfAll(): Promise<number> {
    const b = await bench();
    await b.upTo(b.session(), undefined);
    return b.disk.writes;
  }

  test('a full disk: it is said, the supply is on, and nothing is lost', async () => {
    const total = await writesOfAll();
    for (let write = 0; write < total; write++) {
      const b = await bench();
      b.disk.fault = { kind: 'disk-full', at: write, after: write % 50 };
      let said = '';
      try {
        const session = b.session();
        while (session.next !== undefined) {
          const result = await b.do(session, session.next);
          said = english(result);
          if (!result.ok) break;
        }
      } catch (error) {
        // Before the first entry there is no session to tell it.
        said = `The disk is full (${(error as Error).message})`;
        expect(write).toBe(0);
      }
      expect(said).toContain('The disk is full');
      expect(b.meter.connected).toBe(true);
      b.disk.restart();
      b.clock.advance(5000);
      await finishes(b, write);
    }
    console.log(`disk full at each of ${total} writes`);
  });

  test('a power cut: the next run goes on, and does nothing twice', async () => {
    const total = await writesOfAll();
    for (let write = 0; write < total; write++) {
      const b = await bench();
      b.disk.fault = { kind: 'power', at: write, after: [0, 20, 10_000][write % 3]! };
      await expect((async () => b.upTo(b.session(), undefined))()).rejects.toBeInstanceOf(PowerCut);
      b.disk.restart();
      b.clock.advance(5000);
      await finishes(b, write);
    }
    console.log(`power cut at each of ${total} writes`);
  });

  async function finishes(b: Bench, write: number): Promise<void> {
    const session = b.session();
    // A try that was counted when the power went may have served: then the code is used, as it must be.
    if (session.next === 'consumer') {
      const result = await b.do(session, 'consumer');
      if (!result.ok) {
        expect(['otp-used', 'otp-rate-limited']).toContain(result.refusal.code);
        b.dispose();
        benches.splice(benches.indexOf(b), 1);
        return;
      }
    }
    await b.upTo(session, undefined);
    expect([write, await openings(b)]).toEqual([write, 1]);
    expect(b.meter.connected).toBe(true);
    expect(b.index.rows().length).toBe(1);
    const certificate = b.certificates.at(-1)!;
    expect(verifyRecord(certificate, b.trusted).verdict).toBe('valid');
    expect(certificate.signed.record.sequence).toBe(1);
    expect(new Set(b.certificates.map(({ signed }) => signed.hash)).size).toBe(1);
    b.dispose();
    benches.splice(benches.indexOf(b), 1);
  }
});

test('the step is said by its number and name in Hindi too', async () => {
  const b = await bench();
  const result = await b.session().documents([]);
  expect(result.ok ? '' : sentence(result.refusal, 'hi')).toBe(
    'चरण 3 दस्तावेज़ अभी नहीं किया जा सकता: पहले 1 मीटर लगाने वाला पूरा करें।',
  );
});
