import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { APDU_TAGS } from '../../src/apdu/tags.js';
import { structureOf, u16 } from '../../src/classes.js';
import { fromHex, SecurityError, toHex } from '../../src/index.js';
import {
  type InspectKeys,
  Inspector,
  type InspectorOptions,
  inspect,
  renderLine,
  renderText,
  type SystemTitles,
} from '../../src/inspect.js';
import { nodeCrypto } from '../../src/node.js';
import { encodeApdu } from '../../src/protocol.js';
import { protect } from '../../src/security/ciphering.js';

const ENVELOPES = {
  glo: APDU_TAGS['glo-get-response'],
  ded: APDU_TAGS['ded-get-response'],
  'general-glo': APDU_TAGS['general-glo-ciphering'],
  'general-ded': APDU_TAGS['general-ded-ciphering'],
} as const;
type Envelope = keyof typeof ENVELOPES;
const CONTROLS = [0x10, 0x20, 0x30] as const;
type Control = (typeof CONTROLS)[number];

/** A message as its sender made it, and what its reader was given. */
interface Sent {
  readonly envelope: Envelope;
  readonly control: number;
  readonly ek: Uint8Array;
  readonly ak: Uint8Array;
  readonly client: Uint8Array;
  readonly server: Uint8Array;
  readonly counter: number;
  /** What is written into the head, where it is another than the message was made with. */
  readonly stated?: { readonly control?: number; readonly title?: Uint8Array; readonly counter?: number };
  /** Octets of the tag that are there. */
  readonly tag?: number;
}

const VALUE = 0xbeef;
const plain = encodeApdu({
  type: 'get-response-normal',
  invokeId: 0xc1,
  result: { data: structureOf([u16(VALUE), u16(2344), u16(10)]) },
});

function octetsOf({ envelope, control, ek, ak, server, counter, stated = {}, tag }: Sent): Uint8Array {
  const keys = { encryption: ek, authentication: ak };
  const content = protect(nodeCrypto, { keys, control, systemTitle: server, invocationCounter: counter }, plain);
  return encodeApdu({
    type: 'ciphered',
    tag: ENVELOPES[envelope],
    ...(envelope.startsWith('general') && { systemTitle: stated.title ?? server }),
    securityControl: stated.control ?? control,
    invocationCounter: stated.counter ?? counter,
    content: tag === undefined ? content : content.subarray(0, content.length - 12 + tag),
  });
}

function keysOf({ envelope }: Sent, ek: Uint8Array, ak: Uint8Array): InspectKeys {
  return { ...(envelope.includes('ded') ? { dedicated: ek } : { encryption: ek }), authentication: ak };
}

interface Planted {
  readonly sent?: Partial<Sent>;
  readonly ek?: Uint8Array;
  readonly ak?: Uint8Array;
  readonly titles?: SystemTitles;
  /** A message that came before. */
  readonly before?: Partial<Sent>;
}

const text = (octets: Uint8Array) => new TextEncoder().encode(toHex(octets));
const reversed = (octets: Uint8Array) => octets.slice().reverse();
const other = (octets: Uint8Array) => octets.map((octet, i) => octet ^ (i === 0 ? 0x5a : 0xa5));
const GENERAL = ['general-glo', 'general-ded'] as const;
const SERVICE = ['glo', 'ded'] as const;
const ALL = [...SERVICE, ...GENERAL];

