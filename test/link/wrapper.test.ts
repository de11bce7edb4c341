import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex } from '../../src/base/bytes.js';
import { DecodeError, StateError } from '../../src/base/errors.js';
import { stripLlc } from '../../src/link/hdlc-llc.js';
import { decodeWpdu, encodeWpdu, WrapperLink } from '../../src/link/wrapper-link.js';
import { haveVectors, loadVectors } from '../support/vectors.js';
import { events, sent } from './harness.js';

const vectors = loadVectors('wrapper');

function tell(bytes: Uint8Array): object {
  const { source, destination, apdu } = decodeWpdu(bytes);
  return {
    version: 1,
    'source-wport': source,
    'destination-wport': destination,
    length: apdu.length,
    apdu: toHex(apdu),
  };
}

describe.skipIf(!haveVectors)('wrapper vectors', () => {
  let passed = 0;

  test.each(vectors.map((v) => [v.id, v] as const))('%s', (_, vector) => {
    const bytes = fromHex(vector.hex!);
    if (vector.operation === 'split-stream') {
      const { wpdus } = vector.expected as unknown as { wpdus: { apdu: string; 'source-wport': number }[] };
      const link = new WrapperLink('client', { client: 1, server: 3 });
      link.receive(bytes, 0);
      const got = events(link).filter((event) => event.type === 'payload');
      expect(got.map((event) => [event.server, event.client, toHex(event.bytes)])).toEqual(
        wpdus.map((wpdu) => [wpdu['source-wport'], 1, wpdu.apdu]),
      );
    } else if (vector.kind === 'positive') {
      expect(tell(bytes)).toEqual(vector.expected);
      if (vector.roundtrip) expect(toHex(encodeWpdu(decodeWpdu(bytes)))).toBe(vector.hex);
    } else {
      let reason: string | undefined;
      try {
        decodeWpdu(bytes);
      } catch (error) {
        if (error instanceof DecodeError) reason = error.reason;
        else throw error;
      }
      expect(reason).toBe(vector.error!.category);
    }
    passed++;
  });

  test('all of them', () => {
    console.log(`wrapper vectors: ${passed} of ${vectors.length} passed`);
    expect(passed).toBe(11);
  });
});

const wpdu = fc.record({
  source: fc.integer({ min: 0, max: 0xffff }),
  destination: fc.constantFrom(16, 16, 16, 48),
  // What looks like a header of LLC is taken off, and said.
  apdu: fc.uint8Array({ minLength: 1, maxLength: 300 }).filter((octets) => stripLlc(octets, 'any') === undefined),
});

/** What a link makes of octets in pieces. */
function told(link: WrapperLink, bytes: Uint8Array, cuts: readonly number[]): unknown[] {
  const all: unknown[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = at + (cuts.length === 0 ? bytes.length : 1 + cuts[i % cuts.length]!);
    link.receive(bytes.slice(at, end), 0);
    for (const event of events(link)) all.push({ ...event, bytes: 'bytes' in event ? toHex(event.bytes) : '' });
    at = end;
  }
  return all;
}

const cuts = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 })), { maxLength: 20 });

test('any chunking of the same WPDUs gives each of them once', () => {
  fc.assert(
    fc.property(fc.array(wpdu, { maxLength: 8 }), cuts, (wpdus, cut) => {
      const got = told(new WrapperLink('client', { client: 16, server: 1 }), concat(...wpdus.map(encodeWpdu)), cut);
      const wanted = wpdus.map(({ source, destination, apdu }) =>
        destination === 16
          ? { type: 'payload', bytes: toHex(apdu), client: 16, server: source, unconfirmed: false }
          : { type: 'discarded', bytes: toHex(apdu), reason: `for wPort ${destination}, which is not ours` },
      );
      expect(got.slice(1)).toEqual(wanted);
    }),
    { numRuns: 1000 },
  );
});

test('any octets in any chunking give the same events, and never throw', () => {
  const octets = fc.array(fc.oneof(fc.constantFrom(0, 0, 0, 1, 5), fc.integer({ min: 0, max: 255 })), {
    maxLength: 80,
  });
  const streams = fc
    .tuple(fc.array(wpdu.map(encodeWpdu), { maxLength: 3 }), octets)
    .map(([good, rest]) => concat(...good, Uint8Array.from(rest)));
  fc.assert(
    fc.property(streams, cuts, (bytes, cut) => {
      const make = () => new WrapperLink('server', { devices: [16], maxApdu: 0x500 });
      expect(told(make(), bytes, cut)).toEqual(told(make(), bytes, []));
      for (const role of [
        new WrapperLink('server', { mode: 'datagram' }),
        new WrapperLink('listener', { mode: 'datagram' }),
      ]) {
        expect(told(role, bytes, cut).some((event) => (event as { type: string }).type === 'closed')).toBe(false);
      }
    }),
    { numRuns: 1000 },
  );
});

