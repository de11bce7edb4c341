import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { VirtualLine } from '../../simulator/line.js';
import { concat, toHex } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import type { Exchange } from '../../src/contracts/procedure.js';
import { type Control, commandControl, encodeFrame, hdlcAddress, iControl } from '../../src/link/hdlc-frame.js';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import { FrameSplitter } from '../../src/link/hdlc-splitter.js';
import { PacedLink } from '../../src/link/paced-link.js';
import { ClientDriver } from '../../src/transport/driver.js';
import { EchoCanceller } from '../../src/transport/echo-canceller.js';
import { serveLink } from '../../src/transport/server.js';
import { FieldLine } from '../support/field-line.js';
import { pair } from '../support/pair.js';

const RUNS = { numRuns: 2000 };
const bytes = (...octets: number[]) => Uint8Array.from(octets);
/** No frames of HDLC: of those the last flag may be the first of what follows. */
const frame = fc.uint8Array({ minLength: 1, maxLength: 40 }).filter((octets) => octets[0] !== 0x7e);
/** Where a stream is cut, and how long the line is silent before each piece. */
const cuts = fc.array(
  fc.record({ size: fc.integer({ min: 1, max: 20 }), pause: fc.constantFrom(0, 1, 40, 299, 2000) }),
);

type Cuts = readonly { readonly size: number; readonly pause: number }[];

/** A canceller, what it passed on, and a clock that calls it when it wants to be called. */
class Ear {
  readonly canceller: EchoCanceller;
  heard: number[] = [];
  cancelled = 0;
  #now = 0;

  constructor(mode: 'auto' | true) {
    this.canceller = new EchoCanceller(mode, () => this.cancelled++);
  }

  say(...frames: readonly Uint8Array[]): void {
    for (const octets of frames) this.canceller.sent(octets);
  }

