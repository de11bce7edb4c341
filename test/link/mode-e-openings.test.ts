import { describe, expect, it } from 'vitest';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { VirtualLine } from '../../simulator/line.js';
import { VirtualClock } from '../../src/base/clock.js';
import type { Transport } from '../../src/contracts/transport.js';
import { type LinkError, type OpenOptions, open } from '../../src/index.js';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import { ModeELink } from '../../src/link/mode-e.js';
import type { ModeEServerConfig } from '../../src/link/mode-e-config.js';
import { serveLink } from '../../src/transport/server.js';

/** Meters that sign on and then do not answer as the standard says; see `OPENINGS`. */

const ACK = '\x06';
const REQUEST = '/?!\r\n';

/** What the meter hears, chunk by chunk, as text of seven bits; false: it does not hear it. */
type Ear = (text: string, now: number, lastSpoken: number) => boolean;

function withEar(end: Transport, clock: VirtualClock, ear: Ear, late: number): Transport {
  let lastSpoken = Number.NEGATIVE_INFINITY;
  return {
    name: end.name,
    open: (handler) =>
      end.open({
        ...handler,
        data: (chunk) => {
          const text = String.fromCharCode(...chunk.map((octet) => octet & 0x7f));
          if (ear(text, clock.now(), lastSpoken)) handler.data(chunk);
        },
        closed: () => {},
      }),
    write: (bytes) => {
      end.write(bytes);
      lastSpoken = clock.now() + bytes.length * (10_000 / 300);
    },
    configure: async (settings) => {
      if (settings.baudRate !== 300 && late > 0) clock.at(clock.now() + late, () => void end.configure?.(settings));
      else await end.configure?.(settings);
    },
    drain: () => end.drain?.() ?? Promise.resolve(),
    close: () => end.close(),
  };
}

async function opened(
  meterConfig: Partial<ModeEServerConfig>,
  { ear = () => true, late = 0, ...options }: Partial<OpenOptions> & { ear?: Ear; late?: number } = {},
) {
  const clock = new VirtualClock(Date.UTC(2026, 10, 23, 3, 30));
  const meter = createMeter('is15959-1ph', { seed: 7, clock });
  const line = new VirtualLine(clock, { baudRate: 300, fifo: 8 });
  const config = {
    role: 'server',
    manufacturer: 'ABC',
    identification: 'METER-1',
    baud: 9600,
    ...meterConfig,
  } as const;
  const link = new ModeELink(config, new HdlcLink('server', { devices: [1] }));
  await serveLink(withEar(line.b, clock, ear, late), link, clock, {
    payload: ({ client, server, bytes }, now) => meter.handle(client, server, bytes, now),
  });
  const signOns: number[] = [];
  const start = clock.now();
  const outcome = await clock.run(
    open(line.a, {
      framing: 'mode-e',
      clock,
      ...openOptionsOf(meter, 'public'),
      trace: (event) => {
        if (event.type !== 'octets' || event.direction !== 'sent') return;
        if (String.fromCharCode(...event.bytes.map((octet) => octet & 0x7f)) === REQUEST)
          signOns.push(event.now - start);
      },
      ...options,
    }).then(
      async (client) => {
        const { value } = (await client.get(client.data('0.0.96.1.0.255').value)) as { value: unknown };
        expect(value).toBe(meter.identity.serial);
        return 'open';
      },
      (error: LinkError) => error,
    ),
  );
  return { outcome, signOns, seconds: (clock.now() - start) / 1000 };
}

const ack = (speed = '.') => new RegExp(`^${ACK}2${speed}2\r\n$`);
const once = (pattern: RegExp): Ear => {
  let missed = false;
  return (text) => {
    if (missed || !pattern.test(text)) return true;
    missed = true;
    return false;
  };
};

describe('a meter that signs on and then keeps silent is opened anew, and another way', () => {
  it.each<[string, Partial<ModeEServerConfig>, { ear?: Ear; late?: number }, number, number]>([
    ['answers at once', {}, {}, 1, 4],
    ['did not hear the acknowledgement', {}, { ear: once(ack()) }, 2, 30],
    ['did not hear the first request', {}, { ear: once(/^\/\?!/) }, 2, 7],
    ['never changes its speed', { hdlcBaud: 300 }, {}, 1, 25],
    [
      'wants the acknowledgement 500 ms after its name',
      {},
      { ear: (text, now, last) => !ack().test(text) || now - 200 - last >= 500 },
      2,
      30,
    ],
    ['takes an acknowledgement at 300 baud alone', {}, { ear: (text) => !ack('[^0]').test(text) }, 3, 50],
    ['takes 1.4 s to change its speed', {}, { late: 1400 }, 1, 8],
    ['takes 5 s to change its speed', {}, { late: 5000 }, 1, 14],
    [
      'signs on with a reaction time of 20 ms in its letters, and hears nothing for 200',
      { manufacturer: 'ABc' },
      { ear: (text, now, last) => !ack().test(text) || now - 200 - last >= 200 },
      2,
      30,
    ],
  ])('%s', async (_, config, options, signOns, within) => {
    const result = await opened(config, options);
    expect(result.outcome).toBe('open');
    expect(result.signOns.length).toBe(signOns);
    expect(result.seconds).toBeLessThan(within);
  });

  it('that hears no sign-on until it was left in peace for 18 s', async () => {
    let last = Number.NEGATIVE_INFINITY;
    let missed = false;
    let awake = false;
    const ear: Ear = (text, now) => {
      if (!missed && ack().test(text)) {
        missed = true;
        last = now;
        return false;
      }
      if (!missed) return true;
      awake ||= now - last >= 18_000;
      last = now;
      return awake;
    };
    const { outcome, seconds } = await opened({}, { ear });
    expect(outcome).toBe('open');
    expect(seconds).toBeLessThan(90);
    missed = false;
    awake = false;
    expect(String((await opened({}, { ear, patience: 0 })).outcome)).toMatch(/did not sign on again/);
  });

  it('that was left at the agreed speed is spoken to there', async () => {
    // A meter that stands in HDLC at 9600 baud hears no sign-on.
    const clock = new VirtualClock(Date.UTC(2026, 10, 23, 3, 30));
    const meter = createMeter('is15959-1ph', { seed: 7, clock });
    const line = new VirtualLine(clock, { baudRate: 9600 });
    await serveLink(line.b, new HdlcLink('server', { devices: [1] }), clock, {
      payload: ({ client, server, bytes }, now) => meter.handle(client, server, bytes, now),
    });
    const client = await clock.run(open(line.a, { framing: 'mode-e', clock, ...openOptionsOf(meter, 'public') }));
    const serial = client.get(client.data('0.0.96.1.0.255').value);
    expect(await clock.run(serial)).toMatchObject({ value: meter.identity.serial });
    await clock.run(client.close());
  });

  it('is given up with a sentence that says what was tried, and never that it has no HDLC', async () => {
    const { outcome, signOns, seconds } = await opened({}, { ear: (text) => !text.startsWith(ACK) });
    expect(signOns.length).toBe(3);
    expect(seconds).toBeLessThan(60);
    expect(outcome).toMatchObject({ code: 'link', reason: 'no-answer' });
    expect(String(outcome)).toMatch(
      /the meter signed on, and no HDLC answered then: tried at 9600, at 300, at 9600, at 300 baud/,
    );
  });

  it('a line where nobody signs on is given up soon', async () => {
    const { outcome, seconds } = await opened({}, { ear: () => false });
    expect(String(outcome)).toMatch(/no identification after 3 requests at 300 baud, no HDLC at 9600/);
    expect(seconds).toBeLessThan(15);
  });
});
