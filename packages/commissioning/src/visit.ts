import { type Clock, toHex } from 'cosem';
import type { LogFile } from './append-log.js';
import type { RandomOctets } from './index/sealing.js';
import { type AnyIntent, type Intent, Journal, type OrderStatus, type StepOf, type StepState } from './journal.js';
import type { Refusal } from './messages.js';
import { wholeMillis } from './pause.js';
import type { Policy } from './policy.js';
import { refusalOf } from './refusal-of.js';
import { RefusedError, refuse } from './refused.js';
import { identityOf, refusalOfRequest } from './step/consumer.js';
import { type VisitContext, writtenReason } from './step/context.js';
import { stepName } from './steps.js';
import { StorageError } from './storage-error.js';
import type { ConsumerVerifier } from './verification.js';
import { type WorkOrder, workOrderDigest } from './work-order.js';

/** The result of a step of a visit. */
export type VisitResult<E extends object, S extends StepOf<E> = StepOf<E>> =
  | { readonly ok: true; readonly step: S; readonly evidence: E[S] }
  | { readonly ok: false; readonly step: S; readonly refusal: Refusal };

/** The result of asking for an OTP. */
export interface CodeSent {
  readonly sent: boolean;
  /** Why none was sent. */
  readonly refusal?: Refusal | undefined;
}

/** What every visit works with. */
export interface VisitParts<O extends WorkOrder> {
  readonly order: O;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly journal: LogFile;
  readonly random: RandomOctets;
}

/**
 * The work on one order: steps in their order, each written to the journal before the next. A visit may end at any point, with or without
 * warning, and another one continues there: what was done is not asked again, and what must not happen twice does not.
 *
 * A kind of visit extends it: `E` has the evidence of its steps by their names, `O` is its order, `I` what it writes before it does it.
 */
export abstract class Visit<E extends object, O extends WorkOrder, I extends AnyIntent = Intent> {
  readonly order: O;
  protected readonly context: VisitContext<E, O, I>;
  /** The running step. Two at a time would do what must not be done twice. */
  #tail: Promise<unknown> = Promise.resolve();

  /**
   * Begins or resumes the work on an order.
   * @param steps in the order in which they are done.
   * @throws StorageError when the journal cannot be read or written; RefusedError when the order was changed since work on it began.
   */
  constructor({ order, policy, clock: given, journal: file, random }: VisitParts<O>, steps: readonly StepOf<E>[]) {
    const journal = new Journal<E, I>(file, steps);
    const clock = wholeMillis(given);
    this.order = order;
    this.context = { order, policy, clock, journal };
    const digest = workOrderDigest(order);
    const { opened } = journal;
    if (opened === undefined) {
      const session = toHex(random(8)).toLowerCase();
      journal.append({ type: 'opened', at: clock.now(), workOrder: order.id, digest, session });
    } else if (opened.digest !== digest) refuse('order-changed', { order: order.id });
  }

  /** All steps with their state. */
  get steps(): readonly StepState<E>[] {
    return this.context.journal.steps;
  }

  /** The step to be done; undefined when all are. */
  get next(): StepOf<E> | undefined {
    return this.context.journal.next;
  }

  get status(): OrderStatus {
    return this.context.journal.status;
  }

  // ---- for kinds of visits

  /** Does a step unless it was done already. Its result is in the journal before this returns. */
  protected run<S extends StepOf<E>>(
    step: S,
    work: (context: VisitContext<E, O, I>) => E[S] | Promise<E[S]>,
    causeOf?: (error: unknown) => Promise<Refusal['cause']>,
  ): Promise<VisitResult<E, S>> {
    const running = this.#tail.then(() => this.#do(step, work, causeOf));
    this.#tail = running.catch(() => undefined);
    return running;
  }

