/** A transfer that never ends: each kind has a bound by what it brings forward and by time, and the sentence tells the time waited. */
import { describe, expect, test } from 'vitest';
import type { Apdu } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { VirtualClock } from '../../src/base/clock.js';
import { CosemError, type DecodeError, TimeoutError, UncertainError } from '../../src/base/errors.js';
import type { Exchange, Procedure } from '../../src/contracts/procedure.js';
import { DisconnectControlV0 } from '../../src/cosem/classes/disconnect-control.js';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import { ModeCLink, SELECT_READOUT } from '../../src/link/mode-c.js';
import { GeneralBlocks } from '../../src/session/general-blocks.js';
import { ClientDriver } from '../../src/transport/driver.js';
import { memoryPair } from '../../src/transport/memory.js';
import { PlainLink } from '../support/plain-link.js';
import { ServedMeter } from '../support/served-meter.js';
import { rogueStation } from './rogue-station.js';

/** Round trips that a transfer which brings next to nothing may cost. */
const FEW = 400;
const ONE = Uint8Array.of(0);

async function failure(promise: Promise<unknown>): Promise<CosemError> {
  try {
    await promise;
  } catch (error) {
    expect(error).toBeInstanceOf(CosemError);
    return error as CosemError;
  }
  throw new Error('it ended');
}

/** How long it says that it waited, in milliseconds. */
function told({ message }: Error): number {
  const [, amount, unit] = /(?:within|for) ([\d.]+) (m?s)\b/.exec(message) ?? [];
  return Number(amount) * (unit === 's' ? 1000 : 1);
}

describe('a rogue meter', () => {
  test('sends blocks of one octet in answer to a GET', async () => {
    const served = new ServedMeter();
    const meter = await served.clock.run(served.open());
    let number = 0;
    served.says = (_, request) => {
      const { invokeId } = decodeApdu(request) as Apdu & { readonly invokeId: number };
      return encodeApdu({
        type: 'get-response-with-datablock',
        invokeId,
        block: { last: false, number: ++number, raw: ONE },
      });
    };
    const error = await failure(served.clock.run(meter.get(meter.data('0.0.96.1.0.255').value)));
    expect(error.message).toContain('a block transfer that makes no progress: ');
    expect(number).toBeLessThan(FEW);
  });

  test('sends blocks of one octet in answer to an ACTION', async () => {
    const served = new ServedMeter();
    const meter = await served.clock.run(served.open());
    let number = 0;
    served.says = (_, request) => {
      const { invokeId } = decodeApdu(request) as Apdu & { readonly invokeId: number };
      const block = { last: false, number: ++number, raw: ONE };
      return encodeApdu({ type: 'action-response-with-pblock', invokeId, block });
    };
    const relay = meter.object(DisconnectControlV0, '0.0.96.3.10.255');
    const error = await failure(served.clock.run(meter.call(relay.remoteDisconnect)));
    expect(error).toBeInstanceOf(UncertainError);
    expect(number).toBeLessThan(FEW);
  });

  test.each([
    ['of nothing', new Uint8Array(0)],
    ['of one octet', ONE],
  ])('sends segments %s', async (_, information) => {
    const clock = new VirtualClock();
    const { transport, asked } = await rogueStation(clock, () => ({ information, segmented: true }));
    const driver = new ClientDriver(transport, new HdlcLink('client', { client: 16, server: 1 }), clock, {
      exchangeLimit: 1e9,
    });
    await clock.run(driver.connect());
    const error = await failure(clock.run(driver.run(asking(1))));
    expect(error.message).toContain('a payload without end');
    expect(asked()).toBeLessThan(1500);
  });

  test.each(['RR', 'RNR'] as const)('answers %s for ever', async (type) => {
    const clock = new VirtualClock();
    const { transport } = await rogueStation(clock, () => type);
    const driver = new ClientDriver(transport, new HdlcLink('client', { client: 16, server: 1 }), clock, {
      responseTimeout: 2000,
    });
    await clock.run(driver.connect());
    const began = clock.now();
    const error = await failure(clock.run(driver.run(asking(2))));
    const waited = clock.now() - began;
    expect(waited).toBeLessThan(70_000);
    // The link is taken down after it.
    expect(Math.abs(told(error) - waited)).toBeLessThan(2500);
  });

  test('answers in the last moment, for ever', async () => {
    const clock = new VirtualClock();
    const [transport, meter] = memoryPair({ names: ['slow meter', 'client'] });
    const link = new PlainLink('server');
    let answers = 0;
    const flush = () => {
      for (let frame = link.pollTransmit(); frame !== undefined; frame = link.pollTransmit()) meter.write(frame);
    };
    await meter.open({
      data: (chunk) => {
        link.receive(chunk, clock.now());
        flush();
        if (chunk[0] !== 1) return;
        answers++;
        clock.at(clock.now() + 9000, () => {
          if (!link.connected) return;
          link.send(ONE, clock.now());
          flush();
        });
      },
      closed: () => {},
    });
    const driver = new ClientDriver(transport, new PlainLink('client'), clock);
    await clock.run(driver.connect());
    const began = clock.now();
    const error = await failure(clock.run(driver.run(asking(Number.POSITIVE_INFINITY))));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.message).toContain('the answer has no end from ');
    expect(answers).toBeLessThan(1000);
    expect(Math.abs(told(error) - (clock.now() - began))).toBeLessThan(11_000);
  });

  test('writes a readout that never ends', async () => {
    const clock = new VirtualClock();
    const [transport, meter] = memoryPair({ names: ['port', 'reader'] });
    let heard = 0;
    await meter.open({
      data: () => {
        if (++heard === 1) meter.write(Uint8Array.from('/ABC0x\r\n', (letter) => letter.charCodeAt(0)));
        else if (heard === 2) trickle(Uint8Array.of(2));
      },
      closed: () => {},
    });
    function trickle(octets: Uint8Array): void {
      meter.write(octets);
      clock.at(clock.now() + 1000, () => trickle(Uint8Array.of(0x41)));
    }
    const driver = new ClientDriver(transport, new ModeCLink({ role: 'client', fixedBaud: true }), clock);
    await clock.run(driver.connect());
    const began = clock.now();
    const error = await failure(clock.run(driver.run(asking(1, SELECT_READOUT))));
    expect(error.message).toContain('within 300 s');
    expect(clock.now() - began).toBeLessThan(320_000);
  });
});

