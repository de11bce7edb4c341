import { afterEach, describe, expect, test } from 'vitest';
import { LinkError } from '../../../src/base/errors.js';
import { CosemDateTime } from '../../../src/codec/datetime.js';
import { AppendLog } from '../src/append-log.js';
import { relayWords } from '../src/certificate/relay-words.js';
import type { RelayEvidence, SwitchTime } from '../src/evidence.js';
import type { JournalEntry } from '../src/journal.js';
import { sentence } from '../src/messages.js';
import type { LoggedEvent, MeterPort } from '../src/meter-port.js';
import { verifyRecord } from '../src/record/record.js';
import type { CommissioningSession } from '../src/session.js';
import type { RelayStepOptions } from '../src/step/relay.js';
import { Bench, type BenchOptions } from './bench.js';
import { pulledAt } from './faulty-port.js';

const benches: Bench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) bench.dispose();
});

const GAP = 81_000;
const OPENED = 301;
const CLOSED = 302;

/** A house that has come to step 7, and what the meter's log had then. */
interface House {
  readonly b: Bench;
  readonly session: CommissioningSession;
  readonly before: readonly LoggedEvent[];
}

async function house(options: BenchOptions = {}, prepare = async (_: Bench) => {}): Promise<House> {
  const b = new Bench(options);
  benches.push(b);
  await b.openIndex();
  const session = b.session();
  await b.upTo(session, 'clock');
  await prepare(b);
  await b.upTo(session, 'relay');
  return { b, session, before: await logOf(b) };
}

/** The same house again before step 7: a meter of its own for each of many tries would take long. */
async function again({ b }: House, journal: Uint8Array | undefined): Promise<House> {
  b.disk.replace(`journal-${b.order.id}`, journal);
  b.clock.advance(GAP);
  return { b, session: b.session(), before: await logOf(b) };
}

async function logOf(b: Bench): Promise<readonly LoggedEvent[]> {
  return (await b.withMeter((port) => port.switchings()))!;
}

/** What the meter itself has written since. */
async function written({ b, before }: House): Promise<readonly LoggedEvent[]> {
  const log = await logOf(b);
  // By its last entry and not by their number: the log drops its oldest.
  const last = before.at(-1);
  return log.slice(log.findIndex(({ time, code }) => time === last?.time && code === last.code) + 1);
}

/** The same port, with some of its calls replaced. */
function but(port: MeterPort, changes: Partial<MeterPort>): MeterPort {
  return new Proxy(port, {
    get: (target, name) => Reflect.get(changes, name) ?? Reflect.get(target, name).bind(target),
  });
}

type Change = (port: MeterPort) => MeterPort;
const asItIs: Change = (port) => port;

/** Another run of the program, some time later. */
async function resumed({ b }: House, change = asItIs, options: RelayStepOptions = {}): Promise<RelayEvidence> {
  b.clock.advance(GAP);
  const session = b.session();
  const result = await b.withMeter((port) => session.relay(change(port), options));
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return result.evidence;
}

const gone = () => new LinkError('transport', 'the probe was pulled');

function flat({ off = [] }: RelayEvidence): [number, SwitchTime][] {
  return off.flatMap(({ opened, closed }): [number, SwitchTime][] => [
    [OPENED, opened],
    [CLOSED, closed],
  ]);
}

/** The signed times are those of the meter's log, all of them and no others. */
async function agrees(house: House, evidence: RelayEvidence, outages = 1): Promise<void> {
  const log = await written(house);
  expect(log.length).toBe(2 * outages);
  expect(flat(evidence).map(([code, at]) => [code, at.by === 'meter' ? at.time : at])).toEqual(
    log.map(({ code, time }) => [code, time]),
  );
}

/** The meter's log as instants: its clock shows India's time. */
const instant = ({ time }: LoggedEvent) =>
  Date.parse(`${time.slice(0, 10)}T${time.slice(11, 22).replace(/ .*/, '')}Z`) - 330 * 60_000;