test('a bad version ends the connection: nothing after it counts until it is connected anew', () => {
  const good = encodeWpdu({ source: 16, destination: 1, apdu: Uint8Array.of(0xc0) });
  const link = new WrapperLink('server', { devices: [1] });
  const got = told(link, concat(good, fromHex('0002'), good, good), [0]);
  expect(got.map((event) => (event as { type: string }).type)).toEqual(['connected', 'payload', 'discarded', 'closed']);
  expect(got[3]).toMatchObject({ cause: 'frame-reject', reason: 'the wrapper header has another version than 1' });
  expect(() => link.send(good, 0)).toThrow('not connected');
  link.connect();
  expect(told(link, good, [])).toMatchObject([{ type: 'connected' }, { type: 'payload' }]);
});

test('an APDU longer than allowed ends the connection when its header is there', () => {
  const link = new WrapperLink('client', { client: 16, server: 1, maxApdu: 100 });
  link.connect();
  expect(told(link, fromHex('0001000100100065'), [0]).slice(1)).toMatchObject([
    { type: 'discarded', bytes: '0001000100100065' },
    { type: 'closed', cause: 'frame-reject', reason: 'an APDU of 101 octets is announced, 100 are taken' },
  ]);
});

test('a datagram: one or more whole WPDUs; what is wrong at its end does not touch what stood before', () => {
  const one = encodeWpdu({ source: 16, destination: 1, apdu: Uint8Array.of(0xc0) });
  const link = new WrapperLink('server', { devices: [1], mode: 'datagram' });
  link.receive(concat(one, one, one.subarray(0, 8)), 0);
  link.receive(fromHex('0002001000010001C0'), 0);
  link.receive(one, 0);
  const types = events(link).map((event) => (event.type === 'discarded' ? event.reason : event.type));
  expect(types).toEqual([
    'connected',
    'payload',
    'payload',
    '1 octet expected, 0 left (truncated at octet 26)',
    'wrapper version 2 instead of 1 (bad-version at octet 0)',
    'payload',
  ]);
});

test('client and server talk; a server answers the client that asked last, or the one named', () => {
  const client = new WrapperLink('client', { client: 16, server: 1 });
  expect(() => client.send(Uint8Array.of(1), 0)).toThrow(StateError);
  client.connect();
  expect(events(client)).toEqual([{ type: 'connected', maxInfo: 65535, window: 1, client: 16, server: 1 }]);
  client.send(fromHex('C001'), 0);
  const server = new WrapperLink('server', { devices: [1, 17] });
  for (const bytes of sent(client)) server.receive(bytes, 0);
  server.receive(encodeWpdu({ source: 48, destination: 17, apdu: fromHex('C002') }), 0);
  server.receive(encodeWpdu({ source: 48, destination: 2, apdu: fromHex('C003') }), 0);
  expect(
    events(server).map((event) => [event.type, 'client' in event && event.client, 'server' in event && event.server]),
  ).toEqual([
    ['connected', 0, 0],
    ['payload', 16, 1],
    ['payload', 48, 17],
    ['discarded', false, false],
  ]);
  server.send(fromHex('C4'), 0);
  server.send(fromHex('C5'), 0, { client: 16, server: 1 });
  expect(sent(server).map(toHex)).toEqual(['0001001100300001C4', '0001000100100001C5']);
  server.disconnect();
  expect(events(server)).toMatchObject([{ type: 'closed', cause: 'local' }]);
  expect(() => encodeWpdu({ source: 1, destination: 65536, apdu: new Uint8Array(1) })).toThrow(
    '65536 is not a wrapper port',
  );
  expect(() => encodeWpdu({ source: 1, destination: 1, apdu: new Uint8Array(65536) })).toThrow('does not fit');
});

test('a listener hears every server and client', () => {
  const link = new WrapperLink('listener', { mode: 'datagram' });
  link.receive(encodeWpdu({ source: 1, destination: 103, apdu: fromHex('0F') }), 0);
  expect(events(link)[1]).toMatchObject({ type: 'payload', client: 103, server: 1 });
  link.send(fromHex('10'), 0);
  expect(sent(link).map(toHex)).toEqual(['000100670001000110']);
});

