import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type QuirkName, VirtualLine } from '../../simulator/index.js';
import { type Meter, type OpenOptions, open } from '../../src/index.js';
import { HdlcLink, ModeELink } from '../../src/protocol.js';
import { serveLink } from '../../src/server.js';
import {
  eventCodeOf,
  knownQuirks,
  parseQuirks,
  QUIRK_EFFECTS,
  type QuirkEffects,
  type QuirkMatch,
  type QuirkSheet,
  quirksSchema,
  type TraceEvent,
} from '../../src/tools.js';
import { Bench, MINUTE, START } from '../simulator/support.js';

const docs = (name: string) => readFileSync(resolve(import.meta.dirname, '../../docs', name), 'utf8');

/** A sheet for the virtual meter. */
function sheet(effects: QuirkEffects, match: QuirkMatch | null = { manufacturer: 'CSM' }): QuirkSheet {
  return { id: 'test', title: 'test', source: 'test', effects, ...(match === null ? {} : { match }) };
}

type Options = Parameters<Bench['open']>[1];

async function using<T>(
  quirks: readonly QuirkName[],
  name: string,
  options: Options,
  work: (meter: Meter, bench: Bench) => Promise<T>,
): Promise<{ result: T; seconds: number }> {
  const bench = new Bench({ quirks });
  const start = bench.clock.now();
  const run = async () => {
    const meter = await bench.open(name, options);
    try {
      return await work(meter, bench);
    } finally {
      await meter.close();
    }
  };
  const result = await bench.clock.run(run());
  return { result, seconds: (bench.clock.now() - start) / 1000 };
}

const serial = (meter: Meter) => meter.get(meter.data('0.0.96.1.0.255').value);
const both = (meter: Meter) => meter.get(meter.data('0.0.96.1.0.255').value, meter.data('0.0.42.0.0.255').value);

