import { describe, expect, test } from 'vitest';
import type { Aare, CipheredApdu } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { SecurityError, StateError } from '../../src/base/errors.js';
import type { Remark } from '../../src/base/remark.js';
import { u32 } from '../../src/codec/make.js';
import { MemoryCounterStore } from '../../src/security/counter.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { MemoryReplayGuard } from '../../src/security/replay.js';
import type { ClientSessionConfig } from '../../src/session/client-config.js';
import { KeptReceiveCounter, receivedEntryOf } from '../../src/session/kept-received.js';
import { rogueCiphering } from '../hostile/rogue-ciphering.js';
import { attribute, EK, pump, SERVER_TITLE, type Setup, setup, type Wire } from './harness.js';

const METER = '4D4D4D0000BC614E/00112233';

/** A guard that counts what is written down. */
class Counted extends MemoryReplayGuard {
  writes = 0;

  override accept(entry: string, counter: number): void {
    this.writes++;
    super.accept(entry, counter);
  }
}

function take(guard: KeptReceiveCounter, counter: number): void {
  guard.accept(counter);
  guard.proved(counter);
}

test('the first message that a tag proved is written down at once, then one in 64, and in the end the last', () => {
  const kept = new Counted();
  const guard = new KeptReceiveCounter(kept, METER);
  take(guard, 100);
  expect([kept.writes, kept.lowest(METER)]).toEqual([1, 101]);
  for (let counter = 101; counter < 164; counter++) take(guard, counter);
  expect(kept.writes).toBe(1);
  take(guard, 164);
  expect([kept.writes, kept.lowest(METER)]).toEqual([2, 165]);
  take(guard, 165);
  guard.settle();
  guard.settle();
  expect([kept.writes, kept.lowest(METER)]).toEqual([3, 166]);
  const next = new KeptReceiveCounter(kept, METER);
  expect(() => next.check(165)).toThrow('went back: 165 came, and 165 was received from it in an earlier session');
  // The first of the next association is written down at once again, however near it lies.
  take(next, 170);
  expect(kept.lowest(METER)).toBe(171);
});

test('without an answer to an AARQ each message is', () => {
  const kept = new Counted();
  const guard = new KeptReceiveCounter(kept, METER, 0, 1);
  for (const counter of [5, 6, 9]) {
    take(guard, counter);
    expect(kept.lowest(METER)).toBe(counter + 1);
  }
});

test('what was merely encrypted moves nothing that is kept: anybody may have changed its counter', () => {
  const kept = new Counted();
  const guard = new KeptReceiveCounter(kept, METER);
  guard.accept(0xffff_fff0);
  guard.settle();
  expect(kept.lowest(METER)).toBe(0);
  // Nor by a message with a tag that comes after it.
  guard.accept(0xffff_fff1);
  guard.proved(7);
  expect(kept.lowest(METER)).toBe(8);
});

test('what cannot be kept is not believed; in the end it is let be', () => {
  const full = new MemoryReplayGuard();
  full.accept = () => {
    throw new StateError('the disk is full');
  };
  const guard = new KeptReceiveCounter(full, METER);
  expect(() => take(guard, 1)).toThrow('the disk is full');
  expect(() => guard.settle()).not.toThrow();
});

describe('two associations at once under one title and key', () => {
  test('do not end each other, and what is kept is the highest of both', () => {
    const kept = new Counted();
    const [one, other] = [new KeptReceiveCounter(kept, METER), new KeptReceiveCounter(kept, METER)];
    take(one, 10);
    take(other, 100_000);
    for (let counter = 11; counter < 300; counter++) take(one, counter);
    one.settle();
    expect(kept.lowest(METER)).toBe(100_001);
    for (let counter = 100_001; counter < 100_200; counter++) take(other, counter);
    other.settle();
    expect(kept.lowest(METER)).toBe(100_200);
    // Its own order holds on.
    expect(() => one.check(299)).toThrow('invocation counter 299 came, the lowest acceptable is 300');
  });

  test('the first answer of one must lie above all that the other received', () => {
    const kept = new MemoryReplayGuard();
    const [one, other] = [new KeptReceiveCounter(kept, METER), new KeptReceiveCounter(kept, METER)];
    take(other, 100);
    expect(() => take(one, 50)).toThrow(expect.objectContaining({ reason: 'replay' }));
  });

  test('without an answer to an AARQ each message must', () => {
    const kept = new MemoryReplayGuard();
    const [one, other] = [new KeptReceiveCounter(kept, METER, 0, 1), new KeptReceiveCounter(kept, METER, 0, 1)];
    take(one, 5);
    take(other, 100);
    expect(() => take(one, 50)).toThrow(expect.objectContaining({ reason: 'replay' }));
  });

  test('a disk that is full ends it all the same', () => {
    const kept = new MemoryReplayGuard();
    const one = new KeptReceiveCounter(kept, METER);
    take(one, 5);
    kept.accept = () => {
      throw new StateError('the disk is full');
    };
    expect(() => take(one, 500)).toThrow('the disk is full');
  });
});

