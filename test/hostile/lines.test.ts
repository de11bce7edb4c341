/** A session belongs to its connection: what another connection says is not answered through it, and does not end it. */

import { describe, expect, it } from 'vitest';
import { createFleet, createMeter, openOptionsOf } from '../../simulator/index.js';
import { encodeApdu } from '../../src/apdu/codec.js';
import { type Clock, VirtualClock } from '../../src/base/clock.js';
import { u32 } from '../../src/codec/make.js';
import type { Procedure } from '../../src/contracts/procedure.js';
import { DisconnectControlV0 } from '../../src/cosem/classes/disconnect-control.js';
import {
  AccessError,
  AssociationError,
  MemoryCounterStore,
  type OpenOptions,
  open,
  type SecurityOptions,
  type Transport,
} from '../../src/index.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { object } from '../../src/server/object.js';
import { counterEntryOf } from '../../src/tools.js';
import { memoryPair } from '../../src/transport/memory.js';
import { attribute, CLIENT, pump, setup } from '../session/harness.js';
import { Bench, START } from '../simulator/support.js';
import { firstApdu } from '../support/first-apdu.js';
import { onLines, RogueClient } from './rogue-client.js';

const register = attribute(3, '1.0.1.8.0.255', 2);
const readRegister = encodeApdu({ type: 'get-request-normal', invokeId: 0xc1, attribute: register });
const NO_ASSOCIATION = 'D80203';
const PUBLIC = 16;
const serialNumber = attribute(1, '0.0.96.1.0.255', 2);
const readSerial = encodeApdu({ type: 'get-request-normal', invokeId: 0xc1, attribute: serialNumber });

/** A meter with a password, in clear, and a relay; on lines. */
function relayMeter(mechanism: 0 | 1 | 2 | 5) {
  const made = setup({ mechanism, conformance: 0x0fffff });
  let closed = true;
  made.device.add(
    object(DisconnectControlV0, '0.0.96.3.10.255', {
      outputState: () => closed,
      controlState: () => (closed ? 'connected' : 'disconnected'),
      controlMode: () => 4,
      remoteDisconnect: () => {
        closed = false;
      },
    } as never),
  );
  const disconnect = encodeApdu({
    type: 'action-request-normal',
    invokeId: 0xc1,
    method: { classId: 70, instanceId: Uint8Array.of(0, 0, 96, 3, 10, 255), methodId: 1 },
    parameter: { type: 'integer', value: 0 },
  });
  return { ...made, meter: onLines(made.server), disconnect, closed: () => closed };
}

/** Associates a session of ours, the rightful client, over a line. */
async function associate(rogue: RogueClient, client: ReturnType<typeof setup>['client']): Promise<void> {
  await run(rogue, client.associate());
}

async function run<T>(line: RogueClient, procedure: Procedure<T>): Promise<T> {
  let input: Uint8Array = new Uint8Array(0);
  for (;;) {
    const step = procedure.next(input);
    if (step.done === true) return step.value;
    input = (await line.ask(step.value.apdu)) ?? new Uint8Array(0);
  }
}

describe.each(['wrapper', 'hdlc'] as const)('over %s', (framing) => {
  it.each([1, 2] as const)(
    'nobody reads or switches through the association of another line, mechanism %i',
    async (mechanism) => {
      const { meter, client, disconnect, closed } = relayMeter(mechanism);
      const rightful = await RogueClient.connect(meter, CLIENT, framing);
      await associate(rightful, client);
      const rogue = await RogueClient.connect(meter, CLIENT, framing);
      expect(await rogue.asked(readRegister)).toBe(NO_ASSOCIATION);
      expect(await rogue.asked(disconnect)).toBe(NO_ASSOCIATION);
      expect(closed()).toBe(true);
      expect(await run(rightful, client.get([register]))).toEqual([{ data: u32(123456) }]);
    },
  );

  it('nothing that happens on another line ends an association', async () => {
    const { meter, client, server } = relayMeter(2);
    const rightful = await RogueClient.connect(meter, CLIENT, framing);
    await associate(rightful, client);
    const rogue = await RogueClient.connect(meter, CLIENT, framing);
    // An AARQ in which nothing is proved yet, pass 3 with a wrong answer, the end of the association, of the data link, of the line.
    await rogue.ask(firstApdu(setup({ mechanism: 2 }).client));
    expect(await run(rightful, client.get([register]))).toEqual([{ data: u32(123456) }]);
    const wrong = setup({ mechanism: 2, client: { secret: new Uint8Array(16).fill(1) } }).client;
    await expect(associate(rogue, wrong)).rejects.toThrow(AssociationError);
    await rogue.ask(encodeApdu({ type: 'rlrq', reason: 0 }));
    await rogue.disconnect();
    await rogue.close();
    expect(await run(rightful, client.get([register]))).toEqual([{ data: u32(123456) }]);
    expect(server.line().associated).toBe(false);
  });
});

