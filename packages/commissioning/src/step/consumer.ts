/** Step 2: the consumer is verified by OTP. */

import type { ConsumerEvidence } from '../evidence.js';
import { type Refusal, type RefusalCode, refusal } from '../messages.js';
import { refuse } from '../refused.js';
import type {
  CodeRequest,
  ConsumerIdentity,
  ConsumerVerifier,
  OneTimeCode,
  VerificationOutcome,
  VerificationRefusal,
} from '../verification.js';
import type { WorkOrder } from '../work-order.js';
import { intend, type StepContext } from './context.js';

const CODES = {
  wrong: 'otp-wrong',
  expired: 'otp-expired',
  used: 'otp-used',
  locked: 'otp-locked',
  'rate-limited': 'otp-rate-limited',
  'not-provisioned': 'otp-not-provisioned',
  'no-network': 'otp-no-network',
  'service-error': 'otp-service-error',
  conflict: 'otp-service-error',
} as const satisfies Record<VerificationRefusal, RefusalCode>;

/** Refusals after which nobody knows whether the code was judged: the same key asks again. */
const UNKNOWN: readonly VerificationRefusal[] = ['no-network', 'service-error'];

export function identityOf({ id, consumer }: WorkOrder): ConsumerIdentity {
  return { workOrder: id, consumerNumber: consumer.number, mobileLast4: consumer.mobileLast4 };
}

/**
 * Checks a code. The key under which it is asked is written down first: should the answer be lost, the same question is asked again and
 * does not count twice.
 */
export async function verifyConsumer(
  context: StepContext,
  verifier: ConsumerVerifier,
  code: OneTimeCode,
): Promise<ConsumerEvidence> {
  const { journal, order } = context;
  const session = journal.opened?.session ?? '';
  const ask = (key: string) => verifier.verify(identityOf(order), code, key);
  const counts = verifier.begin !== undefined;
  verifier.begin?.(identityOf(order), journal.counted);
  const pending = journal.pending('consumer', 'verify');
  const key = pending?.key ?? `${session}.${journal.tries}`;
  // A key that a service was asked under is written down again where it is asked here.
  if (pending === undefined || (counts && pending.counted !== true)) {
    intend(context, 'consumer', { action: 'verify', key, ...(counts ? { counted: true } : {}) });
  }
  let outcome = await ask(key);
  if (!outcome.verified && outcome.reason === 'conflict') {
    // Another code was asked under this key, and its answer lost: this one is a new question.
    const next = `${key}+`;
    intend(context, 'consumer', { action: 'verify', key: next });
    outcome = await ask(next);
  }
  if (!outcome.verified) return refuseCode(context, outcome);
  return { method: outcome.method, reference: outcome.reference, verifiedAt: outcome.at };
}

/** Why no code was sent, where that ends the step for now; undefined also where one sent before still stands. */
export function refusalOfRequest(
  { refusal: reason, retryAt }: CodeRequest,
  { policy }: StepContext,
): Refusal | undefined {
  if (reason === undefined) return undefined;
  const { helpline } = policy;
  return refusal(CODES[reason], retryAt === undefined ? { helpline } : { helpline, at: retryAt });
}

function refuseCode({ policy }: StepContext, outcome: Extract<VerificationOutcome, { verified: false }>): never {
  const { reason, triesLeft, retryAt } = outcome;
  const params = {
    helpline: policy.helpline,
    ...(triesLeft === undefined ? {} : { left: triesLeft }),
    ...(retryAt === undefined ? {} : { at: retryAt }),
  };
  // A rate limit judges nothing: the key is still good, the code may be another.
  return refuse(CODES[reason], params, !UNKNOWN.includes(reason));
}
