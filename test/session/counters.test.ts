/** Counters under a dedicated key, and what a refusal says of counters and keys. */
import { describe, expect, it } from 'vitest';
import type { Apdu } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { fromHex, fromLatin1 } from '../../src/base/bytes.js';
import { AccessError, AssociationError, DecodeError } from '../../src/base/errors.js';
import { u32 } from '../../src/codec/make.js';
import { MemoryCounterStore } from '../../src/security/counter.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { Ciphering } from '../../src/session/protection.js';
import { AK, attribute, CLIENT_TITLE, EK, pump, SERVER_TITLE, setup, type Wire } from './harness.js';

const ask = attribute(3, '1.0.1.8.0.255', 2);
const both = 'authenticated-encryption';
const ciphered = { context: 'ln-ciphered', mechanism: 1, policy: both } as const;

/** Invocation counters of what a client sent, in order. */
function countersOf(apdus: readonly Uint8Array[]): number[] {
  return apdus.flatMap((octets) => {
    const apdu = decodeApdu(octets);
    const inner = apdu.type === 'aarq' || apdu.type === 'rlrq' ? decodeApdu(apdu.userInformation!) : apdu;
    return inner.type === 'ciphered' ? [inner.invocationCounter] : [];
  });
}

/** A server that checks one running counter over the global and the dedicated key (case 16). */
function running(wire: Wire, refusals: { count: number }): Wire {
  let lowest = 0;
  return (request) => {
    const [counter] = countersOf([request]);
    if (counter !== undefined && counter < lowest) {
      refusals.count++;
      return encodeApdu({ type: 'exception-response', stateError: 1, serviceError: 6, invocationCounter: lowest });
    }
    if (counter !== undefined) lowest = counter + 1;
    return wire(request);
  };
}