describe('quirks of meters', () => {
  it('a meter that does not know RLRQ is left without it', async () => {
    const told = await using(['no-release'], 'public', { quirks: [sheet({ release: false })] }, serial);
    expect(told.seconds).toBeLessThan(1);
    // The association in which the invocation counter is read comes before anything is known of the meter, unless it was chosen by hand.
    const chosen = await using(['no-release'], 'reader', { quirks: [sheet({ release: false }, null)] }, serial);
    expect(chosen.seconds).toBeLessThan(1);
    expect((await using(['no-release'], 'reader', { quirks: [] }, serial)).seconds).toBeGreaterThan(9);
  });

  it.each<[string, QuirkMatch]>([
    ['manufacturer', { manufacturer: 'csm' }],
    ['logical device name', { logicalDeviceName: 'CSM*' }],
    ['system title', { systemTitle: '43534D*' }],
    ['firmware and category', { firmware: '*', category: 'D1' }],
  ])('a meter that answers no lists, found by its %s, is asked one by one', async (_, match) => {
    const without: QuirkSheet = sheet({ without: ['multiple-references'] }, match);
    const { result } = await using(['no-lists'], 'utility', { quirks: [without] }, async (meter) => {
      expect(meter.supports('multiple-references')).toBe(false);
      expect(meter.quirks).toEqual([without]);
      return both(meter);
    });
    expect(result).toHaveLength(2);
    const other = sheet({ without: ['multiple-references'] }, { ...match, manufacturer: 'XYZ' });
    await expect(using(['no-lists'], 'utility', { quirks: [other], patience: 0 } as Options, both)).rejects.toThrow();
  });

  it('a meter that is deaf after its own frames is given its pause', async () => {
    const options = { framing: 'hdlc', retries: 1 } as const;
    const quirks = [sheet({ pause: 120 }, null)];
    const { seconds } = await using(['needs-pause'], 'public', { ...options, quirks }, serial);
    expect(seconds).toBeLessThan(1.5);
    const asItIs = await using(['needs-pause'], 'public', { ...options, quirks: [] }, serial).then(
      (done) => done.seconds,
      () => Number.POSITIVE_INFINITY,
    );
    expect(asItIs).toBeGreaterThan(3);
  });

  it.each<[QuirkName, number]>([
    ['deviation-630', 630],
    ['deviation-plus-330', 330],
  ])('%s: times are understood as they are meant, and written as the meter writes them', async (quirk, sends) => {
    const read = async (meter: Meter, bench: Bench) => {
      const time = await meter.get(meter.clock().time);
      const to = new Date(bench.clock.now());
      const rows = await meter.profile('1.0.99.1.0.255').rows({ from: new Date(to.getTime() - 120 * MINUTE), to });
      return { time, ahead: (meter.understood(time).toMillis() ?? 0) - bench.clock.now(), rows, meter };
    };
    const { result } = await using([quirk], 'reader', {}, read);
    expect(result.time.deviation).toBe(sends);
    expect(Math.abs(result.ahead)).toBeLessThan(2000);
    expect(result.rows.map(({ time }) => time?.toText().slice(0, 16))).toEqual(
      ['07:00', '07:30', '08:00', '08:30', '09:00'].map((t) => `2026-11-23 ${t}`),
    );
    const written = result.meter.timeLike(new Date(START), result.time, -330);
    expect([written.toText().slice(0, 16), written.deviation]).toEqual(['2026-11-23 09:00', sends]);
    const untold = await using([quirk], 'reader', { quirks: [] }, read);
    expect(Math.abs(untold.result.ahead)).toBeGreaterThan(3_600_000);
  });

  it('event codes that lost their high octet get it back', async () => {
    const codes = async (meter: Meter) => {
      await meter.relay().disconnect();
      const [row] = await meter.profile('0.0.99.98.6.255').rows({ last: 1 });
      const code = row?.values.find(({ logicalName }) => logicalName === '0.0.96.11.6.255');
      return code === undefined ? undefined : [code.data, eventCodeOf(meter.quirks, code)];
    };
    const { result } = await using(['event-code-enum'], 'utility', {}, codes);
    expect(result).toEqual([{ type: 'enum', value: 301 - 256 }, 301]);
    expect((await using([], 'utility', {}, codes)).result?.[1]).toBe(301);
    expect((await using(['event-code-enum'], 'utility', { quirks: [] }, codes)).result?.[1]).toBe(45);
  });

  it('long information fields and windows are not proposed to a meter that cannot bear them', async () => {
    const limits = async (quirks: readonly QuirkSheet[]) => {
      const events: TraceEvent[] = [];
      const options = { framing: 'hdlc', quirks, trace: (event: TraceEvent) => events.push(event) } as const;
      await using([], 'public', options, serial);
      return events.flatMap((event) =>
        event.type === 'link' && event.event.type === 'connected' ? [event.event.maxInfo] : [],
      );
    };
    expect(await limits([])).toEqual([128]);
    // It is opened anew once the meter is known.
    expect(await limits([sheet({ maxInfo: 64, window: 1 })])).toEqual([128, 64]);
    expect(await limits([sheet({ maxInfo: 64 }, null)])).toEqual([64]);
  });

  it('no sheet changes mechanism, protection or challenge checks: it is refused by name before anything is sent', async () => {
    for (const effects of [
      { authentication: { 48: 'gmac' } },
      { security: 'none' },
      { allowEchoedChallenge: true },
      { acceptUnprovenMeter: true },
      { without: ['general-protection'] },
    ]) {
      let octets = 0;
      const quirks = [sheet(effects as unknown as QuirkEffects, null)];
      const trace = (event: TraceEvent) => (octets += event.type === 'octets' ? 1 : 0);
      await expect(using([], 'utility', { quirks, trace }, serial)).rejects.toThrow(Object.keys(effects)[0]);
      expect(octets).toBe(0);
    }
  });

  it('a slow meter is waited for', async () => {
    const late = async (quirks: readonly QuirkSheet[]) => {
      const bench = new Bench({ faults: ['delay=15s'] });
      const options: Options = { quirks, framing: 'wrapper' };
      return bench.clock.run(bench.open('public', options).then((meter) => meter.close()));
    };
    await expect(late([sheet({ responseTimeout: 30_000 }, null)])).resolves.toBeUndefined();
    await expect(late([])).rejects.toThrow('no answer');
  });

  it('an address that is known is used, unless one is given', async () => {
    const bench = new Bench();
    const to = async (options: OpenOptions) => {
      const line = await bench.meter.line({ framing: 'hdlc', lower: 17 });
      const base = { framing: 'hdlc', clock: bench.clock, retries: 0 } as const;
      return bench.clock.run(open(line, { ...base, ...options }).then((meter) => meter.close()));
    };
    const quirks = [sheet({ lower: 17, addressSize: 2 }, null)];
    await expect(to({ quirks })).resolves.toBeUndefined();
    await expect(to({ quirks, serverLower: 16 })).rejects.toThrow();
    await expect(to({ quirks: [], serverLower: 16 })).rejects.toThrow();
  });

  it('HDLC goes on at the speed that the meter keeps to, whatever the sign-on agreed on', async () => {
    const to = async (quirks: readonly QuirkSheet[]) => {
      const bench = new Bench();
      const line = new VirtualLine(bench.clock, { baudRate: 300 });
      for (const end of [line.a, line.b]) await end.configure?.({ baudRate: 300, dataBits: 7, parity: 'even' });
      const config = { role: 'server', manufacturer: 'CSM', identification: 'D1', baud: 4800, hdlcBaud: 9600 } as const;
      await serveLink(line.b, new ModeELink(config, new HdlcLink('server', { devices: [1] })), bench.clock, {
        payload: ({ client, server, bytes }, now) => bench.meter.handle(client, server, bytes, now),
      });
      const options = { framing: 'mode-e', clock: bench.clock, quirks } as const;
      return bench.clock.run(open(line.a, options).then((meter) => meter.close()));
    };
    await expect(to([sheet({ hdlcBaud: 9600 }, null)])).resolves.toBeUndefined();
    await expect(to([])).rejects.toThrow();
  });

  it('one invoke id alone is used where the meter answers under no other', async () => {
    const ids = new Set<number>();
    const trace = (event: TraceEvent) => {
      if (event.type === 'octets' && event.direction === 'sent' && event.bytes[8] === 0xc0)
        ids.add((event.bytes[10] as number) & 0x0f);
    };
    const twice = async (meter: Meter) => [await serial(meter), await serial(meter)];
    await using([], 'public', { quirks: [sheet({ fixedInvokeId: 5 }, null)], trace }, twice);
    expect([...ids]).toEqual([5]);
  });

  it('sheets that hold for every meter, or have no effect, cost no octet', async () => {
    const sent = async (options: Options) => {
      let octets = 0;
      const trace = (event: TraceEvent) => {
        if (event.type === 'octets') octets += event.bytes.length;
      };
      await using([], 'public', { ...options, trace }, serial);
      return octets;
    };
    expect(await sent({})).toBe(await sent({ quirks: [] }));
  });

  it('notes of a sheet are told of the meter that it is for', async () => {
    const note: QuirkSheet = { ...sheet({}), notes: ['It hums.'] };
    const found = async (meter: Meter) => meter.quirks.flatMap(({ notes = [] }) => notes);
    expect((await using([], 'reader', { quirks: [note] }, found)).result).toEqual(['It hums.']);
  });
});

