import { sha256 } from '@noble/hashes/sha2.js';
import { type Clock, type Millis, toHex } from 'cosem';
import { equalConstantTime, fromLatin1 } from 'cosem/protocol';
import { z } from 'zod';
import type { RandomOctets } from '../index/sealing.js';
import { type AttemptStore, FRESH, MAX_TRIES, MIN_PAUSE } from '../offline-verifier.js';
import { OneTimeCode } from '../verification.js';

/** A short message as it would go to a telephone. Only here is a code visible. */
export interface ShortMessage {
  readonly workOrder: string;
  readonly mobileLast4: string;
  readonly code: OneTimeCode;
  readonly expires: Millis;
}

export interface VerificationServiceOptions {
  readonly clock: Clock;
  readonly random: RandomOctets;
  /** Receives the short messages. */
  readonly send: (message: ShortMessage) => void;
  /** How long a code is valid, in milliseconds. Default ten minutes. */
  readonly lifetime?: Millis;
  /**
   * Keeps the number of wrong codes of each work order, so that a restart gives no new tries; by default in memory. Codes are always in
   * memory: after a restart a new one must be requested.
   */
  readonly attempts?: AttemptStore | undefined;
}

/** A request as it came by HTTP. Header names are in lower case. */
export interface ServiceRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Order {
  code: OneTimeCode | undefined;
  /** To whom the code was sent. */
  consumerNumber: string;
  expires: Millis;
  used: boolean;
  failures: number;
  lastSent: Millis;
  lastTry: Millis;
}

const LIFETIME: Millis = 600_000;
/** The shortest time between two messages to a telephone. */
const RESEND: Millis = 30_000;
const KEPT = 1000;
/** How many work orders are known at a time. */
const MOST_ORDERS = 1000;

/** Status codes of answers for which nothing was sent and no code was checked. */
const UNJUDGED = [404, 429, 507];

const who = { workOrder: z.string().min(1).max(60), consumerNumber: z.string().min(1).max(60) };
const codeRequest = z.object({ ...who, mobileLast4: z.string().regex(/^[0-9]{4}$/) });
const verification = z.object({ ...who, code: z.string().regex(/^[0-9]{6}$/) });

/**
 * The utility's verification service, as docs/verification-service.openapi.yaml describes it, for tests and demonstrations. It works in
 * memory, and gives its short messages to {@link VerificationServiceOptions.send} instead of a telephone.
 */
export class VerificationService {
  readonly #options: VerificationServiceOptions;
  readonly #orders = new Map<string, Order>();
  /** Answers by idempotency key, with what was asked under it. */
  readonly #answers = new Map<string, { readonly question: string; readonly answer: ServiceAnswer }>();

  constructor(options: VerificationServiceOptions) {
    this.#options = options;
  }

  handle({ method, path, headers, body }: ServiceRequest): ServiceAnswer {
    const sendsCode = path === '/v1/codes';
    if (!sendsCode && path !== '/v1/verifications') return problem(404, 'not-found');
    if (method !== 'POST') return problem(405, 'method');
    const key = headers['idempotency-key'];
    if (key === undefined || key === '' || key.length > 200) return problem(400, 'idempotency-key');
    const asked = (sendsCode ? codeRequest : verification).safeParse(body);
    if (!asked.success) return problem(400, 'malformed');
    // Only a digest, because codes are kept nowhere but where they are compared.
    const question = toHex(sha256(new TextEncoder().encode(JSON.stringify([path, asked.data]))));
    const known = this.#answers.get(key);
    if (known !== undefined) return known.question === question ? known.answer : problem(422, 'conflict');
    const answer = 'code' in asked.data ? this.#verify(asked.data) : this.#sendCode(asked.data);
    // If nothing was sent or checked, the answer is not kept: the same question may be asked again.
    if (!UNJUDGED.includes(answer.status)) this.#remember(key, question, answer);
    return answer;
  }

  #remember(key: string, question: string, answer: ServiceAnswer): void {
    const [oldest] = this.#answers.keys();
    if (this.#answers.size >= KEPT && oldest !== undefined) this.#answers.delete(oldest);
    this.#answers.set(key, { question, answer });
  }

