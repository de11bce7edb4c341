/** What tolerance never covers, as a table; and pass 4 of HLS, whose form is borne and whose proof is not. */
import { describe, expect, it, test } from 'vitest';
import type { Aare, Apdu, CipheredApdu } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { concat, fromHex } from '../../src/base/bytes.js';
import { AssociationError, CosemError, SecurityError } from '../../src/base/errors.js';
import type { Remark } from '../../src/base/remark.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import type { ClientSecurity, ClientSessionConfig } from '../../src/session/client-config.js';
import { NotificationReceiver } from '../../src/session/notification.js';
import {
  AK,
  attribute,
  CLIENT_TITLE,
  EK,
  echoAttribute,
  pump,
  SERVER_TITLE,
  type Setup,
  setup,
  type Wire,
} from './harness.js';

const register = attribute(3, '1.0.1.8.0.255', 2);
const SURPLUS = fromHex('C401C1000600000001');

function failure(run: () => unknown): CosemError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(CosemError);
    return error as CosemError;
  }
  throw new Error('a failure was expected');
}

type Change = (answer: Uint8Array) => Uint8Array;

/** The answers of a given tag are changed on their way. */
function changed(wire: Wire, tag: number, change: Change): Wire {
  return (request) => {
    const answer = wire(request);
    return answer?.[0] === tag ? change(answer) : answer;
  };
}

function ciphered(change: (apdu: CipheredApdu) => Partial<CipheredApdu>): Change {
  return (octets) => {
    const apdu = decodeApdu(octets) as CipheredApdu;
    return encodeApdu({ ...apdu, ...change(apdu) });
  };
}

const flipped = (octets: Uint8Array, at: number) => octets.map((octet, i) => (i === at ? octet ^ 1 : octet));

const CIPHERED: Setup = { context: 'ln-ciphered', mechanism: 5, policy: 'authenticated-encryption' };
const GLO_GET_RESPONSE = 0xcc;

/** A ciphered association, opened; then one value is asked for, whose answer is changed. */
function reading(change: Change, options: Setup = CIPHERED, tag = GLO_GET_RESPONSE): () => unknown {
  const { client, wire } = setup(options);
  pump(client.associate(), wire);
  return () => pump(client.get([register]), changed(wire, tag, change));
}

describe('what tolerance never covers in an answer', () => {
  const PLAIN = fromHex('C401C10006000004D2');
  const table: readonly (readonly [string, Change, string])[] = [
    ['the tag', ciphered(({ content }) => ({ content: flipped(content, content.length - 1) })), 'bad-tag'],
    ['a tag cut short', ciphered(({ content }) => ({ content: content.subarray(0, -1) })), 'bad-tag'],
    ['the content', ciphered(({ content }) => ({ content: flipped(content, 0) })), 'bad-tag'],
    ['the invocation counter', ciphered((a) => ({ invocationCounter: a.invocationCounter + 1 })), 'bad-tag'],
    ['security control without authentication', ciphered(() => ({ securityControl: 0x20 })), ''],
    ['security control without encryption', ciphered(() => ({ securityControl: 0x10 })), ''],
    ['security control with none', ciphered(() => ({ securityControl: 0x00 })), ''],
    ['another suite', ciphered(() => ({ securityControl: 0x31 })), 'bad-key'],
    ['the envelope of another service', ciphered(() => ({ tag: 0xcd })), ''],
    ['the envelope of the dedicated key', ciphered(() => ({ tag: 0xd4 })), ''],
    ['an answer in clear', () => PLAIN, 'not-protected'],
    ['an answer in clear with octets behind', () => concat(PLAIN, SURPLUS), 'not-protected'],
    ['an answer in clear before the ciphered one', (answer) => concat(PLAIN, answer), 'not-protected'],
  ];
  test.each(table)('%s', (_, change, reason) => {
    const error = failure(reading(change));
    if (reason !== '') expect((error as SecurityError).reason).toBe(reason);
  });

  it('a system title of another meter, and a counter that came before', () => {
    const general = { ...CIPHERED, general: true };
    const other = ciphered(() => ({ systemTitle: fromHex('4D4D4D0000000002') }));
    expect(failure(reading(other, general, 0xdb))).toBeInstanceOf(SecurityError);
    const { client, wire } = setup(CIPHERED);
    pump(client.associate(), wire);
    let first: Uint8Array | undefined;
    const replaying = changed(wire, GLO_GET_RESPONSE, (answer) => {
      first ??= answer;
      return first;
    });
    pump(client.get([register]), replaying);
    expect((failure(() => pump(client.get([register]), replaying)) as SecurityError).reason).toBe('replay');
  });

  it('octets outside of the protection are told of and never read', () => {
    const remarks: Remark[] = [];
    const client = { onRemark: (remark: Remark) => remarks.push(remark) };
    const plain = reading((answer) => answer, CIPHERED)();
    const read = reading((answer) => concat(answer, SURPLUS), { ...CIPHERED, client });
    expect(read()).toEqual(plain);
    expect(remarks.map(({ code }) => code)).toEqual(['surplus-octets']);
    const strict = reading((answer) => concat(answer, SURPLUS), { ...CIPHERED, client: { strict: true } });
    expect(failure(strict).message).toContain('surplus-octets');
  });
});

