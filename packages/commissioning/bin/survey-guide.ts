import type { Clock } from 'cosem';
import {
  type Certificate,
  originOf,
  type PlaceInput,
  type Policy,
  type Refusal,
  type SurveyEvidence,
  type SurveyRecord,
  type SurveyResult,
  type SurveySession,
  type SurveyStep,
  stepName,
} from '../src/index.js';
import { CodeFlow } from './code-flow.js';
import { type Gps, shownFix } from './gps.js';
import { FINAL } from './guide.js';
import type { Choice, Inputs } from './inputs.js';
import type { Show } from './show.js';
import type { SurveyInputs } from './survey-inputs.js';

/** What a survey works with. */
export interface SurveySite {
  readonly session: SurveySession;
  readonly policy: Policy;
  readonly inputs: Inputs;
  readonly survey: SurveyInputs;
  readonly show: Show;
  readonly clock: Clock;
  /** Reads the GPS receiver, where one was named. */
  readonly gps?: Gps | undefined;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Writes a certificate. @returns its files. */
  readonly writeCertificate: (certificate: Certificate<SurveyRecord>) => Promise<readonly string[]>;
}

/** How it ended: without a refusal somebody chose to stop. */
export type SurveyOutcome =
  | { readonly done: true; readonly certificate: readonly string[] }
  | { readonly done: false; readonly step: SurveyStep; readonly refusal?: Refusal | undefined };

/** Refusals that an explanation lifts. */
const EXPLAINED: ReadonlySet<string> = new Set(['survey-meter-differs', 'position-far']);

/** Leads through the steps of a survey until all are done, or somebody or something ends it. */
export class SurveyGuide {
  readonly #site: SurveySite;
  readonly #code;
  readonly #certificate: string[] = [];
  /** Why the step under way was refused at its last try in this run. */
  #refused: Refusal | undefined;
  #explanation: string | undefined;
  /** The position that was given last, and why it is far from that of the order. */
  #place: PlaceInput = {};
  #farExplained: string | undefined;

  constructor(site: SurveySite) {
    this.#site = site;
    this.#code = new CodeFlow<Extract<SurveyResult<'consumer'>, { ok: true }>>(site);
  }

  /** @throws Interrupted, UsageError where an answer is missing; what was done is kept. */
  async run(): Promise<SurveyOutcome> {
    const { session, show } = this.#site;
    let step = session.next;
    try {
      for (; step !== undefined; step = session.next) {
        const stopped = await this.#one(step);
        if (stopped !== undefined) {
          show.stopped(stepName('survey', step));
          return stopped;
        }
      }
      return { done: true, certificate: this.#certificate };
    } catch (error) {
      if (step !== undefined) show.stopped(stepName('survey', step));
      throw error;
    }
  }

  /** One step, once. @returns how it ended, where it does. */
  async #one(step: SurveyStep): Promise<SurveyOutcome | undefined> {
    const { inputs, show, signal } = this.#site;
    if (signal.aborted) throw signal.reason;
    show.begin(stepName('survey', step));
    const reason = this.#refused === undefined && step === 'documents' ? inputs.skipping(step) : undefined;
    if (reason !== undefined) return this.#skip(step, reason);
    const result = await this.#do(step);
    show.endProgress();
    if (result.ok) {
      inputs.accepted(step);
      this.#did(result);
      this.#refused = undefined;
      return undefined;
    }
    this.#refused = result.refusal;
    show.refused(result.refusal);
    const choice = await inputs.afterRefusal(step, result.refusal, this.#choices(step, result.refusal));
    if (choice === 'stop') return { done: false, step, refusal: result.refusal };
    if (choice === 'skip') return this.#skip(step, await inputs.reason());
    const isFar = result.refusal.code === 'position-far';
    if (choice === 'explain' && !isFar) this.#explanation = await inputs.explanation();
    this.#farExplained = choice === 'explain' && isFar ? await inputs.explanation() : undefined;
    if (choice === 'resend') this.#code.resend();
    return undefined;
  }

  #choices(step: SurveyStep, { code }: Refusal): readonly Choice[] {
    const maySkip = step === 'documents' && this.#site.policy.skippable.includes(step);
    if (FINAL.has(code)) return ['stop'];
    return [
      ...(EXPLAINED.has(code) ? (['explain'] as const) : []),
      'again',
      ...(step === 'consumer' && this.#code.isSent ? (['resend'] as const) : []),
      ...(maySkip ? (['skip'] as const) : []),
      'stop',
    ];
  }

  async #skip(step: SurveyStep, reason: string): Promise<SurveyOutcome | undefined> {
    const { session, show } = this.#site;
    const refusal = await session.skip(step, reason);
    if (refusal !== undefined) {
      show.refused(refusal);
      return { done: false, step, refusal };
    }
    show.skipped(reason);
    this.#refused = undefined;
    return undefined;
  }

