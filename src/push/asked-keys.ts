import { toHex } from '../base/bytes.js';
import type { Clock, Millis } from '../base/clock.js';
import { isPromise } from '../client/later.js';
import type { Awaitable } from '../contracts/awaitable.js';
import type { PushKeys } from '../session/push-faults.js';

/** The most questions under way at a time, whatever the number of lines. */
const MOST_QUESTIONS = 16;
/** So long a title without keys is not asked for again, and the most such titles. Anybody can write any title. */
const REFUSED_FOR: Millis = 60_000;
const MOST_REFUSED = 1024;

type KeysOf = (systemTitle: Uint8Array) => Awaitable<PushKeys | undefined>;

/**
 * Keys of a caller who may answer later, such as a vault. Whoever sends to us has it asked for each title that he makes up: so few questions are
 * under way at a time, the same one once, and a title without keys is not asked for again for a while. A caller who answers at once is asked
 * each time.
 */
export class AskedKeys {
  readonly #ask: KeysOf;
  readonly #clock: Clock;
  readonly #asking = new Map<string, Promise<PushKeys | undefined>>();
  readonly #waiting: (() => void)[] = [];
  /** Until when each title counts as refused, the one that was refused last behind the others. */
  readonly #refused = new Map<string, Millis>();
  #stopped = false;

  constructor(ask: KeysOf, clock: Clock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** The keys of the meter with that title. */
  of(systemTitle: Uint8Array): Awaitable<PushKeys | undefined> {
    const title = toHex(systemTitle);
    const until = this.#refused.get(title);
    if (until !== undefined && until > this.#clock.now()) return undefined;
    const asking = this.#asking.get(title);
    if (asking !== undefined) return asking;
    if (this.#asking.size < MOST_QUESTIONS) {
      const found = this.#ask(systemTitle.slice());
      return isPromise(found) ? this.#watch(title, found) : found;
    }
    return new Promise<void>((resolve) => this.#waiting.push(resolve)).then(() => {
      if (this.#stopped) return undefined;
      const found = this.of(systemTitle);
      // It may have been answered without a question.
      this.#wake();
      return found;
    });
  }

  /** Asks nothing more. */
  stop(): void {
    this.#stopped = true;
    for (const go of this.#waiting.splice(0)) go();
  }

  #watch(title: string, found: Promise<PushKeys | undefined>): Promise<PushKeys | undefined> {
    const over = () => {
      this.#asking.delete(title);
      this.#wake();
    };
    const watched = found.then(
      (keys) => {
        over();
        if (keys === undefined) this.#refuse(title);
        else this.#refused.delete(title);
        return keys;
      },
      (error: unknown) => {
        over();
        throw error;
      },
    );
    this.#asking.set(title, watched);
    return watched;
  }

  #wake(): void {
    if (this.#asking.size < MOST_QUESTIONS) this.#waiting.shift()?.();
  }

  #refuse(title: string): void {
    this.#refused.delete(title);
    this.#refused.set(title, this.#clock.now() + REFUSED_FOR);
    const [oldest] = this.#refused.keys();
    if (this.#refused.size > MOST_REFUSED && oldest !== undefined) this.#refused.delete(oldest);
  }
}
