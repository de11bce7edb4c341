/** Counters by the ways that no answer of a meter takes: pushes, sheets, and a state folder that was put back from a backup. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { StateError } from '../../src/base/errors.js';
import { u32 } from '../../src/codec/make.js';
import { type CounterStore, open, type SecurityOptions } from '../../src/index.js';
import { FileCounterStore, nodeCrypto } from '../../src/node.js';
import { PushReceiver } from '../../src/push/receiver.js';
import { parsePushSheets } from '../../src/push/sheet.js';
import { NotificationReceiver } from '../../src/session/notification.js';
import { counterEntryOf, parseQuirks } from '../../src/tools.js';
import { AK, ciphered, EK, notification, TITLE, wrapped } from '../push/lines.js';
import { CLIENT_TITLE, KEYS, SECRET, ServedMeter } from '../support/served-meter.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-elsewhere-'));
afterAll(() => rmSync(folder, { recursive: true }));

const WRONG = fromHex('FF'.repeat(16));

describe('a push that nothing proves', () => {
  const body = notification(u32(1));
  const forgeries: Readonly<Record<string, (counter: number) => Uint8Array>> = {
    'in clear': () => body,
    'under encryption alone': (counter) => ciphered(body, { counter, protection: 'encryption' }),
    'under encryption alone, by another key': (counter) =>
      ciphered(body, { counter, protection: 'encryption', ek: WRONG }),
    'with a tag of another key': (counter) => ciphered(body, { counter, ak: WRONG }),
    'with a tag that was changed': (counter) =>
      ciphered(body, { counter }).map((octet, i, { length }) => (i === length - 1 ? octet ^ 1 : octet)),
    'with a tag over what is not encrypted': (counter) =>
      ciphered(body, { counter, protection: 'authentication', ak: WRONG }),
  };

  describe.each([true, false])('where acceptUnauthenticated is %s', (acceptUnauthenticated) => {
    it.each(Object.keys(forgeries))('%s moves no counter: those of the meter come in after it', (name) => {
      const accepted: number[] = [];
      const lowest = new Map<string, number>();
      const notifications = new NotificationReceiver({
        crypto: nodeCrypto,
        keysOf: () => ({ encryption: EK, authentication: AK }),
        acceptUnauthenticated,
        guard: {
          lowest: (entry) => lowest.get(entry) ?? 0,
          accept: (entry, counter) => {
            accepted.push(counter);
            lowest.set(entry, counter + 1);
          },
        },
      });
      const receiver = new PushReceiver({ notifications });
      const forge = forgeries[name] as (counter: number) => Uint8Array;
      for (const counter of [5, 0xffff_fffd, 0xffff_fffe, 0xffff_ffff]) {
        receiver.receive(wrapped(forge(counter)));
        receiver.flush();
      }
      expect(accepted).toEqual([]);
      for (const counter of [5, 6]) {
        const events = [...receiver.receive(wrapped(ciphered(body, { counter }))), ...receiver.flush()];
        expect(events).toMatchObject([{ type: 'push', push: { sender: toHex(TITLE) } }]);
      }
      expect(accepted).toEqual([5, 6]);
    });
  });
});

/** Every option of security there is. */
const SECURITY: Readonly<Record<keyof SecurityOptions, unknown>> = {
  systemTitle: '4D4D4D0000BC614E',
  serverTitle: '4D4D4D0000000001',
  encryptionKey: 'FF',
  authenticationKey: 'FF',
  broadcastKey: 'FF',
  dedicatedKey: true,
  policy: 'none',
  response: 'none',
  handshake: 'none',
  general: true,
  sign: true,
  signedResponse: false,
  masterKey: 'FF',
  counters: {},
  counterEntry: 'meter',
  counterStep: 0xffff_ffff,
  lowestReceived: 0,
  readInvocationCounter: '0.0.43.1.3.255',
  trustCounters: true,
  publicClient: 16,
};

