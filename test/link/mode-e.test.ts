import { describe, expect, test } from 'vitest';
import { type LineOptions, VirtualLine } from '../../simulator/line.js';
import { VirtualClock } from '../../src/base/clock.js';
import type { LinkError } from '../../src/base/errors.js';
import { withEvenParity } from '../../src/base/parity.js';
import type { LinkEvent } from '../../src/contracts/link.js';
import type { Procedure } from '../../src/contracts/procedure.js';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import { ModeELink } from '../../src/link/mode-e.js';
import type { ModeEClientConfig, ModeEServerConfig } from '../../src/link/mode-e-config.js';
import { ClientDriver } from '../../src/transport/driver.js';
import { serveLink } from '../../src/transport/server.js';

const METER: ModeEServerConfig = { role: 'server', manufacturer: 'ABC', identification: 'METER-1', baud: 9600 };

/** A client and a meter that wants the sign-on, over one virtual line that begins at 300 baud. */
async function signOn(
  options: { client?: Partial<ModeEClientConfig>; meter?: Partial<ModeEServerConfig>; line?: LineOptions } = {},
) {
  const clock = new VirtualClock();
  const line = new VirtualLine(clock, { baudRate: 300, ...options.line });
  const seven = { baudRate: 300, dataBits: 7, parity: 'even' } as const;
  const meter = new ModeELink({ ...METER, ...options.meter }, new HdlcLink('server', { devices: [1] }));
  await serveLink(line.b, meter, clock, { payload: (event) => event.bytes });
  await line.b.configure?.(seven);
  const client = new ModeELink(
    { role: 'client', ...options.client },
    new HdlcLink('client', { client: 16, server: 1, octetTime: 10_000 / 9600, responseTimeout: 1000 }),
  );
  const bauds: number[] = [];
  const onLinkEvent = (event: LinkEvent) => {
    if (event.type === 'reconfigure') bauds.push(event.baud);
  };
  const driver = new ClientDriver(line.a, client, clock, { onLinkEvent });
  const connecting = driver.connect();
  await line.a.configure?.(seven);
  return { clock, line, client, driver, bauds, connecting };
}

function closed(link: ModeELink): LinkEvent | undefined {
  for (let event = link.pollEvent(); event !== undefined; event = link.pollEvent())
    if (event.type === 'closed') return event;
  return undefined;
}

function* ping(bytes: Uint8Array): Procedure<Uint8Array> {
  return yield { apdu: bytes, reply: true };
}

