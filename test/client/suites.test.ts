import { afterEach, describe, expect, it } from 'vitest';
import { Register, SecuritySetupV1, u32 } from '../../src/classes.js';
import { MemoryCounterStore, type OpenOptions, open, type Transport, VirtualClock } from '../../src/index.js';
import { type KeyPairs, memoryPair } from '../../src/protocol.js';
import { makeKeyPair } from '../../src/security/agreement.js';
import { nobleCurveCrypto } from '../../src/security/noble-curves.js';
import { curveOf } from '../../src/security/suites.js';
import {
  type DeviceServer,
  type HlsOptions,
  hls,
  LogicalDevice,
  object,
  serve,
  type TransportServer,
} from '../../src/server.js';
import { offerKey } from '../../src/session/key-agreement.js';
import { wrapKeys } from '../../src/session/key-transfer.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';

const TITLE = Uint8Array.from([...'TMP00001'], (letter) => letter.charCodeAt(0));
const CLIENT_TITLE = Uint8Array.from([...'TMPHES01'], (letter) => letter.charCodeAt(0));
const SETUP = '0.0.43.0.1.255';

const servers: DeviceServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

class Port implements TransportServer {
  readonly framing = 'wrapper';
  #onLine: ((transport: Transport) => void) | undefined;

  async listen(onLine: (transport: Transport) => void) {
    this.#onLine = onLine;
    return { host: 'memory', port: 1, close: async () => {} };
  }

  line(): Transport {
    const [client, server] = memoryPair({ names: ['client', 'device'] });
    this.#onLine?.(server);
    return client;
  }
}

