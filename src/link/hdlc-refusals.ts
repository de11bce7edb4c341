import type { Millis } from '../base/clock.js';
import { counted } from '../base/words.js';

/** The first and the longest pause before a server that refuses the link is tried again. */
const FIRST_PAUSE: Millis = 1000;
const LONGEST_PAUSE: Millis = 5000;

/**
 * Decides when to try a server again that answers SNRM with DM, because the link of another client may still be open and end by itself. It is tried
 * again soon at first, then every few seconds, until the patience is over.
 */
export class Refusals {
  readonly #patience: Millis;
  #since: Millis = 0;
  #last: Millis = 0;
  #count = 0;

  constructor(patience: Millis) {
    this.#patience = patience;
  }

  /** A new connection begins. */
  reset(): void {
    this.#count = 0;
  }

  /** The server has refused. @returns when to try again; undefined when the patience is over. */
  again(now: Millis): Millis | undefined {
    if (this.#count === 0) this.#since = now;
    this.#last = now;
    const pause = Math.min(FIRST_PAUSE * 2 ** Math.min(this.#count++, 8), LONGEST_PAUSE);
    return now + pause - this.#since <= this.#patience ? now + pause : undefined;
  }

  /** In words, how often the server refused. */
  get reason(): string {
    const waited = Math.round((this.#last - this.#since) / 1000);
    return `the server refused the link (DM)${this.#count === 1 ? '' : `, ${counted(this.#count, 'time')} in ${waited} s`}`;
  }
}
