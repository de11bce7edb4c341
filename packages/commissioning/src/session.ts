import type { Evidence, TakenSurvey } from './evidence.js';
import type { ConsumerIndex } from './index/consumer-index.js';
import type { Refusal, RefusalCause } from './messages.js';
import type { MeterPort } from './meter-port.js';
import type { PhotoStore } from './photo/photo.js';
import type { CommissioningRecord } from './record/commissioning-record.js';
import { refusalOf } from './refusal-of.js';
import { RefusedError, refuse } from './refused.js';
import { checkClock } from './step/clock.js';
import { verifyConsumer } from './step/consumer.js';
import { type StepContext, surveyOf } from './step/context.js';
import { certify, type IndexInput, indexInstallation } from './step/finish.js';
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
import type { Signing } from './step/sign.js';
import { STEPS, type StepId } from './steps.js';
import type { SurveyedMeter } from './survey/meter.js';
import type { SurveyFound } from './survey/take-up.js';
import type { ConsumerVerifier, OneTimeCode } from './verification.js';
import { type CodeSent, Visit, type VisitParts, type VisitResult } from './visit.js';
import type { InstallationOrder } from './work-order.js';

/** The result of a step of an installation. */
export type StepResult<S extends StepId = StepId> = VisitResult<Evidence, S>;

/** What a session works with. */
export interface SessionParts extends Omit<VisitParts<InstallationOrder>, 'random'> {
  readonly verifier: ConsumerVerifier;
  readonly index: ConsumerIndex;
  /** Finds the other open order that expects a meter. */
  readonly expectedBy: MeterRegister['expectedBy'];
  readonly signing: Omit<Signing, 'write'>;
  /** The survey of the consumer, or why it is not taken up. */
  readonly survey?: SurveyFound | undefined;
  /** Keeps photos. Left out, none are taken. */
  readonly photos?: PhotoStore | undefined;
  /** Owner of the signing key: nobody else is accepted as the installer. Left out, any name is accepted. */
  readonly keyOwner?: string | undefined;
}

/**
 * The commissioning of one meter: eleven steps in order, each written to the journal before the next. A session may end at any point, with
 * or without warning, and another one continues there: what was done is not asked again, and what must not happen twice does not.
 */
export class CommissioningSession extends Visit<Evidence, InstallationOrder> {
  readonly #parts: SessionParts;

  /**
   * Begins or resumes the work on an order.
   * @throws StorageError when the journal cannot be read or written; RefusedError when the order was changed since work on it began.
   */
  constructor(parts: SessionParts) {
    super({ ...parts, random: parts.signing.random }, STEPS);
    this.#parts = parts;
  }

  /** Whether the supply may be off: the relay was opened and has not been seen closed. */
  get supplyMayBeOff(): boolean {
    return this.context.journal.pending('relay', 'open-relay') !== undefined;
  }

