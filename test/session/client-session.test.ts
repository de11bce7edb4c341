import { describe, expect, it } from 'vitest';
import type { Apdu } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { conformanceBits } from '../../src/apdu/conformance.js';
import { concat, fromHex, toHex } from '../../src/base/bytes.js';
import {
  AccessError,
  AssociationError,
  type CosemError,
  DecodeError,
  SecurityError,
  StateError,
} from '../../src/base/errors.js';
import { encodeData } from '../../src/codec/axdr.js';
import { octets, u8, u32 } from '../../src/codec/make.js';
import { MemoryCounterStore } from '../../src/security/counter.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { ClientSession } from '../../src/session/client-session.js';
import { NotificationReceiver } from '../../src/session/notification.js';
import type { Notification } from '../../src/session/notification-forms.js';
import {
  AK,
  ALL_CONFORMANCE,
  attribute,
  CLIENT_TITLE,
  EK,
  echoAttribute,
  echoMethod,
  pump,
  SERVER_TITLE,
  setup,
  type Wire,
} from './harness.js';

const register = attribute(3, '1.0.1.8.0.255', 2);

function failure(run: () => unknown): CosemError {
  try {
    run();
  } catch (error) {
    return error as CosemError;
  }
  throw new Error('a failure was expected');
}

/** Answers with APDUs that a test makes, one after the other. */
function script(...answers: readonly ((request: Apdu, octets: Uint8Array) => Apdu | Uint8Array)[]): Wire {
  let next = 0;
  return (request) => {
    const answer = answers[Math.min(next++, answers.length - 1)]?.(decodeApdu(request), request) as Apdu | Uint8Array;
    return answer instanceof Uint8Array ? answer : encodeApdu(answer);
  };
}

const invokeIdOf = (request: Apdu) => (request as { invokeId: number }).invokeId;

/** A client with an open association in clear, whose further requests are answered by a script. */
function open(options: Parameters<typeof setup>[0] = {}) {
  const parts = setup(options);
  pump(parts.client.associate(), parts.wire);
  return parts;
}

describe('refusals', () => {
  it('of the association say what is wrong and what to try', () => {
    const { client, wire } = setup({ mechanism: 1, client: { secret: new TextEncoder().encode('wrong') } });
    const error = failure(() => pump(client.associate(), wire)) as AssociationError;
    expect(error).toBeInstanceOf(AssociationError);
    expect([error.result, error.diagnostic]).toEqual([1, 'authentication-failure']);
    expect(error.hint).toMatch(/password/);
    expect(error.message + error.hint).not.toMatch(/wrong/);
    expect(client.association).toBeUndefined();
  });

  it('of a wrong HLS secret', () => {
    const { client, wire, state } = setup({ mechanism: 3, client: { secret: new TextEncoder().encode('wrong') } });
    const error = failure(() => pump(client.associate(), wire)) as AssociationError;
    expect([error.code, error.diagnostic]).toEqual(['association', 'authentication-failure']);
    expect(state()).toBe('idle');
  });

  it('of a wrong key', () => {
    for (const change of [
      { encryption: AK, authentication: AK },
      { encryption: EK, authentication: EK },
    ]) {
      const { client, wire } = setup({ context: 'ln-ciphered', mechanism: 5, clientSecurity: { keys: change } });
      const error = failure(() => pump(client.associate(), wire)) as AssociationError;
      expect([error.code, error.diagnostic]).toEqual(['association', 'deciphering-error']);
      expect(error.hint).toMatch(/encryption key/);
    }
  });

  it('of a counter too low name the counter', () => {
    const { client, wire, received } = setup({ context: 'ln-ciphered', mechanism: 1 });
    received.accept(4711);
    const error = failure(() => pump(client.associate(), wire)) as AssociationError;
    expect(error.diagnostic).toBe('invocation-counter-error');
    expect(error.message).toMatch(/4712/);
    expect(error.hint).toMatch(/invocation counter/);
  });

  it('of a mechanism that is not set up', () => {
    const { client, wire } = setup({ mechanism: 2, server: { mechanism: 3 } });
    const error = failure(() => pump(client.associate(), wire)) as AssociationError;
    expect(error.diagnostic).toBe('authentication-mechanism-name-not-recognised');
  });

  it('of a service are AccessErrors that name the object', () => {
    const { client, server } = open();
    server.released(48);
    const error = failure(() => pump(client.get([register]), (apdu) => server.handle(48, 1, apdu, 0))) as AccessError;
    expect(error).toBeInstanceOf(AccessError);
    expect(error.target).toBe('3:1.0.1.8.0.255:2');
    expect(error.hint).toMatch(/associate/);
  });

  it('as confirmed-service-error too', () => {
    const { client } = open();
    const wire = script(() => ({ type: 'confirmed-service-error', service: 5, category: 5, value: 1 }));
    const error = failure(() => pump(client.action([{ method: echoMethod }]), wire)) as AccessError;
    expect([error.result, error.target]).toEqual(['scope-of-access-violated', '9000:0.0.96.99.0.255:1()']);
  });

  it('of the lock: whoever fails too often waits', () => {
    let failures = 0;
    const lock = {
      locked: () => failures >= 3,
      attempted: (succeeded: boolean) => {
        failures = succeeded ? 0 : failures + 1;
      },
    };
    const wrong = setup({ mechanism: 3, server: { lock }, client: { secret: new TextEncoder().encode('wrong') } });
    for (let i = 0; i < 3; i++)
      expect(failure(() => pump(wrong.client.associate(), wrong.wire)).code).toBe('association');
    const error = failure(() => pump(wrong.client.associate(), wrong.wire)) as AssociationError;
    expect(error.result).toBe(2);
    failures = 2;
    const right = setup({ mechanism: 3, server: { lock } });
    pump(right.client.associate(), right.wire);
    expect(failures).toBe(0);
  });
});

