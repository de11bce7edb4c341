/** A meter without the secret, and a client without it: they have the answer worked out by the other side, on our own sessions. */
import { describe, expect, it, test } from 'vitest';
import type { Aare, Aarq, Apdu } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { concat, toHex } from '../../src/base/bytes.js';
import { CosemError } from '../../src/base/errors.js';
import { octets } from '../../src/codec/make.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import type { MeterServer } from '../../src/server/server.js';
import type { ClientSession } from '../../src/session/client-session.js';
import { CLIENT, CLIENT_TITLE, pump, SERVER_TITLE, type Setup, setup, type Wire } from '../session/harness.js';
import { firstApdu } from '../support/first-apdu.js';

type Mechanism = 2 | 3 | 4 | 5 | 6;
const BLOCK = 16;
const WRONG = new TextEncoder().encode('AnotherSecret');
const HLS_TAG = 0xc3;
const AARE = 0x61;
const TEMPORARY_FAILURE = 2;

interface Rogue {
  /** What it sends as StoC, made of CtoS. */
  readonly challenge: (ctos: Uint8Array) => Uint8Array;
  /** What of the client's own answer it sends back as its proof. */
  readonly cut?: (answer: Uint8Array) => Uint8Array;
  readonly title?: Uint8Array;
}

/** The AARE of a meter that has all but the secret, as the rogue changes it; its proof is what the client works out. */
function rogueWire(wire: Wire, { challenge, cut = (answer) => answer, title }: Rogue): Wire {
  return (request) => {
    if (request[0] === HLS_TAG) return proof(request, cut(answerIn(request)));
    const answer = wire(request);
    if (answer?.[0] !== AARE) return answer;
    const value = challenge(challengeIn(request));
    const aare = { ...(decodeApdu(answer) as Aare), respondingAuthenticationValue: { type: 'charstring', value } };
    return encodeApdu({ ...aare, ...(title === undefined ? {} : { respondingApTitle: title }) } as Apdu);
  };
}

function challengeIn(aarq: Uint8Array): Uint8Array {
  const apdu = decodeApdu(aarq);
  if (apdu.type !== 'aarq' || apdu.callingAuthenticationValue === undefined) throw new Error('no challenge');
  return apdu.callingAuthenticationValue.value;
}

function answerIn(request: Uint8Array): Uint8Array {
  const apdu = decodeApdu(request);
  if (apdu.type !== 'action-request-normal' || apdu.parameter?.type !== 'octet-string') throw new Error('no answer');
  return apdu.parameter.value;
}

function proof(request: Uint8Array, answer: Uint8Array): Uint8Array {
  const { invokeId } = decodeApdu(request) as Extract<Apdu, { type: 'action-request-normal' }>;
  const response = { result: 0, returned: { data: octets(answer) } };
  return encodeApdu({ type: 'action-response-normal', invokeId, response });
}

/** A rogue that knows nothing but what stands in a right AARE. */
const knowing = (mechanism: Mechanism, more: Setup = {}): Setup => ({ mechanism, server: { secret: WRONG }, ...more });

function failure(run: () => unknown): CosemError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(CosemError);
    return error as CosemError;
  }
  throw new Error('the rogue was believed');
}

const junk = nobleCrypto.random(BLOCK);
const zeroEnded = concat(junk.subarray(0, BLOCK - 1), Uint8Array.of(0));

