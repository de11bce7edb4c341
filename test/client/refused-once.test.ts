/** A password or secret that the meter refuses goes out once: an invocation counter that is behind is no reason to send it again. */
import { describe, expect, test } from 'vitest';
import { encodeApdu } from '../../src/apdu/codec.js';
import { fromHex, fromLatin1 } from '../../src/base/bytes.js';
import type { Data } from '../../src/codec/data.js';
import { octets, u32 } from '../../src/codec/make.js';
import { DataClass } from '../../src/cosem/classes/storage.js';
import {
  AssociationError,
  MemoryCounterStore,
  type Meter,
  MeterPool,
  type OpenOptions,
  open,
} from '../../src/index.js';
import { object } from '../../src/server/object.js';
import { counterEntryOf, diagnose } from '../../src/tools.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { lineAgain } from '../support/line-again.js';
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
    const { error, aarqs, asked } = await tried(LLS, 5000, meter, { password: 'WRONGPWD' });
    expect((error as AssociationError).diagnostic).toBe('no-reason-given');
    // The other one is that of the public client, who reads the counter.
    expect([aarqs, asked]).toEqual([1, 2]);
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
    const { error, aarqs, asked } = await tried(HLS, 5000, meter, { secret: 'wrong secret, 16' });
    expect(error).toBeInstanceOf(AssociationError);
    expect([aarqs, asked, counts(meter)]).toEqual([1, 1, 1]);
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

/** AARQs with authentication that came to the meter. */
const given = (meter: ServedMeter) =>
  meter.requests.filter((request) => request[0] === AARQ && request.includes(0x8b)).length;

/** What the meter does with a password: all but its last answer. */
type Answer = (meter: ServedMeter, right: Uint8Array | undefined) => Uint8Array | undefined;
const drops: Answer = (meter) => {
  for (const line of meter.lines) void line.close();
  return undefined;
};
const isSilent: Answer = () => undefined;

function judging(answer: Answer, heard = (request: Uint8Array) => request[0] === AARQ && request.includes(0x8b)) {
  const meter = new ServedMeter();
  meter.says = (right, request) => (heard(request) ? answer(meter, right) : right);
  return meter;
}

const LLS_CLEAR = { client: 17, password: PASSWORD, authentication: 'lls' } as const;
const HLS_CLEAR = { client: 18, secret: SECRET, authentication: 'hls2' } as const;
const FIRST = { reconnect: { first: true, backoff: { first: 1000, jitter: 0 } }, patience: 60_000 };

describe('a password that the meter has never accepted', () => {
  const failed = (meter: ServedMeter, framing: 'hdlc' | 'wrapper', options: Partial<OpenOptions>) =>
    meter.clock.run(
      open(lineAgain(meter, framing), { clock: meter.clock, crypto: nodeCrypto, framing, ...options }).then(
        () => undefined,
        (error: Error) => error,
      ),
    );

  test.each([
    ['drops the line', 'wrapper', 1, drops],
    ['drops the line', 'hdlc', 1, drops],
    ['answers what cannot be read', 'wrapper', 1, () => fromHex('61A109')],
    ['refuses it', 'wrapper', 1, () => aare(13)],
    ['keeps silent', 'hdlc', 2, isSilent],
  ] as const)('goes out by the first connect where the meter %s, %s: %i', async (_, framing, times, answer) => {
    const meter = judging(answer);
    expect(await failed(meter, framing, { ...LLS_CLEAR, ...FIRST })).toBeInstanceOf(Error);
    expect(given(meter)).toBe(times);
  });

  test('goes out again where a gateway may be silent in place of the meter', async () => {
    let silent = 4;
    const meter = judging((_, right) => (silent-- > 0 ? undefined : right));
    expect(await failed(meter, 'wrapper', { ...LLS_CLEAR, ...FIRST, responseTimeout: 2000 })).toBeUndefined();
    expect(given(meter)).toBe(5);
  });

  test('goes out again where the meter says that it is not for now', async () => {
    let busy = 2;
    const transient = encodeApdu({
      type: 'aare',
      applicationContextName: fromHex('60857405080101'),
      result: 2,
      resultSourceDiagnostic: { source: 'acse-service-user', diagnostic: 1 },
    });
    const meter = judging((_, right) => (busy-- > 0 ? transient : right));
    expect(await failed(meter, 'wrapper', { ...LLS_CLEAR, ...FIRST })).toBeUndefined();
    expect(given(meter)).toBe(3);
  });

  test.each([
    ['drops the line', 1, drops],
    ['refuses it', 1, () => aare(13)],
    ['keeps silent', 2, isSilent],
  ] as const)('goes out by a pool where the meter %s: %i', async (_, times, answer) => {
    const meter = judging(answer);
    const pool = new MeterPool({ clock: meter.clock, retry: { attempts: 5 } });
    const work = async () => {
      for await (const { ok } of pool.each(
        [{ open: (signal) => meter.open({ ...LLS_CLEAR, signal }) }],
        async (one: Meter) => one,
      ))
        expect(ok).toBe(false);
    };
    await meter.clock.run(work());
    expect(given(meter)).toBe(times);
  });
});

