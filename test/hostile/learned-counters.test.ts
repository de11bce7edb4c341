/** Invocation counters that somebody says in the meter's place: by every way in, of every size, once and on many visits. */
import { describe, expect, it, test } from 'vitest';
import { encodeApdu } from '../../src/apdu/codec.js';
import { concat, fromHex } from '../../src/base/bytes.js';
import { StateError } from '../../src/base/errors.js';
import { u32 } from '../../src/codec/make.js';
import { MemoryCounterStore, type OpenOptions, open, type SecurityOptions, type Transport } from '../../src/index.js';
import { provesMeter } from '../../src/session/association.js';
import type { ClientSecurity, ClientSessionConfig } from '../../src/session/client-config.js';
import { counterEntryOf, HIGHEST_UNASKED_COUNTER, LARGEST_COUNTER_STEP } from '../../src/tools.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { CLIENT_TITLE, KEYS, SECRET, ServedMeter } from '../support/served-meter.js';

const CLIENT = 48;
const AARQ = 0x60;
const KNOWN = 5000;
const VISITS = 40;
const keys = { systemTitle: CLIENT_TITLE, encryptionKey: KEYS.encryption, authenticationKey: KEYS.authentication };
const ENTRY = counterEntryOf(nodeCrypto, keys);
const published = { readInvocationCounter: '0.0.43.1.3.255' };

type Forge = (apdu: Uint8Array) => Uint8Array | undefined;

/** A line in the wrapper on which somebody else may answer in the meter's place. */
function forged(meter: ServedMeter, forge: Forge): Transport {
  const line = meter.line('wrapper');
  let handler: Parameters<Transport['open']>[0];
  return {
    name: line.name,
    open: (given) => {
      handler = given;
      return line.open(given);
    },
    close: () => line.close(),
    write: (bytes) => {
      const answer = bytes[3] === CLIENT ? forge(bytes.subarray(8)) : undefined;
      if (answer === undefined) line.write(bytes);
      else queueMicrotask(() => handler.data(concat(Uint8Array.of(0, 1, 0, 1, 0, CLIENT, 0, answer.length), answer)));
    },
  };
}

async function visit(
  meter: ServedMeter,
  counters: MemoryCounterStore,
  forge: Forge,
  security: Partial<SecurityOptions> = {},
  more: Partial<OpenOptions> = {},
): Promise<void> {
  const opening = open(forged(meter, forge), {
    ...{ clock: meter.clock, crypto: nodeCrypto, framing: 'wrapper', client: CLIENT, secret: SECRET },
    security: { ...keys, counters, ...security },
    patience: 0,
    responseTimeout: 100,
    ...more,
  });
  const opened = await meter.clock.run(opening);
  await meter.clock.run(opened.close());
}

const hex32 = (value: number) => value.toString(16).padStart(8, '0');
const naming = (counter: number) => fromHex(`D80106${hex32(counter)}`);
const REFUSED = fromHex('D80101');

/** An AARE that refuses, with the refusal of the counter in it. */
function refusingAare(counter: number): Uint8Array {
  return encodeApdu({
    type: 'aare',
    applicationContextName: fromHex('60857405080103'),
    result: 1,
    resultSourceDiagnostic: { source: 'acse-service-user', diagnostic: 1 },
    userInformation: naming(counter),
  });
}

interface Source {
  readonly security: Partial<SecurityOptions>;
  readonly more?: Partial<OpenOptions>;
  /** What is forged on the line of the client, where the counter is that. */
  readonly forge: (counter: number) => Forge;
}

/** Every way in by which nothing proves the counter, nor the association that is opened with it. */
const SOURCES: Readonly<Record<string, Source>> = {
  'the answer to the public client': {
    security: published,
    forge: () => (apdu) => (apdu[0] === AARQ ? REFUSED : undefined),
  },
  'the answer to the public client, before an association that is open for ever': {
    security: published,
    more: { preEstablished: { conformance: 0x10, serverMaxReceivePduSize: 0 }, authentication: 'none' },
    forge: () => () => undefined,
  },
  'a refusal': {
    security: {},
    forge: (counter) => (apdu) => (apdu[0] === AARQ ? naming(counter) : undefined),
  },
  'an AARE that refuses': {
    security: {},
    forge: (counter) => (apdu) => (apdu[0] === AARQ ? refusingAare(counter) : undefined),
  },
  'a refusal, then silence': {
    security: {},
    forge: (counter) => {
      let asked = 0;
      return (apdu) => (apdu[0] !== AARQ ? undefined : asked++ === 0 ? naming(counter) : new Uint8Array(0));
    },
  },
};

