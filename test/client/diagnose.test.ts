import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf } from '../../bin/failure.js';
import { createMeter, VirtualLine, type VirtualMeter } from '../../simulator/index.js';
import {
  type Authentication,
  type CounterStore,
  type Framing,
  fromHex,
  MemoryCounterStore,
  type OpenOptions,
  open,
  type Transport,
  toHex,
  VirtualClock,
} from '../../src/index.js';
import { type CauseId, causes, LANGUAGES, wordCause } from '../../src/inspect.js';
import { encodeWpdu } from '../../src/link/wrapper-link.js';
import { nodeCrypto } from '../../src/node.js';
import { HdlcLink, type Link, WrapperLink } from '../../src/protocol.js';
import { serveLink } from '../../src/server.js';
import {
  authentications,
  type DiagnoseOptions,
  type Diagnosis,
  diagnose,
  usualCounterObjects,
} from '../../src/tools.js';
import {
  DM_TO_16,
  EVEN_TEXT,
  failing,
  GARBAGE,
  hdlc,
  provokedLines,
  SHORT_NAMES_AARE,
  signingOn,
  TEXT,
} from '../causes/provoked-lines.js';

const clock = new VirtualClock(Date.UTC(2026, 5, 1, 6));
const WRONG = fromHex('00112233445566778899AABBCCDDEEFF');
let meter: VirtualMeter;
const kept = new MemoryCounterStore();
const provoked = new Set<CauseId>();

beforeAll(() => {
  meter = createMeter('is15959-1ph', { clock, seed: 7, crypto: nodeCrypto });
});
afterAll(() => meter.stop());

/** Options of `open`, or of a connection of the meter with what is wrong about them. */
interface Values extends Omit<OpenOptions, 'security'> {
  readonly name?: string;
  readonly ek?: Uint8Array;
  readonly ak?: Uint8Array;
  readonly counters?: CounterStore;
  readonly counterStep?: number;
}

/** What `open` is told of a connection of the meter, at a serial port unless said otherwise. */
function optionsOf(values: Values): OpenOptions {
  const { name, ek, ak, counters = kept, counterStep, ...given } = values;
  const known = name === undefined ? undefined : meter.connections.find((one) => one.name === name);
  const mechanism = Object.entries(authentications).find(([, id]) => id === known?.mechanism)?.[0] as Authentication;
  const security = known?.security;
  return {
    framing: 'hdlc',
    crypto: nodeCrypto,
    octetTime: 10_000 / 9600,
    ...(known === undefined ? {} : { client: known.client, server: known.server, authentication: mechanism }),
    ...(known?.secret === undefined ? {} : { [mechanism === 'lls' ? 'password' : 'secret']: known.secret }),
    ...(security === undefined
      ? {}
      : {
          security: {
            encryptionKey: ek ?? security.encryptionKey,
            authenticationKey: ak ?? security.authenticationKey,
            systemTitle: security.clientTitle,
            policy: security.policy,
            readInvocationCounter: usualCounterObjects(known?.client ?? 16),
            trustCounters: true,
            counters,
            ...(counterStep === undefined ? {} : { counterStep }),
          },
        }),
    ...given,
  };
}

const SERIAL: DiagnoseOptions = { baud: 9600, place: '/dev/ttyUSB0' };
const NETWORK: DiagnoseOptions = { place: 'h:1' };

async function examined(
  connect: () => Transport,
  values: Values,
  about: DiagnoseOptions = SERIAL,
): Promise<Diagnosis | undefined> {
  const diagnosis = await clock.run(diagnose(connect, { ...optionsOf(values), clock }, about));
  if (diagnosis !== undefined) {
    provoked.add(diagnosis.id);
    // Every word of the sentence and of what to try is known.
    for (const language of LANGUAGES) {
      const { sentence, try: steps } = wordCause(diagnosis.id, diagnosis.facts, language);
      for (const text of [sentence, ...steps]) expect(text).not.toMatch(/not known|ज्ञात नहीं/);
    }
  }
  return diagnosis;
}

