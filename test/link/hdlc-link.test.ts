import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex } from '../../src/base/bytes.js';
import { StateError } from '../../src/base/errors.js';
import type { LinkEvent } from '../../src/contracts/link.js';
import type { HdlcClientConfig } from '../../src/link/hdlc-config.js';
import { decodeFrame, hdlcAddress } from '../../src/link/hdlc-frame.js';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import { addLlc } from '../../src/link/hdlc-llc.js';
import { encodeParameters } from '../../src/link/hdlc-parameters.js';
import { client16, events, nameOf, octets, pass, sent, server1 } from './harness.js';

const GET = fromHex('C001C1000F0000280000FF0100');
const ANSWER = fromHex('C401C1000906000028 0000FF');
const request = addLlc(GET, 'command');
const response = addLlc(ANSWER, 'response');
const wide = { maxInfoTransmit: 128, maxInfoReceive: 128, windowTransmit: 3, windowReceive: 3 };

function names(link: HdlcLink): string[] {
  return sent(link).map(nameOf);
}

/** Events in short: their type, and what tells them apart. */
function told(link: HdlcLink): string[] {
  return events(link).map((event: LinkEvent) => {
    if (event.type === 'payload') {
      return `payload ${event.client}-${event.server}${event.unconfirmed ? ' UI' : ''} ${toHex(event.bytes)}`;
    }
    if (event.type === 'closed') return `closed ${event.cause}`;
    if (event.type === 'discarded') return `discarded: ${event.reason}`;
    return event.type;
  });
}

const toServer = { to: server1, from: client16 };
const toClient = { to: client16, from: server1 };

/** A client whose SNRM was answered with these parameters. */
function connected(config: Partial<HdlcClientConfig> = {}, parameters = wide): HdlcLink {
  const link = new HdlcLink('client', { client: 16, server: 1, parameters, ...config });
  link.connect(0);
  sent(link);
  link.receive(octets('UA', { ...toClient, information: encodeParameters(parameters) }), 10);
  expect(told(link)).toEqual(['connected']);
  return link;
}

/** A server in a connection with client 16. */
function serving(config: object = {}, parameters = wide): HdlcLink {
  const link = new HdlcLink('server', { devices: [1], parameters, ...config });
  link.receive(octets('SNRM', { ...toServer, information: encodeParameters(parameters) }), 0);
  expect(names(link)).toEqual(['UA']);
  expect(told(link)).toEqual(['connected']);
  return link;
}