  hear(stream: Uint8Array, pieces: Cuts = []): void {
    let at = 0;
    for (let i = 0; at < stream.length; i++) {
      const { size, pause } = pieces[i] ?? { size: stream.length, pause: 0 };
      this.wait(pause);
      this.heard.push(...this.canceller.receive(stream.slice(at, at + size), this.#now));
      at += size;
    }
  }

  wait(time: number): void {
    this.#now += time;
    const due = this.canceller.pollTimeout();
    if (due !== undefined && due <= this.#now) this.heard.push(...this.canceller.handleTimeout(this.#now));
  }

  take(): Uint8Array {
    const heard = Uint8Array.from(this.heard);
    this.heard = [];
    return heard;
  }
}

/** Parity aside, which an echo of text may have or not. */
const startsWith = (octets: Uint8Array, start: Uint8Array) =>
  start.length <= octets.length && start.every((octet, i) => ((octet ^ (octets[i] as number)) & 0x7f) === 0);

describe('where nothing echoes', () => {
  /** An answer as near to the question as can be without being its echo. */
  const exchange = fc
    .record({ said: fc.array(frame, { minLength: 1, maxLength: 4 }), alike: fc.nat(60), rest: frame, pieces: cuts })
    .map(({ said, alike, rest, pieces }) => ({ said, answer: concat(concat(...said).slice(0, alike), rest), pieces }))
    .filter(({ said, answer }) => !startsWith(answer, said[0] as Uint8Array));

  it('every octet of every answer is passed on, in order, whatever it has in common with the question', () => {
    fc.assert(
      fc.property(fc.array(exchange, { minLength: 1, maxLength: 5 }), (exchanges) => {
        const ear = new Ear('auto');
        for (const { said, answer, pieces } of exchanges) {
          ear.say(...said);
          ear.hear(answer, pieces);
          ear.wait(300);
          expect(toHex(ear.take())).toBe(toHex(answer));
        }
        expect([ear.cancelled, ear.canceller.echoing]).toEqual([0, false]);
      }),
      RUNS,
    );
  });

  it('an answer that equals the question is passed on once another came: RR of HDLC, acknowledgement of mode E', () => {
    const ear = new Ear('auto');
    ear.say(bytes(0x2f, 0x3f, 0x21, 0x0d, 0x0a));
    ear.hear(bytes(0x2f, 0x49, 0x53, 0x4b));
    const acknowledgement = bytes(0x06, 0x32, 0x35, 0x32, 0x0d, 0x0a);
    ear.say(acknowledgement);
    ear.take();
    ear.hear(acknowledgement);
    expect(ear.take()).toEqual(acknowledgement);
  });

  it('silence brings out what was held back', () => {
    const ear = new Ear('auto');
    ear.say(bytes(1, 2, 3, 4, 5, 6));
    ear.hear(bytes(1, 2, 3));
    expect(ear.take().length).toBe(0);
    expect(ear.canceller.pollTimeout()).toBe(300);
    ear.wait(300);
    expect(ear.take()).toEqual(bytes(1, 2, 3));
  });
});

describe('where all comes back', () => {
  const exchange = fc.record({ said: fc.array(frame, { minLength: 1, maxLength: 7 }), answer: frame, pieces: cuts });

  it.each(['auto', true] as const)('%s: the answers alone are passed on, in any chunking and however late', (mode) => {
    fc.assert(
      fc.property(
        frame.filter(({ length }) => length >= 5),
        fc.array(exchange, { minLength: 1, maxLength: 5 }),
        (first, exchanges) => {
          const ear = new Ear(mode);
          let count = 1;
          ear.say(first);
          ear.hear(first);
          for (const { said, answer, pieces } of exchanges) {
            ear.say(...said);
            ear.hear(concat(...said, answer), pieces);
            expect(toHex(ear.take())).toBe(toHex(answer));
            count += said.length;
          }
          expect([ear.cancelled, ear.canceller.echoing]).toEqual([count, true]);
        },
      ),
      RUNS,
    );
  });

  it('auto: the first frame that comes back is taken out already, with any pauses below 300 ms', () => {
    const short = cuts.map((pieces) => pieces.map(({ size, pause }) => ({ size, pause: pause % 300 })));
    fc.assert(
      fc.property(
        frame.filter(({ length }) => length >= 5),
        frame,
        short,
        (said, answer, pieces) => {
          const calm = pieces.map(({ size, pause }) => ({ size, pause: pause === 200 ? 0 : pause }));
          const ear = new Ear('auto');
          ear.say(said);
          ear.hear(concat(said, answer), calm);
          expect(toHex(ear.take())).toBe(toHex(answer));
        },
      ),
      RUNS,
    );
  });

  it('at seven bits, parity in what is heard', () => {
    const ear = new Ear('auto');
    ear.say(bytes(0x2f, 0x3f, 0x21, 0x0d, 0x0a));
    ear.hear(bytes(0xaf, 0x3f, 0x21, 0x8d, 0x0a, 0x2f, 0x49));
    expect(ear.take()).toEqual(bytes(0x2f, 0x49));
  });

  it('three answers without an echo before them, and it is no longer taken for granted', () => {
    const ear = new Ear('auto');
    const said = bytes(0x7e, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x7e);
    const answer = bytes(0x7e, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0x7e);
    ear.say(said);
    ear.hear(said);
    for (let i = 0; i < 3; i++) {
      expect(ear.canceller.echoing).toBe(true);
      ear.say(said);
      ear.hear(answer);
      ear.wait(300);
      expect(ear.take()).toEqual(answer);
    }
    expect(ear.canceller.echoing).toBe(false);
  });
});

describe('where what comes back is broken', () => {
  const asked = (control: Control, information: Uint8Array) =>
    encodeFrame({ destination: hdlcAddress(1), source: hdlcAddress(16), control, segmented: false, information });
  const question = fc
    .record({ ns: fc.nat(7), nr: fc.nat(7), information: fc.uint8Array({ maxLength: 60 }), rr: fc.boolean() })
    .map(({ ns, nr, information, rr }) =>
      rr ? asked(commandControl('RR', true, nr), bytes()) : asked(iControl(ns, nr, true), information),
    )
    // Broken just before octets that look like the begin of a frame, an echo cannot be told from the answer that begins alike.
    .filter((frame) => !toHex(frame).slice(2).includes('7EA0'));
  const answer = fc
    .record({ ns: fc.nat(7), nr: fc.nat(7), information: fc.uint8Array({ maxLength: 60 }) })
    .map((told) =>
      encodeFrame({
        destination: hdlcAddress(16),
        source: hdlcAddress(1),
        control: iControl(told.ns, told.nr, true),
        segmented: false,
        information: told.information,
      }),
    );
  /** A silence in the midst of a broken echo, two faults at once, cannot be told from the end of it. */
  const calm = cuts.map((pieces) => pieces.map(({ size, pause }) => ({ size, pause: pause === 2000 ? 40 : pause })));
  const mishap = fc.record({
    at: fc.nat(200),
    what: fc.constantFrom('lost', 'changed', 'doubled', 'cut'),
    to: fc.nat(255),
  });
  const mishaps = fc.array(mishap, { maxLength: 3 });

  function broken(octets: Uint8Array, faults: readonly { at: number; what: string; to: number }[]): Uint8Array {
    const heard = [...octets];
    for (const { at, what, to } of faults) {
      const index = at % Math.max(heard.length, 1);
      if (what === 'lost') heard.splice(index, 1 + (to % 8));
      else if (what === 'changed' && heard.length > 0) heard[index] = to;
      else if (what === 'doubled') heard.splice(index, 0, heard[index] ?? 0);
      else if (what === 'cut') heard.length = index;
    }
    return Uint8Array.from(heard);
  }

  function framesIn(octets: Uint8Array): string[] {
    const splitter = new FrameSplitter(() => {});
    const frames: string[] = [];
    splitter.push(octets);
    splitter.flush();
    for (let f = splitter.next(); f !== undefined; f = splitter.next()) frames.push(toHex(encodeFrame(f)));
    return frames;
  }

  it('the answer is passed on and no echo is, lost, changed, doubled, cut off or wanting altogether', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(question, mishaps, answer, calm), { minLength: 1, maxLength: 4 }), (exchanges) => {
        const ear = new Ear(true);
        for (const [said, faults, told, pieces] of exchanges) {
          ear.say(said);
          ear.hear(concat(broken(said, faults), told), pieces);
          ear.wait(300);
          expect(framesIn(ear.take())).toEqual([toHex(told)]);
        }
      }),
      RUNS,
    );
  });

