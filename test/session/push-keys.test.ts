/** Pushes under one key, or under wrong ones: what the owner of the keys is told, and what is never given. */
import { describe, expect, it } from 'vitest';
import { APDU_TAGS } from '../../src/apdu/tags.js';
import { u16 } from '../../src/classes.js';
import type { Protection } from '../../src/contracts/protection.js';
import { fromHex, NotificationReceiver, SecurityError, toHex } from '../../src/index.js';
import { nodeCrypto } from '../../src/node.js';
import { encodeApdu, type PushKeys } from '../../src/protocol.js';
import { protect, securityControl } from '../../src/security/ciphering.js';
import { MemoryReplayGuard } from '../../src/security/replay.js';
import { CLIENT_TITLE, AK as MEASURED_AK, EK as MEASURED_EK, pump, setup } from './harness.js';

const EK = fromHex('000102030405060708090A0B0C0D0E0F');
const AK = fromHex('D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF');
const OTHER = fromHex('00112233445566778899AABBCCDDEEFF');
const TITLE = fromHex('4B464D0000000001');
const push = encodeApdu({
  type: 'data-notification',
  longInvokeId: 1,
  body: u16(2345),
});

function sent(
  counter: number,
  protection: Protection = 'authenticated-encryption',
  title = TITLE,
  ak = AK,
): Uint8Array {
  const control = securityControl(0, protection);
  const keys = { encryption: EK, authentication: ak };
  const content = protect(nodeCrypto, { keys, control, systemTitle: title, invocationCounter: counter }, push);
  const tag = APDU_TAGS['general-glo-ciphering'];
  return encodeApdu({
    type: 'ciphered',
    tag,
    systemTitle: title,
    securityControl: control,
    invocationCounter: counter,
    content,
  });
}

function receiver(keys: PushKeys, acceptUnauthenticated?: boolean, guard = new MemoryReplayGuard()) {
  return new NotificationReceiver({
    crypto: nodeCrypto,
    keysOf: () => keys,
    guard,
    ...(acceptUnauthenticated === undefined ? {} : { acceptUnauthenticated }),
  });
}

function reasonOf(act: () => unknown): string {
  try {
    act();
    return 'nothing thrown';
  } catch (error) {
    return error instanceof SecurityError ? error.reason : String(error);
  }
}

describe('a push under the encryption key alone', () => {
  it('is no reading unless asked for', () => {
    expect(reasonOf(() => receiver({ encryption: EK }).receive(sent(1)))).toBe('not-verified');
    expect(reasonOf(() => receiver({ encryption: EK }, false).receive(sent(1)))).toBe('not-verified');
    const heard = receiver({ encryption: EK }, true).receive(sent(1));
    expect(heard).toMatchObject({ authenticated: false, apdu: { type: 'data-notification', body: u16(2345) } });
  });

  it('moves no counter: a message with a lower one and a tag that holds comes in', () => {
    const guard = new MemoryReplayGuard();
    const keys: { encryption: Uint8Array; authentication?: Uint8Array } = { encryption: EK };
    const listener = receiver(keys, true, guard);
    listener.receive(sent(0xffff_fffd));
    keys.authentication = AK;
    expect(listener.receive(sent(5))).toMatchObject({ authenticated: true });
    expect(reasonOf(() => listener.receive(sent(5)))).toBe('replay');
    keys.authentication = undefined as never;
    expect(reasonOf(() => listener.receive(sent(4)))).toBe('replay');
  });

  it('is proved where the authentication key is the same', () => {
    const heard = receiver({ encryption: EK }).receive(sent(1, 'authenticated-encryption', TITLE, EK));
    expect(heard.authenticated).toBe(true);
  });

  it.each([true, false, undefined])(
    'is nothing that anybody can write, its tag under no key: asked for %s',
    (accept) => {
      const control = securityControl(0, 'authentication');
      const forged = (tag: Uint8Array, counter: number) =>
        encodeApdu({
          type: 'ciphered',
          tag: APDU_TAGS['general-glo-ciphering'],
          systemTitle: TITLE,
          securityControl: control,
          invocationCounter: counter,
          content: Uint8Array.of(...push, ...tag),
        });
      for (const tag of [new Uint8Array(12), new Uint8Array(12).fill(0xff)]) {
        const listener = receiver({ encryption: EK }, accept);
        expect(reasonOf(() => listener.receive(forged(tag, 1)))).toBe('either-key');
        expect(reasonOf(() => listener.open(forged(tag, 1)))).toBe('either-key');
      }
      // A tag that holds under the key that is there is proof.
      expect(receiver({ encryption: EK }, accept).receive(sent(1, 'authentication', TITLE, EK)).authenticated).toBe(
        true,
      );
    },
  );

  it('is nothing under another key', () => {
    expect(reasonOf(() => receiver({ encryption: OTHER }, true).receive(sent(1)))).toBe('decrypt-garbage');
  });
});

