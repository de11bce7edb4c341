/** A meter that takes its time: response times are those of the reference meter at 9600 baud (shared/reference/conformance.md). */
import { expect, test } from 'vitest';
import { VirtualLine } from '../../simulator/index.js';
import { DataClass } from '../../src/cosem/classes/storage.js';
import { decodeFrame } from '../../src/link/hdlc-frame.js';
import type { TraceEvent } from '../../src/tools.js';
import { make } from '../link/hdlc-themes.js';
import { Bench } from './support.js';

const OCTET = 10_000 / 9600;

/** Response times by what was answered, from the last octet of the question to the last octet of the answer. */
class Times {
  readonly byKind = new Map<string, number[]>();
  #asked: { readonly bytes: Uint8Array; readonly now: number } | undefined;

  readonly trace = (event: TraceEvent): void => {
    if (event.type !== 'octets') return;
    if (event.direction === 'sent') this.#asked = event;
    else if (this.#asked !== undefined) {
      const { bytes, now } = this.#asked;
      const kind = kindOf(bytes, event.bytes);
      this.byKind.set(kind, [...(this.byKind.get(kind) ?? []), event.now - now - bytes.length * OCTET]);
      this.#asked = undefined;
    }
  };

  median(kind: string): number {
    const sorted = (this.byKind.get(kind) ?? []).toSorted((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? Number.NaN;
  }

  all(kind: string): readonly number[] {
    return this.byKind.get(kind) ?? [];
  }
}

function kindOf(question: Uint8Array, answer: Uint8Array): string {
  const { control, information } = decodeFrame(answer);
  if (control.type !== 'I') return control.type;
  const asked = decodeFrame(question).information;
  // Behind the LLC header.
  const tag = asked[3] ?? 0;
  if (information.length > 700) return 'block';
  if (tag === 0x60) return 'AARE';
  return tag === 0xc0
    ? 'GET'
    : tag === 0xc8
      ? 'glo-GET'
      : tag === 0xc9
        ? 'glo-SET'
        : tag === 0xcb
          ? 'glo-ACTION'
          : 'other';
}

async function talk(name: string, count: number): Promise<Times> {
  const bench = new Bench({ profile: 'is15959-3ph', realistic: true });
  const times = new Times();
  await bench.clock.run(
    (async () => {
      const meter = await bench.open(name, { framing: 'hdlc', trace: times.trace, release: false });
      const value = meter.object(DataClass, '0.0.42.0.0.255').value;
      for (let i = 0; i < count; i++) await meter.get(value);
      if (meter.supports('block-transfer-with-get-or-read')) await meter.objects();
      if (meter.supports('set')) {
        const period = meter.data('1.0.0.8.0.255').value;
        const before = await meter.get(period);
        for (let i = 0; i < 10; i++) await meter.set(period, before);
      }
      await meter.close();
    })(),
  );
  return times;
}

const near = (value: number, wanted: number) => {
  expect(value).toBeGreaterThan(wanted * 0.75);
  expect(value).toBeLessThan(wanted * 1.3);
};

test('in clear: UA, AARE, GET', async () => {
  const times = await talk('public', 100);
  near(times.median('AARE'), 125);
  near(times.median('UA'), 62);
  near(times.median('GET'), 71);
  for (const time of times.all('GET')) expect(time).toBeGreaterThan(50);
});

test('with LLS: AARE, ciphered GET, full blocks', async () => {
  const times = await talk('reader', 100);
  // The public client reads the counter first.
  near(Math.max(...times.all('AARE')), 250);
  near(times.median('glo-GET'), 106);
  near(times.median('block'), 985);
  expect(times.all('block').length).toBeGreaterThan(8);
});

test('with HLS: AARE, pass 3, ciphered SET', async () => {
  const times = await talk('utility', 10);
  near(Math.max(...times.all('AARE')), 300);
  near(times.median('glo-ACTION'), 150);
  near(times.median('glo-SET'), 125);
});

test('a data link that answers by itself takes 24 to 77 ms, or now and then longer', async () => {
  const bench = new Bench({ profile: 'is15959-3ph', realistic: true });
  const line = await bench.meter.line({ framing: 'hdlc' });
  const heard: number[] = [];
  await line.open({ data: () => heard.push(bench.clock.now()), closed: () => {} });
  // DISC to a meter that is not connected: DM.
  const disc = make('DISC');
  const times: number[] = [];
  for (let i = 0; i < 200; i++) {
    const asked = bench.clock.now();
    line.write(disc);
    await bench.clock.run(new Promise((resolve) => bench.clock.at(asked + 1000, () => resolve(undefined))));
    for (const at of heard.splice(0)) times.push(at - asked - disc.length * OCTET);
  }
  expect(times.length).toBe(200);
  const sorted = times.toSorted((a, b) => a - b);
  near(sorted[100] as number, 40);
  expect(sorted[0]).toBeGreaterThan(24);
  expect(sorted[190]).toBeLessThan(77);
});

test('the same seed takes the same time; on a serial line the wire is not counted twice; without the option nothing takes time', async () => {
  expect([...(await talk('public', 5)).byKind]).toEqual([...(await talk('public', 5)).byKind]);

  const bench = new Bench({ profile: 'is15959-3ph', realistic: true });
  const line = new VirtualLine(bench.clock, { baudRate: 9600 });
  await bench.meter.attach(line.b, { framing: 'hdlc' });
  const start = bench.clock.now();
  const meter = await bench.clock.run(bench.openOn(line.a, 'public', { framing: 'hdlc' }));
  const opened = bench.clock.now() - start;
  // SNRM, UA, AARQ, AARE at 9600 baud, and what the meter works.
  expect(opened).toBeGreaterThan(200);
  expect(opened).toBeLessThan(400);
  await bench.clock.run(meter.close());

  const quick = new Bench({ profile: 'is15959-3ph' });
  const before = quick.clock.now();
  await (await quick.open('public', { framing: 'hdlc' })).close();
  expect(quick.clock.now()).toBe(before);
});