/** Where the meter did not say it, what is signed lies around the truth. */
async function liesAround(house: House, evidence: RelayEvidence): Promise<void> {
  const log = await written(house);
  expect(flat(evidence).length).toBe(log.length);
  for (const [i, [code, at]] of flat(evidence).entries()) {
    const truth = instant(log[i]!);
    if (at.by !== 'looks') throw new Error('the log has no such event');
    // The meter cuts its time to hundredths.
    expect([code, at.after < truth + 10, truth <= at.before]).toEqual([log[i]!.code, true, true]);
  }
}

describe('the signed times agree with the meter’s log', () => {
  test('in a test that nothing interrupts', async () => {
    const h = await house();
    const result = await h.b.do(h.session, 'relay');
    const evidence = (result as { evidence: RelayEvidence }).evidence;
    expect(evidence.resumed).toBe(false);
    await agrees(h, evidence);
  });

  test('wherever the probe is pulled, whether the meter heard the call or not', { timeout: 180_000 }, async () => {
    let pulled = 0;
    let h = await house();
    const journal = h.b.disk.copy(`journal-${h.b.order.id}`);
    for (let call = 0, done = false; !done; call++) {
      for (const heard of [false, true]) {
        h = await again(h, journal);
        const first = await h.b.withMeter((port) => h.session.relay(pulledAt(port, call, heard)));
        done = first.ok;
        if (done) break;
        pulled++;
        const begun = h.b.session().supplyMayBeOff;
        const said = first.ok ? '' : sentence(first.refusal, 'en');
        expect(said).toContain('The meter no longer answers');
        // Said whenever it is so.
        if (!h.b.meter.connected) expect(said).toContain('MAY BE OFF');
        const evidence = await resumed(h);
        expect(h.b.meter.connected).toBe(true);
        expect([call, heard, evidence.resumed]).toEqual([call, heard, begun]);
        await agrees(h, evidence);
      }
    }
    expect(pulled).toBeGreaterThan(15);
  });

  test('the log does not have the events: between two looks, wherever the probe is pulled', {
    timeout: 180_000,
  }, async () => {
    let h = await house();
    const journal = h.b.disk.copy(`journal-${h.b.order.id}`);
    for (const log of [async () => undefined, async () => []]) {
      const silent: Change = (port) => but(port, { switchings: log });
      for (let call = 0, done = false; !done; call++) {
        h = await again(h, journal);
        const first = await h.b.withMeter((port) => h.session.relay(pulledAt(silent(port), call, false)));
        const evidence = first.ok ? first.evidence : await resumed(h, silent);
        done = first.ok;
        await liesAround(h, evidence);
      }
    }
  });

  test('the command was heard and its answer lost; a log that cannot be read', async () => {
    const h = await house();
    const deaf: Change = (port) =>
      but(port, {
        switchings: async () => undefined,
        openRelay: async () => {
          await port.openRelay();
          throw gone();
        },
      });
    await h.b.withMeter((port) => h.session.relay(deaf(port)));
    const evidence = await resumed(h, (port) => but(port, { switchings: async () => undefined }));
    expect(evidence.resumed).toBe(true);
    await liesAround(h, evidence);
    const [[, opened], [, closed]] = flat(evidence) as [[number, SwitchTime], [number, SwitchTime]];
    // Some 81 seconds of which nobody knows: both may not be said to be the moment of resuming.
    expect(opened.by === 'looks' && opened.before - opened.after).toBeGreaterThanOrEqual(GAP);
    expect(closed.by === 'looks' && closed.before - closed.after).toBeLessThan(10_000);
  });

  test('the button closed it while nobody looked', async () => {
    const h = await house();
    await h.b.withMeter((_, meter) => meter.set(meter.disconnectControl().controlMode, 1));
    await h.b.withMeter((port) =>
      h.session.relay(port, {
        onPhase: (phase) => phase === 'button' && h.b.line!.unplug(),
      }),
    );
    h.b.clock.advance(20_000);
    h.b.meter.pressButton();
    const evidence = await resumed(h);
    expect(evidence.resumed).toBe(true);
    await agrees(h, evidence);
  });

  test('the meter closed it by itself behind a command whose answer was lost', async () => {
    const h = await house();
    await h.b.withMeter((port) =>
      h.session.relay(
        but(port, {
          closeRelay: async () => {
            await port.closeRelay();
            throw gone();
          },
        }),
      ),
    );
    await agrees(h, await resumed(h));
  });

  test('it was closed and opened again meanwhile: both are signed', async () => {
    const h = await house();
    await h.b.withMeter((port) =>
      h.session.relay(port, { onPhase: (phase) => phase === 'closing' && h.b.line!.unplug() }),
    );
    const wait = (time: number) => h.b.clock.advance(time);
    wait(3000);
    await h.b.withMeter((port) => port.closeRelay());
    wait(9000);
    await h.b.withMeter((port) => port.openRelay());
    const evidence = await resumed(h);
    await agrees(h, evidence, 2);
    expect(relayWords(evidence, '2026-11-23T10:40:00+05:30').en).toContain('off 2 times');
  });

  test('it opened and closed before the first look: not stuck, and nothing was proved of its current', async () => {
    const h = await house();
    const result = await h.b.withMeter((port) =>
      h.session.relay(
        but(port, {
          openRelay: async () => {
            await port.openRelay();
            await port.closeRelay();
            h.b.clock.advance(2000);
          },
        }),
      ),
    );
    expect(result).toMatchObject({ ok: true, evidence: { underLoad: false, open: { amperes: [] } } });
    await agrees(h, (result as { evidence: RelayEvidence }).evidence);
  });

  test('the clock was set in step 6, and the log has openings that are later than now', async () => {
    const h = await house({}, async (b) => {
      await b.withMeter(async (port) => {
        const time = await port.time();
        await port.setTime(CosemDateTime.fromDate(new Date(time.toMillis()! + 600_000), time.deviation));
      });
      await b.withMeter((port) => port.openRelay());
      b.clock.advance(2000);
      await b.withMeter((port) => port.closeRelay());
      b.clock.advance(2000);
    });
    expect(h.session.steps.find(({ step }) => step === 'clock')).toMatchObject({ evidence: { set: true } });
    await h.b.withMeter((port) =>
      h.session.relay(port, { onPhase: (phase) => phase === 'closing' && h.b.line!.unplug() }),
    );
    await agrees(h, await resumed(h));
  });

  test('the meter’s clock is wrong: its time stands as the log has it, and whose time it is', async () => {
    const h = await house();
    await h.b.withMeter(async (port) => {
      const time = await port.time();
      await port.setTime(CosemDateTime.fromDate(new Date(time.toMillis()! - 26 * 3_600_000), time.deviation));
    });
    const result = await h.b.do(h.session, 'relay');
    const evidence = (result as { evidence: RelayEvidence }).evidence;
    await agrees(h, evidence);
    expect(relayWords(evidence, '2026-11-23T10:40:00+05:30').en).toMatch(
      /off 22-11-2026 08:30:\d\d, on 22-11-2026 08:30:\d\d, by the meter's clock/,
    );
  });

  test.each([
    ['newest first', (log: readonly LoggedEvent[]) => log.toReversed()],
    ['with the oldest gone', (log: readonly LoggedEvent[]) => log.slice(-2)],
  ])('a log %s', async (_, order) => {
    const h = await house();
    const shown: Change = (port) => but(port, { switchings: async () => order((await port.switchings()) ?? []) });
    await h.b.withMeter((port) =>
      h.session.relay(shown(port), { onPhase: (phase) => phase === 'closing' && h.b.line!.unplug() }),
    );
    await agrees(h, await resumed(h, shown));
  });

  test('a log that is written later', async () => {
    const h = await house();
    let asked = 0;
    const late: Change = (port) =>
      but(port, { switchings: async () => (++asked === 2 ? h.before : await port.switchings()) });
    const result = await h.b.withMeter((port) => h.session.relay(late(port)));
    await agrees(h, (result as { evidence: RelayEvidence }).evidence);
  });

  test('a log that has openings alone, and one without times: the rest lies between two looks', async () => {
    const h = await house();
    const half: Change = (port) =>
      but(port, { switchings: async () => (await port.switchings())?.filter(({ code }) => code === OPENED) });
    const result = await h.b.withMeter((port) => h.session.relay(half(port)));
    const [[, opened], [, closed]] = flat((result as { evidence: RelayEvidence }).evidence) as [
      [number, SwitchTime],
      [number, SwitchTime],
    ];
    const [first, second] = (await written(h)) as [LoggedEvent, LoggedEvent];
    expect(opened).toEqual({ by: 'meter', time: first.time });
    expect(closed.by === 'looks' && [closed.after <= instant(second), instant(second) <= closed.before]).toEqual([
      true,
      true,
    ]);
    const other = await house();
    const timeless: Change = (port) =>
      but(port, {
        switchings: async () => (await port.switchings())?.map(({ code }) => ({ code, time: '2026-**-** **:**:**' })),
      });
    const bare = await other.b.withMeter((port) => other.session.relay(timeless(port)));
    await liesAround(other, (bare as { evidence: RelayEvidence }).evidence);
  });
});

