import { describe, expect, test } from 'vitest';
import { equalBytes, fromHex, fromLatin1, toHex } from '../../src/base/bytes.js';
import { AssociationError, DecodeError, LinkError, StateError, TimeoutError } from '../../src/base/errors.js';
import type { Meter } from '../../src/client/meter.js';
import { openOn } from '../../src/client/open.js';
import type { OpenOptions } from '../../src/client/options.js';
import type { Platform } from '../../src/client/platform.js';
import { speaksShortNamesOn } from '../../src/client/probe-short-names.js';
import type { TraceEvent } from '../../src/client/trace-event.js';
import type { Transport } from '../../src/contracts/transport.js';
import { open } from '../../src/index.js';
import { platform } from '../../src/platform.js';
import { MemoryCounterStore } from '../../src/security/counter.js';
import { memoryPair } from '../../src/transport/memory.js';
import { CLIENT_TITLE, KEYS, PASSWORD, SECRET, SERVER_TITLE, ServedMeter } from '../support/served-meter.js';

const security = {
  systemTitle: CLIENT_TITLE,
  encryptionKey: KEYS.encryption,
  authenticationKey: KEYS.authentication,
};
const counters = () => new MemoryCounterStore();

/** Every way in, by the client SAP that the meter offers it to. */
const ways: Record<string, OpenOptions> = {
  'no authentication': { client: 16 },
  'low level security': { client: 17, password: PASSWORD },
  'HLS 2': { client: 18, secret: SECRET },
  MD5: { client: 19, authentication: 'md5', secret: fromLatin1(SECRET) },
  'SHA-1': { client: 20, authentication: 'sha1', secret: SECRET },
  'GMAC in clear': {
    client: 21,
    authentication: 'gmac',
    security: { ...security, policy: 'none', counters: counters() },
  },
  'SHA-256 with our system title alone': {
    client: 22,
    authentication: 'sha256',
    secret: SECRET,
    systemTitle: CLIENT_TITLE,
  },
  'SHA-256': {
    client: 22,
    authentication: 'sha256',
    secret: SECRET,
    security: { ...security, policy: 'none', counters: counters() },
  },
  'LLS, encrypted': {
    client: 32,
    password: PASSWORD,
    security: { ...security, policy: 'encryption', counters: counters() },
  },
  'HLS 2, authenticated and encrypted': { client: 48, secret: SECRET, security: { ...security, counters: counters() } },
  'the same with a dedicated key': {
    client: 48,
    secret: SECRET,
    security: { ...security, dedicatedKey: true, counters: counters() },
  },
  'GMAC, authenticated and encrypted': {
    client: 49,
    authentication: 'gmac',
    security: { ...security, counters: counters() },
  },
  'general ciphering': {
    client: 49,
    authentication: 'gmac',
    security: { ...security, general: true, counters: counters() },
  },
};

describe.each(['hdlc', 'wrapper'] as const)('over %s', (framing) => {
  test.each(Object.entries(ways))('%s: opens, reads and closes', async (_, options) => {
    const served = new ServedMeter();
    const meter = await served.clock.run(served.open({ framing, ...options }));
    expect(meter.connected).toBe(true);
    expect(served.associated).toBe(true);
    const value = await served.clock.run(meter.get(meter.register('1.0.1.8.0.255').value));
    expect(value).toEqual({ type: 'double-long-unsigned', value: 123456 });
    await served.clock.run(meter.close());
    expect(meter.connected).toBe(false);
    expect(served.associated).toBe(false);
    expect(served.ends).toContain('transport');
  });

  test.each([
    ['wrong password', { client: 17, password: 'HGFEDCBA' }, AssociationError],
    ['wrong secret', { client: 18, secret: 'HGFEDCBA' }, AssociationError],
    [
      'wrong key',
      {
        client: 48,
        secret: SECRET,
        security: { ...security, encryptionKey: new Uint8Array(16), counters: counters() },
      },
      AssociationError,
    ],
    ['no ciphering where there must be', { client: 48, secret: SECRET }, AssociationError],
    ['a client that the meter does not know', { client: 99 }, AssociationError],
  ] as const)('%s: one clear error, and the meter is released', async (_, options, type) => {
    const served = new ServedMeter();
    const error = await served.clock.run(served.open({ framing, ...options }).catch((thrown) => thrown));
    expect(error).toBeInstanceOf(type);
    expect(error.message).toMatch(/refused|could not prove|did not prove/);
    expect(error.hint).toBeTruthy();
    const shown = `${error.message} ${error.hint}`;
    for (const secret of ['HGFEDCBA', PASSWORD, SECRET, toHex(KEYS.encryption)]) expect(shown).not.toContain(secret);
    expect(served.associated).toBe(false);
    expect(served.ends).toContain('transport');
    await served.clock.run(served.clock.run(served.open({ framing })).then((meter) => meter.close()));
  });
});

