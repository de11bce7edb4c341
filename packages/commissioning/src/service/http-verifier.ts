import type { Clock, Millis } from 'cosem';
import { z } from 'zod';
import type {
  CodeRequest,
  ConsumerIdentity,
  ConsumerVerifier,
  OneTimeCode,
  VerificationOutcome,
  VerificationRefusal,
} from '../verification.js';
import { type HttpAnswer, HttpClient, type HttpOptions, type NoAnswer } from './http.js';

const verified = z.object({ verified: z.literal(true), reference: z.string().max(200) });
const refused = z.object({
  reason: z.enum(['wrong', 'expired', 'used', 'locked', 'rate-limited', 'not-provisioned', 'conflict']),
  triesLeft: z.int().min(0).max(100).optional(),
});

/** Asks the utility's service (docs/verification-service.openapi.yaml). Codes go in the body of requests, never into an address. */
export class HttpVerifier implements ConsumerVerifier {
  readonly #http: HttpClient;
  readonly #clock: Clock;

  /** @throws StateError when the service's address is neither https nor on this machine. */
  constructor(options: HttpOptions) {
    this.#http = new HttpClient(options);
    this.#clock = options.clock;
  }

  async request(consumer: ConsumerIdentity, idempotencyKey: string): Promise<CodeRequest> {
    const answer = await this.#http.post('/v1/codes', idempotencyKey, { ...consumer });
    if (typeof answer !== 'string' && answer.status >= 200 && answer.status < 300) return { sent: true };
    const { reason, retryAt } = refusalOf(answer);
    return { sent: false, refusal: reason, ...(retryAt === undefined ? {} : { retryAt }) };
  }

  async verify(consumer: ConsumerIdentity, code: OneTimeCode, idempotencyKey: string): Promise<VerificationOutcome> {
    const { workOrder, consumerNumber } = consumer;
    const body = { workOrder, consumerNumber, code: code.reveal() };
    const answer = await this.#http.post('/v1/verifications', idempotencyKey, body);
    if (typeof answer !== 'string' && answer.status === 200) {
      const said = verified.safeParse(answer.body);
      // A service might repeat the code in its reference, which is stored here.
      const reference = said.success ? said.data.reference.replaceAll(code.reveal(), '******') : undefined;
      if (reference !== undefined) return { verified: true, method: 'http', reference, at: this.#clock.now() };
    }
    return { verified: false, ...refusalOf(answer) };
  }
}

interface ReadRefusal {
  readonly reason: VerificationRefusal;
  readonly triesLeft?: number;
  readonly retryAt?: Millis;
}

function refusalOf(answer: HttpAnswer | NoAnswer): ReadRefusal {
  if (typeof answer === 'string') return { reason: answer };
  const { retryAt } = answer;
  const said = answer.status >= 400 && answer.status < 500 ? refused.safeParse(answer.body) : undefined;
  if (said?.success !== true)
    return { reason: answer.status === 429 ? 'rate-limited' : 'service-error', ...later(retryAt) };
  const { reason, triesLeft } = said.data;
  return { reason, ...(triesLeft === undefined ? {} : { triesLeft }), ...later(retryAt) };
}

function later(retryAt: Millis | undefined): { readonly retryAt?: Millis } {
  return retryAt === undefined ? {} : { retryAt };
}
