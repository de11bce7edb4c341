import { type Millis, systemClock } from '../base/clock.js';
import { type AccessError, StateError } from '../base/errors.js';
import { parseLogicalName } from '../base/obis.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import { provesMeter } from '../session/association.js';
import { AheadCounters } from './ahead-counters.js';
import { asPublic } from './as-public.js';
import type { Established } from './connection.js';
import { AttemptCounters, counterLimit, counterStepRefusal } from './counters.js';
import { untilAborted } from './later.js';
import { isAbsence, isSilence, mayBeOfCounter, mayBeStale, refusedForCounter } from './open-refusals.js';
import type { OpenOptions, SecurityOptions } from './options.js';
import { readPublishedCounter } from './published-counter.js';
import { counterEntryOf } from './security-options.js';

const PUBLIC_CLIENT = 16;
/** A meter that took an AARQ publishes its counter, or the next one; what is wanted is one above that. */
const TAKEN = 2;
/** The first counter of a key that a store does not know. */
const FIRST_COUNTER = 1;
/** How long to wait for an object that may not exist. */
const GUESS_TIMEOUT: Millis = 3000;
/** Security options with a counter store, either the caller's or one in memory. */
type Counted = SecurityOptions & { readonly counters: CounterStore };

/** Connects and associates over a line, once. */
export interface Establishes {
  /** Whether the last attempt brought the data link up. */
  readonly linked: boolean;
  /** Whether the meter accepted the AARQ of the last attempt, and with it the invocation counter. */
  readonly taken: boolean;
  establish(
    options: OpenOptions,
    counters: CounterStore | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Established>;
}

/** The parts of a {@link CountedOpening}. */
export interface CountedParts {
  readonly line: Establishes;
  readonly crypto: CryptoProvider;
  readonly options: OpenOptions;
  readonly security: SecurityOptions;
  readonly counters: CounterStore;
  /** Whether an association is released before the line is closed. */
  readonly release: boolean;
}

/** Opens an association with an invocation counter that the meter accepts: ours, the one that it publishes, or one that it names. */
export class CountedOpening {
  readonly #line: Establishes;
  readonly #crypto: CryptoProvider;
  readonly #options: OpenOptions;
  readonly #security: SecurityOptions;
  readonly #counters: CounterStore;
  readonly #release: boolean;
  /** The highest invocation counter that we adopt while this meter is open. */
  #limit: number | undefined;
  /** The first counter that was used, where the published one was read before. */
  #looked: number | undefined;

  constructor({ line, crypto, options, security, counters, release }: CountedParts) {
    this.#line = line;
    this.#crypto = crypto;
    this.#options = options;
    this.#security = security;
    this.#counters = counters;
    this.#release = release;
  }

