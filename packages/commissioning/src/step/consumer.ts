/** Step 2: the consumer is verified by OTP. */

import type { ConsumerEvidence } from '../evidence.js';
import type { Intent } from '../journal.js';
import { type Refusal, type RefusalCode, refusal } from '../messages.js';
import type { Policy } from '../policy.js';
import { refuse } from '../refused.js';
import type {
  AskedBefore,
  CodeRequest,
  ConsumerIdentity,
  ConsumerVerifier,
  OneTimeCode,
  VerificationOutcome,
  VerificationRefusal,
} from '../verification.js';
import type { WorkOrder } from '../work-order.js';
import { type Intending, intend } from './context.js';

const CODES = {
  wrong: 'otp-wrong',
  expired: 'otp-expired',
  used: 'otp-used',
  locked: 'otp-locked',
  'rate-limited': 'otp-rate-limited',
  'not-provisioned': 'otp-not-provisioned',
  'no-network': 'otp-no-network',
  'service-down': 'otp-service-down',
  'service-error': 'otp-service-error',
  conflict: 'otp-service-error',
  'fell-back': 'otp-fell-back',
} as const satisfies Record<VerificationRefusal, RefusalCode>;

/** After these refusals it is unknown whether the code was checked, so the same key is used again. */
const UNKNOWN: readonly VerificationRefusal[] = ['no-network', 'service-down', 'service-error', 'fell-back'];

/** What the sentence of a refusal would not be true of, by whether codes are checked here. */
const HERE: Partial<Record<VerificationRefusal, RefusalCode>> = { expired: 'otp-expired-here' };
const THERE: Partial<Record<VerificationRefusal, RefusalCode>> = { 'not-provisioned': 'otp-unknown' };

type Verify = Extract<Intent, { action: 'verify' }>;

/** What the step works with, in a visit of any kind that has a step `consumer`. */
export interface CodeContext extends Intending<'consumer', Verify> {
  readonly order: Pick<WorkOrder, 'id' | 'consumer'>;
  readonly policy: Policy;
  readonly journal: Intending<'consumer', Verify>['journal'] & {
    readonly opened: { readonly session: string } | undefined;
    readonly tries: number;
    readonly counted: AskedBefore;
    pending(step: 'consumer', action: 'verify'): Verify | undefined;
  };
}

export function identityOf({ id, consumer }: Pick<WorkOrder, 'id' | 'consumer'>): ConsumerIdentity {
  return { workOrder: id, consumerNumber: consumer.number, mobileLast4: consumer.mobileLast4 };
}

/**
 * Checks a code. The idempotency key is written to the journal first: if the answer is lost, the same request is sent again and does not
 * count twice.
 */
export async function verifyConsumer(
  context: CodeContext,
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
  // A key that was used with a service is written again when the code is checked here.
  if (pending === undefined || (counts && pending.counted !== true)) {
    intend(context, 'consumer', { action: 'verify', key, ...(counts ? { counted: true } : {}) });
  }
  let outcome = await ask(key);
  if (!outcome.verified && outcome.reason === 'conflict') {
    // Another code was sent under this key, and its answer was lost. This code is a new request.
    const next = `${key}+`;
    intend(context, 'consumer', { action: 'verify', key: next });
    outcome = await ask(next);
  }
  if (!outcome.verified) return refuseCode(context, outcome, counts);
  return { method: outcome.method, reference: outcome.reference, verifiedAt: outcome.at };
}

/** Why no code was sent, if that ends the step for now; undefined also when an earlier code is still valid. */
export function refusalOfRequest(
  { refusal: reason, retryAt }: CodeRequest,
  { policy }: Pick<CodeContext, 'policy'>,
): Refusal | undefined {
  if (reason === undefined) return undefined;
  const { helpline } = policy;
  return refusal(CODES[reason], retryAt === undefined ? { helpline } : { helpline, at: retryAt });
}

function refuseCode(
  { policy }: Pick<CodeContext, 'policy'>,
  outcome: Extract<VerificationOutcome, { verified: false }>,
  isHere: boolean,
): never {
  const { reason, triesLeft, retryAt } = outcome;
  const params = {
    helpline: policy.helpline,
    ...(triesLeft === undefined ? {} : { left: triesLeft }),
    ...(retryAt === undefined ? {} : { at: retryAt }),
  };
  // With a rate limit nothing was checked: the key can be used again, also for another code.
  const code = (isHere ? HERE : THERE)[reason] ?? CODES[reason];
  return refuse(code, params, !UNKNOWN.includes(reason));
}