describe('a push under wrong keys', () => {
  const text = new TextEncoder().encode(toHex(EK));
  it.each<[string, PushKeys, string]>([
    ['wrong-ak', { encryption: EK, authentication: OTHER }, 'wrong-ak'],
    ['another EK', { encryption: OTHER, authentication: AK }, 'bad-tag'],
    ['exchanged', { encryption: AK, authentication: EK }, 'swapped-keys'],
    ['EK as text', { encryption: text, authentication: AK }, 'key-as-text'],
  ])('%s: %s', (_, keys, reason) => {
    // Asked for or not: with an authentication key a tag that does not hold is never passed over.
    for (const accept of [false, true]) {
      const listener = receiver(keys, accept);
      expect(reasonOf(() => listener.receive(sent(1)))).toBe(reason);
      expect(reasonOf(() => listener.open(sent(1)))).toBe(reason);
    }
  });

  it('is looked into three times for each sender', () => {
    const listener = receiver({ encryption: AK, authentication: EK });
    const reasons = [1, 2, 3, 4, 5].map((counter) => reasonOf(() => listener.receive(sent(counter))));
    expect(reasons).toEqual(['swapped-keys', 'swapped-keys', 'swapped-keys', 'bad-tag', 'bad-tag']);
    const other = fromHex('4B464D0000000002');
    expect(reasonOf(() => listener.receive(sent(1, 'authenticated-encryption', other)))).toBe('swapped-keys');
  });

  it('is looked into however many made-up titles came before, and no more than 256 senders are remembered', () => {
    const listener = receiver({ encryption: AK, authentication: EK });
    const title = (i: number) => Uint8Array.of(0x4b, 0x46, 0x4d, 1, 0, 0, i >> 8, i & 0xff);
    const reason = (of: Uint8Array) => reasonOf(() => listener.receive(sent(1, 'authenticated-encryption', of)));
    expect([1, 2, 3, 4].map(() => reason(title(0)))).toEqual([...Array(3).fill('swapped-keys'), 'bad-tag']);
    for (let i = 1; i < 256; i++) expect(reason(title(i))).toBe('swapped-keys');
    expect(reason(title(0))).toBe('bad-tag');
    expect(reason(TITLE)).toBe('swapped-keys');
    // The first was forgotten.
    expect(reason(title(0))).toBe('swapped-keys');
  });

  it('says that the message was changed, not the key, of a sender that was proved', () => {
    const listener = receiver({ encryption: EK, authentication: AK });
    listener.receive(sent(1));
    const changed = sent(2);
    changed[changed.length - 1] = (changed.at(-1) as number) ^ 1;
    expect(reasonOf(() => listener.receive(changed))).toBe('bad-tag');
  });

  it('encryption alone under another key', () => {
    expect(reasonOf(() => receiver({ encryption: AK, authentication: EK }).receive(sent(1, 'encryption')))).toBe(
      'swapped-keys',
    );
    expect(receiver({ encryption: EK }, true).receive(sent(1, 'encryption')).authenticated).toBe(false);
  });
});

describe('a meter', () => {
  const get = fromHex('C001C100080000010000FF0200');
  const request = (change: {
    ek?: Uint8Array;
    ak?: Uint8Array;
    title?: Uint8Array;
    control?: number;
    stated?: number;
  }) => {
    const { ek = MEASURED_EK, ak = MEASURED_AK, title = CLIENT_TITLE, control = 0x30, stated = control } = change;
    const context = {
      keys: { encryption: ek, authentication: ak },
      control,
      systemTitle: title,
      invocationCounter: 5000,
    };
    const content = protect(nodeCrypto, context, get);
    return encodeApdu({ type: 'ciphered', tag: 0xc8, securityControl: stated, invocationCounter: 5000, content });
  };

  it('answers every fault with the same octets: nothing of a diagnosis reaches a peer', () => {
    const faults = {
      ek: request({ ek: OTHER }),
      ak: request({ ak: OTHER }),
      exchanged: request({ ek: MEASURED_AK, ak: MEASURED_EK }),
      title: request({ title: CLIENT_TITLE.slice().reverse() }),
      compressed: request({ stated: 0xb0 }),
    };
    const answers = Object.values(faults).map((octets) => {
      const { client, wire } = setup({ context: 'ln-ciphered', policy: 'authenticated-encryption' });
      pump(client.associate(), wire);
      return toHex(wire(octets) ?? new Uint8Array(0));
    });
    expect(new Set(answers).size).toBe(1);
    // And what is right is answered otherwise.
    const { client, wire } = setup({ context: 'ln-ciphered', policy: 'authenticated-encryption' });
    pump(client.associate(), wire);
    expect(toHex(wire(request({})) ?? new Uint8Array(0))).not.toBe(answers[0]);
  });
});