describe('general block transfer', () => {
  const block = (blockNumber: number, raw: Uint8Array, streaming = false) =>
    ({
      type: 'general-block-transfer',
      last: false,
      streaming,
      window: 1,
      blockNumber,
      blockNumberAck: 0,
      raw,
    }) as const;

  test('blocks of one octet end', () => {
    const blocks = new GeneralBlocks({ room: 100, window: 1 }).say(new Uint8Array(0));
    let number = 0;
    expect(() => {
      while (number < 10_000) blocks.receive(block(++number, ONE));
    }).toThrow('a block transfer that makes no progress');
    expect(number).toBeLessThan(FEW);
  });

  test('one block that streams again and again ends', () => {
    const blocks = new GeneralBlocks({ room: 100, window: 8 }).say(new Uint8Array(0));
    let count = 0;
    expect(() => {
      while (++count < 10_000) blocks.receive(block(1, ONE, true));
    }).toThrow('block 1 came');
    expect(count).toBeLessThan(FEW);
  });
});

test.each(['SET', 'ACTION'] as const)('a rogue client sends blocks of one octet: %s', async (service) => {
  const served = new ServedMeter();
  await served.clock.run(served.open());
  const attribute = { classId: 1, instanceId: Uint8Array.of(0, 0, 96, 13, 0, 255), attributeId: 2 };
  const method = { classId: 70, instanceId: Uint8Array.of(0, 0, 96, 3, 10, 255), methodId: 1 };
  const request = (number: number): Apdu => {
    const block = { last: false, number, raw: ONE };
    if (service === 'SET') {
      return number === 1
        ? { type: 'set-request-with-first-datablock', invokeId: 0xc1, attribute, block }
        : { type: 'set-request-with-datablock', invokeId: 0xc1, block };
    }
    return number === 1
      ? { type: 'action-request-with-first-pblock', invokeId: 0xc1, method, block }
      : { type: 'action-request-with-pblock', invokeId: 0xc1, block };
  };
  const goesOn = service === 'SET' ? 'set-response-datablock' : 'action-response-next-pblock';
  let number = 0;
  let answer: Apdu | undefined;
  do {
    const octets = served.server.handle(16, 1, encodeApdu(request(++number)), 0, false);
    answer = octets === undefined ? undefined : decodeApdu(octets);
  } while (answer?.type === goesOn && number < 10_000);
  expect(number).toBeGreaterThan(1);
  expect(number).toBeLessThan(FEW);
});

/** Puts so many questions, one after the other. */
function* asking(count: number, apdu: Uint8Array = ONE): Procedure<DecodeError | undefined> {
  for (let i = 0; i < count; i++) yield { apdu, reply: true } satisfies Exchange;
  return undefined;
}
