/**
 * Sessions: a rogue client before a server, in its association, with keys and without; a rogue meter before a client. They are our own
 * sessions, servers, links; what goes over is changed.
 */

import { createMeter, type VirtualMeter } from '../../../simulator/index.js';
import type { Random } from '../../../simulator/random.js';
import { decodeApdu, encodeApdu } from '../../../src/apdu/codec.js';
import { CONFORMANCE } from '../../../src/apdu/conformance.js';
import { equalBytes } from '../../../src/base/bytes.js';
import { VirtualClock } from '../../../src/base/clock.js';
import { DecodeError, TimeoutError } from '../../../src/base/errors.js';
import { encodeData } from '../../../src/codec/axdr.js';
import { u8, u32 } from '../../../src/codec/make.js';
import type { Procedure } from '../../../src/contracts/procedure.js';
import { object } from '../../../src/server/object.js';
import {
  ALL_CONFORMANCE,
  attribute,
  CLIENT,
  CLIENT_TITLE,
  Echo,
  echoAttribute,
  echoMethod,
  pump,
  SERVER_TITLE,
  type Setup,
  setup,
} from '../../session/harness.js';
import { ServedMeter } from '../../support/served-meter.js';
import { rogueCiphering } from '../rogue-ciphering.js';
import { onLines, RogueClient } from '../rogue-client.js';
import { apdusOf, lazy } from './corpus.js';
import { must, type Surface } from './engine.js';
import { mutated } from './mutate.js';

const GBT = ALL_CONFORMANCE | CONFORMANCE['general-block-transfer'];
/** Exchanges that a procedure may take before one odd answer; the longest transfer here has some twenty. */
const MOST_EXCHANGES = 2000;
const LONG = { type: 'octet-string', value: new Uint8Array(600).fill(0x5a) } as const;
const register = attribute(3, '1.0.1.8.0.255', 2);
const serial = attribute(1, '0.0.96.1.0.255', 2);
const METHOD_2 = { ...echoMethod, methodId: 2 };

/** Orders that a rightful client sends: what a rogue one begins with. */
const orders = lazy((): readonly Uint8Array[] => [
  ...([1, 3] as const).flatMap((i) => [
    encodeApdu({ type: 'get-request-normal', invokeId: 0xc0 + i, attribute: register }),
    encodeApdu({ type: 'set-request-normal', invokeId: 0xc0 + i, attribute: echoAttribute, value: u8(9) }),
    encodeApdu({ type: 'action-request-normal', invokeId: 0xc0 + i, method: METHOD_2, parameter: u8(9) }),
  ]),
  encodeApdu({ type: 'get-request-with-list', invokeId: 0xc1, attributes: [register, serial, echoAttribute] }),
  encodeApdu({ type: 'get-request-next', invokeId: 0xc1, blockNumber: 1 }),
  encodeApdu({
    type: 'set-request-with-list',
    invokeId: 0xc1,
    attributes: [echoAttribute, echoAttribute],
    values: [u8(1), u8(2)],
  }),
  encodeApdu({
    type: 'set-request-with-first-datablock',
    invokeId: 0xc1,
    attribute: echoAttribute,
    block: { last: false, number: 1, raw: encodeData(u32(7)).subarray(0, 2) },
  }),
  encodeApdu({
    type: 'set-request-with-datablock',
    invokeId: 0xc1,
    block: { last: true, number: 2, raw: encodeData(u32(7)).subarray(2) },
  }),
  encodeApdu({
    type: 'general-block-transfer',
    last: true,
    streaming: false,
    window: 1,
    blockNumber: 1,
    blockNumberAck: 0,
    raw: encodeApdu({ type: 'set-request-normal', invokeId: 0xc1, attribute: echoAttribute, value: u8(9) }),
  }),
]);

const requests = lazy(() => [...orders(), ...orders(), ...apdusOf('client'), ...apdusOf('server').slice(0, 20)]);

/** A server whose orders are counted; what may not be done is told by the access rights of `readOnly`. */
function serverOf(options: Setup, readOnly = false) {
  const made = setup(options);
  let orders = 0;
  const count = () => {
    orders++;
  };
  const rights = { [CLIENT]: { attributes: { 2: 'read-only' as const }, methods: {} } };
  made.device.add(
    object(
      Echo,
      '0.0.96.98.0.255',
      { value: { get: () => u32(0), set: count }, echo: count as never, swallow: count },
      readOnly ? rights : {},
    ),
  );
  return { ...made, orders: () => orders };
}

/** An answer is an APDU that its client can read, and no longer than it said. */
function answered(answer: Uint8Array | undefined, most: number): void {
  if (answer === undefined) return;
  decodeApdu(answer);
  must(most === 0 || answer.length <= most, `an answer of ${answer.length} octets to a client that takes ${most}`);
}