/** Each fault, what it is called under authentication only, encryption only, both; `opens` where it does not matter. */
const FAULTS: readonly [
  name: string,
  plant: (sent: Sent) => Planted,
  expected: readonly [authentication: string, encryption: string, both: string],
  envelopes?: readonly Envelope[],
][] = [
  ['another encryption key', ({ ek }) => ({ ek: other(ek) }), ['either-key', 'decrypt-garbage', 'bad-tag']],
  ['another authentication key', ({ ak }) => ({ ak: other(ak) }), ['either-key', 'opens', 'wrong-ak']],
  ['keys exchanged', ({ ek, ak }) => ({ ek: ak, ak: ek }), ['swapped-keys', 'swapped-keys', 'swapped-keys']],
  ['one key for both, EK right', ({ ek, ak }) => ({ sent: { ak: ek }, ak }), ['same-key', 'opens', 'same-key']],
  ['EK as text', ({ ek }) => ({ ek: text(ek) }), ['key-as-text', 'key-as-text', 'key-as-text']],
  ['AK as text', ({ ak }) => ({ ak: text(ak) }), ['key-as-text', 'opens', 'key-as-text']],
  ['both as text', ({ ek, ak }) => ({ ek: text(ek), ak: text(ak) }), ['key-as-text', 'key-as-text', 'key-as-text']],
  ['half of EK as text', ({ ek }) => ({ ek: text(ek).subarray(0, 16) }), ['half-key', 'half-key', 'half-key']],
  ['EK reversed', ({ ek }) => ({ ek: reversed(ek) }), ['reversed-key', 'reversed-key', 'reversed-key']],
  ['EK of suite 2', ({ ek, ak }) => ({ ek: Uint8Array.of(...ak, ...ek) }), ['key-length', 'key-length', 'key-length']],
  [
    'title reversed',
    ({ client, server }) => ({ titles: { client, server: reversed(server) } }),
    ['reversed-title', 'reversed-title', 'reversed-title'],
    SERVICE,
  ],
  [
    'title as text',
    ({ client, server }) => ({ titles: { client, server: text(server) } }),
    ['title-as-text', 'title-as-text', 'title-as-text'],
    SERVICE,
  ],
  [
    'titles exchanged',
    ({ client, server }) => ({ titles: { client: server, server: client } }),
    ['own-title', 'own-title', 'own-title'],
    SERVICE,
  ],
  [
    'another title in the message than was given',
    ({ server }) => ({ sent: { stated: { title: other(server) } } }),
    ['wrong-title', 'wrong-title', 'wrong-title'],
    GENERAL,
  ],
  [
    'title in the message as text',
    ({ server }) => ({ sent: { stated: { title: text(server) } }, titles: {} }),
    ['title-as-text', 'title-as-text', 'title-as-text'],
    GENERAL,
  ],
  [
    'counter of another message',
    ({ counter }) => ({ before: { counter: counter - 7 }, sent: { counter: counter - 7, stated: { counter } } }),
    ['other-counter', 'other-counter', 'other-counter'],
  ],
  [
    'compression bit',
    ({ control }) => ({ sent: { stated: { control: control | 0x80 } } }),
    ['changed-control', 'changed-control', 'changed-control'],
  ],
  [
    'broadcast bit, no broadcast key',
    ({ control }) => ({ sent: { stated: { control: control | 0x40 } } }),
    ['changed-control', 'no value', 'changed-control'],
    ['glo', 'general-glo'],
  ],
  [
    'broadcast key in place of the unicast one',
    ({ control }) => ({ sent: { control: control | 0x40 } }),
    ['other-key-set', 'no value', 'other-key-set'],
    ['glo', 'general-glo'],
  ],
  ['tag of 8 octets', () => ({ sent: { tag: 8 } }), ['tag-length', 'opens', 'tag-length']],
];

const key = fc.uint8Array({ minLength: 16, maxLength: 16 });
const title = fc.uint8Array({ minLength: 8, maxLength: 8 });
const parties = fc.record({
  ek: key,
  ak: key,
  client: title,
  server: title,
  counter: fc.integer({ min: 100, max: 2 ** 31 }),
});

function look(sent: Sent, { ek = sent.ek, ak = sent.ak, titles, before, sent: change }: Planted) {
  const options: InspectorOptions = {
    crypto: nodeCrypto,
    keys: keysOf(sent, ek, ak),
    titles: titles ?? { client: sent.client, server: sent.server },
    framing: 'bare',
  };
  const inspector = new Inspector(options);
  if (before !== undefined) inspector.feed(octetsOf({ ...sent, ...before }), 'server');
  const tag = (change?.control ?? sent.control) & 0x10 ? change?.tag : undefined;
  const shown = inspector.feed(
    octetsOf({ ...sent, ...change, ...(tag === undefined ? { tag: 12 } : { tag }) }),
    'server',
  );
  return { shown, message: shown[0]?.messages[0] };
}

describe('which key is wrong', () => {
  const cells = FAULTS.flatMap(([name, plant, expected, envelopes = ALL]) =>
    envelopes.flatMap((envelope) =>
      CONTROLS.map((control, i) => [name, envelope, control, expected[i] as string, plant] as const),
    ),
  );

  it.each(cells)('%s, %s, %i: %s', (_, envelope, control: Control, expected, plant) => {
    fc.assert(
      fc.property(parties, (random) => {
        const sent: Sent = { envelope, control, ...random };
        const { shown, message } = look(sent, plant(sent));
        if (expected === 'opens') {
          expect(message?.apdu).toBeDefined();
          expect(message?.authenticated).toBe(control !== 0x20);
          return;
        }
        // Never a value, neither for programs nor in what is shown.
        expect(message?.apdu).toBeUndefined();
        expect(message?.plaintext).toBeUndefined();
        // The content of a message that is authenticated only stands there in clear, as octets.
        const said = shown.map(({ node }) => `${renderText(node)}${JSON.stringify(node)}`).join('');
        expect(said).not.toContain('48879');
        if (expected === 'no value') {
          expect(message?.error).toBeUndefined();
          return;
        }
        expect(message?.error).toBeInstanceOf(SecurityError);
        expect(message?.error).toMatchObject({ reason: expected });
        // No key in what is said.
        const all = `${said} ${message?.error?.message} ${message?.error?.hint} ${JSON.stringify(message?.error)}`;
        for (const secret of [random.ek, random.ak]) expect(all).not.toContain(toHex(secret));
      }),
      { numRuns: 5, seed: 42 },
    );
  });

  // Under this wrong key the content begins E0 and has a length that fits: a general block, if no number in it is looked at.
  it.each(GENERAL)('%s: no block is seen in what a wrong key gives', (envelope) => {
    const sent: Sent = {
      envelope,
      control: 0x20,
      ek: Uint8Array.of(144, 193, 1, 44, 81, 201, 14, 248, 1, 235, 112, 107, 68, 191, 61, 196),
      ak: Uint8Array.of(1, 4, 229, 224, 6, 167, 64, 63, 234, 252, 72, 3, 179, 197, 186, 6),
      client: new Uint8Array(8),
      server: Uint8Array.of(202, 166, 14, 0, 253, 2, 3, 251),
      counter: 642106549,
    };
    const { message } = look(sent, { ek: other(sent.ek) });
    expect(message?.apdu).toBeUndefined();
    expect(message?.error).toMatchObject({ reason: 'decrypt-garbage' });
  });

  it('nothing planted: opened and proved, whatever the envelope', () => {
    fc.assert(
      fc.property(parties, fc.constantFrom(...ALL), fc.constantFrom(0x10, 0x30), (random, envelope, control) => {
        const { message } = look({ envelope, control, ...random }, {});
        expect(message).toMatchObject({ authenticated: true, apdu: { type: 'get-response-normal' } });
      }),
    );
  });
});