describe('protocol mode E', () => {
  test.each([
    ['a quiet line', {}],
    ['an echo', { echo: [true, false] as const }],
  ])('signs on at 300 baud and speaks HDLC at 9600 over %s', async (_, line) => {
    const { clock, driver, connecting, client, bauds } = await signOn({ line });
    await expect(clock.run(connecting)).resolves.toMatchObject({ client: 16, server: 1 });
    expect(client.identification).toMatchObject({ manufacturer: 'ABC', identification: 'METER-1', mode: 'E' });
    expect(bauds).toEqual([300, 9600]);
    const answer = await clock.run(driver.run(ping(Uint8Array.of(0xc0, 1, 2))));
    expect([...answer]).toEqual([0xc0, 1, 2]);
  });

  test('signs on again after a disconnection', async () => {
    const { clock, driver, connecting, bauds } = await signOn();
    await clock.run(connecting);
    await clock.run(driver.disconnect());
    await clock.run(driver.connect());
    expect(bauds).toEqual([300, 9600, 300, 300, 9600]);
    await expect(clock.run(driver.run(ping(Uint8Array.of(7))))).resolves.toEqual(Uint8Array.of(7));
  });

  test.each([
    ['the begin of a message', [0x2f, 0x4c, 0x30]],
    ['the begin of an identification and its end', [0x2f, 0x4c, 0x30, 0x0d, 0x0a]],
    ['an acknowledgement', [0x06, 0x30]],
    ['the begin of a command', [0x01, 0x1f]],
    ['the begin of data', [0x02, 0x55]],
    ['other octets', [0x7e, 0xa0, 0x07, 0x03, 0x21, 0x93]],
  ])('noise before the request, and before the identification, costs no time: %s', async (_, noise) => {
    const quiet = await signOn();
    await quiet.clock.run(quiet.connecting);
    const meant = quiet.clock.now();
    for (const at of ['a', 'b'] as const) {
      const clock = new VirtualClock();
      const line = new VirtualLine(clock, { baudRate: 300 });
      const meter = new ModeELink(METER, new HdlcLink('server', { devices: [1] }));
      const client = new ModeELink({ role: 'client' }, new HdlcLink('client', { client: 16, server: 1 }));
      await serveLink(line.b, meter, clock, { payload: (event) => event.bytes });
      await line.b.configure?.({ baudRate: 300 });
      const connecting = new ClientDriver(line.a, client, clock, { echo: false }).connect();
      if (at === 'b') meter.receive(withEvenParity(Uint8Array.from(noise)), clock.now());
      else clock.at(50, () => client.receive(withEvenParity(Uint8Array.from(noise)), clock.now()));
      await clock.run(connecting);
      expect(clock.now(), at).toBeLessThan(meant + 200);
    }
  });

  test.each([[200], [1500]])('lets a long identification finish that begins %d ms after the request', async (pause) => {
    const identification = 'A-LONG-NAME'.padEnd(16, '-');
    const { clock, connecting, line, client } = await signOn({ meter: { reactionTime: pause, identification } });
    await clock.run(connecting);
    expect(client.identification?.identification).toBe(identification);
    // One request and one acknowledgement: nothing was asked twice.
    expect(line.statistics[0].sent).toBeLessThan(5 + 6 + 40);
  });

  test('noise without an end does not hold the sign-on up', async () => {
    const clock = new VirtualClock();
    const link = new ModeELink({ role: 'client' }, new HdlcLink('client', { client: 16, server: 1 }));
    link.connect(0);
    clock.advance(1);
    for (let now = 0; now < 60_000 && closed(link) === undefined; now += 33) {
      link.receive(Uint8Array.of(0x2f), now);
      link.handleTimeout(now);
      if (now > 20_000) throw new Error('it still waits');
    }
  });

  test('asks again when the first request is lost', async () => {
    const { clock, connecting, line } = await signOn({ line: { noise: { silenceRate: 1, silence: 150 }, seed: 3 } });
    const outcome = clock.run(connecting).then(
      () => 'connected',
      (error: LinkError) => error.reason,
    );
    expect(await outcome).toBe('no-answer');
    // Three requests of five octets each.
    expect(line.statistics[0].sent).toBe(15);
  });

  test('switches no faster than told', async () => {
    const { clock, connecting, bauds } = await signOn({ client: { maxBaud: 4800 } });
    await clock.run(connecting);
    expect(bauds).toEqual([300, 4800]);
  });

  test('only the meter addressed answers', async () => {
    const named = await signOn({ client: { deviceAddress: '0042' }, meter: { deviceAddress: '42' } });
    await expect(named.clock.run(named.connecting)).resolves.toBeDefined();
    const other = await signOn({ client: { deviceAddress: '43' }, meter: { deviceAddress: '42' } });
    await expect(other.clock.run(other.connecting)).rejects.toMatchObject({ reason: 'no-answer' });
  });

  test.each([
    [
      'twice: it is refused by its name',
      '/XYZ5Old one\r\n',
      { cause: 'rejected', reason: /XYZ Old one offers mode C and no HDLC/ },
    ],
    ['once, and offers it then: the first was cut', '/XYZ5\\2Old one\r\n', undefined],
    ['once, and not again: nothing is said of its modes', undefined, { cause: 'timeout', reason: /not again/ }],
  ])('a meter that offers no HDLC %s', (_, second, expected) => {
    const client = new ModeELink({ role: 'client' }, new HdlcLink('client', { client: 16, server: 1 }));
    const events: LinkEvent[] = [];
    const sent: string[] = [];
    const drain = () => {
      for (let event = client.pollEvent(); event !== undefined; event = client.pollEvent()) events.push(event);
      for (let octets = client.pollTransmit(); octets !== undefined; octets = client.pollTransmit())
        sent.push(String.fromCharCode(...octets.map((octet) => octet & 0x7f)));
    };
    const octets = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
    client.connect(0);
    drain();
    client.receive(octets('/XYZ5Old one\r\n'), 500);
    drain();
    // It is told to break off and left in peace before it is asked again.
    expect(sent).toEqual(['/?!\r\n', '\x01B0\x03q']);
    const due = client.pollTimeout() ?? 0;
    expect(due).toBeGreaterThan(500 + 1500);
    client.handleTimeout(due);
    drain();
    expect(sent.at(-1)).toBe('/?!\r\n');
    if (second !== undefined) client.receive(octets(second), due + 500);
    else for (let i = 0; i < 4; i++) client.handleTimeout(client.pollTimeout() ?? 0);
    drain();
    const closed = events.find((event) => event.type === 'closed');
    if (expected === undefined) expect(closed).toBeUndefined();
    else {
      expect(closed?.cause).toBe(expected.cause);
      expect(closed?.reason).toMatch(expected.reason);
    }
  });
});
