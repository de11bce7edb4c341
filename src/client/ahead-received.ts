import { equalBytes } from '../base/bytes.js';
import { StateError } from '../base/errors.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { AsyncReplayGuard } from '../contracts/replay-guard.js';
import { type LaterGuard, receivedEntryOf } from '../session/kept-received.js';
import { namedTitles } from '../session/named-titles.js';
import { isPromise, unavailable } from './later.js';
import type { SecurityOptions } from './options.js';

/** The most entries of which it is remembered what is kept. */
const REMEMBERED = 64;
/** The most questions in one attempt to associate, by AAREs and by others: anybody can write any title, and each costs a question. */
const MOST_ANSWERS = 4;
const MOST_OTHERS = 16;
const HINT = 'look at the cause: your store of received counters (counters.received) failed';

/** What is needed to ask for the counters of a meter. */
export interface AheadReceivedParts {
  readonly guard: AsyncReplayGuard;
  readonly crypto: CryptoProvider;
  /** The key of the entries. */
  readonly key: Uint8Array;
}

/**
 * The counters received from meters, of a store that may answer later. The session asks for them synchronously, so what is kept of a title is
 * read when a payload that names it arrives, before the payload is judged, and what a payload moves is stored before anybody acts upon it. A
 * store that answers at once is asked at once, as if it stood here itself.
 */
export class AheadReceived implements LaterGuard {
  readonly #parts: AheadReceivedParts;
  /** The lowest acceptable counters of a store that answers later, the entry that was used last behind the others. */
  readonly #known = new Map<string, number>();
  #answers = 0;
  #others = 0;
  /** What is being stored; settled writes leave it. */
  #writing: Promise<void> | undefined;

  /** @param parts its `key` is what the meter sends under. */
  constructor(parts: AheadReceivedParts) {
    this.#parts = parts;
  }

  /** A new attempt to associate, with the meter of that title where it is known. @returns what must be waited for first. */
  begin(title: Uint8Array | undefined): Promise<void> | undefined {
    this.#answers = 0;
    this.#others = 0;
    return title === undefined ? undefined : this.#look(this.#entry(title));
  }

  /**
   * What must be waited for before this payload is judged.
   * @param peer the title of the meter, where it is known: a payload that names another one is refused anyway.
   */
  arriving(payload: Uint8Array, peer: Uint8Array | undefined): Promise<void> | undefined {
    const { answer, titles } = namedTitles(payload);
    const waits: Promise<void>[] = [];
    for (const title of titles) {
      const entry = this.#entry(title);
      // What opens an association is held against what is kept now: another process may have used the store since.
      if (!answer && (this.#known.has(entry) || (peer !== undefined && !equalBytes(peer, title)))) continue;
      if (answer ? ++this.#answers > MOST_ANSWERS : ++this.#others > MOST_OTHERS) continue;
      const wait = this.#look(entry);
      if (wait !== undefined) waits.push(wait);
    }
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
  }

  /** What must be stored before anybody acts upon what was judged last. */
  judged(): Promise<void> | undefined {
    return this.#writing;
  }

  /** Resolves when nothing is being stored. Never rejects. */
  async settled(): Promise<void> {
    await this.#writing?.catch(() => undefined);
  }

  /** As {@link LaterGuard.lowest}. @throws StateError when the store was not asked for it. */
  lowest(entry: string): number {
    const known = this.#known.get(entry);
    if (known !== undefined) {
      this.#remember(entry, known);
      return known;
    }
    const lowest = this.#parts.guard.lowest(entry);
    if (!isPromise(lowest)) return lowest;
    lowest.catch(() => undefined);
    throw new StateError(`what was received before from ${entry} was not read in time`, {
      hint: 'give the system title of the meter (serverTitle): then it is read before the meter is asked anything',
    });
  }

  /** As {@link LaterGuard.accept}; what the store says later is told by {@link judged}. */
  accept(entry: string, counter: number, borne?: (error: unknown) => boolean): void {
    const store = () => this.#parts.guard.accept(entry, counter);
    let kept = this.#writing?.catch(() => undefined).then(store);
    if (kept === undefined) {
      const stored = store();
      if (!isPromise(stored)) return;
      kept = stored;
    }
    this.#remember(entry, Math.max(counter + 1, this.#known.get(entry) ?? 0));
    const writing: Promise<void> = kept.then(
      () => this.#wrote(writing),
      (error: unknown) => {
        this.#wrote(writing);
        if (borne?.(error) === true) return;
        throw unavailable(
          `the received counter of ${entry} cannot be stored: the message is not believed`,
          HINT,
          error,
        );
      },
    );
    // Who has to wait for it is told; in the end nobody has.
    writing.catch(() => undefined);
    this.#writing = writing;
  }

  #wrote(writing: Promise<void>): void {
    if (this.#writing === writing) this.#writing = undefined;
  }

  #look(entry: string): Promise<void> | undefined {
    let lowest: ReturnType<AsyncReplayGuard['lowest']>;
    try {
      lowest = this.#parts.guard.lowest(entry);
    } catch {
      // It says so again to who needs it.
      return undefined;
    }
    if (!isPromise(lowest)) return undefined;
    return lowest.then(
      (found) => this.#remember(entry, Math.max(checked(found), this.#known.get(entry) ?? 0)),
      (error: unknown) => {
        throw unavailable(`what was received before from ${entry} cannot be read`, HINT, error);
      },
    );
  }

  #remember(entry: string, lowest: number): void {
    this.#known.delete(entry);
    this.#known.set(entry, lowest);
    const [oldest] = this.#known.keys();
    if (this.#known.size > REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
  }

  #entry(title: Uint8Array): string {
    const { crypto, key } = this.#parts;
    return receivedEntryOf(crypto, title, key);
  }
}

/** What guards a meter that is opened with these keys. @param memory where nothing is kept, and it lasts as long as the meter is open. */
export function receivedOf(
  { counters, encryptionKey: key }: SecurityOptions,
  crypto: CryptoProvider,
  memory: CounterStore,
): AheadReceived | undefined {
  const guard = counters?.received ?? memory.received;
  return guard && new AheadReceived({ guard, crypto, key });
}

function checked(lowest: number): number {
  if (Number.isSafeInteger(lowest) && lowest >= 0) return lowest;
  throw new StateError('the store of received counters gave something that is not a counter', {
    hint: 'lowest() must give a number, not text or a bigint; 0 for an entry that is not known',
  });
}
