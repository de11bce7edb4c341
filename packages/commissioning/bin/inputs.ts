/** What an installer is asked, whoever answers: a person at a terminal, or a file. */

import type {
  DocumentInput,
  IndexInput,
  InstallationOrder,
  InstallerInput,
  NewMeterInput,
  OldMeterInput,
  OneTimeCode,
  PhotoInput,
  PhotoKind,
  Policy,
  Refusal,
  StepId,
  SurveyedMeter,
} from '../src/index.js';

/** What may be done after a refusal. */
export type Choice = 'again' | 'resend' | 'explain' | 'skip' | 'stop';

/** Whoever answers. Each may throw Interrupted; one that knows no answer throws UsageError. */
export interface Inputs {
  /** Why a step is to be left out without being tried; undefined to do it. */
  skipping(step: StepId): string | undefined;
  installer(): Promise<InstallerInput>;
  code(): Promise<OneTimeCode>;
  documents(policy: Policy): Promise<readonly DocumentInput[]>;
  /**
   * Asked only where the order has an old meter.
   * @param surveyed the meter as a survey found it: only its final reading is asked.
   */
  oldMeter(order: InstallationOrder, surveyed?: SurveyedMeter): Promise<OldMeterInput>;
  newMeter(policy: Policy): Promise<NewMeterInput>;
  /** Photos of these kinds, at least as many as the policy wants; where it wants none, a person is not asked. */
  photos(kinds: readonly PhotoKind[], policy: Policy): Promise<readonly PhotoInput[]>;
  /** Whether the supply may be cut for some seconds. */
  supplyMayBeCut(): Promise<boolean>;
  /** Explanations that are there before anybody asks. */
  readonly explanations: Readonly<Partial<Record<string, string>>>;
  /** An explanation in writing, when one is asked for. */
  explanation(): Promise<string>;
  /** @param required whether the policy wants a position and the order has none. */
  index(required: boolean): Promise<IndexInput>;
  /** One of the choices. */
  afterRefusal(step: string, refusal: Refusal, choices: readonly Choice[]): Promise<Choice>;
  reason(): Promise<string>;
  /** The answers to a step were taken. */
  accepted(step: string): void;
}
