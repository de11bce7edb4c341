import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex } from '../../src/base/bytes.js';
import { type InspectKeys, inspect } from '../../src/inspect.js';
import { makeKeyPair } from '../../src/security/agreement.js';
import { MemoryCounterStore } from '../../src/security/counter.js';
import { Ciphering } from '../../src/session/protection.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { haveVectors, loadVectors } from '../support/vectors.js';

const [CLIENT, SERVER] = [fromHex('4D4D4D0000BC614E'), fromHex('4D4D4D0000000001')];
const GET = fromHex('C001C100030100010800FF0200');
const key = (fill: number) => new Uint8Array(16).fill(fill);
const make = () => makeKeyPair(nodeCrypto, 'P-256');
const [cs, ca, sa] = [make(), make(), make()];
const sender = new Ciphering({
  crypto: nodeCrypto,
  systemTitle: CLIENT,
  peerTitle: SERVER,
  suite: 1,
  keys: { encryption: key(1), authentication: key(2) },
  masterKey: key(3),
  keyPairs: { signing: cs.privateKey, agreement: ca.privateKey, peerAgreement: sa.publicKey },
  counters: new MemoryCounterStore(),
  counterEntry: 'client',
});
const keys: InspectKeys = {
  encryption: key(1),
  authentication: key(2),
  master: key(3),
  agreement: sa.privateKey,
  peerAgreement: ca.publicKey,
  peerSigning: cs.publicKey,
};
const shown = (octets: Uint8Array, given: InspectKeys) =>
  JSON.stringify(inspect(octets, { keys: given, crypto: nodeCrypto }));

describe.each(['identified', 'wrapped', 'one-pass', 'static-unified'] as const)('under a key that is %s', (kind) => {
  test.each([false, true])('opens down to the request, signed %s', (signing) => {
    const tree = shown(sender.seal(GET, kind, 'authenticated-encryption', signing), keys);
    expect(tree).toContain('get-request-normal');
    expect(tree).toContain('transaction-id');
    if (signing) expect(tree).toContain('signature holds');
  });

  test('says which key is missing, and never shows one', () => {
    const octets = sender.seal(GET, kind, 'authenticated-encryption', true);
    const tree = shown(octets, {});
    expect(tree).toMatch(/not opened: no (encryption key|master key|private key of key agreement) given/);
    expect(tree).toContain('signature not checked');
    for (const secret of [key(1), key(2), key(3), sa.privateKey])
      expect(shown(octets, keys)).not.toContain(toHex(secret));
  });

  test('says that a signature or a tag does not hold', () => {
    const octets = sender.seal(GET, kind, 'authenticated-encryption', true);
    expect(shown(octets, { ...keys, peerSigning: make().publicKey })).toContain('bad-signature');
    const changed = sender.seal(GET, kind, 'authenticated-encryption').slice();
    changed[changed.length - 1]! ^= 1;
    expect(shown(changed, keys)).toContain('bad-tag');
  });
});

test.skipIf(!haveVectors)('the one-pass example of the Green Book is named as one whose tag does not hold', () => {
  const vector = loadVectors('security').find(({ id }) => id === 'sec-gb-general-ciphering-one-pass');
  const context = vector?.context as Record<string, string>;
  const hex = (name: string) => fromHex(context[name] as string);
  const tree = shown(fromHex(vector?.hex as string), {
    authentication: hex('authentication-key'),
    agreement: hex('server-key-agreement-private'),
    peerSigning: hex('client-signing-public'),
  });
  expect(tree).toContain('bad-tag');
  expect(tree).toContain(toHex(concat(CLIENT)));
});
