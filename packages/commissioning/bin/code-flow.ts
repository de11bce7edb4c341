/** The consumer's OTP: asked for, typed, checked. The same in every visit that verifies a consumer. */

import type { Clock } from 'cosem';
import type { CodeSent, OneTimeCode, OrderedConsumer, Refusal } from '../src/index.js';
import type { Show } from './show.js';

/** Refusals of an OTP after which another is asked for. */
const ANOTHER: ReadonlySet<string> = new Set(['otp-expired', 'otp-unknown']);
/** The longest wait. */
const PATIENCE = 60_000;

type Refused = { readonly ok: false; readonly step: 'consumer'; readonly refusal: Refusal };

/** What it works with; `R` is what the visit says when the code was right. */
interface CodeSite<R extends { readonly ok: true }> {
  readonly session: {
    readonly order: { readonly consumer: OrderedConsumer };
    requestCode(attempt: number): Promise<CodeSent>;
    consumer(code: OneTimeCode): Promise<R | Refused>;
  };
  readonly inputs: { code(): Promise<OneTimeCode> };
  readonly show: Show;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The step `consumer` of a visit, over all its tries in one run. */
export class CodeFlow<R extends { readonly ok: true }> {
  readonly #site: CodeSite<R>;
  #sendings = 0;
  #asked = false;
  #isSent = true;

  constructor(site: CodeSite<R>) {
    this.#site = site;
  }

  /** Whether codes come by short message: one that the utility gave beforehand cannot be sent again. */
  get isSent(): boolean {
    return this.#isSent;
  }

  /** The next try asks for another code. */
  resend(): void {
    this.#sendings++;
    this.#asked = false;
  }

  /** One try. */
  async try(): Promise<R | Refused> {
    const { session, inputs, show } = this.#site;
    if (!this.#asked) {
      show.progress('code');
      const { sent, refusal } = await session.requestCode(this.#sendings);
      show.endProgress();
      this.#isSent = sent || refusal !== undefined;
      // Too early for another: the one before still stands.
      if (refusal !== undefined && refusal.code !== 'otp-rate-limited') return { ok: false, step: 'consumer', refusal };
      if (refusal !== undefined) show.refused(refusal);
      else show.codeAsked(session.order, sent);
      this.#asked = true;
    }
    const result = await this.#verified(await inputs.code());
    // What expired or was forgotten needs another.
    if (!result.ok && ANOTHER.has(result.refusal.code)) this.#asked = false;
    if (!result.ok && result.refusal.code === 'otp-fell-back') this.#isSent = false;
    return result;
  }

  /** Too fast is no answer: the same code is asked again when it is time. */
  async #verified(code: OneTimeCode): Promise<R | Refused> {
    const { session, show, clock, signal } = this.#site;
    for (;;) {
      show.progress('consumer');
      const result = await session.consumer(code);
      show.endProgress();
      if (result.ok || result.refusal.code !== 'otp-rate-limited') return result;
      const at = Number(result.refusal.params.at ?? clock.now() + PATIENCE);
      if (at > clock.now() + PATIENCE) return result;
      show.progressText('waiting-until', { at });
      await pause(at - clock.now(), clock, signal);
    }
  }
}

/** Waits. @throws the reason of the signal when that is aborted. */
export function pause(time: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.at(clock.now() + time, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}