describe('our half of HLS', () => {
  const pass3 = (request: Uint8Array) => request[0] === 0xc3;
  const proofs = (meter: ServedMeter) => meter.requests.filter(pass3).length;
  /** Asks the meter who it is, and opens it in another way then. */
  const quirks = [
    { id: 'other', title: 'other', source: 'here', match: { manufacturer: 'MMM' }, effects: { without: ['set'] } },
  ] as const;

  test.each([
    ['a bare exception', 'wrapper', 1, () => fromHex('D80101')],
    ['a confirmed-service-error', 'wrapper', 1, () => fromHex('0E010600')],
    ['closing the line', 'wrapper', 1, drops],
    ['closing the line', 'hdlc', 1, drops],
    ['silence', 'hdlc', 2, isSilent],
  ] as const)('that the meter answers by %s goes out, %s: %i', async (_, framing, times, answer) => {
    const meter = judging(answer, pass3);
    meter.device.add(object(DataClass, '0.0.42.0.0.255', { value: octets(fromLatin1('MMM0000000000001')) }));
    const options: OpenOptions = { ...HLS_CLEAR, ...FIRST, framing, quirks, clock: meter.clock, crypto: nodeCrypto };
    await expect(meter.clock.run(open(lineAgain(meter, framing), options))).rejects.toThrow();
    expect(proofs(meter)).toBe(times);
  });
});

describe('a password that was changed while the meter was open', () => {
  test('goes out once when the lost line is taken up again in the background', async () => {
    const meter = new ServedMeter();
    let changed = false;
    meter.says = (right, request) => (changed && request[0] === AARQ ? aare(13) : right);
    const closed = await meter.clock.run(
      (async () => {
        const line = lineAgain(meter, 'wrapper');
        const opened = await open(line, {
          ...{ clock: meter.clock, crypto: nodeCrypto, framing: 'wrapper', reconnect: true },
          ...LLS_CLEAR,
        });
        changed = true;
        const over = new Promise<unknown>((resolve) => opened.on('closed', ({ error }) => resolve(error)));
        for (const served of meter.lines) void served.close();
        return await over;
      })(),
    );
    expect(closed).toBeInstanceOf(AssociationError);
    expect(given(meter)).toBe(2);
  });
});

describe('the doctor, who tries which key is wrong', () => {
  const WRONG_AK = fromHex('00112233445566778899AABBCCDDEEFF');

  /** What the meter says to the n-th AARQ with a password. */
  async function examined(answers: readonly (Uint8Array | Answer)[]) {
    const meter = new ServedMeter();
    let [asked, passed] = [0, 0];
    meter.says = (right, request) => {
      if (request[0] !== AARQ || !request.includes(0x8b)) return right;
      const answer = answers[Math.min(asked++, answers.length - 1)] as Uint8Array | Answer;
      if (typeof answer === 'function') return answer(meter, right);
      return answer;
    };
    const found = await meter.clock.run(
      diagnose(() => meter.line('wrapper'), {
        ...{ clock: meter.clock, crypto: nodeCrypto, framing: 'wrapper', client: LLS, password: 'WRONGPWD' },
        patience: 0,
        security: { ...keys, authenticationKey: WRONG_AK, counters: new MemoryCounterStore() },
      }),
    );
    passed = given(meter);
    return { id: found?.id, passed };
  }

  const UNDECIPHERED = fromHex('D80105');
  test.each([
    ['refuses it', aare(13)],
    ['gives no reason', aare(1)],
    ['drops the line', drops],
    ['keeps silent', isSilent],
  ] as const)('sends a password no more once the meter %s', async (_, answer) => {
    const { id, passed } = await examined([UNDECIPHERED, answer]);
    expect(id).toBe('wrong-key');
    expect(passed).toBe(2);
  });

  test('sends it with the next guess where the meter could not read it', async () => {
    const { id, passed } = await examined([UNDECIPHERED, UNDECIPHERED, aare(13)]);
    expect(id).toBe('wrong-ek');
    expect(passed).toBe(3);
  });
});