describe('what tolerance never covers in an AARE', () => {
  const aare = (change: (apdu: Aare) => Partial<Aare>): Change => {
    return (octets) => encodeApdu({ ...(decodeApdu(octets) as Aare), ...change(decodeApdu(octets) as Aare) });
  };
  const information = (change: (apdu: CipheredApdu) => Partial<CipheredApdu>) =>
    aare(({ userInformation }) => ({ userInformation: ciphered(change)(userInformation as Uint8Array) }));
  const INITIATE = fromHex('0800065F1F0400001E1DFFFF0007');

  test.each<[string, Change]>([
    ['terms in clear', aare(() => ({ userInformation: INITIATE }))],
    [
      'terms in clear behind which the ciphered ones stand',
      aare((a) => ({ userInformation: concat(INITIATE, a.userInformation as Uint8Array) })),
    ],
    ['a changed tag', information(({ content }) => ({ content: flipped(content, content.length - 1) }))],
    ['another counter', information((a) => ({ invocationCounter: a.invocationCounter + 1 }))],
    ['less protection', information(() => ({ securityControl: 0x20 }))],
    ['another system title', aare(() => ({ respondingApTitle: fromHex('4D4D4D0000000009') }))],
    ['our own challenge', aare(() => ({ respondingAuthenticationValue: { type: 'charstring', value: CHALLENGE } }))],
    [
      'no challenge',
      aare(({ respondingAuthenticationValue: _, ...rest }) => ({
        ...rest,
        respondingAuthenticationValue: undefined as never,
      })),
    ],
  ])('%s', (_, change) => {
    const { client, wire } = setup({ ...CIPHERED, client: { challenge: CHALLENGE } });
    failure(() => pump(client.associate(), changed(wire, 0x61, change)));
    expect(client.association).toBeUndefined();
  });
});

const CHALLENGE = fromHex('000102030405060708090A0B0C0D0E0F');

describe('what tolerance never covers in a push', () => {
  /** The push of a meter, in general-glo-ciphering. */
  function pushed(): Uint8Array {
    const { server } = setup(CIPHERED);
    const session = server.session(48, 1);
    return session?.notify({
      type: 'data-notification',
      longInvokeId: 1,
      body: { type: 'unsigned', value: 5 },
    }) as Uint8Array;
  }
  const receiver = (remarks: Remark[], strict = false) =>
    new NotificationReceiver({
      crypto: nobleCrypto,
      keysOf: () => ({ encryption: EK, authentication: AK }),
      onRemark: (remark) => remarks.push(remark),
      strict,
    });

  test.each<[string, Change]>([
    ['the tag', ciphered(({ content }) => ({ content: flipped(content, content.length - 1) }))],
    ['the counter', ciphered((a) => ({ invocationCounter: a.invocationCounter + 1 }))],
    ['the security control', ciphered(() => ({ securityControl: 0x20 }))],
    ['the system title', ciphered(() => ({ systemTitle: fromHex('4D4D4D0000000002') }))],
    ['no system title', ciphered(() => ({ systemTitle: new Uint8Array(0) }))],
  ])('%s', (_, change) => {
    expect(failure(() => receiver([]).receive(change(pushed())))).toBeInstanceOf(SecurityError);
  });

  it('octets behind the protection are told of and never read; strictly it is refused', () => {
    const remarks: Remark[] = [];
    const octets = concat(pushed(), SURPLUS);
    expect(receiver(remarks).receive(octets).apdu).toMatchObject({ body: { type: 'unsigned', value: 5 } });
    expect(remarks.map(({ code }) => code)).toEqual(['surplus-octets']);
    expect(failure(() => receiver([], true).receive(octets)).message).toContain('surplus-octets');
  });
});

