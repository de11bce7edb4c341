/** What a survey asks beyond what every visit asks. */

import { UsageError } from 'cosem/command';
import {
  type Answers,
  finalReadingIn,
  METER_STATES,
  type MessageCode,
  type Network,
  networkCodeIn,
  type OldMeterFound,
  type PlaceInput,
  readableIn,
  SEAL_STATES,
  type SurveyOrder,
  serialIn,
  typedPosition,
} from '../src/index.js';
import type { Prompts } from './prompted.js';
import { refusedBy } from './refused-by.js';

/** Whoever answers. */
export interface SurveyInputs {
  network(order: SurveyOrder): Promise<Network>;
  found(order: SurveyOrder): Promise<Pick<OldMeterFound, 'meter' | 'explanation'>>;
  /** @param required whether the policy wants a position and the order has none. */
  place(order: SurveyOrder, required: boolean): Promise<Pick<PlaceInput, 'position' | 'explanation'>>;
}

/** Answers of a file. */
export class AnsweredSurvey implements SurveyInputs {
  readonly #answers: Answers;
  readonly #file: string;

  constructor(answers: Answers, file: string) {
    this.#answers = answers;
    this.#file = file;
  }

  async network(): Promise<Network> {
    return this.#survey.network;
  }

  async found() {
    const { oldMeter: meter, explanation } = this.#survey;
    return { meter, explanation };
  }

  async place(): Promise<Pick<PlaceInput, 'position' | 'explanation'>> {
    const { position, positionExplanation: explanation } = this.#answers;
    return { position, explanation };
  }

  get #survey() {
    const { survey } = this.#answers;
    if (survey !== undefined) return survey;
    throw new UsageError(
      `${this.#file} gives no survey, which this step needs`,
      'give survey with network and oldMeter and run it again: what was done is kept',
    );
  }
}

/** A person at a terminal. What was typed in this run is offered again where a step is done again. */
export class PromptedSurvey implements SurveyInputs {
  readonly #prompts: Prompts;
  readonly #typed = new Map<MessageCode, string>();

  constructor(prompts: Prompts) {
    this.#prompts = prompts;
  }

  async network({ network }: SurveyOrder): Promise<Network> {
    return {
      feeder: await this.#ask('ask-feeder', network?.feeder, (text) => networkCodeIn(text, 'feeder')),
      transformer: await this.#ask('ask-transformer', network?.transformer, (text) =>
        networkCodeIn(text, 'transformer'),
      ),
      pole: await this.#ask('ask-pole', network?.pole, (text) => networkCodeIn(text, 'pole')),
    };
  }

  async found({ oldMeter }: SurveyOrder) {
    const prompts = this.#prompts;
    if (!(await prompts.yes(prompts.words('ask-survey-meter'), oldMeter !== null))) return { meter: null };
    const serial = await this.#ask('ask-old-serial', oldMeter?.serial, (text) => readableIn(text, serialIn));
    const make = await this.#ask('ask-survey-make', oldMeter?.make, () => undefined, true);
    const state = await this.#choose('ask-survey-state', METER_STATES, 'meter');
    const isWorking = state === 'working';
    const reading = await this.#ask(
      isWorking ? 'ask-survey-reading' : 'ask-survey-reading-if',
      '',
      finalReadingIn,
      !isWorking,
    );
    const seals = await this.#choose('ask-survey-seals', SEAL_STATES, 'seals');
    const remark = await this.#ask('ask-survey-remark', '', () => undefined, true);
    return { meter: { serial, make, state, reading, seals, remark } };
  }

  async place({ position }: SurveyOrder, required: boolean): Promise<Pick<PlaceInput, 'position'>> {
    const initial = position === undefined ? '' : `${position.latitude}, ${position.longitude}`;
    const check = (text: string) =>
      typedPosition(text) === undefined ? this.#prompts.words('position-form') : undefined;
    const code = required ? 'ask-position' : 'ask-survey-position';
    const text = await this.#prompts.text(this.#prompts.words(code), {
      initial: this.#typed.get(code) ?? initial,
      optional: !required,
      check,
    });
    this.#typed.set(code, text);
    return { position: typedPosition(text) };
  }

  async #ask(code: MessageCode, initial = '', taken: (text: string) => unknown, optional = false): Promise<string> {
    const text = await this.#prompts.text(this.#prompts.words(code), {
      initial: this.#typed.get(code) ?? initial,
      optional,
      check: (typed) => refusedBy(() => taken(typed), this.#prompts.language),
    });
    this.#typed.set(code, text);
    return text;
  }

  #choose<T extends 'working' | 'stopped' | 'burnt' | 'unreadable' | 'intact' | 'broken' | 'none'>(
    code: MessageCode,
    values: readonly T[],
    kind: 'meter' | 'seals',
  ): Promise<T> {
    const options = values.map((value) => ({ value, label: this.#prompts.words(`${kind}-${value}` as MessageCode) }));
    return this.#prompts.one(this.#prompts.words(code), options);
  }
}
