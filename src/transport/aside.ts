import type { Came } from '../base/errors.js';
import { isText, shownOctets } from '../base/shown.js';

/** What came since the last request and was not its answer: told of if no answer follows. */
export class Aside {
  #octets = 0;
  #why: string | undefined;

  heard(octets: number): void {
    this.#octets += octets;
  }

  /** Remembers why something was no answer. */
  put(reason: string, bytes: Uint8Array): void {
    const shown = shownOctets(bytes);
    // Some reasons already quote the octets.
    this.#why = isText(bytes) && !reason.includes(shown) ? `${reason} (${shown})` : reason;
  }

  /** The same, unless there is a reason already: any other one is more helpful. */
  else(reason: string): void {
    this.#why ??= reason;
  }

  /** A new request: what came before it was not its answer. */
  anew(): void {
    this.#octets = 0;
    this.#why = undefined;
  }

  /** @param pending what is incomplete, in words. */
  came(pending: string | undefined): Came | undefined {
    const reason = pending ?? this.#why;
    return reason === undefined ? undefined : { octets: this.#octets, reason };
  }
}
