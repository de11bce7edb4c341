import type { Millis } from 'cosem';
import { AppendLog, type LogFile } from './append-log.js';
import type { Evidence } from './evidence.js';
import type { Refusal, RefusalCode } from './messages.js';
import type { LoggedEvent } from './meter-port.js';
import { STEPS, type StepId } from './steps.js';
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

/** An entry of the journal of a work order. */
export type JournalEntry = { readonly at: Millis } & (
  | { readonly type: 'opened'; readonly workOrder: string; readonly digest: string; readonly session: string }
  | { readonly type: 'begun'; readonly step: StepId; readonly intent: Intent }
  | { readonly type: 'done'; readonly step: StepId; readonly evidence: Evidence[StepId] }
  | { readonly type: 'skipped'; readonly step: StepId; readonly reason: string }
  /** `settled`: what was begun has ended, so that the next try starts from the beginning. */
  | { readonly type: 'failed'; readonly step: StepId; readonly refusal: Refusal; readonly settled: boolean }
);

/** Where a step stands. */
export type StepState =
  | { readonly step: StepId; readonly outcome: 'open' }
  | { readonly step: StepId; readonly outcome: 'done'; readonly at: Millis; readonly evidence: Evidence[StepId] }
  | { readonly step: StepId; readonly outcome: 'skipped'; readonly at: Millis; readonly reason: string }
  | { readonly step: StepId; readonly outcome: 'failed'; readonly at: Millis; readonly refusal: Refusal };

/** `open` includes orders that were not begun; `failed` means that the last try of the next step was refused. */
export type OrderStatus = 'open' | 'done' | 'failed';

/** Refusals of a code that was checked: each has used up a try. */
const JUDGED: readonly RefusalCode[] = ['otp-wrong', 'otp-used', 'otp-locked'];

/** The journal of a work order: what was done and what was about to be done. Reading it allows resuming the work. */
export class Journal {
  readonly #log: AppendLog<JournalEntry>;
  readonly #states = new Map<StepId, StepState>(STEPS.map((step) => [step, { step, outcome: 'open' }]));
  readonly #intents = new Map<StepId, Intent[]>();
  #opened: Extract<JournalEntry, { type: 'opened' }> | undefined;
  #tries = 0;
  #counted: AskedBefore = { asked: false, wrong: 0 };

  /** @throws StorageError when the file cannot be read, or is damaged. */
  constructor(file: LogFile) {
    this.#log = new AppendLog(file);
    for (const entry of this.#log.entries) this.#take(entry);
  }

  get entries(): readonly JournalEntry[] {
    return this.#log.entries;
  }

  /** How the work began; undefined when it has not begun. */
  get opened(): Extract<JournalEntry, { type: 'opened' }> | undefined {
    return this.#opened;
  }

  /** All eleven, in order. */
  get steps(): readonly StepState[] {
    return STEPS.map((step) => this.#states.get(step) as StepState);
  }

  /** The step to be done; undefined when all are. */
  get next(): StepId | undefined {
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
  evidence<S extends StepId>(step: S): Evidence[S] | undefined {
    const state = this.#states.get(step);
    return state?.outcome === 'done' ? (state.evidence as Evidence[S]) : undefined;
  }

  /** The last intent of a kind that has not ended. */
  pending<A extends Intent['action']>(step: StepId, action: A): Extract<Intent, { action: A }> | undefined {
    const intents = this.#intents.get(step) ?? [];
    return intents.findLast((intent): intent is Extract<Intent, { action: A }> => intent.action === action);
  }

  /** Adds an entry. @throws StorageError when it could not be written: then the action must not be done. */
  append(entry: JournalEntry): void {
    this.#log.append(entry);
    this.#take(entry);
  }

  #take(entry: JournalEntry): void {
    switch (entry.type) {
      case 'opened':
        this.#opened = entry;
        return;
      case 'begun':
        this.#intents.set(entry.step, [...(this.#intents.get(entry.step) ?? []), entry.intent]);
        if (entry.intent.action === 'verify' && entry.intent.counted === true) {
          this.#counted = { ...this.#counted, asked: true };
        }
        return;
      case 'failed':
        if (this.pending(entry.step, 'verify')?.counted === true && JUDGED.includes(entry.refusal.code)) {
          this.#counted = { asked: true, wrong: this.#counted.wrong + 1 };
        }
        if (entry.settled) this.#settle(entry.step);
        this.#states.set(entry.step, { ...entry, outcome: 'failed' });
        return;
      default:
        this.#settle(entry.step);
        this.#states.set(entry.step, { ...entry, outcome: entry.type } as StepState);
    }
  }

  #settle(step: StepId): void {
    if (this.pending(step, 'verify') !== undefined) this.#tries++;
    this.#intents.delete(step);
  }
}