describe('a sheet that comes with a meter', () => {
  const own = { id: 'rogue', title: 'A meter', source: 'its maker' };

  it.each([...Object.entries(SECURITY), ['allowCounterReset', true], ['invocationCounter', 0xffff_fffd]])(
    'says nothing of %s: it is refused by name',
    (name, value) => {
      const quirk = JSON.stringify({ ...own, effects: { [name as string]: value } });
      expect(() => parseQuirks(quirk, 'quirks.json')).toThrow(StateError);
      expect(() => parseQuirks(quirk, 'quirks.json')).toThrow(`'${name}'`);
      const extras = [{ [name as string]: value }, { match: { [name as string]: value } }];
      // A title is what a sheet may be found by.
      for (const extra of name === 'systemTitle' ? extras.slice(0, 1) : extras) {
        const push = JSON.stringify({ ...own, trust: 'documented', match: { form: 'values' }, ...extra });
        expect(() => parsePushSheets(push, 'sheets.json')).toThrow(StateError);
        expect(() => parsePushSheets(push, 'sheets.json')).toThrow(`'${name}'`);
      }
    },
  );
});

describe('a state folder that is put back from a backup', () => {
  const CLIENT = 48;
  const keys = { systemTitle: CLIENT_TITLE, encryptionKey: KEYS.encryption, authenticationKey: KEYS.authentication };
  const ENTRY = counterEntryOf(nodeCrypto, keys);

  /** A visit; gives the invocation counters that left under the client's key. */
  async function visit(meter: ServedMeter, counters: CounterStore): Promise<readonly number[]> {
    const sent: number[] = [];
    const note = (key: Uint8Array, iv: Uint8Array): void => {
      if (toHex(key) !== toHex(KEYS.encryption) || toHex(iv.subarray(0, 8)) !== toHex(CLIENT_TITLE)) return;
      sent.push(new DataView(iv.buffer, iv.byteOffset).getUint32(8));
    };
    const crypto: typeof nodeCrypto = {
      ...nodeCrypto,
      gcmSeal: (key, iv, aad, text) => {
        note(key, iv);
        return nodeCrypto.gcmSeal(key, iv, aad, text);
      },
      gcmCrypt: (key, iv, text) => {
        note(key, iv);
        return nodeCrypto.gcmCrypt(key, iv, text);
      },
    };
    const opened = await meter.clock.run(
      open(meter.line('wrapper'), {
        ...{ clock: meter.clock, crypto, framing: 'wrapper', client: CLIENT, secret: SECRET, patience: 0 },
        security: { ...keys, counters, readInvocationCounter: '0.0.43.1.3.255' },
      }),
    );
    await meter.clock.run(opened.close());
    return sent;
  }

  test('repeats no counter where the meter publishes its own, and ends no key', async () => {
    const [live, backup] = ['live', 'backup'].map((name) => join(folder, name)) as [string, string];
    const store = (): FileCounterStore => new FileCounterStore(join(live, 'counters'), { block: 4 });
    mkdirSync(live);
    const meter = new ServedMeter();
    const sent: number[] = [...(await visit(meter, store()))];
    cpSync(live, backup, { recursive: true });
    for (let i = 0; i < 5; i++) sent.push(...(await visit(meter, store())));
    const before = store().peek(ENTRY);
    for (let back = 0; back < 2; back++) {
      rmSync(live, { recursive: true });
      cpSync(backup, live, { recursive: true });
      expect(store().peek(ENTRY)).toBeLessThan(before);
      sent.push(...(await visit(meter, store())), ...(await visit(meter, store())));
    }
    expect(sent.length).toBeGreaterThan(20);
    expect(new Set(sent).size).toBe(sent.length);
    expect(store().peek(ENTRY)).toBeLessThan(before + 200);
  });

  test('under a running store sets nothing back', async () => {
    const [live, backup] = ['running', 'running-backup'].map((name) => join(folder, name)) as [string, string];
    mkdirSync(live);
    const store = new FileCounterStore(join(live, 'counters'), { block: 4 });
    const given = [store.next(ENTRY)];
    store.received.accept('meter', 10);
    cpSync(live, backup, { recursive: true });
    for (let i = 0; i < 40; i++) given.push(store.next(ENTRY));
    store.received.accept('meter', 500);
    rmSync(live, { recursive: true });
    cpSync(backup, live, { recursive: true });
    for (let i = 0; i < 40; i++) given.push(store.next(ENTRY));
    expect(new Set(given).size).toBe(given.length);
    expect(store.received.lowest('meter')).toBe(501);
  });
});