const PROVING: readonly Setup[] = [
  { mechanism: 1 },
  { mechanism: 2 },
  { mechanism: 5 },
  { mechanism: 6 },
  { context: 'ln-ciphered', mechanism: 0, policy: 'authenticated-encryption' },
  { context: 'ln-ciphered', mechanism: 2, policy: 'authenticated-encryption', dedicated: true },
];

/** AARQs of clients that prove nothing, and of one whose mechanism has four passes and who says the first two. */
const aarqs = lazy(() =>
  PROVING.map((options) => {
    const { client, exchanged, wire } = setup({ ...options, client: { challenge: new Uint8Array(16).fill(7) } });
    if (options.mechanism === 1) return encodeApdu({ type: 'rlrq', reason: 0 });
    try {
      pump(client.associate(), (request) => (exchanged.length === 0 ? wire(request) : undefined));
    } catch {
      // It went as far as it was let.
    }
    return exchanged[0]?.request ?? new Uint8Array(0);
  }).filter((octets) => octets.length > 0),
);

/** As `pump`, but that silence is a time-out, as with the driver, and that all has an end. */
function driven<T>(procedure: Procedure<T>, wire: (apdu: Uint8Array) => Uint8Array | undefined): T {
  let input: Uint8Array = new Uint8Array(0);
  for (let exchanges = 0; exchanges < MOST_EXCHANGES; exchanges++) {
    const step = procedure.next(input);
    if (step.done === true) return step.value;
    const { apdu, reply, patience } = step.value;
    const answer = apdu.length === 0 ? undefined : wire(apdu);
    if (answer === undefined && reply && patience === undefined) throw new TimeoutError('no answer');
    input = (reply ? answer : undefined) ?? new Uint8Array(0);
  }
  must(false, `a procedure goes on after ${MOST_EXCHANGES} exchanges`);
}

type Client = ReturnType<typeof setup>['client'];

/** What a client asks for, each by another way. */
const PROCEDURES: readonly ((client: Client) => Procedure<unknown>)[] = [
  (client) => client.get([register]),
  (client) => client.get([echoAttribute]),
  (client) => client.get([register, serial, echoAttribute]),
  (client) => client.set([{ attribute: echoAttribute, value: LONG }]),
  (client) => client.set([echoAttribute, echoAttribute].map((each) => ({ attribute: each, value: u8(1) }))),
  (client) => client.action([{ method: echoMethod, parameter: LONG }]),
  (client) => client.action([{ method: echoMethod, parameter: u8(3) }]),
  (client) => client.release(),
];
const CLEAR: Setup = { clientMaxReceive: 128, serverMaxReceive: 128, conformance: GBT, client: { conformance: GBT } };
const BLOCKS: Setup = { clientMaxReceive: 128, serverMaxReceive: 128 };
const CIPHERED: Setup = { ...BLOCKS, context: 'ln-ciphered', policy: 'authenticated-encryption' };

function associated(options: Setup) {
  const made = setup(options);
  pump(made.client.associate(), made.wire);
  pump(made.client.set([{ attribute: echoAttribute, value: LONG }]), made.wire);
  return made;
}

/** What an honest meter answers to all of it. */
const answersOf = (options: Setup) =>
  lazy(() =>
    PROCEDURES.flatMap((procedure) => {
      const made = associated(options);
      const before = made.exchanged.length;
      driven<unknown>(procedure(made.client), made.wire);
      return made.exchanged.slice(before).flatMap(({ answer }) => (answer === undefined ? [] : [answer]));
    }),
  );

const clearAnswers = answersOf(CLEAR);
const blockAnswers = answersOf(BLOCKS);
const sealedAnswers = answersOf(CIPHERED);
const answers = lazy(() => [...clearAnswers(), ...blockAnswers(), ...blockAnswers(), ...apdusOf('server')]);

/** A client asks an honest meter, and one of the answers is another one. */
function askedWith(options: Setup, input: Uint8Array, random: Random, seal = (octets: Uint8Array) => octets): void {
  const made = associated(options);
  const at = random.below(10) < 7 ? 0 : 1 + random.below(4);
  const which = random.below(PROCEDURES.length);
  let exchange = 0;
  const result = driven((PROCEDURES[which] as (typeof PROCEDURES)[number])(made.client), (request) => {
    const right = made.wire(request);
    return exchange++ === at ? seal(input) : right;
  });
  if (!Array.isArray(result)) return;
  for (const one of result as unknown[]) {
    if (typeof one !== 'object' || one === null || !('data' in one)) continue;
    const value = encodeData(one.data as never);
    // An answer that the meter gave in the conversation that was recorded is its own, whatever follows it: keys and counters are the same here.
    const isGenuine = sealedAnswers().some((answer) => equalBytes(answer, input.subarray(0, answer.length)));
    if (options === CIPHERED && seal(input) === input && !isGenuine) {
      const wanted = which === 0 ? [u32(123456)] : which === 1 ? [LONG] : [u32(123456), u32(7), LONG];
      must(
        wanted.some((each) => equalBytes(encodeData(each), value)),
        'a value is handed out that the meter never sent',
      );
    }
    if (which === 0 && at === 0 && exchange === 1 && options !== CIPHERED) {
      const said = decodeApdu(input, { lenient: true });
      const isIt =
        said.type === 'get-response-normal' && 'data' in said.result && equalBytes(encodeData(said.result.data), value);
      // A long value may end with its first block.
      must(isIt || said.type === 'get-response-with-datablock', 'a value is handed out that the answer does not hold');
    }
  }
}

