import type { Clock, Millis } from '../base/clock.js';
import { logicalNameToBytes, parseLogicalName } from '../base/obis.js';
import type { Procedure } from '../contracts/procedure.js';
import type { ClientSession } from '../session/client-session.js';

/** How a line on which nothing happens is looked at. */
export interface IdleProbeParts {
  /** After so long without a call, in milliseconds. */
  readonly after: Millis;
}

type Look = (make: (session: ClientSession) => Procedure<unknown>) => Promise<void>;

const ASSOCIATION = logicalNameToBytes(parseLogicalName('0.0.40.0.0.255'));

/**
 * Asks a meter that nobody asks anything, now and then: over the wrapper neither end notices by itself that the other is gone. One request,
 * for the name of the association's own object (class 15, attribute 1): whatever it answers, it is there.
 */
export class IdleProbe {
  readonly #clock: Clock;
  readonly #after: Millis;
  readonly #look: Look;
  #used: Millis;
  #cancel: (() => void) | undefined;
  #stopped = false;

  /** @param look runs it where the line is up. Never throws. */
  constructor(clock: Clock, { after }: IdleProbeParts, look: Look) {
    this.#clock = clock;
    this.#after = after;
    this.#look = look;
    this.#used = clock.now();
    this.#arm();
  }

  /** Something was asked. */
  used(): void {
    this.#used = this.#clock.now();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #arm(): void {
    if (!this.#stopped) this.#cancel = this.#clock.at(this.#used + this.#after, () => void this.#ring());
  }

  async #ring(): Promise<void> {
    if (this.#clock.now() >= this.#used + this.#after) {
      this.used();
      await this.#look((session) => session.get([{ classId: 15, instanceId: ASSOCIATION, attributeId: 1 }]));
      this.used();
    }
    this.#arm();
  }
}
