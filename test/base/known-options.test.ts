import { describe, expect, it } from 'vitest';
import { createFleet, createMeter, openOptionsOf, templateMeter } from '../../simulator/index.js';
import { discover, is15959, type Meter, open, readout, StateError, VirtualClock } from '../../src/index.js';
import { listenTcp, listenUdp, serial, tcp } from '../../src/node.js';
import { memoryPair } from '../../src/protocol.js';
import { ImageUpdate, MeterDump, type Template, UsageWatch } from '../../src/tools.js';
import { type WebSerialPort, webSerial } from '../../src/web.js';

const clock = new VirtualClock(Date.UTC(2026, 10, 23, 6));
const anything = {} as unknown;
const line = () => memoryPair()[0];
/** Options as a program without types gives them. */
const slip = (options: object) => options as never;

describe('an option that there is not', () => {
  it.each<[string, () => unknown, string, string]>([
    ['open', () => open(line(), slip({ framin: 'hdlc' })), "open has no option 'framin'", "did you mean 'framing'?"],
    [
      'open, as the command says it',
      () => open(line(), slip({ timeout: 1 })),
      "open has no option 'timeout'",
      "'responseTimeout'",
    ],
    [
      'open, nested',
      () => open(line(), slip({ security: { encryptonKey: 1 } })),
      "'security' of open holds no 'encryptonKey'",
      "'encryptionKey'",
    ],
    [
      'discover',
      () => discover(line, slip({ line: 'serial', baud: [9600] })),
      "discover has no option 'baud'",
      "'bauds'",
    ],
    [
      'readout',
      () => readout(line(), slip({ register: ['1.8.0'] })),
      "readout has no option 'register'",
      "'registers'",
    ],
    [
      'UsageWatch',
      () => new UsageWatch(anything as Meter, is15959, slip({ day: 3 })),
      "UsageWatch has no option 'day'",
      "'days'",
    ],
    ['MeterDump', () => new MeterDump(slip({ masks: true })), "MeterDump has no option 'masks'", "'mask'"],
    [
      'ImageUpdate',
      () => new ImageUpdate(anything as Meter, slip({ shedule: '' })),
      "ImageUpdate has no option 'shedule'",
      "'schedule'",
    ],
    [
      'createMeter',
      () => createMeter('is15959-1ph', slip({ clock, seed: 7, sead: 8 })),
      "createMeter has no option 'sead'",
      "'seed'",
    ],
    [
      'createMeter, nested',
      () => createMeter('is15959-1ph', slip({ clock, seed: 7, secrets: { encryptonKey: 1 } })),
      "'secrets' of createMeter holds no 'encryptonKey'",
      "'encryptionKey'",
    ],
    [
      'createFleet',
      () => createFleet('is15959-1ph', slip({ clock, seed: 7, counts: 3 })),
      "createFleet has no option 'counts'",
      "'count'",
    ],
    [
      'templateMeter',
      () => templateMeter(anything as Template, slip({ clok: clock })),
      "templateMeter has no option 'clok'",
      "'clock'",
    ],
    ['tcp', () => tcp('localhost', 4059, slip({ timeout: 1 })), "tcp has no option 'timeout'", 'connectTimeout'],
    ['listenTcp', () => listenTcp(slip({ ports: 1 }), () => undefined), "listenTcp has no option 'ports'", "'port'"],
    ['listenUdp', () => listenUdp(slip({ hosts: '' }), () => undefined), "listenUdp has no option 'hosts'", "'host'"],
    ['serial', () => serial('/dev/ttyUSB0', slip({ baud: 9600 })), "serial has no option 'baud'", "'baudRate'"],
    [
      'webSerial',
      () => webSerial(anything as WebSerialPort, slip({ baud: 9600 })),
      "webSerial has no option 'baud'",
      "'baudRate'",
    ],
  ])('%s says so and names the nearest', async (_what, call, message, hint) => {
    // What is wrong shows before anything is opened, thrown at once or by the promise.
    const error = await (async () => call())().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(StateError);
    expect(error).toMatchObject({ message: expect.stringContaining(message), hint: expect.stringContaining(hint) });
  });

  it('reads no whole buffer in place of the rows that were meant', async () => {
    const virtual = createMeter('is15959-1ph', { clock, seed: 7 });
    const meter = await clock.run(
      (async () => open(await virtual.line(), { ...openOptionsOf(virtual, 'utility'), clock }))(),
    );
    const profile = meter.profile('1.0.99.1.0.255');
    await expect(profile.rows(slip({ lst: 48 }))).rejects.toThrow("the selection of rows has no option 'lst'");
    await expect(profile.rows(slip({ last: 48, from: new Date() }))).rejects.toThrow(
      "in one way, not by 'from' and 'last'",
    );
    await expect(profile.rows({ last: 1 }, slip({ onRows: () => undefined }))).rejects.toThrow(
      "rows has no option 'onRows'",
    );
    await clock.run(meter.close());
    virtual.stop();
  });
});
