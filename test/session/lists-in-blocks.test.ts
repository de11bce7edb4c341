/** SET and ACTION with list, whose values do not fit into one request. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeApdu } from '../../src/apdu/codec.js';
import { AccessError } from '../../src/base/errors.js';
import { octets, u32 } from '../../src/codec/make.js';
import { attribute, echoAttribute, echoMethod, pump, setup } from './harness.js';

const values = fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 2, maxLength: 4 });

describe('with list, in blocks', () => {
  it('SET writes all, in order, in as many blocks as it takes', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 80, max: 300 }), (list, serverMaxReceive) => {
        const { client, wire, stored, exchanged } = setup({ serverMaxReceive });
        pump(client.associate(), wire);
        const items = list.map((value) => ({ attribute: echoAttribute, value: octets(value) }));
        expect(pump(client.set(items), wire)).toEqual(list.map(() => 0));
        expect(stored()).toEqual(octets(list.at(-1)!));
        for (const { request } of exchanged) expect(request.length).toBeLessThanOrEqual(serverMaxReceive);
        const kinds = exchanged.slice(1).map(({ request }) => decodeApdu(request).type);
        expect(kinds[0]).toMatch(/^set-request-with-list/);
        expect(kinds.slice(1).every((kind) => kind === 'set-request-with-datablock')).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('ACTION calls all and returns what each returned', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 80, max: 300 }), (list, serverMaxReceive) => {
        const { client, wire, exchanged } = setup({ serverMaxReceive, clientMaxReceive: 90 });
        pump(client.associate(), wire);
        const results = pump(client.action(list.map((v) => ({ method: echoMethod, parameter: octets(v) }))), wire);
        expect(results).toEqual(list.map((v) => ({ result: 0, returned: { data: octets(v) } })));
        for (const { request } of exchanged) expect(request.length).toBeLessThanOrEqual(serverMaxReceive);
        expect(decodeApdu(exchanged[1]!.request).type).toMatch(/^action-request-with-list/);
      }),
      { numRuns: 1000 },
    );
  });

  it('each has its own result', () => {
    const { client, wire } = setup({ serverMaxReceive: 100 });
    pump(client.associate(), wire);
    const long = octets(new Uint8Array(150));
    const items = [
      { attribute: echoAttribute, value: long },
      { attribute: attribute(3, '1.0.1.8.0.255', 2), value: u32(1) },
      { attribute: attribute(3, '1.0.9.9.9.255', 2), value: u32(1) },
    ];
    expect(pump(client.set(items), wire)).toEqual([0, 3, 4]);
    const calls = [
      { method: echoMethod, parameter: long },
      { method: { ...echoMethod, methodId: 9 }, parameter: u32(1) },
    ];
    const [first, second] = pump(client.action(calls), wire);
    expect([first!.result, second!.result]).toEqual([0, 4]);
  });

  it('goes item by item where the descriptors alone fill a request, or blocks were not negotiated', () => {
    const many = Array.from({ length: 10 }, () => ({ attribute: echoAttribute, value: octets(new Uint8Array(30)) }));
    for (const options of [{ serverMaxReceive: 100 }, { serverMaxReceive: 200, conformance: 0x0ff3ff & ~0x800 }]) {
      const { client, wire, exchanged } = setup(options);
      pump(client.associate(), wire);
      expect(pump(client.set(many), wire)).toEqual(many.map(() => 0));
      expect(exchanged.slice(1).map(({ request }) => request[1])).toEqual(many.map(() => 1));
    }
  });

  it('one refusal of the whole counts for each; a success before the last block is a lie', () => {
    const { client, wire } = setup({ serverMaxReceive: 100 });
    pump(client.associate(), wire);
    const items = [1, 2].map(() => ({ attribute: echoAttribute, value: octets(new Uint8Array(90)) }));
    const answering = (answer: number[]) =>
      pump(client.set(items), (request) => Uint8Array.of(0xc5, answer[0]!, request[2]!, ...answer.slice(1)));
    expect(answering([3, 17, 0, 0, 0, 1])).toEqual([17, 17]);
    expect(answering([4, 2, 17, 18, 0, 0, 0, 1])).toEqual([17, 18]);
    expect(() => answering([3, 0, 0, 0, 0, 1])).toThrow(/SET \(block\)/);
    expect(() => answering([4, 2, 0, 0, 0, 0, 0, 1])).toThrow(/SET \(block\)/);
    expect(() => pump(client.set(items), () => Uint8Array.of(0xd8, 1, 1))).toThrow(AccessError);
  });
});
