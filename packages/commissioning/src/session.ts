import { type Clock, toHex } from 'cosem';
import type { LogFile } from './append-log.js';
import type { Evidence } from './evidence.js';
import type { ConsumerIndex } from './index/consumer-index.js';
import { Journal, type OrderStatus, type StepState } from './journal.js';
import type { Refusal, RefusalCause } from './messages.js';
import type { MeterPort } from './meter-port.js';
import { wholeMillis } from './pause.js';
import type { PhotoStore } from './photo/photo.js';
import type { Policy } from './policy.js';
import type { Certificate } from './record/record.js';
import { refusalOf } from './refusal-of.js';
import { RefusedError, refuse } from './refused.js';
import { checkClock } from './step/clock.js';
import { identityOf, refusalOfRequest, verifyConsumer } from './step/consumer.js';
import { type StepContext, writtenReason } from './step/context.js';
import { certify, type IndexInput, indexInstallation, type Signing } from './step/finish.js';
import {
  checkEvents,
  checkNewMeter,
  type MeterRegister,
  type NewMeterInput,
  type TamperExplanations,
  takeReadings,
} from './step/meter.js';
import {
  checkDocuments,
  checkInstaller,
  checkOldMeter,
  type DocumentInput,
  type InstallerInput,
  type OldMeterInput,
} from './step/papers.js';
import { type RelayStepOptions, testRelay } from './step/relay.js';
import type { StepId } from './steps.js';
import { StorageError } from './storage-error.js';
import type { ConsumerVerifier, OneTimeCode } from './verification.js';
import { type WorkOrder, workOrderDigest } from './work-order.js';

/** The result of a step. */
export type StepResult<S extends StepId = StepId> =
  | { readonly ok: true; readonly step: S; readonly evidence: Evidence[S] }
  | { readonly ok: false; readonly step: S; readonly refusal: Refusal };

/** The result of asking for an OTP. */
export interface CodeSent {
  readonly sent: boolean;
  /** Why none was sent. */
  readonly refusal?: Refusal | undefined;
}

/** What a session works with. */
export interface SessionParts {
  readonly order: WorkOrder;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly journal: LogFile;
  readonly verifier: ConsumerVerifier;
  readonly index: ConsumerIndex;
  /** Finds the other open order that expects a meter. */
  readonly expectedBy: MeterRegister['expectedBy'];
  readonly signing: Omit<Signing, 'write'>;
  /** Keeps photos. Left out, none are taken. */
  readonly photos?: PhotoStore | undefined;
  /** Owner of the signing key: nobody else is accepted as the installer. Left out, any name is accepted. */
  readonly keyOwner?: string | undefined;
}

/**
 * The commissioning of one meter: eleven steps in order, each written to the journal before the next. A session may end at any point, with
 * or without warning, and another one continues there: what was done is not asked again, and what must not happen twice does not.
 */
export class CommissioningSession {
  readonly order: WorkOrder;
  readonly #parts: SessionParts;
  readonly #journal: Journal;
  readonly #context: StepContext;
  /** The running step. Two at a time would cut the supply twice. */
  #tail: Promise<unknown> = Promise.resolve();

  /**
   * Begins or resumes the work on an order.
   * @throws StorageError when the journal cannot be read or written; RefusedError when the order was changed since work on it began.
   */
  constructor(parts: SessionParts) {
    const { order, policy } = parts;
    const clock = wholeMillis(parts.clock);
    this.order = order;
    this.#parts = parts;
    this.#journal = new Journal(parts.journal);
    this.#context = { order, policy, clock, journal: this.#journal };
    const digest = workOrderDigest(order);
    const { opened } = this.#journal;
    if (opened === undefined) {
      const session = toHex(parts.signing.random(8)).toLowerCase();
      this.#journal.append({ type: 'opened', at: clock.now(), workOrder: order.id, digest, session });
    } else if (opened.digest !== digest) refuse('order-changed', { order: order.id });
  }

  /** All eleven steps with their state. */
  get steps(): readonly StepState[] {
    return this.#journal.steps;
  }

  /** The step to be done; undefined when all are. */
  get next(): StepId | undefined {
    return this.#journal.next;
  }

  get status(): OrderStatus {
    return this.#journal.status;
  }

  /** Whether the supply may be off: the relay was opened and has not been seen closed. */
  get supplyMayBeOff(): boolean {
    return this.#journal.pending('relay', 'open-relay') !== undefined;
  }

