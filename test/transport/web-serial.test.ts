import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/base/clock.js';
import { LinkError } from '../../src/base/errors.js';
import type { Transport } from '../../src/contracts/transport.js';
import { type WebSerialPort, webSerial } from '../../src/transport/web-serial.js';
import { listening } from '../support/listen.js';

/** A browser's port over real streams, that fails where it is told to. What is written comes back. */
class LoopPort implements WebSerialPort {
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  readonly done: string[] = [];
  refuse: Error | undefined;
  #source: ReadableStreamDefaultController<Uint8Array> | undefined;
  #isOpen = false;

  async open(options: { baudRate: number; dataBits?: 7 | 8; parity?: 'none' | 'even' }): Promise<void> {
    if (this.refuse !== undefined) throw this.refuse;
    if (this.#isOpen) throw new DOMException('The port is already open.', 'InvalidStateError');
    this.#isOpen = true;
    this.done.push(`open ${options.baudRate} ${options.dataBits}${options.parity === 'even' ? 'E' : 'N'}1`);
    this.stream();
    this.writable = new WritableStream({
      write: (chunk) => {
        if (chunk.length === 0) return;
        this.done.push(`write ${Buffer.from(chunk).toString('hex')}`);
        this.#source?.enqueue(chunk.slice());
      },
      close: () => {
        this.done.push('flushed');
      },
    });
  }

  async close(): Promise<void> {
    if (this.readable?.locked || this.writable?.locked) throw new TypeError('Cannot cancel a locked stream');
    this.#isOpen = false;
    this.readable = null;
    this.writable = null;
    this.done.push('close');
  }

  /** The port's next readable stream. */
  stream(): void {
    this.readable = new ReadableStream({
      start: (controller) => {
        this.#source = controller;
      },
    });
  }

  hear(...octets: number[]): void {
    this.#source?.enqueue(Uint8Array.from(octets));
  }

  /** A framing error: the stream ends, another follows. */
  glitch(): void {
    const source = this.#source;
    this.stream();
    source?.error(new DOMException('Framing error', 'FramingError'));
  }

  unplug(): void {
    const source = this.#source;
    this.readable = null;
    source?.error(new DOMException('The device has been lost.', 'NetworkError'));
  }
}

describe('a serial port of the browser', () => {
  it('carries octets both ways and closes once, after what was written', async () => {
    const port = new LoopPort();
    const transport = webSerial(port, { baudRate: 300, dataBits: 7, parity: 'even' });
    expect(transport.name).toBe('web serial 300 7E1');
    const heard = await listening(transport);
    transport.write(Uint8Array.of(1, 2, 3));
    expect(await heard.heard(3)).toEqual([1, 2, 3]);
    transport.write(Uint8Array.of(4));
    await transport.close();
    expect(await heard.closed).toBeUndefined();
    expect(heard.closings).toBe(1);
    expect(port.done).toEqual(['open 300 7E1', 'write 010203', 'write 04', 'flushed', 'close']);
  });

  it('closes and opens the port for another speed', async () => {
    const port = new LoopPort();
    const transport = webSerial(port, { baudRate: 300, dataBits: 7, parity: 'even' });
    const heard = await listening(transport);
    transport.write(Uint8Array.of(0x2f));
    await transport.drain?.();
    await transport.configure?.({ baudRate: 9600 });
    expect(transport.name).toBe('web serial 9600 8N1');
    transport.write(Uint8Array.of(0x7e));
    expect(await heard.heard(2)).toEqual([0x2f, 0x7e]);
    await transport.configure?.({ baudRate: 9600 });
    expect(port.done).toEqual(['open 300 7E1', 'write 2f', 'flushed', 'close', 'open 9600 8N1', 'write 7e']);
    expect(heard.closings).toBe(0);
    await transport.close();
  });

  it.each([
    ['another speed', (port: Transport) => port.configure?.({ baudRate: 9600 })],
    ['the end', (port: Transport) => port.close()],
  ])('closes the port for %s when what was written has left the line, not before', async (_, done) => {
    const port = new LoopPort();
    const clock = new VirtualClock();
    const transport = webSerial(port, { baudRate: 300, clock });
    await listening(transport);
    transport.write(new Uint8Array(6));
    const closing = done(transport) ?? Promise.resolve();
    // Six octets at 300 baud take 200 ms.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(200);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(port.done).not.toContain('close');
    await clock.run(closing);
    expect(port.done).toContain('close');
    expect(clock.now()).toBeLessThan(230);
  });

  it('reads on after a framing error', async () => {
    const port = new LoopPort();
    const transport = webSerial(port);
    const heard = await listening(transport);
    port.hear(1);
    await heard.heard(1);
    port.glitch();
    port.hear(2);
    expect(await heard.heard(2)).toEqual([1, 2]);
    expect(heard.closings).toBe(0);
    await transport.close();
  });

  it('closes with a LinkError when it is unplugged', async () => {
    const port = new LoopPort();
    const transport = webSerial(port);
    const heard = await listening(transport);
    port.unplug();
    const error = await heard.closed;
    expect(error).toBeInstanceOf(LinkError);
    expect(error?.message).toMatch(/the port is gone \(The device has been lost/);
    transport.write(Uint8Array.of(1));
    await transport.close();
    expect(heard.closings).toBe(1);
  });

  it('says why it cannot be opened, and may be tried again', async () => {
    const port = new LoopPort();
    port.refuse = new DOMException('Failed to open serial port.', 'NetworkError');
    const transport = webSerial(port);
    await expect(listening(transport)).rejects.toMatchObject({
      code: 'link',
      reason: 'transport',
      hint: expect.stringContaining('plugged in'),
    });
    port.refuse = undefined;
    await listening(transport);
    await transport.close();
  });

  it('sets control lines when the port is open, and again after each change of speed', async () => {
    class WithSignals extends LoopPort {
      async setSignals(signals: object): Promise<void> {
        this.done.push(`signals ${JSON.stringify(signals)}`);
      }
    }
    const port = new WithSignals();
    const transport = webSerial(port, { dtr: 'on', rts: 'off' });
    await listening(transport);
    await transport.configure?.({ baudRate: 300 });
    await transport.close();
    const set = 'signals {"dataTerminalReady":true,"requestToSend":false}';
    expect(port.done.filter((step) => !step.startsWith('flushed') && step !== 'close')).toEqual([
      'open 9600 8N1',
      set,
      'open 300 8N1',
      set,
    ]);
    const none = webSerial(new LoopPort(), { dtr: 'on' });
    await expect(listening(none)).rejects.toThrow(/no control lines/);
    const plain = new WithSignals();
    await listening(webSerial(plain));
    expect(plain.done).toEqual(['open 9600 8N1']);
  });
});
