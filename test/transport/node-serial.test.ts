import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ByteLengthParser } from '@serialport/parser-byte-length';
import { SerialPort } from 'serialport';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/base/clock.js';
import { LinkError, StateError } from '../../src/base/errors.js';
import {
  type SerialBinding,
  type SerialBindingPort,
  type SerialOpenOptions,
  serial,
} from '../../src/transport/node-serial.js';
import { portError } from '../../src/transport/node-serial-error.js';
import { listening } from '../support/listen.js';
import { hasSocat, ptyPair } from '../support/pty.js';

const all = Uint8Array.from({ length: 256 }, (_, i) => i);

async function linkErrorOf(promise: Promise<unknown>): Promise<LinkError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(LinkError);
  return error as LinkError;
}

describe.skipIf(!hasSocat)('a serial port on a pseudo-terminal pair (needs socat)', () => {
  it('carries every octet both ways at 9600 8N1 through the real binding', async () => {
    await using pair = await ptyPair();
    const [a, b] = [serial(pair.a), serial(pair.b, { baudRate: 9600 })];
    expect(a.name).toBe(`serial ${pair.a} 9600 8N1`);
    const [heardA, heardB] = [await listening(a), await listening(b)];
    for (let i = 0; i < 256; i += 16) a.write(all.subarray(i, i + 16));
    b.write(all);
    expect(await heardB.heard(256)).toEqual([...all]);
    expect(await heardA.heard(256)).toEqual([...all]);
    await a.drain?.();
    await Promise.all([a.close(), b.close()]);
    expect(await heardA.closed).toBeUndefined();
    expect([heardA.closings, heardB.closings]).toEqual([1, 1]);
  });

  it('hands over chunks that stay as they are', async () => {
    await using pair = await ptyPair();
    const [a, b] = [serial(pair.a), serial(pair.b)];
    const heard = await listening(b);
    await listening(a);
    for (let i = 0; i < 20; i++) {
      a.write(new Uint8Array(16).fill(i));
      await heard.heard(16 * (i + 1));
    }
    expect(heard.chunks.flatMap((chunk) => [...chunk])).toEqual(heard.octets);
    await Promise.all([a.close(), b.close()]);
  });

  it('changes its speed, and its format by opening again', async () => {
    await using pair = await ptyPair();
    const [a, b] = [serial(pair.a, { baudRate: 300, dataBits: 7, parity: 'even' }), serial(pair.b)];
    const [heardA, heardB] = [await listening(a), await listening(b)];
    expect(a.name).toBe(`serial ${pair.a} 300 7E1`);
    a.write(all.subarray(0, 10));
    // Opening a pseudo-terminal drops what its other end has not read yet; a UART has sent it by then.
    expect(await heardB.heard(10)).toEqual([...all.subarray(0, 10)]);
    await a.configure?.({ baudRate: 9600 });
    expect(a.name).toBe(`serial ${pair.a} 9600 8N1`);
    await a.configure?.({ baudRate: 19_200 });
    a.write(all.subarray(10, 20));
    b.write(all);
    expect(await heardB.heard(20)).toEqual([...all.subarray(0, 20)]);
    expect(await heardA.heard(256)).toEqual([...all]);
    expect(heardA.closings).toBe(0);
    await Promise.all([a.close(), b.close()]);
  });

  it('closes with a LinkError when it is unplugged', async () => {
    await using pair = await ptyPair();
    const port = serial(pair.a);
    const heard = await listening(port);
    await pair.unplug();
    const error = await heard.closed;
    expect(error).toBeInstanceOf(LinkError);
    expect(error?.message).toMatch(/the port is gone/);
    expect((error as LinkError).hint).toMatch(/unplugged/);
    port.write(all);
    await port.close();
    expect(heard.closings).toBe(1);
  });

  it('closes with a LinkError when it is unplugged while writing', async () => {
    await using pair = await ptyPair();
    const port = serial(pair.a);
    const heard = await listening(port);
    // Nobody reads the other end: more than the system's buffers take.
    port.write(new Uint8Array(1 << 20));
    await pair.unplug();
    expect(await heard.closed).toBeInstanceOf(LinkError);
    await port.close();
  });

  it('says that another program has the port', async () => {
    await using pair = await ptyPair();
    const [first, second] = [serial(pair.a), serial(pair.a)];
    await listening(first);
    const error = await linkErrorOf(listening(second));
    expect(error.message).toMatch(/another program has this port open/);
    await first.close();
    const third = serial(pair.a);
    await listening(third);
    await third.close();
  });

  it('delivers the same octets in pieces of any length (parser-byte-length)', async () => {
    await using pair = await ptyPair();
    const sender = serial(pair.a);
    await listening(sender);
    const port = new SerialPort({ path: pair.b, baudRate: 9600 });
    await new Promise((resolve) => port.once('open', resolve));
    const parser = port.pipe(new ByteLengthParser({ length: 7 }));
    const pieces: Buffer[] = [];
    const done = new Promise<void>((resolve) => {
      parser.on('data', (piece: Buffer) => {
        pieces.push(piece);
        if (pieces.length === 36) resolve();
      });
    });
    sender.write(all);
    await done;
    expect(pieces.every((piece) => piece.length === 7)).toBe(true);
    expect([...Buffer.concat(pieces)]).toEqual([...all.subarray(0, 252)]);
    await Promise.all([sender.close(), new Promise((resolve) => port.close(resolve))]);
  });
});