describe('one association a client', () => {
  const held = /another program may hold this client/;

  it.each([1, 2, 5] as const)(
    'is kept from a second one that proves itself, as long as the first one asks: mechanism %i',
    async (mechanism) => {
      const { meter, client, device, server } = relayMeter(mechanism);
      const first = await RogueClient.connect(meter, CLIENT);
      await associate(first, client);
      const second = await RogueClient.connect(meter, CLIENT);
      const other = sameSecret(mechanism, 100);
      const refused = await associate(second, other).catch((error) => error);
      expect(refused).toBeInstanceOf(AssociationError);
      expect(refused.result).toBe(2);
      expect(refused.hint).toMatch(held);
      expect(await run(first, client.get([register]))).toEqual([{ data: u32(123456) }]);
      expect(device.status(CLIENT)).toBe(2);
      expect(server.session(CLIENT, 1)?.state).toBe('idle');
    },
  );

  it.each([1, 2, 5] as const)('goes from who is silent to who proves itself newly: mechanism %i', async (mechanism) => {
    const { meter, client, device } = relayMeter(mechanism);
    const silent = await RogueClient.connect(meter, CLIENT);
    await associate(silent, client);
    meter.clock.advance(4999);
    const unproven = await RogueClient.connect(meter, CLIENT);
    await unproven.ask(firstApdu(sameSecret(mechanism, 100)));
    expect(device.status(CLIENT)).toBe(2);
    expect(await run(silent, client.get([register]))).toEqual([{ data: u32(123456) }]);

    meter.clock.advance(5000);
    const next = await RogueClient.connect(meter, CLIENT);
    const other = sameSecret(mechanism, 200);
    await associate(next, other);
    expect(await run(next, other.get([register]))).toEqual([{ data: u32(123456) }]);
    // The silent one is told that it has no association any more, and why that may be.
    const late = await run(silent, client.get([register])).catch((error) => error);
    expect(late).toBeInstanceOf(AccessError);
    expect([late.unassociated, late.hint]).toEqual([
      true,
      expect.stringMatching(/another program may have taken this client/),
    ]);
    await unproven.close();
    await silent.close();
    expect(await run(next, other.get([register]))).toEqual([{ data: u32(123456) }]);
    expect(device.status(CLIENT)).toBe(2);
    await next.close();
    expect(device.status(CLIENT)).toBe(0);
  });

  it('goes to the next one when the clock was set back since the holder asked', () => {
    const { server, client } = setup({ mechanism: 1 });
    const at = (now: number) => {
      const line = server.line();
      return (apdu: Uint8Array) => line.handle(CLIENT, 1, apdu, now);
    };
    pump(client.associate(), at(1_000_000));
    const next = setup({ mechanism: 1 }).client;
    const wire = at(500_000);
    pump(next.associate(), wire);
    expect(pump(next.get([register]), wire)).toEqual([{ data: u32(123456) }]);
  });

  it.each(['a meter of its own', 'a meter of a town'])(
    'is kept by the time of the lines, however fast time passes for %s',
    async (kind) => {
      const lineClock = new VirtualClock(START);
      const clock: Clock = {
        now: () => START + (lineClock.now() - START) * 3600,
        at: (time, task) => lineClock.at(START + Math.ceil((time - START) / 3600), task),
      };
      const meter = createMeter('is15959-1ph', { clock, lineClock, seed: 7 });
      const fleet = createFleet('is15959-1ph', { clock, lineClock, seed: 7, count: 1 });
      const counters = new MemoryCounterStore();
      const dial = async () => {
        const [near, far] = memoryPair();
        if (kind === 'a meter of its own') await meter.attach(far, { framing: 'wrapper' });
        else await fleet.attach(0, far, { framing: 'wrapper' });
        const { security, ...rest } = openOptionsOf(meter, 'utility');
        const options = {
          ...rest,
          framing: 'wrapper',
          clock: lineClock,
          patience: 0,
          security: { ...security, counters },
        } as OpenOptions;
        return lineClock.run(open(near, options));
      };
      const first = await dial();
      const read = () => lineClock.run(first.get(first.register('1.0.1.8.0.255').value));
      await read();
      lineClock.advance(1000);
      await expect(dial()).rejects.toThrow(AssociationError);
      // The meter has seen counters of the one that was refused.
      counters.raise(counterEntryOf(nobleCrypto, openOptionsOf(meter, 'utility').security as SecurityOptions), 1000);
      expect((await read()).value).toBeGreaterThan(0);
      lineClock.advance(5000);
      await dial();
      fleet.stop();
      meter.stop();
    },
  );

  it('does not go to an AARQ without proof, however long the holder is silent', async () => {
    const { meter, client } = relayMeter(2);
    const silent = await RogueClient.connect(meter, CLIENT);
    await associate(silent, client);
    meter.clock.advance(60_000);
    const rogue = await RogueClient.connect(meter, CLIENT);
    await rogue.ask(firstApdu(sameSecret(2, 0)));
    expect(await run(silent, client.get([register]))).toEqual([{ data: u32(123456) }]);
  });

  it('is no matter for clients that prove nothing: nobody locks them out, each line has its own', async () => {
    const { meter, client } = relayMeter(0);
    const one = await RogueClient.connect(meter, CLIENT);
    await associate(one, client);
    const other = await RogueClient.connect(meter, CLIENT);
    expect(await other.asked(readRegister)).toBe(NO_ASSOCIATION);
    const second = setup().client;
    await associate(other, second);
    expect(await run(one, client.get([register]))).toEqual([{ data: u32(123456) }]);
    expect(await run(other, second.get([register]))).toEqual([{ data: u32(123456) }]);
  });

  /** Another program that knows the secret; one that counts begins there. */
  function sameSecret(mechanism: number, counter: number) {
    const { client } = setup({ mechanism: mechanism as 1 });
    for (let i = 0; i < counter && mechanism === 5; i++) client.config.security?.counters.next('client');
    return client;
  }
});

