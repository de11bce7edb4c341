/** Attacks on a server with short names: what is unproven reads nothing it may not, policies hold for Read and Write, blocks go in one envelope. */

import { describe, expect, it } from 'vitest';
import { contextOid, mechanismOid } from '../../src/apdu/acse-names.js';
import type { Aare, Apdu } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { writeAssignments } from '../../src/apdu/short-names.js';
import { Writer } from '../../src/base/cursor.js';
import { octets, u8, u32 } from '../../src/codec/make.js';
import type { Protection } from '../../src/contracts/protection.js';
import { hlsAnswer } from '../../src/security/hls.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { object } from '../../src/server/object.js';
import type { CipherKind } from '../../src/session/cipher-kind.js';
import {
  ALL_CONFORMANCE,
  CLIENT,
  CLIENT_TITLE,
  DEDICATED,
  Echo,
  SERVER_TITLE,
  type Setup,
  secretOf,
  setup,
} from '../session/harness.js';
import { altered, rogueCiphering } from './rogue-ciphering.js';

const SHORT_CONFORMANCE = 0x1c1b20 | ALL_CONFORMANCE;
/** Base name of the writable object of the harness, behind the numbered association. */
const ECHO = 0x0160;
const REPLY = 0xfa58;
const POLICIES = ['none', 'authentication', 'encryption', 'authenticated-encryption'] as const;
const KINDS = ['glo', 'ded', 'general-glo', 'general-ded'] as const;
const untouched = u32(0);

const read = (name: number) => encodeApdu({ type: 'read-request', variables: [{ type: 'variable-name', name }] });
const order = (value: number) =>
  encodeApdu({ type: 'write-request', variables: [{ type: 'variable-name', name: ECHO + 8 }], values: [u8(value)] });
const unconfirmed = (value: number) => {
  const apdu = order(value).slice();
  apdu[0] = 0x16;
  return apdu;
};

const initiate = (dedicated: boolean) =>
  encodeApdu({
    type: 'initiate-request',
    ...(dedicated ? { dedicatedKey: DEDICATED } : {}),
    responseAllowed: true,
    proposedDlmsVersionNumber: 6,
    proposedConformance: SHORT_CONFORMANCE,
    clientMaxReceivePduSize: 0xffff,
  });

/** An association in context 4 that somebody with the keys has opened by hand. */
function ciphered(
  policy: Protection,
  options: Partial<Setup> = {},
  proof: Partial<Extract<Apdu, { type: 'aarq' }>> = {},
) {
  const made = setup({
    context: 'ln-ciphered',
    mechanism: 0,
    policy,
    ...options,
    server: { context: 'sn-ciphered', conformance: SHORT_CONFORMANCE, ...options.server },
  });
  const rightful = rogueCiphering(CLIENT_TITLE);
  rightful.learnPeerTitle(SERVER_TITLE);
  const handle = (apdu: Uint8Array) => made.server.handle(CLIENT, 1, apdu, 0);
  const aare = decodeApdu(
    handle(
      encodeApdu({
        type: 'aarq',
        applicationContextName: contextOid(4),
        callingApTitle: CLIENT_TITLE,
        ...proof,
        userInformation: rightful.seal(initiate(true), 'glo', 'authenticated-encryption'),
      }),
    ) as Uint8Array,
  ) as Aare;
  const heard = (answer: Uint8Array | undefined): Apdu => {
    const outer = decodeApdu(answer as Uint8Array);
    return outer.type === 'ciphered' ? decodeApdu(rightful.open(outer).apdu) : outer;
  };
  return { ...made, rightful, handle, aare, heard };
}

const usual = (policy: Protection): Protection => (policy === 'none' ? 'authenticated-encryption' : policy);
const ROWS = POLICIES.flatMap((policy) => KINDS.map((kind) => ({ policy, kind })));

