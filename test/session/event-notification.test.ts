/** EventNotification: an attribute's value sent unasked, heard by a client in its association and by a listener without one. */
import { describe, expect, it } from 'vitest';
import { decodeApdu } from '../../src/apdu/codec.js';
import { SecurityError } from '../../src/base/errors.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import { u32 } from '../../src/codec/make.js';
import { NotificationReceiver } from '../../src/session/notification.js';
import type { Notification } from '../../src/session/notification-forms.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { AK, attribute, CLIENT, EK, pump, SERVER_TITLE, type Setup, setup } from './harness.js';

const energy = attribute(3, '1.0.1.8.0.255', 2);
const time = CosemDateTime.fromDate(new Date(Date.UTC(2026, 10, 23, 4, 30)), -330);
const event = { type: 'event-notification-request', attribute: energy, value: u32(123456), time } as const;
const ciphered: Setup = { context: 'ln-ciphered', policy: 'authenticated-encryption' };

describe('a client with an open association', () => {
  it.each<[string, Setup, number]>([
    ['in clear', {}, 0xc2],
    ['under the global key', ciphered, 0xca],
    ['under the dedicated key', { ...ciphered, dedicated: true }, 0xd2],
  ])('hears it %s, asked for something else or not', (_, options, tag) => {
    const { client, server, wire } = setup(options);
    pump(client.associate(), wire);
    const sent = server.eventNotification(CLIENT, 1, energy, 0, time) as Uint8Array;
    expect(sent[0]).toBe(tag);
    expect(client.unsolicited(sent)).toMatchObject({ apdu: event, protection: options.policy ?? 'none' });
    if (options.policy !== undefined) expect(() => client.unsolicited(sent)).toThrow(SecurityError);

    const heard: Notification[] = [];
    client.onNotification = (notification) => heard.push(notification);
    const get = client.get([energy]);
    const request = get.next(new Uint8Array(0)).value as { apdu: Uint8Array };
    const between = server.eventNotification(CLIENT, 1, energy, 0) as Uint8Array;
    // What a driver does with every payload before it takes it for the answer.
    expect(client.unsolicited(between)?.apdu.type).toBe('event-notification-request');
    expect(get.next(wire(request.apdu) as Uint8Array).value).toEqual([{ data: u32(123456) }]);
  });

  it('hears it, in clear, from the session itself while it waits', () => {
    const { client, server, wire } = setup();
    pump(client.associate(), wire);
    const heard: Notification[] = [];
    client.onNotification = (notification) => heard.push(notification);
    const get = client.get([energy]);
    const request = get.next(new Uint8Array(0)).value as { apdu: Uint8Array };
    expect(get.next(server.eventNotification(CLIENT, 1, energy, 0) as Uint8Array).value).toMatchObject({ reply: true });
    expect(get.next(wire(request.apdu) as Uint8Array).done).toBe(true);
    expect(heard).toMatchObject([{ apdu: { type: 'event-notification-request', value: u32(123456) } }]);
  });
});

describe('the dates of a notification in an association', () => {
  /** A Monday that says it is day 0. */
  const odd = new CosemDateTime({ ...time, dayOfWeek: 0 });
  it.each<[string, Setup]>([
    ['in clear', {}],
    ['under the global key', ciphered],
    ['in general-glo-ciphering', { ...ciphered, general: true }],
  ])('%s: told of, and strictly refused by name; the session goes on', (_, options) => {
    for (const strict of [false, true]) {
      const remarks: string[] = [];
      const { client, server, wire } = setup({
        ...options,
        client: { strict, onRemark: ({ code }) => remarks.push(code) },
      });
      pump(client.associate(), wire);
      const right = server.eventNotification(CLIENT, 1, energy, 0, time) as Uint8Array;
      expect(client.unsolicited(right)?.apdu).toEqual(event);
      expect(remarks).toEqual([]);
      const wrong = () => client.unsolicited(server.eventNotification(CLIENT, 1, energy, 0, odd) as Uint8Array);
      if (strict) expect(wrong).toThrow(/deviates from the standard \(day-of-week: /);
      else expect(wrong()?.apdu.type).toBe('event-notification-request');
      expect(remarks).toEqual(strict ? [] : ['day-of-week']);
      expect(pump(client.get([energy]), wire)).toEqual([{ data: u32(123456) }]);
    }
  });

  it('one that the session meets itself while it waits is strictly not handed on, and said', () => {
    for (const strict of [false, true]) {
      const remarks: string[] = [];
      const { client, server, wire } = setup({ client: { strict, onRemark: ({ code }) => remarks.push(code) } });
      pump(client.associate(), wire);
      const heard: Notification[] = [];
      client.onNotification = (notification) => heard.push(notification);
      const get = client.get([energy]);
      const request = get.next(new Uint8Array(0)).value as { apdu: Uint8Array };
      get.next(server.eventNotification(CLIENT, 1, energy, 0, odd) as Uint8Array);
      expect(get.next(wire(request.apdu) as Uint8Array).value).toEqual([{ data: u32(123456) }]);
      expect(heard).toHaveLength(strict ? 0 : 1);
      expect(remarks).toEqual([strict ? 'notification-refused' : 'day-of-week']);
    }
  });
});

describe('a listener', () => {
  const receiver = (titles: Uint8Array[]) =>
    new NotificationReceiver({
      crypto: nodeCrypto,
      keysOf: (title) => {
        titles.push(title.slice());
        return { encryption: EK, authentication: AK };
      },
    });

  it('hears it without an association: in clear, or in general-glo-ciphering with the sender in it', () => {
    const clear = setup();
    const titles: Uint8Array[] = [];
    const plain = clear.server.eventNotification(CLIENT, 1, energy, 0, time) as Uint8Array;
    expect(receiver(titles).receive(plain)).toMatchObject({ apdu: event, protection: 'none' });
    const { server } = setup(ciphered);
    const sent = server.eventNotification(CLIENT, 1, energy, 0, time) as Uint8Array;
    expect(decodeApdu(sent)).toMatchObject({ type: 'ciphered', tag: 0xdb, systemTitle: SERVER_TITLE });
    expect(receiver(titles).receive(sent)).toMatchObject({ apdu: event, systemTitle: SERVER_TITLE });
    expect(titles).toEqual([SERVER_TITLE]);
  });
});

it('is sent to nobody who may not read the attribute', () => {
  const { server } = setup();
  expect(server.eventNotification(CLIENT, 1, attribute(3, '1.0.9.9.9.255', 2), 0)).toBeUndefined();
  expect(server.eventNotification(CLIENT + 1, 1, energy, 0)).toBeUndefined();
  expect(server.eventNotification(CLIENT, 2, energy, 0)).toBeUndefined();
});

describe('an RLRQ that proves nothing', () => {
  const rlrq = Uint8Array.of(0x62, 3, 0x80, 1, 0);
  it.each([
    [undefined, 'associated'],
    [true, 'idle'],
  ] as const)('in a ciphered association, bareRelease %s: then %s', (bareRelease, state) => {
    const meter = setup({ ...ciphered, server: bareRelease === undefined ? {} : { bareRelease } });
    pump(meter.client.associate(), meter.wire);
    const answer = meter.wire(rlrq) as Uint8Array;
    expect(answer[0]).toBe(bareRelease ? 0x63 : 0xd8);
    expect(meter.state()).toBe(state);
  });

  it('in clear ends the association', () => {
    const meter = setup();
    pump(meter.client.associate(), meter.wire);
    expect((meter.wire(rlrq) as Uint8Array)[0]).toBe(0x63);
  });
});
