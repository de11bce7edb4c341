import type { Clock, Millis } from '../base/clock.js';
import { logicalNameToBytes, parseLogicalName } from '../base/obis.js';
import type { Procedure } from '../contracts/procedure.js';
import type { ClientCore } from '../session/client-core.js';
import { requestCode } from './request-code.js';

/** How an idle line is checked. */
export interface IdleProbeParts {
  /** After how many milliseconds without a call it is checked. */
  readonly after: Millis;
}

type Look = (make: (session: ClientCore) => Procedure<unknown>) => Promise<void>;

const ASSOCIATION = logicalNameToBytes(parseLogicalName('0.0.40.0.0.255'));
const QUESTION = { classId: 15, instanceId: ASSOCIATION, attributeId: 1 };

const services = requestCode(async () => await import('../session/client-services.js'));

/**
 * Sends a small request to an idle meter from time to time, because over the wrapper neither end notices by itself that the other is gone.
 * It reads the name of the association's own object (class 15, attribute 1); any answer shows that the meter is there.
 */
export class IdleProbe {
  readonly #clock: Clock;
  readonly #after: Millis;
  readonly #look: Look;
  #used: Millis;
  #cancel: (() => void) | undefined;
  #stopped = false;

  /** @param look sends the request if the line is up. It never throws. */
  constructor(clock: Clock, { after }: IdleProbeParts, look: Look) {
    this.#clock = clock;
    this.#after = after;
    this.#look = look;
    this.#used = clock.now();
    this.#arm();
  }

  /** Called when another request was sent. */
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
      await this.#look((session) => services((code) => code.getAttributes(session, [QUESTION])));
      this.used();
    }
    this.#arm();
  }
}
