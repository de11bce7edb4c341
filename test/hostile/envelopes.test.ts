/** What goes in blocks goes in one envelope: no few of them lend their protection to the others. */

import { describe, expect, it } from 'vitest';
import type { Apdu } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { CONFORMANCE } from '../../src/apdu/conformance.js';
import { fromHex } from '../../src/base/bytes.js';
import { encodeData } from '../../src/codec/axdr.js';
import { u8, u32 } from '../../src/codec/make.js';
import type { Protection } from '../../src/contracts/protection.js';
import type { CipherKind } from '../../src/session/cipher-kind.js';
import type { Ciphering } from '../../src/session/protection.js';
import {
  ALL_CONFORMANCE,
  CLIENT,
  CLIENT_TITLE,
  echoAttribute,
  echoMethod,
  pump,
  SERVER_TITLE,
  type Setup,
  setup,
} from '../session/harness.js';
import { rogueCiphering } from './rogue-ciphering.js';

const GBT = ALL_CONFORMANCE | CONFORMANCE['general-block-transfer'];
const OTHER_TITLE = fromHex('4D4D4D0000ABCDEF');
const untouched = u32(0);

type Wrap = readonly [kind: CipherKind, protection: Protection] | 'clear';
/** Envelopes that a policy of nothing lets in, each by itself. */
const SERVICE: readonly Wrap[] = [
  'clear',
  ['glo', 'authentication'],
  ['glo', 'encryption'],
  ['glo', 'authenticated-encryption'],
  ['ded', 'authenticated-encryption'],
  ['general-glo', 'authenticated-encryption'],
];
const GENERAL = SERVICE.filter((wrap) => wrap === 'clear' || wrap[0].startsWith('general'));
GENERAL.push(['general-glo', 'authentication'], ['general-glo', 'encryption'], ['general-ded', 'authentication']);

const text = (wrap: Wrap) => (wrap === 'clear' ? 'in clear' : wrap.join(', '));
const pairs = (wraps: readonly Wrap[]) =>
  wraps.flatMap((first) =>
    wraps.filter((then) => then !== first).map((then) => [text(first), text(then), first, then] as const),
  );
const wrapped = (ciphering: Ciphering, apdu: Uint8Array, wrap: Wrap) =>
  wrap === 'clear' ? apdu : ciphering.seal(apdu, ...wrap);

function open(options: Partial<Setup> = {}) {
  const made = setup({
    context: 'ln-ciphered',
    mechanism: 2,
    policy: 'none',
    dedicated: true,
    conformance: GBT,
    client: { conformance: GBT },
    ...options,
  });
  pump(made.client.associate(), made.wire);
  const ciphering = rogueCiphering(CLIENT_TITLE);
  ciphering.learnPeerTitle(SERVER_TITLE);
  const say = (apdu: Uint8Array, wrap: Wrap, as = ciphering) =>
    made.server.handle(CLIENT, 1, wrapped(as, apdu, wrap), 0);
  /** What an answer says, whatever it is wrapped in. */
  const heard = (answer: Uint8Array | undefined): Apdu => {
    const outer = decodeApdu(answer as Uint8Array);
    return outer.type === 'ciphered' ? decodeApdu(ciphering.open(outer).apdu) : outer;
  };
  return { ...made, say, heard };
}

const order = encodeApdu({ type: 'set-request-normal', invokeId: 0xc1, attribute: echoAttribute, value: u8(9) });
const CUTS = [0, 6, 11, order.length] as const;

/** The order in three general blocks. */
function generalBlock(number: number): Uint8Array {
  return encodeApdu({
    type: 'general-block-transfer',
    last: number === 3,
    streaming: false,
    window: 1,
    blockNumber: number,
    blockNumberAck: number - 1,
    raw: order.subarray(CUTS[number - 1], CUTS[number]),
  });
}

describe('general block transfer', () => {
  it.each(GENERAL)('all blocks alike are obeyed: %s', (...wrap) => {
    const { say, stored } = open();
    const all = (wrap.length === 1 ? 'clear' : wrap) as Wrap;
    for (const number of [1, 2, 3]) say(generalBlock(number), all);
    expect(stored()).toEqual(u8(9));
  });

  it.each(pairs(GENERAL))('blocks %s and the last one %s are not', (_, __, first, then) => {
    const { say, stored, server, heard } = open();
    say(generalBlock(1), first);
    say(generalBlock(2), first);
    expect(heard(say(generalBlock(3), then)).type).toBe('exception-response');
    expect(stored()).toEqual(untouched);
    // It is over: what would have been the right one comes too late.
    expect(server.session(CLIENT, 1)?.transferring).toBe(false);
    expect(heard(say(generalBlock(3), first)).type).toBe('exception-response');
    expect(stored()).toEqual(untouched);
  });

  it('blocks in clear get nothing from a last one that is protected as the policy demands', () => {
    const { say, stored, heard } = open({ policy: 'authenticated-encryption' });
    say(generalBlock(1), 'clear');
    say(generalBlock(2), 'clear');
    expect(heard(say(generalBlock(3), ['general-glo', 'authenticated-encryption'])).type).toBe('exception-response');
    expect(stored()).toEqual(untouched);
  });

  it('an acknowledgement in clear does not fetch in clear what was asked for under protection', () => {
    const wrap = ['general-glo', 'authenticated-encryption'] as const;
    const { say, heard } = open({ policy: 'authenticated-encryption', clientMaxReceive: 60 });
    const parameter = { type: 'octet-string', value: new Uint8Array(200).fill(0x5a) } as const;
    const call = encodeApdu({ type: 'action-request-normal', invokeId: 0xc1, method: echoMethod, parameter });
    const block = (number: number, acknowledged: number, raw: Uint8Array, last = true) =>
      encodeApdu({
        type: 'general-block-transfer',
        last,
        streaming: false,
        window: 1,
        blockNumber: number,
        blockNumberAck: acknowledged,
        raw,
      });
    const first = heard(say(block(1, 0, call), wrap));
    expect(first).toMatchObject({ type: 'general-block-transfer', last: false });
    const answer = say(block(2, 1, new Uint8Array(0)), 'clear');
    expect(decodeApdu(answer as Uint8Array).type).toBe('exception-response');
  });
});