const { serve, line, answering, answeringFrames, reading, serving, saying, network, speaking } = provokedLines(
  clock,
  () => meter,
);

describe('diagnose says', () => {
  it.each<[CauseId, string]>([
    ['port-missing', 'Error: No such file or directory, cannot open /dev/ttyUSB0'],
    ['port-not-permitted', 'Error: Permission denied, cannot open /dev/ttyUSB0'],
    ['port-busy', 'Error Resource temporarily unavailable Cannot lock port'],
    ['port-busy', 'Opening COM3: Access denied'],
    ['port-missing', 'Opening COM9: File not found'],
    ['port-busy', 'Error: Resource busy, cannot open /dev/cu.usbserial-A1'],
    ['not-a-port', 'Error: Inappropriate ioctl for device'],
    ['port-gone', 'Error: Input/output error'],
  ])('%s', async (id, message) => {
    expect((await examined(failing(message), {}))?.id).toBe(id);
  });

  it.each<[CauseId, string]>([
    ['host-refused', 'ECONNREFUSED'],
    ['host-unknown', 'ENOTFOUND'],
    ['host-silent', 'ETIMEDOUT'],
  ])('%s', async (id, code) => {
    expect((await examined(failing(code, code), {}, NETWORK))?.id).toBe(id);
  });

  it.each<[CauseId, () => () => Transport]>([
    ['no-light', () => answering(undefined)],
    ['echo-only', () => answering(undefined, true)],
    ['garbled', () => answering(GARBAGE)],
    ['parity', () => answering(EVEN_TEXT)],
    ['wrong-baud', () => line(hdlc, 19200)],
    ['wants-sign-on', () => line(signingOn, 300, true)],
    ['wrong-address', () => line(() => hdlc({ lower: 17, accepts: [2] }))],
  ])('%s', async (id, connect) => {
    expect((await examined(connect(), {}))?.id).toBe(id);
  });

  it('by which options of `open` the meter answers, and gives it as it was found', async () => {
    const diagnosis = await examined(line(hdlc, 19200), {});
    expect(diagnosis?.facts).toMatchObject({
      options: 'baud 19200, framing hdlc, client 16, server 1, addressSize 1',
      port: '/dev/ttyUSB0',
    });
    expect(diagnosis?.found).toMatchObject({ baud: 19200, framing: 'hdlc', client: 16 });
  });

  it('what it does meanwhile, and shows what crosses the line in every attempt', async () => {
    const told: string[] = [];
    let sent = 0;
    const options: OpenOptions = {
      ...optionsOf({}),
      clock,
      trace: (event) => {
        if (event.type === 'octets' && event.direction === 'sent') sent += 1;
      },
    };
    await clock.run(
      diagnose(line(hdlc, 19200), options, {
        ...SERIAL,
        onPassed: (id) => told.push(id),
        onTrying: (what) => told.push(typeof what === 'string' ? what : 'probe'),
      }),
    );
    expect([...new Set(told)]).toEqual(['connecting', 'port-opens', 'other-ways', 'probe']);
    expect(sent).toBeGreaterThan(told.length / 2);
  });

  it('no-sign-on', async () => {
    // At 9600 baud, where a meter may have been left, it would be read.
    const connect = line(hdlc, 19200);
    const at300 = () => {
      const transport = connect();
      void transport.configure?.({ baudRate: 300, dataBits: 7, parity: 'even' });
      return transport;
    };
    expect((await examined(at300, { framing: 'mode-e' }))?.id).toBe('no-sign-on');
  });

  it.each<[string, readonly string[], CauseId]>([
    ['says so twice', ['/ABC5OLD\r\n'], 'no-hdlc'],
    ['lost the two octets that offer it, once', ['/ABC5OLD\r\n', '/ABC5\\2OLD\r\n'], 'signed-on-silent'],
    ['offers it and then keeps silent', ['/ABC5\\2OLD\r\n'], 'signed-on-silent'],
  ])('no-hdlc is never told from silence: a meter that %s', async (_, said, id) => {
    const diagnosis = await examined(saying(said), {});
    expect(diagnosis).toMatchObject({ id, facts: { name: 'OLD', mode: id === 'no-hdlc' ? 'C' : 'E' } });
  });

  const NOISE = fromHex('FFFE8103999A');

  it.each<[CauseId, string, () => () => Transport, Values]>([
    ['text-answer', 'outside the wrapper', () => speaking(TEXT), { framing: 'wrapper' }],
    [
      'text-answer',
      'inside it',
      () => speaking(encodeWpdu({ source: 1, destination: 16, apdu: TEXT })),
      { framing: 'wrapper' },
    ],
    ['text-answer', 'in place of HDLC', () => speaking(TEXT), { framing: 'hdlc' }],
    ['text-answer', 'at a serial port', () => answering(TEXT), {}],
    ['garbled', 'that is no text, in place of the wrapper', () => speaking(NOISE), { framing: 'wrapper' }],
    ['garbled', 'that is no text, in place of HDLC', () => speaking(NOISE), { framing: 'hdlc' }],
  ])('%s: something %s, with the exit code that every command has for it', async (id, _, connect, values) => {
    const diagnosis = await examined(connect(), values, values.framing === undefined ? SERIAL : NETWORK);
    expect(diagnosis?.id).toBe(id);
    const { exit, sentence } = wordCause(id, diagnosis?.facts);
    if (id === 'text-answer') expect(sentence).toContain('"ERROR: no such meter\\r\\n"');
    const failure = await clock.run(
      open(connect()(), { ...optionsOf(values), clock }).catch((error: unknown) => error),
    );
    expect(failureOf(failure).exit).toBe(exit);
  });

  it.each<[CauseId, Framing, () => Link]>([
    ['wrong-framing', 'wrapper', () => hdlc()],
    ['wrong-framing', 'hdlc', () => new WrapperLink('server', { devices: [1] })],
    ['nobody-behind', 'hdlc', () => new HdlcLink('server', { devices: [99], accepts: [4] })],
  ])('%s over a network, told %s', async (id, framing, link) => {
    expect((await examined(network(link), { framing }, NETWORK))?.id).toBe(id);
  });

  it.each<[CauseId, string, Values]>([
    ['wrong-password', 'reader', { password: 'WRONG-PW' }],
    ['wrong-secret', 'utility', { secret: WRONG }],
    ['wrong-ek', 'utility', { ek: WRONG }],
    ['wrong-ak', 'utility', { ak: WRONG }],
    ['wrong-key', 'utility', { ek: WRONG, ak: WRONG }],
    ['wrong-context', 'public', { client: 32 }],
    ['wrong-mechanism', 'reader', { authentication: 'hls2', secret: WRONG }],
    ['client-unknown', 'public', { client: 77 }],
  ])('%s', async (id, name, wrong) => {
    expect((await examined(line(hdlc), { name, ...wrong }))?.id).toBe(id);
  });

  it('needs-authentication', async () => {
    expect((await examined(line(hdlc), { name: 'reader', authentication: 'none' }))?.id).toBe('needs-authentication');
  });

  it('slow-meter', async () => {
    expect((await examined(line(hdlc, 9600, false, 250), { responseTimeout: 300 }))?.id).toBe('slow-meter');
  });

  it('association-silent', async () => {
    expect(
      (
        await examined(
          serving(() => undefined),
          {},
        )
      )?.id,
    ).toBe('association-silent');
  });

  it('link-refused', async () => {
    expect(
      (
        await examined(
          answeringFrames(() => DM_TO_16),
          {},
        )
      )?.id,
    ).toBe('link-refused');
  });

  it('waits as long as `open` for a meter that another client holds', async () => {
    const virtual = new VirtualLine(clock, {});
    const free = clock.now() + 40_000;
    const served = virtual.b;
    const link = hdlc();
    const held: Transport = {
      ...{ name: 'held', write: (bytes) => served.write(bytes), close: () => served.close() },
      open: (handler) =>
        served.open({
          ...handler,
          data: (chunk) => {
            if (clock.now() >= free) handler.data(chunk);
            else if (chunk.at(-1) === 0x7e) served.write(DM_TO_16);
          },
        }),
    };
    await serve(held, link);
    const connect = () => {
      void virtual.a.configure?.({ baudRate: 9600 });
      return virtual.a;
    };
    expect((await examined(connect, { patience: 20_000 }))?.id).toBe('link-refused');
    expect(clock.now()).toBeLessThan(free);
    expect(await examined(connect, {})).toBeUndefined();
    expect(clock.now()).toBeGreaterThanOrEqual(free);
  });

  it.each<[CauseId, ((invokeId: number) => Uint8Array) | undefined]>([
    ['read-refused', (invokeId) => Uint8Array.of(0xc4, 0x01, invokeId, 0x01, 0x03)],
    ['line-drops', undefined],
  ])('%s', async (id, answer) => {
    expect(
      (
        await examined(
          reading((invokeId) => answer?.(invokeId)),
          {},
        )
      )?.id,
    ).toBe(id);
  });

  it('short-names: no word of ciphering', async () => {
    expect(
      (
        await examined(
          serving(() => SHORT_NAMES_AARE),
          { naming: 'ln' },
        )
      )?.id,
    ).toBe('short-names');
  });

  describe('a meter that refuses the context of logical names, asked once in that of short names', () => {
    const aare = (context: number, result: number, diagnostic: number, more = '') => {
      const rest = `A1090607608574050801${String(context).padStart(2, '0')}A20302010${result}A305A1030201${diagnostic.toString(16).padStart(2, '0')}${more}`;
      return `61${(rest.length / 2).toString(16).padStart(2, '0')}${rest}`;
    };
    const terms = (conformance: string, vaa = 'FA00') => `BE10040E0800065F1F0400${conformance}0200${vaa}`;
    const ACCEPTS = aare(2, 0, 0, terms('1C0320'));
    const CSE = '0E010600';
    const REFUSES = aare(1, 1, 2);
    const cases: [string, CauseId, string | undefined, string | undefined][] = [
      ['for the context, naming ours', 'short-names', REFUSES, ACCEPTS],
      ['naming ours without a reason', 'short-names', aare(1, 1, 1), ACCEPTS],
      ['for a passing time, with an error inside', 'short-names', aare(1, 2, 1, 'BE0604040E010602'), ACCEPTS],
      ['by a confirmed-service-error alone', 'short-names', CSE, ACCEPTS],
      ['by an exception-response', 'short-names', 'D80203', ACCEPTS],
      ['by nothing at all', 'short-names', undefined, ACCEPTS],
      ['by what cannot be read', 'short-names', '61A109', ACCEPTS],
      ['accepting in our own context, with the base name FA00', 'short-names', REFUSES, aare(1, 0, 0, terms('1C0320'))],
      ['accepting with the conformance of logical names', 'short-names', REFUSES, aare(2, 0, 0, terms('001E1D'))],
      ['wanting a password in it', 'short-names', REFUSES, aare(2, 1, 13)],
      ['and that as well', 'wrong-context', REFUSES, REFUSES],
      ['and that as well, giving its name back', 'wrong-context', REFUSES, aare(2, 1, 2)],
      ['and that without a reason, giving its name back', 'client-unknown', aare(1, 1, 1), aare(2, 1, 1)],
      ['and keeps silent on that', 'wrong-context', REFUSES, undefined],
      ['and answers that by a confirmed-service-error', 'wrong-context', REFUSES, CSE],
      ['accepting it as logical names', 'wrong-context', REFUSES, aare(1, 0, 0, terms('001E1D', '0007'))],
      ['wanting a mechanism: not asked', 'needs-authentication', aare(1, 1, 14), ACCEPTS],
    ];
    it.each(cases)('%s: %s', async (_, id, refusal, answer) => {
      const asked: string[] = [];
      const connect = () => {
        const virtual = new VirtualLine(clock, {});
        void serveLink(virtual.b, hdlc(), clock, {
          payload: ({ bytes }) => {
            const short = toHex(bytes).includes('60857405080102');
            if (short) asked.push(toHex(bytes));
            const hex = short ? answer : refusal;
            return hex === undefined ? undefined : fromHex(hex);
          },
        });
        void virtual.a.configure?.({ baudRate: 9600 });
        return virtual.a;
      };
      const diagnosis = await examined(connect, {
        client: 32,
        naming: 'ln',
        authentication: 'lls',
        password: '12345678',
      });
      expect(diagnosis?.id).toBe(id);
      // Once, a proper AARQ with an InitiateRequest, and no password in it.
      expect(asked).toEqual(
        id === 'needs-authentication' ? [] : ['601DA109060760857405080102BE10040E01000000065F1F04001C1BA0FFFF'],
      );
      if (id !== 'short-names') return;
      for (const language of LANGUAGES) {
        const { sentence, exit } = wordCause(id, diagnosis?.facts, language);
        expect(sentence).toMatch(language === 'en' ? /speaks short names .*asked by logical names/ : /लघु नाम/);
        expect(exit).toBe(4);
      }
    });
  });

  it('passes a healthy meter that has a clock and nothing of India', async () => {
    const virtual = new VirtualLine(clock, {});
    const payload = ({ client, server, bytes }: { client: number; server: number; bytes: Uint8Array }, now: number) => {
      if (bytes[0] !== 0xc0) return meter.handle(client, server, bytes, now);
      const isClock = bytes[4] === 8;
      return isClock
        ? fromHex(`C401${toHex(bytes.subarray(2, 3))}00090C07EA0101040C000000800000`)
        : Uint8Array.of(0xc4, 0x01, bytes[2] as number, 0x01, 0x04);
    };
    await serveLink(virtual.b, hdlc(), clock, { payload });
    const connect = () => {
      void virtual.a.configure?.({ baudRate: 9600 });
      return virtual.a;
    };
    expect(await examined(connect, {})).toBeUndefined();
  });

  it('counter-too-low', async () => {
    const used = { name: 'utility' };
    expect(await examined(line(hdlc), used)).toBeUndefined();
    // The counters of another tool, and the one that the meter names is too far from them to be taken up unasked.
    const other = { ...used, counters: new MemoryCounterStore(), counterStep: 1 };
    expect((await examined(line(hdlc), other))?.id).toBe('counter-too-low');
  });

  it('no word of a line that was never opened, for options that there are not', async () => {
    const passed: string[] = [];
    const about: DiagnoseOptions = { onPassed: (id) => passed.push(id) };
    const misspelled: [OpenOptions, DiagnoseOptions][] = [
      [{ clinet: 16 } as OpenOptions, about],
      [{}, { ...about, bauds: 9600 } as DiagnoseOptions],
    ];
    for (const [options, more] of misspelled) {
      const connect = answering(undefined);
      await expect(clock.run(diagnose(connect, { ...options, clock }, more))).rejects.toThrow(/has no option/);
      expect(passed).toEqual([]);
    }
  });

  it('nothing where all is well', async () => {
    expect(await examined(line(hdlc), { name: 'reader' })).toBeUndefined();
  });

  it('at least fifteen sentences, each of them provoked above', () => {
    expect(provoked.size).toBeGreaterThanOrEqual(15);
    console.log(`${provoked.size} of ${Object.keys(causes).length} causes provoked`);
  });
});