describe('an answer to an AARQ is written down before it is believed', () => {
  const sending = { context: 'ln-ciphered', mechanism: 1, policy: 'authenticated-encryption' } as const;
  const notification = encodeApdu({ type: 'data-notification', longInvokeId: 1, body: u32(7) });

  test('although a notification came before it, of a meter that gives no title', () => {
    const guard = new MemoryReplayGuard();
    const known = { received: guard, serverTitle: SERVER_TITLE };
    const { client, wire, definition } = setup({ ...sending, clientSecurity: known });
    definition.security?.counters.raise('server', 10);
    const meter = rogueCiphering(SERVER_TITLE, 5);
    expect(client.unsolicited(meter.seal(notification, 'general-glo', 'authenticated-encryption'))).toBeDefined();
    let recorded = new Uint8Array(0);
    const untitled: Wire = (request) => {
      const { respondingApTitle: _, ...aare } = decodeApdu(wire(request) as Uint8Array) as Aare;
      recorded = encodeApdu(aare).slice();
      return recorded;
    };
    pump(client.associate(), untitled);
    // The process is killed here: nothing is settled.
    const next = setup({ ...sending, clientSecurity: known });
    expect(thrownBy(() => pump(next.client.associate(), () => recorded))).toMatchObject({
      reason: 'replay',
      message: expect.stringContaining('went back'),
    });
  });
});

describe('a counter below what was received', () => {
  const sending = { context: 'ln-ciphered', mechanism: 1, policy: 'authenticated-encryption' } as const;

  /** A client that received from this meter before, and now gets that AARE again, changed, with counter 0. */
  function attacked(change: (content: Uint8Array) => Uint8Array, control?: number): unknown {
    const guard = new MemoryReplayGuard();
    const before = setup({ ...sending, clientSecurity: { received: guard } });
    let answer = new Uint8Array(0);
    const hear: Wire = (request) => {
      answer = (before.wire(request) as Uint8Array).slice();
      return answer;
    };
    pump(before.client.associate(), hear);
    const aare = decodeApdu(answer) as Aare;
    const inner = decodeApdu(aare.userInformation as Uint8Array, { lenient: true }) as CipheredApdu;
    const content = change(inner.content);
    const forged = { ...inner, invocationCounter: 0, content, securityControl: control ?? inner.securityControl };
    const handshake = control === 0x20 ? ({ handshake: 'encryption' } as const) : {};
    const { client } = setup({ ...sending, clientSecurity: { received: guard, ...handshake } });
    const reply = encodeApdu({ ...aare, userInformation: encodeApdu(forged) });
    return thrownBy(() => pump(client.associate(), () => reply));
  }

  test('in a message that nobody proved says nothing of the meter, and advises nobody to forget', () => {
    const error = attacked((content) => new Uint8Array(content.length).fill(7)) as SecurityError;
    expect(error).toBeInstanceOf(SecurityError);
    expect(error.reason).not.toBe('replay');
    expect(`${error.message} ${error.hint}`).not.toMatch(/went back|forget/);
  });

  test('nor in one that is merely encrypted', () => {
    const error = attacked((content) => content, 0x20) as SecurityError;
    expect(error).toMatchObject({ reason: 'replay' });
    expect(`${error.message} ${error.hint}`).not.toMatch(/went back|forget/);
  });

  test('in a message that holds is said with what to do, and with which file', () => {
    const guard = new MemoryReplayGuard();
    const before = setup({ ...sending, clientSecurity: { received: guard } });
    pump(before.client.associate(), before.wire);
    const entry = receivedEntryOf(nobleCrypto, SERVER_TITLE, EK);
    guard.accept(entry, 1000);
    const again = setup({ ...sending, clientSecurity: { received: guard } });
    expect(thrownBy(() => pump(again.client.associate(), again.wire))).toMatchObject({
      reason: 'replay',
      message: expect.stringContaining('went back'),
      hint: expect.stringContaining(`cosem keys forget --received --entry ${entry} --counters FILE`),
    });
  });
});

