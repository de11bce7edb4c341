import type { Apdu } from '../apdu/apdu.js';
import type { Millis } from '../base/clock.js';
import type { OnRemark } from '../base/remark.js';
import type { ClientSessionConfig } from './client-config.js';

/** How long an answer under another invoke id is held back for the one under the right id. */
const HELD_BACK: Millis = 2000;
/** The name of the answer to a request, by the tag of the request. */
const ANSWERS: Readonly<Record<number, string>> = { 192: 'get-response', 193: 'set-response', 195: 'action-response' };

/**
 * Some meters answer under an invoke id of their own. Such an answer is taken when it is the only one that can be meant: no earlier request
 * of the association was left without an answer, it is of the right service, and no better one came for a while. From then on it is taken
 * at once. Never over datagrams: the network may bring one twice, and the answer to an earlier question would pass for this one's.
 */
export class OtherInvokeIds {
  readonly #refuses: boolean;
  readonly #onRemark: OnRemark | undefined;
  #outstanding = false;
  /** A request was given up: what comes late could be its answer. */
  #abandoned = false;
  #known = false;
  #expected: string | undefined;
  #candidate: Apdu | undefined;

  constructor({ strict, datagrams, onRemark }: Pick<ClientSessionConfig, 'strict' | 'datagrams' | 'onRemark'>) {
    this.#refuses = strict === true || datagrams === true;
    this.#onRemark = onRemark;
  }

  /** A request is sent; this is its clear text. */
  asked(request: Uint8Array): void {
    if (this.#outstanding) this.#abandoned = true;
    this.#outstanding = true;
    this.#candidate = undefined;
    this.#expected = ANSWERS[request[0] ?? 0];
  }

  /** The request was answered, or refused. */
  answered(): void {
    this.#outstanding = false;
    this.#candidate = undefined;
  }

  /** Whether an answer under another id is taken at once; else it may be held back. */
  takes(apdu: Apdu): boolean {
    const fits = this.#expected !== undefined && apdu.type.startsWith(this.#expected);
    if (this.#refuses || this.#abandoned || !this.#outstanding || !fits) return false;
    if (this.#known) return true;
    this.#candidate ??= apdu;
    return false;
  }

  /** How much longer to wait while an answer is held back. */
  get patience(): { readonly patience?: Millis } {
    return this.#candidate === undefined ? {} : { patience: HELD_BACK };
  }

  /** No better answer came: the one held back is used. */
  held(): Apdu | undefined {
    const candidate = this.#candidate;
    if (candidate === undefined) return undefined;
    if (!this.#known) {
      this.#onRemark?.({
        code: 'invoke-id',
        text: 'the meter answers under another invoke id than it was asked under; the only answer outstanding is taken',
        weight: 'detail',
      });
    }
    this.#known = true;
    this.answered();
    return candidate;
  }
}