/** An association is opened with a meter that says `input` in place of its AARE, or of its half of the authentication. */
function associatedWith(input: Uint8Array, random: Random): void {
  const options = PROVING[random.below(PROVING.length)] as Setup;
  const { client, wire } = setup({ ...options, client: { challenge: new Uint8Array(16).fill(7) } });
  let exchange = 0;
  const at = random.chance(0.8) ? 0 : 1;
  const associate = () =>
    driven(client.associate(), (request) => {
      const right = wire(request);
      return exchange++ === at ? input : right;
    });
  associate();
  // Our challenge is another one than that of the recordings, and nobody but the honest meter has the secret or the keys.
  const proves = (options.mechanism ?? 0) > 1;
  must(!proves || exchange > 1, 'a meter is believed that was asked to prove nothing');
  must(!proves || at === 0, 'a meter is believed that has proved nothing');
}

const aares = lazy(() =>
  PROVING.flatMap((options) => {
    const made = setup({ ...options, client: { challenge: new Uint8Array(16).fill(9) } });
    pump(made.client.associate(), made.wire);
    return made.exchanged.flatMap(({ answer }) => (answer === undefined ? [] : [answer]));
  }),
);

let meter: VirtualMeter | undefined;
let lit = true;

export const sessionSurfaces: readonly Surface[] = [
  {
    name: 'server-outside',
    share: 25,
    make: (random) => mutated(random, random.chance(0.3) ? aarqs() : requests()),
    feed: (input, random) => {
      const options = PROVING[random.below(PROVING.length)] as Setup;
      const { server, stored, orders: obeyed, faults } = serverOf(options);
      const aarq = aarqs()[random.below(aarqs().length)] as Uint8Array;
      if (random.chance(0.4)) answered(server.handle(CLIENT, 1, aarq, 0), 0);
      answered(server.handle(CLIENT, 1, input, 0), 0);
      for (const order of orders().slice(1, 3)) server.handle(CLIENT, 1, order, 0);
      must(obeyed() === 0 && equalBytes(encodeData(stored()), encodeData(u32(0))), 'an order of nobody is obeyed');
      must(faults.length === 0, `the server failed: ${String(faults[0])}`);
    },
  },
  {
    name: 'server-inside',
    share: 30,
    make: (random) => mutated(random, requests()),
    feed: (input, random) => {
      const made = serverOf({ ...(random.chance(0.5) ? CLEAR : BLOCKS) }, true);
      pump(made.client.associate(), made.wire);
      const before = orders()[random.below(orders().length)] as Uint8Array;
      if (random.chance(0.5)) answered(made.server.handle(CLIENT, 1, before, 0), 128);
      answered(made.server.handle(CLIENT, 1, input, 0), 128);
      answered(made.server.handle(CLIENT, 1, before, 0), 128);
      must(made.orders() === 0, 'an order is obeyed that the access rights forbid');
      must(made.faults.length === 0, `the server failed: ${String(made.faults[0])}`);
    },
  },
  {
    name: 'server-ciphered',
    share: 8,
    make: (random) => {
      if (random.chance(0.3)) return mutated(random, requests());
      const ciphering = rogueCiphering(CLIENT_TITLE);
      const kinds = ['glo', 'general-glo'] as const;
      const asked = orders().filter((octets) => octets[0] === 0xc0);
      const sealed = asked.map((octets, i) =>
        ciphering.seal(octets, kinds[i % 2] ?? 'glo', 'authenticated-encryption'),
      );
      return mutated(random, sealed);
    },
    feed: (input) => {
      const made = serverOf(CIPHERED);
      pump(made.client.associate(), made.wire);
      made.server.handle(CLIENT, 1, input, 0);
      must(
        made.orders() === 0 && equalBytes(encodeData(made.stored()), encodeData(u32(0))),
        'a forged order is obeyed',
      );
      must(made.faults.length === 0, `the server failed: ${String(made.faults[0])}`);
    },
  },
  {
    name: 'server-keyed',
    share: 8,
    make: (random) => mutated(random, requests()),
    feed: (input, random) => {
      const made = serverOf(CIPHERED, true);
      pump(made.client.associate(), made.wire);
      const kinds = ['glo', 'general-glo'] as const;
      const sealed = sealable(input, () =>
        rogueCiphering(CLIENT_TITLE).seal(input, kinds[random.below(2)] ?? 'glo', 'authenticated-encryption'),
      );
      answered(made.server.handle(CLIENT, 1, sealed, 0), 128);
      must(made.orders() === 0, 'an order is obeyed that the access rights forbid');
      must(made.faults.length === 0, `the server failed: ${String(made.faults[0])}`);
    },
  },
  {
    name: 'virtual-meter',
    share: 20,
    renew: () => {
      meter = createMeter('is15959-1ph', { clock: new VirtualClock(Date.UTC(2026, 10, 23, 3, 30)), seed: 7 });
      lit = meter.connected;
    },
    make: (random) => mutated(random, random.chance(0.1) ? aarqs() : requests()),
    feed: (input, random) => {
      must(meter !== undefined, 'there is no meter');
      // The public client may associate, and read; all others prove themselves.
      const client = [16, 16, 32, 48, 80, 1, 96][random.below(7)] as number;
      if (client === 16) meter.handle(16, 1, publicAarq());
      answered(meter.handle(client, 1, input), 0);
      for (const order of [relayOrder(1), relayOrder(2)]) answered(meter.handle(client, 1, order), 0);
      must(meter.connected === lit, 'the relay has moved without an association that may');
    },
  },
  {
    name: 'client-associate',
    share: 12,
    make: (random) => mutated(random, random.chance(0.8) ? aares() : answers()),
    feed: associatedWith,
  },
  {
    name: 'client-clear',
    share: 25,
    make: (random) => mutated(random, answers()),
    feed: (input, random) => askedWith(random.chance(0.5) ? CLEAR : BLOCKS, input, random),
  },
  {
    name: 'client-ciphered',
    share: 4,
    make: (random) => mutated(random, sealedAnswers()),
    feed: (input, random) => askedWith(CIPHERED, input, random),
  },
  {
    name: 'client-keyed',
    share: 4,
    make: (random) => mutated(random, answers()),
    feed: (input, random) => {
      const ciphering = rogueCiphering(SERVER_TITLE);
      const kinds = ['glo', 'general-glo'] as const;
      const kind = kinds[random.below(2)] ?? 'glo';
      askedWith(CIPHERED, input, random, (octets) =>
        sealable(octets, () => ciphering.seal(octets, kind, 'authenticated-encryption')),
      );
    },
  },
  {
    name: 'rogue-client',
    share: 4,
    make: (random) => mutated(random, requests()),
    feed: async (input, random) => {
      const { server, orders: obeyed, faults } = serverOf({ mechanism: 2 });
      const rogue = await RogueClient.connect(onLines(server), CLIENT, random.chance(0.5) ? 'hdlc' : 'wrapper');
      if (input.length > 0 && !rogue.closed) await rogue.ask(input);
      for (const order of orders().slice(1, 3)) await rogue.ask(order);
      await rogue.close();
      must(obeyed() === 0, 'an order of nobody is obeyed');
      must(faults.length === 0, `the server failed: ${String(faults[0])}`);
    },
  },
  {
    name: 'rogue-meter',
    share: 1,
    make: (random) => mutated(random, answers()),
    feed: async (input, random) => {
      const rogue = new ServedMeter();
      let left = random.below(6);
      rogue.says = (answer) => (left-- === 0 ? input : answer);
      const framing = random.chance(0.5) ? 'hdlc' : 'wrapper';
      const done = (async () => {
        const opened = await rogue.open({ framing, client: 16 });
        try {
          await opened.register('1.0.1.8.0.255').value;
          await opened.objects();
          await opened.profile('1.0.99.1.0.255').rows({ last: 3 });
        } finally {
          await opened.close();
        }
      })();
      await rogue.clock.run(done);
    },
  },
];

/** Seals octets, where they begin with a tag that has a ciphered sister. */
function sealable(octets: Uint8Array, seal: () => Uint8Array): Uint8Array {
  if (octets.length === 0) throw new DecodeError('truncated', 'there is nothing to seal');
  return seal();
}

const publicAarq = lazy(() => {
  const { client, exchanged, wire } = setup({});
  pump(client.associate(), wire);
  return exchanged[0]?.request ?? new Uint8Array(0);
});

const relayOrder = (methodId: number) =>
  encodeApdu({
    type: 'action-request-normal',
    invokeId: 0xc1,
    method: { classId: 70, instanceId: attribute(70, '0.0.96.3.10.255', 1).instanceId, methodId },
    parameter: { type: 'integer', value: 0 },
  });
