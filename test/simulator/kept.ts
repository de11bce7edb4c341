import { type Fleet, openOptionsOf } from '../../simulator/index.js';
import type { Clock } from '../../src/base/clock.js';
import type { Data } from '../../src/codec/data.js';
import { type Meter, type OpenOptions, open } from '../../src/index.js';
import { MeterDump, templateText } from '../../src/tools.js';
import { memoryPair } from '../../src/transport/memory.js';

/** Reads and writes meters of a fleet through the real client, each time over a line of its own. */
export class FleetClient {
  readonly fleet: Fleet;
  readonly #clock: Clock;

  constructor(fleet: Fleet, clock: Clock) {
    this.fleet = fleet;
    this.#clock = clock;
  }

  async open(index: number, name: string, options: Partial<OpenOptions> = {}): Promise<Meter> {
    const [near, far] = memoryPair();
    await this.fleet.attach(index, far, { framing: 'wrapper' });
    return open(near, { framing: 'wrapper', clock: this.#clock, ...this.#options(index, name), ...options });
  }

  #options(index: number, name: string) {
    return openOptionsOf(this.fleet.meter(index), name) as Omit<OpenOptions, 'framing'>;
  }

  async use<T>(index: number, name: string, work: (meter: Meter) => Promise<T>): Promise<T> {
    const meter = await this.open(index, name);
    try {
      return await work(meter);
    } finally {
      await meter.close();
    }
  }

  /** Everything that public, reader and utility may see of a meter: objects, rights, values, rows. */
  async dump(index: number): Promise<string> {
    const dump = new MeterDump({ clock: this.#clock, rows: 60 });
    for (const name of ['public', 'reader', 'utility']) {
      await this.use(index, name, (meter) => dump.add(meter, name, this.#options(index, name)));
    }
    return templateText(dump.template());
  }
}

/** Values that differ from this one in one place each. */
export function* variants(data: Data): Generator<Data> {
  switch (data.type) {
    case 'boolean':
      yield { type: 'boolean', value: !data.value };
      return;
    case 'array':
    case 'structure':
      for (const [i, element] of data.value.entries()) {
        for (const other of variants(element)) yield { ...data, value: data.value.with(i, other) };
      }
      return;
    case 'octet-string':
      yield { type: 'octet-string', value: changed(data.value) };
      return;
    case 'bit-string':
      yield { type: 'bit-string', value: { ...data.value, bytes: changed(data.value.bytes) } };
      return;
    case 'visible-string':
    case 'utf8-string':
      yield { ...data, value: `${data.value.slice(0, -1)}x` };
      return;
    case 'float32':
    case 'float64':
      yield { ...data, value: data.value + 8 };
      return;
    case 'long64':
    case 'long64-unsigned':
      yield { ...data, value: data.value + 1n };
      return;
    default:
      if (typeof data.value !== 'number') return;
      yield { ...data, value: data.value + 1 } as Data;
      if (data.value > 0) yield { ...data, value: Math.floor(data.value / 2) } as Data;
  }
}

/** Seconds of a date-time, else the last octet. */
function changed(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(0x41);
  const other = bytes.slice();
  const place = bytes.length === 12 ? 7 : bytes.length - 1;
  other[place] = (other[place] as number) ^ 1;
  return other;
}
