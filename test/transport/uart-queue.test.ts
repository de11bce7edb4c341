import { describe, expect, it } from 'vitest';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { VirtualClock } from '../../src/base/clock.js';
import { type Meter, open, readout } from '../../src/index.js';
import { encodeReadout } from '../../src/link/iec21.js';
import { ModeCLink } from '../../src/link/mode-c.js';
import { nodeCrypto } from '../../src/node.js';
import { type SerialSettings, serial } from '../../src/transport/node-serial.js';
import { serveLink } from '../../src/transport/server.js';
import { UartCable } from '../support/uart.js';

/**
 * A UART has a queue, and its driver's drain may return while the queue is full: whoever then changes the speed, closes, opens again or
 * flushes the port loses what was written last. This happened to one sign-on in three.
 */

const START = Date.UTC(2026, 10, 23, 3, 30);
const SEVEN = { baudRate: 300, dataBits: 7, parity: 'even' } as const;

/** A mode-E meter at one end of the cable, a client at the other. */
async function modeE(settings: SerialSettings, work: (meter: Meter) => Promise<void>) {
  const clock = new VirtualClock(START);
  const cable = new UartCable(clock);
  const meter = createMeter('is15959-1ph', { seed: 7, clock });
  await clock.run(meter.attach(serial('b', { binding: cable.b, clock, baudRate: 300 }), { framing: 'mode-e' }));
  const client = serial('a', { binding: cable.a, clock, ...settings });
  const started = clock.now();
  const opened = await clock.run(
    open(client, { framing: 'mode-e', clock, crypto: nodeCrypto, ...openOptionsOf(meter, 'public') }),
  );
  const took = clock.now() - started;
  await clock.run(work(opened));
  await clock.run(opened.close());
  return { ...cable, took };
}

describe('a port with a queue, whose drain returns at once', () => {
  it.each([
    ['8N1, as the command opens it', { baudRate: 300 }, 1],
    ['9600 8N1, as a port is opened unless told', {}, 1],
    ['7E1, as callers of old open it', SEVEN, 2],
  ])('signs on in mode E and reads, opened at %s', async (_, settings, opened) => {
    const { a, b, took } = await modeE(settings, async (meter) => {
      for (let i = 0; i < 3; i++) await meter.get(meter.data('0.0.96.1.0.255').value);
    });
    // At the first attempt, and nothing was lost on the way.
    expect(took).toBeLessThan(3500);
    expect([a.counts.discarded, b.counts.discarded]).toEqual([0, 0]);
    expect(a.counts.opened).toBe(opened);
  });

  it('every one of many sign-ons succeeds at the first attempt', async () => {
    const clock = new VirtualClock(START);
    const cable = new UartCable(clock);
    const meter = createMeter('is15959-1ph', { seed: 7, clock });
    const at = { baudRate: 300, clock };
    await clock.run(meter.attach(serial('b', { binding: cable.b, ...at }), { framing: 'mode-e' }));
    for (let i = 0; i < 25; i++) {
      const started = clock.now();
      const client = await clock.run(
        open(serial('a', { binding: cable.a, ...at }), {
          framing: 'mode-e',
          clock,
          crypto: nodeCrypto,
          ...openOptionsOf(meter, 'public'),
        }),
      );
      expect(clock.now() - started).toBeLessThan(3500);
      await clock.run(client.close());
    }
    expect([cable.a.counts.discarded, cable.b.counts.discarded]).toEqual([0, 0]);
  });

  it.each([300, 2400, 9600, 19_200])('reads out in mode C at %d baud', async (baud) => {
    const clock = new VirtualClock(START);
    const cable = new UartCable(clock);
    const link = new ModeCLink({ role: 'server', manufacturer: 'ABC', identification: 'OLD', baud });
    const sets = [{ address: '1.8.0', values: [{ value: '000123.4', unit: 'kWh' }] }];
    const answer = encodeReadout(sets);
    await clock.run(
      serveLink(serial('b', { binding: cable.b, clock, baudRate: 300 }), link, clock, { payload: () => answer }),
    );
    const { values } = await clock.run(readout(serial('a', { binding: cable.a, clock, baudRate: 300 }), { clock }));
    expect(values).toMatchObject([{ value: '000123.4', unit: 'kWh' }]);
    expect([cable.a.counts.discarded, cable.b.counts.discarded]).toEqual([0, 0]);
  });

  it('sends its last octets before it closes, however long they take', async () => {
    const clock = new VirtualClock(START);
    const cable = new UartCable(clock);
    const heard: number[] = [];
    const far = serial('b', { binding: cable.b, clock, baudRate: 300 });
    await far.open({ data: (chunk) => heard.push(...chunk), closed: () => {} });
    const port = serial('a', { binding: cable.a, clock, baudRate: 300 });
    await port.open({ data: () => {}, closed: () => {} });
    const octets = Uint8Array.from({ length: 100 }, (_, i) => i);
    port.write(octets);
    await clock.run(port.close());
    expect(heard).toEqual([...octets]);
  });

  it('changes its speed only when what was written before has left', async () => {
    const clock = new VirtualClock(START);
    const cable = new UartCable(clock);
    const port = serial('a', { binding: cable.a, clock, baudRate: 300 });
    await port.open({ data: () => {}, closed: () => {} });
    port.write(Uint8Array.from([1, 2, 3, 4, 5, 6]));
    await clock.run(port.configure?.({ baudRate: 9600 }) ?? Promise.resolve());
    expect(clock.now() - START).toBeGreaterThanOrEqual(200);
    expect(clock.now() - START).toBeLessThan(230);
    expect(cable.a.counts.garbled).toBe(0);
    // Nothing is waited for when nothing is on its way.
    const then = clock.now();
    await clock.run(port.configure?.({ baudRate: 2400 }) ?? Promise.resolve());
    expect(clock.now()).toBe(then);
  });
});