describe('a serial port that is not to be had', () => {
  it('does not exist', async () => {
    const error = await linkErrorOf(listening(serial('/dev/ttyNOT-THERE')));
    expect(error.message).toBe('serial /dev/ttyNOT-THERE 9600 8N1: there is no such port');
    expect(error.hint).toMatch(/cosem ports/);
  });

  it('is not a serial port', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cosem-'));
    try {
      const path = join(folder, 'file');
      await writeFile(path, 'not a port');
      const error = await linkErrorOf(listening(serial(path)));
      expect(error.message).toMatch(/this is not a serial port/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('has no path', () => {
    expect(() => serial('')).toThrow(StateError);
  });

  it.each([
    ['Error: Permission denied, cannot open /dev/ttyUSB0', /may not open/, /dialout.*udev rule.*SUBSYSTEM=="tty"/],
    ['Error Resource temporarily unavailable Cannot lock port', /another program/, /close it/],
    ['Opening COM9: File not found', /no such port/, /plugged in/],
    ['Opening COM1: Access denied', /another program/, /close it/],
    ['Error: Input/output error, cannot open /dev/ttyUSB0', /the port is gone/, /unplugged/],
    ['something new', /something new/, /cosem ports/],
  ])('%s', (message, what, hint) => {
    const error = portError(new Error(message), 'serial x');
    expect(error.message).toMatch(what);
    expect(error.hint).toMatch(hint);
    expect(error.cause).toBeInstanceOf(Error);
  });
});

/** A binding whose ports a test answers for: the binding is an argument. */
class TestBinding implements SerialBinding {
  readonly opened: SerialOpenOptions[] = [];
  readonly done: string[] = [];
  /** How often the port knows its speed before it fails; undefined where it cannot be asked. */
  speedKnown: number | undefined;
  speedError = 'Error: Input/output error, cannot get baud rate';
  failing: Error | undefined;
  writing: Promise<void> = Promise.resolve();
  /** What setting control lines does; undefined where there are none. */
  control: (() => Promise<void>) | undefined;
  #cancel: ((error: Error) => void) | undefined;

  async open(options: SerialOpenOptions): Promise<SerialBindingPort> {
    if (this.failing !== undefined) throw this.failing;
    this.opened.push(options);
    const { done } = this;
    let isOpen = true;
    return {
      get isOpen() {
        return isOpen;
      },
      read: () =>
        new Promise((_, reject) => {
          this.#cancel = reject;
        }),
      write: async (buffer) => {
        done.push(`write ${buffer.toString('hex')}`);
        await this.writing;
      },
      update: async ({ baudRate }) => {
        done.push(`update ${baudRate}`);
      },
      drain: async () => {
        done.push('drain');
      },
      ...(this.control === undefined
        ? {}
        : {
            set: async ({ rts, dtr }: { rts: boolean; dtr: boolean }) => {
              done.push(`rts ${rts ? 'on' : 'off'}, dtr ${dtr ? 'on' : 'off'}`);
              await this.control?.();
            },
          }),
      ...(this.speedKnown === undefined ? {} : { getBaudRate: () => this.#speed() }),
      close: async () => {
        isOpen = false;
        done.push('close');
        this.#cancel?.(Object.assign(new Error('Canceled'), { canceled: true }));
      },
    };
  }

  async #speed(): Promise<number> {
    this.done.push('asked');
    if (this.speedKnown === undefined || this.speedKnown-- === 0) throw new Error(this.speedError);
    return 9600;
  }

  fail(error: Error): void {
    this.#cancel?.(error);
  }
}

describe('a serial port over a binding given', () => {
  it('writes one after the other, joining what waits', async () => {
    const binding = new TestBinding();
    let release: () => void = () => {};
    binding.writing = new Promise((resolve) => {
      release = resolve;
    });
    const port = serial('x', { binding });
    await listening(port);
    port.write(Uint8Array.of(1));
    port.write(Uint8Array.of(2));
    port.write(Uint8Array.of(3));
    release();
    await port.drain?.();
    expect(binding.done).toEqual(['write 01', 'write 0203', 'drain']);
    expect(binding.opened).toEqual([
      { path: 'x', baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1, lock: true },
    ]);
  });

  it('sends what was written before it closes', async () => {
    const binding = new TestBinding();
    const port = serial('x', { binding });
    const heard = await listening(port);
    port.write(Uint8Array.of(0x7e));
    await port.close();
    expect(binding.done).toEqual(['write 7e', 'drain', 'close']);
    expect(await heard.closed).toBeUndefined();
    expect(heard.closings).toBe(1);
  });

  it.each([
    [{ rts: 'send' }, ['rts off, dtr on', 'rts on, dtr on', 'write 7e', 'drain', 'rts off, dtr on']],
    [{ rts: 'listen', dtr: 'off' }, ['rts on, dtr off', 'rts off, dtr off', 'write 7e', 'drain', 'rts on, dtr off']],
    [{ dtr: 'on' }, ['rts on, dtr on', 'write 7e']],
    [{ rts: 'off' }, ['rts off, dtr on', 'write 7e']],
    [{}, ['write 7e']],
  ] as const)('sets its control lines: %o', async (control, done) => {
    const binding = new TestBinding();
    binding.control = async () => {};
    const clock = new VirtualClock();
    const port = serial('x', { binding, clock, ...control });
    await listening(port);
    port.write(Uint8Array.of(0x7e));
    await new Promise((resolve) => setImmediate(resolve));
    // An octet at 9600 baud takes 1.04 ms, and so long its direction is kept, whatever drain says.
    expect(binding.done.at(-1)).toBe(done.some((step) => step === 'drain') ? 'drain' : 'write 7e');
    clock.advance(4);
    await new Promise((resolve) => setImmediate(resolve));
    expect(binding.done).toEqual(done);
    await clock.run(port.close());
  });

  it('says so when there are no control lines to set', async () => {
    const binding = new TestBinding();
    binding.control = () => Promise.reject(new Error('Inappropriate ioctl for device, cannot set'));
    const error = await linkErrorOf(listening(serial('x', { binding, dtr: 'on' })));
    expect(error.message).toMatch(/control lines RTS and DTR cannot be set/);
    expect(binding.done).toEqual(['rts on, dtr on', 'close']);
  });

  it('updates the speed alone and opens again for another format', async () => {
    const binding = new TestBinding();
    const port = serial('x', { binding, baudRate: 300, dataBits: 7, parity: 'even' });
    await listening(port);
    await port.configure?.({ baudRate: 2400, dataBits: 7, parity: 'even' });
    await port.configure?.({ baudRate: 9600 });
    expect(binding.done).toEqual(['drain', 'update 2400', 'drain', 'close']);
    expect(binding.opened.map(({ baudRate, dataBits, parity }) => [baudRate, dataBits, parity])).toEqual([
      [300, 7, 'even'],
      [9600, 8, 'none'],
    ]);
  });

  it('closes with an error when it cannot be opened again', async () => {
    const binding = new TestBinding();
    const port = serial('x', { binding });
    const heard = await listening(port);
    binding.failing = new Error('No such file or directory');
    const error = await linkErrorOf(port.configure?.({ baudRate: 300, dataBits: 7 }) ?? Promise.resolve());
    expect(error.message).toMatch(/no such port/);
    expect(await heard.closed).toBe(error);
  });

  it('may be tried again after it could not be opened', async () => {
    const binding = new TestBinding();
    binding.failing = new Error('Permission denied');
    const port = serial('x', { binding });
    await linkErrorOf(listening(port));
    binding.failing = undefined;
    await listening(port);
    expect(binding.opened.length).toBe(1);
  });

  it('is closed when it is gone without a read error (serialport/bindings-cpp issue 162)', async () => {
    const binding = new TestBinding();
    binding.speedKnown = 1;
    const port = serial('x', { binding });
    const heard = await listening(port);
    const error = (await heard.closed) as LinkError;
    expect(error.message).toMatch(/the port is gone/);
    expect(binding.done).toEqual(['asked', 'asked', 'close']);
  });

  it('is not asked where the system cannot tell', async () => {
    const binding = new TestBinding();
    binding.speedKnown = 0;
    binding.speedError = 'getBaudRate is not implemented on darwin';
    const port = serial('x', { binding });
    const heard = await listening(port);
    await port.close();
    expect(heard.closings).toBe(1);
    expect(binding.done).toEqual(['asked', 'drain', 'close']);
  });

  it('tells of a read error once', async () => {
    const binding = new TestBinding();
    const port = serial('x', { binding });
    const heard = await listening(port);
    binding.fail(new Error('Error: Input/output error'));
    expect((await heard.closed)?.message).toMatch(/the port is gone/);
    await port.close();
    expect(heard.closings).toBe(1);
  });
});
