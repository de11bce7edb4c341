import { afterEach, expect, test, vi } from 'vitest';

/** Which providers were loaded. */
const loaded: string[] = [];

vi.mock('../../src/security/noble-crypto.js', async (original) => {
  loaded.push('noble');
  return original();
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
  loaded.length = 0;
});

const provider = async () => (await import('../../src/platform/crypto.js')).platformCrypto();
const digest = Uint8Array.from('900150983cd24fb0d6963f7d28e17f72'.match(/../g) ?? [], (hex) =>
  Number.parseInt(hex, 16),
);
const abc = new TextEncoder().encode('abc');

test("in Node it is Node's own, and noble is not loaded", async () => {
  expect((await provider()).hash('md5', abc)).toEqual(digest);
  expect(loaded).toEqual([]);
});

test('where there is none of it, it is noble', async () => {
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never);
  const crypto = await provider();
  expect(crypto.hash('md5', abc)).toEqual(digest);
  expect(loaded).toEqual(['noble']);
});

test('a program reads meters with what it loaded once', async () => {
  expect(await provider()).toBe(await provider());
});

test('open takes it where none is given', async () => {
  const { createMeter, openOptionsOf } = await import('../../simulator/index.js');
  const { open, VirtualClock } = await import('../../src/index.js');
  const clock = new VirtualClock(Date.UTC(2026, 5, 10, 6));
  const virtual = createMeter('is15959-1ph', { clock, seed: 7 });
  const builtin = vi.spyOn(process, 'getBuiltinModule');
  const options = openOptionsOf(virtual, 'reader');
  const transport = await virtual.line();
  const meter = await clock.run(open(transport, { ...options, clock }));
  expect(await clock.run(meter.get(meter.clock().time))).toBeDefined();
  await clock.run(meter.close());
  virtual.stop();
  expect(builtin.mock.calls).toEqual([['node:crypto']]);
});
