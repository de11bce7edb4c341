/** Code that is loaded when a line or a call needs it: what waits for it can be ended, and what does not need it never asks. */
import { describe, expect, test, vi } from 'vitest';
import { VirtualClock } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import { openOn } from '../../src/client/open.js';
import type { Platform } from '../../src/client/platform.js';
import type { Exchange, Procedure } from '../../src/contracts/procedure.js';
import { platform } from '../../src/platform.js';
import { ClientDriver } from '../../src/transport/driver.js';
import { memoryPair } from '../../src/transport/memory.js';
import { serveLink } from '../../src/transport/server.js';
import { deferred } from '../support/listen.js';
import { PlainLink } from '../support/plain-link.js';
import { KEYS, ServedMeter } from '../support/served-meter.js';

const never = () => new Promise<never>(() => {});
const SERIAL = '0.0.96.1.0.255';

describe('a clear association', () => {
  test('is opened and read without cryptography and counters', async () => {
    const meter = new ServedMeter();
    const crypto = vi.fn(never);
    const memoryCounters = vi.fn(never);
    const line = meter.line('wrapper');
    const options = { clock: meter.clock, framing: 'wrapper', client: 16 } as const;
    const work = async () => {
      const opened = await openOn({ ...platform, crypto, memoryCounters }, line, options);
      expect(await opened.get(opened.data(SERIAL).value)).toBeDefined();
      await opened.close();
    };
    await meter.clock.run(work());
    expect([crypto.mock.calls.length, memoryCounters.mock.calls.length]).toEqual([0, 0]);
  });
});

describe('an opening whose code does not come', () => {
  const security = {
    ...{ encryptionKey: KEYS.encryption, authenticationKey: KEYS.authentication },
    systemTitle: new Uint8Array(8).fill(1),
  };
  test.each<[string, Partial<Platform>, object]>([
    ['of the framing', { links: { ...platform.links, wrapper: never } }, {}],
    ['of cryptography', { crypto: never }, { security }],
  ])('%s is ended by its signal, and opens no line', async (_, part, options) => {
    const meter = new ServedMeter();
    const line = meter.line('wrapper');
    const open = vi.spyOn(line, 'open');
    const stop = new AbortController();
    const given = { clock: meter.clock, framing: 'wrapper', signal: stop.signal, ...options } as const;
    const opening = openOn({ ...platform, ...part }, line, given);
    setImmediate(() => stop.abort(new Error('enough')));
    await expect(opening).rejects.toThrow('enough');
    expect(open).not.toHaveBeenCalled();
  });
});

describe('a procedure that waits for something of ours', () => {
  async function driven() {
    const clock = new VirtualClock();
    const [near, far] = memoryPair({ delivery: 'synchronous' });
    const asked: number[] = [];
    await serveLink(far, new PlainLink('server'), clock, {
      payload: ({ bytes }) => {
        asked.push(bytes[0] as number);
        return bytes;
      },
    });
    const driver = new ClientDriver(near, new PlainLink('client'), clock);
    await driver.connect();
    return { driver, clock, asked };
  }
  const asks = (octet: number): Exchange => ({ apdu: Uint8Array.of(octet), reply: true });
  function* waitingFor(until: Promise<void>): Procedure<number> {
    yield { apdu: new Uint8Array(0), reply: false, until };
    return (yield asks(1))[0] as number;
  }
  function* plain(): Procedure<number> {
    return (yield asks(2))[0] as number;
  }

  test('goes on when it is there, without a limit of time, and the others wait for it', async () => {
    const { driver, clock, asked } = await driven();
    const code = deferred<void>();
    const first = driver.run(waitingFor(code.promise));
    const second = driver.run(plain());
    clock.advance(3_600_000);
    expect(asked).toEqual([]);
    code.resolve();
    expect([await first, await second]).toEqual([1, 2]);
    expect(asked).toEqual([1, 2]);
    await driver.close();
  });

  test('fails where it fails, and the next one runs', async () => {
    const { driver, asked } = await driven();
    const first = driver.run(waitingFor(Promise.reject(new StateError('not loaded'))));
    const second = driver.run(plain());
    await expect(first).rejects.toThrow('not loaded');
    expect(await second).toBe(2);
    expect(asked).toEqual([2]);
    await driver.close();
  });

  test('ends with the driver, and sends nothing when it comes later', async () => {
    const { driver, asked } = await driven();
    const code = deferred<void>();
    const waiting = driver.run(waitingFor(code.promise));
    const ended = expect(waiting).rejects.toThrow('closed before the answer came');
    await driver.close();
    await ended;
    code.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toEqual([]);
  });
});
