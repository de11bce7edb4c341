/** ACCESS between client and server: mixed lists, refusals, long ones, protection; and answers that do not fit the question. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Apdu } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { CONFORMANCE } from '../../src/apdu/conformance.js';
import type { AccessRequest, AccessResponse } from '../../src/apdu/service-apdus.js';
import { AccessError, DecodeError, SecurityError } from '../../src/base/errors.js';
import { octets, u32 } from '../../src/codec/make.js';
import type { AccessItem } from '../../src/session/client-access.js';
import {
  ALL_CONFORMANCE,
  attribute,
  type Carried,
  echoAttribute,
  echoMethod,
  pump,
  pumpStream,
  setup,
} from './harness.js';

const NULL = { type: 'null-data', value: null } as const;
const GENERAL = CONFORMANCE['general-block-transfer'];
const energy = attribute(3, '1.0.1.8.0.255', 2);
const missing = attribute(3, '1.0.9.9.9.255', 2);
const get = (of = energy): AccessItem => ({ service: 'get', attribute: of });
const set = (value = u32(7), of = echoAttribute): AccessItem => ({ service: 'set', attribute: of, value });
const call = (parameter = octets(Uint8Array.of(1, 2))): AccessItem => ({
  service: 'action',
  method: echoMethod,
  parameter,
});

const mixedList = fc.array(
  fc.oneof(
    fc.constant(get(echoAttribute)),
    fc.constant(get(missing)),
    fc.uint8Array({ maxLength: 120 }).map((value) => set(octets(value))),
    fc.uint8Array({ maxLength: 120 }).map((value) => call(octets(value))),
  ),
  { minLength: 1, maxLength: 12 },
);

/** What a meter that does one thing after the other must answer. */
function expected(items: readonly AccessItem[], before = u32(0) as ReturnType<typeof octets> | ReturnType<typeof u32>) {
  let stored: unknown = before;
  return items.map((item) => {
    if (item.service === 'set') {
      stored = item.value;
      return { result: 0, data: NULL };
    }
    if (item.service === 'action') return { result: 0, data: item.parameter };
    return item.attribute === missing ? { result: 4, data: NULL } : { result: 0, data: stored };
  });
}

