import { concat, toHex } from '../base/bytes.js';
import { SecurityError } from '../base/errors.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { ReplayGuard } from '../contracts/replay-guard.js';
import { ReceiveCounter } from '../security/ciphering.js';
import { cryptoOf, provesFreshly } from './association.js';
import type { ClientSecurity, ClientSessionConfig } from './client-config.js';

/** Of so many proved messages of an association, at most one is written down, apart from the first. */
const EVERY = 64;

/**
 * The entry of a {@link ReplayGuard} for what a meter sends under a key: its system title, and four octets of a digest, which tell keys apart
 * and give nothing away. A new key may begin anew.
 */
export function receivedEntryOf(crypto: CryptoProvider, title: Uint8Array, key: Uint8Array): string {
  return `${toHex(title)}/${toHex(crypto.hash('sha-256', concat(title, key)).subarray(0, 4))}`;
}

/** A {@link ReplayGuard} that may store later. */
export interface LaterGuard extends ReplayGuard {
  /**
   * As {@link ReplayGuard.accept}.
   * @param borne called with an error that comes later; returns whether it may be ignored.
   */
  accept(entry: string, counter: number, borne?: (error: unknown) => boolean): void;
}

/**
 * Guards what comes from one meter under its global key, and keeps how far it came. What answers an AARQ comes first and is written down
 * before anything of it is believed: from then on no answer recorded before it opens an association. Within one, a message is written down
 * now and then, and the last one in the end. Only what a tag proved moves what is kept: of what was merely encrypted anybody may have changed
 * the counter.
 */
export class KeptReceiveCounter extends ReceiveCounter {
  readonly #guard: LaterGuard;
  readonly #entry: string;
  readonly #every: number;
  /** Counters received in another association. */
  readonly #before: number;
  /** Written down: from here on counters are acceptable. */
  #kept: number;
  #proved: number;
  #begun = false;
  /** Called once when a counter that went back is accepted. */
  #onReset: ((counter: number) => void) | undefined;
  readonly #resettable: boolean;

  /**
   * @param every 1 where no answer to an AARQ comes first.
   * @param onReset given where a counter that went back is taken, as something fresh proves the meter: told of it once.
   * @throws StateError when what is kept cannot be read.
   */
  constructor(guard: LaterGuard, entry: string, lowest = 0, every = EVERY, onReset?: (counter: number) => void) {
    const before = guard.lowest(entry);
    super(onReset === undefined ? Math.max(before, lowest) : lowest);
    this.#resettable = onReset !== undefined;
    this.#onReset = onReset;
    this.#guard = guard;
    this.#entry = entry;
    this.#every = every;
    this.#before = before;
    this.#kept = before;
    this.#proved = before;
  }

  override check(counter: number, tagged = true): void {
    if (this.#resettable) {
      super.check(counter);
      if (!tagged || counter >= this.#before) return;
      this.#onReset?.(counter);
      this.#onReset = undefined;
      return;
    }
    // A counter without a valid tag says nothing about the meter: an attacker on the line must not get a person to forget counters.
    if (counter >= this.#before || !tagged) {
      super.check(counter);
      return;
    }
    throw new SecurityError(
      'replay',
      `the invocation counter of the meter went back: ${counter} came, and ${this.#before - 1} was received from it in an earlier session (${this.#entry})`,
      {
        hint: `a recorded session may be played again to you. If you know that the meter lost its counter: cosem keys forget --received --entry ${this.#entry} --counters FILE, with the file of counters that it is read with`,
        facts: { counter, lowest: this.#before, entry: this.#entry },
      },
    );
  }

  /** What answers an AARQ is written down, also when a notification came before it. */
  override begins(): void {
    this.#begun = false;
  }

  override proved(counter: number): void {
    this.#proved = Math.max(this.#proved, counter + 1);
    if (this.#begun && this.#proved < this.#kept + this.#every) return;
    this.#keep();
    this.#begun = true;
  }

  /** The association ended: the last counter is written down, if possible. The next association opens above it in any case. */
  override settle(): void {
    try {
      this.#keep(() => true);
    } catch {}
  }

  #keep(always?: () => boolean): void {
    if (this.#proved <= this.#kept) return;
    const kept = this.#kept;
    const overtaken = this.#overtakenNow();
    const later = (error: unknown) => {
      if (overtaken(error)) return true;
      // It is not stored, whatever came since: the next association starts again.
      this.#kept = kept;
      this.#begun = false;
      return false;
    };
    try {
      this.#guard.accept(this.#entry, this.#proved - 1, always ?? later);
    } catch (error) {
      if (!overtaken(error)) throw error;
    }
    this.#kept = this.#proved;
  }

  /**
   * Whether what is kept lies higher and stays: a counter that went back opens nothing for anybody else. Or whether another association under
   * the same title and key, with one counter or one of its own, has written down more meanwhile. That ends none that had begun; what stands
   * for itself, and what opens an association, must be above everything.
   */
  #overtakenNow(): (error: unknown) => boolean {
    const borne = this.#resettable || (this.#begun && this.#every > 1);
    return (error) => borne && error instanceof SecurityError && error.reason === 'replay';
  }
}

/** The guard of a client against messages that it received from this meter before. */
export function receiveCounterOf(
  config: ClientSessionConfig,
  { keys, received, lowestReceived }: ClientSecurity,
  title: Uint8Array,
): ReceiveCounter {
  const { preEstablished, allowCounterReset, onRemark } = config;
  if (received === undefined) return new ReceiveCounter(lowestReceived);
  const entry = receivedEntryOf(cryptoOf(config), title, keys.encryption);
  // Without an answer to an AARQ, each message stands for itself.
  const every = preEstablished === undefined ? EVERY : 1;
  const onReset = (counter: number) => {
    const text = `the invocation counter of the meter went back to ${counter}, and it was allowed (allowCounterReset): what it answered before may be played into this session`;
    onRemark?.({ code: 'counter-reset', text, weight: 'note' });
  };
  const fresh = allowCounterReset === true && provesFreshly(config);
  return new KeptReceiveCounter(received, entry, lowestReceived, every, fresh ? onReset : undefined);
}
