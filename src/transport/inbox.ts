import type { PayloadEvent } from '../contracts/link.js';

/** What was awaited has failed. */
export interface Failed {
  readonly error: unknown;
}

/** Calls back when a promise is settled. */
export function whenSettled(wait: Promise<void>, over: (failed?: Failed) => void): void {
  wait.then(
    () => over(),
    (error: unknown) => over({ error }),
  );
}

/** Tells of notifications that waited behind an answer: they came before the line broke. What now needs something of a store is left out. */
export function tellLeft(
  left: readonly PayloadEvent[],
  arriving: ((event: PayloadEvent) => Promise<void> | undefined) | undefined,
  tell: ((event: PayloadEvent) => unknown) | undefined,
): void {
  for (const event of left) {
    let wait: Promise<void> | undefined;
    try {
      wait = arriving?.(event);
    } catch {
      // Nobody may judge it.
      continue;
    }
    if (wait === undefined) tell?.(event);
    else wait.catch(() => undefined);
  }
}

/** A payload that waits, and the number of the request after which it came. */
interface Kept {
  readonly event: PayloadEvent;
  readonly round: number;
}

/** The most payloads, and octets of them, that wait. */
const MOST = 256;
const MOST_OCTETS = 64 * 1024;

/** Payloads that come while one before them waits for a store: they are judged in the order in which they came. */
export class Inbox {
  readonly #waiting: Kept[] = [];
  #octets = 0;
  /** What is awaited, one after the other. */
  readonly #holds: (() => void)[] = [];

  /** Whether payloads have to wait. */
  get holding(): boolean {
    return this.#holds.length > 0;
  }

  /** Holds payloads back until the promise is settled, and those before it. @param goOn not called when {@link end} was called before. */
  hold(wait: Promise<void>, goOn: (failed: Failed | undefined) => void): void {
    const begin = () =>
      whenSettled(wait, (failed) => {
        if (this.#holds[0] !== begin) return;
        this.#holds.shift();
        this.#holds[0]?.();
        goOn(failed);
      });
    this.#holds.push(begin);
    // What fails before its turn is heard when its turn comes.
    wait.catch(() => undefined);
    if (this.#holds.length === 1) begin();
  }

  /** @returns false when too many wait already. */
  put(event: PayloadEvent, round: number): boolean {
    const octets = event.bytes.length;
    const full = this.#waiting.length >= MOST || this.#octets + octets > MOST_OCTETS;
    // One that is long by itself finds room where no other waits.
    if (full && this.#waiting.length > 0) return false;
    this.#waiting.push({ event, round });
    this.#octets += octets;
    return true;
  }

  /** The next payload; undefined when there is none, or it has to wait. */
  next(): Kept | undefined {
    if (this.holding) return undefined;
    const kept = this.#waiting.shift();
    this.#octets -= kept?.event.bytes.length ?? 0;
    return kept;
  }

  /** Stops waiting. @returns the payloads that nobody judged. */
  end(): PayloadEvent[] {
    this.#holds.length = 0;
    this.#octets = 0;
    return this.#waiting.splice(0).map(({ event }) => event);
  }
}