describe('the client', () => {
  test('proposes nothing where it wants defaults, else its parameters; takes a UA without information as defaults', () => {
    const link = new HdlcLink('client', { client: 16, server: 1 });
    link.connect(0);
    expect(sent(link).map(toHex)).toEqual(['7EA0070321930F017E']);
    link.receive(fromHex('7EA00721037301407E'), 10);
    expect(events(link)).toEqual([{ type: 'connected', maxInfo: 128, window: 1, client: 16, server: 1 }]);

    const big = { maxInfoTransmit: 2030, maxInfoReceive: 2030, windowTransmit: 1, windowReceive: 1 };
    const other = new HdlcLink('client', { client: 18, server: 1, parameters: big });
    other.connect(0);
    expect(sent(other).map(toHex)).toEqual(['7EA0200325931DBE818014050207EE060207EE070400000001080400000001B5D47E']);
  });

  test('lengths and windows swap: what the server receives is what we may send', () => {
    const own = { maxInfoTransmit: 500, maxInfoReceive: 600, windowTransmit: 5, windowReceive: 6 };
    const link = new HdlcLink('client', { client: 16, server: 1, parameters: own });
    link.connect(0);
    const theirs = { maxInfoTransmit: 64, maxInfoReceive: 32, windowTransmit: 1, windowReceive: 2 };
    link.receive(octets('UA', { ...toClient, information: encodeParameters(theirs) }), 10);
    expect(events(link)[0]).toMatchObject({ type: 'connected', maxInfo: 32, window: 2 });
  });

  test('DM refuses the link, a UA that cannot be read does too, and the client can try again', () => {
    const link = new HdlcLink('client', { client: 16, server: 1 });
    link.connect(0);
    link.receive(octets('DM', toClient), 10);
    expect(told(link)).toEqual(['closed rejected']);
    expect(() => link.send(GET, 10)).toThrow(StateError);
    link.connect(20);
    expect(() => link.connect(20)).toThrow('connecting already');
    link.receive(octets('UA', { ...toClient, information: fromHex('8180060504FFFFFFFF') }), 30);
    expect(told(link)).toEqual(['closed rejected']);
  });

  test('a window: P on the last frame, what is missing is sent again, and only that', () => {
    const link = connected();
    link.send(new Uint8Array(600), 100);
    expect(names(link)).toEqual(['I0.0p+', 'I1.0p+', 'I2.0+']);
    link.receive(octets('RR1', toClient), 110);
    expect(names(link)).toEqual(['I1.0p+', 'I2.0p+', 'I3.0+']);
    link.receive(octets('RR4', toClient), 120);
    expect(names(link)).toEqual(['I4.0']);
  });

  test('without an answer a frame is repeated, of a window the server is asked what it has', () => {
    const link = connected();
    link.send(GET, 100);
    expect(names(link)).toEqual(['I0.0']);
    expect(link.pollTimeout()).toBe(3100);
    link.handleTimeout(3100);
    expect(names(link)).toEqual(['I0.0']);
    link.receive(octets('I0.1', { ...toClient, information: response }), 3200);
    expect(told(link)).toEqual([`payload 16-1 ${toHex(ANSWER)}`]);

    link.send(new Uint8Array(200), 3300);
    expect(names(link)).toEqual(['I1.1p+', 'I2.1']);
    link.handleTimeout(6300);
    expect(names(link)).toEqual(['RR1']);
    link.receive(octets('RR2', toClient), 6400);
    expect(names(link)).toEqual(['I2.1']);
  });

  test('questions without answer end in a time-out; so do answers without effect', () => {
    const silent = connected({ retries: 2 });
    silent.send(GET, 100);
    pass(silent, 100, 100_000);
    expect(names(silent)).toEqual(['I0.0', 'I0.0', 'I0.0']);
    expect(told(silent)).toEqual(['closed timeout']);
    expect(silent.pollTimeout()).toBeUndefined();

    const deaf = connected({ retries: 2 });
    deaf.send(new Uint8Array(200), 100);
    for (let i = 0; i < 3; i++) deaf.receive(octets('RR0', toClient), 200 + i);
    expect(told(deaf)).toEqual(['closed timeout']);
  });

  test('a lost segment of the server: RR asks for it, nothing is delivered twice', () => {
    const link = connected();
    link.send(GET, 100);
    names(link);
    const part = (name: string, from: number, segmented: boolean) =>
      link.receive(octets(name, { ...toClient, segmented, information: response.subarray(from, from + 5) }), 200);
    part('I0.1p', 0, true);
    part('I2.1', 10, false);
    expect(names(link)).toEqual(['RR1']);
    part('I1.1p', 5, true);
    part('I2.1', 10, false);
    expect(names(link)).toEqual([]);
    part('I2.1', 10, false);
    expect(told(link)).toEqual([
      'discarded: I frame: an I frame before it is missing',
      `payload 16-1 ${toHex(ANSWER)}`,
      'discarded: I frame: this I frame came before',
      'discarded: I frame: a late answer to an earlier question',
    ]);
    expect(names(link)).toEqual([]);
  });

  test('late answers to a repeated question do not give the turn away', () => {
    const link = connected();
    link.send(GET, 100);
    names(link);
    link.handleTimeout(3100);
    const answer = octets('I0.1', { ...toClient, information: response });
    link.receive(answer, 3200);
    link.send(GET, 3200);
    expect(names(link)).toEqual(['I0.0', 'I1.1']);
    link.receive(answer, 3300);
    link.receive(octets('RR1', toClient), 3310);
    expect(names(link)).toEqual([]);
    link.receive(octets('I1.2', { ...toClient, information: response }), 3400);
    expect(told(link).filter((text) => text.startsWith('payload')).length).toBe(2);
  });

  test('RNR: asks until the server takes frames again, and gives up after a while', () => {
    const link = connected({ patience: 1000 });
    link.send(new Uint8Array(200), 100);
    expect(names(link)).toEqual(['I0.0p+', 'I1.0']);
    link.receive(octets('RNR1', toClient), 110);
    expect(names(link)).toEqual([]);
    expect(link.pollTimeout()).toBe(310);
    link.handleTimeout(310);
    expect(names(link)).toEqual(['RR0']);
    link.receive(octets('RNR1', toClient), 320);
    link.handleTimeout(520);
    expect(names(link)).toEqual(['RR0']);
    link.receive(octets('RR1', toClient), 530);
    expect(names(link)).toEqual(['I1.0']);
    link.receive(octets('RNR2', toClient), 540);
    pass(link, 540, 740);
    link.receive(octets('RR2', toClient), 750);

    link.send(new Uint8Array(10), 800);
    names(link);
    link.receive(octets('RNR2', toClient), 810);
    for (let now = 1010; now < 3000 && link.pollTimeout() !== undefined; now += 200) {
      link.handleTimeout(now);
      if (names(link).length > 0) link.receive(octets('RNR2', toClient), now);
    }
    expect(told(link)).toEqual(['closed timeout']);
  });

  test('a server that acknowledges first is asked for its answer; not where none is expected', () => {
    const link = connected();
    link.send(GET, 100);
    names(link);
    link.receive(octets('RR1', toClient), 110);
    expect(link.pollTimeout()).toBe(310);
    link.handleTimeout(310);
    expect(names(link)).toEqual(['RR0']);
    link.receive(octets('I0.1', { ...toClient, information: response }), 320);
    expect(told(link)).toEqual([`payload 16-1 ${toHex(ANSWER)}`]);
    link.send(GET, 400, { reply: false });
    names(link);
    link.receive(octets('RR2', toClient), 410);
    expect(link.pollTimeout()).toBeUndefined();
    expect(names(link)).toEqual([]);
  });

  test('an answer that a notification came before is asked for', () => {
    const link = connected();
    link.send(GET, 100);
    names(link);
    link.receive(octets('I0.1', { ...toClient, information: addLlc(fromHex('0F00'), 'response') }), 110);
    expect(told(link)).toEqual(['payload 16-1 0F00']);
    expect(names(link)).toEqual([]);
    link.awaitMore(110);
    expect(names(link)).toEqual(['RR1']);
    link.awaitMore(120);
    expect(names(link)).toEqual([]);
    link.receive(octets('RR1', toClient), 130);
    pass(link, 130, 330);
    expect(names(link)).toEqual(['RR1']);
    link.receive(octets('I1.1', { ...toClient, information: response }), 340);
    expect(told(link)).toEqual([`payload 16-1 ${toHex(ANSWER)}`]);
    expect(link.pollTimeout()).toBeUndefined();
  });

  test('FRMR and DM close the link, UA and commands do nothing', () => {
    const rejected = connected();
    rejected.send(GET, 100);
    rejected.receive(octets('FRMR', { ...toClient, information: fromHex('550001') }), 110);
    expect(told(rejected)).toEqual(['closed frame-reject']);
    const lost = connected();
    lost.send(GET, 100);
    lost.receive(octets('DM', toClient), 110);
    expect(told(lost)).toEqual(['closed peer']);
    const calm = connected();
    for (const name of ['UA', 'SNRM', 'DISC', 'U-FF']) calm.receive(octets(name, toClient), 110);
    expect(told(calm).every((text) => text.startsWith('discarded'))).toBe(true);
    calm.send(GET, 120);
    expect(names(calm)).toEqual(['I0.0']);
  });

  test('disconnects when it is its turn; a server that does not answer is left all the same', () => {
    const link = connected();
    link.send(GET, 100);
    link.disconnect(110);
    expect(names(link)).toEqual(['I0.0']);
    expect(() => link.send(GET, 115)).toThrow('not connected');
    link.receive(octets('I0.1', { ...toClient, information: response }), 120);
    expect(names(link)).toEqual(['DISC']);
    pass(link, 120, 100_000);
    expect(names(link)).toEqual(['DISC', 'DISC', 'DISC']);
    expect(told(link)).toEqual([`payload 16-1 ${toHex(ANSWER)}`, 'closed local']);

    const answered = connected();
    answered.disconnect(100);
    answered.receive(octets('DM', toClient), 110);
    expect(told(answered)).toEqual(['closed local']);
  });

  test('answers of the right server are taken in any address form, of another one never', () => {
    const link = connected();
    link.send(GET, 100);
    names(link);
    const answer = (from: ReturnType<typeof hdlcAddress>) =>
      link.receive(octets('I0.1', { to: client16, from, information: response }), 200);
    answer(hdlcAddress(2));
    answer(hdlcAddress(2, 17));
    link.receive(octets('I0.1', { to: hdlcAddress(32), from: server1, information: response }), 200);
    expect(told(link)).toEqual([
      'discarded: I frame: it is from server 2 for client 16; server 1 was asked by client 16',
      'discarded: I frame: it is from server 2/17 for client 16; server 1 was asked by client 16',
      'discarded: I frame: it is from server 1 for client 32; server 1 was asked by client 16',
    ]);
    answer(hdlcAddress(1, 17));
    expect(told(link)).toEqual([`payload 16-1 ${toHex(ANSWER)}`]);

    const byPhysical = new HdlcLink('client', { client: 16, server: 1, lower: 17 });
    byPhysical.connect(0);
    byPhysical.receive(octets('UA', { to: client16, from: hdlcAddress(1, 18) }), 10);
    expect(told(byPhysical)).toEqual([
      'discarded: UA frame: it is from server 1/18 for client 16; server 1/17 was asked by client 16',
    ]);
    const calling = new HdlcLink('client', { client: 16, server: 1, lower: 0x7e });
    calling.connect(0);
    calling.receive(octets('UA', { to: client16, from: hdlcAddress(1, 18) }), 10);
    expect(told(calling)).toEqual(['connected']);
  });

  test('UI frames: sent when it is our turn, received at any time', () => {
    const link = connected();
    link.send(GET, 100, { unconfirmed: true });
    expect(names(link)).toEqual(['UIp']);
    link.send(GET, 100);
    link.send(GET, 100, { unconfirmed: true, server: 0x7f });
    expect(names(link)).toEqual(['I0.0']);
    link.receive(octets('UIp', { ...toClient, information: response }), 110);
    link.receive(octets('I0.1', { ...toClient, information: response }), 120);
    expect(told(link)).toEqual([`payload 16-1 UI ${toHex(ANSWER)}`, `payload 16-1 ${toHex(ANSWER)}`]);
    expect(sent(link).map((bytes) => decodeFrame(bytes).destination.upper)).toEqual([0x7f]);
    expect(() => link.send(new Uint8Array(126), 130, { unconfirmed: true })).toThrow('does not fit into one UI frame');
  });

  test('segmented UI frames are joined, unless something was lost between them', () => {
    const link = connected();
    const ui = (information: Uint8Array, segmented: boolean) => octets('UIp', { ...toClient, segmented, information });
    link.receive(concat(ui(response.subarray(0, 6), true), ui(response.subarray(6), false)), 100);
    expect(told(link)).toEqual([`payload 16-1 UI ${toHex(ANSWER)}`]);
    const broken = ui(response.subarray(6, 8), true);
    broken[9]! ^= 1;
    link.receive(concat(ui(response.subarray(0, 6), true), broken, ui(response.subarray(8), false)), 110);
    expect(told(link).filter((text) => text.startsWith('payload'))).toEqual([]);
    link.receive(concat(ui(response.subarray(0, 6), true), ui(response, false)), 120);
    expect(told(link)).toEqual([`payload 16-1 UI ${toHex(ANSWER)}`]);
  });

  test('LLC headers: E6 E7 and E6 E6 with any quality are taken, others and empty ones are not', () => {
    const link = connected();
    const got: string[] = [];
    const tries = ['E6E700AA', 'E6E600AA', 'E6E701AA', 'FFE700AA', 'E6E700', 'AABBCCDD', ''];
    tries.forEach((hex, i) => {
      link.send(GET, 100 + i);
      link.receive(octets(`I${i}.${i + 1}`, { ...toClient, information: fromHex(hex) }), 100 + i);
      got.push(...told(link).map((text) => text.split(':')[0]!));
    });
    expect(got).toEqual([...Array(4).fill('payload 16-1 AA'), ...Array(3).fill('discarded')]);
  });

  test('a payload without end closes the link', () => {
    const link = connected({ maxPayload: 1000 });
    link.send(GET, 100);
    let count = 0;
    for (let ns = 0; told(link).length === 0; ns = (ns + 1) & 7) {
      link.receive(octets(`I${ns}.1`, { ...toClient, segmented: true, information: new Uint8Array(100) }), 200);
      if (++count > 20) break;
    }
    expect(count).toBe(11);
    expect(() => link.send(GET, 300)).toThrow('not connected');
  });

  test('time-outs: our own sending, an answer that trickles in, silence, keeping awake', () => {
    const slow = connected({ octetTime: 10 });
    slow.send(GET, 100);
    // 16 octets of information, and as many for all around it at most.
    expect(slow.pollTimeout()).toBe(100 + 320 + 3000);

    const trickle = connected({ interOctetTimeout: 1000 });
    trickle.send(GET, 100);
    const answer = octets('I0.1', { ...toClient, information: response });
    trickle.receive(answer.subarray(0, 5), 2900);
    trickle.handleTimeout(3100);
    expect(names(trickle)).toEqual(['I0.0']);
    trickle.receive(answer.subarray(5), 3800);
    expect(told(trickle)).toEqual([`payload 16-1 ${toHex(ANSWER)}`]);

    const idle = connected({ inactivityTimeout: 5000 });
    pass(idle, 10, 5009);
    expect(told(idle)).toEqual([]);
    pass(idle, 5009, 5010);
    expect(told(idle)).toEqual(['closed timeout']);

    const awake = connected({ keepAlive: 10_000 });
    awake.send(GET, 100);
    names(awake);
    awake.receive(octets('I0.1', { ...toClient, information: response }), 200);
    pass(awake, 200, 10_200);
    expect(names(awake)).toEqual(['RR1']);
    awake.receive(octets('RR1', toClient), 10_250);
    pass(awake, 10_250, 20_250);
    expect(names(awake)).toEqual(['RR1']);
  });
});