describe.each(['set', 'action'] as const)('%s in blocks of its own', (service) => {
  const data = encodeData(u8(9));
  const part = (number: number): Uint8Array => {
    const block = { last: number === 2, number, raw: number === 1 ? data.subarray(0, 1) : data.subarray(1) };
    if (service === 'set') {
      return encodeApdu(
        number === 1
          ? { type: 'set-request-with-first-datablock', invokeId: 0xc1, attribute: echoAttribute, block }
          : { type: 'set-request-with-datablock', invokeId: 0xc1, block },
      );
    }
    return encodeApdu(
      number === 1
        ? { type: 'action-request-with-first-pblock', invokeId: 0xc1, method: echoMethod, block }
        : { type: 'action-request-with-pblock', invokeId: 0xc1, block },
    );
  };
  const obeyed = (made: ReturnType<typeof open>, answer: Uint8Array | undefined) => {
    const apdu = made.heard(answer);
    return apdu.type === 'action-response-normal'
      ? apdu.response.result === 0
      : made.stored() !== untouched && apdu.type === 'set-response-last-datablock' && apdu.result === 0;
  };

  it.each(SERVICE)('all alike are obeyed: %s', (...wrap) => {
    const made = open();
    const all = (wrap.length === 1 ? 'clear' : wrap) as Wrap;
    made.say(part(1), all);
    expect(obeyed(made, made.say(part(2), all))).toBe(true);
  });

  it.each(pairs(SERVICE))('the first %s and the last %s are not', (_, __, first, then) => {
    const made = open();
    made.say(part(1), first);
    expect(made.server.session(CLIENT, 1)?.transferring).toBe(true);
    expect(obeyed(made, made.say(part(2), then))).toBe(false);
    expect(made.server.session(CLIENT, 1)?.transferring).toBe(false);
    expect(obeyed(made, made.say(part(2), first))).toBe(false);
    expect(made.stored()).toEqual(untouched);
  });

  it('a block from another system title ends it, in an association that is open for ever', () => {
    const wrap = ['general-glo', 'authenticated-encryption'] as const;
    const made = open({
      mechanism: 0,
      server: { preEstablished: true },
      client: { preEstablished: { conformance: GBT, serverMaxReceivePduSize: 0 } },
    });
    const other = rogueCiphering(OTHER_TITLE, 5000);
    made.say(part(1), wrap);
    expect(obeyed(made, made.say(part(2), wrap, other))).toBe(false);
    expect(made.stored()).toEqual(untouched);
  });

  it('a block from another system title ends it, where one is known', () => {
    const wrap = ['general-glo', 'authenticated-encryption'] as const;
    const made = open();
    made.say(part(1), wrap);
    made.say(part(2), wrap, rogueCiphering(OTHER_TITLE, 5000));
    expect(made.server.session(CLIENT, 1)?.transferring).toBe(false);
    expect(obeyed(made, made.say(part(2), wrap))).toBe(false);
    expect(made.stored()).toEqual(untouched);
  });

  it('a block that came before is passed over, and ends nothing', () => {
    const made = open();
    const wrap = ['glo', 'authenticated-encryption'] as const;
    const ciphering = rogueCiphering(CLIENT_TITLE, 3000);
    const first = ciphering.seal(part(1), ...wrap);
    made.server.handle(CLIENT, 1, first, 0);
    made.server.handle(CLIENT, 1, first, 0);
    expect(obeyed(made, made.say(part(2), wrap, ciphering))).toBe(true);
  });
});

it('what was asked for under protection is not fetched in clear, block by block', () => {
  const made = open({ clientMaxReceive: 60, conformance: ALL_CONFORMANCE });
  const value = { type: 'octet-string', value: new Uint8Array(200).fill(0x5a) } as const;
  pump(made.client.set([{ attribute: echoAttribute, value }]), made.wire);
  const get = encodeApdu({ type: 'get-request-normal', invokeId: 0xc1, attribute: echoAttribute });
  const first = made.heard(made.say(get, ['glo', 'authenticated-encryption']));
  expect(first).toMatchObject({ type: 'get-response-with-datablock', block: { last: false, number: 1 } });
  const next = encodeApdu({ type: 'get-request-next', invokeId: 0xc1, blockNumber: 1 });
  expect(made.heard(made.say(next, 'clear'))).toMatchObject({ block: { last: true, error: 16 } });
});
