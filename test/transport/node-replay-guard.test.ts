import * as nodeFs from 'node:fs';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { encodeApdu } from '../../src/apdu/codec.js';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { SecurityError, StateError } from '../../src/base/errors.js';
import { u32 } from '../../src/codec/make.js';
import { protect, securityControl } from '../../src/security/ciphering.js';
import { MemoryReplayGuard } from '../../src/security/replay.js';
import { NotificationReceiver } from '../../src/session/notification.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { FileReplayGuard } from '../../src/transport/node-replay-guard.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-guard-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const file = () => join(folder, `guard-${files++}`);

const keys = {
  encryption: fromHex('000102030405060708090A0B0C0D0E0F'),
  authentication: fromHex('D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF'),
};
const title = fromHex('5858580000000001');

function push(
  counter: number,
  { control = securityControl(0, 'authenticated-encryption'), tag = 0xdb, key = keys, from = title } = {},
): Uint8Array {
  const clear = encodeApdu({ type: 'data-notification', longInvokeId: counter, body: u32(counter) });
  const context = { keys: key, control, systemTitle: from, invocationCounter: counter };
  const content = protect(nodeCrypto, context, clear);
  const envelope = { systemTitle: from, securityControl: control, invocationCounter: counter, content };
  return encodeApdu({ type: 'ciphered', tag, ...envelope });
}

function receiver(path: string, key = keys): NotificationReceiver {
  const guard = new FileReplayGuard(path);
  return new NotificationReceiver({ crypto: nodeCrypto, keysOf: () => key, guard, acceptUnauthenticated: true });
}

const replay = expect.objectContaining({ reason: 'replay' });

describe('a replay guard in a file', () => {
  test('a push counts once, after a restart too, and for each sender by itself', () => {
    const path = file();
    const first = receiver(path);
    first.receive(push(7));
    expect(() => first.receive(push(7))).toThrow(replay);
    const restarted = receiver(path);
    expect(() => restarted.receive(push(7))).toThrow(replay);
    expect(() => restarted.receive(push(3))).toThrow(replay);
    expect(restarted.receive(push(8)).apdu).toMatchObject({ body: u32(8) });
    expect(restarted.receive(push(7, { from: fromHex('5858580000000002') })).protection).toBe(
      'authenticated-encryption',
    );
  });

  test('counter 0 is a counter', () => {
    const path = file();
    receiver(path).receive(push(0));
    expect(() => receiver(path).receive(push(0))).toThrow(replay);
  });

  test('a new key begins anew, and the file holds no key', () => {
    const path = file();
    receiver(path).receive(push(100));
    const fresh = { ...keys, encryption: fromHex('FF0102030405060708090A0B0C0D0E0F') };
    receiver(path, fresh).receive(push(1, { key: fresh }));
    expect(() => receiver(path).receive(push(50))).toThrow(replay);
    const text = readFileSync(path, 'utf8').toUpperCase();
    for (const key of [...Object.values(keys), ...Object.values(fresh)]) expect(text).not.toContain(toHex(key));
  });

  test('what is not authenticated moves nothing that outlives the process', () => {
    const path = file();
    const only = { control: securityControl(0, 'encryption') };
    const first = receiver(path);
    first.receive(push(4_000_000_000, only));
    expect(() => first.receive(push(4_000_000_000, only))).toThrow(replay);
    expect(first.receive(push(5)).protection).toBe('authenticated-encryption');
    expect(receiver(path).receive(push(6, only)).protection).toBe('encryption');
  });

  test('a message that does not hold moves nothing', () => {
    const path = file();
    const forged = push(9000);
    forged[forged.length - 1] = (forged[forged.length - 1] as number) ^ 1;
    expect(() => receiver(path).receive(forged)).toThrow(SecurityError);
    receiver(path).receive(push(1));
  });

  test('a counter that was passed is said of a message that holds alone', () => {
    const path = file();
    receiver(path).receive(push(9));
    const forged = push(3);
    forged[forged.length - 1] = (forged[forged.length - 1] as number) ^ 1;
    const said = expect.objectContaining({ reason: expect.not.stringMatching('replay') });
    expect(() => receiver(path).receive(forged)).toThrow(said);
    expect(() => receiver(path).receive(push(3))).toThrow(replay);
  });

  test('two processes on one file see each other', () => {
    const path = file();
    const [a, b] = [receiver(path), receiver(path)];
    a.receive(push(1));
    expect(() => b.receive(push(1))).toThrow(replay);
    b.receive(push(2));
    expect(() => a.receive(push(2))).toThrow(replay);
  });

  test('a damaged file is an error with words, never a new beginning', () => {
    const path = file();
    receiver(path).receive(push(1));
    writeFileSync(path, readFileSync(path, 'utf8').replace('\t', '\t9'));
    expect(() => receiver(path).receive(push(2))).toThrow(/the replay guard file .* is damaged/);
  });

  test('a push is not given where its counter cannot be kept', () => {
    const path = file();
    const full = {
      ...nodeFs,
      writeSync: () => {
        throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      },
    } as unknown as typeof nodeFs;
    const guard = new FileReplayGuard(path, full);
    const stuck = new NotificationReceiver({ crypto: nodeCrypto, keysOf: () => keys, guard });
    expect(() => stuck.receive(push(1))).toThrow(StateError);
  });
});

describe('envelopes of pushes', () => {
  const guard = new MemoryReplayGuard();
  const receive = new NotificationReceiver({
    crypto: nodeCrypto,
    keysOf: () => keys,
    guard,
    acceptUnauthenticated: true,
  });

  test.each([
    ['suite 1, encryption alone', { control: securityControl(1, 'encryption') }],
    ['suite 1', { control: securityControl(1, 'authenticated-encryption') }],
    ['general-ded-ciphering', { tag: 0xdc }],
  ])('%s', (_, how) => {
    const counter = 1000 + files++;
    expect(receive.receive(push(counter, how)).apdu).toMatchObject({ body: u32(counter) });
  });

  test('an envelope that claims no protection is refused', () => {
    const clear = encodeApdu({ type: 'data-notification', longInvokeId: 1, body: u32(1) });
    const nothing = { systemTitle: title, securityControl: 0, invocationCounter: 5000, content: clear };
    expect(() => receive.receive(encodeApdu({ type: 'ciphered', tag: 0xdb, ...nothing }))).toThrow(/no protection/);
  });

  test('the broadcast key is another key', () => {
    const control = securityControl(0, 'authenticated-encryption', 'broadcast');
    expect(() => receive.receive(push(6000, { control }))).toThrow(SecurityError);
  });
});