const VALUES: readonly (readonly [string, (known: number) => number])[] = [
  ['one above ours', (known) => known + 1],
  ['a little below the largest step', (known) => known + LARGEST_COUNTER_STEP - 16],
  ['the largest step', (known) => known + LARGEST_COUNTER_STEP],
  ['half of the life', () => HIGHEST_UNASKED_COUNTER],
  ['almost all of it', () => 0xfffffffd],
  ['all of it', () => 0xffffffff],
];

describe.each(Object.entries(SOURCES))('%s', (_, source) => {
  it.each(VALUES)('says %s on every visit: the store moves by what was sent, and no key ends', async (_name, value) => {
    const counters = new MemoryCounterStore({ [ENTRY]: KNOWN });
    for (let i = 0; i < VISITS; i++) {
      const meter = new ServedMeter();
      const counter = value(counters.peek(ENTRY));
      meter.published = u32(counter);
      await visit(meter, counters, source.forge(counter), source.security, source.more).catch(() => undefined);
    }
    // AARQ, proof and release of every visit, and the counters set aside beside ours.
    expect(counters.peek(ENTRY)).toBeLessThanOrEqual(KNOWN + VISITS * 20);
    // And the meter is read with the key as before.
    await visit(new ServedMeter(), counters, () => undefined);
  });
});

test.each<[string, Partial<ClientSessionConfig>, boolean]>([
  ['LLS whose answer carries a tag', { context: 'ln-ciphered', mechanism: 1 }, true],
  ['LLS under encryption alone', { context: 'ln-ciphered', mechanism: 1, security: handshake('encryption') }, false],
  ['HLS under encryption alone', { context: 'ln-ciphered', mechanism: 2, security: handshake('encryption') }, true],
  ['HLS in clear', { context: 'ln', mechanism: 5 }, true],
  ['HLS whose proof may be missing', { context: 'ln', mechanism: 5, acceptUnprovenMeter: true }, false],
  ['HLS whose challenge may be ours', { context: 'ln', mechanism: 2, allowEchoedChallenge: true }, false],
  ['HLS whose challenge may have any length', { context: 'ln', mechanism: 2, allowOddChallenge: true }, false],
  ['none', { context: 'ln', mechanism: 0 }, false],
  [
    'one open without AARQ',
    { context: 'ln-ciphered', preEstablished: { conformance: 0, serverMaxReceivePduSize: 0 } },
    false,
  ],
])('what proves a meter: %s', (_, config, proves) => {
  expect(provesMeter({ crypto: nodeCrypto, ...config })).toBe(proves);
});

function handshake(protection: 'encryption'): ClientSecurity {
  const counters = new MemoryCounterStore();
  return { keys: KEYS, counters, counterEntry: ENTRY, handshake: protection };
}

test('an association whose meter proved itself moves the store', async () => {
  const counters = new MemoryCounterStore({ [ENTRY]: KNOWN });
  const meter = new ServedMeter();
  meter.published = u32(KNOWN + 1_000_000);
  await visit(meter, counters, () => undefined, published);
  expect(counters.peek(ENTRY)).toBeGreaterThan(KNOWN + 1_000_000);
});

test.each([
  ['the last counter taken', (lowest: number) => lowest - 1],
  ['the next counter', (lowest: number) => lowest],
])('a meter that publishes %s is let in at once', async (_, shown) => {
  const lowest = 900_000;
  const meter = new ServedMeter();
  meter.received.accept(lowest - 1);
  meter.published = u32(shown(lowest));
  const counters = new MemoryCounterStore({ [ENTRY]: KNOWN });
  let asked = 0;
  const counting: Forge = (apdu) => {
    if (apdu[0] === AARQ) asked++;
    return undefined;
  };
  await visit(meter, counters, counting, published);
  expect(asked).toBe(1);
  expect(counters.peek(ENTRY)).toBeGreaterThan(lowest);
});

test('a fixed dedicated key is refused before anything is sent', async () => {
  const security = { dedicatedKey: new Uint8Array(16) } as unknown as Partial<SecurityOptions>;
  const sent: number[] = [];
  const noting: Forge = (apdu) => {
    sent.push(apdu[0] as number);
    return undefined;
  };
  const opening = visit(new ServedMeter(), new MemoryCounterStore(), noting, security);
  await expect(opening).rejects.toThrow(StateError);
  await expect(opening).rejects.toThrow('a fixed dedicated key');
  expect(sent).toEqual([]);
});
