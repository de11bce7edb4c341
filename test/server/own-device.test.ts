import { afterEach, describe, expect, it } from 'vitest';
import {
  AssociationLnV1,
  ClockClass,
  DataClass,
  DisconnectControlV0,
  i16,
  nullValue,
  octets,
  Register,
  SapAssignment,
  SecuritySetupV0,
  textOctets,
  u8,
  u32,
  visible,
} from '../../src/classes.js';
import {
  AccessError,
  CosemDateTime,
  MemoryCounterStore,
  MemoryReplayGuard,
  type OpenOptions,
  open,
  StateError,
  type Transport,
  VirtualClock,
} from '../../src/index.js';
import { memoryPair } from '../../src/protocol.js';
import {
  type DeviceServer,
  hls,
  LogicalDevice,
  type LogicalDeviceOptions,
  lls,
  object,
  publicClient,
  type ServeOptions,
  serve,
  type TransportServer,
} from '../../src/server.js';
import { wrapKeys } from '../../src/session/key-transfer.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';

const PASSWORD = 'ABCDEFGH';
const TITLE = Uint8Array.from([...'TMP00001'], (letter) => letter.charCodeAt(0));
const CLIENT_TITLE = Uint8Array.from([...'TMPHES01'], (letter) => letter.charCodeAt(0));
const key = (octet: number) => new Uint8Array(16).fill(octet);
const KEYS = { encryption: key(1), authentication: key(2) };
const TEMPERATURE = '0.0.96.9.0.255';

const servers: DeviceServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** Memory in place of a port: lines are made as clients come. */
class Port implements TransportServer {
  readonly framing = 'wrapper';
  #onLine: ((transport: Transport) => void) | undefined;

  async listen(onLine: (transport: Transport) => void) {
    this.#onLine = onLine;
    return { host: 'memory', port: 1, close: async () => {} };
  }

  line(): Transport {
    const [client, server] = memoryPair({ names: ['client', 'device'] });
    this.#onLine?.(server);
    return client;
  }
}

const clock = () => new VirtualClock(Date.UTC(2026, 0, 2));

function bench(options: LogicalDeviceOptions = {}, serving: ServeOptions = {}) {
  const faults: { readonly error: unknown; readonly target: string }[] = [];
  const device = new LogicalDevice({
    name: 'TMP0000001',
    associations: [publicClient(), lls({ client: 32, password: PASSWORD })],
    onFault: (error, target) => faults.push({ error, target }),
    ...options,
  });
  const port = new Port();
  const time = clock();
  const as = async (client: OpenOptions = {}) => {
    if (servers.length === 0) servers.push(await serve(device, port, { clock: time, crypto: nodeCrypto, ...serving }));
    return open(port.line(), { framing: 'wrapper', clock: time, crypto: nodeCrypto, ...client });
  };
  return { device, faults, port, time, as, reader: () => as({ client: 32, password: PASSWORD }) };
}

const celsius = { scaler: -1, unit: '°C' } as const;
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'success',
    (error: unknown) => (error instanceof AccessError ? error.result : String(error)),
  );

