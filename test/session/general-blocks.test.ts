/** General block transfer: the machine by itself, and between our client and our server. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GeneralBlockTransfer } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { CONFORMANCE } from '../../src/apdu/conformance.js';
import { concat } from '../../src/base/bytes.js';
import { CosemError, DecodeError, StateError } from '../../src/base/errors.js';
import { octets } from '../../src/codec/make.js';
import { MemoryCounterStore } from '../../src/security/counter.js';
import { blockRoom, GeneralBlocks } from '../../src/session/general-blocks.js';
import { Ciphering } from '../../src/session/protection.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import {
  AK,
  ALL_CONFORMANCE,
  attribute,
  CLIENT_TITLE,
  EK,
  echoAttribute,
  echoMethod,
  pumpStream,
  SERVER_TITLE,
  type Setup,
  setup,
} from './harness.js';

const RUNS = { numRuns: 1000 };
const GBT = ALL_CONFORMANCE | CONFORMANCE['general-block-transfer'];

/** A block in the short form of these tests: number, acknowledgement, letters for last and streaming, window. */
function form(block: GeneralBlockTransfer): string {
  const { blockNumber, blockNumberAck, last, streaming, window, raw } = block;
  return `${blockNumber}/${blockNumberAck}${last ? 'L' : ''}${streaming ? 'S' : ''} w${window} ${raw.length}`;
}

function block(parts: Partial<GeneralBlockTransfer>): GeneralBlockTransfer {
  return {
    type: 'general-block-transfer',
    last: false,
    streaming: false,
    window: 1,
    blockNumber: 1,
    blockNumberAck: 0,
    raw: new Uint8Array(1),
    ...parts,
  };
}

