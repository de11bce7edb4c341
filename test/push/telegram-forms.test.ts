/** Telegrams of IEC 62056-21 in each form that `cosem readout` and `cosem decode` read, through the receiver of pushes. */
import crc16 from 'crc/calculators/crc16';
import { describe, expect, test } from 'vitest';
import { concat, fromLatin1, toLatin1 } from '../../src/base/bytes.js';
import { withEvenParity } from '../../src/base/parity.js';
import { structureOf, u8 } from '../../src/codec/make.js';
import { encodeReadout } from '../../src/link/iec21.js';
import { type PushEvent, PushReceiver } from '../../src/push/receiver.js';
import { MemoryReplayGuard } from '../../src/security/replay.js';
import { NotificationReceiver } from '../../src/session/notification.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { AK, blocks, ciphered, EK, hdlc, mbus, notification, wrapped } from './lines.js';

const BODY = '/XXX5\\2TEST-1\r\n\r\n0-0:1.0.0(261130103000W)\r\n1-0:1.8.0(00317.695*kWh)\r\n1-0:1.7.0(00.278*kW)\r\n!';
/** Behind a data set. */
const LINE = BODY.indexOf('1-0:1.7.0');
const crcOf = (text: string) => crc16(fromLatin1(text)).toString(16).toUpperCase().padStart(4, '0');
const plain = fromLatin1(`${BODY}\r\n`);
const proved = fromLatin1(`${BODY}${crcOf(BODY)}\r\n`);
const lfOnly = (octets: Uint8Array) => fromLatin1(toLatin1(octets).replaceAll('\r\n', '\n'));
const oneLineEnd = (text: string) => text.replace('\r\n\r\n', '\r\n');
const MODE_D = concat(
  fromLatin1('/XXX5\\2TEST-1\r\n'),
  encodeReadout([
    { address: '0-0:1.0.0', values: [{ value: '261130103000W', unit: null }] },
    { address: '1-0:1.8.0', values: [{ value: '00317.695', unit: 'kWh' }] },
    { address: '1-0:1.7.0', values: [{ value: '00.278', unit: 'kW' }] },
  ]),
);

const FORMS: readonly (readonly [string, Uint8Array])[] = [
  ['with CR LF, no CRC', plain],
  ['with a CRC', proved],
  ['with line ends of LF alone', lfOnly(plain)],
  ['with line ends of LF alone and the CRC of CR LF', lfOnly(proved)],
  ['with one CR LF behind the identification', fromLatin1(oneLineEnd(`${BODY}\r\n`))],
  [
    'with one CR LF behind the identification, and a CRC',
    fromLatin1(`${oneLineEnd(BODY)}${crcOf(oneLineEnd(BODY))}\r\n`),
  ],
  ['between STX and ETX', MODE_D],
  ['with even parity', withEvenParity(plain)],
  ['with a CRC and even parity', withEvenParity(proved)],
  ['between STX and ETX with even parity', withEvenParity(MODE_D)],
];

function receiver(): PushReceiver {
  const notifications = new NotificationReceiver({
    crypto: nodeCrypto,
    keysOf: () => ({ encryption: EK, authentication: AK }),
    guard: new MemoryReplayGuard(),
  });
  return new PushReceiver({ notifications });
}

const told = (events: readonly PushEvent[]) =>
  events.map((event) =>
    event.type === 'push'
      ? [event.push.framing, ...event.push.readings.map(({ name, text }) => `${name}: ${text}`)]
      : event.type === 'refused'
        ? event.error.message
        : event.reason,
  );

const other = notification(structureOf([u8(7)]));
const [expected] = told(receiver().receive(plain));

test('a plain telegram has its three readings', () => {
  expect(expected).toHaveLength(4);
});

test('a version is named as that of the P1 port, and as no signature', () => {
  const [event] = receiver().receive(fromLatin1(`${BODY.replace('0-0:1.0.0', '1-3:0.2.8(50)\r\n0-0:1.0.0')}\r\n`));
  expect(event?.type === 'push' && event.push.readings.map(({ name }) => name)).toContain('Version of the P1 port');
});

describe.each(FORMS)('a telegram %s', (_, telegram) => {
  test('is read, cut at every place, and is not waited for', () => {
    for (let cut = 0; cut <= telegram.length; cut++) {
      const line = receiver();
      const events = [...line.receive(telegram.slice(0, cut)), ...line.receive(telegram.slice(cut))];
      expect(told(events)).toEqual([expected]);
      expect(line.flush()).toEqual([]);
    }
  });

  test('is read octet by octet, twice on one line', () => {
    const line = receiver();
    const events = [...telegram, ...telegram].flatMap((octet) => line.receive(Uint8Array.of(octet)));
    expect(told([...events, ...line.flush()])).toEqual([expected, expected]);
  });

  test('is read between frames and noise', () => {
    for (const frames of [hdlc(other), mbus(other), [wrapped(other)], [other], blocks(other)]) {
      const line = receiver();
      const events = line.receive(concat(...frames, telegram, ...frames, telegram));
      expect(told([...events, ...line.flush()])).toEqual([expect.anything(), expected, expect.anything(), expected]);
    }
    const noisy = receiver();
    const noise = Uint8Array.of(0x2f, 0x03, 0xff, 0x21, 0x0a);
    const events = noisy.receive(concat(noise, telegram, noise, telegram, noise));
    expect(events.filter(({ type }) => type === 'push')).toHaveLength(2);
  });

  test('is read in general-glo-ciphering', () => {
    const [event] = told(receiver().receive(concat(...mbus(ciphered(telegram)))));
    expect(event).toEqual(['m-bus', ...(expected as string[]).slice(1)]);
  });
});

describe('what is no telegram holds nothing up', () => {
  test.each([
    ['an identification alone', fromLatin1('/XXX5\\2TEST-1\r\n')],
    ['a telegram that breaks off', plain.slice(0, 60)],
    ['a telegram that breaks off at the end of a line', plain.slice(0, LINE)],
    ['a slash in noise', Uint8Array.of(0x2f, 0x58, 0x58, 0x58, 0x35, 0x00)],
    ['a telegram of mode D that breaks off', MODE_D.slice(0, 50)],
  ])('%s: the frame and the telegram behind it come at once', (_, before) => {
    for (const [form, messages] of Object.entries({
      hdlc: hdlc(other),
      mbus: mbus(other),
      wrapper: [wrapped(other)],
    })) {
      const line = receiver();
      const events = line.receive(concat(before, ...messages, plain));
      const pushes = events.flatMap((event) => (event.type === 'push' ? [event.push] : []));
      expect([form, pushes.length]).toEqual([form, 2]);
    }
  });

  test('a telegram that breaks off is not taken together with the next', () => {
    const line = receiver();
    const events = line.receive(concat(plain.slice(0, LINE), plain));
    expect(events.map(({ type }) => type)).toEqual(['discarded', 'push']);
    expect(told(events.slice(1))).toEqual([expected]);
  });

  test('a CRC that does not hold is said, and the next telegram read', () => {
    const line = receiver();
    const events = line.receive(concat(proved.with(40, 0x37), proved));
    expect(told(events)).toEqual([expect.stringContaining('CRC-16'), expected]);
  });
});
