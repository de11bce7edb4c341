/** A counter is taken note of once the whole message was judged, and always then: on both sides, wherever a message is opened. */

import { describe, expect, it } from 'vitest';
import type { Aare, Aarq, Apdu } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { CONFORMANCE } from '../../src/apdu/conformance.js';
import { CosemError } from '../../src/base/errors.js';
import { u32 } from '../../src/codec/make.js';
import type { Protection } from '../../src/contracts/protection.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { MemoryReplayGuard } from '../../src/security/replay.js';
import type { CipherKind } from '../../src/session/cipher-kind.js';
import { receivedEntryOf } from '../../src/session/kept-received.js';
import type { Ciphering } from '../../src/session/protection.js';
import { rogueCiphering } from '../hostile/rogue-ciphering.js';
import {
  ALL_CONFORMANCE,
  CLIENT,
  CLIENT_TITLE,
  EK,
  echoAttribute,
  pump,
  SERVER_TITLE,
  type Setup,
  setup,
} from './harness.js';

const GBT = ALL_CONFORMANCE | CONFORMANCE['general-block-transfer'];
/** A counter far above all that were used. */
const N = 5000;

/** Something under that counter, by who has the keys. */
function sealed(title: Uint8Array, apdu: Uint8Array, protection: Protection, kind: CipherKind = 'glo', counter = N) {
  const ciphering = rogueCiphering(title, counter);
  ciphering.learnPeerTitle(title === CLIENT_TITLE ? SERVER_TITLE : CLIENT_TITLE);
  return ciphering.seal(apdu, kind, protection);
}

/** The first octet stays, which tells the kind of APDU; what follows makes no sense. */
const nonsense = (apdu: Uint8Array) => Uint8Array.of(apdu[0] as number, 0xff, 0xff);

/** What came of it: an error's code, or what was returned. */
function outcome<T>(act: () => T): T | string {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof CosemError)) throw error;
    return 'reason' in error ? `${error.code}: ${error.reason}` : error.code;
  }
}

describe('opening', () => {
  it.each<Protection>(['authenticated-encryption', 'authentication', 'encryption'])(
    'changes nothing (%s): the same message opens again',
    (protection) => {
      const own: Ciphering = rogueCiphering(CLIENT_TITLE);
      own.learnPeerTitle(SERVER_TITLE);
      const answer = encodeApdu({ type: 'get-response-normal', invokeId: 0xc1, result: { data: u32(1) } });
      const outer = decodeApdu(sealed(SERVER_TITLE, answer, protection));
      if (outer.type !== 'ciphered') throw new Error('it is not ciphered');
      const opened = own.open(outer);
      expect(own.open(outer)).toEqual(opened);
      expect([opened.counter, own.received.lowest]).toEqual([N, 0]);
      own.accept(opened);
      expect(own.received.lowest).toBe(N + 1);
      expect(() => own.open(outer)).toThrow(/^invocation counter 5000 came/);
      expect(() => own.accept(opened)).toThrow(/^invocation counter 5000 came/);
    },
  );
});

// ---- the server

const initiate = encodeApdu({
  type: 'initiate-request',
  responseAllowed: true,
  proposedDlmsVersionNumber: 6,
  proposedConformance: GBT,
  clientMaxReceivePduSize: 0xffff,
});
const get = encodeApdu({ type: 'get-request-normal', invokeId: 0xc1, attribute: echoAttribute });
const block = encodeApdu({
  type: 'general-block-transfer',
  last: true,
  streaming: false,
  window: 1,
  blockNumber: 1,
  blockNumberAck: 0,
  raw: get,
});

/** A server that bears encryption alone, with a client in that state. */
function served(state: 'idle' | 'associated') {
  const made = setup({
    context: 'ln-ciphered',
    mechanism: state === 'idle' ? 0 : 2,
    policy: 'encryption',
    conformance: GBT,
    client: { conformance: GBT },
    clientSecurity: { handshake: 'encryption' },
    server: { handshake: 'encryption' },
  });
  const first = made.client.associate().next(new Uint8Array(0));
  if (first.done === true) throw new Error('it asks nothing');
  const aarq = decodeApdu(first.value.apdu) as Aarq;
  if (state === 'associated') pump(made.client.associate(), made.wire);
  const asked = (information: Uint8Array) => encodeApdu({ ...aarq, userInformation: information });
  return { ...made, asked, say: (apdu: Uint8Array) => made.server.handle(CLIENT, 1, apdu, 0) as Uint8Array };
}

