/**
 * The table of attacks: replay × policy × envelope × title, against a server and against a client. The attacker hears all, changes all, and in
 * the worst rows has the keys. A row holds when the order is not obeyed, or the answer not believed.
 */

import { describe, expect, it } from 'vitest';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { fromHex } from '../../src/base/bytes.js';
import { CosemError } from '../../src/base/errors.js';
import { u8, u32 } from '../../src/codec/make.js';
import type { Protection } from '../../src/contracts/protection.js';
import { protectionBits } from '../../src/security/ciphering.js';
import type { CipherKind } from '../../src/session/cipher-kind.js';
import {
  ALL_CONFORMANCE,
  attribute,
  CLIENT,
  CLIENT_TITLE,
  echoAttribute,
  pump,
  SERVER_TITLE,
  type Setup,
  setup,
} from '../session/harness.js';
import { altered, rogueCiphering } from './rogue-ciphering.js';

const OTHER_TITLE = fromHex('4D4D4D0000ABCDEF');
const POLICIES = ['none', 'authentication', 'encryption', 'authenticated-encryption'] as const;
const KINDS = ['glo', 'ded', 'general-glo', 'general-ded'] as const;
const PROTECTIONS = ['authentication', 'encryption', 'authenticated-encryption'] as const;
const register = attribute(3, '1.0.1.8.0.255', 2);
const STRIPPED = 'with its authentication taken away on the way';
const NOTHING = new Uint8Array(0);

/** What a row needs: who seals, how, and what was there before. */
interface Stage {
  readonly kind: CipherKind;
  readonly policy: Protection;
  /** Seals as the rightful side would, with counters that were never used. */
  seal(apdu: Uint8Array, protection?: Protection, kind?: CipherKind): Uint8Array;
  /** The same under another system title. */
  sealAs(title: Uint8Array, apdu: Uint8Array): Uint8Array;
}

interface Attack {
  readonly name: string;
  /** Whether it can be tried there. */
  readonly against: (policy: Protection, kind: CipherKind) => boolean;
  /** What is sent in place of the message. */
  readonly make: (stage: Stage, apdu: Uint8Array) => Uint8Array;
}

const isGeneral = (kind: CipherKind) => kind.startsWith('general');
const authenticated = (protection: Protection) => protection.startsWith('authentic');
/** What the rightful side uses where the policy leaves it open. */
const usual = (policy: Protection): Protection => (policy === 'none' ? 'authenticated-encryption' : policy);
const weaker = (given: Protection, policy: Protection) =>
  (protectionBits[given] & protectionBits[policy]) !== protectionBits[policy];
/** Where a message states it: control after tag, length and, in general envelopes, title; all lengths here are short. */
const controlAt = (kind: CipherKind) => (isGeneral(kind) ? 11 : 2);

const ATTACKS: readonly Attack[] = [
  { name: 'in clear', against: (policy) => policy !== 'none', make: (_, apdu) => apdu },
  ...PROTECTIONS.map(
    (given): Attack => ({
      name: `with ${given} alone, by who has the keys`,
      against: (policy) => weaker(given, policy),
      make: ({ seal }, apdu) => seal(apdu, given),
    }),
  ),
  {
    name: 'from another system title, by who has the keys',
    against: (_, kind) => isGeneral(kind),
    make: ({ sealAs }, apdu) => sealAs(OTHER_TITLE, apdu),
  },
  {
    name: 'made under another system title, none stated',
    against: (policy, kind) => !isGeneral(kind) && authenticated(usual(policy)),
    make: ({ sealAs }, apdu) => sealAs(OTHER_TITLE, apdu),
  },
  {
    name: 'with a system title changed on the way',
    against: (_, kind) => isGeneral(kind),
    make: ({ seal }, apdu) => altered(seal(apdu), 9, (octet) => octet ^ 1),
  },
  {
    name: 'with a tag on the envelope other than what is inside',
    against: (_, kind) => !isGeneral(kind),
    // GET for SET, and the other way round: the tag is not authenticated.
    make: ({ seal }, apdu) => altered(seal(apdu), 0, (octet) => octet ^ 1),
  },
  {
    name: 'with a bit of the authentication tag changed',
    against: (policy) => authenticated(usual(policy)),
    make: ({ seal }, apdu) => altered(seal(apdu), -1, (octet) => octet ^ 1),
  },
  {
    name: 'with a bit of the content changed',
    against: (policy) => authenticated(usual(policy)),
    make: ({ seal }, apdu) => altered(seal(apdu), -14, (octet) => octet ^ 1),
  },
  {
    name: STRIPPED,
    against: (policy) => usual(policy) === 'authenticated-encryption',
    make: ({ seal, kind }, apdu) => altered(seal(apdu), controlAt(kind), (octet) => octet & ~0x10),
  },
  {
    name: 'with another suite stated',
    against: () => true,
    make: ({ seal, kind }, apdu) => altered(seal(apdu), controlAt(kind), (octet) => octet | 1),
  },
  {
    name: 'with the broadcast key stated',
    against: (_, kind) => kind === 'glo' || kind === 'general-glo',
    make: ({ seal, kind }, apdu) => altered(seal(apdu), controlAt(kind), (octet) => octet | 0x40),
  },
];