describe('the invocation counter', () => {
  const options = (store = counters()): OpenOptions => ({
    client: 48,
    secret: SECRET,
    security: { ...security, readInvocationCounter: '0.0.43.1.3.255', counters: store },
  });

  test('is read as the public client over the same line, and ours goes above it', async () => {
    const served = new ServedMeter();
    served.received.accept(5000);
    const meter = await served.clock.run(served.open(options()));
    expect(served.ends.filter((end) => end === 'transport')).toEqual([]);
    expect(served.received.lowest).toBeGreaterThan(5001);
    await served.clock.run(meter.close());
    expect(served.ends.at(-1)).toBe('transport');
  });

  test('never goes back: what the store gave is not given again, whatever the meter says', async () => {
    const served = new ServedMeter();
    const store = counters();
    const entries: string[] = [];
    const given: number[] = [];
    const watched = {
      next: (entry: string) => {
        entries.push(entry);
        const counter = store.next(entry);
        given.push(counter);
        return counter;
      },
      peek: (entry: string) => store.peek(entry),
      raise: (entry: string, atLeast: number) => store.raise(entry, atLeast),
    };
    for (let i = 0; i < 3; i++) {
      const meter = await served.clock.run(served.open(options(watched as MemoryCounterStore)));
      await served.clock.run(meter.close());
    }
    expect(given.length).toBeGreaterThan(5);
    expect(given).toEqual([...new Set(given)].sort((a, b) => a - b));
    expect(new Set(entries).size).toBe(1);
    expect(entries[0]).toMatch(/^4D4D4D0000BC614E\/[0-9A-F]{8}$/);
    expect(entries[0]).not.toContain(toHex(KEYS.encryption).slice(0, 8));
  });

  test('needs no store of ours', async () => {
    const served = new ServedMeter();
    const { counters: _, ...withoutStore } = options().security!;
    const meter = await served.clock.run(served.open({ ...options(), security: withoutStore }));
    expect(meter.connected).toBe(true);
    await served.clock.run(meter.close());
  });

  test('that the meter does not publish there is one clear error, and everything is closed', async () => {
    const served = new ServedMeter();
    const wrong = { ...options().security!, readInvocationCounter: '0.0.96.1.0.255' };
    const error = await served.clock.run(served.open({ ...options(), security: wrong }).catch((e) => e));
    expect(error).toBeInstanceOf(DecodeError);
    expect(error.message).toMatch(/octet-string, which is not an invocation counter/);
    expect(served.ends.at(-1)).toBe('transport');
  });

  test('of a client that starts again at 1 is refused, with what to do, where no step is allowed', async () => {
    const served = new ServedMeter();
    served.received.accept(5000);
    const plain = { ...security, counters: counters(), counterStep: 0 };
    const error = await served.clock.run(served.open({ client: 48, secret: SECRET, security: plain }).catch((e) => e));
    expect(error).toBeInstanceOf(AssociationError);
    expect(served.ends.at(-1)).toBe('transport');
  });
});