function pairsOf(suite: 1 | 2): { readonly client: KeyPairs; readonly server: KeyPairs } {
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

/** A device on noble, whose client is on Node's cryptography. */
async function bench(suite: 1 | 2, extra: Partial<HlsOptions> = {}) {
  const length = suite === 2 ? 32 : 16;
  const key = (octet: number) => new Uint8Array(length).fill(octet);
  const keys = { encryption: key(1), authentication: key(2) };
  const masterKey = key(3);
  const pairs = pairsOf(suite);
  const stored: unknown[] = [];
  const device = new LogicalDevice({
    name: 'TMP0000001',
    systemTitle: TITLE,
    counters: new MemoryCounterStore(),
    crypto: nobleCurveCrypto,
    associations: [
      hls({
        mechanism: 'ecdsa',
        suite,
        keys,
        keyPairs: pairs.server,
        keyTransfer: {
          masterKey,
          store: (changed) => stored.push(changed),
          storePairs: (changed) => stored.push(changed),
          storeMasterKey: (changed) => stored.push(changed),
        },
        ...extra,
      }),
    ],
  });
  device.add(object(Register, '1.0.1.8.0.255', { value: () => u32(5), scalerUnit: { scaler: 0, unit: 'Wh' } }));
  const time = new VirtualClock(Date.UTC(2026, 0, 2));
  const port = new Port();
  servers.push(await serve(device, port, { clock: time, crypto: nobleCurveCrypto }));
  const counters = new MemoryCounterStore();
  const as = (changed: Partial<OpenOptions> = {}, security: object = {}) =>
    open(port.line(), {
      framing: 'wrapper',
      clock: time,
      crypto: nodeCrypto,
      client: 48,
      authentication: 'ecdsa',
      suite,
      keyPairs: pairs.client,
      security: {
        systemTitle: CLIENT_TITLE,
        encryptionKey: keys.encryption,
        authenticationKey: keys.authentication,
        counters,
        masterKey,
        ...security,
      },
      ...changed,
    });
  return { as, device, pairs, keys, masterKey, stored, key };
}

describe.each([1, 2] as const)('open in suite %i', (suite) => {
  it('authenticates by ECDSA, reads, and tells suite and policy', async () => {
    const { as } = await bench(suite);
    for (const security of [{}, { dedicatedKey: true }, { general: 'one-pass', sign: true }, { general: 'wrapped' }]) {
      const meter = await as({}, security);
      expect(String((await meter.get(meter.object(Register, '1.0.1.8.0.255').value)).value)).toBe('5');
      const setup = meter.object(SecuritySetupV1, SETUP);
      expect(await meter.get(setup.securitySuite)).toBe(
        suite === 1 ? 'ECDH-ECDSA-P-256-AES-GCM-128' : 'ECDH-ECDSA-P-384-AES-GCM-256',
      );
      expect(await meter.get(setup.securityPolicy)).toBe(0x6c);
      expect(await meter.get(setup.certificates)).toEqual([]);
      await meter.close();
    }
  });

  it('agrees on new keys, which open the next association', async () => {
    const { as, pairs, key } = await bench(suite);
    const meter = await as();
    const sides = { suite, client: CLIENT_TITLE, server: TITLE, keyPairs: pairs.client };
    const ids = ['global-unicast-encryption-key', 'authentication-key'] as const;
    const offers = ids.map((keyId) => ({ keyId, ...offerKey(nodeCrypto, sides, keyId) }));
    const answers = await meter.call(
      meter.object(SecuritySetupV1, SETUP).keyAgreement,
      offers.map(({ keyId, keyData }) => ({ keyId, keyData })),
    );
    const [encryptionKey, authenticationKey] = offers.map(({ take }, i) => take(answers[i]?.keyData as Uint8Array));
    await meter.close();
    expect(encryptionKey?.length).toBe(key(0).length);
    await expect(as()).rejects.toThrow();
    const again = await as({}, { encryptionKey, authenticationKey });
    expect(again.association).toBeDefined();
    await again.close();
  });

  it('takes keys under the master key, and none of another length or signed by nobody', async () => {
    const { as, masterKey, key, stored } = await bench(suite);
    const meter = await as();
    const setup = meter.object(SecuritySetupV1, SETUP);
    const forged = {
      keyId: 'global-unicast-encryption-key',
      keyData: new Uint8Array(suite === 1 ? 128 : 192).fill(7),
    } as const;
    await expect(meter.call(setup.keyAgreement, [forged])).rejects.toMatchObject({ result: 'other-reason' });
    const other = suite === 1 ? new Uint8Array(32).fill(8) : new Uint8Array(16).fill(8);
    const wrong = wrapKeys(nodeCrypto, new Uint8Array(other.length).fill(3), { encryption: other });
    await expect(meter.call(setup.keyTransfer, wrong)).rejects.toMatchObject({ result: 'other-reason' });
    expect(stored).toEqual([]);
    await meter.call(setup.keyTransfer, wrapKeys(nodeCrypto, masterKey, { encryption: key(8) }));
    await meter.close();
    await (await as({}, { encryptionKey: key(8) })).close();
  });

  it('refuses certificates where nobody can check them', async () => {
    const { as, stored } = await bench(suite);
    const meter = await as();
    const setup = meter.object(SecuritySetupV1, SETUP);
    const refused = { result: 'other-reason' };
    await expect(meter.call(setup.importCertificate, new Uint8Array(300).fill(0x30))).rejects.toMatchObject(refused);
    await expect(meter.call(setup.generateKeyPair, 'digital-signature')).rejects.toMatchObject(refused);
    await expect(meter.call(setup.generateCertificateRequest, 'digital-signature')).rejects.toMatchObject(refused);
    const wanted = {
      certificateEntity: 'client',
      certificateType: 'digital-signature',
      systemTitle: CLIENT_TITLE,
    } as const;
    await expect(meter.call(setup.exportCertificate, { type: 'by-entity', options: wanted })).rejects.toMatchObject(
      refused,
    );
    expect(stored).toEqual([]);
    await meter.close();
  });
});

it('keys of another length, a key of another curve and suite 0 with pairs are refused by name, before anything is sent', async () => {
  const { as, pairs } = await bench(1);
  await expect(as({ suite: 2 })).rejects.toThrow('instead of 32');
  await expect(as({ keyPairs: { ...pairs.client, signing: new Uint8Array(48).fill(1) } })).rejects.toThrow(
    'the private signing key has 48 octets',
  );
  await expect(as({ suite: 0 })).rejects.toThrow('suite 0 has no signatures');
  await expect(as({ keyPairs: undefined as never })).rejects.toThrow("needs the option 'keyPairs'");
});