  async #do(step: SurveyStep): Promise<SurveyResult> {
    const { session, inputs, survey, policy, show } = this.#site;
    const { order } = session;
    switch (step) {
      case 'installer':
        show.say('show-papers');
        return session.installer(await inputs.installer());
      case 'consumer':
        return this.#code.try();
      case 'documents':
        return session.documents(await inputs.documents(policy));
      case 'network':
        return session.network(await survey.network(order));
      case 'old-meter': {
        const found = await survey.found(order);
        const photos = found.meter === null ? [] : await inputs.photos(['old-meter'], policy);
        return session.oldMeter({ ...found, explanation: this.#explanation ?? found.explanation, photos });
      }
      case 'position':
        return session.position({ ...(await this.#where()), photos: await inputs.photos(['site'], policy) });
      case 'certificate':
        show.progress(step);
        return session.certificate(async (certificate) => {
          this.#certificate.push(...(await this.#site.writeCertificate(certificate)));
        });
    }
  }

  /** Of the receiver, where there is one that is believed; else of the surveyor, or of the order. */
  async #where(): Promise<PlaceInput> {
    if (this.#farExplained !== undefined) return { ...this.#place, explanation: this.#farExplained };
    const { session, survey, policy, show, gps } = this.#site;
    const { order } = session;
    const fix = await shownFix(gps, show);
    if (fix !== undefined) {
      this.#place = { position: fix.position, origin: originOf(fix) };
      return this.#place;
    }
    const required = (policy.index.positionRequired && order.position === undefined) || gps !== undefined;
    this.#place = await survey.place(order, required);
    return this.#place;
  }

  #did(result: Extract<SurveyResult, { ok: true }>): void {
    const { show } = this.#site;
    const { step } = result;
    if (step === 'installer') show.did({ ok: true, step, evidence: evidenceOf(result, step) });
    else if (step === 'consumer') show.did({ ok: true, step, evidence: evidenceOf(result, step) });
    else if (step === 'documents') show.did({ ok: true, step, evidence: evidenceOf(result, step) });
    else show.done(this.#lines(result));
  }

  #lines(result: Extract<SurveyResult, { ok: true }>): string[] {
    const { show } = this.#site;
    switch (result.step) {
      case 'network':
        return [show.words('did-network', { ...evidenceOf(result, 'network') })];
      case 'old-meter': {
        const { meter, photos } = evidenceOf(result, 'old-meter');
        if (meter === null) return [show.words('label-none')];
        const { serial, reading, state, seals } = meter;
        const told = { serial: serial ?? show.words('not-readable'), state: `meter-${state}`, seals: `seals-${seals}` };
        const line =
          reading === null
            ? show.words('did-surveyed-unread', told)
            : show.words('did-surveyed-meter', { ...told, reading });
        return [line, ...show.photos(photos)];
      }
      case 'position': {
        const { position, photos } = evidenceOf(result, 'position');
        const line =
          position === undefined
            ? show.words('did-no-position')
            : show.words('did-position', { position: `${position.latitude}, ${position.longitude}` });
        return [line, ...show.photos(photos)];
      }
      default:
        return [show.words('survey-signed', { sequence: evidenceOf(result, 'certificate').sequence })];
    }
  }
}

/** The evidence of a step that is known to be this one. */
function evidenceOf<S extends SurveyStep>(
  { evidence }: Extract<SurveyResult, { ok: true }>,
  _step: S,
): SurveyEvidence[S] {
  return evidence as SurveyEvidence[S];
}
