import type { Clock } from '../../src/base/clock.js';
import { isEven } from '../../src/base/parity.js';
import type { SerialBinding, SerialBindingPort, SerialOpenOptions } from '../../src/transport/node-serial.js';

/** What became of a port, for a test to look at. */
export interface UartCounts {
  /** Octets that closing, opening again or flushing threw away before they had left. */
  discarded: number;
  /** Octets that arrived at an end of another speed, or left at another speed than they were written at. */
  garbled: number;
  opened: number;
}

interface Settings {
  baudRate: number;
  dataBits: 7 | 8;
  parity: 'none' | 'even';
}

/** The most that is handed over at once. */
const FIFO = 16;

/**
 * Two serial ports joined by a cable, each a UART with a queue as real ones are, and as node-serialport sees them: `write` resolves when
 * the queue has taken the octets, which leave one by one at the speed that the port has at that moment; `drain` returns at once, as it does
 * on many adapters and on pseudo-terminals; closing, opening again and flushing throw the rest away.
 */
export class UartCable {
  readonly a: Uart;
  readonly b: Uart;

  constructor(clock: Clock) {
    this.a = new Uart(clock);
    this.b = new Uart(clock);
    this.a.peer = this.b;
    this.b.peer = this.a;
  }
}

/** One end of the cable: a binding that opens the one port there is. */
export class Uart implements SerialBinding {
  readonly counts: UartCounts = { discarded: 0, garbled: 0, opened: 0 };
  peer: Uart | undefined;
  readonly #clock: Clock;
  #settings: Settings | undefined;
  /** Octets that have not left, with the speed at which they were written. */
  #queue: { readonly octet: number; readonly baudRate: number }[] = [];
  #leaving: (() => void) | undefined;
  #heard: number[] = [];
  #reading: ((octets: number[]) => void) | undefined;
  #failing: ((error: Error) => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async open({ baudRate, dataBits, parity }: SerialOpenOptions): Promise<SerialBindingPort> {
    this.counts.opened++;
    this.#flush();
    this.#settings = { baudRate, dataBits, parity };
    const uart = this;
    return {
      get isOpen() {
        return uart.#settings !== undefined;
      },
      read: async (buffer, offset) => {
        const octets = await this.#read();
        buffer.set(octets, offset);
        return { bytesRead: octets.length };
      },
      write: async (buffer) => this.#write(buffer),
      update: async (settings) => {
        if (this.#settings !== undefined) this.#settings.baudRate = settings.baudRate;
      },
      drain: async () => {},
      close: async () => {
        this.#flush();
        this.#settings = undefined;
        this.#failing?.(Object.assign(new Error('Canceled'), { canceled: true }));
      },
    };
  }

  #write(octets: Uint8Array): void {
    const { baudRate = 0 } = this.#settings ?? {};
    for (const octet of octets) this.#queue.push({ octet, baudRate });
    if (this.#leaving === undefined) this.#next();
  }

  /** The next octet is shifted out: it has arrived when its stop bit has. */
  #next(): void {
    const next = this.#queue[0];
    const settings = this.#settings;
    this.#leaving = undefined;
    if (next === undefined || settings === undefined) return;
    const speed = settings.baudRate;
    this.#leaving = this.#clock.at(this.#clock.now() + 10_000 / speed, () => {
      this.#queue.shift();
      this.#next();
      const octet = settings.dataBits === 8 ? next.octet : withParity(next.octet & 0x7f, settings.parity);
      if (next.baudRate !== speed) this.counts.garbled++;
      this.peer?.hear(octet, speed);
    });
  }

  /** An octet of the other end has arrived. */
  hear(octet: number, baudRate: number): void {
    const settings = this.#settings;
    if (settings === undefined) return;
    const right = settings.baudRate === baudRate;
    if (!right) this.counts.garbled++;
    const seen = right ? octet : octet ^ 0x5a;
    if (settings.dataBits === 7) {
      if (settings.parity === 'even' && !isEven(seen)) return;
      this.#heard.push(seen & 0x7f);
    } else this.#heard.push(seen);
    this.#handOver();
  }

  #read(): Promise<number[]> {
    return new Promise((resolve, reject) => {
      this.#reading = resolve;
      this.#failing = reject;
      this.#handOver();
    });
  }

  #handOver(): void {
    const reading = this.#reading;
    if (reading === undefined || this.#heard.length === 0) return;
    this.#reading = undefined;
    reading(this.#heard.splice(0, FIFO));
  }

  #flush(): void {
    this.#leaving?.();
    this.#leaving = undefined;
    this.counts.discarded += this.#queue.length;
    this.#queue = [];
    this.#heard = [];
  }
}

function withParity(data: number, parity: 'none' | 'even'): number {
  return parity === 'even' && !isEven(data) ? data | 0x80 : data;
}