describe('a meter that is not who it should be', () => {
  it('is found out when it cannot answer the challenge', () => {
    const { client, wire } = setup({ mechanism: 3 });
    let passes = 0;
    const liar: Wire = (request) => {
      if (++passes < 2) return wire(request);
      const data = octets(new Uint8Array(16));
      return encodeApdu({
        type: 'action-response-normal',
        invokeId: invokeIdOf(decodeApdu(request)),
        response: { result: 0, returned: { data } },
      });
    };
    expect(failure(() => pump(client.associate(), liar)).message).toMatch(/prove/);
    expect(client.association).toBeUndefined();
  });

  it('is found out when it sends our challenge back, unless that is allowed', () => {
    for (const allowEchoedChallenge of [false, true]) {
      const { client, wire } = setup({
        mechanism: 2,
        client: { allowEchoedChallenge, challenge: new Uint8Array(16).fill(7) },
      });
      const mirror: Wire = (request) => {
        const answer = wire(request) as Uint8Array;
        const apdu = decodeApdu(answer);
        if (apdu.type !== 'aare' || apdu.respondingAuthenticationValue === undefined) return answer;
        return encodeApdu({
          ...apdu,
          respondingAuthenticationValue: { type: 'charstring', value: new Uint8Array(16).fill(7) },
        });
      };
      const error = failure(() => pump(client.associate(), mirror));
      expect(error.code).toBe(allowEchoedChallenge ? 'association' : 'security');
    }
  });

  it('is found out when it answers a ciphered association in clear', () => {
    const { client } = open({ context: 'ln-ciphered', mechanism: 1, policy: 'authenticated-encryption' });
    const clear = script(() => ({ type: 'get-response-normal', invokeId: 0xc1, result: { data: u8(1) } }));
    const error = failure(() => pump(client.get([register]), clear)) as SecurityError;
    expect(error.reason).toBe('not-protected');
  });

  it('is found out when it protects less than demanded, and let pass where less is asked for', () => {
    for (const response of ['authenticated-encryption', 'encryption'] as const) {
      const { client, wire } = open({
        context: 'ln-ciphered',
        policy: 'encryption',
        clientSecurity: { request: 'authenticated-encryption', response },
      });
      const read = () => pump(client.get([register]), wire);
      if (response === 'encryption') expect(read()).toEqual([{ data: u32(123456) }]);
      else expect((failure(read) as SecurityError).reason).toBe('not-protected');
    }
  });

  it('is found out when it repeats an answer', () => {
    const { client, wire, exchanged } = open({ context: 'ln-ciphered', policy: 'authenticated-encryption' });
    pump(client.get([register]), wire);
    const old = exchanged.at(-1)?.answer as Uint8Array;
    expect((failure(() => pump(client.get([register]), () => old)) as SecurityError).reason).toBe('replay');
  });
});