/** Rows for each policy and envelope. */
const ROWS = POLICIES.flatMap((policy) =>
  KINDS.flatMap((kind) =>
    ATTACKS.filter((attack) => attack.against(policy, kind)).map((attack) => ({ policy, kind, ...attack })),
  ),
);

function association(policy: Protection, kind: CipherKind, more: Partial<Setup> = {}) {
  return setup({
    context: 'ln-ciphered',
    mechanism: 2,
    policy,
    dedicated: kind.endsWith('ded'),
    general: isGeneral(kind),
    ...more,
  });
}

function stageOf(title: Uint8Array, policy: Protection, kind: CipherKind): Stage {
  const rightful = rogueCiphering(title);
  const protection = usual(policy);
  return {
    kind,
    policy,
    seal: (apdu, given = protection, as = kind) => rightful.seal(apdu, as, given),
    sealAs: (other, apdu) => rogueCiphering(other, 2000).seal(apdu, kind, protection),
  };
}

const order = (value: number) =>
  encodeApdu({ type: 'set-request-normal', invokeId: 0xc1, attribute: echoAttribute, value: u8(value) });
const untouched = u32(0);

describe('against a server', () => {
  it.each(ROWS)('policy $policy, $kind: an order $name is not obeyed', ({ policy, kind, name, make }) => {
    const { client, server, wire, stored } = association(policy, kind);
    pump(client.associate(), wire);
    const stage = stageOf(CLIENT_TITLE, policy, kind);
    const answer = server.handle(CLIENT, 1, make(stage, order(9)), 0);
    expect(stored()).toEqual(untouched);
    // Refused by an exception; where the policy asks for nothing, what is left of a stripped one is an order that ends in too many octets.
    if (name !== STRIPPED || policy !== 'none') expect(answer?.[0]).toBe(0xd8);
    // It was for the reason of the row: the same sender is obeyed when it keeps to the rules.
    server.handle(CLIENT, 1, stage.seal(order(7)), 0);
    expect(stored()).toEqual(u8(7));
  });

  it.each(POLICIES.flatMap((policy) => KINDS.map((kind) => ({ policy, kind }))))(
    'policy $policy, $kind: an order that was heard is not obeyed again',
    ({ policy, kind }) => {
      const { client, server, wire, stored, exchanged } = association(policy, kind);
      const set = (value: number) => pump(client.set([{ attribute: echoAttribute, value: u8(value) }]), wire);
      pump(client.associate(), wire);
      set(1);
      const heard = exchanged.at(-1)?.request as Uint8Array;
      expect(stored()).toEqual(u8(1));
      // At once, while it is the last one.
      const between = stored();
      server.handle(CLIENT, 1, heard, 0);
      set(2);
      expect(server.handle(CLIENT, 1, heard, 0)?.[0]).toBe(0xd8);
      expect([between, stored()]).toEqual([u8(1), u8(2)]);
      // In the next association, under the same global keys.
      if (kind.endsWith('ded')) return;
      pump(client.release(), wire);
      pump(client.associate(), wire);
      set(3);
      expect(server.handle(CLIENT, 1, heard, 0)?.[0]).toBe(0xd8);
      expect(stored()).toEqual(u8(3));
    },
  );

  it.each(POLICIES)('policy %s: a replay is refused at once, before anything newer came', (policy) => {
    const { client, server, wire, stored, exchanged, device } = association(policy, 'glo');
    pump(client.associate(), wire);
    pump(client.action([{ method: { classId: 9000, instanceId: echoAttribute.instanceId, methodId: 2 } }]), wire);
    const heard = exchanged.at(-1)?.request as Uint8Array;
    expect(decodeApdu(server.handle(CLIENT, 1, heard, 0) as Uint8Array).type).toBe('exception-response');
    expect(stored()).toEqual(untouched);
    expect(device.status(CLIENT)).toBe(2);
  });
});