describe('a dedicated key', () => {
  for (const mechanism of [0, 1, 2, 5] as const) {
    for (const general of [false, true]) {
      it(`mechanism ${mechanism}${general ? ', general' : ''}: each message draws the next global counter`, () => {
        const counters = new MemoryCounterStore({ client: 0x0c00 });
        const bench = setup({
          ...{ context: 'ln-ciphered', mechanism, policy: both, dedicated: true, general },
          clientSecurity: { counters },
        });
        const refusals = { count: 0 };
        const wire = running(bench.wire, refusals);
        for (let visit = 0; visit < 2; visit++) {
          pump(bench.client.associate(), wire);
          expect(pump(bench.client.get([ask]), wire)).toEqual([{ data: u32(123456) }]);
          expect(pump(bench.client.get([ask]), wire)).toEqual([{ data: u32(123456) }]);
          pump(bench.client.release(), wire);
        }
        expect(refusals.count).toBe(0);
        const sent = countersOf(bench.exchanged.map(({ request }) => request));
        expect(sent[0]).toBe(0x0c00);
        expect(new Set(sent).size).toBe(sent.length);
        expect([...sent].sort((a, b) => a - b)).toEqual(sent);
        // GMAC uses up one of its own inside pass 3.
        expect(counters.peek('client')).toBe((sent.at(-1) as number) + 1);
      });
    }
  }

  it.each([
    ['0001C109', 'the meter answered 4 octets that are no APDU'],
    ['00', 'the meter answered 1 octet that is no APDU'],
    ['FF0102030405060708090A0B', 'the meter answered 12 octets that are no APDU'],
  ])('answered by %s: said as what it is', (hex, words) => {
    const bench = setup({ ...ciphered, dedicated: true });
    pump(bench.client.associate(), bench.wire);
    let error: unknown;
    try {
      pump(bench.client.get([ask]), () => fromHex(hex));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(DecodeError);
    expect((error as DecodeError).message).toContain(`under the dedicated key ${words}`);
    expect((error as DecodeError).hint).toContain('try without dedicated key');
  });

  it('answered by text of a gateway: it is quoted, and no matter of the key', () => {
    const bench = setup({ ...ciphered, dedicated: true });
    pump(bench.client.associate(), bench.wire);
    const asking = () => pump(bench.client.get([ask]), () => fromLatin1('ERROR 17\r\n'));
    expect(asking).toThrow(/^text came where an APDU should be: "ERROR 17/);
  });

  it('without one such octets are no matter of the key', () => {
    const bench = setup(ciphered);
    pump(bench.client.associate(), bench.wire);
    expect(() => pump(bench.client.get([ask]), () => fromHex('0001C109'))).toThrow(/^(?!.*dedicated)/);
  });
});

/** What the meter refuses with, as an error of the client. */
function refusalOf(make: () => unknown): AssociationError | AccessError {
  try {
    make();
  } catch (error) {
    if (error instanceof AssociationError || error instanceof AccessError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

const D8 = 'D8010600000FFF';

describe('a counter that the meter names', () => {
  const aareWith = (userInformation: Uint8Array, result: 0 | 1) =>
    encodeApdu({
      type: 'aare',
      applicationContextName: fromHex('60857405080103'),
      result,
      resultSourceDiagnostic: { source: 'acse-service-user', diagnostic: result },
      userInformation,
    } as Apdu);
  const server = () => {
    const ciphering = new Ciphering({
      crypto: nobleCrypto,
      systemTitle: SERVER_TITLE,
      peerTitle: CLIENT_TITLE,
      keys: { encryption: EK, authentication: AK },
      counters: new MemoryCounterStore({ server: 100 }),
      counterEntry: 'server',
    });
    return ciphering.seal(fromHex(D8), 'general-glo', both);
  };
  const forms: [string, () => Uint8Array][] = [
    ['a bare exception-response', () => fromHex(D8)],
    ['one in general-glo-ciphering', server],
    ['an AARE that refuses with it', () => aareWith(fromHex(D8), 1)],
    ['an AARE that accepts and refuses with it', () => aareWith(fromHex(D8), 0)],
  ];
  it.each(forms)('%s: in place of the AARE', (_, answer) => {
    const { client } = setup(ciphered);
    const error = refusalOf(() => pump(client.associate(), answer));
    expect(error).toBeInstanceOf(AssociationError);
    expect(error.invocationCounter).toBe(4095);
  });

  it.each(forms.slice(0, 2))('%s: later in the session', (_, answer) => {
    const { client, wire } = setup(ciphered);
    pump(client.associate(), wire);
    // In clear it denies an answer, which is all that anybody could do by keeping it back.
    const error = refusalOf(() => pump(client.get([ask]), answer));
    expect(error).toBeInstanceOf(AccessError);
    expect(error.invocationCounter).toBe(4095);
  });

  it('one that does not open is no answer: it is waited on', () => {
    const forged = server();
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1;
    const { client } = setup(ciphered);
    expect(() => pump(client.associate(), () => forged)).toThrow('an answer is awaited');
  });

  it('named by none: read leniently all the same', () => {
    expect(() => decodeApdu(fromHex('D80106'))).toThrow(DecodeError);
    const { client } = setup({ ...ciphered });
    const error = refusalOf(() => pump(client.associate(), () => fromHex('D80106')));
    expect(error).toMatchObject({ diagnostic: 'invocation-counter-error', invocationCounter: undefined });
  });
});

describe('hints name no keys where none are used', () => {
  it.each(['D80105', 'D80101', '0E010600', '0E010006'])('%s', (hex) => {
    const clear = setup({ mechanism: 1 });
    const hints = [refusalOf(() => pump(clear.client.associate(), () => fromHex(hex))).hint];
    pump(clear.client.associate(), clear.wire);
    hints.push(refusalOf(() => pump(clear.client.get([ask]), () => fromHex(hex))).hint);
    for (const hint of hints) expect(hint).not.toMatch(/\bkeys?\b/);
  });

  it('and keys where they are', () => {
    const { client } = setup(ciphered);
    expect(refusalOf(() => pump(client.associate(), () => fromHex('D80105'))).hint).toContain('encryption key');
  });
});