describe('policies and envelopes', () => {
  it.each(ROWS)('policy $policy, $kind: what keeps to the rules is obeyed and answered alike', ({ policy, kind }) => {
    const { rightful, handle, heard, stored } = ciphered(policy);
    const answer = handle(rightful.seal(order(7), kind, usual(policy))) as Uint8Array;
    expect(stored()).toEqual(u8(7));
    const outer = decodeApdu(answer);
    expect(outer.type).toBe('ciphered');
    expect(heard(answer)).toEqual({ type: 'write-response', results: [{ result: 0 }] });
    expect(heard(handle(rightful.seal(read(ECHO + 8), kind, usual(policy))))).toEqual({
      type: 'read-response',
      results: [{ data: u8(7) }],
    });
    expect(handle(rightful.seal(unconfirmed(8), kind, usual(policy)))).toBeUndefined();
    expect(stored()).toEqual(u8(8));
  });

  it.each(ROWS.filter(({ policy }) => policy !== 'none'))(
    'policy $policy, $kind: nothing is read or written in clear, or with less',
    ({ policy, kind }) => {
      const { rightful, handle, stored } = ciphered(policy);
      const weaker = (['authentication', 'encryption'] as const).filter((given) => given !== policy);
      for (const apdu of [read(ECHO + 8), order(9), unconfirmed(9)]) {
        expect(handle(apdu)?.[0]).toBe(0xd8);
        for (const given of weaker) expect(handle(rightful.seal(apdu, kind, given))?.[0]).toBe(0xd8);
      }
      expect(stored()).toEqual(untouched);
    },
  );

  it.each(ROWS)('policy $policy, $kind: a Write that was heard is not obeyed again', ({ policy, kind }) => {
    const { rightful, handle, stored } = ciphered(policy);
    const heard = rightful.seal(order(1), kind, usual(policy));
    handle(heard);
    handle(rightful.seal(order(2), kind, usual(policy)));
    expect(handle(heard)?.[0]).toBe(0xd8);
    const silent = rightful.seal(unconfirmed(3), kind, usual(policy));
    handle(silent);
    handle(rightful.seal(order(4), kind, usual(policy)));
    handle(silent);
    expect(stored()).toEqual(u8(4));
  });

  it.each(['glo', 'ded'] as const)('%s: the envelope of another service is not believed', (kind) => {
    const { rightful, handle, stored } = ciphered('authenticated-encryption');
    const sealed = rightful.seal(order(9), kind, 'authenticated-encryption');
    // A Write in the envelope of a Read, of an UnconfirmedWrite, and of an InitiateRequest.
    for (const change of [0x03, 0x10, 0x07]) expect(handle(altered(sealed, 0, (tag) => tag ^ change))?.[0]).toBe(0xd8);
    expect(stored()).toEqual(untouched);
    expect(handle(altered(sealed, -1, (octet) => octet ^ 1))?.[0]).toBe(0xd8);
    expect(stored()).toEqual(untouched);
  });

  it('a policy that is raised while the association is open holds at once', () => {
    const { definition, rightful, handle, stored } = ciphered('none');
    expect(handle(order(1))?.[0]).toBe(0x0d);
    definition.policy = 'authenticated-encryption';
    expect(handle(order(2))?.[0]).toBe(0xd8);
    expect(handle(rightful.seal(order(3), 'glo', 'authentication'))?.[0]).toBe(0xd8);
    expect(stored()).toEqual(u8(1));
  });
});