  it('of a burst with one broken frame no frame is passed on', () => {
    const burst = fc
      .array(fc.uint8Array({ minLength: 10, maxLength: 60 }), { minLength: 2, maxLength: 7 })
      .map((all) => all.map((information, ns) => asked(iControl(ns, 0, ns === all.length - 1), information)));
    const bursts = fc.tuple(burst, fc.nat(6), mishap, answer);
    fc.assert(
      fc.property(bursts, calm, ([said, which, fault, told], pieces) => {
        const ear = new Ear(true);
        ear.say(...said);
        const echo = said.map((octets, i) => (i === which % said.length ? broken(octets, [fault]) : octets));
        ear.hear(concat(...echo, told), pieces);
        ear.wait(300);
        expect(framesIn(ear.take())).toEqual([toHex(told)]);
      }),
      RUNS,
    );
  });

  test('an answer behind half an echo comes at once, where the echo was known to have begun', () => {
    const said = bytes(0x7e, 0xa0, 0x0c, 3, 0x21, 0x10, 1, 2, 3, 4, 5, 6, 7, 0x7e);
    const ear = new Ear(true);
    ear.say(said);
    ear.hear(concat(said.slice(0, 10), bytes(0x7e, 0xa0, 7, 0x21, 3, 0x73, 9, 9, 0x7e)));
    ear.wait(300);
    expect(ear.take()).toEqual(bytes(0x7e, 0xa0, 7, 0x21, 3, 0x73, 9, 9, 0x7e));
  });
});