type Served = ReturnType<typeof served>;
interface Path {
  readonly name: string;
  readonly state: 'idle' | 'associated';
  readonly apdu: Uint8Array;
  readonly kind?: CipherKind;
  readonly send: (made: Served, octets: Uint8Array) => Uint8Array;
}

const PATHS: readonly Path[] = [
  { name: 'AARQ', state: 'idle', apdu: initiate, send: ({ asked, say }, octets) => say(asked(octets)) },
  { name: 'a request', state: 'associated', apdu: get, send: ({ say }, octets) => say(octets) },
  { name: 'a block', state: 'associated', apdu: block, kind: 'general-glo', send: ({ say }, octets) => say(octets) },
  {
    name: 'RLRQ',
    state: 'associated',
    apdu: initiate,
    send: ({ say }, octets) => say(encodeApdu({ type: 'rlrq', reason: 0, userInformation: octets })),
  },
];

describe('at a server', () => {
  for (const { name, state, apdu, kind, send } of PATHS) {
    it(`${name}: taken note of when it was judged, so that it comes once`, () => {
      for (const protection of ['authenticated-encryption', 'encryption'] as const) {
        const made = served(state);
        const octets = sealed(CLIENT_TITLE, apdu, protection, kind);
        send(made, octets);
        expect(made.received.lowest).toBe(N + 1);
        // invocation-counter-error, the lowest acceptable is named; whose association is gone hears that.
        const lowest = [0xd8, 1, 6, 0, 0, N >> 8, (N & 0xff) + 1];
        expect([...send(made, octets)]).toEqual(name === 'RLRQ' ? [0xd8, 2, 3] : lowest);
      }
    });

    it(`${name}: what no tag proves and makes no sense moves nothing`, () => {
      const made = served(state);
      const before = made.received.lowest;
      send(made, sealed(CLIENT_TITLE, nonsense(apdu), 'encryption', kind));
      expect(made.received.lowest).toBe(before);
      send(made, sealed(CLIENT_TITLE, apdu, 'encryption', kind));
      expect(made.received.lowest).toBe(N + 1);
    });

    it(`${name}: what a tag proves has used its counter, whatever it says`, () => {
      const made = served(state);
      send(made, sealed(CLIENT_TITLE, nonsense(apdu), 'authenticated-encryption', kind));
      expect(made.received.lowest).toBe(N + 1);
    });
  }

  // Nearly any octets read as an APDU that is not supported, and three as an error: chance alone makes them of a wrong key.
  it.each<readonly [string, Uint8Array]>([
    ['an APDU that is not supported', Uint8Array.of(0xe6, 1, 2, 3)],
    ['an error', Uint8Array.of(0xd8, 1, 2)],
  ])('%s instead of a request, which no tag proves: moves nothing', (_, apdu) => {
    const { say, received } = served('associated');
    const before = received.lowest;
    const answered = say(sealed(CLIENT_TITLE, apdu, 'encryption', 'general-glo'));
    expect(received.lowest).toBe(before);
    expect([...answered]).toEqual([0xd8, 1, 5]);
    say(sealed(CLIENT_TITLE, apdu, 'authenticated-encryption', 'general-glo'));
    expect(received.lowest).toBe(N + 1);
  });

  it('blocks within the blocks of a transfer: none is opened but the first, so that they cannot exhaust the stack', () => {
    const { say, received } = served('associated');
    const within = (octets: Uint8Array) =>
      encodeApdu({ ...(decodeApdu(block) as Extract<Apdu, { type: 'general-block-transfer' }>), raw: octets });
    const wrapped = (octets: Uint8Array, counter: number) =>
      sealed(CLIENT_TITLE, octets, 'authenticated-encryption', 'general-glo', counter);
    const layers = (first: number) => wrapped(within(wrapped(within(wrapped(block, first + 2)), first + 1)), first);
    const refused = [0xd8, 1, 1];
    // In blocks in clear, and in those that are protected themselves.
    expect([...say(within(layers(N)))]).toEqual(refused);
    expect(received.lowest).toBe(N + 1);
    expect([...say(layers(N + 10))]).toEqual(refused);
    expect(received.lowest).toBe(N + 12);
  });

  it('pass 3: taken note of when it was judged', () => {
    const made = setup({
      context: 'ln-ciphered',
      mechanism: 2,
      policy: 'encryption',
      clientSecurity: { handshake: 'encryption' },
      server: { handshake: 'encryption' },
    });
    const lowest: number[] = [];
    let passes = 0;
    pump(made.client.associate(), (request) => {
      lowest.push(made.received.lowest);
      // In place of pass 3, and before it: an action that makes no sense, as far ahead as one likes.
      if (passes++ === 1) {
        made.server.handle(CLIENT, 1, sealed(CLIENT_TITLE, Uint8Array.of(0xc3, 1, 0xff), 'encryption'), 0);
        made.server.handle(CLIENT, 1, sealed(CLIENT_TITLE, Uint8Array.of(0xd9, 1), 'encryption', 'general-glo'), 0);
        expect(made.received.lowest).toBe(lowest.at(-1));
      }
      return made.wire(request);
    });
    expect(lowest).toEqual([0, 2]);
    expect(made.received.lowest).toBe(3);
  });
});