  /** @param lost why the previous association was lost: the meter may have named a counter. */
  async open(signal: AbortSignal | undefined, lost?: unknown): Promise<Established> {
    this.#looked = undefined;
    try {
      return await this.#open(signal, lost);
    } catch (error) {
      // The published counter was read before: there may be none, or that of another client.
      const named = refusedForCounter(error) ? (error as Partial<AccessError>).invocationCounter : undefined;
      if (this.#looked === undefined || named === undefined || named < this.#looked) throw error;
      return await this.#open(signal, error);
    }
  }

  async #open(signal: AbortSignal | undefined, lost: unknown): Promise<Established> {
    const security = this.#security;
    const counters = this.#counters;
    const entry = counterEntryOf(this.#crypto, security);
    if (counters instanceof AheadCounters) await untilAborted(counters.look(), signal);
    // All steps are counted from here, so that a meter that refuses again and again cannot pull the counter along.
    this.#limit ??= counterLimit(counters.peek(entry), security.counterStep);
    const published = security.readInvocationCounter !== undefined;
    const trusted = security.trustCounters === true && counters.peek(entry) > FIRST_COUNTER;
    let refusal = refusedForCounter(lost) ? lost : undefined;
    // What was sent before an association was lost is unknown here: another process may have used the store since.
    let tried = 0;
    if (refusal === undefined && (!published || trusted)) {
      tried = counters.peek(entry);
      try {
        return await this.#line.establish(this.#options, counters, signal);
      } catch (error) {
        // Some meters do not answer to a counter that they do not accept.
        const silent = this.#line.linked && isSilence(error);
        const stale = published && !this.#line.taken && (silent || mayBeOfCounter(error));
        if (!refusedForCounter(error) && !stale) throw error;
        refusal = error;
      }
    }
    // Where it does not say that it is the counter, the published one must show that ours was not taken: else the password would go out twice.
    const low = tried > 0 && !refusedForCounter(refusal) ? tried + TAKEN : tried;
    const wanted = await this.#wanted({ ...security, counters }, refusal, signal);
    // Our counter was higher: the meter refused for another reason.
    if (refusal !== undefined && (wanted === undefined || wanted <= low)) throw refusal;
    const ours = counters.peek(entry);
    if (refusal === undefined) this.#looked = wanted === undefined || wanted <= ours ? ours : Number(wanted);
    if (wanted === undefined || wanted <= ours) return this.#line.establish(this.#options, counters, signal);
    const tooFar = counterStepRefusal(wanted, ours, this.#limit);
    if (tooFar !== undefined) return await this.#withOurs(tooFar, refusal !== undefined, signal);
    const attempt = new AttemptCounters(counters, entry, Number(wanted));
    const established = await this.#line.establish(this.#options, attempt, signal);
    if (provesMeter(established.session.config)) attempt.settle();
    return established;
  }

  /** The published counter may be nonsense. Our own may work, if it is from a durable store and was not refused. */
  async #withOurs(tooFar: Error, refused: boolean, signal: AbortSignal | undefined): Promise<Established> {
    if (refused || this.#security.counters === undefined) throw tooFar;
    try {
      return await this.#line.establish(this.#options, this.#counters, signal);
    } catch (error) {
      throw mayBeStale(error) ? tooFar : error;
    }
  }

  /**
   * The lowest counter that the meter accepts: one above what it named or publishes. Some meters mean the last counter they accepted, some
   * the next one; one above is right for both.
   */
  async #wanted(
    security: Counted,
    refusal: unknown,
    signal: AbortSignal | undefined,
  ): Promise<number | bigint | undefined> {
    const named = (refusal as Partial<AccessError> | undefined)?.invocationCounter;
    if (named !== undefined) return named + 1;
    if (security.readInvocationCounter === undefined) return undefined;
    try {
      const value = await this.#readCounter(security, signal);
      return value === undefined ? undefined : typeof value === 'bigint' ? value + 1n : value + 1;
    } catch (error) {
      throw refusal ?? error;
    }
  }

  /** Reads the published counter as the public client; undefined where there is none. */
  async #readCounter(security: Counted, signal: AbortSignal | undefined): Promise<number | bigint | undefined> {
    const { publicClient = PUBLIC_CLIENT, readInvocationCounter: told } = security;
    const guessed = typeof told !== 'string';
    const objects = guessed ? (told ?? []).map(parseLogicalName) : parseLogicalName(told);
    const options = asPublic(this.#options, publicClient);
    // The wait is short, because the object is optional.
    const responseTimeout = Math.min(options.responseTimeout ?? GUESS_TIMEOUT, GUESS_TIMEOUT);
    try {
      const established = await this.#line.establish(
        guessed ? { ...options, responseTimeout } : options,
        undefined,
        signal,
      );
      return await readPublishedCounter(established, objects, {
        clock: options.clock ?? systemClock,
        release: this.#release,
        signal,
      });
    } catch (error) {
      if (!guessed || !isAbsence(error)) throw error;
    }
    return this.#noCounter();
  }

  /** Without a durable store, counters would start again under a key that was already used. */
  #noCounter(): undefined {
    if (this.#security.counters !== undefined) return undefined;
    throw new StateError('nothing says which invocation counter comes next: the meter publishes none', {
      hint: 'give a counter store, or name the object (readInvocationCounter)',
    });
  }
}