describe('what cannot be is told before anything is sent', () => {
  test.each<[string, OpenOptions, RegExp]>([
    ['no secret', { authentication: 'md5' }, /needs the option 'secret'/],
    ['no password', { authentication: 'lls' }, /needs the option 'password'/],
    ['no keys', { authentication: 'gmac' }, /needs the option 'security'/],
    ['no title', { authentication: 'sha256', secret: SECRET }, /needs our system title/],
    [
      'a title where keys belong',
      {
        authentication: 'sha256',
        secret: SECRET,
        security: { systemTitle: CLIENT_TITLE } as OpenOptions['security'] & object,
      },
      /holds no encryptionKey/,
    ],
    ['a title of another length', { systemTitle: new Uint8Array(9) }, /9 octets instead of 8/],
    ['two titles', { systemTitle: SERVER_TITLE, security: { ...security, counters: counters() } }, /are not the same/],
    ['an authentication unknown', { authentication: 'hls9' as 'md5' }, /no authentication 'hls9'/],
    ['a framing unknown', { framing: 'token-ring' as 'hdlc' }, /no framing 'token-ring'/],
    ['no counter', { security }, /which invocation counter/],
    ['a short key', { security: { ...security, encryptionKey: new Uint8Array(8), counters: counters() } }, /8 octets/],
    ['a short title', { security: { ...security, systemTitle: new Uint8Array(7), counters: counters() } }, /7 octets/],
    ['a password of letters without octets', { password: 'Пароль' }, /has a character that has no octet$/],
  ])('%s', async (_, options, message) => {
    const served = new ServedMeter();
    const error = await open(served.line('hdlc'), options).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(StateError);
    expect(error.message).toMatch(message);
    expect(served.requests).toEqual([]);
  });
});

describe('a line', () => {
  test.each(['hdlc', 'wrapper'] as const)('on which nobody answers (%s) ends in time, with a hint', async (framing) => {
    const { clock } = new ServedMeter();
    const [client, other] = memoryPair();
    await other.open({ data: () => {}, closed: () => {} });
    const opening = open(client, { framing, clock, responseTimeout: 4000 }).catch((thrown) => thrown);
    const begun = clock.now();
    const error = await clock.run(opening);
    expect(clock.now() - begun).toBeLessThanOrEqual(9000);
    expect(error).toBeInstanceOf(framing === 'hdlc' ? LinkError : TimeoutError);
    expect(error.hint).toBeTruthy();
  });

  test('that breaks ends what waits, and the meter says why afterwards', async () => {
    const served = new ServedMeter();
    const meter = await served.clock.run(served.open());
    const reading = meter.get(meter.register('1.0.1.8.0.255').value).catch((thrown) => thrown);
    await Promise.all(served.lines.map((line) => line.close()));
    expect(await served.clock.run(reading)).toBeInstanceOf(LinkError);
    expect(meter.connected).toBe(false);
    const again = meter.get(meter.register('1.0.1.8.0.255').value).catch((thrown) => thrown);
    expect(await served.clock.run(again)).toBeInstanceOf(LinkError);
    await served.clock.run(meter.close());
  });
});