describe('on the virtual line', () => {
  it('client and server of one address: no echo is taken for an answer', async () => {
    const seen: string[] = [];
    const { clock, driver } = await pair({
      handler: { payload: () => 'none' },
      line: { echo: [true, false] },
      client: { client: 1, server: 1 },
      driver: {
        onLinkEvent: (event) => {
          if (event.type === 'discarded') seen.push(event.reason);
        },
      },
    });
    await clock.run(driver.connect());
    await clock.run(driver.disconnect());
    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(new Set(seen)).toEqual(new Set(['echo: our own frame, come back']));
    await clock.run(driver.close());
  });

  it.each(['hdlc', 'mode-e'] as const)(
    '%s: what is read over an echo is what is read without, in the same time',
    async (framing) => {
      const told = [];
      for (const [echoes, echo] of [
        [false, 'auto'],
        [true, 'auto'],
        [true, true],
      ] as const) {
        const field = new FieldLine({ framing, line: { echo: [echoes, false] } });
        const work = async () => {
          const meter = await field.open('utility', { echo });
          const start = field.clock.now();
          const rows = await meter.profile('1.0.99.2.0.255').rows({ last: 4 });
          const took = field.clock.now() - start;
          await meter.close();
          return { rows: rows.map(({ values }) => values.map(({ text }) => text)), took };
        };
        told.push(await field.clock.run(work(), 3_600_000));
      }
      expect(told[0]?.rows.length).toBe(4);
      expect(told[1]).toEqual(told[0]);
      expect(told[2]).toEqual(told[0]);
    },
  );

  it.each([
    [0, 0],
    [80, 0],
    [80, 30],
  ])('turnaround of %d ms and inter-frame delay of %d ms are kept', async (turnaround, interFrameDelay) => {
    const clock = new VirtualClock();
    const line = new VirtualLine(clock, { echo: [true, false] });
    const octetTime = 10_000 / 9600;
    const parameters = { windowTransmit: 7, windowReceive: 7 };
    const served = await serveLink(line.b, new HdlcLink('server', { devices: [1], parameters }), clock, {
      payload: ({ bytes: octets }) => octets.slice(0, 300),
    });
    let heard = 0;
    let free = 0;
    const turns: number[] = [];
    const gaps: number[] = [];
    const link = new PacedLink(new HdlcLink('client', { client: 16, server: 1, octetTime, parameters }), {
      turnaround,
      interFrameDelay,
      octetTime,
    });
    const driver = new ClientDriver(line.a, link, clock, {
      echo: true,
      trace: ({ direction, bytes: octets, now }) => {
        // What comes before the line is free again is echo.
        if (direction === 'received') heard = now > free + 1 ? now : heard;
        else {
          if (heard > free) turns.push(now - heard);
          else if (free > 0) gaps.push(now - free);
          free = Math.max(free, now) + octets.length * octetTime;
        }
      },
    });
    const exchange = function* (): Generator<Exchange, number, Uint8Array> {
      let length = 0;
      for (let i = 0; i < 3; i++) length += (yield { apdu: new Uint8Array(700), reply: true }).length;
      return length;
    };
    await clock.run(driver.connect());
    expect(await clock.run(driver.run(exchange()))).toBe(900);
    await clock.run(driver.close());
    await clock.run(served.close());
    expect([turns.length > 3, gaps.length > 5]).toEqual([true, true]);
    expect(Math.min(...turns)).toBeCloseTo(turnaround, 3);
    // Without a delay frames are handed over at once, and the line keeps them in order.
    if (interFrameDelay === 0) expect(Math.max(...gaps)).toBeLessThanOrEqual(0);
    else expect(Math.min(...gaps)).toBeCloseTo(interFrameDelay, 3);
  });
});
