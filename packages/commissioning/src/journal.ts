import type { Millis } from 'cosem';
import { AppendLog, type LogFile } from './append-log.js';
import type { Evidence } from './evidence.js';
import type { Refusal, RefusalCode } from './messages.js';
import type { LoggedEvent } from './meter-port.js';
import type { AskedBefore } from './verification.js';

/** An action that must not be done twice. It is written before it is done. */
export type Intent =
  /** `counted`: the verifier counts the tries in this folder. */
  | { readonly action: 'verify'; readonly key: string; readonly counted?: true }
  | { readonly action: 'set-clock'; readonly difference: number; readonly before: string; readonly deviation: number }
  /** `log`: the switchings in the meter's log before the action; null where it does not show them. Earlier versions have `lastOpening`. */
  | {
      readonly action: 'open-relay';
      readonly before: Evidence['relay']['before'];
      readonly log?: readonly LoggedEvent[] | null | undefined;
      /** The last opening in the log; null where there is none, or the log was not shown. */
      readonly lastOpening?: string | null | undefined;
    }
  /** The relay was seen open: already at `openBefore`, and still at `openAfter`. Earlier versions have `openedAt`. */
  | {
      readonly action: 'close-relay';
      readonly openBefore?: Millis | undefined;
      readonly openAfter?: Millis | undefined;
      readonly openedAt?: Millis | undefined;
      readonly open: Evidence['relay']['open'];
    }
  | { readonly action: 'sign'; readonly salt: string };

/** The names of the steps of a visit: those of the evidence that they leave. */
export type StepOf<E extends object> = keyof E & string;

/** An action with a name of its own, as each visit may have them. */
export interface AnyIntent {
  readonly action: string;
}

/** An entry of the journal of a work order. `E` is the evidence of the visit's steps, `I` what it writes before it does it. */
export type JournalEntry<E extends object = Evidence, I extends AnyIntent = Intent> = { readonly at: Millis } & (
  | { readonly type: 'opened'; readonly workOrder: string; readonly digest: string; readonly session: string }
  | { readonly type: 'begun'; readonly step: StepOf<E>; readonly intent: I }
  | { readonly type: 'done'; readonly step: StepOf<E>; readonly evidence: E[StepOf<E>] }
  | { readonly type: 'skipped'; readonly step: StepOf<E>; readonly reason: string }
  /** `settled`: what was begun has ended, so that the next try starts from the beginning. */
  | { readonly type: 'failed'; readonly step: StepOf<E>; readonly refusal: Refusal; readonly settled: boolean }
);

/** Where a step stands. */
export type StepState<E extends object = Evidence> =
  | { readonly step: StepOf<E>; readonly outcome: 'open' }
  | { readonly step: StepOf<E>; readonly outcome: 'done'; readonly at: Millis; readonly evidence: E[StepOf<E>] }
  | { readonly step: StepOf<E>; readonly outcome: 'skipped'; readonly at: Millis; readonly reason: string }
  | { readonly step: StepOf<E>; readonly outcome: 'failed'; readonly at: Millis; readonly refusal: Refusal };

/** `open` includes orders that were not begun; `failed` means that the last try of the next step was refused. */
export type OrderStatus = 'open' | 'done' | 'failed';

/** Refusals of a code that was checked: each has used up a try. */
const JUDGED: readonly RefusalCode[] = ['otp-wrong', 'otp-used', 'otp-locked'];

/** How the work on an order began. */
export type Opened = Extract<JournalEntry, { type: 'opened' }>;

/**
 * The journal of a work order: what was done and what was about to be done. Reading it allows resuming the work.
 *
 * It is the same for every kind of visit: `E` has the evidence of each step by its name, `I` the actions that must not be done twice.
 * ```ts
 * const journal = new Journal<SurveyEvidence>(file, SURVEY_STEPS);
 * ```
 */