describe('answers', () => {
  it('with another invoke id are passed over, and the one awaited is taken', () => {
    const { client } = open();
    const procedure = client.get([register]);
    const first = procedure.next(new Uint8Array(0));
    if (first.done === true) throw new Error('a request was expected');
    const invokeId = invokeIdOf(decodeApdu(first.value.apdu));
    const answer = (id: number, value: number) =>
      encodeApdu({ type: 'get-response-normal', invokeId: id, result: { data: u32(value) } });
    const second = procedure.next(answer(invokeId ^ 1, 666));
    expect(second).toEqual({
      done: false,
      value: {
        apdu: new Uint8Array(0),
        reply: true,
        patience: 2000,
        aside: 'a get-response-normal to request 0, asked was request 1',
      },
    });
    expect(procedure.next(answer(invokeId, 5))).toEqual({ done: true, value: [{ data: u32(5) }] });
  });

  it('that are all stale end the waiting', () => {
    const { client } = open();
    const procedure = client.get([register]);
    procedure.next(new Uint8Array(0));
    const stale = encodeApdu({ type: 'get-response-normal', invokeId: 0x0f, result: { data: u32(1) } });
    const wait = () => {
      for (let i = 0; i < 100; i++) procedure.next(stale);
    };
    expect(failure(wait)).toBeInstanceOf(DecodeError);
  });

  it('of the wrong service are no answers', () => {
    const { client } = open();
    const wire = script((request) => ({ type: 'set-response-normal', invokeId: invokeIdOf(request), result: 0 }));
    expect(failure(() => pump(client.get([register]), wire)).message).toMatch(/set-response-normal/);
  });

  it('to a list must have one result each', () => {
    const { client } = open();
    const wire = script((request) => ({
      type: 'get-response-with-list',
      invokeId: invokeIdOf(request),
      results: [{ data: u8(1) }],
    }));
    expect(failure(() => pump(client.get([register, register]), wire))).toBeInstanceOf(DecodeError);
  });

  it('come one at a time where lists are not negotiated', () => {
    const { client, wire, exchanged } = open({ conformance: conformanceBits(['get', 'set', 'action']) });
    const before = exchanged.length;
    expect(pump(client.get([register, register, echoAttribute]), wire).length).toBe(3);
    expect(exchanged.length).toBe(before + 3);
  });

  it('to lists that do not fit come in several', () => {
    const { client, wire, exchanged } = open({ serverMaxReceive: 60 });
    const before = exchanged.length;
    expect(pump(client.get(Array.from({ length: 12 }, () => register)), wire)).toEqual(
      Array.from({ length: 12 }, () => ({ data: u32(123456) })),
    );
    expect(exchanged.length).toBe(before + 3);
  });

  it('to SET and ACTION with a list', () => {
    const { client, wire, exchanged } = open();
    const before = exchanged.length;
    const items = [u8(1), u8(2)].map((value) => ({ attribute: echoAttribute, value }));
    expect(pump(client.set([...items, { attribute: register, value: u8(1) }]), wire)).toEqual([0, 0, 3]);
    expect(pump(client.action([{ method: echoMethod, parameter: u8(3) }, { method: echoMethod }]), wire)).toEqual([
      { result: 0, returned: { data: u8(3) } },
      { result: 0, returned: { data: { type: 'null-data', value: null } } },
    ]);
    expect(exchanged.length).toBe(before + 2);
  });
});

