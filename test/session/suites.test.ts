import { describe, expect, test } from 'vitest';
import type { GeneralCiphering } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { concat, fromHex, toHex } from '../../src/base/bytes.js';
import { octets, u32 } from '../../src/codec/make.js';
import type { KeyPairs, MessageKey } from '../../src/contracts/protection.js';
import { makeKeyPair } from '../../src/security/agreement.js';
import { ReceiveCounter } from '../../src/security/ciphering.js';
import { MemoryCounterStore } from '../../src/security/counter.js';
import { nobleCurveCrypto } from '../../src/security/noble-curves.js';
import { curveOf, type SuiteId, securitySuites } from '../../src/security/suites.js';
import { MESSAGE_KEYS } from '../../src/session/general-protection.js';
import { Ciphering } from '../../src/session/protection.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { attribute, CLIENT_TITLE, echoAttribute, pump, SERVER_TITLE, setup } from './harness.js';

// No foreign octets: noble and Node's cryptography are the two ways, one on each side, and a decoder by hand stands below.
const REGISTER = attribute(3, '1.0.1.8.0.255', 2);
const key = (suite: SuiteId, fill: number) => new Uint8Array(securitySuites[suite].keyLength).fill(fill);

interface Pairs {
  readonly client: KeyPairs;
  readonly server: KeyPairs;
}

function pairsOf(suite: SuiteId): Pairs {
  if (suite === 0) return { client: {}, server: {} };
  const make = () => makeKeyPair(nodeCrypto, curveOf(suite));
  const [cs, ca, ss, sa] = [make(), make(), make(), make()];
  return {
    client: {
      signing: cs.privateKey,
      agreement: ca.privateKey,
      peerSigning: ss.publicKey,
      peerAgreement: sa.publicKey,
    },
    server: {
      signing: ss.privateKey,
      agreement: sa.privateKey,
      peerSigning: cs.publicKey,
      peerAgreement: ca.publicKey,
    },
  };
}

interface Options {
  readonly general?: boolean | MessageKey;
  readonly sign?: boolean;
  readonly mechanism?: 0 | 5 | 7;
  readonly dedicated?: boolean;
  readonly pairs?: Pairs;
  readonly signed?: { request: boolean; response: boolean };
  readonly serverMaxSend?: number;
}

function suite(id: SuiteId, options: Options = {}) {
  const { general = false, sign = false, mechanism = 0, pairs = pairsOf(id), signed, dedicated } = options;
  const keys = { encryption: key(id, 1), authentication: key(id, 2) };
  const masterKey = key(id, 3);
  return setup({
    context: 'ln-ciphered',
    mechanism,
    policy: 'authenticated-encryption',
    crypto: nobleCurveCrypto,
    ...(options.serverMaxSend === undefined ? {} : { serverMaxSend: options.serverMaxSend }),
    server: {
      suite: id,
      keyPairs: pairs.server,
      ...(signed && { signed }),
      security: {
        keys,
        masterKey,
        counters: new MemoryCounterStore(),
        counterEntry: 'server',
        received: new ReceiveCounter(),
      },
    },
    client: { crypto: nodeCrypto, suite: id, keyPairs: pairs.client, systemTitle: CLIENT_TITLE },
    clientSecurity: { keys, masterKey, general, sign, ...(dedicated && { dedicatedKey: key(id, 9) }) },
  });
}

const kinds = [false, true, ...MESSAGE_KEYS] as const;
const ways = ([0, 1, 2] as const).flatMap((id) =>
  kinds.flatMap((general) =>
    [false, true]
      .filter((sign) => id > 0 || !(sign || general === 'one-pass' || general === 'static-unified'))
      .map((sign) => [id, general, sign] as const),
  ),
);

describe.each(ways)('suite %i, general %s, signed %s', (id, general, sign) => {
  test('reads, writes and releases; the answer is protected as the request was', () => {
    const { client, server, wire, exchanged, stored } = suite(id, { general, sign });
    pump(client.associate(), wire);
    expect(pump(client.get([REGISTER]), wire)).toEqual([{ data: u32(123456) }]);
    expect(pump(client.set([{ attribute: echoAttribute, value: octets(fromHex('AABB')) }]), wire)).toEqual([0]);
    expect(stored()).toEqual(octets(fromHex('AABB')));
    const { request, answer } = exchanged.at(-1) as { request: Uint8Array; answer: Uint8Array };
    const [asked, answered] = [decodeApdu(request), decodeApdu(answer)];
    expect(answered.type).toBe(asked.type);
    if (sign) expect(asked.type).toBe('general-signing');
    if (asked.type === 'general-signing' || asked.type === 'general-ciphering') {
      expect((answered as GeneralCiphering).transactionId).toEqual(asked.transactionId);
      expect(toHex((answered as GeneralCiphering).recipientTitle)).toBe(toHex(CLIENT_TITLE));
    }
    // What was sent before is refused whole.
    expect(toHex(server.handle(48, 1, request, 0) as Uint8Array)).toMatch(/^D8/);
    pump(client.release(), wire);
  });
});