describe('the virtual meter', () => {
  it('does not let a second connection read as the public client that another one is', async () => {
    const bench = new Bench();
    const meter = await bench.open('public');
    const rogue = await RogueClient.connect({ clock: bench.clock, line: (o) => bench.meter.line(o) }, PUBLIC);
    expect(await rogue.asked(readSerial)).toBe(NO_ASSOCIATION);
    await meter.close();
  });

  it('keeps the association of a line when on another one SNRM, an AARQ without proof and DISC come', async () => {
    const bench = new Bench();
    const meter = await bench.open('utility', { framing: 'hdlc', patience: 0 });
    const rogue = await RogueClient.connect({ clock: bench.clock, line: (o) => bench.meter.line(o) }, 48, 'hdlc');
    await rogue.ask(firstApdu(setup({ mechanism: 2 }).client));
    await rogue.disconnect();
    expect(await meter.get(meter.register('1.0.1.8.0.255').value)).toBeDefined();
    await meter.close();
  });
});

describe.each(['wrapper', 'hdlc'] as const)('meters of a fleet behind one address, %s', (framing) => {
  it('keep the sessions of each line apart', async () => {
    const bench = new Bench();
    const fleet = createFleet('is15959-1ph', { seed: 7, count: 3, clock: bench.clock });
    const line = async (): Promise<Transport> => {
      const [end, far] = memoryPair();
      await fleet.gateway(far, { framing });
      return end;
    };
    const { client } = openOptionsOf(fleet.meter(1), 'public');
    const at = framing === 'wrapper' ? { server: 0x101 } : { server: 1, serverLower: 0x11 };
    const options = { framing, client, authentication: 'none', clock: bench.clock, patience: 0, ...at } as const;
    const rightful = await open(await line(), options);
    // A line of its own: its SNRM, its AARQ and its end are no matter of the other one's.
    const other = await open(await line(), options);
    await other.close();
    const read = () => rightful.get(rightful.data('0.0.96.1.0.255').value);
    expect(await read()).toBeDefined();
    await rightful.close();
    fleet.stop();
  });
});
