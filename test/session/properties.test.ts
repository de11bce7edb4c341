import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeApdu } from '../../src/apdu/codec.js';
import { CosemError } from '../../src/base/errors.js';
import type { Data } from '../../src/codec/data.js';
import { u32 } from '../../src/codec/make.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { anyApdu, data } from '../support/apdu-arbitrary.js';
import { attribute, CLIENT, echoAttribute, echoMethod, pump, type Setup, setup } from './harness.js';

const RUNS = { numRuns: 1000 };

const setups: fc.Arbitrary<Setup> = fc.record({
  context: fc.constantFrom('ln', 'ln-ciphered'),
  mechanism: fc.constantFrom(0, 1, 2, 5),
  policy: fc.constantFrom('none', 'authentication', 'encryption', 'authenticated-encryption'),
  dedicated: fc.boolean(),
  general: fc.boolean(),
  crypto: fc.constant(nodeCrypto),
});

/** Messages as hostile as can be: octets, APDUs, and what a client really sent with a few octets changed, cut or added. */
type Attack =
  | { readonly kind: 'octets'; readonly octets: Uint8Array }
  | {
      readonly kind: 'mutant';
      readonly of: number;
      readonly changes: readonly [number, number][];
      readonly cut: number;
    };

const attacks: fc.Arbitrary<Attack> = fc.oneof(
  fc.record({ kind: fc.constant('octets' as const), octets: fc.uint8Array({ minLength: 1, maxLength: 60 }) }),
  fc.record({ kind: fc.constant('octets' as const), octets: anyApdu.map(encodeApdu) }),
  fc.record({
    kind: fc.constant('mutant' as const),
    of: fc.nat(),
    changes: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 3 }),
    cut: fc.integer({ min: 0, max: 5 }),
  }),
);

describe('server', () => {
  it('answers or is silent, whatever comes in whatever state, and then lets the client in again', () => {
    fc.assert(
      fc.property(
        setups,
        fc.constantFrom('idle', 'pending', 'associated'),
        fc.array(attacks, { maxLength: 6 }),
        (options, start, list) => {
          const { client, wire, server, exchanged, state, faults } = setup(options);
          pump(client.associate(), wire);
          pump(client.get([echoAttribute, attribute(3, '1.0.1.8.0.255', 3)]), wire);
          if (start === 'idle') server.released(CLIENT);
          if (start === 'pending') server.handle(CLIENT, 1, exchanged[0]?.request as Uint8Array, 0);
          const seen = exchanged.map(({ request }) => request);
          for (const attack of list) {
            const reply = server.handle(CLIENT, 1, attack.kind === 'octets' ? attack.octets : mutant(seen, attack), 0);
            if (reply !== undefined) expect(reply.length).toBeGreaterThan(0);
            expect(['idle', 'pending', 'associated']).toContain(state());
          }
          server.released(CLIENT);
          expect(state()).toBe('idle');
          client.disconnected();
          pump(client.associate(), wire);
          expect(pump(client.get([attribute(3, '1.0.1.8.0.255', 2)]), wire)).toEqual([{ data: u32(123456) }]);
          expect(faults).toEqual([]);
        },
      ),
      RUNS,
    );
  });
});

function mutant(seen: readonly Uint8Array[], attack: Extract<Attack, { kind: 'mutant' }>): Uint8Array {
  const octets = (seen[attack.of % seen.length] as Uint8Array).slice();
  for (const [at, by] of attack.changes) octets[at % octets.length] = (octets[at % octets.length] as number) ^ by;
  return octets.subarray(0, Math.max(1, octets.length - attack.cut));
}

const sizes = fc.record({
  serverMaxReceive: fc.integer({ min: 80, max: 600 }),
  serverMaxSend: fc.integer({ min: 60, max: 600 }),
  clientMaxReceive: fc.integer({ min: 60, max: 600 }),
});

describe('blocks', () => {
  it('GET after SET gives the value, and ACTION gives its parameter back, through blocks of any size', () => {
    fc.assert(
      fc.property(setups, sizes, fc.array(data, { minLength: 1, maxLength: 4 }), (options, size, values) => {
        const { client, wire, exchanged, stored } = setup({ ...options, ...size });
        pump(client.associate(), wire);
        exchanged.length = 0;
        for (const value of values) {
          expect(pump(client.set([{ attribute: echoAttribute, value }]), wire)).toEqual([0]);
          expect(stored()).toEqual(value);
          expect(pump(client.get([echoAttribute]), wire)).toEqual([{ data: value }]);
          const called = pump(client.action([{ method: echoMethod, parameter: value }]), wire);
          expect(called).toEqual([{ result: 0, returned: { data: value } }]);
        }
        const last = values.at(-1) as Data;
        const list = Array.from({ length: 20 }, () => echoAttribute);
        expect(pump(client.get(list), wire)).toEqual(list.map(() => ({ data: last })));
        for (const { request, answer } of exchanged) {
          expect(request.length).toBeLessThanOrEqual(size.serverMaxReceive);
          expect(answer?.length).toBeLessThanOrEqual(Math.min(size.serverMaxSend, size.clientMaxReceive));
        }
      }),
      RUNS,
    );
  });
});

const authenticated: fc.Arbitrary<Setup> = fc.record({
  context: fc.constant('ln-ciphered' as const),
  mechanism: fc.constantFrom(0, 1, 2, 5),
  policy: fc.constantFrom('authentication', 'authenticated-encryption'),
  dedicated: fc.boolean(),
  general: fc.boolean(),
  serverMaxSend: fc.constantFrom(100, 0xffff),
  serverMaxReceive: fc.constantFrom(120, 0xffff),
  crypto: fc.constant(nodeCrypto),
});

describe('an authenticated association', () => {
  it('never delivers a wrong value, whichever bit is flipped in whichever message', () => {
    let delivered = 0;
    fc.assert(
      fc.property(authenticated, data, fc.nat(30), fc.nat(), fc.boolean(), (options, value, message, bit, inAnswer) => {
        const { client, wire, stored, state } = setup(options);
        let count = 0;
        const noisy = (request: Uint8Array) => {
          const hit = count++ === message;
          const answer = wire(hit && !inAnswer ? flip(request, bit) : request);
          return hit && inAnswer && answer !== undefined ? flip(answer, bit) : answer;
        };
        try {
          pump(client.associate(), noisy);
          const written = pump(client.set([{ attribute: echoAttribute, value }]), noisy);
          expect(written).toEqual([0]);
          expect(pump(client.get([echoAttribute]), noisy)).toEqual([{ data: value }]);
          const register = attribute(3, '1.0.1.8.0.255', 2);
          expect(pump(client.get([register, register]), noisy)).toEqual([{ data: u32(123456) }, { data: u32(123456) }]);
          delivered++;
        } catch (error) {
          if (!(error instanceof CosemError) && !/an answer is awaited/.test(String(error))) throw error;
        }
        expect([u32(0), value]).toContainEqual(stored());
        expect(['idle', 'pending', 'associated']).toContain(state());
      }),
      { numRuns: 2000 },
    );
    expect(delivered).toBeGreaterThan(200);
  });
});

function flip(octets: Uint8Array, bit: number): Uint8Array {
  const flipped = octets.slice();
  const at = bit % (octets.length * 8);
  flipped[at >> 3] = (flipped[at >> 3] as number) ^ (1 << (at & 7));
  return flipped;
}
