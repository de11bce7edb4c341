import { describe, expect, it } from 'vitest';
import { createFleet, createMeter, Faults, openOptionsOf, templateMeter, VirtualLine } from '../../simulator/index.js';
import { clientObject } from '../../src/cosem/class.js';
import { nobleCrypto } from '../../src/curves.js';
import { listenHttp } from '../../src/http.js';
import {
  discover,
  is15959,
  type Meter,
  MeterPool,
  NotificationReceiver,
  open,
  PushReceiver,
  Relay,
  readout,
  StateError,
  VirtualClock,
} from '../../src/index.js';
import { CaptureWriter, Inspector, inspect, renderText } from '../../src/inspect.js';
import { HdlcClientLink } from '../../src/link/hdlc-client-link.js';
import { PacedLink } from '../../src/link/paced-link.js';
import { TelegramLink } from '../../src/link/telegram-link.js';
import { FileCounterStore, listenTcp, listenUdp, listPorts, serial, tcp } from '../../src/node.js';
import { HdlcLink, type Link, ModeCLink, ModeELink, memoryPair } from '../../src/protocol.js';
import { lls } from '../../src/server.js';
import { ImageUpdate, MeterDump, type Template, UsageWatch } from '../../src/tools.js';
import { type WebSerialPort, webSerial } from '../../src/web.js';

