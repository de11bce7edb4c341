import { expect, it } from 'vitest';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { open, systemClock } from '../../src/index.js';

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