/** All that is under way in memory is done. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a device of one’s own', () => {
  it('is read by a client that knows nothing of it but the line', async () => {
    const { device, as, faults } = bench();
    let degrees = 215;
    device.add(object(Register, TEMPERATURE, { value: () => i16(degrees), scalerUnit: celsius }, { read: ['public'] }));
    const meter = await as();
    const list = await meter.objects();
    expect(list.map(({ classId, logicalName }) => `${classId}:${logicalName}`)).toEqual([
      '15:0.0.40.0.0.255',
      '15:0.0.40.0.1.255',
      '1:0.0.42.0.0.255',
      '17:0.0.41.0.0.255',
      `3:${TEMPERATURE}`,
    ]);
    expect((await meter.reading(TEMPERATURE)).text).toBe('21.5 °C');
    degrees = -3;
    expect((await meter.reading(TEMPERATURE)).text).toBe('-0.3 °C');
    await meter.close();
    expect(faults).toEqual([]);
  });

  it('takes values typed or as data, and functions and setters of both', async () => {
    const { device, reader } = bench();
    let text = 'hello';
    const written: number[] = [];
    device
      .add(
        object(
          ClockClass,
          '0.0.1.0.0.255',
          {
            time: () => new CosemDateTime({ year: 2026, month: 1, dayOfMonth: 2 }),
            timeZone: {
              get: () => -330,
              set: (minutes) => {
                written.push(minutes);
              },
            },
            status: u8(0),
            daylightSavingsBegin: octets(new CosemDateTime().toBytes()),
            daylightSavingsEnd: new CosemDateTime(),
            daylightSavingsDeviation: 0,
            daylightSavingsEnabled: false,
            clockBase: 'internal-crystal',
          },
          { read: ['reader'], write: ['reader'] },
        ),
      )
      .add(
        object(
          DataClass,
          '0.0.96.1.0.255',
          {
            value: {
              get: () => visible(text),
              set: (data) => {
                if (data.type !== 'visible-string') throw new AccessError('type-unmatched', 'text', 'text only');
                text = data.value;
              },
            },
          },
          { read: ['reader'], write: [32] },
        ),
      );
    const meter = await reader();
    const { timeZone, status, time } = meter.clock();
    expect(await meter.get(timeZone)).toBe(-330);
    expect(await meter.get(status)).toBe(0);
    expect((await meter.get(time)).toString()).toContain('2026-01-02');
    await meter.set(timeZone, 60);
    expect(written).toEqual([60]);
    const { value } = meter.object(DataClass, '0.0.96.1.0.255');
    await meter.set(value, visible('bye'));
    expect(await meter.get(value)).toEqual(visible('bye'));
    expect(await refusal(meter.set(value, u8(1)))).toBe('type-unmatched');
    expect(text).toBe('bye');
    await meter.close();
  });

  it('names itself and its devices', async () => {
    const one = new LogicalDevice({ name: 'TMP0000001', associations: [publicClient()] });
    const two = new LogicalDevice({ name: 'TMP0000002', sap: 17, associations: [publicClient()] });
    const port = new Port();
    const time = clock();
    servers.push(await serve([one, two], port, { clock: time }));
    const meter = await open(port.line(), { framing: 'wrapper', clock: time });
    expect(await meter.get(meter.object(SapAssignment, '0.0.41.0.0.255').sapAssignmentList)).toEqual([
      { sap: 1, logicalDeviceName: 'TMP0000001' },
      { sap: 17, logicalDeviceName: 'TMP0000002' },
    ]);
    await meter.close();
    const other = await open(port.line(), { framing: 'wrapper', clock: time, server: 17 });
    expect(await other.get(other.data('0.0.42.0.0.255').value)).toEqual(textOctets('TMP0000002'));
    await other.close();
  });

  it('is served over HDLC on one transport', async () => {
    const device = new LogicalDevice({ name: 'TMP0000001', associations: [publicClient()] });
    const [client, line] = memoryPair({ names: ['client', 'device'] });
    const time = clock();
    const server = await serve(device, line, { clock: time });
    servers.push(server);
    expect([server.host, server.port, server.lines]).toEqual([undefined, undefined, 1]);
    const meter = await open(client, { framing: 'hdlc', clock: time });
    expect(await meter.get(meter.data('0.0.42.0.0.255').value)).toEqual(textOctets('TMP0000001'));
    await meter.close();
  });
});

describe('rights', () => {
  it('are of the association that has them: another client neither sees nor touches the object', async () => {
    const { device, as, reader } = bench();
    let relay = true;
    device.add(
      object(
        DisconnectControlV0,
        '0.0.96.3.10.255',
        {
          outputState: () => relay,
          controlState: () => (relay ? 'connected' : 'disconnected'),
          controlMode: 4,
          remoteDisconnect: () => {
            relay = false;
          },
        },
        { read: ['reader'], execute: ['reader'] },
      ),
    );
    device.add(
      object(DataClass, '0.0.96.1.0.255', { value: { get: () => u8(7), set: () => {} } }, { read: ['public'] }),
    );
    const stranger = await as();
    expect((await stranger.objects()).map(({ classId }) => classId)).not.toContain(70);
    const of = stranger.object(DisconnectControlV0, '0.0.96.3.10.255');
    expect(await refusal(stranger.get(of.outputState))).toBe('object-undefined');
    expect(await refusal(stranger.call(of.remoteDisconnect))).toBe('object-undefined');
    expect(await refusal(stranger.set(stranger.data('0.0.96.1.0.255').value, u8(1)))).toBe('read-write-denied');
    await stranger.close();
    expect(relay).toBe(true);
    const meter = await reader();
    expect(await refusal(meter.get(meter.data('0.0.96.1.0.255').value))).toBe('object-undefined');
    await meter.call(of.remoteDisconnect);
    expect(await meter.get(of.outputState)).toBe(false);
    expect(await refusal(meter.call(of.remoteReconnect))).toMatch(/object-undefined|undefined/);
    await meter.close();
  });

  it('without any are those that the class declares for the role: everybody reads, the utility sets', async () => {
    const { device, as, reader } = bench({
      associations: [
        publicClient(),
        lls({ client: 32, password: PASSWORD }),
        hls({ client: 48, mechanism: 'md5', secret: 'SECRETSECRET' }),
      ],
    });
    let relay = true;
    const remoteDisconnect = () => {
      relay = false;
    };
    device.add(
      object(DisconnectControlV0, '0.0.96.3.10.255', {
        outputState: () => relay,
        controlState: 'connected',
        controlMode: 4,
        remoteDisconnect,
      }),
    );
    const results: unknown[] = [];
    const utility = () => as({ client: 48, authentication: 'md5', secret: 'SECRETSECRET' });
    for (const begin of [as, reader, utility]) {
      const meter = await begin();
      const of = meter.object(DisconnectControlV0, '0.0.96.3.10.255');
      results.push(await meter.get(of.outputState), await refusal(meter.call(of.remoteDisconnect)));
      await meter.close();
    }
    const denied = 'scope-of-access-violated';
    expect(results).toEqual([true, denied, true, denied, true, 'success']);
    expect(relay).toBe(false);
  });

  it('never show a password: not in the association object, not by a list', async () => {
    const { reader } = bench();
    const meter = await reader();
    for (const name of ['0.0.40.0.0.255', '0.0.40.0.2.255']) {
      expect(await refusal(meter.get(meter.object(AssociationLnV1, name).secret))).toBe('scope-of-access-violated');
      expect(await refusal(meter.set(meter.object(AssociationLnV1, name).secret, key(7)))).toMatch(/denied|scope/);
    }
    await meter.close();
  });
});

describe('what an implementation does wrong', () => {
  const boom = new Error('the sensor is gone');
  const cases: [string, () => unknown, string, unknown][] = [
    [
      'throws',
      () => {
        throw boom;
      },
      'hardware-fault',
      boom,
    ],
    [
      'says no by name',
      () => {
        throw new AccessError('temporary-failure', 'sensor', 'it warms up');
      },
      'temporary-failure',
      undefined,
    ],
    ['gives a number where data belongs', () => 21.5, 'other-reason', /0\.0\.96\.9\.0\.255:2.*cannot be sent/],
    ['gives nothing', () => undefined, 'other-reason', /cannot be sent/],
    ['gives data that its tag cannot hold', () => ({ type: 'long', value: 1e9 }), 'other-reason', /cannot be sent/],
    ['gives data of no type', () => ({ type: 'celsius', value: 1 }), 'other-reason', /cannot be sent/],
    ['gives data that holds itself', () => circle(), 'other-reason', /cannot be sent/],
    ['gives a promise', () => Promise.resolve(i16(1)), 'other-reason', /a promise/],
    ['gives a promise that fails', () => Promise.reject(boom), 'other-reason', /a promise/],
  ];

  it.each(cases)(
    '%s: the owner is told, the client gets a result, the server goes on',
    async (_, value, result, told) => {
      const { device, as, faults } = bench();
      const implementation = { value, scalerUnit: celsius } as never;
      device.add(object(Register, TEMPERATURE, implementation, { read: ['public'] }));
      const meter = await as();
      expect(await refusal(meter.get(meter.register(TEMPERATURE).value))).toBe(result);
      expect(await meter.get(meter.register(TEMPERATURE).scalerUnit)).toEqual(celsius);
      await meter.close();
      const [fault] = faults;
      expect(fault?.target).toBe(told === undefined ? undefined : `3:${TEMPERATURE}:2`);
      if (told instanceof RegExp) {
        expect(fault?.error).toBeInstanceOf(StateError);
        expect(String(fault?.error)).toMatch(told);
      } else expect(fault?.error).toBe(told);
    },
  );

  function circle(): unknown {
    const value: unknown[] = [];
    const data = { type: 'array', value };
    value.push(data);
    return data;
  }

  it('in setters and methods too, and a hook that throws ends nothing', async () => {
    const targets: string[] = [];
    const { device, reader } = bench({
      onFault: (_, target) => {
        targets.push(target);
        throw boom;
      },
    });
    const fail = () => {
      throw boom;
    };
    const later = async () => fail();
    const rights = { read: ['reader'], write: ['reader'], execute: ['reader'] };
    device
      .add(object(DataClass, '0.0.96.1.0.255', { value: { get: nullValue, set: fail } }, rights))
      .add(object(DataClass, '0.0.96.1.1.255', { value: { get: nullValue, set: later } }, rights))
      .add(object(Register, TEMPERATURE, { value: i16(1), scalerUnit: celsius, reset: fail }, rights))
      .add(object(Register, '0.0.96.9.1.255', { value: i16(1), scalerUnit: celsius, reset: later }, rights));
    const meter = await reader();
    const results = [
      await refusal(meter.set(meter.data('0.0.96.1.0.255').value, u8(1))),
      await refusal(meter.set(meter.data('0.0.96.1.1.255').value, u8(1))),
      await refusal(meter.call(meter.register(TEMPERATURE).reset)),
      await refusal(meter.call(meter.register('0.0.96.9.1.255').reset)),
    ];
    expect(results).toEqual(['hardware-fault', 'other-reason', 'hardware-fault', 'other-reason']);
    expect(new Set(targets)).toEqual(
      new Set(['1:0.0.96.1.0.255:2', '1:0.0.96.1.1.255:2', `3:${TEMPERATURE}:1()`, '3:0.0.96.9.1.255:1()']),
    );
    expect(await meter.get(meter.register(TEMPERATURE).value)).toEqual(i16(1));
    await meter.close();
  });
});

describe('what cannot be', () => {
  const device = () => new LogicalDevice({ name: 'TMP0000001', associations: [publicClient()] });
  const datum = (name: string, rights = {}) => object(DataClass, name, { value: u8(1) }, rights);

  it.each([
    ['a name that is taken', () => device().add(datum('0.0.96.1.0.255')).add(datum('0.0.96.1.0.255'))],
    ['the name of the current association', () => device().add(datum('0.0.40.0.0.255'))],
    ['the name of an association', () => device().add(datum('0.0.40.0.1.255'))],
    ['the name of the device’s own name', () => device().add(datum('0.0.42.0.0.255'))],
    ['five numbers and a dot', () => device().add(datum('0.0.96.1.0.'))],
    ['the short form of a name that is taken', () => device().add(datum('0.0.96.1.0.255')).add(datum('0.0.96.1.0'))],
    ['a number above 255', () => device().add(datum('0.0.96.1.0.256'))],
    ['no name at all', () => device().add(datum(''))],
    ['rights of an association that there is not', () => device().add(datum('0.0.96.1.0.255', { read: ['reader'] }))],
    ['rights of a client that there is not', () => device().add(datum('0.0.96.1.0.255', { write: [32] }))],
    ['an attribute that is missing', () => device().add(object(Register, TEMPERATURE, { value: u8(1) } as never))],
    [
      'two associations of one client',
      () => new LogicalDevice({ associations: [publicClient(), lls({ client: 16, password: 'x' })] }),
    ],
    [
      'two associations of one name',
      () => new LogicalDevice({ associations: [publicClient(), publicClient({ client: 17 })] }),
    ],
    ['a name of 17 characters', () => new LogicalDevice({ name: 'TMP00000000000001' })],
    ['a title of seven octets', () => new LogicalDevice({ systemTitle: new Uint8Array(7) })],
    ['an option that there is not', () => new LogicalDevice({ nam: 'x' } as never)],
    ['client 0', () => publicClient({ client: 0 })],
    ['client 128', () => publicClient({ client: 128 })],
    ['an empty password', () => lls({ password: '' })],
    ['GMAC without keys', () => hls({})],
    ['a mechanism that there is not', () => hls({ mechanism: 'md4' as never, secret: 'x' })],
    ['another mechanism without a secret', () => hls({ mechanism: 'sha256' })],
    ['a secret of HLS 2 that is longer than its key', () => hls({ mechanism: 'hls2', secret: 'x'.repeat(17) })],
    ['a key of zeros', () => hls({ keys: { encryption: key(0), authentication: key(1) } })],
    ['a short key', () => lls({ password: 'x', keys: { encryption: key(1), authentication: new Uint8Array(8) } })],
    [
      'keys without a system title',
      () => new LogicalDevice({ counters: new MemoryCounterStore(), associations: [hls({ keys: KEYS })] }),
    ],
    ['keys without counters', () => new LogicalDevice({ systemTitle: TITLE, associations: [hls({ keys: KEYS })] })],
  ])('%s is refused', (_, make) => {
    expect(make).toThrow(/./);
    const error = ((): unknown => {
      try {
        make();
      } catch (thrown) {
        return thrown;
      }
    })();
    expect((error as { code?: string }).code).toMatch(/^(state|decode)$/);
    expect(String(error)).not.toMatch(/ABCDEFGH|0101010101/);
  });

  it('names that end in 255 or hold it elsewhere are names', async () => {
    const { device: own, as } = bench();
    for (const name of ['255.255.255.255.255.255', '1.0.1.8.0.255', '1.0.1.8.0.254'])
      own.add(object(DataClass, name, { value: u32(1) }, { read: ['public'] }));
    const meter = await as();
    for (const name of ['255.255.255.255.255.255', '1.0.1.8.0.255', '1.0.1.8.0.254'])
      expect(await meter.get(meter.data(name).value)).toEqual(u32(1));
    await meter.close();
  });

  it('does not compile', () => {
    const scalerUnit = celsius;
    // @ts-expect-error a number is no data
    object(Register, TEMPERATURE, { value: 21.5, scalerUnit });
    // @ts-expect-error a unit that there is not
    object(Register, TEMPERATURE, { value: u8(1), scalerUnit: { scaler: 0, unit: 'Furlong' } });
    // @ts-expect-error a promise comes too late
    object(Register, TEMPERATURE, { value: async () => u8(1), scalerUnit });
    // @ts-expect-error the class has no such attribute
    object(Register, TEMPERATURE, { value: u8(1), scalerUnit, temperature: u8(1) });
    // @ts-expect-error an attribute is missing
    object(Register, TEMPERATURE, { value: u8(1) });
    // @ts-expect-error the setter takes what the class declares
    object(DataClass, TEMPERATURE, { value: { get: nullValue, set: (_: string) => {} } });
    // @ts-expect-error a method is a function
    object(Register, TEMPERATURE, { value: u8(1), scalerUnit, reset: 1 });
    // @ts-expect-error rights are given to associations
    object(DataClass, TEMPERATURE, { value: u8(1) }, { read: true });
    // Data stands wherever a typed value does.
    object(Register, TEMPERATURE, { value: () => u8(1), scalerUnit: () => nullValue() });
  });
});

describe('keys', () => {
  const NEW = key(9);
  const MASTER = key(5);

  function ciphered(counters = new MemoryCounterStore(), stored: unknown[] = []) {
    return bench({
      systemTitle: TITLE,
      counters,
      associations: [
        publicClient(),
        lls({ client: 32, password: PASSWORD, keys: { encryption: key(3), authentication: key(4) } }),
        hls({ client: 48, keys: KEYS, keyTransfer: { masterKey: MASTER, store: (keys) => stored.push(keys) } }),
      ],
    });
  }
  const gmac = (encryptionKey = KEYS.encryption, invocation = '0.0.43.1.3.255'): OpenOptions => ({
    client: 48,
    authentication: 'gmac',
    security: {
      systemTitle: CLIENT_TITLE,
      encryptionKey,
      authenticationKey: KEYS.authentication,
      readInvocationCounter: invocation,
    },
  });

  it('of an association open that one alone', async () => {
    const { as, device } = ciphered();
    device.add(object(Register, TEMPERATURE, { value: i16(5), scalerUnit: celsius }, { read: ['utility'] }));
    const meter = await as(gmac());
    expect((await meter.reading(TEMPERATURE)).text).toBe('0.5 °C');
    const setup = meter.object(SecuritySetupV0, '0.0.43.0.3.255');
    expect(await meter.get(setup.serverSystemTitle)).toEqual(TITLE);
    expect(await meter.get(setup.securityPolicy)).toBe('all-authenticated-and-encrypted');
    expect(await meter.get(meter.object(AssociationLnV1, '0.0.40.0.0.255').securitySetupReference)).toBe(
      '0.0.43.0.3.255',
    );
    await meter.close();
    await expect(as(gmac(key(3)))).rejects.toThrow();
    const { client: _, ...same } = gmac();
    await expect(as({ ...same, client: 32, authentication: 'lls', password: PASSWORD })).rejects.toThrow();
    await expect(as({ client: 48 })).rejects.toThrow();
  });

  it('are transferred to who may, kept first, and hold from the next association on', async () => {
    const stored: unknown[] = [];
    const { as } = ciphered(undefined, stored);
    const meter = await as(gmac());
    const setup = meter.object(SecuritySetupV0, '0.0.43.0.3.255');
    const wrapped = (master: Uint8Array) => wrapKeys(nodeCrypto, master, { encryption: NEW });
    expect(await refusal(meter.call(setup.globalKeyTransfer, wrapped(key(6))))).toBe('other-reason');
    expect(stored).toEqual([]);
    await meter.call(setup.globalKeyTransfer, wrapped(MASTER));
    expect(stored).toEqual([{ ...KEYS, encryption: NEW }]);
    await meter.close();
    await expect(as(gmac())).rejects.toThrow();
    await (await as(gmac(NEW))).close();
  });

  it('are not transferred where nobody keeps them', async () => {
    const { as } = ciphered();
    const security = { ...gmac().security!, encryptionKey: key(3), authenticationKey: key(4) };
    const meter = await as({
      client: 32,
      password: PASSWORD,
      security: { ...security, readInvocationCounter: '0.0.43.1.2.255' },
    });
    const setup = meter.object(SecuritySetupV0, '0.0.43.0.2.255');
    const wrapped = wrapKeys(nodeCrypto, MASTER, { encryption: NEW });
    expect(await refusal(meter.call(setup.globalKeyTransfer, wrapped))).toMatch(/undefined/);
    expect(await refusal(meter.call(setup.securityActivate, 'all-authenticated'))).toMatch(/undefined/);
    await meter.close();
  });

  it('have counters that go on and are not passed twice, whoever starts the device anew', async () => {
    const store = new MemoryCounterStore();
    const counters = Object.assign(store, { received: new MemoryReplayGuard() });
    const first = ciphered(counters);
    const meter = await first.as(gmac());
    await meter.get(meter.data('0.0.42.0.0.255').value);
    await meter.close();
    const sent = store.peek('server/544D503030303031');
    expect(sent).toBeGreaterThan(store.peek('nobody'));
    for (const server of servers.splice(0)) await server.close();
    const again = ciphered(counters);
    const stranger = await again.as();
    const lowest = await stranger.get(stranger.data('0.0.43.1.3.255').value);
    expect(lowest.type === 'double-long-unsigned' && lowest.value > 3).toBe(true);
    await stranger.close();
    await (await again.as(gmac())).close();
    expect(store.peek('server/544D503030303031')).toBeGreaterThan(sent);
  });
});

describe('limits', () => {
  it('a stranger is let go, and the one that was silent longest makes room', async () => {
    const closed: string[] = [];
    const { as, port, time } = bench(
      {},
      { maxPeers: 2, idle: 60_000, handshake: 5_000, onClosed: (error) => closed.push(String(error?.message)) },
    );
    const meter = await as();
    const lost: unknown[] = [];
    const stranger = port.line();
    await stranger.open({ data() {}, closed: (error) => lost.push(error) });
    await settled();
    expect(servers[0]?.lines).toBe(2);
    time.advance(5_000);
    expect(closed).toEqual([expect.stringContaining('no association within')]);
    expect(servers[0]?.lines).toBe(1);
    await meter.close();
    expect(servers[0]?.lines).toBe(0);
  });

  it('a password guessed five times is shut', async () => {
    const { as, reader } = bench();
    for (let i = 0; i < 5; i++) await expect(as({ client: 32, password: 'WRONGONE' })).rejects.toThrow();
    await expect(reader()).rejects.toThrow();
  });

  it('close ends every line', async () => {
    const { as, time } = bench();
    const meter = await as();
    await servers[0]?.close();
    expect(servers[0]?.lines).toBe(0);
    const lost = time.run(meter.get(meter.data('0.0.42.0.0.255').value));
    await expect(lost).rejects.toThrow();
    await time.run(meter.close());
  });
});
