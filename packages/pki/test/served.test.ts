import { MemoryCounterStore, open, systemClock } from 'cosem';
import { nodeCrypto as crypto } from 'cosem/node';
import { fromLatin1, memoryPair } from 'cosem/protocol';
import { hls, LogicalDevice, serve } from 'cosem/server';
import { expect, test } from 'vitest';
import { candidate, certificateProvider, checkCertificate, enrol } from '../src/index.js';
import { authorities, NOW, OTHER, TITLE, validity } from './bench.js';

test.each(['P-256', 'P-384'] as const)(
  'the security setup that cosem serves takes certificates on %s',
  async (curve) => {
    const suite = curve === 'P-256' ? 1 : 2;
    const { root, sub } = authorities(curve);
    const key = (mark: string) => fromLatin1(mark.repeat(suite * 16));
    const keys = { encryption: key('E'), authentication: key('A') };
    let held: readonly Uint8Array[] = [];
    const certificates = {
      provider: certificateProvider([root.certificate.octets]),
      clock: { ...systemClock, now: () => NOW },
      store: (all: readonly Uint8Array[]) => {
        held = all;
      },
    };
    const device = new LogicalDevice({
      name: 'MMM0000012345678',
      systemTitle: TITLE,
      crypto,
      counters: new MemoryCounterStore(),
      associations: [
        hls({
          client: 48,
          suite,
          keys,
          keyTransfer: { masterKey: key('M'), store: () => {}, storePairs: () => {}, certificates },
        }),
      ],
    });
    const [client, server] = memoryPair();
    void serve(device, server, { crypto, framing: 'wrapper' });
    await using meter = await open(client, {
      framing: 'wrapper',
      client: 48,
      crypto,
      authentication: 'gmac',
      suite,
      security: {
        systemTitle: OTHER,
        encryptionKey: keys.encryption,
        authenticationKey: keys.authentication,
        counters: new MemoryCounterStore(),
      },
    });
    const asked = await candidate(meter);
    expect(asked).toMatchObject({ curve, systemTitle: TITLE });
    const uses = ['digital-signature', 'key-agreement'] as const;
    const done = await enrol(meter, crypto, {
      ...validity,
      candidate: asked,
      authority: sub,
      before: [sub.certificate],
      uses,
    });
    expect(held).toHaveLength(3);
    for (const { use, certificate } of done)
      checkCertificate(crypto, certificate.octets, [root.certificate], {
        use,
        at: NOW,
        systemTitle: TITLE,
        curve,
        others: held,
      });
  },
);