describe('blocks go in one envelope', () => {
  const lists = new Writer(64);
  writeAssignments(lists, [{ type: 'variable-name', name: ECHO + 8 }], [u8(9)]);
  const raw = lists.finish();
  const part = (number: 1 | 2) =>
    encodeApdu({
      type: 'write-request',
      variables: [{ type: 'write-data-block-access', last: number === 2, blockNumber: number }],
      values: [octets(number === 1 ? raw.subarray(0, 3) : raw.subarray(3))],
    });
  type Wrap = readonly [CipherKind, Protection] | undefined;
  const WRAPS: readonly Wrap[] = [
    undefined,
    ['glo', 'authentication'],
    ['glo', 'authenticated-encryption'],
    ['ded', 'authenticated-encryption'],
    ['general-glo', 'authenticated-encryption'],
  ];
  const pairs = WRAPS.flatMap((first) => WRAPS.map((then) => [String(first), String(then), first, then] as const));

  it.each(pairs)('first %s, last %s', (one, other, first, then) => {
    const { rightful, handle, stored, server } = ciphered('none');
    const say = (apdu: Uint8Array, wrap: Wrap) => handle(wrap === undefined ? apdu : rightful.seal(apdu, ...wrap));
    say(part(1), first);
    expect(server.session(CLIENT, 1)?.transferring).toBe(true);
    say(part(2), then);
    expect(server.session(CLIENT, 1)?.transferring).toBe(false);
    expect(stored()).toEqual(one === other ? u8(9) : untouched);
  });

  it('what was asked for under protection is not fetched in clear, block by block', () => {
    const { rightful, handle, heard } = ciphered('none', { serverMaxSend: 80 });
    const value = octets(new Uint8Array(200).fill(0x5a));
    const write = encodeApdu({
      type: 'write-request',
      variables: [{ type: 'variable-name', name: ECHO + 8 }],
      values: [value],
    });
    handle(rightful.seal(write, 'glo', 'authenticated-encryption'));
    const first = heard(handle(rightful.seal(read(ECHO + 8), 'glo', 'authenticated-encryption')));
    expect(first).toMatchObject({ type: 'read-response', results: [{ block: { last: false, number: 1 } }] });
    const next = encodeApdu({ type: 'read-request', variables: [{ type: 'block-number-access', blockNumber: 1 }] });
    expect(heard(handle(next))).toEqual({ type: 'read-response', results: [{ error: 16 }] });
  });
});

describe('who has not proved itself', () => {
  const challenge = new Uint8Array(16).fill(0x31);
  const hls = (options: Partial<Setup> = {}) =>
    ciphered(
      'none',
      { mechanism: 2, ...options },
      {
        senderAcseRequirements: true,
        mechanismName: mechanismOid(2),
        callingAuthenticationValue: { type: 'charstring', value: challenge },
      },
    );
  const reply = (answer: Uint8Array, name = REPLY) =>
    encodeApdu({
      type: 'read-request',
      variables: [{ type: 'parameterized-access', name, selector: 0, parameter: octets(answer) }],
    });
  const proof = ({ aare }: ReturnType<typeof hls>) =>
    hlsAnswer(nobleCrypto, 2, {
      challenge: aare.respondingAuthenticationValue?.value as Uint8Array,
      otherChallenge: challenge,
      secret: secretOf(2) as Uint8Array,
    } as Parameters<typeof hlsAnswer>[2]);

  it('reads and writes nothing before pass 3, and all after it', () => {
    const made = hls();
    const { rightful, handle, heard, stored, state } = made;
    expect(state()).toBe('pending');
    for (const apdu of [read(ECHO + 8), read(0xfa08), order(9), unconfirmed(9)]) {
      handle(rightful.seal(apdu, 'glo', 'authenticated-encryption'));
      expect(stored()).toEqual(untouched);
    }
    expect(handle(rightful.seal(read(0xfa08), 'glo', 'authenticated-encryption'))?.[0]).toBe(0xd8);
    const answer = heard(handle(rightful.seal(reply(proof(made)), 'glo', 'authenticated-encryption')));
    const expected = hlsAnswer(nobleCrypto, 2, {
      challenge,
      otherChallenge: made.aare.respondingAuthenticationValue?.value as Uint8Array,
      secret: secretOf(2) as Uint8Array,
    } as Parameters<typeof hlsAnswer>[2]);
    expect(answer).toEqual({ type: 'read-response', results: [{ data: octets(expected) }] });
    expect(state()).toBe('associated');
    handle(rightful.seal(order(7), 'glo', 'authenticated-encryption'));
    expect(stored()).toEqual(u8(7));
  });

  it('a wrong proof gets an error, and the association is over', () => {
    const made = hls();
    const wrong = altered(proof(made), 0, (octet) => octet ^ 1);
    expect(made.heard(made.handle(made.rightful.seal(reply(wrong), 'glo', 'authenticated-encryption')))).toEqual({
      type: 'read-response',
      results: [{ error: 13 }],
    });
    expect(made.state()).toBe('idle');
  });

  it('a proof in clear, or with less than the handshake asks for, is none', () => {
    const made = hls();
    made.handle(reply(proof(made)));
    made.handle(made.rightful.seal(reply(proof(made)), 'glo', 'authentication'));
    expect(made.state()).toBe('pending');
    // Nor is one for another method.
    made.handle(made.rightful.seal(reply(proof(made), REPLY - 8), 'glo', 'authenticated-encryption'));
    expect(made.state()).toBe('pending');
  });

  it('a client of logical names has no pass 3 by a Read, and the other way round', () => {
    const made = hls({ server: { bothNamings: true } });
    const action = encodeApdu({
      type: 'action-request-normal',
      invokeId: 0xc1,
      method: { classId: 15, instanceId: Uint8Array.of(0, 0, 40, 0, 0, 255), methodId: 1 },
      parameter: octets(proof(made)),
    });
    made.handle(made.rightful.seal(action, 'glo', 'authenticated-encryption'));
    expect(made.state()).toBe('pending');
  });
});