describe('sheets of quirks', () => {
  it('that come with the library are right, each with a name of its own', () => {
    expect(parseQuirks(JSON.stringify(knownQuirks), 'known')).toEqual(knownQuirks);
    expect(new Set(knownQuirks.map(({ id }) => id)).size).toBe(knownQuirks.length);
  });

  it.each<[string, unknown]>([
    ['is not JSON', undefined],
    ['no object', [5]],
    ["'id' is small letters", { title: 'a', source: 'b' }],
    ["'title' is text", { id: 'a', source: 'b' }],
    ["holds 'color'", { id: 'a', title: 'a', source: 'b', color: 1 }],
    ["'match' holds 'serial'", { id: 'a', title: 'a', source: 'b', match: { serial: '1' } }],
    ["'match.firmware' is text", { id: 'a', title: 'a', source: 'b', match: { firmware: 1 } }],
    ["no effect 'magic'", { id: 'a', title: 'a', source: 'b', effects: { magic: 1 } }],
    ["effect 'maxInfo' is 5", { id: 'a', title: 'a', source: 'b', effects: { maxInfo: 5 } }],
    ["effect 'without' is", { id: 'a', title: 'a', source: 'b', effects: { without: ['lists'] } }],
    ["effect 'deviation' is 330", { id: 'a', title: 'a', source: 'b', effects: { deviation: 330 } }],
    ['--auth', { id: 'a', title: 'a', source: 'b', effects: { authentication: { 48: 'gmac' } } }],
    ['neither mechanism nor protection', { id: 'a', title: 'a', source: 'b', effects: { allowEchoedChallenge: true } }],
    ["effect 'without' is", { id: 'a', title: 'a', source: 'b', effects: { without: ['general-protection'] } }],
    ["effect 'lenient' is", { id: 'a', title: 'a', source: 'b', effects: { lenient: 'yes' } }],
    ["'notes' is a list", { id: 'a', title: 'a', source: 'b', notes: 'x' }],
  ])('are refused with what is wrong: %s', (says, content) => {
    const text = content === undefined ? '{' : JSON.stringify(content);
    expect(() => parseQuirks(text, 'mine.json')).toThrow(says);
    expect(() => parseQuirks(text, 'mine.json')).toThrow('mine.json');
  });

  it('have their schema and their page in docs', () => {
    expect(JSON.parse(docs('quirks.schema.json'))).toEqual(JSON.parse(JSON.stringify(quirksSchema())));
    const page = docs('quirks.md');
    for (const [name, { what }] of Object.entries(QUIRK_EFFECTS)) expect(page).toContain(`| \`${name}\` | ${what} |`);
    for (const { id, title } of knownQuirks) expect(page).toContain(`| \`${id}\` | ${title} |`);
  });
});
