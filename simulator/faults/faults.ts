import type { Millis } from '../../src/base/clock.js';
import { checkOptions } from '../../src/base/known-options.js';
import type { ServerSecurity } from '../../src/contracts/association.js';
import { IST_DEVIATION, MINUTE } from '../meter/time.js';
import { Random } from '../random.js';
import { type Fault, isOpen, parseFault } from './parse.js';
import type { FaultName } from './table.js';

/** A fault, or its text form, such as `silence=2s@10%`. */
export type FaultLike = string | Fault;

/** Options of {@link Faults}. */
export interface FaultsOptions {
  /** The same seed and the same traffic at the same times give the same faults. Default 0. */
  readonly seed?: number;
  /** The time zone of the windows, as the deviation of the standard in minutes: UTC = local + deviation. Default -330 (India). */
  readonly deviation?: number;
}

type Counters = ServerSecurity['counters'];

/**
 * The faults of one meter, and the state that its lines share. Faults can be added and removed at any time.
 * ```ts
 * const faults = new Faults(['bit-errors=1e-4'], { seed: 7 });
 * const silence = faults.add('silence=2s@10%');
 * faults.remove(silence);
 * ```
 */
export class Faults {
  readonly #seed: number;
  readonly #deviation: number;
  #list: readonly Fault[] = [];
  #lines = 0;
  /** Faults that strike only once, and already have. */
  readonly #spent = new WeakSet<Fault>();
  /** The meter restarts: until this time it neither hears nor says anything. */
  downUntil: Millis = Number.NEGATIVE_INFINITY;
  /** True while the meter makes an answer that shall carry an old invocation counter. */
  stale = false;

  /** @throws StateError when one of them is written wrongly. */
  constructor(faults: readonly FaultLike[] = [], options: FaultsOptions = {}) {
    checkOptions(options, { seed: true, deviation: true }, 'Faults');
    this.#seed = options.seed ?? 0;
    this.#deviation = options.deviation ?? IST_DEVIATION;
    for (const fault of faults) this.add(fault);
  }

  /** The faults that strike now, in the order in which they were added. */
  get list(): readonly Fault[] {
    return this.#list;
  }

  /** Adds a fault, which strikes from now on. @throws StateError when its text is not a fault. */
  add(fault: FaultLike): Fault {
    const added = typeof fault === 'string' ? parseFault(fault) : fault;
    this.#list = [...this.#list, added];
    return added;
  }

  /** Removes one fault, all faults of a name, or all faults. */
  remove(which: Fault | FaultName | 'all'): void {
    this.#list = this.#list.filter((fault) => which !== 'all' && fault !== which && fault.name !== which);
  }

  /** The faults of one more line of this meter. */
  line(own: readonly FaultLike[] = []): LineFaults {
    const parsed = own.map((fault) => (typeof fault === 'string' ? parseFault(fault) : fault));
    return new LineFaults(this, parsed, this.#seed + 0x10000 * this.#lines++);
  }

  /** Whether the fault can strike at this time of the clock. */
  isOpen({ window }: Fault, now: Millis): boolean {
    return window === undefined || isOpen(window, now - this.#deviation * MINUTE);
  }

  /** Whether a fault that strikes once does so now. */
  strikeOnce(fault: Fault): boolean {
    if (this.#spent.has(fault)) return false;
    this.#spent.add(fault);
    return true;
  }

  /** The meter's sending counters, which go back for one message when an answer is to be stale. */
  counters(store: Counters): Counters {
    const last = new Map<string, number>();
    return {
      next: (entry) => {
        const before = last.get(entry);
        if (this.stale && before !== undefined) return before;
        const counter = store.next(entry);
        last.set(entry, counter);
        return counter;
      },
      peek: (entry) => store.peek(entry),
      raise: (entry, atLeast) => store.raise(entry, atLeast),
    };
  }
}

/**
 * The faults that strike on one line. Each fault draws its own random numbers, so that adding a fault does not change what the others do.
 */
export class LineFaults {
  /** The faults of the meter, which its lines share. */
  readonly meter: Faults;
  readonly #own: readonly Fault[];
  readonly #seed: number;
  readonly #randoms = new Map<Fault, Random>();
  /** The line is dead until this time. */
  silentUntil: Millis = Number.NEGATIVE_INFINITY;
  /** The meter works on an answer until this time. */
  busyUntil: Millis = Number.NEGATIVE_INFINITY;

  constructor(meter: Faults, own: readonly Fault[], seed: number) {
    this.meter = meter;
    this.#own = own;
    this.#seed = seed;
  }

  /** True when no fault can strike: callers then skip all of the work. */
  get quiet(): boolean {
    return this.#own.length === 0 && this.meter.list.length === 0;
  }

  /** The faults of this name whose time window is open, whether or not chance lets them strike. */
  *open(name: FaultName, now: Millis): Generator<Fault> {
    for (const fault of this.#own) if (fault.name === name && this.meter.isOpen(fault, now)) yield fault;
    for (const fault of this.meter.list) if (fault.name === name && this.meter.isOpen(fault, now)) yield fault;
  }

  /** The fault of that name that strikes now, if one does. */
  strike(name: FaultName, now: Millis): Fault | undefined {
    for (const fault of this.open(name, now)) {
      const strikes = fault.rate === undefined ? this.meter.strikeOnce(fault) : this.random(fault).chance(fault.rate);
      if (strikes) return fault;
    }
    return undefined;
  }

  /** Whether the line or its meter neither hears nor says anything at this time. */
  isDead(now: Millis): boolean {
    return now < this.silentUntil || now < this.meter.downUntil;
  }

  /** The random numbers of one fault on this line. */
  random(fault: Fault): Random {
    let random = this.#randoms.get(fault);
    if (random === undefined) {
      random = new Random(this.#seed * 0x1000003 + hash(fault.text));
      this.#randoms.set(fault, random);
    }
    return random;
  }
}

/** A number for a text (FNV-1a, 32 bits). */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193);
  return sum >>> 0;
}