describe('a meter that counts anew in each association', () => {
  const HLS = { context: 'ln-ciphered', mechanism: 5, policy: 'authenticated-encryption' } as const;

  function visit(guard: MemoryReplayGuard, how: Setup, client: Partial<ClientSessionConfig> = {}) {
    const remarks: string[] = [];
    const onRemark = ({ code, weight }: Remark) => weight === 'note' && remarks.push(code);
    const parts = setup({ ...how, clientSecurity: { received: guard }, client: { ...client, onRemark } });
    pump(parts.client.associate(), parts.wire);
    for (let i = 0; i < 70; i++) pump(parts.client.get([attribute(3, '1.0.1.8.0.255', 2)]), parts.wire);
    parts.client.disconnected();
    return remarks;
  }
  const entry = receivedEntryOf(nobleCrypto, SERVER_TITLE, EK);
  const back = expect.objectContaining({ reason: 'replay', message: expect.stringContaining('went back') });

  test('is taken by the word of the caller where pass 4 proves it, told of, and nothing that is kept goes back', () => {
    const guard = new MemoryReplayGuard();
    expect(visit(guard, HLS, { allowCounterReset: true })).toEqual([]);
    guard.accept(entry, 5000);
    expect(() => visit(guard, HLS)).toThrow(back);
    expect(visit(guard, HLS, { allowCounterReset: true })).toEqual(['counter-reset']);
    expect(guard.lowest(entry)).toBe(5001);
  });

  test.each([
    ['the password alone', { ...HLS, mechanism: 1 }, {}],
    ['a proof that may be missing', HLS, { acceptUnprovenMeter: true }],
    ['a challenge that may be our own', HLS, { allowEchoedChallenge: true }],
  ] as const)('not with %s', (_, how, client) => {
    const guard = new MemoryReplayGuard([[entry, 5000]]);
    expect(() => visit(guard, how, { ...client, allowCounterReset: true })).toThrow(back);
  });

  test('an answer that came in this association does not come again', () => {
    const guard = new MemoryReplayGuard([[entry, 5000]]);
    const { client, wire } = setup({
      ...HLS,
      clientSecurity: { received: guard },
      client: { allowCounterReset: true },
    });
    pump(client.associate(), wire);
    let answer = new Uint8Array(0);
    const read = (through: Wire) => pump(client.get([attribute(3, '1.0.1.8.0.255', 2)]), through);
    read((request) => {
      answer = (wire(request) as Uint8Array).slice();
      return answer;
    });
    expect(() => read(() => answer)).toThrow(expect.objectContaining({ reason: 'replay' }));
  });

  test('is let in again when the guard in memory forgets it', () => {
    const { received } = new MemoryCounterStore();
    received.accept(entry, 5000);
    expect(() => visit(received, HLS)).toThrow(back);
    expect([received.forget(entry), received.forget(entry)]).toEqual([true, false]);
    visit(received, HLS);
  });
});

test('an envelope whose kind was changed on the way says that the keys are right, where the tag holds', () => {
  const { client, wire } = setup({ context: 'ln-ciphered', mechanism: 1, policy: 'authenticated-encryption' });
  pump(client.associate(), wire);
  // A glo-get-response becomes a glo-set-response: the tag covers neither.
  const changed: Wire = (request) => {
    const answer = (wire(request) as Uint8Array).slice();
    expect(answer[0]).toBe(0xcc);
    answer[0] = 0xcd;
    return answer;
  };
  const error = thrownBy(() => pump(client.get([attribute(3, '1.0.1.8.0.255', 2)]), changed)) as SecurityError;
  expect(error).toMatchObject({ reason: 'changed-envelope', message: expect.stringContaining('though its tag holds') });
  expect(error.hint).not.toContain('check the encryption key');
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
