import { describe, expect, it } from 'vitest';
import type { Aare } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { toHex } from '../../src/base/bytes.js';
import { CosemError, StateError } from '../../src/base/errors.js';
import { u8, u32 } from '../../src/codec/make.js';
import type { ServerSecurity } from '../../src/contracts/association.js';
import { ReceiveCounter } from '../../src/security/ciphering.js';
import { MemoryCounterStore } from '../../src/security/counter.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { LogicalDevice } from '../../src/server/logical-device.js';
import { MeterServer } from '../../src/server/server.js';
import { attribute, CLIENT, echoAttribute, pump, SERVER_TITLE, setup } from '../session/harness.js';

const register = attribute(3, '1.0.1.8.0.255', 2);
const write = encodeApdu({ type: 'set-request-normal', invokeId: 0xc1, attribute: echoAttribute, value: u8(9) });

describe('a meter', () => {
  it('refuses a client that it does not know, for good', () => {
    const { server, client, wire, exchanged } = setup();
    pump(client.associate(), wire);
    const aarq = exchanged[0]?.request as Uint8Array;
    const aare = decodeApdu(server.handle(99, 1, aarq, 0) as Uint8Array) as Aare;
    expect([aare.type, aare.result]).toEqual(['aare', 1]);
    expect(toHex(server.handle(99, 1, write, 0) as Uint8Array)).toBe('D80203');
  });

  it('is silent for a logical device that it has not', () => {
    const { server, exchanged, client, wire } = setup();
    pump(client.associate(), wire);
    expect(server.handle(CLIENT, 2, exchanged[0]?.request as Uint8Array, 0)).toBeUndefined();
  });

  it('carries out what comes without a connection, and says nothing', () => {
    for (const [to, done] of [
      [1, true],
      [0x7f, true],
      [0x3fff, true],
      [5, false],
    ] as const) {
      const { server, client, wire, stored } = setup();
      pump(client.associate(), wire);
      expect(server.handle(CLIENT, to, write, 0, true)).toBeUndefined();
      expect(stored()).toEqual(done ? u8(9) : { type: 'double-long-unsigned', value: 0 });
    }
  });

  it('says nothing to unconfirmed services, and carries them out', () => {
    const { server, client, wire, stored } = setup();
    pump(client.associate(), wire);
    const unconfirmed = write.slice();
    unconfirmed[2] = 0x01;
    expect(server.handle(CLIENT, 1, unconfirmed, 0)).toBeUndefined();
    expect(stored()).toEqual(u8(9));
  });

  it('ends associations with the link, those of that client alone', () => {
    const { server, client, wire, state } = setup();
    pump(client.associate(), wire);
    server.released(CLIENT + 1);
    expect(state()).toBe('associated');
    server.released(CLIENT);
    expect(state()).toBe('idle');
  });

  it('has one logical device for a SAP', () => {
    const devices = [new LogicalDevice(), new LogicalDevice()];
    expect(() => new MeterServer({ crypto: nobleCrypto, systemTitle: SERVER_TITLE, devices })).toThrow(StateError);
  });

  it('refuses an option that it does not have', () => {
    const config = { crypto: nobleCrypto, systemTitle: SERVER_TITLE, devices: [], holdtime: 1 } as never;
    expect(() => new MeterServer(config)).toThrow("MeterServer has no option 'holdtime'");
  });

  it('keeps the global keys that an association was opened with, and takes new ones for the next', () => {
    const ciphered = { context: 'ln-ciphered', policy: 'authenticated-encryption' } as const;
    const { client, wire, definition } = setup(ciphered);
    pump(client.associate(), wire);
    const security = definition.security as ServerSecurity;
    const keys = { encryption: new Uint8Array(16).fill(1), authentication: new Uint8Array(16).fill(2) };
    security.keys = keys;
    security.received = new ReceiveCounter();
    expect(pump(client.get([register]), wire)).toEqual([{ data: u32(123456) }]);

    const counters = new MemoryCounterStore();
    const holder = setup({ ...ciphered, clientSecurity: { keys, counters } }).client;
    const old = setup(ciphered).client;
    expect(() => pump(old.associate(), wire)).toThrow(CosemError);
    // Who comes with the old keys gets none, and ends none.
    expect(pump(client.get([register]), wire)).toEqual([{ data: u32(123456) }]);
    pump(holder.associate(), wire);
    expect(pump(holder.get([register]), wire)).toEqual([{ data: u32(123456) }]);
    // Under the new key the client counts from the beginning, its guard with it.
    expect(security.received.lowest).toBe(counters.next('client'));
  });
});
