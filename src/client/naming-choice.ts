import { lazily } from '../base/clock.js';
import { AssociationError, StateError } from '../base/errors.js';
import { isOfIdentity } from '../session/short-names.js';
import type { HeldTransport } from './held-transport.js';
import type { MeterServices } from './meter-services.js';
import type { OpenOptions } from './options.js';
import type { Platform } from './platform.js';
import { isJudged } from './unaccepted.js';

/** What a meter with short names needs: loaded where one is met. */
export const loadNaming = lazily(() => import('./short-naming.js'));

/** The parts of a {@link NamingChoice}. */
interface ChoiceParts {
  readonly platform: Pick<Platform, 'links'>;
  readonly line: HeldTransport;
  readonly options: OpenOptions;
  readonly services: MeterServices;
}

/** How a meter names its objects: as the options say, as on an earlier visit, or as its refusal tells. */
export class NamingChoice {
  readonly #parts: ChoiceParts;
  /** Whether it is asked by short names. */
  short: boolean;
  #settled: boolean;
  /** Whether the meter accepted an association in this way of naming, ours or that of the public client. */
  #heard = false;
  /** Whether it was asked for short names, and did not say that it has some. */
  #denied = false;

  /** @throws StateError for a naming that does not exist. */
  constructor(parts: ChoiceParts) {
    const { naming, preEstablished } = parts.options;
    if (naming !== undefined && naming !== 'ln' && naming !== 'sn')
      throw new StateError(`there is no naming '${naming}'`, { hint: 'ln or sn' });
    this.#parts = parts;
    this.short = naming === 'sn' || (naming === undefined && parts.services.naming === 'sn');
    this.#settled = naming !== undefined || preEstablished !== undefined;
  }

  /** The meter accepted: from now on nothing is found out. */
  settle(): void {
    this.#settled = true;
  }

  /**
   * The meter accepted an AARQ, ours or that of the public client: a refusal that gives no reason, or one of our proof, is about something
   * else then, and the meter is not asked about its naming.
   */
  accepted(): void {
    this.#heard = true;
  }

  /** Whether a refusal means that the meter names in the other way, in which it is then asked. */
  async turns(error: unknown, signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#settled || !(error instanceof AssociationError) || signal?.aborted === true) return false;
    const { line, platform, services, options } = this.#parts;
    if (this.short) {
      // Who we are is judged in either way of naming, and once.
      if (this.#heard || isOfIdentity(error)) return false;
      // It was so on an earlier visit; the meter, or its set-up, is another one.
      services.named(undefined);
      // A refusal without a reason may be of the password: it goes out once, and the next opening finds out.
      if (isJudged(error)) return false;
      this.short = false;
    } else {
      const { shortNamesIn, speaksShortNamesOn } = await loadNaming();
      const told = shortNamesIn(error);
      if (told === 'no' || (told === 'perhaps' && (this.#heard || this.#denied))) return false;
      await this.#renewed();
      if (told === 'perhaps' && !(await speaksShortNamesOn(platform, line, options))) {
        this.#denied = true;
        return false;
      }
      this.short = true;
      services.named('sn');
    }
    await this.#renewed();
    return true;
  }

  /** A line that is a connection, or changes its speed, is made again for another association. */
  async #renewed(): Promise<void> {
    const { framing = 'hdlc' } = this.#parts.options;
    if (framing !== 'hdlc') await this.#parts.line.renew();
  }
}
