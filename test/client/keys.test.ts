/** Keys and secrets of a meter changed by its client: proved by an association before the old ones are dropped. */

import { afterEach, describe, expect, test } from 'vitest';
import { BENCH_SECRETS } from '../../simulator/index.js';
import { fromLatin1 } from '../../src/base/bytes.js';
import { AccessError, AssociationError, CosemError, StateError } from '../../src/base/errors.js';
import {
  changeHlsSecret,
  changeKeys,
  changePassword,
  changeProved,
  KeyChangeError,
  type KeyTransfer,
  transferKeys,
} from '../../src/client/keys.js';
import type { Meter } from '../../src/client/meter.js';
import type { OpenOptions } from '../../src/client/options.js';
import type { Data } from '../../src/codec/data.js';
import { SecuritySetupV1 } from '../../src/cosem/classes/security-setup.js';
import { unwrapKey } from '../../src/security/keys.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { object } from '../../src/server/object.js';
import { wrapKeys } from '../../src/session/key-transfer.js';
import { Bench } from '../simulator/support.js';
import { ServedMeter } from '../support/served-meter.js';

const OLD = BENCH_SECRETS.encryptionKey;
const NEW = fromLatin1('A-FRESH-16-OCTET');
const { masterKey } = BENCH_SECRETS;
const both = { encryption: NEW, authentication: NEW };

/** Options that open the utility's association under a key. */
function under(bench: Bench, key: Uint8Array): Pick<OpenOptions, 'security'> {
  const { security } = bench.meter.connections.find(({ name }) => name === 'utility')!;
  return {
    security: {
      systemTitle: security!.clientTitle,
      encryptionKey: key,
      authenticationKey: key,
      readInvocationCounter: '0.0.43.1.3.255',
    },
  };
}

async function lastEvent(meter: Meter): Promise<unknown> {
  const log = await meter.get(meter.profile('0.0.99.98.3.255').object.buffer);
  return ((log.value as readonly Data[]).at(-1)!.value as readonly Data[])[1]!.value;
}

const open: Meter[] = [];
afterEach(async () => {
  for (const meter of open.splice(0)) await meter.close();
});
async function kept(meter: Promise<Meter>): Promise<Meter> {
  open.push(await meter);
  return meter;
}

describe('keys', () => {
  test('are transferred, proved by a new association, and hold from then on', async () => {
    const bench = new Bench();
    const before = await bench.open('utility');
    const asked: string[] = [];
    const meter = await kept(
      changeKeys(before, { masterKey, keys: both }, (keys) => {
        asked.push(keys);
        return bench.open('utility', under(bench, keys === 'new' ? NEW : OLD));
      }),
    );
    expect(asked).toEqual(['new']);
    expect(before.connected).toBe(false);
    expect(await lastEvent(meter)).toBe(164);
    expect(bench.meter.connections.find(({ name }) => name === 'utility')!.security!.encryptionKey).toEqual(NEW);
    await expect(bench.open('utility', under(bench, OLD))).rejects.toThrow(CosemError);
  });

  test('change nothing in the association that is open, and count anew in the next', async () => {
    const bench = new Bench();
    const meter = await kept(bench.open('utility'));
    await transferKeys(meter, { masterKey, keys: both });
    // The answer to the transfer came under the old key, and so does the next one.
    expect(await lastEvent(meter)).toBe(164);
    const reader = await kept(bench.open('public'));
    expect((await reader.get(reader.data('0.0.43.1.3.255').value)).value).toBe(0);
  });

  test('under another master key change nothing: a refusal without a reason is looked at, the old ones hold', async () => {
    const bench = new Bench();
    const meter = await kept(bench.open('utility'));
    const transfer: KeyTransfer = { masterKey: fromLatin1('SOME-OTHER-KEK-0'), keys: both };
    await expect(transferKeys(meter, transfer)).rejects.toThrow(AccessError);
    expect(meter.connected).toBe(true);
    expect(await lastEvent(meter)).not.toBe(164);
    const reopen = (keys: 'new' | 'old') => bench.open('utility', under(bench, keys === 'new' ? NEW : OLD));
    const error = await changeKeys(meter, transfer, reopen).catch((thrown) => thrown);
    expect(error).toMatchObject({
      held: 'old',
      message: expect.stringContaining('refused what was new (other-reason)'),
    });
    expect(error.hint).toContain('master key');
  });

  test('that the meter may not take from this client change nothing: the association stays open', async () => {
    const bench = new Bench();
    const meter = await kept(bench.open('reader'));
    const reopened: string[] = [];
    const transfer: KeyTransfer = { masterKey, keys: both, setup: '0.0.43.0.3.255' };
    await expect(changeKeys(meter, transfer, async (keys) => reopened.push(keys) as never)).rejects.toThrow(
      AccessError,
    );
    expect(reopened).toEqual([]);
    expect(meter.connected).toBe(true);
  });

  test('that went astray leave the old ones in force, and the error says so', async () => {
    const bench = new Bench();
    const meter = await bench.open('utility');
    const reopen = (keys: 'new' | 'old') => bench.open('utility', under(bench, keys === 'new' ? NEW : OLD));
    // The security setup of the display, which has keys of its own.
    const transfer = { masterKey, keys: both, setup: '0.0.43.0.6.255' };
    const error = await changeKeys(meter, transfer, reopen).catch((thrown) => thrown);
    if (error instanceof AccessError) {
      expect(meter.connected).toBe(true);
      await meter.close();
      return;
    }
    expect(error).toBeInstanceOf(KeyChangeError);
    expect(error).toMatchObject({ held: 'old', reason: 'bad-key' });
    await (await reopen('old')).close();
  });

  test('of a meter out of reach are unknown: throw none away', async () => {
    const bench = new Bench();
    const meter = await bench.open('utility');
    const error = await changeKeys(meter, { masterKey, keys: both }, () =>
      Promise.reject(new StateError('no line')),
    ).catch((thrown) => thrown);
    expect(error).toMatchObject({ held: 'unknown', hint: expect.stringContaining('keep both') });
    expect(String(error)).not.toContain('A-FRESH');
  });

  test('that are none are the fault of the caller', () => {
    const wrap =
      (keys: object, kek = masterKey) =>
      () =>
        wrapKeys(nobleCrypto, kek, keys);
    expect(wrap({})).toThrow(StateError);
    expect(wrap({ encryption: new Uint8Array(15) })).toThrow(/15 octets instead of 16/);
    expect(wrap({ encryption: new Uint8Array(16) })).toThrow(/all zeros/);
    expect(wrap(both, new Uint8Array(24))).toThrow(/master key has 24 octets/);
    const wrapped = wrapKeys(nobleCrypto, masterKey, { ...both, broadcast: OLD });
    expect(wrapped.map(({ keyId }) => keyId)).toEqual([
      'global-unicast-encryption-key',
      'global-broadcast-encryption-key',
      'authentication-key',
    ]);
    expect(wrapped.map(({ keyWrapped }) => unwrapKey(nobleCrypto, masterKey, keyWrapped))).toEqual([NEW, OLD, NEW]);
  });

  test('go to a security setup of version 1 by key_transfer', async () => {
    const served = new ServedMeter();
    const taken: unknown[] = [];
    served.device.add(
      object(SecuritySetupV1, '0.0.43.0.1.255', {
        securityPolicy: 0,
        securitySuite: 'AES-GCM-128',
        clientSystemTitle: new Uint8Array(8),
        serverSystemTitle: new Uint8Array(8),
        certificates: [],
        keyTransfer: (keys: readonly { keyId: string; keyWrapped: Uint8Array }[]) => {
          taken.push(...keys.map(({ keyId, keyWrapped }) => [keyId, unwrapKey(nobleCrypto, masterKey, keyWrapped)]));
        },
      }),
    );
    const meter = await kept(served.open());
    const transfer = { masterKey, keys: { broadcast: NEW }, version: 1 } as const;
    await transferKeys(meter, { ...transfer, setup: '0.0.43.0.1.255' });
    expect(taken).toEqual([['global-broadcast-encryption-key', NEW]]);
    await expect(transferKeys(meter, transfer)).rejects.toThrow(/names no security setup/);
  });
});