export class Journal<E extends object = Evidence, I extends AnyIntent = Intent> {
  readonly #log: AppendLog<JournalEntry<E, I>>;
  readonly #steps: readonly StepOf<E>[];
  readonly #states: Map<StepOf<E>, StepState<E>>;
  readonly #intents = new Map<StepOf<E>, I[]>();
  #opened: Opened | undefined;
  #tries = 0;
  #counted: AskedBefore = { asked: false, wrong: 0 };

  /**
   * @param steps in the order in which they are done.
   * @throws StorageError when the file cannot be read, or is damaged.
   */
  constructor(file: LogFile, steps: readonly StepOf<E>[]) {
    this.#steps = steps;
    this.#states = new Map(steps.map((step) => [step, { step, outcome: 'open' }]));
    this.#log = new AppendLog(file);
    for (const entry of this.#log.entries) this.#take(entry);
  }

  get entries(): readonly JournalEntry<E, I>[] {
    return this.#log.entries;
  }

  /** How the work began; undefined when it has not begun. */
  get opened(): Opened | undefined {
    return this.#opened;
  }

  /** All, in order. */
  get steps(): readonly StepState<E>[] {
    return this.#steps.map((step) => this.#states.get(step) as StepState<E>);
  }

  /** The step to be done; undefined when all are. */
  get next(): StepOf<E> | undefined {
    return this.steps.find(({ outcome }) => outcome === 'open' || outcome === 'failed')?.step;
  }

  get status(): OrderStatus {
    const { next } = this;
    if (next === undefined) return 'done';
    return this.#states.get(next)?.outcome === 'failed' ? 'failed' : 'open';
  }

  /** How many OTPs were checked. */
  get tries(): number {
    return this.#tries;
  }

  /** The OTPs that were given to a verifier which counts tries itself. */
  get counted(): AskedBefore {
    return this.#counted;
  }

  /** The evidence of a step; undefined unless it is done. */
  evidence<S extends StepOf<E>>(step: S): E[S] | undefined {
    const state = this.#states.get(step);
    return state?.outcome === 'done' ? (state.evidence as E[S]) : undefined;
  }

  /** The last intent of a kind that has not ended. */
  pending<A extends I['action']>(step: StepOf<E>, action: A): Extract<I, { action: A }> | undefined {
    const intents = this.#intents.get(step) ?? [];
    return intents.findLast((intent): intent is Extract<I, { action: A }> => intent.action === action);
  }

  /** Adds an entry. @throws StorageError when it could not be written: then the action must not be done. */
  append(entry: JournalEntry<E, I>): void {
    this.#log.append(entry);
    this.#take(entry);
  }

  #take(entry: JournalEntry<E, I>): void {
    switch (entry.type) {
      case 'opened':
        this.#opened = entry;
        return;
      case 'begun':
        this.#intents.set(entry.step, [...(this.#intents.get(entry.step) ?? []), entry.intent]);
        if (isCounted(entry.intent)) this.#counted = { ...this.#counted, asked: true };
        return;
      case 'failed':
        if (isCounted(this.#verifying(entry.step)) && JUDGED.includes(entry.refusal.code)) {
          this.#counted = { asked: true, wrong: this.#counted.wrong + 1 };
        }
        if (entry.settled) this.#settle(entry.step);
        this.#states.set(entry.step, { ...entry, outcome: 'failed' });
        return;
      default:
        this.#settle(entry.step);
        this.#states.set(entry.step, { ...entry, outcome: entry.type } as StepState<E>);
    }
  }

  #verifying(step: StepOf<E>): I | undefined {
    return this.#intents.get(step)?.findLast(({ action }) => action === 'verify');
  }

  #settle(step: StepOf<E>): void {
    if (this.#verifying(step) !== undefined) this.#tries++;
    this.#intents.delete(step);
  }
}

/** Whether it is the check of a code by a verifier that counts the tries itself. */
function isCounted(intent: AnyIntent | undefined): boolean {
  return intent?.action === 'verify' && 'counted' in intent && intent.counted === true;
}