  /** Step 1. */
  installer(input: InstallerInput): Promise<StepResult<'installer'>> {
    return this.run('installer', (context) => checkInstaller(context, input, this.#parts.keyOwner));
  }

  /**
   * Requests an OTP. Asking twice with the same `attempt` sends one; whether further ones are sent is up to the service. Unless it was only
   * too early for another, the reason for not sending is in the journal before this returns.
   * @returns whether one was sent; nothing is sent where the consumer already has the code.
   */
  requestCode(attempt = 0): Promise<CodeSent> {
    return this.codeRequested(this.#parts.verifier, attempt);
  }

  /** Step 2. The code is used and forgotten. */
  consumer(code: OneTimeCode): Promise<StepResult<'consumer'>> {
    return this.run('consumer', async (context) => {
      const verified = await verifyConsumer(context, this.#parts.verifier, code);
      const taken = this.#surveyToTake();
      return taken === undefined ? verified : { ...verified, survey: taken };
    });
  }

  /** The survey that this consumer's installation goes by. */
  #surveyToTake(): TakenSurvey | undefined {
    const { survey } = this.#parts;
    return survey !== undefined && 'taken' in survey ? survey.taken : undefined;
  }

  /**
   * Step 2 by a survey that verified the consumer: no OTP is asked for. What else the survey says is not asked in later steps.
   * @returns undefined where there is no survey to take up, or the policy wants an OTP all the same.
   */
  async takeUpSurvey(): Promise<StepResult<'consumer'> | undefined> {
    const taken = this.#surveyToTake();
    if (taken === undefined || this.#parts.policy.survey.newOtp) return undefined;
    return this.run('consumer', () => ({ ...taken.verification, verifiedAt: Date.parse(taken.at), survey: taken }));
  }

  /** The survey that was taken up. */
  get survey(): TakenSurvey | undefined {
    return surveyOf(this.context);
  }

  /** Why the survey of this consumer is not taken up; undefined where it is, or there is none. */
  get surveyRefused(): Exclude<SurveyFound, { readonly taken: unknown }> | undefined {
    const { survey } = this.#parts;
    return survey !== undefined && 'refused' in survey && this.survey === undefined ? survey : undefined;
  }

  /** Step 3 by the survey; undefined where it saw fewer documents than the policy wants now, or none was taken up. */
  async documentsOfSurvey(): Promise<StepResult<'documents'> | undefined> {
    const documents = this.survey?.documents ?? [];
    const { required } = this.#parts.policy.documents;
    if (this.survey === undefined || documents.length < required || documents.length === 0) return undefined;
    return this.run('documents', () => ({ documents }));
  }

  /** The old meter as the survey found it, where it is the one that the order expects: only its final reading is asked. */
  get surveyedMeter(): SurveyedMeter | undefined {
    const meter = this.survey?.oldMeter;
    return meter != null && meter.serial === this.order.oldMeter?.serial ? meter : undefined;
  }

  /** Step 3. The numbers are used and forgotten. */
  documents(inputs: readonly DocumentInput[]): Promise<StepResult<'documents'>> {
    return this.run('documents', (context) => checkDocuments(context, inputs, this.#parts.index));
  }

  /** Step 4. @param input null where there is no old meter. */
  oldMeter(input: OldMeterInput | null): Promise<StepResult<'old-meter'>> {
    return this.run('old-meter', (context) => checkOldMeter(context, input, this.#parts.photos));
  }

  /** Step 5. */
  newMeter(port: MeterPort, input: NewMeterInput): Promise<StepResult<'new-meter'>> {
    const { index, expectedBy } = this.#parts;
    const register: MeterRegister = {
      servedElsewhere: (serial, consumer) => index.servedElsewhere(serial, consumer),
      sealUsed: (seal, serial) => index.sealUsed(seal, serial),
      expectedBy,
    };
    return this.#atMeter('new-meter', port, (context) =>
      checkNewMeter(context, port, input, register, this.#parts.photos),
    );
  }

  /** Step 6. */
  clock(port: MeterPort): Promise<StepResult<'clock'>> {
    return this.#atMeter('clock', port, async (context) => {
      await this.#sameMeter(port);
      return checkClock(context, port);
    });
  }

  /** Step 7. Cuts the supply for a few seconds: the consumer must know. */
  relay(port: MeterPort, options: RelayStepOptions = {}): Promise<StepResult<'relay'>> {
    return this.#atMeter('relay', port, async (context) => {
      await this.#sameMeter(port);
      return testRelay(context, port, options);
    });
  }

  /** Step 8. */
  readings(port: MeterPort): Promise<StepResult<'readings'>> {
    return this.#atMeter('readings', port, async (context) => {
      await this.#sameMeter(port);
      return takeReadings(context, port);
    });
  }

  /** Step 9. */
  events(port: MeterPort, explanations: TamperExplanations = {}): Promise<StepResult<'events'>> {
    return this.#atMeter('events', port, async (context) => {
      await this.#sameMeter(port);
      return checkEvents(context, port, explanations);
    });
  }

  /** Step 10. */
  index(input: IndexInput = {}): Promise<StepResult<'index'>> {
    return this.run('index', (context) => indexInstallation(context, this.#parts.index, input, this.#parts.photos));
  }

  /** Step 11. @param write writes the certificate; it may be called again after a power cut. */
  certificate(write: Signing<CommissioningRecord>['write']): Promise<StepResult<'certificate'>> {
    return this.run('certificate', (context) => certify(context, { ...this.#parts.signing, write }));
  }

  /** Skips a step, where the policy allows it. @returns the reason for refusing; undefined when it was skipped. */
  async skip(step: StepId, reason: string): Promise<Refusal | undefined> {
    return this.skipped(step, reason, () => {
      if (!this.#parts.policy.skippable.includes(step)) refuse('step-not-skippable', { step });
      if (step === 'relay' && this.supplyMayBeOff) refuse('relay-stays-open', this.#helpline());
    });
  }

  protected override refusalFor(step: StepId, error: unknown, cause?: RefusalCause): Refusal {
    const off = step === 'relay' && this.supplyMayBeOff;
    const settled = error instanceof RefusedError && error.settled;
    const reason = refusalOf(error, off);
    if (reason === undefined) throw error;
    const { config, connection } = this.order.keys;
    const known = cause === undefined ? reason : { ...reason, cause, params: { ...reason.params, config, connection } };
    const saysSo = reason.code.endsWith('-supply-off') || reason.code === 'relay-stays-open';
    return off && !settled && !saysSo ? { ...known, supplyMayBeOff: true } : known;
  }

  // ---- inside

  /** A step at the meter. In the middle of the relay test the meter is asked nothing to find a cause. */
  #atMeter<S extends StepId>(
    step: S,
    port: MeterPort,
    work: (context: StepContext) => Promise<Evidence[S]>,
  ): Promise<StepResult<S>> {
    return this.run(step, work, async (error) => port.causeOf?.(error, step !== 'relay' && !this.supplyMayBeOff));
  }

  /** Probes get put on the wrong meter, so every step first reads which meter it is. */
  async #sameMeter(port: MeterPort): Promise<void> {
    const expected = this.context.journal.evidence('new-meter')?.namePlate.serial;
    const serial = await port.serial();
    if (expected !== undefined && serial !== expected) {
      refuse('wrong-meter', { serial: serial ?? '?', expected }, !this.supplyMayBeOff);
    }
  }

  #helpline(): { readonly helpline: string } {
    return { helpline: this.#parts.policy.helpline };
  }
}