describe('one key only', () => {
  const sent = (random: Omit<Sent, 'envelope' | 'control'>, envelope: Envelope = 'general-glo'): Sent => ({
    envelope,
    control: 0x30,
    ...random,
  });

  it('opens what the encryption key opens, and marks it', () => {
    fc.assert(
      fc.property(parties, fc.constantFrom('glo', 'general-glo'), (random, envelope) => {
        const message = sent(random, envelope);
        const { server, ek } = message;
        const options = { crypto: nodeCrypto, keys: { encryption: ek }, titles: { server }, framing: 'bare' } as const;
        const { node, messages } = inspect(octetsOf(message), options);
        expect(messages[0]).toMatchObject({ authenticated: false, apdu: { type: 'get-response-normal' } });
        expect(renderText(node)).toMatch(/not verified[\s\S]*48879/);
        expect(renderLine(node)).toContain('(not verified)');
        expect(JSON.stringify(node)).toContain('"authenticated":false');
      }),
    );
  });

  it('gives nothing of what is authenticated only: anybody can write it, its tag under no key', () => {
    fc.assert(
      fc.property(parties, fc.constantFrom('glo', 'general-glo'), (random, envelope) => {
        const { server, ek } = random;
        const octets = octetsOf({ ...sent(random, envelope), control: 0x10 });
        const options = { crypto: nodeCrypto, keys: { encryption: ek }, titles: { server }, framing: 'bare' } as const;
        for (const tag of [octets.slice(-12), new Uint8Array(12)]) {
          octets.set(tag, octets.length - 12);
          const [message] = inspect(octets, options).messages;
          expect(message?.apdu).toBeUndefined();
          expect(message?.error).toMatchObject({ reason: 'either-key' });
        }
      }),
      { numRuns: 10 },
    );
  });

  it('tries it as authentication key too: then the message is proved', () => {
    fc.assert(
      fc.property(parties, (random) => {
        const message = sent({ ...random, ak: random.ek });
        const { node, messages } = inspect(octetsOf(message), { crypto: nodeCrypto, keys: { encryption: random.ek } });
        expect(messages[0]).toMatchObject({ authenticated: true, apdu: { type: 'get-response-normal' } });
        expect(renderText(node)).not.toContain('not verified');
      }),
    );
  });

  it('gives nothing under another encryption key', () => {
    fc.assert(
      fc.property(parties, (random) => {
        const message = sent(random);
        const { messages } = inspect(octetsOf(message), { crypto: nodeCrypto, keys: { encryption: random.ak } });
        expect(messages[0]?.apdu).toBeUndefined();
        expect(messages[0]?.error).toMatchObject({ reason: 'decrypt-garbage' });
      }),
    );
  });

  const file = resolve(import.meta.dirname, '../../../shared/field/glo-30.hex');
  it.skipIf(!existsSync(file))('case 13: 2345, 2344, 10 of the field', () => {
    const octets = fromHex(readFileSync(file, 'utf8').trim());
    const ek = fromHex('000102030405060708090A0B0C0D0E0F');
    const { node, messages } = inspect(octets, { keys: { encryption: ek } });
    expect(messages[0]).toMatchObject({ authenticated: false });
    expect(renderText(node)).toMatch(/not verified[\s\S]*2345[\s\S]*2344[\s\S]*\b10\b/);
    const wrong = inspect(octets, { keys: { encryption: ek, authentication: ek } });
    expect(wrong.messages[0]?.error).toMatchObject({ reason: 'wrong-ak' });
    expect(renderText(wrong.node)).not.toContain('2345');
  });
});