  #sendCode({ workOrder, consumerNumber, mobileLast4 }: z.infer<typeof codeRequest>): ServiceAnswer {
    const { clock, send, lifetime = LIFETIME } = this.#options;
    const now = clock.now();
    const order = this.#orders.get(workOrder) ?? this.#newOrder(workOrder, now);
    if (order === undefined) return problem(507, 'full');
    if (order.failures >= MAX_TRIES) return problem(423, 'locked', { triesLeft: 0 });
    if (now < order.lastSent + RESEND) return tooEarly(order.lastSent + RESEND - now);
    const code = this.#draw();
    Object.assign(order, { code, consumerNumber, used: false, expires: now + lifetime, lastSent: now });
    send({ workOrder, mobileLast4, code, expires: order.expires });
    return { status: 202, body: { sent: true, expires: new Date(order.expires).toISOString() } };
  }

  #verify({ workOrder, consumerNumber, code }: z.infer<typeof verification>): ServiceAnswer {
    const order = this.#orders.get(workOrder);
    const now = this.#options.clock.now();
    if (order?.code === undefined) return problem(404, 'not-provisioned');
    if (order.failures >= MAX_TRIES) return problem(423, 'locked', { triesLeft: 0 });
    if (now < order.lastTry + MIN_PAUSE) return tooEarly(order.lastTry + MIN_PAUSE - now);
    // The try is counted before it is checked.
    this.#count(workOrder, order, order.failures + 1, now);
    const same = equalConstantTime(fromLatin1(code), fromLatin1(order.code.reveal()));
    const right = same && order.consumerNumber === consumerNumber;
    if (right && !order.used && now < order.expires) {
      order.used = true;
      this.#count(workOrder, order, 0, now);
      return { status: 200, body: { verified: true, reference: `${workOrder}/${now}` } };
    }
    const triesLeft = MAX_TRIES - order.failures;
    if (triesLeft === 0) return problem(423, 'locked', { triesLeft });
    if (!right) return problem(403, 'wrong', { triesLeft });
    return problem(410, order.used ? 'used' : 'expired', { triesLeft });
  }

  #count(workOrder: string, order: Order, failures: number, now: Millis): void {
    const locked = failures >= MAX_TRIES;
    this.#options.attempts?.save(workOrder, { ...FRESH, failures, locked, lastTry: now });
    order.failures = failures;
    order.lastTry = now;
  }

  /** A new order; undefined when there are too many. Orders with a code, or with a wrong one, are never forgotten. */
  #newOrder(workOrder: string, now: Millis): Order | undefined {
    if (this.#orders.size >= MOST_ORDERS) {
      for (const [name, { failures, expires, lastSent }] of this.#orders) {
        if (failures === 0 && now >= expires && now >= lastSent + RESEND) this.#orders.delete(name);
      }
      if (this.#orders.size >= MOST_ORDERS) return undefined;
    }
    const never = Number.NEGATIVE_INFINITY;
    const { failures, lastTry = never } = this.#options.attempts?.load(workOrder) ?? FRESH;
    const fresh = { code: undefined, consumerNumber: '', expires: never, used: false, lastSent: never };
    const order: Order = { ...fresh, failures, lastTry };
    this.#orders.set(workOrder, order);
    return order;
  }

  /** Six digits, all codes with equal probability. */
  #draw(): OneTimeCode {
    for (;;) {
      const [a = 0, b = 0, c = 0] = this.#options.random(3);
      const value = (a << 16) | (b << 8) | c;
      if (value < 16_000_000) return OneTimeCode.parse(String(value % 1_000_000).padStart(6, '0'));
    }
  }
}

function problem(status: number, reason: string, more: Readonly<Record<string, unknown>> = {}): ServiceAnswer {
  return { status, body: { reason, ...more } };
}

function tooEarly(wait: Millis): ServiceAnswer {
  const seconds = String(Math.ceil(wait / 1000));
  return { ...problem(429, 'rate-limited'), headers: { 'retry-after': seconds } };
}