describe('blocks', () => {
  it('out of order are refused', () => {
    const { client } = open();
    const block = (number: number) => (request: Apdu) =>
      ({
        type: 'get-response-with-datablock',
        invokeId: invokeIdOf(request),
        block: { last: false, number, raw: Uint8Array.of(9, 100) },
      }) as const;
    const error = failure(() => pump(client.get([register]), script(block(1), block(3)))) as DecodeError;
    expect(error.reason).toBe('block-sequence');
  });

  it('may begin anywhere: a real meter counts on from the transfer before', () => {
    const { client } = open();
    const raw = encodeData(octets(new Uint8Array(10)));
    const block = (number: number, from: number, to: number) => (request: Apdu) =>
      ({
        type: 'get-response-with-datablock',
        invokeId: invokeIdOf(request),
        block: { last: number === 8, number, raw: raw.subarray(from, to) },
      }) as const;
    expect(pump(client.get([register]), script(block(7, 0, 6), block(8, 6, 12)))).toEqual([
      { data: octets(new Uint8Array(10)) },
    ]);
  });

  it.each([
    ['of octets', new Uint8Array(1000)],
    ['of nothing', new Uint8Array(0)],
  ])('without end, %s, end', (_, raw) => {
    const { client } = open({ client: { maxTransfer: 100_000 } });
    let number = 0;
    const endless = script((request) => ({
      type: 'get-response-with-datablock',
      invokeId: invokeIdOf(request),
      block: { last: false, number: ++number, raw },
    }));
    expect((failure(() => pump(client.get([register]), endless)) as DecodeError).reason).toBe('bad-length');
    expect(number).toBeLessThan(110);
  });

  it('may end in an error', () => {
    const { client } = open();
    const wire = script(
      (request) => ({
        type: 'get-response-with-datablock',
        invokeId: invokeIdOf(request),
        block: { last: false, number: 1, raw: Uint8Array.of(9) },
      }),
      (request) => ({
        type: 'get-response-with-datablock',
        invokeId: invokeIdOf(request),
        block: { last: true, number: 2, error: 15 },
      }),
    );
    expect(pump(client.get([register]), wire)).toEqual([{ error: 15 }]);
  });

  it('of SET and ACTION end early with a refusal, never with a success', () => {
    const value = octets(new Uint8Array(500));
    for (const result of [2, 0]) {
      const { client } = open({ serverMaxReceive: 100 });
      const set = script((request) => ({
        type: 'set-response-last-datablock',
        invokeId: invokeIdOf(request),
        result,
        blockNumber: 1,
      }));
      const run = () => pump(client.set([{ attribute: echoAttribute, value }]), set);
      if (result === 0) expect(failure(run)).toBeInstanceOf(DecodeError);
      else expect(run()).toEqual([2]);
      const action = script((request) => ({
        type: 'action-response-normal',
        invokeId: invokeIdOf(request),
        response: { result },
      }));
      const call = () => pump(client.action([{ method: echoMethod, parameter: value }]), action);
      if (result === 0) expect(failure(call)).toBeInstanceOf(DecodeError);
      else expect(call()).toEqual([{ result: 2 }]);
    }
  });

  it('that are needed and not negotiated are the caller’s fault', () => {
    const { client, wire } = open({ serverMaxReceive: 100, conformance: conformanceBits(['get', 'set', 'action']) });
    const value = octets(new Uint8Array(500));
    expect(failure(() => pump(client.set([{ attribute: echoAttribute, value }]), wire))).toBeInstanceOf(StateError);
    expect(failure(() => pump(client.action([{ method: echoMethod, parameter: value }]), wire))).toBeInstanceOf(
      StateError,
    );
  });

  it('come by general-block-transfer too', () => {
    const { client } = open();
    const sent: string[] = [];
    let whole = new Uint8Array(0);
    const wire: Wire = (request) => {
      const apdu = decodeApdu(request);
      if (apdu.type === 'general-block-transfer') sent.push(toHex(request));
      else {
        whole = encodeApdu({
          type: 'get-response-normal',
          invokeId: invokeIdOf(apdu),
          result: { data: octets(new Uint8Array(100)) },
        }) as Uint8Array<ArrayBuffer>;
      }
      const at = sent.length * 40;
      return encodeApdu({
        type: 'general-block-transfer',
        last: at + 40 >= whole.length,
        streaming: false,
        window: 1,
        blockNumber: sent.length + 1,
        blockNumberAck: sent.length,
        raw: whole.subarray(at, at + 40),
      });
    };
    expect(pump(client.get([register]), wire)).toEqual([{ data: octets(new Uint8Array(100)) }]);
    expect(sent).toEqual(['E0810001000100', 'E0810002000200']);
  });
});

describe('notifications', () => {
  const notification: Apdu = { type: 'data-notification', longInvokeId: 1, body: u32(5) };
  const pushed = (general: boolean) =>
    open({ context: 'ln-ciphered', mechanism: 0, policy: 'authenticated-encryption', general });

  it.each([false, true])('plain or ciphered are told from answers (general answers: %s)', (general) => {
    const { client, server, wire, exchanged } = pushed(general);
    expect(client.unsolicited(encodeApdu(notification))).toMatchObject({ protection: 'none', apdu: notification });
    const sealed = server.session(48, 1)?.notify(notification) as Uint8Array;
    expect(sealed[0]).toBe(0xdb);
    expect(client.unsolicited(sealed)).toMatchObject({ protection: 'authenticated-encryption', apdu: notification });
    expect(client.unsolicited(sealed)).toBeUndefined(); // a replay: nothing is delivered
    // What is an answer is left for the one who asked, even after it was looked at.
    const seen: (Notification | undefined)[] = [];
    const looked: Wire = (request) => {
      const answer = wire(request) as Uint8Array;
      seen.push(client.unsolicited(answer));
      return answer;
    };
    expect(pump(client.get([register]), looked)).toEqual([{ data: u32(123456) }]);
    expect(seen).toEqual([undefined]);
    expect(exchanged.length).toBeGreaterThan(1);
  });

  it('in the middle of waiting go to the listener', () => {
    const { client, wire } = open();
    const heard: Notification[] = [];
    client.onNotification = (one) => heard.push(one);
    const procedure = client.get([register]);
    const first = procedure.next(new Uint8Array(0));
    if (first.done === true) throw new Error('a request was expected');
    const second = procedure.next(encodeApdu(notification));
    expect(second.done).toBe(false);
    expect(heard.map(({ apdu }) => apdu)).toEqual([notification]);
    expect(procedure.next(wire(first.value.apdu) as Uint8Array)).toEqual({
      done: true,
      value: [{ data: u32(123456) }],
    });
  });

  it('reach a listener without an association, each once', () => {
    const { server } = pushed(false);
    const sealed = server.session(48, 1)?.notify(notification) as Uint8Array;
    const receiver = new NotificationReceiver({
      crypto: nobleCrypto,
      keysOf: (title) => (toHex(title) === toHex(SERVER_TITLE) ? { encryption: EK, authentication: AK } : undefined),
    });
    expect(receiver.receive(encodeApdu(notification)).protection).toBe('none');
    expect(receiver.receive(sealed)).toMatchObject({ apdu: notification, systemTitle: SERVER_TITLE });
    expect((failure(() => receiver.receive(sealed)) as SecurityError).reason).toBe('replay');
    const unknown = concat(sealed.subarray(0, 2), CLIENT_TITLE, sealed.subarray(10));
    expect((failure(() => receiver.receive(unknown)) as SecurityError).reason).toBe('missing-key');
    const broken = sealed.slice();
    broken[broken.length - 1] = (broken[broken.length - 1] as number) ^ 1;
    expect(failure(() => receiver.receive(broken))).toBeInstanceOf(SecurityError);
    expect(failure(() => receiver.receive(fromHex('C401C1001101')))).toBeInstanceOf(DecodeError);
  });
});

