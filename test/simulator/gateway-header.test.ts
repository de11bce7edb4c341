/** Meters behind a gateway that are reached by its header (IEC 62056-5-3 Annex C), both ways. */

import { afterEach, describe, expect, test } from 'vitest';
import { createFleet, deliverPush, type Fleet, openOptionsOf } from '../../simulator/index.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { gatewayText } from '../../src/apdu/gateway.js';
import { fromHex, fromLatin1, toHex } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import { StateError, TimeoutError } from '../../src/base/errors.js';
import { writtenGateway } from '../../src/client/stored/written.js';
import { u8 } from '../../src/codec/make.js';
import type { Link, LinkEvent } from '../../src/contracts/link.js';
import type { Framing, OpenOptions, Transport } from '../../src/index.js';
import { open } from '../../src/index.js';
import { inspect, renderText } from '../../src/inspect.js';
import { decodeWpdu, encodeWpdu, WrapperLink } from '../../src/link/wrapper-link.js';
import { PushDeframer } from '../../src/push/deframer.js';
import { GatewayLink } from '../../src/session/gateway-link.js';
import { GatewayStationLink } from '../../src/session/gateway-station.js';
import { memoryPair } from '../../src/transport/memory.js';
import { START } from './support.js';

const ENERGY = '1.0.1.8.0.255';
const FIRST = { wrapper: 256, hdlc: 16 } as const;
const fleets: Fleet[] = [];
afterEach(() => {
  for (const fleet of fleets.splice(0)) fleet.stop();
});

function town() {
  const clock = new VirtualClock(START);
  const fleet = createFleet('is15959-1ph', { clock, seed: 1, count: 3 });
  fleets.push(fleet);
  return { clock, fleet };
}

function behind(address: number | string, networkId = 0): Pick<OpenOptions, 'gateway'> {
  return { gateway: { networkId, physicalDeviceAddress: fromLatin1(String(address)) } };
}

/** Octets that crossed the line, as APDUs of the wrapper. */
function spied(transport: Transport, sent: Uint8Array[]): Transport {
  return {
    name: transport.name,
    open: (handler) => transport.open(handler),
    close: () => transport.close(),
    write: (octets) => {
      sent.push(octets.slice());
      transport.write(octets);
    },
  };
}

describe.each(['wrapper', 'hdlc'] as const)('by %s', (framing) => {
  test.each(['reader', 'utility'] as const)('a meter is read as %s, and it is that one', async (name) => {
    const { clock, fleet } = town();
    for (const index of [0, 2]) {
      const [near, far] = memoryPair();
      await fleet.gateway(far, { framing, networkId: 7 });
      const options = openOptionsOf(fleet.meter(index), name);
      const { server: _, serverLower: __, ...plain } = options;
      const at = behind(FIRST[framing] + index, 7);
      const meter = await clock.run(open(near, { ...plain, ...at, framing, clock }));
      const reading = await clock.run(meter.reading(ENERGY));
      expect(reading.unit).toBe('Wh');
      const serial = await clock.run(meter.get(meter.data('0.0.96.1.0.255').value));
      expect(serial).toMatchObject({ type: 'visible-string', value: fleet.identity(index).serial });
      await clock.run(meter.close());
    }
  });

  test.each([
    ['another address', behind(9999)],
    ['another network', behind(FIRST[framing], 9)],
    ['an address that is no number', behind('0256x')],
  ])('%s: nobody answers', async (_, at) => {
    const { clock, fleet } = town();
    const [near, far] = memoryPair();
    await fleet.gateway(far, { framing });
    const error = await clock.run(open(near, { ...at, framing, clock, patience: 0 }).catch((e: unknown) => e));
    expect(error).toBeInstanceOf(TimeoutError);
  });
});

test('two meters are read over one connection, and a third by its wPort', async () => {
  const { clock, fleet } = town();
  const [near, far] = memoryPair({ delivery: 'synchronous' });
  await fleet.gateway(far, { framing: 'wrapper' });
  const answers: Uint8Array[] = [];
  await near.open({ data: (octets) => answers.push(octets), closed: () => {} });
  const request = Uint8Array.of(0xc0, 1, 0xc1, 0, 1, 0, 0, 42, 0, 0, 255, 2, 0);
  const through = (address: string) =>
    encodeApdu({
      type: 'gateway-request',
      networkId: 0,
      physicalDeviceAddress: fromLatin1(address),
      apdu: request,
    });
  for (const [destination, apdu] of [
    [1, through('256')],
    [1, through('257')],
    [258, request],
    [256, request],
    [1, through('256')],
  ] as const) {
    near.write(encodeWpdu({ source: 16, destination, apdu }));
  }
  const shown = answers.map((octets) => {
    const { source, destination, apdu } = decodeWpdu(octets);
    const decoded = decodeApdu(apdu);
    return [source, destination, 'networkId' in decoded ? gatewayText(decoded) : decoded.type];
  });
  expect(shown).toEqual([
    [1, 16, '0/256'],
    [1, 16, '0/257'],
    [258, 16, 'exception-response'],
    [256, 16, 'exception-response'],
    [1, 16, '0/256'],
  ]);
  clock.advance(1);
});

