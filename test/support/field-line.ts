import { createMeter, openOptionsOf, type VirtualMeter } from '../../simulator/index.js';
import { type LineOptions, VirtualLine } from '../../simulator/line.js';
import { VirtualClock } from '../../src/base/clock.js';
import { type Framing, type Meter, type OpenOptions, open, type Resumption } from '../../src/index.js';

/** 2026-11-23 09:00 in India. */
const START = Date.UTC(2026, 10, 23, 3, 30);

export interface FieldOptions {
  readonly seed?: number;
  readonly line?: LineOptions;
  readonly framing?: Framing;
  readonly faults?: readonly string[];
}

/** A meter at the end of a slow line in virtual time, as an installer meets it. It listens again when its own adapter comes back. */
export class FieldLine {
  readonly clock = new VirtualClock(START);
  readonly meter: VirtualMeter;
  line: VirtualLine;
  readonly framing: Framing;
  resumptions: Resumption[] = [];
  #attached = false;
  #logged = 0;

  constructor({ seed = 7, line = {}, framing = 'hdlc', faults = [] }: FieldOptions = {}) {
    this.framing = framing;
    this.meter = createMeter('is15959-1ph', { seed, clock: this.clock, faults });
    this.line = new VirtualLine(this.clock, { seed, ...line });
  }

  /** Another line to the same meter, in place of the first. */
  rewire(line: LineOptions): void {
    this.line.unplug();
    this.line = new VirtualLine(this.clock, line);
    this.resumptions = [];
    this.#attached = false;
  }

  async attach(): Promise<void> {
    if (this.#attached) return;
    this.#attached = true;
    if (this.framing === 'mode-e') {
      for (const end of [this.line.a, this.line.b]) {
        await end.configure?.({ baudRate: 300, dataBits: 7, parity: 'even' });
      }
    }
    this.#logged = await this.#entries();
    await this.meter.attach(this.line.b, { framing: this.framing });
  }

  /** Opens one of the meter's connections over the line. */
  async open(name: string, options: Partial<OpenOptions> = {}): Promise<Meter> {
    await this.attach();
    const meter = await open(this.line.a, {
      framing: this.framing,
      clock: this.clock,
      ...openOptionsOf(this.meter, name),
      ...options,
    });
    meter.on('resumed', (resumption) => this.resumptions.push(resumption));
    return meter;
  }

  /** How often the relay really switched since the line was opened first, by the meter's own log. */
  async switchings(): Promise<number> {
    return (await this.#entries()) - this.#logged;
  }

  async #entries(): Promise<number> {
    const bystander = await open(await this.meter.line({ framing: 'wrapper' }), {
      framing: 'wrapper',
      clock: this.clock,
      ...openOptionsOf(this.meter, 'utility'),
    });
    const rows = await bystander.profile('0.0.99.98.6.255').rows();
    await bystander.close();
    return rows.length;
  }

  at(delay: number, action: () => void): void {
    this.clock.at(this.clock.now() + delay, action);
  }
}