describe('secrets', () => {
  test('the password of the meter reader, written by the utility', async () => {
    const bench = new Bench();
    const utility = await kept(bench.open('utility'));
    const fresh = fromLatin1('NEW-PASS');
    await changePassword(utility, fresh, { association: '0.0.40.0.2.255' });
    expect(await lastEvent(utility)).toBe(161);
    await expect(bench.open('reader', { password: BENCH_SECRETS.lls })).rejects.toThrow(AssociationError);
    await kept(bench.open('reader', { password: fresh }));
  });

  test.each([
    ['utility', 'method', 162],
    ['utility', 'attribute', 162],
  ] as const)('the HLS secret of the %s by %s: event %i, proved', async (name, by, event) => {
    const bench = new Bench();
    const fresh = fromLatin1('ANOTHER-HLS-SECR');
    const secrets = { new: fresh, old: BENCH_SECRETS.hls };
    const before = await bench.open(name);
    const meter = await kept(
      changeProved(
        before,
        () => changeHlsSecret(before, fresh, { by }),
        (which) => bench.open(name, { secret: secrets[which] }),
      ),
    );
    expect(await lastEvent(meter)).toBe(event);
    await meter.close();
    await expect(bench.open(name, { secret: BENCH_SECRETS.hls })).rejects.toThrow(AssociationError);
  });

  test('the HLS secret of firmware upgrade, changed by the utility: event 163', async () => {
    const bench = new Bench();
    const utility = await kept(bench.open('utility'));
    const fresh = fromLatin1('FOTA-SECRET-NEW1');
    await changeHlsSecret(utility, fresh, { association: '0.0.40.0.5.255' });
    expect(await lastEvent(utility)).toBe(163);
    await kept(bench.open('firmware', { secret: fresh }));
  });

  test('that cannot be used are refused', async () => {
    const bench = new Bench();
    const utility = await kept(bench.open('utility'));
    for (const secret of [new Uint8Array(0), new Uint8Array(16), new Uint8Array(17).fill(1)]) {
      await expect(changeHlsSecret(utility, secret)).rejects.toThrow(AccessError);
    }
    await utility.close();
    await kept(bench.open('utility'));
  });

  test('guessed five times in a row shut the association for five minutes', async () => {
    const bench = new Bench();
    const guess = (password: Uint8Array) => bench.open('reader', { password }).catch((error) => error.result);
    for (let i = 0; i < 5; i++) expect(await guess(fromLatin1('WRONG-01'))).toBe(1);
    expect(await guess(BENCH_SECRETS.lls)).toBe(2);
    await kept(bench.open('utility'));
    bench.clock.advance(5 * 60_000);
    await kept(bench.open('reader'));
  });
});