test('the client writes the header of a request before every APDU', async () => {
  const { clock, fleet } = town();
  const [near, far] = memoryPair();
  const [sent, received]: [Uint8Array[], Uint8Array[]] = [[], []];
  await fleet.gateway(spied(far, received), { framing: 'wrapper' });
  const meter = await clock.run(open(spied(near, sent), { ...behind(257), framing: 'wrapper', clock }));
  await clock.run(meter.get(meter.data('0.0.42.0.0.255').value));
  await clock.run(meter.close());
  expect(sent.length).toBeGreaterThanOrEqual(3);
  for (const octets of sent) expect(toHex(decodeWpdu(octets).apdu)).toMatch(/^E60003323537/);
  for (const octets of received) expect(toHex(decodeWpdu(octets).apdu)).toMatch(/^E70003323537/);
});

/** A link under {@link GatewayLink} that gives what it was told to. */
function giving(...payloads: Uint8Array[]): Link {
  const link = new WrapperLink('client', { client: 16, server: 1 });
  for (const apdu of payloads) link.receive(encodeWpdu({ source: 1, destination: 16, apdu }), 0);
  return link;
}

function eventsOf(link: Link): LinkEvent[] {
  const events: LinkEvent[] = [];
  for (let event = link.pollEvent(); event !== undefined; event = link.pollEvent()) events.push(event);
  return events.filter(({ type }) => type !== 'connected');
}

const ADDRESS = { networkId: 1, physicalDeviceAddress: fromHex('AABB') };
const ANSWER = fromHex('C401C10009010A');

test('what comes from another meter, or with a broken header, is no answer; without a header it is one with a remark', () => {
  const own = encodeApdu({ type: 'gateway-response', ...ADDRESS, apdu: ANSWER });
  const others = [
    encodeApdu({ type: 'gateway-response', ...ADDRESS, networkId: 2, apdu: ANSWER }),
    encodeApdu({ type: 'gateway-response', ...ADDRESS, physicalDeviceAddress: fromHex('AABBCC'), apdu: ANSWER }),
    fromHex('E70182AA'),
    fromHex('E70102AABB'),
    fromHex('E70102AABBE70102AABBC401C10009010A'),
  ];
  const events = eventsOf(new GatewayLink(giving(...others, own, ANSWER), ADDRESS));
  expect(events.map((event) => [event.type, 'remark' in event ? event.remark?.code : undefined])).toEqual([
    ...others.map(() => ['discarded', undefined]),
    ['payload', undefined],
    ['payload', 'gateway-header'],
  ]);
  const payloads = events.flatMap((event) => (event.type === 'payload' ? [toHex(event.bytes)] : []));
  expect(payloads).toEqual([toHex(ANSWER), toHex(ANSWER)]);
});

test('what a gateway remembers of its clients is bounded', () => {
  const inner = new WrapperLink('server', {});
  const station = new GatewayStationLink(inner, { networkId: 0, serverOf: ([octet = 0]) => 256 + octet });
  const send = (client: number) => {
    const apdu = encodeApdu({
      type: 'gateway-request',
      networkId: 0,
      physicalDeviceAddress: Uint8Array.of(1),
      apdu: ANSWER,
    });
    inner.receive(encodeWpdu({ source: client, destination: 1, apdu }), 0);
    eventsOf(station);
  };
  for (let client = 1; client <= 5000; client++) send(client);
  const answered = (client: number) => {
    station.send(ANSWER, 0, { client, server: 257 });
    return decodeWpdu(station.pollTransmit() as Uint8Array).apdu[0];
  };
  expect(answered(5000)).toBe(0xe7);
  // The oldest is forgotten: it gets an answer without the header.
  expect(answered(1)).toBe(0xc4);
});

test('the header in inspection, and the conversation with each meter is its own', () => {
  const request = encodeApdu({
    type: 'gateway-request',
    ...ADDRESS,
    apdu: fromHex('C001C100030100010800FF0200'),
  });
  const text = renderText(inspect(request).node);
  expect(text).toContain('network-id: 1');
  expect(text).toContain('physical-device-address: AABB');
  expect(text).toContain('get-request-normal');
  expect(text).not.toContain('not supported yet');
  const named = encodeApdu({
    type: 'gateway-response',
    networkId: 0,
    physicalDeviceAddress: fromLatin1('256'),
    apdu: ANSWER,
  });
  expect(renderText(inspect(named).node)).toContain('meter 0/256: get-response-normal');
});