  /** Step 1. */
  installer(input: InstallerInput): Promise<StepResult<'installer'>> {
    return this.#run('installer', (context) => checkInstaller(context, input, this.#parts.keyOwner));
  }

  /**
   * Requests an OTP. Asking twice with the same `attempt` sends one; whether further ones are sent is up to the service. Unless it was only
   * too early for another, the reason for not sending is in the journal before this returns.
   * @returns whether one was sent; nothing is sent where the consumer already has the code.
   */
  async requestCode(attempt = 0): Promise<CodeSent> {
    const key = `${this.#journal.opened?.session}.code.${this.#journal.tries}.${attempt}`;
    const request = await this.#parts.verifier.request(identityOf(this.order), key);
    const why = refusalOfRequest(request, this.#context);
    if (why === undefined) return { sent: request.sent };
    if (why.code === 'otp-rate-limited' || this.next !== 'consumer') return { sent: false, refusal: why };
    return { sent: false, refusal: this.#failed('consumer', new RefusedError(why, false)) };
  }

  /** Step 2. The code is used and forgotten. */
  consumer(code: OneTimeCode): Promise<StepResult<'consumer'>> {
    return this.#run('consumer', (context) => verifyConsumer(context, this.#parts.verifier, code));
  }

  /** Step 3. The numbers are used and forgotten. */
  documents(inputs: readonly DocumentInput[]): Promise<StepResult<'documents'>> {
    return this.#run('documents', (context) => checkDocuments(context, inputs, this.#parts.index));
  }

  /** Step 4. @param input null where there is no old meter. */
  oldMeter(input: OldMeterInput | null): Promise<StepResult<'old-meter'>> {
    return this.#run('old-meter', (context) => checkOldMeter(context, input, this.#parts.photos));
  }

  /** Step 5. */
  newMeter(port: MeterPort, input: NewMeterInput): Promise<StepResult<'new-meter'>> {
    const { index, expectedBy } = this.#parts;
    const register: MeterRegister = {
      servedElsewhere: (serial, consumer) => index.servedElsewhere(serial, consumer),
      sealUsed: (seal, serial) => index.sealUsed(seal, serial),
      expectedBy,
    };
    return this.#run('new-meter', (context) => checkNewMeter(context, port, input, register, this.#parts.photos), port);
  }

  /** Step 6. */
  clock(port: MeterPort): Promise<StepResult<'clock'>> {
    return this.#run(
      'clock',
      async (context) => {
        await this.#sameMeter(port);
        return checkClock(context, port);
      },
      port,
    );
  }

  /** Step 7. Cuts the supply for a few seconds: the consumer must know. */
  relay(port: MeterPort, options: RelayStepOptions = {}): Promise<StepResult<'relay'>> {
    return this.#run(
      'relay',
      async (context) => {
        await this.#sameMeter(port);
        return testRelay(context, port, options);
      },
      port,
    );
  }

