import type { Clock } from 'cosem';
import {
  type Certificate,
  type CommissioningRecord,
  type CommissioningSession,
  type IndexInput,
  type MeterPort,
  originOf,
  type PhotoInput,
  type PhotoKind,
  type Policy,
  type Refusal,
  type StepId,
  type StepResult,
  TAMPERS,
  type Tamper,
} from '../src/index.js';
import { CodeFlow, pause } from './code-flow.js';
import { type Gps, shownFix } from './gps.js';
import type { Choice, Inputs } from './inputs.js';
import type { Show } from './show.js';

/** The new meter, opened when it is asked. */
export interface MeterSource {
  readonly port: MeterPort;
  /** Lets the meter go; the next question opens it again. */
  release(): Promise<void>;
  /** Lets work come to its end before an interruption takes hold: the supply must not stay off. */
  shielded<T>(work: () => Promise<T>): Promise<T>;
}

/** What a commissioning works with. */
export interface Site {
  readonly session: CommissioningSession;
  readonly policy: Policy;
  readonly meter: MeterSource;
  readonly inputs: Inputs;
  readonly show: Show;
  readonly clock: Clock;
  /** Reads the GPS receiver, where one was named. */
  readonly gps?: Gps | undefined;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Writes a certificate. @returns its files. */
  readonly writeCertificate: (certificate: Certificate<CommissioningRecord>) => Promise<readonly string[]>;
}

/** How it ended: without a refusal somebody chose to stop. */
export type Outcome =
  | { readonly done: true; readonly certificate: readonly string[] }
  | { readonly done: false; readonly step: StepId; readonly refusal?: Refusal | undefined };

/** Refusals that a retry cannot change. */
export const FINAL: ReadonlySet<string> = new Set(['order-expired', 'order-changed', 'otp-locked']);
/** Refusals of an old meter that an explanation lifts. */
const EXPLAINED: ReadonlySet<string> = new Set(['old-meter-differs', 'old-meter-unreadable', 'reading-below-survey']);
/** How often the supply is brought back without anybody saying so, and the pause before, in milliseconds. */
const REPEATS = 3;
const REPEAT_AFTER = 5000;

/** Leads through the steps of a work order until all are done, or somebody or something ends it. */
export class Guide {
  readonly #site: Site;
  readonly #certificate: string[] = [];
  /** Why the step under way was refused at its last try in this run. */
  #refused: Refusal | undefined;
  #explained: Partial<Record<Tamper, string>> = {};
  readonly #code;
  #toldOfSurvey = false;
  /** The position that was given last, and why it is far from the expected one. */
  #place: IndexInput = {};
  #farExplained: string | undefined;
  #repeats = 0;

  constructor(site: Site) {
    this.#site = site;
    this.#code = new CodeFlow<Extract<StepResult<'consumer'>, { ok: true }>>(site);
    this.#explained = { ...site.inputs.explanations };
  }

