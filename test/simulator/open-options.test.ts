import { describe, expect, it } from 'vitest';
import { createFleet, createMeter, openOptionsOf, templateMeter } from '../../simulator/index.js';
import { open, systemClock, type Transport, VirtualClock } from '../../src/index.js';
import { memoryPair } from '../../src/protocol.js';
import { MeterDump } from '../../src/tools.js';

it('opens a virtual meter by the name of a connection', async () => {
  const virtual = createMeter('is15959-1ph', { clock: systemClock, seed: 7 });
  for (const name of ['public', 'reader', 'utility']) {
    const meter = await open(await virtual.line(), openOptionsOf(virtual, name));
    expect((await meter.get(meter.clock().time)).isSpecified(), name).toBe(true);
    await meter.close();
  }
  virtual.stop();
});

it('names the connections when there is no such', () => {
  const virtual = createMeter('is15959-1ph', { clock: systemClock, seed: 7 });
  expect(() => openOptionsOf(virtual, 'nobody')).toThrow(
    expect.objectContaining({ code: 'state', hint: expect.stringContaining('public, reader, utility') }),
  );
  virtual.stop();
});

describe('the line that the meter is served on', () => {
  const framings = ['hdlc', 'wrapper', 'wrapper-udp', 'mode-e'] as const;

  it.each(framings)('is told with the rest: %s', async (framing) => {
    const clock = new VirtualClock(0);
    const recorded = templateMeter(await recording(clock), { clock });
    for (const virtual of [createMeter('is15959-1ph', { clock, seed: 7 }), recorded]) {
      expect(openOptionsOf(virtual).framing).toBeUndefined();
      const line = await virtual.line({ framing, ...(framing === 'hdlc' ? { lower: 17 } : {}) });
      const meter = await clock.run(open(line, { clock, ...openOptionsOf(virtual) }));
      expect((await clock.run(meter.get(meter.clock().time))).isSpecified()).toBe(true);
      await clock.run(meter.close());
      virtual.stop();
    }
  });

  it('is that of the options before a client is there', async () => {
    const clock = new VirtualClock(0);
    const virtual = createMeter('is15959-1ph', { clock, seed: 7, framing: 'wrapper' });
    const options = openOptionsOf(virtual);
    expect(options.framing).toBe('wrapper');
    const meter = await clock.run(open(await virtual.line(), { clock, ...options }));
    await clock.run(meter.close());
    virtual.stop();
  });

  it.each(['hdlc', 'wrapper'] as const)('is told of meters of a fleet, behind a gateway of %s too', async (framing) => {
    const clock = new VirtualClock(0);
    const fleet = createFleet('is15959-1ph', { clock, seed: 7, count: 30 });
    const read = async (line: Transport, index: number) => {
      const meter = await clock.run(open(line, { clock, ...openOptionsOf(fleet.meter(index)) }));
      const serial = await clock.run(meter.get(meter.data('0.0.96.1.0.255').value));
      await clock.run(meter.close());
      return serial.type === 'visible-string' || serial.type === 'octet-string' ? toText(serial.value) : serial.type;
    };
    const [ends, own] = [memoryPair(), memoryPair()];
    await fleet.gateway(ends[1], { framing, from: 10, count: 20 });
    expect(await read(ends[0], 17)).toBe(fleet.identity(17).serial);
    await fleet.attach(17, own[1], { framing: 'wrapper' });
    expect(await read(own[0], 17)).toBe(fleet.identity(17).serial);
    expect(openOptionsOf(fleet.meter(3)).framing).toBeUndefined();
    fleet.stop();
  });
});

async function recording(clock: VirtualClock) {
  const virtual = createMeter('is15959-1ph', { clock, seed: 7 });
  const dump = new MeterDump({ clock, rows: 0 });
  const line = await virtual.line();
  const options = openOptionsOf(virtual);
  const meter = await clock.run(open(line, { clock, ...options }));
  await clock.run(dump.add(meter, 'reader', options));
  await clock.run(meter.close());
  virtual.stop();
  return dump.template();
}

function toText(value: string | Uint8Array): string {
  return typeof value === 'string' ? value : new TextDecoder().decode(value);
}