describe('something on the way writes between the messages', () => {
  const answer = (apdu: string) => encodeWpdu({ source: 1, destination: 16, apdu: fromHex(apdu) });
  const one = answer('C401C1000600000001');
  const two = answer('C401C2000600000002');
  const text = (words: string) => Uint8Array.from(words, (letter) => letter.charCodeAt(0));

  const noises = {
    'a login text': text('\r\nLOGIN: root\r\nPassword:\r\nCONNECT 9600\r\n'),
    'one NUL': fromHex('00'),
    'three NULs': fromHex('000000'),
    'keep-alives': text('PING\nPING\n'),
    'a keep-alive that begins as a header does': fromHex('0001'),
    'half a header of another connection': fromHex('0001003000'),
    'binary of an unknown kind': fromHex('FFFE0102A55A0001'),
    'our own request back': encodeWpdu({
      source: 16,
      destination: 1,
      apdu: fromHex('C001C100080000010000FF0200'),
    }).subarray(3),
  };
  const payloads = (got: readonly unknown[]) =>
    got.flatMap((event) => {
      const { type, bytes } = event as { type: string; bytes: string };
      return type === 'payload' ? [bytes] : [];
    });

  test.each(Object.entries(noises))('%s before, between and behind: both come, and it is named', (_, noise) => {
    for (const make of [
      () => new WrapperLink('client', { client: 16, server: 1 }),
      () => new WrapperLink('listener', {}),
    ]) {
      fc.assert(
        fc.property(cuts, (cut) => {
          const got = told(make(), concat(noise, one, noise, two, noise), cut);
          expect(payloads(got)).toEqual(['C401C1000600000001', 'C401C2000600000002']);
          expect(got.map((event) => (event as { type: string }).type)).not.toContain('closed');
          expect(got.find((event) => (event as { type: string }).type === 'payload')).toMatchObject({
            remark: { code: 'outside-wrapper', weight: 'note' },
          });
        }),
        { numRuns: 40 },
      );
    }
  });

  test('what is skipped is quoted', () => {
    const got = told(new WrapperLink('client', { client: 16, server: 1 }), concat(text('CONNECT\r\n'), one), []);
    expect(got[1]).toMatchObject({
      type: 'discarded',
      reason: 'octets outside a wrapper message, skipped: "CONNECT\\r\\n"',
    });
  });

  test('a server is not looked for messages in: whoever writes so to it gets no answer', () => {
    const got = told(new WrapperLink('server', {}), concat(text('HELO'), one), []);
    expect(got.map((event) => (event as { type: string }).type)).toEqual(['connected', 'discarded', 'closed']);
  });

  test('HDLC frames are said to be such at once', () => {
    const got = told(new WrapperLink('client', { client: 16, server: 1 }), fromHex('7EA0070321930F017E'), [0]);
    expect(got.at(-1)).toMatchObject({ type: 'closed', reason: 'HDLC frames come here, not the wrapper' });
  });

  test('noise without end ends the connection', () => {
    const link = new WrapperLink('client', { client: 16, server: 1 });
    const got: unknown[] = [];
    for (let i = 0; i < 70; i++) got.push(...told(link, new Uint8Array(1000).fill(0x55), []));
    expect(got.at(-1)).toMatchObject({ type: 'closed', cause: 'frame-reject' });
  });

  test('a datagram: what stands before a message does not lose it', () => {
    const got = told(new WrapperLink('listener', { mode: 'datagram' }), concat(text('AT+X\r\n'), one), []);
    expect(payloads(got)).toEqual(['C401C1000600000001']);
  });

  test('a message that is not whole is told, with what is missing', () => {
    const link = new WrapperLink('client', { client: 16, server: 1 });
    expect(link.pending()).toBeUndefined();
    link.receive(one.subarray(0, 5), 0);
    expect(link.pending()).toBe('of a wrapper message 5 octets came and its end is missing');
    link.receive(one.subarray(5, 12), 0);
    expect(link.pending()).toBe('of a wrapper message 12 octets came, 17 were announced, and its end is missing');
    link.receive(one.subarray(12), 0);
    expect(link.pending()).toBeUndefined();
  });
});

test.each([
  ['client', { client: 16, server: 1, devices: [1] }, 'devices'],
  ['server', { client: 16 }, 'client'],
  ['listener', { maxapdu: 5 }, 'maxapdu'],
] as const)('a %s refuses an option that it does not have', (role, config, name) => {
  expect(() => new WrapperLink(role as 'client', config as never)).toThrow(`WrapperLink has no option '${name}'`);
});