  /** Step 8. */
  readings(port: MeterPort): Promise<StepResult<'readings'>> {
    return this.#run(
      'readings',
      async (context) => {
        await this.#sameMeter(port);
        return takeReadings(context, port);
      },
      port,
    );
  }

  /** Step 9. */
  events(port: MeterPort, explanations: TamperExplanations = {}): Promise<StepResult<'events'>> {
    return this.#run(
      'events',
      async (context) => {
        await this.#sameMeter(port);
        return checkEvents(context, port, explanations);
      },
      port,
    );
  }

  /** Step 10. */
  index(input: IndexInput = {}): Promise<StepResult<'index'>> {
    return this.#run('index', (context) => indexInstallation(context, this.#parts.index, input, this.#parts.photos));
  }

  /** Step 11. @param write writes the certificate; it may be called again after a power cut. */
  certificate(write: (certificate: Certificate) => Promise<void>): Promise<StepResult<'certificate'>> {
    return this.#run('certificate', (context) => certify(context, { ...this.#parts.signing, write }));
  }

  /** Skips a step, where the policy allows it. @returns the reason for refusing; undefined when it was skipped. */
  async skip(step: StepId, reason: string): Promise<Refusal | undefined> {
    return this.#refusalOf(step, () => {
      this.#inOrder(step);
      if (!this.#parts.policy.skippable.includes(step)) refuse('step-not-skippable', { step });
      if (step === 'relay' && this.supplyMayBeOff) refuse('relay-stays-open', this.#helpline());
      const written = writtenReason(reason, this.#context);
      this.#journal.append({ type: 'skipped', at: this.#now(), step, reason: written });
    });
  }

  // ---- inside

  #run<S extends StepId>(
    step: S,
    work: (context: StepContext) => Evidence[S] | Promise<Evidence[S]>,
    port?: MeterPort,
  ): Promise<StepResult<S>> {
    const running = this.#tail.then(() => this.#do(step, work, port));
    this.#tail = running.catch(() => undefined);
    return running;
  }

  /** Does a step unless it was done already. Its result is in the journal before this returns. */
  async #do<S extends StepId>(
    step: S,
    work: (context: StepContext) => Evidence[S] | Promise<Evidence[S]>,
    port: MeterPort | undefined,
  ): Promise<StepResult<S>> {
    const before = this.#journal.evidence(step);
    if (before !== undefined) return { ok: true, step, evidence: before };
    const outOfOrder = this.#refusedOrder(step);
    if (outOfOrder !== undefined) return { ok: false, step, refusal: outOfOrder };
    try {
      const evidence = await work(this.#context);
      this.#journal.append({ type: 'done', at: this.#now(), step, evidence });
      return { ok: true, step, evidence };
    } catch (error) {
      return { ok: false, step, refusal: this.#failed(step, error, await this.#causeOf(step, error, port)) };
    }
  }

  /** Why the meter was not reached or refused. In the middle of the relay test it is asked nothing for that. */
  async #causeOf(step: StepId, error: unknown, port: MeterPort | undefined): Promise<RefusalCause | undefined> {
    if (error instanceof RefusedError || error instanceof StorageError) return undefined;
    try {
      return await port?.causeOf?.(error, step !== 'relay' && !this.supplyMayBeOff);
    } catch {
      // That it failed is written all the same.
      return undefined;
    }
  }

  async #refusalOf(step: StepId, work: () => void): Promise<Refusal | undefined> {
    try {
      work();
      return undefined;
    } catch (error) {
      return this.#refusalFor(step, error).refusal;
    }
  }

  #refusedOrder(step: StepId): Refusal | undefined {
    try {
      this.#inOrder(step);
      return undefined;
    } catch (error) {
      return (error as RefusedError).refusal;
    }
  }

  #inOrder(step: StepId): void {
    const { next } = this;
    if (next !== step) refuse('step-out-of-order', { step, next: next ?? 'certificate' });
  }

  /** Writes to the journal why a step failed, if it can be written. */
  #failed(step: StepId, error: unknown, cause?: RefusalCause): Refusal {
    const { refusal: reason, settled } = this.#refusalFor(step, error, cause);
    if (error instanceof StorageError) return reason;
    try {
      this.#journal.append({ type: 'failed', at: this.#now(), step, refusal: reason, settled });
      return reason;
    } catch (unwritten) {
      if (unwritten instanceof StorageError) return this.#refusalFor(step, unwritten).refusal;
      throw unwritten;
    }
  }

  /** @throws the error itself when it is not one that meter, line, disk or network cause. */
  #refusalFor(
    step: StepId,
    error: unknown,
    cause?: RefusalCause,
  ): { readonly refusal: Refusal; readonly settled: boolean } {
    const off = step === 'relay' && this.supplyMayBeOff;
    const settled = error instanceof RefusedError && error.settled;
    const reason = refusalOf(error, off);
    if (reason === undefined) throw error;
    const { config, connection } = this.order.keys;
    const known = cause === undefined ? reason : { ...reason, cause, params: { ...reason.params, config, connection } };
    const saysSo = reason.code.endsWith('-supply-off') || reason.code === 'relay-stays-open';
    return { refusal: off && !settled && !saysSo ? { ...known, supplyMayBeOff: true } : known, settled };
  }

  /** Probes get put on the wrong meter, so every step first reads which meter it is. */
  async #sameMeter(port: MeterPort): Promise<void> {
    const expected = this.#journal.evidence('new-meter')?.namePlate.serial;
    const serial = await port.serial();
    if (expected !== undefined && serial !== expected) {
      refuse('wrong-meter', { serial: serial ?? '?', expected }, !this.supplyMayBeOff);
    }
  }

  #helpline(): { readonly helpline: string } {
    return { helpline: this.#parts.policy.helpline };
  }

  #now(): number {
    return this.#context.clock.now();
  }
}