describe('rights', () => {
  const rights = { [CLIENT]: { attributes: { 1: 'read-only', 2: 'authenticated-read-and-write' } } } as const;

  it('are those of the object, whichever name it goes by', () => {
    const { rightful, handle, heard, device } = ciphered('none');
    const name = '0.0.96.98.0.255';
    device.add(object(Echo, name, { value: { get: () => u32(5), set: () => {} } }, rights));
    const instanceId = Uint8Array.of(0, 0, 96, 98, 0, 255);
    const short = device.shortNameOf({ classId: Echo.id, instanceId, attributeId: 2 }, CLIENT) as number;
    expect(heard(handle(read(short)))).toEqual({ type: 'read-response', results: [{ error: 13 }] });
    const byName = encodeApdu({
      type: 'read-request',
      variables: [
        {
          type: 'parameterized-access',
          name: 0xfa30,
          selector: 0,
          parameter: {
            type: 'array',
            value: [
              {
                type: 'structure',
                value: [{ type: 'long-unsigned', value: Echo.id }, octets(instanceId), { type: 'integer', value: 2 }],
              },
            ],
          },
        },
      ],
    });
    expect(heard(handle(byName))).toEqual({ type: 'read-response', results: [{ error: 13 }] });
    const sealed = (apdu: Uint8Array, protection: Protection) => heard(handle(rightful.seal(apdu, 'glo', protection)));
    expect(sealed(read(short), 'encryption')).toEqual({ type: 'read-response', results: [{ error: 13 }] });
    expect(sealed(read(short), 'authentication')).toEqual({ type: 'read-response', results: [{ data: u32(5) }] });
    expect(sealed(byName, 'authentication')).toEqual({ type: 'read-response', results: [{ data: u32(5) }] });
  });

  it('an object that another client alone sees has no name for this one', () => {
    const { rightful, handle, heard, device } = ciphered('none');
    const name = '0.0.96.98.0.255';
    const members = { value: { get: () => u32(5), set: () => {} } };
    device.add(object(Echo, name, members, { 99: { attributes: { 2: 'read-and-write' } } }));
    const attribute = { classId: Echo.id, instanceId: Uint8Array.of(0, 0, 96, 98, 0, 255), attributeId: 2 };
    const short = device.shortNameOf(attribute, 99) as number;
    expect(device.named(short, { client: 99 })).toMatchObject({ attributeId: 2 });
    expect(device.shortNameOf(attribute, CLIENT)).toBeUndefined();
    expect(heard(handle(rightful.seal(read(short), 'glo', 'authenticated-encryption')))).toEqual({
      type: 'read-response',
      results: [{ error: 4 }],
    });
  });
});