describe('a signal', () => {
  test('that is given before opening sends nothing', async () => {
    const served = new ServedMeter();
    const reason = new Error('enough');
    await expect(served.open({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(served.requests).toEqual([]);
  });

  test('that is given while opening, or later, ends everything with its reason and releases the meter', async () => {
    for (const moment of ['opening', 'reading', 'between']) {
      const served = new ServedMeter();
      const controller = new AbortController();
      const reason = new Error('enough');
      const opening = served.open({ signal: controller.signal });
      if (moment === 'opening') {
        controller.abort(reason);
        await expect(served.clock.run(opening)).rejects.toBe(reason);
      } else {
        const meter = await served.clock.run(opening);
        const { value } = meter.register('1.0.1.8.0.255');
        if (moment === 'reading') {
          const reading = meter.get(value);
          controller.abort(reason);
          await expect(served.clock.run(reading)).rejects.toBe(reason);
        } else controller.abort(reason);
        await expect(meter.get(value)).rejects.toBe(reason);
        await served.clock.run(meter.close());
      }
      expect(served.associated).toBe(false);
    }
  });

  test('that is given at any moment after the last answer leaves no meter open', async () => {
    for (let turns = 0; turns < 60; turns++) {
      const served = new ServedMeter();
      const controller = new AbortController();
      const reason = new Error('enough');
      const later = async () => {
        for (let i = 0; i < turns; i++) await undefined;
        controller.abort(reason);
      };
      const trace = (event: TraceEvent) => {
        if (event.type === 'octets' && event.direction === 'received') void later();
      };
      const opening = served.open({ framing: 'wrapper', client: 16, signal: controller.signal, trace });
      const opened = await served.clock.run(opening.catch((error: unknown) => error));
      const over = opened === reason || !(opened as Meter).connected;
      expect([turns, over, served.associated]).toEqual([turns, true, false]);
    }
  });

  test('that is given while the code of a framing is loaded opens no line', async () => {
    for (const begin of [openOn, speaksShortNamesOn]) {
      const controller = new AbortController();
      const reason = new Error('enough');
      const hdlc = async () => {
        controller.abort(reason);
        return platform.links.hdlc();
      };
      const slow: Platform = { ...platform, links: { ...platform.links, hdlc } };
      let opened = 0;
      const transport: Transport = {
        name: 'memory',
        open: async () => {
          opened++;
          throw new LinkError('transport', 'there is no line');
        },
        write: () => {},
        close: async () => {},
      };
      await expect(begin(slow, transport, { signal: controller.signal })).rejects.toBe(reason);
      expect(opened).toBe(0);
    }
  });
});

test('a trace shows octets and link events; no secret but the password of LLS crosses in clear', async () => {
  const served = new ServedMeter();
  const events: TraceEvent[] = [];
  const options = { client: 48, secret: SECRET, security: { ...security, counters: counters() } };
  const meter = await served.clock.run(served.open({ ...options, trace: (event) => events.push(event) }));
  await served.clock.run(meter.close());
  expect(new Set(events.map((event) => event.type))).toEqual(new Set(['octets', 'link']));
  const line = toHex(new Uint8Array(events.flatMap((event) => (event.type === 'octets' ? [...event.bytes] : []))));
  for (const secret of [KEYS.encryption, KEYS.authentication, fromLatin1(SECRET)]) {
    expect(line).not.toContain(toHex(secret));
  }
});

test('a meter that is another than the expected one is refused', async () => {
  const served = new ServedMeter();
  const store = counters();
  const other = { ...security, serverTitle: fromHex('4D4D4D0000000009'), counters: store };
  const error = await served.clock.run(served.open({ client: 48, secret: SECRET, security: other }).catch((e) => e));
  expect(error).toBeInstanceOf(AssociationError);
  const right = { ...security, serverTitle: SERVER_TITLE, counters: store };
  const meter = await served.clock.run(served.open({ client: 48, secret: SECRET, security: right }));
  expect(equalBytes(meter.association!.serverTitle!, SERVER_TITLE)).toBe(true);
  await served.clock.run(meter.close());
});

test('`await using` releases the meter, also when something is thrown', async () => {
  const served = new ServedMeter();
  const work = async () => {
    await using meter = await served.open({ framing: 'wrapper' });
    await meter.get(meter.register('9.9.9.9.9.9').value);
  };
  await expect(served.clock.run(work())).rejects.toThrow(/object-undefined/);
  expect(served.associated).toBe(false);
});

describe('options that there are not', () => {
  test.each([
    [{ auth: 'lls' }, "'auth'", "did you mean 'authentication'?"],
    [{ pasword: 'x' }, "'pasword'", "did you mean 'password'?"],
    [{ timeout: 5 }, "'timeout'", "'responseTimeout'"],
    [{ qwertz: 1 }, "'qwertz'", 'one of framing'],
    [{ security: { ...security, encriptionKey: 1 } }, "'encriptionKey'", "'encryptionKey'"],
    [{ security: { ...security, readCounter: '0.0.43.1.0.255' } }, "'readCounter'", "'readInvocationCounter'"],
    [{ strict: true, lenient: true }, "'strict'", 'give one'],
  ])('%j are refused by name, before anything is sent and without their value', async (options, name, hint) => {
    const served = new ServedMeter();
    const error = (await served.clock.run(
      served.open(options as OpenOptions).then(
        () => undefined,
        (reason: unknown) => reason,
      ),
    )) as StateError;
    expect(error).toBeInstanceOf(StateError);
    expect(error.message).toContain(name);
    expect(error.hint).toContain(hint);
    expect(error.message + error.hint).not.toContain('0.0.43');
  });

  test('undefined stands for none', async () => {
    const served = new ServedMeter();
    const meter = await served.clock.run(served.open({ auth: undefined } as OpenOptions));
    await served.clock.run(meter.close());
  });
});

test('a refusal says its cause once, and what a service error adds to it', async () => {
  const served = new ServedMeter();
  const refused = (options: OpenOptions) =>
    served.clock.run(
      served.open(options).then(
        () => undefined,
        (reason: unknown) => reason as AssociationError,
      ),
    );
  const context = await refused({ client: 32, password: PASSWORD });
  expect(context?.message).toBe(
    'the meter refused the association: rejected-permanent, application-context-name-not-supported',
  );
  const password = await refused({ client: 17, password: 'WRONGONE' });
  expect(password?.message).toMatch(/authentication-failure \([a-z-]+\)$/);
});
