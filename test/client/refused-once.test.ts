/** A password or secret that the meter refuses goes out once: an invocation counter that is behind is no reason to send it again. */
import { describe, expect, test } from 'vitest';
import { encodeApdu } from '../../src/apdu/codec.js';
import { fromHex } from '../../src/base/bytes.js';
import type { Data } from '../../src/codec/data.js';
import { u32 } from '../../src/codec/make.js';
import { AssociationError, MemoryCounterStore, type OpenOptions, open } from '../../src/index.js';
import { counterEntryOf } from '../../src/tools.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { CLIENT_TITLE, KEYS, PASSWORD, SECRET, ServedMeter } from '../support/served-meter.js';

const PUBLISHED = '0.0.43.1.3.255';
const AARQ = 0x60;

const keys = { systemTitle: CLIENT_TITLE, encryptionKey: KEYS.encryption, authenticationKey: KEYS.authentication };
const ENTRY = counterEntryOf(nodeCrypto, keys);

const [LLS, HLS, GMAC] = [32, 48, 49];

interface Tried {
  readonly error: Error | undefined;
  /** AARQs with authentication: those of the public client have none. */
  readonly aarqs: number;
  /** All AARQs. */
  readonly asked: number;
}

/** Opens a meter as somebody who keeps this counter. */
async function tried(
  client: number,
  kept: number,
  meter: ServedMeter,
  { security, ...options }: Partial<OpenOptions> = {},
): Promise<Tried> {
  const entry = security?.encryptionKey === undefined ? ENTRY : counterEntryOf(nodeCrypto, { ...keys, ...security });
  const counters = new MemoryCounterStore({ [entry]: kept });
  let [aarqs, asked] = [0, 0];
  const opening = open(meter.line('wrapper'), {
    ...{ clock: meter.clock, crypto: nodeCrypto, framing: 'wrapper', client, patience: 0 },
    security: { ...keys, counters, readInvocationCounter: PUBLISHED, trustCounters: true, ...security },
    trace: (event) => {
      if (event.type !== 'octets' || event.direction !== 'sent' || event.bytes[8] !== AARQ) return;
      asked++;
      if (event.bytes[3] === client) aarqs++;
    },
    ...options,
  });
  const error = await meter.clock.run(opening).then(
    (opened) => meter.clock.run(opened.close()).then(() => undefined),
    (failure: Error) => failure,
  );
  return { error, aarqs, asked };
}

/** A meter that takes counters from this one on. */
function from(lowest: number, published?: Data): ServedMeter {
  const meter = new ServedMeter();
  if (lowest > 0) meter.received.accept(lowest - 1);
  meter.published = published;
  return meter;
}

/** What a meter answers that looks at the password before the counter. */
const refusing = (client: number, answer: Uint8Array) => (meter: ServedMeter) => {
  let ours = false;
  meter.hears = (request) => {
    ours = request[0] === AARQ && request.includes(0x8b);
    return request;
  };
  meter.says = (right) => (ours ? answer : right);
  return { meter, client };
};

const aare = (diagnostic: number, userInformation?: Uint8Array) =>
  encodeApdu({
    type: 'aare',
    applicationContextName: fromHex('60857405080103'),
    result: 1,
    resultSourceDiagnostic: { source: 'acse-service-user', diagnostic },
    ...(userInformation && { userInformation }),
  } as Parameters<typeof encodeApdu>[0]);

const NAMED = fromHex('D8010600001770');