describe('a meter without the secret', () => {
  const table: readonly (readonly [string, Mechanism, Rogue])[] = [
    ['ours and a block', 2, { challenge: (c) => concat(c, junk), cut: (a) => a.subarray(0, BLOCK) }],
    ['a block and ours', 2, { challenge: (c) => concat(junk, c), cut: (a) => a.subarray(BLOCK) }],
    ['ours four times', 2, { challenge: (c) => concat(c, c, c, c), cut: (a) => a.subarray(3 * BLOCK) }],
    ['ours less its trailing zero', 2, { challenge: (c) => c.subarray(0, BLOCK - 1) }],
    ['ours', 3, { challenge: (c) => c }],
    ['ours', 4, { challenge: (c) => c }],
    ['our own title', 5, { challenge: () => junk, title: CLIENT_TITLE }],
    ['our own title and our challenge', 5, { challenge: (c) => c, title: CLIENT_TITLE }],
    ['no title, ours twice', 6, { challenge: (c) => concat(c, c), title: new Uint8Array(0) }],
    ['our own title, ours twice', 6, { challenge: (c) => concat(c, c), title: CLIENT_TITLE }],
  ];
  it.each(table)('%s: is not believed with mechanism %d', (_, mechanism, rogue) => {
    for (const allowOddChallenge of [false, true]) {
      const parts = setup(knowing(mechanism, { client: { challenge: zeroEnded, allowOddChallenge } }));
      expect(failure(() => pump(parts.client.associate(), rogueWire(parts.wire, rogue))).message).toMatch(
        /challenge|system title/,
      );
      expect(parts.client.association).toBeUndefined();
    }
  });

  it.each([2, 3, 4, 5, 6] as const)('is not answered what another association waits for, mechanism %d', (mechanism) => {
    const waiting = setup(knowing(mechanism));
    const procedure = waiting.client.associate();
    const aarq = procedure.next(new Uint8Array(0)).value as { apdu: Uint8Array };
    const asked = challengeIn(aarq.apdu);
    for (const challenge of [asked, concat(asked, junk)]) {
      const other = setup(knowing(mechanism, { client: { allowEchoedChallenge: true, allowOddChallenge: true } }));
      const heard: Uint8Array[] = [];
      const wire = rogueWire(other.wire, {
        challenge: () => challenge,
        cut: (answer) => {
          heard.push(answer);
          return answer;
        },
      });
      expect(failure(() => pump(other.client.associate(), wire)).message).toContain('in another association');
      expect(heard).toEqual([]);
    }
  });
});

describe('a meter that draws odd challenges and has the secret', () => {
  const draws = (length: number): Rogue => ({ challenge: () => nobleCrypto.random(length) });
  function open(length: number, allowOddChallenge: boolean): { readonly client: ClientSession; run(): unknown } {
    const parts = setup({ mechanism: 2, client: { allowOddChallenge } });
    // The rightful meter answers with its own secret, whatever it drew.
    const wire: Wire = (request) => {
      if (request[0] !== HLS_TAG) return rogueWire(parts.wire, draws(length))(request);
      const key = parts.client.config.secret as Uint8Array;
      return proof(request, nobleCrypto.ecbEncrypt(key, challengeIn(aarqs[0] as Uint8Array)));
    };
    const aarqs: Uint8Array[] = [];
    const noting: Wire = (request) => {
      if (request[0] === 0x60) aarqs.push(request);
      return wire(request);
    };
    return { client: parts.client, run: () => pump(parts.client.associate(), noting) };
  }
  it.each([8, 15, 17, 32, 64])('%d octets: by the own option alone', (length) => {
    const refused = failure(open(length, false).run);
    expect(refused.hint).toContain('--allow-odd-challenge');
    const { run, client } = open(length, true);
    run();
    expect(client.association).toBeDefined();
  });
});

