import type { DecodeError } from '../base/errors.js';
import type { LinkEvent } from '../contracts/link.js';

/** Length of the message that the octets begin with; undefined while it has no end, which none of the first `searched` octets is. */
type LengthOf = (bytes: Uint8Array, limit: number, searched: number) => number | undefined;

/** What of a message whose end is looked for is looked at again: the end itself, with what follows it. */
const BEHIND = 8;
const CAPACITY = 1024;

/**
 * Octets of IEC 62056-21 that wait for the end of their message. Whatever comes, in whatever pieces, each octet is copied and looked at a
 * few times at most; what begins no message is passed over, and told as one run.
 */
export class MessageBuffer {
  readonly #lengthOf: LengthOf;
  readonly #begins: (octet: number) => boolean;
  readonly #limit: number;
  readonly #toLast: boolean;
  #bytes: Uint8Array = new Uint8Array(0);
  /** Octets passed over and not told yet are `#bytes` from `#told` to `#start`, those that wait from there to `#end`. */
  #told = 0;
  #start = 0;
  #end = 0;
  #searched = 0;
  #reason = '';

  /**
   * @param begins whether a message may begin with that octet, its parity aside.
   * @param limit octets of a message at most.
   * @param toLast behind a message without end is gone on at the last place within the limit where another may begin, not at the next: where
   * the limit is long, trying each would cost as much again.
   */
  constructor(lengthOf: LengthOf, begins: (octet: number) => boolean, limit: number, toLast = false) {
    this.#lengthOf = lengthOf;
    this.#begins = begins;
    this.#limit = limit;
    this.#toLast = toLast;
  }

  /** How many octets wait. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** The octets that wait: a view. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  append(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#bytes.length) {
      const kept = this.#end - this.#told;
      const larger = new Uint8Array(Math.max(CAPACITY, 2 * (kept + chunk.length)));
      larger.set(this.#bytes.subarray(this.#told, this.#end));
      this.#bytes = larger;
      this.#start -= this.#told;
      this.#told = 0;
      this.#end = kept;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /**
   * Length of the message at the beginning; undefined while it is incomplete.
   * @throws DecodeError where none begins so, or none ends within the limit.
   */
  messageLength(): number | undefined {
    const length = this.#lengthOf(this.bytes.subarray(0, this.#limit + 1), this.#limit, this.#searched);
    if (length === undefined) this.#searched = Math.max(0, this.length - BEHIND);
    return length;
  }

  /** Takes octets away: a copy. */
  take(count: number): Uint8Array {
    const taken = this.#bytes.slice(this.#start, this.#start + count);
    this.#start += count;
    this.#told = this.#start;
    this.#searched = 0;
    return taken;
  }

  /** Passes over octets for a reason. */
  pass(count: number, reason: string): void {
    if (this.#told === this.#start) this.#reason = reason;
    this.#start += count;
    this.#searched = 0;
  }

  /** Passes over what begins no message, or one without end, up to where the next may begin. */
  passFault(error: DecodeError): void {
    const over = this.#toLast && error.reason === 'bad-length' && this.length > this.#limit;
    const begins = (at: number) => this.#begins((this.#bytes[at] as number) & 0x7f);
    let at = over ? this.#start + this.#limit : this.#start + 1;
    if (over) while (at > this.#start + 1 && !begins(at)) at--;
    while (at < this.#end && !begins(at)) at++;
    this.pass(at - this.#start, error.message);
  }

  /** Tells what was passed over since it was last told, as one event. */
  tellPassed(events: LinkEvent[]): void {
    if (this.#told === this.#start) return;
    const bytes = this.#bytes.slice(this.#told, this.#start);
    this.#told = this.#start;
    events.push({ type: 'discarded', bytes, reason: this.#reason });
  }

  clear(): void {
    this.#bytes = new Uint8Array(0);
    this.#told = 0;
    this.#start = 0;
    this.#end = 0;
    this.#searched = 0;
  }
}