describe('against a client', () => {
  const reading = (value: number) =>
    encodeApdu({ type: 'get-response-normal', invokeId: 0xc1, result: { data: u32(value) } });

  it.each(ROWS)('policy $policy, $kind: an answer $name is not believed', ({ policy, kind, make }) => {
    const ask = (answer: (stage: Stage) => Uint8Array) => {
      const { client, wire } = association(policy, kind, { client: { fixedInvokeId: 1 } });
      pump(client.associate(), wire);
      return pump(client.get([register]), () => answer(stageOf(SERVER_TITLE, policy, kind)));
    };
    expect(() => ask((stage) => make(stage, reading(666)))).toThrow(CosemError);
    // The same sender is believed when it keeps to the rules.
    expect(ask((stage) => stage.seal(reading(5)))).toEqual([{ data: u32(5) }]);
  });

  it.each(POLICIES.flatMap((policy) => KINDS.map((kind) => ({ policy, kind }))))(
    'policy $policy, $kind: an answer that was heard is not believed again',
    ({ policy, kind }) => {
      const { client, wire, exchanged } = association(policy, kind, { client: { fixedInvokeId: 1 } });
      pump(client.associate(), wire);
      pump(client.get([register]), wire);
      const heard = exchanged.at(-1)?.answer as Uint8Array;
      expect(() => pump(client.get([register]), () => heard)).toThrow(CosemError);
    },
  );
});

describe('titles', () => {
  const associated = (clientTitle: Uint8Array, title: Uint8Array) => {
    const { client, wire, state } = association('authenticated-encryption', 'glo', {
      server: { clientTitle },
      client: { systemTitle: title },
    });
    try {
      pump(client.associate(), wire);
    } catch (error) {
      return [state(), (error as CosemError & { diagnostic?: string }).diagnostic];
    }
    return [state(), undefined];
  };

  it('a client with another title than the configured one is not let in, whatever keys it has', () => {
    expect(associated(CLIENT_TITLE, CLIENT_TITLE)).toEqual(['associated', undefined]);
    expect(associated(OTHER_TITLE, CLIENT_TITLE)).toEqual(['idle', 'calling-AP-title-not-recognized']);
  });

  it('nor in an association that is open for ever', () => {
    const { server, stored } = association('authenticated-encryption', 'general-glo', {
      mechanism: 0,
      server: { preEstablished: true, clientTitle: CLIENT_TITLE },
    });
    const rightful = stageOf(CLIENT_TITLE, 'authenticated-encryption', 'general-glo');
    expect(server.handle(CLIENT, 1, rightful.sealAs(OTHER_TITLE, order(9)), 0)?.[0]).toBe(0xd8);
    expect(stored()).toEqual(untouched);
    server.handle(CLIENT, 1, rightful.seal(order(7)), 0);
    expect(stored()).toEqual(u8(7));
  });
});

describe('a list', () => {
  const items = [1, 2, 3].map((value) => ({ attribute: echoAttribute, value: u8(value) }));

  it('of SET has a result for each attribute, and no fewer is believed', () => {
    const { client, wire, exchanged } = setup({ conformance: ALL_CONFORMANCE });
    pump(client.associate(), wire);
    expect(pump(client.set(items), wire)).toEqual([0, 0, 0]);
    const answer = decodeApdu(exchanged.at(-1)?.answer as Uint8Array);
    expect(answer).toMatchObject({ type: 'set-response-with-list', results: [0, 0, 0] });
    for (const results of [[], [0], [0, 0], [0, 0, 0, 0]]) {
      const procedure = client.set(items);
      const asked = procedure.next(NOTHING);
      const invokeId = asked.done === true ? 0 : (asked.value.apdu[2] as number);
      const fewer = encodeApdu({ type: 'set-response-with-list', invokeId, results });
      expect(() => procedure.next(fewer)).toThrow(CosemError);
    }
  });

  it('of SET with a refusal in its midst tells which it was', () => {
    const { client, wire } = setup();
    pump(client.associate(), wire);
    const [first, , last] = items as [(typeof items)[0], unknown, (typeof items)[0]];
    const results = pump(client.set([first, { attribute: register, value: u8(2) }, last]), wire);
    expect(results).toEqual([0, 3, 0]);
  });
});