describe('a client without the secret', () => {
  test.each([5, 6] as const)('is not let in under the title of the meter, mechanism %d', (mechanism) => {
    const { client, wire, state } = setup({ mechanism, client: { systemTitle: SERVER_TITLE } });
    const results: number[] = [];
    const noting: Wire = (request) => {
      const answer = wire(request) as Uint8Array;
      results.push((decodeApdu(answer) as Aare).result);
      return answer;
    };
    failure(() => pump(client.associate(), noting));
    expect(results).toEqual([1]);
    expect(state()).toBe('idle');
  });

  test.each([2, 3, 4] as const)('has no answer of a rightful client’s association, mechanism %d', (mechanism) => {
    const meter = setup({ mechanism });
    // StoC of an association that waits for its proof: the rogue puts it into the AARQ of a rightful client.
    const waiting = meter.client.associate();
    const aarq = waiting.next(new Uint8Array(0)).value as { apdu: Uint8Array };
    const stoc = (decodeApdu(meter.wire(aarq.apdu) as Uint8Array) as Aare).respondingAuthenticationValue?.value;
    const other = setup({ mechanism });
    const answered: string[] = [];
    const changing: Wire = (request) => {
      if (request[0] !== 0x60) {
        const answer = other.wire(request);
        answered.push(toHex(answer ?? new Uint8Array(0)));
        return answer;
      }
      const apdu = decodeApdu(request);
      return other.wire(
        encodeApdu({ ...apdu, callingAuthenticationValue: { type: 'charstring', value: stoc as Uint8Array } } as Apdu),
      );
    };
    expect(failure(() => pump(other.client.associate(), changing)).message).toContain('refused the association');
    expect(answered).toEqual([]);
  });

  /** StoC of an association that the rogue keeps waiting for its proof, and the AARQ that asked for it. */
  function held(mechanism: 2 | 3 | 4) {
    const { server } = setup({ mechanism });
    const line = server.line();
    const aarq = firstApdu(setup({ mechanism }).client);
    const { respondingAuthenticationValue } = decodeApdu(line.handle(CLIENT, 1, aarq, 0) as Uint8Array) as Aare;
    return { server, line, aarq, stoc: respondingAuthenticationValue?.value as Uint8Array };
  }

  /** The rogue's pass 3, with what a rightful client had proved to it under a challenge; undefined where the meter gave no proof. */
  function fetched(server: MeterServer, mechanism: 2 | 3 | 4, challenge: Uint8Array): Uint8Array | undefined {
    const line = server.line();
    let proved: Uint8Array | undefined;
    const between: Wire = (request) => {
      if (request[0] === HLS_TAG) {
        const answer = line.handle(CLIENT, 1, request, 0) as Uint8Array;
        const { response } = decodeApdu(answer) as Extract<Apdu, { type: 'action-response-normal' }>;
        if (response.returned !== undefined && 'data' in response.returned) {
          proved = (response.returned.data as { readonly value: Uint8Array }).value;
        }
        return answer;
      }
      const value = { type: 'charstring', value: challenge } as const;
      return line.handle(
        CLIENT,
        1,
        encodeApdu({ ...(decodeApdu(request) as Aarq), callingAuthenticationValue: value }),
        0,
      );
    };
    failure(() => pump(setup({ mechanism }).client.associate(), between));
    line.released();
    if (proved === undefined) return undefined;
    return encodeApdu({
      type: 'action-request-normal',
      invokeId: 0xc1,
      method: { classId: 15, instanceId: Uint8Array.of(0, 0, 40, 0, 0, 255), methodId: 1 },
      parameter: octets(proved),
    });
  }

  // More than the challenges that are remembered.
  const FLOOD = 4096;

  test.each([2, 3, 4] as const)(
    'is not let in after AARQs without end on one line, which push no challenge out, mechanism %d',
    (mechanism) => {
      const { server, aarq, stoc } = held(mechanism);
      const flood = server.line();
      for (let i = 0; i < FLOOD; i++) flood.handle(CLIENT, 1, aarq, 0);
      expect(fetched(server, mechanism, stoc)).toBeUndefined();
    },
    60_000,
  );

  test.each([2, 3, 4] as const)(
    'is not let in after as many lines have pushed its challenge out, mechanism %d',
    (mechanism) => {
      const { server, line, aarq, stoc } = held(mechanism);
      for (let i = 0; i < FLOOD; i++) server.line().handle(CLIENT, 1, aarq, 0);
      const pass3 = fetched(server, mechanism, stoc);
      expect(pass3).toBeDefined();
      expect(decodeApdu(line.handle(CLIENT, 1, pass3 as Uint8Array, 0) as Uint8Array)).toMatchObject({
        type: 'action-response-normal',
        response: { result: TEMPORARY_FAILURE },
      });
      expect(line.associated).toBe(false);
      // Nothing was held against the client: it opens the next one.
      const rightful = setup({ mechanism }).client;
      pump(rightful.associate(), (request) => line.handle(CLIENT, 1, request, 0));
      expect(line.associated).toBe(true);
    },
    60_000,
  );
});

describe('a meter without the secret that has the client open associations without end', () => {
  test.each([2, 3, 4] as const)('is not believed, mechanism %d', (mechanism) => {
    const waiting = setup({ mechanism });
    const procedure = waiting.client.associate();
    const aarq = (procedure.next(new Uint8Array(0)).value as { apdu: Uint8Array }).apdu;
    const pass3 = procedure.next(waiting.wire(aarq) as Uint8Array).value as { apdu: Uint8Array };
    for (let i = 0; i < 4096; i++) firstApdu(waiting.client);
    // Another association of the same client is asked for the answer that the first one waits for.
    const heard: Uint8Array[] = [];
    const other = setup(knowing(mechanism));
    const asking = rogueWire(other.wire, {
      challenge: () => challengeIn(aarq),
      cut: (answer) => {
        heard.push(answer);
        return answer;
      },
    });
    failure(() => pump(other.client.associate(), asking));
    expect(heard.length).toBe(1);
    const refused = failure(() => procedure.next(proof(pass3.apdu, heard[0] as Uint8Array)));
    expect(refused).toMatchObject({ reason: 'bad-challenge', hint: expect.stringContaining('once more') });
    expect(waiting.client.association).toBeUndefined();
  });
});