describe('the machine', () => {
  it('sends one block until it knows the window, then streams as many', () => {
    const sender = new GeneralBlocks({ room: 10, window: 8 }).heard().say(new Uint8Array(45));
    const receiver = new GeneralBlocks({ room: 10, window: 3 });
    const first = sender.turn();
    expect(first.map(form)).toEqual(['1/0 w8 10']);
    expect(receiver.receive(first[0]!)).toBe('turn');
    const asked = receiver.turn();
    expect(asked.map(form)).toEqual(['1/1L w3 0']);
    expect(sender.receive(asked[0]!)).toBe('turn');
    const second = sender.turn();
    expect(second.map(form)).toEqual(['2/1S w8 10', '3/1S w8 10', '4/1 w8 10']);
    expect(second.map((b) => receiver.receive(b))).toEqual(['listen', 'listen', 'turn']);
    expect(receiver.turn().map(form)).toEqual(['2/4L w3 0']);
    sender.receive(block({ blockNumber: 2, blockNumberAck: 4, window: 3, last: true, raw: new Uint8Array(0) }));
    const third = sender.turn();
    expect(third.map(form)).toEqual(['5/2L w8 5']);
    expect(receiver.receive(third[0]!)).toBe('whole');
    expect(receiver.whole().length).toBe(45);
    expect(receiver.turn()).toEqual([]);
  });

  it('asks for the missing blocks alone, and keeps what came behind them', () => {
    const sender = new GeneralBlocks({ room: 1, window: 8 }).heard().say(Uint8Array.of(1, 2, 3, 4, 5, 6));
    const receiver = new GeneralBlocks({ room: 1, window: 5 });
    receiver.receive(sender.turn()[0]!);
    sender.receive(receiver.turn()[0]!);
    const stream = sender.turn();
    expect(stream.map(form)).toEqual(['2/1S w8 1', '3/1S w8 1', '4/1S w8 1', '5/1S w8 1', '6/1L w8 1']);
    for (const b of [stream[0]!, stream[3]!, stream[4]!]) receiver.receive(b);
    const asked = receiver.turn();
    expect(asked.map(form)).toEqual(['2/2L w2 0']);
    sender.receive(asked[0]!);
    const again = sender.turn();
    expect(again.map(form)).toEqual(['3/2S w8 1', '4/2 w8 1']);
    expect(again.map((b) => receiver.receive(b))).toEqual(['listen', 'whole']);
    expect([...receiver.whole()]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('acknowledges a request without ending its own part, and answers with the numbers that follow', () => {
    const client = new GeneralBlocks({ room: 4, window: 2 }).say(new Uint8Array(10));
    const server = new GeneralBlocks({ room: 4, window: 2 }).owe();
    server.receive(client.turn()[0]!);
    const acknowledgement = server.turn();
    expect(acknowledgement.map(form)).toEqual(['1/1 w2 0']);
    client.receive(acknowledgement[0]!);
    expect(client.turn().map((b) => server.receive(b))).toEqual(['listen', 'whole']);
    const answer = server.say(new Uint8Array(3)).turn();
    expect(answer.map(form)).toEqual(['2/3L w2 3']);
    expect(client.receive(answer[0]!)).toBe('whole');
  });

  it.each<[string, GeneralBlockTransfer[]]>([
    ['an abort', [block({ blockNumber: 0, last: true })]],
    ['an acknowledgement of what was never sent', [block({ blockNumberAck: 1 })]],
    ['a number far ahead', [block({ blockNumber: 65 })]],
    ['data after the last block', [block({ last: true }), block({ blockNumber: 2 })]],
  ])('refuses %s', (_, blocks) => {
    const receiver = new GeneralBlocks({ room: 10, window: 8 });
    expect(() => blocks.map((b) => receiver.receive(b))).toThrow(DecodeError);
  });

  it('takes no more octets than allowed, in order or not', () => {
    const receiver = new GeneralBlocks({ room: 10, window: 8, maxTransfer: 25 });
    receiver.receive(block({ blockNumber: 2, raw: new Uint8Array(10), streaming: true }));
    receiver.receive(block({ blockNumber: 3, raw: new Uint8Array(10), streaming: true }));
    expect(() => receiver.receive(block({ raw: new Uint8Array(10) }))).toThrow(/more than 25 octets/);
  });

  it('gives up a transfer that does not come forward', () => {
    const receiver = new GeneralBlocks({ room: 10, window: 8 });
    receiver.receive(block({}));
    const rounds = () => {
      for (let i = 0; i < 20; i++) {
        receiver.turn();
        receiver.receive(block({ blockNumber: i + 2, raw: new Uint8Array(0) }));
      }
    };
    expect(rounds).toThrow(/does not get beyond/);
  });

  it('has 65535 numbers and a window of six bits', () => {
    const endless = new GeneralBlocks({ room: 1, window: 8 }).heard().say(new Uint8Array(0x10000));
    const all = () => {
      for (let acknowledged = 0; ; acknowledged++) {
        const [sent] = endless.turn();
        endless.receive(block({ blockNumber: 1, blockNumberAck: sent!.blockNumber, raw: new Uint8Array(0) }));
        if (acknowledged > 0x10000) return;
      }
    };
    expect(all).toThrow(StateError);
    for (const window of [0, 64, 1.5]) expect(() => new GeneralBlocks({ room: 1, window })).toThrow(StateError);
  });

  it('fits its blocks into the APDU size', () => {
    for (let size = 8; size < 400; size++) {
      const raw = new Uint8Array(blockRoom(size));
      expect(encodeApdu(block({ raw })).length).toBeLessThanOrEqual(size);
      expect(encodeApdu(block({ raw: new Uint8Array(raw.length + 1) })).length + 1).toBeGreaterThan(
        Math.min(size, 1 + encodeApdu(block({ raw })).length),
      );
    }
  });

  it('delivers both ways whatever is lost and repeated on the way, or gives up', () => {
    let delivered = 0;
    const line = fc.record({
      request: fc.uint8Array({ maxLength: 60 }),
      answer: fc.uint8Array({ maxLength: 200 }),
      rooms: fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 })),
      windows: fc.tuple(fc.integer({ min: 1, max: 63 }), fc.integer({ min: 1, max: 63 })),
      fates: fc.array(fc.constantFrom<'lost' | 'twice' | 'whole'>('lost', 'twice', 'whole', 'whole', 'whole'), {
        maxLength: 40,
      }),
    });
    fc.assert(
      fc.property(line, ({ request, answer, rooms, windows, fates }) => {
        const client = new GeneralBlocks({ room: rooms[0], window: windows[0] }).say(request);
        const server = new GeneralBlocks({ room: rooms[1], window: windows[1] }).owe();
        let carried = 0;
        const fate = () => fates[carried++] ?? 'whole';
        const carry = (blocks: readonly GeneralBlockTransfer[]) =>
          blocks.flatMap((b) => ({ lost: [], twice: [b, b], whole: [b] })[fate()]);
        const exchange = () => {
          for (let rounds = 0; rounds < 1000; rounds++) {
            // Silence is the client's to break.
            let back: GeneralBlockTransfer[] = [];
            for (const b of carry(client.turn())) {
              const outcome = server.receive(b);
              if (outcome === 'whole') {
                expect(server.whole()).toEqual(request);
                back = server.say(answer).turn();
              } else if (outcome === 'turn') back = server.turn();
            }
            for (const b of carry(back)) if (client.receive(b) === 'whole') return client.whole();
          }
          throw new Error('no end');
        };
        try {
          expect(exchange()).toEqual(answer);
          delivered++;
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
          expect(error.message).toContain('does not get beyond');
          expect(fates).toContain('lost');
        }
      }),
      RUNS,
    );
    expect(delivered).toBeGreaterThan(0.9 * RUNS.numRuns);
  });
});