describe('the server', () => {
  const get = octets('I0.0', { ...toServer, information: request });

  test('a lost answer: the repeated request brings it again, and is not executed again', () => {
    const link = serving();
    link.receive(get, 100);
    expect(told(link)).toEqual([`payload 16-1 ${toHex(GET)}`]);
    link.send(ANSWER, 110);
    const first = sent(link).map(toHex);
    expect(first.length).toBe(1);
    link.receive(get, 3100);
    expect(sent(link).map(toHex)).toEqual(first);
    link.receive(octets('RR0', toServer), 6200);
    expect(sent(link).map(toHex)).toEqual(first);
    expect(told(link)).toEqual(['discarded: I frame: this I frame came before']);
    link.receive(octets('I1.1', { ...toServer, information: request }), 6300);
    expect(told(link)).toEqual([`payload 16-1 ${toHex(GET)}`]);
  });

  test('speaks only when asked', () => {
    const link = serving();
    link.send(ANSWER, 50);
    expect(names(link)).toEqual([]);
    link.receive(octets('I0.0p', { ...toServer, information: request }), 100);
    expect(names(link)).toEqual([]);
    link.receive(octets('RR0', toServer), 110);
    expect(names(link)).toEqual(['I0.1']);
    link.send(ANSWER, 120);
    expect(names(link)).toEqual([]);
    link.receive(octets('RR1', toServer), 130);
    expect(names(link)).toEqual(['I1.1']);
  });

  test('an answer that takes time: acknowledged after the reply delay, sent when asked again', () => {
    const link = serving({ replyDelay: 300 });
    link.receive(get, 100);
    expect(names(link)).toEqual([]);
    pass(link, 100, 399);
    expect(names(link)).toEqual([]);
    pass(link, 399, 400);
    expect(names(link)).toEqual(['RR1']);
    link.send(ANSWER, 500);
    expect(names(link)).toEqual([]);
    link.receive(octets('RR0', toServer), 600);
    expect(names(link)).toEqual(['I0.1']);
  });

  test('a busy client gets no I frames until it is ready', () => {
    const link = serving();
    link.send(new Uint8Array(200), 50);
    link.receive(octets('RNR0', toServer), 100);
    expect(names(link)).toEqual(['RR0']);
    link.receive(octets('RR0', toServer), 200);
    expect(names(link)).toEqual(['I0.0p+', 'I1.0']);
    link.receive(octets('RR1', toServer), 300);
    expect(names(link)).toEqual(['I1.0']);
  });

  test('a window with a hole: what came after it is not taken, N(R) says from where to repeat', () => {
    const link = serving();
    const part = (name: string, from: number, segmented: boolean) =>
      link.receive(octets(name, { ...toServer, segmented, information: request.subarray(from, from + 6) }), 100);
    part('I0.0p', 0, true);
    part('I2.0', 12, false);
    expect(names(link)).toEqual(['RR1']);
    part('I1.0p', 6, true);
    part('I2.0', 12, false);
    expect(told(link).filter((text) => text.startsWith('payload'))).toEqual([`payload 16-1 ${toHex(GET)}`]);
  });

  test('several clients and logical devices at a time, each its own connection', () => {
    const link = new HdlcLink('server', { devices: [1, 17], maxConnections: 2, replyDelay: 0 });
    const client32 = hdlcAddress(32);
    const device17 = hdlcAddress(17);
    link.receive(octets('SNRM', toServer), 0);
    link.receive(octets('SNRM', { to: device17, from: client32 }), 0);
    expect(names(link)).toEqual(['UA', 'UA']);
    link.receive(octets('SNRM', { to: server1, from: client32 }), 0);
    expect(names(link)).toEqual(['DM']);
    expect(told(link)).toEqual(['connected', 'connected', 'discarded: SNRM frame: there are 2 connections already']);
    link.receive(octets('I0.0', { to: device17, from: client32, information: request }), 10);
    link.send(ANSWER, 10, { client: 16, server: 1 });
    link.send(ANSWER, 10);
    expect(told(link)).toEqual([`payload 32-17 ${toHex(GET)}`]);
    link.receive(octets('RR0', { to: device17, from: client32 }), 20);
    link.receive(octets('RR0', toServer), 20);
    expect(sent(link).map((bytes) => [nameOf(bytes), decodeFrame(bytes).destination.upper])).toEqual([
      ['RR1', 32],
      ['I0.1', 32],
      ['I0.0', 16],
    ]);
    link.receive(octets('DISC', { to: device17, from: client32 }), 30);
    expect(events(link)).toMatchObject([{ type: 'closed', cause: 'peer', client: 32, server: 17 }]);
    expect(() => link.send(ANSWER, 40, { client: 32, server: 17 })).toThrow('not connected');
    link.disconnect(50);
    expect(events(link)).toMatchObject([{ type: 'closed', cause: 'local', client: 16, server: 1 }]);
    link.receive(octets('RR0', toServer), 60);
    expect(names(link).at(-1)).toBe('DM');
  });

  test('a new SNRM ends the connection before it and begins at nought', () => {
    const link = serving();
    link.receive(get, 100);
    link.send(ANSWER, 100);
    names(link);
    told(link);
    link.receive(octets('SNRM', toServer), 200);
    expect(names(link)).toEqual(['UA']);
    expect(told(link)).toEqual(['closed peer', 'connected']);
    link.receive(octets('RR0', toServer), 300);
    expect(names(link)).toEqual(['RR0']);
  });

  test('SNRM with parameters that are not known or out of range is refused', () => {
    const link = new HdlcLink('server', { devices: [1] });
    for (const hex of ['81800309010 5'.replace(' ', ''), '8180060504FFFFFFFF', '8180']) {
      link.receive(octets('SNRM', { ...toServer, information: fromHex(hex) }), 0);
      expect(names(link), hex).toEqual(['DM']);
    }
  });

  test('broadcast: UI to all stations is delivered, never answered; nothing else is', () => {
    const link = new HdlcLink('server', { devices: [1], lower: 17 });
    const all = [hdlcAddress(0x7f), hdlcAddress(0x7f, 0x7f), hdlcAddress(0x3fff, 0x3fff, 4), hdlcAddress(1, 0x7f)];
    for (const to of all) {
      link.receive(octets('UI', { to, from: client16, information: request }), 0);
      for (const name of ['SNRM', 'DISC', 'RR0', 'I0.0', 'U-FF']) link.receive(octets(name, { to, from: client16 }), 0);
    }
    expect(told(link).filter((text) => text.startsWith('payload'))).toEqual(
      [127, 127, 16383, 1].map((upper) => `payload 16-${upper} UI ${toHex(GET)}`),
    );
    const nobody = [
      hdlcAddress(0),
      hdlcAddress(1, 0),
      hdlcAddress(1, 18),
      hdlcAddress(1, 0x7e),
      hdlcAddress(2, 17),
      hdlcAddress(0, 17),
    ];
    for (const to of nobody) link.receive(octets('SNRM', { to, from: client16 }), 0);
    expect(names(link)).toEqual([]);
    const calling = new HdlcLink('server', { devices: [1], lower: 17, calling: true });
    calling.receive(octets('SNRM', { to: hdlcAddress(1, 0x7e), from: client16 }), 0);
    calling.receive(octets('SNRM', { to: hdlcAddress(1, 0x3ffe, 4), from: client16 }), 0);
    expect(names(calling)).toEqual(['UA', 'UA']);
  });

  test('pushes by UI: at once without a connection, with the next answer in one', () => {
    const link = new HdlcLink('server', { devices: [1], lower: 17 });
    expect(() => link.send(ANSWER, 0, { unconfirmed: true })).toThrow('no client to go to');
    link.send(new Uint8Array(500), 0, { unconfirmed: true, client: 103 });
    const [push] = sent(link).map(decodeFrame);
    expect(push).toMatchObject({
      destination: { upper: 103, size: 1 },
      source: { upper: 1, lower: 17 },
      control: { octet: 0x03 },
    });
    const inside = serving();
    inside.send(ANSWER, 50, { unconfirmed: true });
    expect(names(inside)).toEqual([]);
    inside.receive(octets('RR0', toServer), 100);
    expect(names(inside)).toEqual(['UIp', 'RR0']);
  });

  test('hostile segmentation ends in FRMR', () => {
    const link = serving({ maxPayload: 1000 });
    const all: string[] = [];
    for (let i = 0; i < 12; i++) {
      link.receive(octets(`I${i & 7}.0`, { ...toServer, segmented: true, information: new Uint8Array(100) }), 100);
      all.push(...names(link));
    }
    expect(all.slice(9)).toEqual(['RR2', 'FRMR', 'FRMR']);
    expect(told(link)).toContain('closed frame-reject');
  });

  test('a frame rejected tells which and why', () => {
    const link = serving();
    link.receive(octets('RR5', toServer), 100);
    expect(toHex(decodeFrame(sent(link)[0]!).information)).toBe('B10008');
    expect(() => link.send(ANSWER, 110)).toThrow('not connected');
  });
});