  /** Skips a step. @returns the reason for refusing; undefined when it was skipped. */
  protected skipped(step: StepOf<E>, reason: string, check: () => void): Refusal | undefined {
    try {
      this.#inOrder(step);
      check();
      const written = writtenReason(reason, this.context);
      this.context.journal.append({ type: 'skipped', at: this.now(), step, reason: written });
      return undefined;
    } catch (error) {
      return this.refusalFor(step, error);
    }
  }

  /**
   * Requests an OTP for the step `consumer`. Asking twice with the same `attempt` sends one. Unless it was only too early for another, the
   * reason for not sending is in the journal before this returns.
   */
  protected async codeRequested(verifier: ConsumerVerifier, attempt: number): Promise<CodeSent> {
    const { journal } = this.context;
    const step = 'consumer' as StepOf<E>;
    const key = `${journal.opened?.session}.code.${journal.tries}.${attempt}`;
    const request = await verifier.request(identityOf(this.order), key);
    const why = refusalOfRequest(request, this.context);
    if (why === undefined) return { sent: request.sent };
    if (why.code === 'otp-rate-limited' || this.next !== step) return { sent: false, refusal: why };
    return { sent: false, refusal: this.#failed(step, new RefusedError(why, false)) };
  }

  /**
   * The words for an error of a step.
   * @param cause why the meter was not reached or refused.
   * @throws the error itself when it is not one that meter, line, disk or network cause.
   */
  protected refusalFor(_step: StepOf<E>, error: unknown, cause?: Refusal['cause']): Refusal {
    const reason = refusalOf(error, false);
    if (reason === undefined) throw error;
    return cause === undefined ? reason : { ...reason, cause };
  }

  protected now(): number {
    return this.context.clock.now();
  }

  // ---- inside

  async #do<S extends StepOf<E>>(
    step: S,
    work: (context: VisitContext<E, O, I>) => E[S] | Promise<E[S]>,
    causeOf: ((error: unknown) => Promise<Refusal['cause']>) | undefined,
  ): Promise<VisitResult<E, S>> {
    const { journal } = this.context;
    const before = journal.evidence(step);
    if (before !== undefined) return { ok: true, step, evidence: before };
    const outOfOrder = this.#refusedOrder(step);
    if (outOfOrder !== undefined) return { ok: false, step, refusal: outOfOrder };
    try {
      const evidence = await work(this.context);
      journal.append({ type: 'done', at: this.now(), step, evidence });
      return { ok: true, step, evidence };
    } catch (error) {
      return { ok: false, step, refusal: this.#failed(step, error, await causeFound(error, causeOf)) };
    }
  }

  #refusedOrder(step: StepOf<E>): Refusal | undefined {
    try {
      this.#inOrder(step);
      return undefined;
    } catch (error) {
      return (error as RefusedError).refusal;
    }
  }

  #inOrder(step: StepOf<E>): void {
    const { next } = this;
    const { kind } = this.order;
    const last = this.context.journal.steps.at(-1)?.step ?? step;
    if (next !== step) {
      refuse('step-out-of-order', { step: stepName(kind, step), next: stepName(kind, next ?? last) });
    }
  }

  /** Writes to the journal why a step failed, if it can be written. */
  #failed(step: StepOf<E>, error: unknown, cause?: Refusal['cause']): Refusal {
    const refusal = this.refusalFor(step, error, cause);
    if (error instanceof StorageError) return refusal;
    const settled = error instanceof RefusedError && error.settled;
    try {
      this.context.journal.append({ type: 'failed', at: this.now(), step, refusal, settled });
      return refusal;
    } catch (unwritten) {
      if (unwritten instanceof StorageError) return this.refusalFor(step, unwritten);
      throw unwritten;
    }
  }
}

/** Why the meter was not reached or refused; nothing is asked where that is known. */
async function causeFound(
  error: unknown,
  causeOf: ((error: unknown) => Promise<Refusal['cause']>) | undefined,
): Promise<Refusal['cause']> {
  if (error instanceof RefusedError || error instanceof StorageError) return undefined;
  try {
    return await causeOf?.(error);
  } catch {
    // That it failed is written all the same.
    return undefined;
  }
}
