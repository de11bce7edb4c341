import type { DecodeError } from '../base/errors.js';
import type { LinkEvent } from '../contracts/link.js';

/** Finds the length of the message at the beginning of octets; undefined while it is incomplete. Its end is not within the first `searched` octets. */
type LengthOf = (bytes: Uint8Array, limit: number, searched: number) => number | undefined;

/** So many octets are examined again when more come: the longest end of a message, with what follows it. */
const BEHIND = 8;
const CAPACITY = 1024;

/**
 * Octets of IEC 62056-21 that wait for the end of their message. In any chunks, each octet is copied and examined only a few times. Octets that begin
 * no message are skipped, and reported together.
 */
export class MessageBuffer {
  readonly #lengthOf: LengthOf;
  readonly #begins: (octet: number) => boolean;
  readonly #limit: number;
  readonly #toLast: boolean;
  #bytes: Uint8Array = new Uint8Array(0);
  /** Skipped octets that were not reported yet are `#bytes` from `#told` to `#start`; those that wait follow, up to `#end`. */
  #told = 0;
  #start = 0;
  #end = 0;
  #searched = 0;
  #reason = '';

  /**
   * @param begins whether a message may begin with an octet, without regard to its parity.
   * @param limit the most octets of a message.
   * @param toLast after a message without an end, continue at the last place within the limit where another may begin, not at the next one: with a long
   * limit, trying each place would cost too much.
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
   * The length of the message at the beginning; undefined while it is incomplete.
   * @throws DecodeError when no message begins like this, or it does not end within the limit.
   */
  messageLength(): number | undefined {
    const length = this.#lengthOf(this.bytes.subarray(0, this.#limit + 1), this.#limit, this.#searched);
    if (length === undefined) this.#searched = Math.max(0, this.length - BEHIND);
    return length;
  }

  /** Removes octets and returns a copy of them. */
  take(count: number): Uint8Array {
    const taken = this.#bytes.slice(this.#start, this.#start + count);
    this.#start += count;
    this.#told = this.#start;
    this.#searched = 0;
    return taken;
  }

  /** Skips octets for a reason. */
  pass(count: number, reason: string): void {
    if (this.#told === this.#start) this.#reason = reason;
    this.#start += count;
    this.#searched = 0;
  }

  /** Skips octets that begin no message, or one without an end, up to where the next may begin. */
  passFault(error: DecodeError): void {
    const over = this.#toLast && error.reason === 'bad-length' && this.length > this.#limit;
    const begins = (at: number) => this.#begins((this.#bytes[at] as number) & 0x7f);
    let at = over ? this.#start + this.#limit : this.#start + 1;
    if (over) while (at > this.#start + 1 && !begins(at)) at--;
    while (at < this.#end && !begins(at)) at++;
    this.pass(at - this.#start, error.message);
  }

  /** Reports what was skipped since the last report, as one event. */
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