  /** @throws Interrupted, UsageError where an answer is missing; what was done is kept. */
  async run(): Promise<Outcome> {
    const { session, show } = this.#site;
    let step = session.next;
    try {
      for (; step !== undefined; step = session.next) {
        const stopped = await this.#one(step);
        if (stopped !== undefined) {
          show.stopped(step);
          return stopped;
        }
      }
      return { done: true, certificate: this.#certificate };
    } catch (error) {
      if (step !== undefined) show.stopped(step);
      throw error;
    } finally {
      await this.#site.meter.release();
    }
  }

  /** One step, once. @returns how it ended, where it does. */
  async #one(step: StepId): Promise<Outcome | undefined> {
    const { inputs, show, signal } = this.#site;
    if (signal.aborted) throw signal.reason;
    show.begin(step);
    const reason = this.#refused === undefined ? inputs.skipping(step) : undefined;
    if (reason !== undefined) return this.#skip(step, reason);
    const result = await this.#do(step);
    show.endProgress();
    if (result === undefined) return { done: false, step };
    if (result.ok) {
      inputs.accepted(step);
      show.did(result);
      this.#refused = undefined;
      return undefined;
    }
    this.#refused = result.refusal;
    show.refused(result.refusal);
    await this.#site.meter.release();
    if (await this.#goesOnByItself(result)) return undefined;
    const choice = await inputs.afterRefusal(step, result.refusal, this.#choices(step, result.refusal));
    return this.#follow(choice, step, result.refusal);
  }

  async #follow(choice: Choice, step: StepId, refusal: Refusal): Promise<Outcome | undefined> {
    const { inputs } = this.#site;
    if (choice === 'stop') return { done: false, step, refusal };
    if (choice === 'skip') return this.#skip(step, await inputs.reason());
    if (choice === 'explain' && isTamper(refusal.code)) this.#explained[refusal.code] = await inputs.explanation();
    if (choice === 'explain' && refusal.code === 'position-far') this.#farExplained = await inputs.explanation();
    else this.#farExplained = undefined;
    if (choice === 'resend') this.#code.resend();
    return undefined;
  }

  #choices(step: StepId, { code }: Refusal): readonly Choice[] {
    const { policy, session } = this.#site;
    const maySkip = policy.skippable.includes(step) && !session.supplyMayBeOff;
    if (FINAL.has(code)) return maySkip ? ['skip', 'stop'] : ['stop'];
    const explainable = isTamper(code) && policy.events.explainable.includes(code);
    return [
      ...(explainable || EXPLAINED.has(code) || code === 'position-far' ? (['explain'] as const) : []),
      'again',
      ...(step === 'consumer' && this.#code.isSent ? (['resend'] as const) : []),
      ...(maySkip ? (['skip'] as const) : []),
      'stop',
    ];
  }

  async #skip(step: StepId, reason: string): Promise<Outcome | undefined> {
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

  /** Where the supply may be off nobody is asked whether it should come back. */
  async #goesOnByItself({ step }: StepResult): Promise<boolean> {
    const { session, show, signal } = this.#site;
    if (step !== 'relay' || !session.supplyMayBeOff || this.#repeats >= REPEATS || signal.aborted) return false;
    this.#repeats++;
    show.say('supply-again');
    await pause(REPEAT_AFTER, this.#site.clock, signal);
    return true;
  }

  /** @returns undefined where the installer would rather not. */
  async #do(step: StepId): Promise<StepResult | undefined> {
    const { session, inputs, policy, show, meter } = this.#site;
    const { port } = meter;
    switch (step) {
      case 'installer':
        show.say('show-papers');
        return session.installer(await inputs.installer());
      case 'consumer':
        return this.#consumer();
      case 'documents':
        return this.#documents();
      case 'old-meter':
        return this.#oldMeter();
      case 'new-meter': {
        const seals = await inputs.newMeter(policy);
        const input = { ...seals, photos: await this.#photos(['new-meter', 'seal']) };
        show.progress(step);
        return session.newMeter(port, input);
      }
      case 'clock':
        show.progress(step);
        return session.clock(port);
      case 'relay':
        return this.#relay();
      case 'readings':
        show.progress(step);
        return session.readings(port);
      case 'events':
        show.progress(step);
        return session.events(port, this.#explained);
      case 'index': {
        await meter.release();
        return session.index({ ...(await this.#where()), photos: await this.#photos(['site']) });
      }
      case 'certificate':
        show.progress(step);
        return session.certificate(async (certificate) => {
          this.#certificate.push(...(await this.#site.writeCertificate(certificate)));
        });
    }
  }

  /** By the survey of the consumer, where there is one to take up; else by OTP. */
  async #consumer(): Promise<StepResult> {
    const { session, show } = this.#site;
    const taken = await session.takeUpSurvey();
    if (taken !== undefined) return taken;
    const { surveyRefused } = session;
    if (surveyRefused !== undefined && !this.#toldOfSurvey) show.say(surveyRefused.refused, surveyRefused.params);
    this.#toldOfSurvey = true;
    return this.#code.try();
  }

  async #documents(): Promise<StepResult> {
    const { session, inputs, policy } = this.#site;
    return (await session.documentsOfSurvey()) ?? session.documents(await inputs.documents(policy));
  }

  /** Photos, but those that the survey took. */
  #photos(kinds: readonly PhotoKind[]): Promise<readonly PhotoInput[]> {
    const { session, inputs, policy } = this.#site;
    const taken = session.survey?.photos ?? [];
    return inputs.photos(
      kinds.filter((kind) => !taken.includes(kind)),
      policy,
    );
  }

  async #oldMeter(): Promise<StepResult> {
    const { session, inputs, show } = this.#site;
    if (session.order.oldMeter === null) {
      show.say('old-meter-none');
      return session.oldMeter(null);
    }
    const seen = await inputs.oldMeter(session.order, session.surveyedMeter);
    const input = { ...seen, photos: await this.#photos(['old-meter']) };
    const code = this.#refused?.code;
    const isExplained = input.explanation !== undefined || !EXPLAINED.has(code ?? '');
    if (isExplained || (code === 'old-meter-differs' && input.serial === session.order.oldMeter.serial)) {
      return session.oldMeter(input);
    }
    return session.oldMeter({ ...input, explanation: await inputs.explanation() });
  }

  async #relay(): Promise<StepResult | undefined> {
    const { session, inputs, show, meter } = this.#site;
    if (!session.supplyMayBeOff) {
      show.say('relay-warn');
      if (!(await inputs.supplyMayBeCut())) return undefined;
    }
    show.progress('relay');
    return meter.shielded(() => session.relay(meter.port, { onPhase: (phase) => show.phase(phase) }));
  }

  /** Of the receiver, where there is one that is believed; else of a person, of the survey, or of the order. */
  async #where(): Promise<IndexInput> {
    if (this.#farExplained !== undefined) return { ...this.#place, explanation: this.#farExplained };
    const { session, inputs, policy, show, gps } = this.#site;
    const known = session.survey?.position ?? session.order.position;
    const fix = await shownFix(gps, show);
    const required = (policy.index.positionRequired && known === undefined) || gps !== undefined;
    this.#place = fix === undefined ? await inputs.index(required) : { position: fix.position, origin: originOf(fix) };
    return this.#place;
  }
}

function isTamper(code: string): code is Tamper {
  return Object.hasOwn(TAMPERS, code);
}