describe('an echo', () => {
  /** All that a link says comes back to it, whole, cut or damaged; then the answer comes. */
  test.each(['whole', 'cut', 'damaged'])('%s, has no effect on a client', (kind) => {
    const clean = connected();
    const echoed = connected();
    const back = (bytes: Uint8Array): Uint8Array => {
      const copy = bytes.slice();
      if (kind === 'damaged') copy[copy.length - 3]! ^= 0x10;
      return kind === 'cut' ? copy.subarray(0, copy.length - 4) : copy;
    };
    const answers = [
      octets('RR1', toClient),
      octets('I0.1', { ...toClient, segmented: true, information: response.subarray(0, 5) }),
      octets('I1.1', { ...toClient, information: response.subarray(5) }),
      octets('UA', toClient),
    ];
    for (const [index, answer] of answers.entries()) {
      const at = 100 * (index + 1);
      const said = [clean, echoed].map((link) => {
        if (index === 0) link.send(GET, at);
        if (index === 1) link.handleTimeout(at + 200);
        if (index === 3) link.disconnect(at);
        return sent(link);
      });
      expect(said[1]!.map(toHex)).toEqual(said[0]!.map(toHex));
      for (const bytes of said[1]!) echoed.receive(back(bytes), at + 201);
      for (const link of [clean, echoed]) link.receive(answer, at + 205);
    }
    const outcome = told(clean);
    expect(outcome).toEqual([`payload 16-1 ${toHex(ANSWER)}`, 'closed local']);
    expect(told(echoed).filter((text) => !text.startsWith('discarded'))).toEqual(outcome);
  });

  test('has no effect on a server', () => {
    const link = new HdlcLink('server', { devices: [1], lower: 17 });
    const two = { to: hdlcAddress(1, 17), from: client16 };
    for (const bytes of [
      octets('DISC', two),
      octets('SNRM', two),
      octets('RR0', two),
      octets('U-FF', two),
      octets('DISC', two),
    ]) {
      link.receive(bytes, 10);
      const answers = sent(link);
      expect(answers.length).toBe(1);
      for (const answer of answers) link.receive(answer, 11);
      expect(sent(link)).toEqual([]);
    }
  });
});

test('configurations that cannot be are refused', () => {
  expect(() => new HdlcLink('client', { client: 0, server: 1 })).toThrow('client SAP is 0');
  expect(() => new HdlcLink('client', { client: 128, server: 1 })).toThrow('client SAP is 128');
  expect(() => new HdlcLink('client', { client: 16, server: 1, addressSize: 2 })).toThrow('lower address is missing');
  expect(() => new HdlcLink('client', { client: 16, server: 1, parameters: { windowTransmit: 9 } })).toThrow(
    'windowTransmit',
  );
  expect(() => new HdlcLink('server', { devices: [0] })).toThrow('logical device address is 0');
});
