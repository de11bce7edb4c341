import type { Millis } from '../base/clock.js';

/** A procedure may take as long as this many exchanges, plus this much time for each octet sent or received. */
const [FREE_EXCHANGES, OCTET_TIME] = [12, 1000];
const NEVER = Number.POSITIVE_INFINITY;

/** How long the procedure under way, its exchange and the silence within that may take. */
export class DriverTimes {
  readonly #responseTimeout: Millis;
  readonly #exchangeLimit: Millis;
  #due: Millis = NEVER;
  #paused: Millis | undefined;
  /** When the exchange has, however much comes. */
  limit: Millis = NEVER;
  /** After this much silence the running exchange repeats its request by itself. */
  patience: Millis | undefined;
  #asked: Millis = 0; // when the question under way was put
  #begun: Millis = 0; // when the procedure began
  #moved = 0; // octets of its questions and answers

  constructor(responseTimeout: Millis, exchangeLimit: Millis) {
    this.#responseTimeout = responseTimeout;
    this.#exchangeLimit = exchangeLimit;
  }

  /** When silence has lasted too long; Infinity while nothing is awaited from the peer. */
  get deadline(): Millis {
    return this.#paused === undefined ? this.#due : NEVER;
  }

  /** Looks again at this time, or when the exchange has lasted too long. */
  again(due: Millis): void {
    this.#due = Math.min(due, this.limit);
  }

  /** Nothing is awaited from the peer. */
  stop(): void {
    this.#due = NEVER;
  }

  /** All is over: neither the peer is awaited nor anything else. */
  end(): void {
    this.stop();
    this.#paused = undefined;
  }

  connecting(now: Millis, limit: Millis): void {
    this.#due = now + limit;
    this.#asked = now;
  }

  disconnecting(now: Millis): void {
    this.#due = now + this.#responseTimeout;
  }

  begin(now: Millis): void {
    this.#begun = now;
    this.#asked = now;
    this.#moved = 0;
    this.limit = now + this.#exchangeLimit;
  }

  /** A question is put. */
  sent(now: Millis, octets: number): void {
    this.#moved += octets;
    this.#asked = now;
    this.limit = Math.min(now + this.#exchangeLimit, this.#last);
  }

  /** Its answer is awaited. */
  expect(now: Millis, patience: Millis | undefined): void {
    this.patience = patience;
    this.#from(now);
  }

  /** The peer is alive, so the time of silence starts again. The limit of the exchange does not. */
  heard(now: Millis): void {
    if (this.#due !== NEVER) this.#from(now);
  }

  /** An answer came. */
  answered(octets: number): void {
    this.stop();
    this.#moved += octets;
  }

  /** Stands still, because it is not the peer that is awaited. */
  pause(now: Millis): void {
    this.#paused ??= now;
  }

  /** Goes on where it stood. */
  resume(now: Millis): void {
    const waited = now - (this.#paused ?? now);
    this.#paused = undefined;
    this.limit += waited;
    this.#begun += waited;
    this.#due += waited;
  }

  /** Whether the procedure as a whole took too long, and for how many seconds it, or silence, lasted. */
  lasted(now: Millis, connecting: boolean): { readonly slow: boolean; readonly waited: number } {
    const slow = !connecting && now >= this.#last;
    return { slow, waited: Math.round((now - (slow ? this.#begun : this.#asked)) / 100) / 10 };
  }

  #from(now: Millis): void {
    this.#due = Math.min(now + (this.patience ?? this.#responseTimeout), this.limit);
  }

  /** The time limit of the running procedure. Each received octet extends it a little, so that an answer in many tiny pieces ends too. */
  get #last(): Millis {
    return this.#begun + FREE_EXCHANGES * this.#exchangeLimit + this.#moved * OCTET_TIME;
  }
}