describe('an association', () => {
  it('that is pre-established needs no AARQ and no RLRQ', () => {
    const { client, wire, exchanged, state } = setup({
      context: 'ln-ciphered',
      policy: 'authenticated-encryption',
      general: true,
      server: { preEstablished: true },
      client: { preEstablished: { conformance: ALL_CONFORMANCE, serverMaxReceivePduSize: 0 } },
      clientSecurity: { serverTitle: SERVER_TITLE },
    });
    expect(pump(client.associate(), wire).conformance).toBe(ALL_CONFORMANCE);
    expect(pump(client.get([register]), wire)).toEqual([{ data: u32(123456) }]);
    pump(client.release(), wire);
    client.disconnected();
    expect(pump(client.get([register]), wire)).toEqual([{ data: u32(123456) }]);
    expect(exchanged.length).toBe(2);
    expect(state()).toBe('associated');
  });

  it('is needed for services, and is opened once', () => {
    const { client, wire } = setup();
    for (const procedure of [client.get([register]), client.set([]), client.action([])]) {
      expect(failure(() => pump(procedure as never, wire))).toBeInstanceOf(StateError);
    }
    pump(client.associate(), wire);
    expect(failure(() => pump(client.associate(), wire))).toBeInstanceOf(StateError);
  });

  it('cannot be asked for without the keys that it needs', () => {
    const base = { crypto: nobleCrypto, secret: new Uint8Array(8) };
    expect(() => new ClientSession({ ...base, context: 'ln-ciphered' })).toThrow(StateError);
    expect(() => new ClientSession({ ...base, mechanism: 5 })).toThrow(StateError);
    const noSecret = new ClientSession({ crypto: nobleCrypto, mechanism: 1 });
    expect(failure(() => pump(noSecret.associate(), () => undefined)).hint).toMatch(/password/);
  });

  it('uses no counter twice, whatever happens', () => {
    const counters = new MemoryCounterStore();
    const { client, wire, exchanged } = setup({
      context: 'ln-ciphered',
      mechanism: 5,
      policy: 'authenticated-encryption',
      clientSecurity: { counters, counterEntry: 'client' },
    });
    let broken = 0;
    const lossy: Wire = (request) => {
      const answer = wire(request);
      return ++broken % 3 === 0 ? Uint8Array.of(0xd8, 1, 3) : answer;
    };
    for (let i = 0; i < 30; i++) {
      try {
        if (client.association === undefined) pump(client.associate(), lossy);
        pump(client.get([register]), lossy);
        if (i % 7 === 0) pump(client.release(), lossy);
      } catch (error) {
        expect(error).toHaveProperty('code');
      }
    }
    const used = exchanged.flatMap(({ request }) => {
      const apdu = decodeApdu(request);
      const inside = 'userInformation' in apdu && apdu.userInformation ? decodeApdu(apdu.userInformation) : apdu;
      return inside.type === 'ciphered' ? [inside.invocationCounter] : [];
    });
    expect(used.length).toBeGreaterThan(20);
    expect(new Set(used).size).toBe(used.length);
  });
});