describe('a wrong password', () => {
  test.each([
    ['the counter that the meter wants', 5000, undefined],
    ['one above it', 5001, undefined],
    ['one far below what the meter publishes', 5000, u32(900_000)],
  ] as const)('with %s goes out once', async (_, kept, published) => {
    const { error, aarqs, asked } = await tried(LLS, kept, from(5000, published), { password: 'WRONGPWD' });
    expect(error).toBeInstanceOf(AssociationError);
    expect((error as AssociationError).diagnostic).toBe('authentication-failure');
    expect([aarqs, asked]).toEqual([1, 1]);
  });

  test.each([
    ['authentication-failure', aare(13)],
    ['authentication-failure, with a counter beside it', aare(13, NAMED)],
    ['a mechanism that it does not know', aare(11)],
    ['a mechanism that it misses', aare(12)],
    ['authentication-required', aare(14)],
    ['a title that it does not know', aare(3)],
  ])('that the meter judges before a counter that is behind goes out once: %s', async (_, answer) => {
    const { meter } = refusing(LLS, answer)(from(6000));
    const { error, aarqs } = await tried(LLS, 5000, meter, { password: 'WRONGPWD' });
    expect(error).toBeInstanceOf(AssociationError);
    expect(aarqs).toBe(1);
  });

  test('goes out once where the published counter was read first and the refusal names another', async () => {
    const { meter } = refusing(LLS, aare(13, NAMED))(from(5));
    const options = { password: 'WRONGPWD', security: { ...keys, readInvocationCounter: PUBLISHED } };
    const { error, aarqs } = await tried(LLS, 3, meter, options);
    expect(error).toBeInstanceOf(AssociationError);
    expect(aarqs).toBe(1);
  });

  test('that is refused without a reason goes out once, where the published counter shows that ours was taken', async () => {
    const meter = from(5000);
    meter.says = (answer) => (answer?.[0] === 0x61 && answer[answer.indexOf(0xa2) + 4] === 1 ? aare(1) : answer);
    const { error, aarqs } = await tried(LLS, 5000, meter, { password: 'WRONGPWD' });
    expect((error as AssociationError).diagnostic).toBe('no-reason-given');
    expect(aarqs).toBe(1);
  });
});

describe('a wrong secret or key of HLS', () => {
  const counts = (meter: ServedMeter) =>
    meter.requests.filter((request) => request[0] === 0xcb || request[0] === 0xc3).length;

  test.each([
    ['the secret', HLS, { secret: `${SECRET.slice(0, -1)}X` }],
    ['the key', GMAC, { authentication: 'gmac' as const }],
  ] as const)('%s is proved once', async (_, client, options) => {
    const meter = from(5000);
    // GMAC under the right keys for the AARQ: what pass 3 says is broken on the way.
    if (client === GMAC) meter.says = (answer, request) => (request[0] === 0xcb ? fromHex('C701010000') : answer);
    const { error, aarqs } = await tried(client, 5000, meter, options);
    expect(error).toBeInstanceOf(Error);
    expect([aarqs, counts(meter)]).toEqual([1, 1]);
  });

  test.each([
    ['an exception', fromHex('D80101')],
    ['a deciphering error', fromHex('D80105')],
  ])('refused in pass 4 by %s is proved once', async (_, answer) => {
    const meter = from(5000, u32(900_000));
    meter.says = (right, request) => (request[0] === 0xcb ? answer : right);
    const { error, aarqs } = await tried(HLS, 5000, meter, { secret: 'wrong secret, 16' });
    expect(error).toBeInstanceOf(AssociationError);
    expect(aarqs).toBe(1);
  });

  test('that the meter passes over in silence is proved once', async () => {
    const meter = from(5000, u32(900_000));
    meter.says = (right, request) => (request[0] === 0xcb ? undefined : right);
    const { error, aarqs } = await tried(HLS, 5000, meter, { secret: 'wrong secret, 16' });
    expect(error).toBeInstanceOf(Error);
    expect(aarqs).toBe(1);
  });
});

describe('a counter that is behind', () => {
  test.each([
    ['names it', undefined],
    ['says that it cannot decipher', fromHex('D80105')],
    ['gives no reason', aare(1)],
    ['only says that operation is not possible', fromHex('D80101')],
  ])('is raised and the right password let in, where the meter %s', async (_, answer) => {
    const meter = from(6000);
    let first = true;
    if (answer !== undefined) {
      meter.says = (right, request) => {
        const refused = request[0] === AARQ && request.includes(0x8b) && first;
        if (refused) first = false;
        return refused ? answer : right;
      };
    }
    const { error, aarqs } = await tried(LLS, 5000, meter, { password: PASSWORD });
    expect(error).toBeUndefined();
    expect(aarqs).toBe(2);
  });

  test('and a wrong password: the meter has judged it once', async () => {
    const { error, aarqs } = await tried(LLS, 5000, from(6000), { password: 'WRONGPWD' });
    expect((error as AssociationError).diagnostic).toBe('authentication-failure');
    // The first was refused for its counter, before the password was looked at.
    expect(aarqs).toBe(2);
  });
});