describe('ACCESS', () => {
  it('reads, writes and calls in one request, in order; each has its own result', () => {
    const { client, wire, exchanged } = setup();
    pump(client.associate(), wire);
    const items = [get(echoAttribute), set(u32(9)), get(echoAttribute), get(missing), set(u32(1), energy), call()];
    expect(pump(client.access(items), wire)).toEqual([
      { result: 0, data: u32(0) },
      { result: 0, data: NULL },
      { result: 0, data: u32(9) },
      { result: 4, data: NULL },
      { result: 3, data: NULL },
      { result: 0, data: octets(Uint8Array.of(1, 2)) },
    ]);
    expect(exchanged).toHaveLength(2);
    const { request, answer } = exchanged[1]!;
    const asked = decodeApdu(request) as AccessRequest;
    expect(asked.specifications.map(({ service }) => service)).toEqual(['get', 'set', 'get', 'get', 'set', 'action']);
    expect((decodeApdu(answer!) as AccessResponse).specifications).toBeUndefined();
  });

  it('stops at an error where it is told to, and says what was not attempted', () => {
    for (const conformance of [ALL_CONFORMANCE, ALL_CONFORMANCE & ~CONFORMANCE.access]) {
      const { client, wire, stored } = setup({ conformance });
      pump(client.associate(), wire);
      const items = [set(u32(5)), get(missing), set(u32(6))];
      const [first, second, third] = pump(client.access(items, { breakOnError: true }), wire);
      expect([first!.result, second!.result, third!.skipped]).toEqual([0, 4, true]);
      expect(stored()).toEqual(u32(5));
      expect(pump(client.access(items), wire).map(({ result }) => result)).toEqual([0, 4, 0]);
      expect(stored()).toEqual(u32(6));
    }
  });

  it('repeats what was asked for where it is told to', () => {
    const { client, wire, exchanged } = setup();
    pump(client.associate(), wire);
    const selection = { selector: 1, parameters: u32(3) };
    pump(client.access([get({ ...energy, selection }), set(), call()], { selfDescriptive: true }), wire);
    const { request, answer } = exchanged[1]!;
    const { specifications } = decodeApdu(request) as AccessRequest;
    expect((decodeApdu(answer!) as AccessResponse).specifications).toEqual(specifications);
    expect(specifications[0]).toEqual({ service: 'get', attribute: { ...energy, selection } });
  });

  it('goes in as many requests as it takes, and gives what single requests give', () => {
    fc.assert(
      fc.property(
        mixedList,
        fc.integer({ min: 60, max: 400 }),
        fc.integer({ min: 90, max: 400 }),
        (items, serverMaxReceive, clientMaxReceive) => {
          const conformance = ALL_CONFORMANCE & ~GENERAL;
          const { client, wire, exchanged } = setup({ serverMaxReceive, clientMaxReceive, conformance });
          pump(client.associate(), wire);
          const found = pump(client.access(items), wire);
          // What did not fit into an answer after it was executed cannot be had again.
          const whole = expected(items).map((one, i) =>
            items[i]!.service === 'action' && found[i]!.data === NULL ? { ...one, data: NULL } : one,
          );
          expect(found.map(({ result }) => result)).toEqual(whole.map(({ result }) => result));
          for (const { request, answer } of exchanged.slice(1)) {
            expect(request.length).toBeLessThanOrEqual(serverMaxReceive);
            expect(answer?.length ?? 0).toBeLessThanOrEqual(clientMaxReceive);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('goes in blocks of general-block-transfer, both ways, in clear and under either key', () => {
    fc.assert(
      fc.property(
        mixedList,
        fc.constantFrom('ln' as const, 'ln-ciphered' as const),
        fc.boolean(),
        fc.integer({ min: 80, max: 300 }),
        (items, context, dedicated, size) => {
          const conformance = ALL_CONFORMANCE | GENERAL;
          const sizes = { serverMaxReceive: size, clientMaxReceive: size };
          const policy = context === 'ln' ? 'none' : 'authenticated-encryption';
          const { client, server } = setup({ context, policy, dedicated, conformance, ...sizes });
          const carried: Carried[] = [];
          const run = pumpStream(server, carried);
          run(client.associate());
          expect(run(client.access(items))).toEqual(expected(items));
          for (const { octets: apdu } of carried.slice(2)) expect(apdu.length).toBeLessThanOrEqual(size);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('has no ciphered form but the general ones', () => {
    for (const [dedicated, tag] of [
      [false, 0xdb],
      [true, 0xdc],
    ] as const) {
      const { client, wire, exchanged } = setup({
        context: 'ln-ciphered',
        policy: 'authenticated-encryption',
        dedicated,
      });
      pump(client.associate(), wire);
      expect(pump(client.access([get(echoAttribute), set()]), wire)).toHaveLength(2);
      expect([exchanged.at(-1)!.request[0], exchanged.at(-1)!.answer![0]]).toEqual([tag, tag]);
    }
  });

  it('the policy of the association holds for request and answer', () => {
    const { client, server, wire } = setup({ context: 'ln-ciphered', policy: 'authenticated-encryption' });
    pump(client.associate(), wire);
    const request = encodeApdu({ type: 'access-request', longInvokeId: 0x4000_0001, specifications: [], data: [] });
    expect(server.handle(48, 1, request, 0)).toEqual(Uint8Array.of(0xd8, 2, 3));
    const clear: AccessResponse = {
      type: 'access-response',
      longInvokeId: 0xc000_0001,
      data: [u32(1)],
      results: [{ service: 'get', result: 0 }],
    };
    expect(() => pump(client.access([get()]), () => encodeApdu(clear))).toThrow(SecurityError);
  });

  it('is refused by a server that did not negotiate it', () => {
    const { client, wire, server } = setup({ conformance: ALL_CONFORMANCE & ~CONFORMANCE.access });
    pump(client.associate(), wire);
    const request = encodeApdu({
      type: 'access-request',
      longInvokeId: 0x4000_0001,
      specifications: [{ service: 'get', attribute: energy }],
      data: [],
    });
    expect(server.handle(48, 1, request, 0)).toEqual(Uint8Array.of(0xd8, 1, 2));
  });
});

describe('the server', () => {
  const served = (options: Parameters<typeof setup>[0] = {}) => {
    const made = setup(options);
    pump(made.client.associate(), made.wire);
    const answer = (request: Omit<AccessRequest, 'type'> | Uint8Array) =>
      made.server.handle(
        48,
        1,
        request instanceof Uint8Array ? request : encodeApdu({ type: 'access-request', ...request }),
        0,
      );
    return { ...made, answer };
  };

  it('takes a list without data, and answers nothing where nothing is wanted', () => {
    const { answer, stored } = served();
    const specifications = [{ service: 'get', attribute: energy }] as const;
    const reply = decodeApdu(answer({ longInvokeId: 0x4000_0005, specifications, data: [] })!) as AccessResponse;
    expect(reply).toMatchObject({ longInvokeId: 0x4000_0005, results: [{ service: 'get', result: 0 }] });
    const write = { service: 'set', attribute: echoAttribute } as const;
    expect(answer({ longInvokeId: 6, specifications: [write], data: [u32(77)] })).toBeUndefined();
    expect(stored()).toEqual(u32(77));
  });

  it('refuses as a whole, before anything is done, what it could not even report', () => {
    const { answer, stored } = served({ clientMaxReceive: 60, conformance: ALL_CONFORMANCE & ~GENERAL });
    const specifications = Array.from({ length: 30 }, () => ({ service: 'set', attribute: echoAttribute }) as const);
    const data = specifications.map(() => u32(1));
    expect(answer({ longInvokeId: 0x4000_0001, specifications, data })).toEqual(Uint8Array.of(0xd8, 1, 1));
    expect(stored()).toEqual(u32(0));
  });

  it('refuses counts that do not fit, an unknown choice and missing octets', () => {
    const { answer, stored } = served();
    const good = encodeApdu({
      type: 'access-request',
      longInvokeId: 0x4000_0001,
      specifications: [
        { service: 'set', attribute: echoAttribute },
        { service: 'set', attribute: echoAttribute },
      ],
      data: [u32(1), u32(2)],
    });
    for (const octetsOf of [good.subarray(0, -1), good.with(7, 9), good.with(6, 1)]) {
      const reply = decodeApdu(answer(octetsOf)!);
      expect(reply.type).toBe('exception-response');
      expect(stored()).toEqual(u32(0));
    }
  });
});

describe('an answer that does not fit the question is believed in nothing', () => {
  const { client, wire } = setup();
  pump(client.associate(), wire);
  const asked = (change: (answer: AccessResponse, request: AccessRequest) => Apdu | Uint8Array) =>
    pump(client.access([get(), set(), call()], { selfDescriptive: true }), (octetsOf) => {
      const request = decodeApdu(octetsOf) as AccessRequest;
      const { longInvokeId, specifications } = request;
      const results = specifications.map(({ service }) => ({ service, result: 0 }));
      const answer = change(
        { type: 'access-response', longInvokeId, specifications, data: [u32(1), NULL, NULL], results },
        request,
      );
      return answer instanceof Uint8Array ? answer : encodeApdu(answer);
    });

  it('as it should be', () => {
    expect(asked((answer) => answer)).toHaveLength(3);
    expect(asked((answer) => ({ ...answer, longInvokeId: answer.longInvokeId & 0xffffff }))).toHaveLength(3);
  });

  it.each<[string, (answer: AccessResponse) => AccessResponse]>([
    ['a result too few', (answer) => ({ ...answer, results: answer.results.slice(1) })],
    ['a result too many', (answer) => ({ ...answer, results: [...answer.results, { service: 'get', result: 0 }] })],
    ['results of other services', (answer) => ({ ...answer, results: answer.results.toReversed() })],
    ['a value too few', (answer) => ({ ...answer, data: answer.data.slice(1) })],
    ['no values though something was read', (answer) => ({ ...answer, data: [] })],
    ['an echo in another order', (answer) => ({ ...answer, specifications: answer.specifications!.toReversed() })],
    [
      'an echo of something else',
      (answer) => ({
        ...answer,
        specifications: [{ service: 'get', attribute: missing }, ...answer.specifications!.slice(1)],
      }),
    ],
    ['no echo though it was asked for', ({ specifications: _, ...answer }) => answer],
  ])('%s', (_, change) => {
    expect(() => asked(change)).toThrow(DecodeError);
  });

  it('another service, and a refusal', () => {
    expect(() => asked(() => Uint8Array.of(0xd8, 1, 2))).toThrow(AccessError);
    expect(() =>
      asked((_, { longInvokeId }) => encodeApdu({ type: 'data-notification', longInvokeId, body: NULL })),
    ).toThrow(/awaited/);
  });

  it('the answer to an earlier request is passed over, of this service and of others', () => {
    for (const stale of [
      { type: 'access-response', longInvokeId: 0x4000_0001, data: [u32(5)], results: [{ service: 'get', result: 0 }] },
      { type: 'get-response-normal', invokeId: 0xc2, result: { data: u32(5) } },
    ] as const) {
      const { client: other, wire: line } = setup();
      pump(other.associate(), line);
      pump(other.access([get()]), line);
      const waiting = [encodeApdu(stale)];
      const procedure = other.access([get(echoAttribute)]);
      let step = procedure.next(new Uint8Array(0));
      const answer = step.done !== true && line(step.value.apdu);
      step = procedure.next(waiting[0]!);
      expect(step.done).toBe(false);
      step = procedure.next(answer as Uint8Array);
      expect(step).toMatchObject({ done: true, value: [{ result: 0, data: u32(0) }] });
    }
  });
});