// ---- the client

const ENTRY = receivedEntryOf(nobleCrypto, SERVER_TITLE, EK);

/** A client that keeps what it received. `kept()` is the lowest counter acceptable to its next association. */
function asking(options: Setup = {}) {
  const received = new MemoryReplayGuard();
  const { clientSecurity, ...others } = options;
  const made = setup({
    context: 'ln-ciphered',
    mechanism: 0,
    conformance: GBT,
    clientSecurity: { received, serverTitle: SERVER_TITLE, ...clientSecurity },
    ...others,
    client: { conformance: GBT, fixedInvokeId: 1, ...others.client },
  });
  const kept = () => {
    made.client.disconnected();
    return received.lowest(ENTRY);
  };
  return { ...made, kept, lowest: () => received.lowest(ENTRY) };
}

const answer = encodeApdu({ type: 'get-response-normal', invokeId: 0xc1, result: { data: u32(1) } });
const error = encodeApdu({ type: 'confirmed-service-error', service: 1, category: 6, value: 1 });

describe('at a client', () => {
  const opened = () => {
    const made = asking();
    pump(made.client.associate(), made.wire);
    const ask = (octets: Uint8Array) => outcome(() => pump(made.client.get([echoAttribute]), () => octets));
    return { ...made, ask };
  };

  it('an answer: once it was judged, and then once only', () => {
    const { ask, kept } = opened();
    expect(ask(sealed(SERVER_TITLE, nonsense(answer), 'authenticated-encryption'))).toMatch(/^decode/);
    expect(ask(sealed(SERVER_TITLE, answer, 'authentication'))).toBe('security: not-protected');
    expect(ask(sealed(SERVER_TITLE, answer, 'encryption'))).toBe('security: not-protected');
    const octets = sealed(SERVER_TITLE, answer, 'authenticated-encryption');
    expect(ask(octets)).toEqual([{ data: u32(1) }]);
    expect(ask(octets)).toBe('security: replay');
    expect(kept()).toBe(N + 1);
  });

  it('an answer that no tag proves: nothing that nearly any octets would decipher to', () => {
    const made = asking({ clientSecurity: { request: 'encryption' } });
    pump(made.client.associate(), made.wire);
    const ask = (octets: Uint8Array) => outcome(() => pump(made.client.get([echoAttribute]), () => octets));
    const garbage = sealed(SERVER_TITLE, Uint8Array.of(0xd9, 1, 2, 3), 'encryption', 'general-glo', 2 * N);
    expect(ask(garbage)).toBe('security: decrypt-garbage');
    expect(ask(sealed(SERVER_TITLE, answer, 'encryption', 'general-glo'))).toEqual([{ data: u32(1) }]);
  });

  it.each<CipherKind>(['general-glo', 'ded'])('a notification (%s): once it was judged, and then once only', (kind) => {
    const { client } = opened();
    const dedicated = kind === 'ded';
    const made = dedicated ? asking({ dedicated: true }) : undefined;
    if (made !== undefined) pump(made.client.associate(), made.wire);
    const hearing = made?.client ?? client;
    const event = encodeApdu({
      type: 'event-notification-request',
      attribute: { classId: 1, instanceId: Uint8Array.of(0, 0, 96, 1, 0, 255), attributeId: 2 },
      value: u32(1),
    });
    const hear = (octets: Uint8Array) => outcome(() => hearing.unsolicited(octets));
    // What is in general ciphering may be an answer: whoever asked tells what is wrong with it.
    const fault = (text: RegExp) => (dedicated ? expect.stringMatching(text) : undefined);
    expect(hear(sealed(SERVER_TITLE, nonsense(event), 'authenticated-encryption', kind))).toEqual(fault(/^decode/));
    const octets = sealed(SERVER_TITLE, event, 'authenticated-encryption', kind);
    expect(hear(octets)).toMatchObject({ authenticated: true });
    expect(hear(octets)).toEqual(fault(/replay/));
  });

  it('an answer that was looked at as a notification: once', () => {
    const { client, ask } = opened();
    const octets = sealed(SERVER_TITLE, answer, 'authenticated-encryption', 'general-glo');
    expect(client.unsolicited(octets)).toBeUndefined();
    expect(client.unsolicited(octets)).toBeUndefined();
    expect(ask(octets)).toEqual([{ data: u32(1) }]);
    expect(ask(octets)).toBe('security: replay');
  });

  /** Associates with the terms or the error of the AARE in other octets. */
  const associating = (information: (octets: Uint8Array) => Uint8Array, options?: Setup) => {
    const made = asking(options);
    let aare: Uint8Array | undefined;
    const came = outcome(() =>
      pump(made.client.associate(), (request) => {
        const octets = made.wire(request) as Uint8Array;
        const apdu = decodeApdu(octets);
        if (apdu.type !== 'aare') return octets;
        aare = encodeApdu({ ...apdu, userInformation: information(apdu.userInformation as Uint8Array) } as Aare);
        return aare;
      }),
    );
    return { ...made, came, aare: aare as Uint8Array };
  };
  const response = encodeApdu({
    type: 'initiate-response',
    negotiatedDlmsVersionNumber: 6,
    negotiatedConformance: GBT,
    serverMaxReceivePduSize: 0xffff,
    vaaName: 7,
  });

  it('AARE: once its terms were judged, before they are believed, and then once only', () => {
    const broken = associating(() => sealed(SERVER_TITLE, nonsense(response), 'authenticated-encryption'));
    expect([broken.came, broken.kept()]).toEqual([expect.stringMatching(/^decode/), 0]);
    const weak = associating(() => sealed(SERVER_TITLE, response, 'authentication'));
    expect([weak.came, weak.kept()]).toEqual(['security: not-protected', 0]);
    const good = associating(() => sealed(SERVER_TITLE, response, 'authenticated-encryption'));
    expect([good.came, good.lowest()]).toEqual([expect.objectContaining({ dlmsVersion: 6 }), N + 1]);
    good.client.disconnected();
    expect(outcome(() => pump(good.client.associate(), () => good.aare))).toBe('security: replay');
  });

  it('pass 4 and RLRE: not before they were judged', () => {
    const made = asking({ mechanism: 2 });
    let exchanges = 0;
    const pass4 = encodeApdu({ type: 'action-response-normal', invokeId: 0xc1, response: { result: 0 } });
    const associate = () =>
      pump(made.client.associate(), (request) => {
        const octets = made.wire(request);
        return exchanges++ % 2 === 0 ? octets : sealed(SERVER_TITLE, nonsense(pass4), 'authenticated-encryption');
      });
    expect(outcome(associate)).toMatch(/^(decode|association)/);
    expect(made.kept()).toBeLessThan(N);
    pump(made.client.associate(), made.wire);
    const rlre = encodeApdu({
      type: 'rlre',
      reason: 0,
      userInformation: sealed(SERVER_TITLE, nonsense(response), 'authenticated-encryption'),
    });
    expect(outcome(() => pump(made.client.release(), () => rlre))).toMatch(/^decode/);
    expect(made.kept()).toBeLessThan(N);
  });

  it.each<readonly [string, (octets: Uint8Array) => Uint8Array]>([
    [
      'in an AARE',
      (userInformation) =>
        encodeApdu({
          type: 'aare',
          applicationContextName: Uint8Array.of(0x60, 0x85, 0x74, 5, 8, 1, 3),
          result: 1,
          resultSourceDiagnostic: { source: 'acse-service-user', diagnostic: 1 },
          userInformation,
        } as Apdu),
    ],
    ['in place of it', (octets) => octets],
  ])('an error %s, instead of an association: where a tag proves it', (_, wrap) => {
    const refused = (protection: Protection, apdu = error) => {
      const made = asking();
      const octets = wrap(sealed(SERVER_TITLE, apdu, protection));
      const associating = made.client.associate();
      associating.next(new Uint8Array(0));
      const came = outcome(() => associating.next(octets));
      return [came, made.kept()];
    };
    expect(refused('authenticated-encryption')).toEqual(['association', N + 1]);
    expect(refused('encryption')).toEqual(['association', 0]);
    expect(refused('authenticated-encryption', nonsense(error))[1]).toBe(0);
    expect(refused('authenticated-encryption', response)[1]).toBe(0);
  });
});