test.each([1, 2] as const)('suite %i: mechanism 7, a dedicated key, and blocks in every envelope', (id) => {
  for (const general of kinds) {
    const { client, wire, state } = suite(id, {
      general,
      sign: true,
      mechanism: 7,
      dedicated: general === false,
      serverMaxSend: 900,
    });
    pump(client.associate(), wire);
    expect(state()).toBe('associated');
    const long = octets(new Uint8Array(3000).map((_, i) => i));
    expect(pump(client.set([{ attribute: echoAttribute, value: long }]), wire)).toEqual([0]);
    expect(pump(client.get([echoAttribute]), wire)).toEqual([{ data: long }]);
  }
});

describe('mechanism 7', () => {
  test.each([
    [
      'the client signs with another key',
      (pairs: Pairs) => ({ ...pairs, client: { ...pairs.client, signing: new Uint8Array(32).fill(5) } }),
    ],
    [
      'the meter signs with another key',
      (pairs: Pairs) => ({ ...pairs, server: { ...pairs.server, signing: new Uint8Array(32).fill(5) } }),
    ],
  ])('is refused when %s', (_, changed) => {
    const { client, wire } = suite(1, { mechanism: 7, pairs: changed(pairsOf(1)) });
    expect(() => pump(client.associate(), wire)).toThrow(
      expect.objectContaining({ diagnostic: 'authentication-failure' }),
    );
  });

  test('without the public key of the meter says what is missing', () => {
    const pairs = pairsOf(1);
    const { peerSigning: _, ...client } = pairs.client;
    const broken = suite(1, { mechanism: 7, pairs: { ...pairs, client } });
    expect(() => pump(broken.client.associate(), broken.wire)).toThrow(/public signing key/);
  });
});

describe('a policy that demands signatures', () => {
  const signed = { request: true, response: true };
  test('refuses what is not signed, and signs its answers', () => {
    const pairs = pairsOf(1);
    const without = suite(1, { signed, pairs });
    pump(without.client.associate(), without.wire);
    expect(() => pump(without.client.get([REGISTER]), without.wire)).toThrow();
    const { client, wire, exchanged } = suite(1, { signed, pairs, sign: true });
    pump(client.associate(), wire);
    expect(pump(client.get([REGISTER]), wire)).toEqual([{ data: u32(123456) }]);
    expect(exchanged.at(-1)?.answer?.[0]).toBe(0xdf);
  });

  test('holds for the client too: an answer without signature is not believed', () => {
    const pairs = pairsOf(1);
    const { signing: _, ...server } = pairs.server;
    const { client, wire } = suite(1, { sign: true, pairs: { ...pairs, server } });
    pump(client.associate(), wire);
    expect(() => pump(client.get([REGISTER]), wire)).toThrow(expect.objectContaining({ reason: 'not-protected' }));
  });
});

test('a message in general-ciphering opens with Node alone, its octets read by hand', async () => {
  const { createDecipheriv, createECDH, createHash, createPublicKey, verify } = await import('node:crypto');
  const pairs = pairsOf(1);
  const { client, wire, exchanged } = suite(1, { general: 'one-pass', sign: true, pairs });
  pump(client.associate(), wire);
  pump(client.get([REGISTER]), wire);
  const bytes = exchanged.at(-1)?.request as Uint8Array;
  let at = 0;
  const take = (n: number) => {
    at += n;
    return bytes.subarray(at - n, at);
  };
  const field = () => {
    const first = take(1)[0] as number;
    if (first < 0x80) return take(first);
    return take(take(first & 0x7f).reduce((sum, octet) => sum * 256 + octet, 0));
  };
  const spki = (point: Uint8Array) =>
    createPublicKey({
      format: 'der',
      type: 'spki',
      key: Buffer.from(
        concat(fromHex('3059301306072A8648CE3D020106082A8648CE3D030107034200'), Uint8Array.of(4), point),
      ),
    });
  const holds = (message: Uint8Array, signature: Uint8Array) =>
    verify(
      'sha256',
      message,
      { key: spki(pairs.server.peerSigning as Uint8Array), dsaEncoding: 'ieee-p1363' },
      signature,
    );
  expect(take(1)[0]).toBe(0xdf);
  for (let i = 0; i < 5; i++) field();
  const signedPart = bytes.subarray(1, at);
  const inner = field();
  const whole = bytes.subarray(1, at);
  expect(signedPart.length).toBe(29);
  expect(holds(whole, field())).toBe(true);
  expect(at).toBe(bytes.length);

  // What is signed is a general-ciphering.
  const start = bytes.length - inner.length;
  expect(start).toBeGreaterThan(0);
  let position = 0;
  const part = (n: number) => {
    position += n;
    return inner.subarray(position - n, position);
  };
  const innerField = () => {
    const first = part(1)[0] as number;
    if (first < 0x80) return part(first);
    return part(part(first & 0x7f).reduce((sum, octet) => sum * 256 + octet, 0));
  };
  expect(part(1)[0]).toBe(0xdd);
  const [, originator, recipient] = [innerField(), innerField(), innerField(), innerField(), innerField()];
  const header = inner.subarray(1, position);
  expect([toHex(originator as Uint8Array), toHex(recipient as Uint8Array)]).toEqual([
    toHex(CLIENT_TITLE),
    toHex(SERVER_TITLE),
  ]);
  expect(toHex(part(2))).toBe('0102');
  expect(toHex(innerField())).toBe('01');
  const offered = innerField();
  expect(holds(offered.subarray(0, 64), offered.subarray(64))).toBe(true);
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(pairs.server.agreement as Uint8Array);
  const z = ecdh.computeSecret(concat(Uint8Array.of(4), offered.subarray(0, 64)));
  const kdf = createHash('sha256').update(fromHex('00000001')).update(z).update(fromHex('60857405080300'));
  const derived = kdf.update(CLIENT_TITLE).update(SERVER_TITLE).digest().subarray(0, 16);
  const content = innerField();
  const decipher = createDecipheriv('aes-128-gcm', derived, concat(CLIENT_TITLE, content.subarray(1, 5)), {
    authTagLength: 12,
  });
  decipher.setAAD(concat(content.subarray(0, 1), key(1, 2), header));
  decipher.setAuthTag(content.subarray(-12));
  const plain = concat(decipher.update(content.subarray(5, -12)), decipher.final());
  expect(content[0]).toBe(0x31);
  expect(toHex(plain)).toMatch(/^C001..00030100010800FF0200$/);
});