describe('what a server takes', () => {
  it('an AARQ with its fields in another order; not one with a field twice', () => {
    const { server } = setup({ mechanism: 0 });
    const fields = ['BE10040E01000000065F1F0400001E1DFFFF', 'A109060760857405080101'];
    const aarq = (list: readonly string[]) => {
      const contents = list.join('');
      return fromHex(`60${(contents.length / 2).toString(16)}${contents}`);
    };
    expect(server.handle(48, 1, aarq(fields), 0)?.[0]).toBe(0x61);
    const twice = setup({ mechanism: 0 }).server.handle(48, 1, aarq([...fields, fields[1] as string]), 0);
    expect(twice?.[0]).toBe(0xd8);
  });

  it('no request in clear in a ciphered association, and none with octets outside of the protection that could be read', () => {
    const { client, server, wire } = setup(CIPHERED);
    pump(client.associate(), wire);
    const clear = encodeApdu({ type: 'get-request-normal', invokeId: 0xc1, attribute: register } as Apdu);
    expect(server.handle(48, 1, clear, 0)?.[0]).toBe(0xd8);
  });
});

describe('pass 4 of HLS', () => {
  const HLS: Setup = { mechanism: 2 };
  /** Opens an association whose pass 4 is changed. */
  function associate(pass4: Change, client: Partial<ClientSessionConfig> = {}, options: Setup = HLS) {
    const remarks: Remark[] = [];
    const parts = setup({ ...options, client: { onRemark: (remark) => remarks.push(remark), ...client } });
    const run = () => pump(parts.client.associate(), changed(parts.wire, 0xc7, pass4));
    return { run, remarks, client: parts.client };
  }
  /** `C7 01 id 00 01 00 09 10 …` */
  const without = (from: number, to: number): Change => {
    return (answer) => concat(answer.subarray(0, from), answer.subarray(to));
  };

  it.each([
    ['without the octet of the choice (case 32)', without(5, 6)],
    ['without flag and choice', without(4, 6)],
    ['with octets behind', (answer: Uint8Array) => concat(answer, fromHex('0000'))],
  ])('%s it is opened, and told', (_, change) => {
    const { run, remarks, client } = associate(change);
    run();
    expect(client.association).toBeDefined();
    expect(remarks).toMatchObject([{ weight: 'detail' }]);
    expect(failure(associate(change, { strict: true }).run).message).toContain(remarks[0]?.code);
  });

  it.each([2, 3, 4, 5, 6] as const)('a wrong proof in that form is refused, mechanism %d', (mechanism) => {
    const wrong: Change = (answer) => flipped(without(5, 6)(answer), answer.length - 3);
    const { run } = associate(wrong, { acceptUnprovenMeter: true, allowEchoedChallenge: true }, { mechanism });
    expect(failure(run).message).toContain('could not prove');
  });

  const NOTHING: readonly (readonly [string, Change])[] = [
    ['no return parameters', (answer) => concat(answer.subarray(0, 3), fromHex('0000'))],
    ['nothing behind the result', (answer) => concat(answer.subarray(0, 3), fromHex('00'))],
    ['null-data', (answer) => concat(answer.subarray(0, 3), fromHex('00010000'))],
    ['an empty octet-string', (answer) => concat(answer.subarray(0, 3), fromHex('0001000900'))],
  ];
  it.each(NOTHING)('%s: the meter did not prove itself, and only the caller may bear that', (_, change) => {
    const error = failure(associate(change).run) as AssociationError;
    expect(error).toBeInstanceOf(AssociationError);
    expect(error.message).toContain('did not prove itself');
    expect(error.message).not.toContain('refused');
    expect(error.hint).toContain('--accept-unproven');
    const { run, remarks, client } = associate(change, { acceptUnprovenMeter: true });
    run();
    expect(client.association).toBeDefined();
    expect(remarks.filter(({ weight }) => weight === 'note').map(({ code }) => code)).toEqual(['unproven-meter']);
  });

  const head = (answer: Uint8Array) => answer.subarray(0, 3);
  it.each<readonly [string, Change, RegExp]>([
    [
      'a flag and nothing behind',
      (answer) => concat(head(answer), fromHex('0001')),
      /cannot be read \(1 octet expected/,
    ],
    ['another choice', (answer) => concat(head(answer), fromHex('000103')), /cannot be read \(/],
    ['a proof that is cut', (answer) => answer.subarray(0, -2), /cannot be read \(/],
    ['no result at all', head, /cannot be read \(/],
    [
      'a data-access-result',
      (answer) => concat(head(answer), fromHex('00010103')),
      /did not give .*: read-write-denied/,
    ],
    [
      'the proof as a visible-string',
      (answer) => concat(answer.subarray(0, 6), fromHex('0A'), answer.subarray(7)),
      /to be an octet-string, and visible-string came/,
    ],
  ])('%s: the meter did not prove itself, whatever the caller bears', (_, change, words) => {
    const error = failure(associate(change, { acceptUnprovenMeter: true }).run) as AssociationError;
    expect(error).toBeInstanceOf(AssociationError);
    expect(error.message).toMatch(/^the meter did not prove itself: /);
    expect(error.message).toMatch(words);
  });

  it('a meter that refuses our half is not one that proves nothing', () => {
    const refused = associate((answer) => concat(answer.subarray(0, 3), fromHex('0C00')), {
      acceptUnprovenMeter: true,
    });
    expect(failure(refused.run).message).toContain('refused our half');
  });

  it('an echoed challenge goes on by the own option only, and is told', () => {
    const echo: Change = (octets) => {
      const value = { type: 'charstring', value: CHALLENGE } as const;
      return encodeApdu({ ...(decodeApdu(octets) as Aare), respondingAuthenticationValue: value });
    };
    const opened = (client: Partial<ClientSessionConfig>) => {
      const remarks: Remark[] = [];
      const parts = setup({
        mechanism: 2,
        client: { challenge: CHALLENGE, onRemark: (remark) => remarks.push(remark), ...client },
        random: () => CHALLENGE.slice(),
      } as Setup);
      return { run: () => pump(parts.client.associate(), changed(parts.wire, 0x61, echo)), remarks };
    };
    expect((failure(opened({}).run) as SecurityError).reason).toBe('bad-challenge');
    const allowed = opened({ allowEchoedChallenge: true });
    // The server drew another challenge than was told to the client: its pass 3 does not hold, but the client went on.
    expect(failure(allowed.run)).toBeInstanceOf(AssociationError);
    expect(allowed.remarks).toMatchObject([{ code: 'echoed-challenge', weight: 'note' }]);
  });
});

test('a value behind a value is not read', () => {
  const { client, wire } = setup({});
  pump(client.associate(), wire);
  const remarks: Remark[] = [];
  const plain = pump(client.get([echoAttribute]), wire);
  expect(
    pump(
      client.get([echoAttribute]),
      changed(wire, 0xc4, (answer) => concat(answer, SURPLUS)),
    ),
  ).toEqual(plain);
  expect(remarks).toEqual([]);
});

describe('a refusal that names', () => {
  const refusing = (title: Uint8Array, clientSecurity: Partial<ClientSecurity> = {}) => {
    const { client, wire } = setup({
      context: 'ln-ciphered',
      mechanism: 1,
      policy: 'authenticated-encryption',
      server: { secret: new Uint8Array(8).fill(1) },
      clientSecurity,
    });
    const change: Change = (octets) => encodeApdu({ ...(decodeApdu(octets) as Aare), respondingApTitle: title });
    return failure(() => pump(client.associate(), changed(wire, 0x61, change))) as AssociationError;
  };

  it('our own system title tells its reason', () => {
    const error = refusing(CLIENT_TITLE);
    expect(error).toBeInstanceOf(AssociationError);
    expect(error.message).toBe('the meter refused the association: rejected-permanent, authentication-failure');
    expect(error.hint).toContain('check the password');
  });

  it('another title than that of the meter tells both', () => {
    const error = refusing(fromHex('4D4D4D0000000002'), { serverTitle: SERVER_TITLE });
    expect(error.message).toContain('rejected-permanent, authentication-failure');
    expect(error.message).toContain('4D4D4D0000000001 was expected');
    expect(error.hint).toContain('right meter');
  });

  it('its right title gives the error in it as well', () => {
    expect(refusing(SERVER_TITLE).message).toContain('authentication-failure (');
  });
});