const clock = new VirtualClock(Date.UTC(2026, 10, 23, 6));
const anything = {} as unknown;
const line = () => memoryPair()[0];
const virtual = () => createMeter('is15959-1ph', { clock, seed: 7 });
const imageUpdate = () => new ImageUpdate({ object: clientObject } as unknown as Meter);
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
      "'security' of open has no member 'encryptonKey'",
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
      "'secrets' of createMeter has no member 'encryptonKey'",
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
    ['attach', () => virtual().attach(line(), slip({ framin: 'hdlc' })), "attach has no option 'framin'", "'framing'"],
    ['line', () => virtual().line(slip({ lowr: 1 })), "attach has no option 'lowr'", "'lower'"],
    [
      'createMeter, its lock',
      () => createMeter('is15959-1ph', slip({ clock, seed: 7, lock: { attempts: 3, duraton: 1 } })),
      "'lock' of createMeter has no member 'duraton'",
      "'duration'",
    ],
    [
      'play',
      () => virtual().play({ name: 'none', steps: [] }, slip({ onMoments: () => {} })),
      "play has no option 'onMoments'",
      "'onMoment'",
    ],
    [
      'gateway',
      () =>
        createFleet('is15959-1ph', { clock, seed: 7, count: 3 }).gateway(
          line(),
          slip({ framing: 'wrapper', froms: 1 }),
        ),
      "gateway has no option 'froms'",
      "'from'",
    ],
    [
      'VirtualLine',
      () => new VirtualLine(clock, slip({ baud: 9600 })),
      "VirtualLine has no option 'baud'",
      "'baudRate'",
    ],
    ['Faults', () => new Faults([], slip({ sead: 1 })), "Faults has no option 'sead'", "'seed'"],
    ['Inspector', () => new Inspector(slip({ masks: true })), "Inspector has no option 'masks'", "'mask'"],
    ['inspect', () => inspect(Uint8Array.of(0), slip({ key: {} })), "Inspector has no option 'key'", "'keys'"],
    [
      'renderText',
      () => renderText({ name: 'octets', offset: 0, length: 0 }, slip({ column: 8 })),
      "renderText has no option 'column'",
      "'columns'",
    ],
    [
      'CaptureWriter',
      () => new CaptureWriter(slip({ comments: '' })),
      "CaptureWriter has no option 'comments'",
      "'comment'",
    ],
    [
      'NotificationReceiver',
      () =>
        new NotificationReceiver(slip({ crypto: nobleCrypto, keysOf: () => undefined, acceptUnautenticated: true })),
      "NotificationReceiver has no option 'acceptUnautenticated'",
      "'acceptUnauthenticated'",
    ],
    [
      'PushReceiver',
      () => new PushReceiver(slip({ notifications: anything, sheet: [] })),
      "PushReceiver has no option 'sheet'",
      "'sheets'",
    ],
    [
      'the relay',
      () => new Relay(anything as Meter, anything as never).disconnect(slip({ timeout: 1 })),
      "disconnect has no option 'timeout'",
      "'patience'",
    ],
    [
      'the relay, closing',
      () => new Relay(anything as Meter, anything as never).reconnect(slip({ patence: 1 })),
      "reconnect has no option 'patence'",
      "'patience'",
    ],
    [
      'transfer of an image',
      () => imageUpdate().transfer(anything as never, slip({ resumes: true })),
      "transfer has no option 'resumes'",
      "'resume'",
    ],
    [
      'verify of an image',
      () => imageUpdate().verify(slip({ patienc: 1 })),
      "verify has no option 'patienc'",
      "'patience'",
    ],
    [
      'activate of an image',
      () => imageUpdate().activate(slip({ intervall: 1 })),
      "activate has no option 'intervall'",
      "'interval'",
    ],
    ['memoryPair', () => memoryPair(slip({ name: ['a', 'b'] })), "memoryPair has no option 'name'", "'names'"],
    [
      'FileCounterStore',
      () => new FileCounterStore('counters', slip({ blocks: 8 })),
      "FileCounterStore has no option 'blocks'",
      "'block'",
    ],
    ['listPorts', () => listPorts(slip({ roots: '/' })), "listPorts has no option 'roots'", "'root'"],
    [
      'MeterPool, its retries',
      () => new MeterPool(slip({ retry: { attempt: 3 } })),
      "'retry' of MeterPool has no member 'attempt'",
      "'attempts'",
    ],
    [
      'pauses',
      () => new MeterPool(slip({ retry: { backoff: { frist: 1 } } })),
      "the pauses between tries has no option 'frist'",
      "'first'",
    ],
    [
      'a lock',
      () => lls(slip({ password: '12345678', lock: { attempts: 3, duraton: 1 } })),
      "FailureLock has no option 'duraton'",
      "'duration'",
    ],
    [
      'HdlcLink, a client',
      () => new HdlcLink('client', slip({ client: 16, server: 1, retrys: 1 })),
      "HdlcLink has no option 'retrys'",
      "'retries'",
    ],
    [
      'HdlcLink, a client with an option of open',
      () => new HdlcLink('client', slip({ client: 16, server: 1, serverLower: 17 })),
      "HdlcLink has no option 'serverLower'",
      "'lower'",
    ],
    [
      'HdlcLink, a server with an option of a client',
      () => new HdlcLink('server', slip({ devices: [1], keepAlive: 1000 })),
      "HdlcLink has no option 'keepAlive'",
      '',
    ],
    [
      'HdlcLink, a listener',
      () => new HdlcLink('listener', slip({ maxPayloads: 1 })),
      "HdlcLink has no option 'maxPayloads'",
      "'maxPayload'",
    ],
    [
      'HdlcLink, its parameters',
      () => new HdlcLink('client', slip({ client: 16, server: 1, parameters: { maxInfo: 256 } })),
      "'parameters' of HdlcLink has no member 'maxInfo'",
      "'maxInfoReceive'",
    ],
    [
      'HdlcLink, its wording',
      () => new HdlcLink('server', slip({ devices: [1], wording: { farwell: () => Uint8Array.of() } })),
      "'wording' of HdlcLink has no member 'farwell'",
      "'farewell'",
    ],
    [
      'HdlcClientLink',
      () => new HdlcClientLink(slip({ client: 16, server: 1, retrys: 1 })),
      "HdlcLink has no option 'retrys'",
      "'retries'",
    ],
    [
      'ModeELink, a client',
      () => new ModeELink(slip({ role: 'client', signOnBaud: 9600 }), anything as Link),
      "ModeELink has no option 'signOnBaud'",
      "'openingBaud'",
    ],
    [
      'ModeELink, a server with an option of a client',
      () =>
        new ModeELink(
          slip({ role: 'server', manufacturer: 'XXX', identification: '', baud: 300, maxBaud: 300 }),
          anything as Link,
        ),
      "ModeELink has no option 'maxBaud'",
      '',
    ],
    [
      'ModeELink, a way to open',
      () => new ModeELink(slip({ role: 'client', openings: [{ stay: true }] }), anything as Link),
      "'openings' of ModeELink has no member 'stay'",
      "'stays'",
    ],
    [
      'ModeCLink',
      () => new ModeCLink(slip({ role: 'client', maxBauds: 300 })),
      "ModeCLink has no option 'maxBauds'",
      "'maxBaud'",
    ],
    [
      'PacedLink',
      () => new PacedLink(anything as Link, slip({ turnAround: 20 })),
      "PacedLink has no option 'turnAround'",
      "'turnaround'",
    ],
    [
      'TelegramLink',
      () => new TelegramLink(slip({ listen: 1, patience: 2 })),
      "TelegramLink has no option 'patience'",
      '',
    ],
    [
      'listenHttp',
      () => listenHttp(slip({ name: '', port: 0, routes: [], limit: {} })),
      "listenHttp has no option 'limit'",
      "'limits'",
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