describe('a push through a gateway', () => {
  const apdu = encodeApdu({ type: 'data-notification', longInvokeId: 1, body: u8(7) });
  const event = (octets: Uint8Array) => {
    const deframer = new PushDeframer();
    deframer.push(octets);
    deframer.flush();
    return deframer.pollEvent();
  };

  test.each(['gateway-response', 'gateway-request'] as const)('with the header of a %s tells its sender', (type) => {
    const through = encodeApdu({ type, ...ADDRESS, apdu });
    const found = event(encodeWpdu({ source: 1, destination: 103, apdu: through }));
    expect(found).toMatchObject({ type: 'payload', bytes: apdu, gateway: ADDRESS });
  });

  test('in blocks, of two meters whose blocks alternate', () => {
    const block = (meter: number, number: number, last: boolean) =>
      encodeWpdu({
        source: 1,
        destination: 103,
        apdu: encodeApdu({
          type: 'gateway-response',
          networkId: 0,
          physicalDeviceAddress: Uint8Array.of(meter),
          apdu: encodeApdu({
            type: 'general-block-transfer',
            last,
            streaming: !last,
            window: 1,
            blockNumber: number,
            blockNumberAck: 0,
            raw: number === 1 ? apdu.subarray(0, 4) : apdu.subarray(4),
          }),
        }),
      });
    const deframer = new PushDeframer();
    for (const octets of [block(1, 1, false), block(2, 1, false), block(1, 2, true), block(2, 2, true)])
      deframer.push(octets);
    const found = [deframer.pollEvent(), deframer.pollEvent()];
    expect(
      found.map((one) => one?.type === 'payload' && [toHex(one.bytes), one.gateway?.physicalDeviceAddress[0]]),
    ).toEqual([
      [toHex(apdu), 1],
      [toHex(apdu), 2],
    ]);
  });

  test('a header inside a header, behind an LLC header too, is no push', () => {
    const inside = encodeApdu({ type: 'gateway-response', ...ADDRESS, apdu });
    const nested = Uint8Array.of(0xe7, 1, 1, 5, 0xff, 0xe6, 0, ...inside);
    const found = event(encodeWpdu({ source: 1, destination: 103, apdu: nested }));
    expect(found).not.toMatchObject({ bytes: apdu });
  });

  test('is brought by deliverPush, and its confirm comes back with the header of a request', async () => {
    const [near, far] = memoryPair();
    const heard: Uint8Array[] = [];
    const confirm = encodeApdu({ type: 'data-notification-confirm', longInvokeId: 1 });
    await far.open({
      data: (octets) => {
        heard.push(octets);
        const answer = encodeApdu({ type: 'gateway-request', ...ADDRESS, apdu: confirm });
        far.write(encodeWpdu({ source: 103, destination: 1, apdu: answer }));
      },
      closed: () => {},
    });
    const pushed = { apdu, confirmed: true, source: 1, destination: 103 } as Parameters<typeof deliverPush>[1];
    const clock = new VirtualClock(START);
    const back = await clock.run(deliverPush(near, pushed, { clock, gateway: ADDRESS }));
    expect(back && toHex(back)).toBe(toHex(confirm));
    expect(toHex(decodeWpdu(heard[0] as Uint8Array).apdu)).toBe(`E70102AABB${toHex(apdu)}`);
  });
});

describe('as people write it', () => {
  test.each([
    ['0/12345678', 0, '3132333435363738'],
    ['255/hex:AABB', 255, 'AABB'],
    ['1/a/b', 1, '612F62'],
  ])('%s', (text, networkId, address) => {
    const read = writtenGateway(text, '--gateway');
    expect([read.networkId, toHex(read.physicalDeviceAddress)]).toEqual([networkId, address]);
    expect(writtenGateway(gatewayText(read), '--gateway')).toEqual(read);
  });

  test.each(['', '12345678', '0/', '256/1', '0/hex:AAB', '0/hex:', `0/${'1'.repeat(128)}`])('%s is refused', (text) => {
    expect(() => writtenGateway(text, '--gateway')).toThrow(StateError);
  });

  test('an address that no header can have is refused before anything is sent', async () => {
    const [near] = memoryPair();
    const framing: Framing = 'wrapper';
    await expect(open(near, { framing, ...behind('', 0) })).rejects.toThrow(/physical device address of 0 octets/);
    await expect(open(near, { framing, ...behind('1', 300) })).rejects.toThrow(/300 is not a network id/);
  });
});
