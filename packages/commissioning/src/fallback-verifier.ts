import type {
  AskedBefore,
  CodeRequest,
  ConsumerIdentity,
  ConsumerVerifier,
  OneTimeCode,
  VerificationOutcome,
  VerificationRefusal,
} from './verification.js';

/** After these the service was not reached, or did not work. */
const UNREACHED: readonly VerificationRefusal[] = ['no-network', 'service-down', 'service-error'];

/**
 * Asks the utility's service, and where it is not reached checks the code that the work order brought. One falls back before a code is
 * asked for, or between two tries: a code that came by short message is never checked against one that the utility gave beforehand, which
 * would count as a wrong one.
 */
export class FallbackVerifier implements ConsumerVerifier {
  readonly #service: ConsumerVerifier;
  readonly #offline: ConsumerVerifier;
  readonly #isProvisioned: (workOrder: string) => boolean;
  #fellBack = false;

  /** @param isProvisioned whether a work order brought a code that can be checked here. */
  constructor(service: ConsumerVerifier, offline: ConsumerVerifier, isProvisioned: (workOrder: string) => boolean) {
    this.#service = service;
    this.#offline = offline;
    this.#isProvisioned = isProvisioned;
  }

  /** Tries are counted here only where codes are checked here: undefined while the service counts them. */
  get begin(): ((consumer: ConsumerIdentity, before: AskedBefore) => void) | undefined {
    return this.#fellBack ? (consumer, before) => this.#offline.begin?.(consumer, before) : undefined;
  }

  async request(consumer: ConsumerIdentity, idempotencyKey: string): Promise<CodeRequest> {
    const request = await this.#service.request(consumer, idempotencyKey);
    this.#fellBack = this.#fallsBack(consumer, request.refusal);
    return this.#fellBack ? this.#offline.request(consumer, idempotencyKey) : request;
  }

  async verify(consumer: ConsumerIdentity, code: OneTimeCode, idempotencyKey: string): Promise<VerificationOutcome> {
    if (this.#fellBack) return this.#offline.verify(consumer, code, idempotencyKey);
    const outcome = await this.#service.verify(consumer, code, idempotencyKey);
    if (outcome.verified || !this.#fallsBack(consumer, outcome.reason)) return outcome;
    this.#fellBack = true;
    return { verified: false, reason: 'fell-back' };
  }

  #fallsBack({ workOrder }: ConsumerIdentity, reason: VerificationRefusal | undefined): boolean {
    return reason !== undefined && UNREACHED.includes(reason) && this.#isProvisioned(workOrder);
  }
}