const setups: fc.Arbitrary<Setup> = fc.record({
  context: fc.constantFrom('ln', 'ln-ciphered'),
  mechanism: fc.constantFrom(0, 2),
  policy: fc.constantFrom('none', 'authentication', 'encryption', 'authenticated-encryption'),
  dedicated: fc.boolean(),
  general: fc.boolean(),
  crypto: fc.constant(nodeCrypto),
  conformance: fc.constant(GBT),
  serverMaxReceive: fc.integer({ min: 60, max: 200 }),
  clientMaxReceive: fc.integer({ min: 60, max: 200 }),
  client: fc.record({ conformance: fc.constant(GBT), generalBlockWindow: fc.integer({ min: 1, max: 63 }) }),
});

describe('between client and server', () => {
  it('carries GET, SET and ACTION of any length, in blocks that fit, in clear and ciphered', () => {
    fc.assert(
      fc.property(setups, fc.uint8Array({ maxLength: 1500 }), (options, value) => {
        const { client, server, stored, faults, sent } = setup(options);
        const wire = pumpStream(server, sent);
        wire(client.associate());
        expect(wire(client.set([{ attribute: echoAttribute, value: octets(value) }]))).toEqual([0]);
        expect(stored()).toEqual(octets(value));
        expect(wire(client.get([echoAttribute]))).toEqual([{ data: octets(value) }]);
        const [echoed] = wire(client.action([{ method: echoMethod, parameter: octets(value) }]));
        expect(echoed).toEqual({ result: 0, returned: { data: octets(value) } });
        const listed = wire(client.get([echoAttribute, attribute(3, '1.0.1.8.0.255', 2), echoAttribute]));
        expect(listed.map((result) => 'data' in result)).toEqual([true, true, true]);
        for (const { octets: apdu, from } of sent) {
          if (apdu[0] !== 0xe0) continue;
          expect(apdu.length).toBeLessThanOrEqual(
            (from === 'client' ? options.serverMaxReceive : options.clientMaxReceive) as number,
          );
        }
        expect(faults).toEqual([]);
      }),
      RUNS,
    );
  });

  it('protects the APDU as a whole and leaves the blocks in clear; what they make together is one ciphered APDU', () => {
    const { client, server, sent } = setup({
      context: 'ln-ciphered',
      policy: 'authenticated-encryption',
      conformance: GBT,
      clientMaxReceive: 100,
      client: { conformance: GBT, generalBlockWindow: 4 },
    });
    const wire = pumpStream(server, sent);
    wire(client.associate());
    wire(client.set([{ attribute: echoAttribute, value: octets(new Uint8Array(500)) }]));
    sent.length = 0;
    wire(client.get([echoAttribute]));
    const blocks = sent.filter(({ from }) => from === 'server').map(({ octets: apdu }) => decodeApdu(apdu));
    expect(blocks.map((b) => form(b as GeneralBlockTransfer).replace(/ \d+$/, ''))).toEqual([
      '1/0 w8',
      '2/1S w8',
      '3/1S w8',
      '4/1S w8',
      '5/1 w8',
      '6/2L w8',
    ]);
    const whole = decodeApdu(concat(...blocks.map((b) => (b as GeneralBlockTransfer).raw)));
    expect(whole).toMatchObject({ type: 'ciphered', tag: 0xcc, securityControl: 0x30 });
  });

  it('takes blocks that are ciphered themselves, and answers alike', () => {
    const { client, server, sent, stored } = setup({
      context: 'ln-ciphered',
      policy: 'authenticated-encryption',
      conformance: GBT,
      client: { conformance: GBT },
    });
    const wire = pumpStream(server, sent);
    wire(client.associate());
    const ciphering = new Ciphering({
      crypto: nodeCrypto,
      systemTitle: CLIENT_TITLE,
      peerTitle: SERVER_TITLE,
      keys: { encryption: EK, authentication: AK },
      counters: new MemoryCounterStore({ client: 1000 }),
      counterEntry: 'client',
    });
    const value = octets(new Uint8Array(40).fill(7));
    const request = encodeApdu({ type: 'set-request-normal', invokeId: 0xc1, attribute: echoAttribute, value });
    const party = new GeneralBlocks({ room: 30, window: 8 }).say(request);
    let answer: Uint8Array | undefined;
    for (let turns = 0; turns < 5 && answer === undefined; turns++) {
      for (const b of party.turn()) {
        const reply = server.handle(48, 1, ciphering.seal(encodeApdu(b), 'general-glo', 'authenticated-encryption'), 0);
        if (reply === undefined) continue;
        const outer = decodeApdu(reply);
        expect(outer).toMatchObject({ type: 'ciphered', tag: 0xdb, securityControl: 0x30 });
        const inner = decodeApdu(ciphering.open(outer as never).apdu) as GeneralBlockTransfer;
        if (party.receive(inner) === 'whole') answer = party.whole();
      }
    }
    expect(decodeApdu(answer!)).toMatchObject({ type: 'set-response-normal', result: 0 });
    expect(stored()).toEqual(value);
  });

  it('is refused where it was not negotiated; then blocks of the services carry what is long', () => {
    const { client, server, sent } = setup({ clientMaxReceive: 100, client: { conformance: GBT } });
    const wire = pumpStream(server, sent);
    wire(client.associate());
    const value = octets(new Uint8Array(300));
    expect(wire(client.set([{ attribute: echoAttribute, value }]))).toEqual([0]);
    expect(wire(client.get([echoAttribute]))).toEqual([{ data: value }]);
    expect(sent.some(({ octets: apdu }) => apdu[0] === 0xe0)).toBe(false);
    expect([...(server.handle(48, 1, encodeApdu(block({})), 0) ?? [])]).toEqual([0xd8, 1, 2]);
  });

  it('never leaves the server in a bad state, whatever blocks come', () => {
    const anyBlock = fc
      .record({
        last: fc.boolean(),
        streaming: fc.boolean(),
        window: fc.integer({ min: 0, max: 63 }),
        blockNumber: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 0xffff })),
        blockNumberAck: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 0xffff })),
        raw: fc.uint8Array({ maxLength: 30 }),
      })
      .map((parts) => encodeApdu(block(parts)));
    fc.assert(
      fc.property(setups, fc.array(anyBlock, { maxLength: 12 }), (options, blocks) => {
        const { client, server, sent, faults } = setup(options);
        const wire = pumpStream(server, sent);
        wire(client.associate());
        for (const apdu of blocks) {
          const reply = server.handle(48, 1, apdu, 0);
          let following = 0;
          for (let more = reply; more !== undefined; more = server.session(48, 1)?.following()) following++;
          expect(following).toBeLessThanOrEqual(63);
        }
        expect(server.session(48, 1)?.state).toBe('associated');
        expect(wire(client.get([attribute(3, '1.0.1.8.0.255', 2)]))[0]).toHaveProperty('data');
        expect(faults).toEqual([]);
      }),
      RUNS,
    );
  });

  it('never makes the client take a wrong value, whatever blocks come', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            last: fc.boolean(),
            streaming: fc.boolean(),
            window: fc.integer({ min: 0, max: 63 }),
            blockNumber: fc.integer({ min: 0, max: 5 }),
            blockNumberAck: fc.integer({ min: 0, max: 3 }),
            raw: fc.uint8Array({ maxLength: 30 }),
          }),
          { minLength: 1, maxLength: 40 },
        ),
        (blocks) => {
          const { client, server, sent } = setup({
            context: 'ln-ciphered',
            policy: 'authenticated-encryption',
            crypto: nodeCrypto,
            client: { conformance: GBT },
            conformance: GBT,
          });
          pumpStream(server, sent)(client.associate());
          const procedure = client.get([echoAttribute]);
          procedure.next(new Uint8Array(0));
          try {
            for (const parts of blocks) {
              const step = procedure.next(encodeApdu(block(parts)));
              expect(step.done).toBe(false);
              if (step.done !== true && !step.value.reply) procedure.next(new Uint8Array(0));
            }
          } catch (error) {
            expect(error).toBeInstanceOf(CosemError);
          }
        },
      ),
      RUNS,
    );
  });
});