describe('the server obeys nothing', () => {
  const base = () => {
    const made = suite(1, { general: 'one-pass', sign: false, pairs: pairsOf(1) });
    pump(made.client.associate(), made.wire);
    pump(made.client.get([REGISTER]), made.wire);
    const request = made.exchanged.at(-1)?.request as Uint8Array;
    return { ...made, message: decodeApdu(request) as GeneralCiphering };
  };
  test.each<[string, (message: GeneralCiphering) => GeneralCiphering]>([
    ['that is for another device', (m) => ({ ...m, recipientTitle: fromHex('4D4D4D0000000002') })],
    ['that is from another client', (m) => ({ ...m, originatorTitle: fromHex('4D4D4D0000BC614F') })],
    [
      'under an agreement that there is not',
      (m) => ({ ...m, keyInfo: { type: 'agreed-key', parameters: Uint8Array.of(0), data: new Uint8Array(128) } }),
    ],
    ['under a global key id that there is not', (m) => ({ ...m, keyInfo: { type: 'identified-key', keyId: 7 } })],
    [
      'under a key that does not unwrap',
      (m) => ({ ...m, keyInfo: { type: 'wrapped-key', kekId: 0, wrapped: new Uint8Array(24) } }),
    ],
    ['of another suite', (m) => ({ ...m, securityControl: 0x32 })],
    [
      'whose key is signed by nobody',
      (m) => ({
        ...m,
        keyInfo: { type: 'agreed-key', parameters: Uint8Array.of(1), data: new Uint8Array(128).fill(9) },
      }),
    ],
  ])('a message %s is not carried out', (_, changed) => {
    const { server, message } = base();
    const later = { ...message, invocationCounter: message.invocationCounter + 1 };
    expect(toHex(server.handle(48, 1, encodeApdu(changed(later)), 0) as Uint8Array)).toMatch(/^D8/);
  });

  test.each(['identified', 'static-unified'] as const)(
    'that its client made for another device with the same keys, %s',
    (kind) => {
      const pairs = pairsOf(1);
      const { client, server, wire } = suite(1, { general: kind, pairs });
      pump(client.associate(), wire);
      const other = new Ciphering({
        crypto: nodeCrypto,
        systemTitle: CLIENT_TITLE,
        peerTitle: fromHex('4D4D4D0000000002'),
        suite: 1,
        keys: { encryption: key(1, 1), authentication: key(1, 2) },
        keyPairs: pairs.client,
        counters: new MemoryCounterStore({ other: 1000 }),
        counterEntry: 'other',
      });
      const request = fromHex('C001C100030100010800FF0200');
      const forOther = other.seal(request, kind, 'authenticated-encryption');
      expect(toHex(server.handle(48, 1, forOther, 0) as Uint8Array)).toMatch(/^D8/);
    },
  );

  test('that is signed and has no counter', () => {
    const { server, message } = base();
    const { securityControl: _, invocationCounter: __, content: ___, keyInfo: ____, ...header } = message;
    const content = fromHex('C001C100030100010800FF0200');
    const bare = encodeApdu({ ...header, type: 'general-signing', content, signature: new Uint8Array(64) });
    expect(toHex(server.handle(48, 1, bare, 0) as Uint8Array)).toMatch(/^D8/);
  });
});
