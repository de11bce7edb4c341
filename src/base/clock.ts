import { StateError } from './errors.js';

/** Milliseconds since 1970-01-01T00:00:00Z, or since any fixed moment where only differences matter. */
export type Millis = number;

/** Where time comes from. The protocol gets `now` as an argument; only drivers, transports and meters hold a clock. */
export interface Clock {
  now(): Millis;
  /** Calls `action` once at that time, or as soon as possible when it is past. Returns what cancels it. */
  at(time: Millis, action: () => void, options?: TimerOptions): () => void;
}

/** How an action waits for its time. */
export interface TimerOptions {
  /** Whether it is worth no waiting: a process that has nothing else to do ends before. A clock that cannot tell leaves it out. */
  readonly background?: boolean;
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  at: (time, action, { background = false } = {}) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = () => {
      const left = Math.max(0, time - Date.now());
      timer = left <= LONGEST_TIMER ? setTimeout(action, left) : setTimeout(wait, LONGEST_TIMER);
      // Node's timers keep its process; those of browsers are numbers.
      if (background) (timer as { unref?(): void }).unref?.();
    };
    wait();
    return () => clearTimeout(timer);
  },
};

/** Timers of the platforms hold 31 bits: what is later would ring at once. */
const LONGEST_TIMER: Millis = 0x7fff_ffff;

/**
 * Time that passes faster than another clock's: `new ScaledClock(systemClock, 3600)` lets an hour pass in a second. It begins at `start`,
 * the other clock's time unless given.
 */
export class ScaledClock implements Clock {
  readonly #clock: Clock;
  readonly #speed: number;
  readonly #start: Millis;
  readonly #origin: Millis;

  /** @throws StateError when the speed is not above 0. */
  constructor(clock: Clock, speed: number, start: Millis = clock.now()) {
    if (!(speed > 0 && Number.isFinite(speed))) throw new StateError(`time cannot pass at a speed of ${speed}`);
    this.#clock = clock;
    this.#speed = speed;
    this.#start = start;
    this.#origin = clock.now();
  }

  now(): Millis {
    return this.#start + Math.floor((this.#clock.now() - this.#origin) * this.#speed);
  }

  at(time: Millis, action: () => void, options?: TimerOptions): () => void {
    return this.#clock.at(this.#origin + (time - this.#start) / this.#speed, action, options);
  }
}

interface Entry {
  readonly time: Millis;
  readonly order: number;
  action: (() => void) | undefined;
}

/** Time that passes only when told to. Actions run in order of their time, then of their making. */
export class VirtualClock implements Clock {
  #now: Millis;
  #order = 0;
  readonly #heap: Entry[] = [];

  constructor(start: Millis = 0) {
    this.#now = start;
  }

  now(): Millis {
    return this.#now;
  }

  at(time: Millis, action: () => void): () => void {
    const entry: Entry = { time: Math.max(time, this.#now), order: this.#order++, action };
    push(this.#heap, entry);
    return () => {
      entry.action = undefined;
    };
  }

  /** Time of the next action, if any waits. */
  next(): Millis | undefined {
    while (this.#heap.length > 0 && this.#heap[0]?.action === undefined) pop(this.#heap);
    return this.#heap[0]?.time;
  }

  /** Runs the next action, moving time to it. False when none waits. */
  step(): boolean {
    if (this.next() === undefined) return false;
    const entry = pop(this.#heap) as Entry;
    this.#now = entry.time;
    const action = entry.action as () => void;
    entry.action = undefined;
    action();
    return true;
  }

  /** Moves time on, running what falls due, without letting promises settle in between. */
  advance(by: Millis): void {
    const until = this.#now + by;
    for (let next = this.next(); next !== undefined && next <= until; next = this.next()) this.step();
    this.#now = until;
  }

  /**
   * Lets time pass, as fast as it can, until the promise settles; between actions promises may settle. Nothing in it may await what is not
   * of this clock, such as a file or the run of another clock: that takes turns of the event loop, and how many depends on the machine.
   * @throws Error when nothing waits any more or `limit` milliseconds have passed and the promise is still open: that is a hang.
   */
  async run<T>(promise: Promise<T>, limit: Millis = 86_400_000): Promise<T> {
    let open = true;
    const close = () => {
      open = false;
    };
    promise.then(close, close);
    const until = this.#now + limit;
    await settle();
    while (open) {
      const next = this.next();
      if (next === undefined) throw new Error(STANDSTILL);
      if (next > until) throw new Error(`still open after ${limit} ms of virtual time`);
      this.step();
      await settle();
    }
    return promise;
  }
}

/** Code that is on its way: virtual time waits for it, or it would run away from a program that does not wait at any clock. */
const underWay = new Set<Promise<unknown>>();

/** @internal Code that is loaded the first time it is needed, and kept. What failed to load is tried again the next time. */
export function lazily<T>(load: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | undefined;
  return () => {
    if (kept !== undefined) return kept;
    const loading = load();
    kept = loading;
    underWay.add(loading);
    const over = () => underWay.delete(loading);
    loading.then(over, () => {
      over();
      kept = undefined;
    });
    return loading;
  };
}

const STANDSTILL =
  'virtual time stands still: nothing waits at this clock and the promise is open. Does it await another clock, or something real?';

/** Lets every promise that can settle do so, those that wait for code too: turns of the event loop that cost no time. */
async function settle(): Promise<void> {
  await turn();
  while (underWay.size > 0) {
    await Promise.allSettled(underWay);
    await turn();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}

function before(a: Entry, b: Entry): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}

function push(heap: Entry[], entry: Entry): void {
  let i = heap.length;
  heap.push(entry);
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!before(entry, heap[parent] as Entry)) break;
    heap[i] = heap[parent] as Entry;
    i = parent;
  }
  heap[i] = entry;
}

function pop(heap: Entry[]): Entry | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (heap.length === 0 || last === undefined) return top;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child++;
    if (!before(heap[child] as Entry, last)) break;
    heap[i] = heap[child] as Entry;
    i = child;
  }
  heap[i] = last;
  return top;
}