describe('journals and records of earlier versions', () => {
  test.each([true, false])('a test that an earlier version began is taken up; it knew the log: %s', async (known) => {
    const h = await house({}, async (b) => {
      if (!known) return;
      await b.withMeter((port) => port.openRelay());
      await b.withMeter((port) => port.closeRelay());
      b.clock.advance(2000);
    });
    await h.b.withMeter((port) =>
      h.session.relay(port, { onPhase: (phase) => phase === 'closing' && h.b.line!.unplug() }),
    );
    const lastOpening = h.before.findLast(({ code }) => code === OPENED)?.time ?? null;
    rewrite(h.b, (entry) => {
      if (entry.type !== 'begun') return entry;
      const { intent } = entry;
      if (intent.action === 'open-relay') {
        return { ...entry, intent: { action: 'open-relay', before: intent.before, lastOpening } };
      }
      if (intent.action !== 'close-relay') return entry;
      return { ...entry, intent: { action: 'close-relay', openedAt: entry.at, open: intent.open } };
    });
    const evidence = await resumed(h);
    expect(evidence).toMatchObject({ resumed: true, open: { amperes: ['0'] } });
    if (known) await agrees(h, evidence);
    // The earlier version wrote the same where the log had no opening and where it could not be read.
    else await liesAround(h, evidence);
  });

  test('a step that an earlier version did is signed, and its page says that these are looks', async () => {
    const h = await house();
    await h.b.upTo(h.session, 'certificate');
    const at = Date.UTC(2026, 10, 23, 5, 0, 10);
    rewrite(h.b, (entry) => {
      if (entry.type !== 'done' || entry.step !== 'relay') return entry;
      const { off: _, ...rest } = entry.evidence as RelayEvidence;
      return { ...entry, evidence: { ...rest, openedAt: at, closedAt: at + 1000 } };
    });
    await h.b.upTo(h.b.session(), undefined);
    const certificate = h.b.certificates[0]!;
    expect(verifyRecord(certificate, h.b.trusted).verdict).toBe('valid');
    const { relay, at: signedAt } = certificate.signed.record;
    expect(relayWords(relay!, signedAt).en).toContain('seen off 10:30:10, seen on 10:30:11');
  });

  /** The journal as another version would have written it. */
  function rewrite({ disk, order }: Bench, change: (entry: JournalEntry) => JournalEntry): void {
    const name = `journal-${order.id}`;
    const entries = new AppendLog<JournalEntry>(disk.file(name)).entries.map(change);
    disk.replace(name, undefined);
    const log = new AppendLog<JournalEntry>(disk.file(name));
    for (const entry of entries) log.append(entry);
  }
});
