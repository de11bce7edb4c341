import type { Millis } from '../base/clock.js';
import { counted } from '../base/words.js';

/** First pause before a server that refuses the link is asked again, and the longest. */
const FIRST_PAUSE: Millis = 1000;
const LONGEST_PAUSE: Millis = 5000;

/**
 * A server that answers SNRM with DM: another client's link may still be open, and ends by itself. It is asked again, first soon, then every
 * few seconds, as long as patience lasts.
 */
export class Refusals {
  readonly #patience: Millis;
  #since: Millis = 0;
  #last: Millis = 0;
  #count = 0;

  constructor(patience: Millis) {
    this.#patience = patience;
  }

  /** Another connection begins. */
  reset(): void {
    this.#count = 0;
  }

  /** It refused. @returns when to ask it again; undefined when patience is over. */
  again(now: Millis): Millis | undefined {
    if (this.#count === 0) this.#since = now;
    this.#last = now;
    const pause = Math.min(FIRST_PAUSE * 2 ** Math.min(this.#count++, 8), LONGEST_PAUSE);
    return now + pause - this.#since <= this.#patience ? now + pause : undefined;
  }

  /** What happened. */
  get reason(): string {
    const waited = Math.round((this.#last - this.#since) / 1000);
    return `the server refused the link (DM)${this.#count === 1 ? '' : `, ${counted(this.#count, 'time')} in ${waited} s`}`;
  }
}
