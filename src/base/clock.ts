import { StateError } from './errors.js';

/** Milliseconds since 1970-01-01T00:00:00Z, or since any fixed moment where only differences matter. */
export type Millis = number;

/** Where time comes from. The protocol gets `now` as an argument; only drivers, transports and meters hold a clock. */
export interface Clock {
  /** The present time. */
  now(): Millis;
  /** Calls `action` once at that time, or as soon as possible when the time is past. Returns a function that cancels it. */
  at(time: Millis, action: () => void, options?: TimerOptions): () => void;
}

/** How an action waits for its time. */
export interface TimerOptions {
  /**
   * True when a process may end before the action ran, if nothing else keeps it alive (`unref` of Node's timers). Clocks without such timers
   * ignore it.
   */
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
      // A timer of Node keeps the process alive unless told otherwise; in a browser a timer is a number.
      if (background) (timer as { unref?(): void }).unref?.();
    };
    wait();
    return () => clearTimeout(timer);
  },
};

/** Timers of the platforms take 31 bits: a longer time would fire at once. */
const LONGEST_TIMER: Millis = 0x7fff_ffff;

/**
 * A clock that runs faster than another: `new ScaledClock(systemClock, 3600)` lets an hour pass in a second. It begins at `start`, by default
 * the time of the other clock.
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

  /** The present time of this clock, a whole number of milliseconds. */
  now(): Millis {
    return this.#start + Math.floor((this.#clock.now() - this.#origin) * this.#speed);
  }

  /** As {@link Clock.at}, `time` being a time of this clock. */
  at(time: Millis, action: () => void, options?: TimerOptions): () => void {
    return this.#clock.at(this.#origin + (time - this.#start) / this.#speed, action, options);
  }
}

interface Entry {
  readonly time: Millis;
  readonly order: number;
  action: (() => void) | undefined;
}

/**
 * A clock for tests: its time passes only when told to. Actions run in order of their time, then in the order in which they were set.
 *
 * @example
 * ```ts
 * const clock = new VirtualClock(0);
 * clock.at(60_000, () => console.log('a minute later'));
 * clock.advance(60_000);
 * ```
 */
export class VirtualClock implements Clock {
  #now: Millis;
  #order = 0;
  readonly #heap: Entry[] = [];

  constructor(start: Millis = 0) {
    this.#now = start;
  }

  /** The present time of this clock. Asking does not move it. */
  now(): Millis {
    return this.#now;
  }

  /** Calls `action` once when time is moved to `time`. Returns a function that cancels it. */
  at(time: Millis, action: () => void): () => void {
    const entry: Entry = { time: Math.max(time, this.#now), order: this.#order++, action };
    push(this.#heap, entry);
    return () => {
      entry.action = undefined;
    };
  }

  /** Time of the next action; undefined when none is waiting. */
  next(): Millis | undefined {
    while (this.#heap.length > 0 && this.#heap[0]?.action === undefined) pop(this.#heap);
    return this.#heap[0]?.time;
  }

  /** Moves time to the next action and runs it. False when none is waiting. */
  step(): boolean {
    if (this.next() === undefined) return false;
    const entry = pop(this.#heap) as Entry;
    this.#now = entry.time;
    const action = entry.action as () => void;
    entry.action = undefined;
    action();
    return true;
  }

  /** Moves time on by so many milliseconds and runs the actions that fall due. Promises do not settle in between. */
  advance(by: Millis): void {
    const until = this.#now + by;
    for (let next = this.next(); next !== undefined && next <= until; next = this.next()) this.step();
    this.#now = until;
  }

  /**
   * Lets time pass, as fast as possible, until `promise` settles; between actions other promises may settle. What `promise` does must await
   * this clock alone, not a file or another clock: those take turns of the event loop, and how many depends on the machine.
   * @throws Error when the promise is still open and no action is waiting, or `limit` milliseconds have passed: something hangs.
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

/** Code that is being loaded. Virtual time waits for it; otherwise it would run on while a program waits for its code. */
const underWay = new Set<Promise<unknown>>();

/** @internal Loads code the first time that it is needed, and keeps it. After a failure it is tried again the next time. */
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

/** Lets every promise that can settle do so, also those that wait for code to be loaded, by turns of the event loop. */
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
