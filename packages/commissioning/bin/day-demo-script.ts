/** The day of the demonstration: ten houses, and what goes wrong at each. */

import { systemClock } from 'cosem';
import type { Run } from 'cosem/command';
import { nodeCrypto } from 'cosem/node';
import { createMeter, type VirtualMeter } from 'cosem/simulator';
import {
  type Answers,
  type DocumentInput,
  type Language,
  type MessageCode,
  type NewMeterInput,
  OneTimeCode,
  parseAnswers,
  type Refusal,
  type ShortMessage,
  type StepId,
  say,
} from '../src/index.js';
import { AnsweredInputs } from './answered.js';
import type { Work } from './commission.js';
import type { Probe } from './day-demo-probe.js';
import type { NumberedOrder } from './day-list.js';
import type { DayChoice, DayLead, PostponeInput } from './day-loop.js';
import { INSTALLER } from './demo.js';
import { sampleAnswers } from './init.js';
import type { Choice, Inputs } from './inputs.js';
import { AnsweredSurvey } from './survey-inputs.js';

export type Trouble = 'none' | 'wrong-otp' | 'wrong-meter' | 'pulled-probe' | 'surveyed' | 'dark' | 'postponed';

export interface House {
  readonly number: number;
  readonly name: string;
  readonly trouble: Trouble;
}

const NAMES: readonly (readonly [name: string, trouble: Trouble])[] = [
  ['Asha Devi', 'none'],
  ['Ramesh Kumar', 'none'],
  ['Sunita Yadav', 'wrong-otp'],
  ['Imran Khan', 'wrong-meter'],
  ['Geeta Verma', 'pulled-probe'],
  ['Mohan Lal', 'surveyed'],
  ['Shabnam Bano', 'surveyed'],
  ['Vijay Singh', 'dark'],
  ['Kamla Tiwari', 'none'],
  ['Rakesh Gupta', 'postponed'],
];
export const HOUSES: readonly House[] = NAMES.map(([name, trouble], i) => ({ number: i + 1, name, trouble }));

export function houseId({ number }: House): string {
  return `DAY-${String(number).padStart(2, '0')}`;
}

/** The order of the survey that was made at a house before its meter came. */
export function surveyId({ number }: House): string {
  return `SUR-${String(number).padStart(2, '0')}`;
}

const WRONG_CODE = '000000';
/** How long a pulled probe stays off. */
const PULLED = 1500;

export interface DemoDayParts {
  readonly run: Run;
  readonly language: Language;
  readonly meters: ReadonlyMap<House, VirtualMeter>;
  readonly probe: Probe;
  readonly messages: ShortMessage[];
}

/** Leads through the day in the order of the list, as a person would who has read the script. */
export class DemoDay implements DayLead {
  /** How long each house took, in milliseconds. */
  readonly times = new Map<string, number>();
  readonly #parts: DemoDayParts;
  readonly #visited = new Set<string>();
  #began: { readonly id: string; readonly at: number } | undefined;

  constructor(parts: DemoDayParts) {
    this.#parts = parts;
  }

  async begin(): Promise<void> {}

  async choose(orders: readonly NumberedOrder[]): Promise<DayChoice> {
    this.#timed();
    for (const { number, order } of orders) {
      if (order.status === 'unreadable' || order.status === 'done' || order.status === 'postponed') continue;
      const { id } = order.entry.order;
      if (this.#visited.has(id)) continue;
      this.#visited.add(id);
      const house = houseOf(id);
      this.#tell(`day-demo-${house.trouble}`, { number: house.number, name: house.name });
      if (house.trouble === 'postponed') return { what: 'postpone', number };
      this.#began = { id, at: systemClock.now() };
      const meter = this.#parts.meters.get(house);
      // Nobody asks for a meter that hangs there already.
      if (house.trouble === 'dark' && meter !== undefined) await this.#parts.probe.put(meter);
      return { what: 'visit', number };
    }
    return { what: 'end' };
  }

  #timed(): void {
    if (this.#began !== undefined) this.times.set(this.#began.id, systemClock.now() - this.#began.at);
    this.#began = undefined;
  }

  async postponing(): Promise<PostponeInput> {
    return { reason: 'house-locked', note: '' };
  }

  async isPostponed(): Promise<boolean> {
    return false;
  }

  inputs(id: string): Inputs {
    const house = houseOf(id);
    const meter = this.#parts.meters.get(house);
    if (meter === undefined) throw new Error(`no meter for ${id}`);
    return new HouseInputs(house, meter, this.#parts, (code) => this.#tell(code, {}));
  }

  /** What the survey of a house works with, in the days before. */
  surveying(house: House): Pick<Work, 'id' | 'inputs' | 'survey'> {
    const id = surveyId(house);
    this.#tell('day-demo-survey', { order: id, name: house.name });
    const answers = answersAt(house, this.#parts.language);
    const inputs = new SurveyedInputs(answers, this.#parts);
    return { id, inputs, survey: new AnsweredSurvey(answers, 'the demo') };
  }

  #tell(code: MessageCode, params: Record<string, string | number>): void {
    const { output } = this.#parts.run;
    output.endProgress();
    output.line(output.style('cyan', `» ${say(this.#parts.language, code, params)}`));
  }
}

function houseOf(id: string): House {
  const house = HOUSES.find((one) => houseId(one) === id);
  if (house === undefined) throw new Error(`no house for ${id}`);
  return house;
}

function answersAt({ number: n }: House, language: Language): Answers {
  const serial = `OLD-${5566 + n}`;
  const answers = {
    ...sampleAnswers(systemClock.now(), INSTALLER, language),
    documents: [{ type: 'voter-card', number: `UPX${1_000_000 + n}` }],
    oldMeter: { serial, finalReading: String(18_000 + 100 * n), condition: say(language, 'demo-condition') },
    seals: [`S-${100 + 2 * n}`, `S-${101 + 2 * n}`],
    survey: {
      network: { feeder: 'F-11', transformer: 'T-204', pole: `P-${n}` },
      oldMeter: { serial, reading: 17_950 + 100 * n, state: 'working', seals: 'intact' },
    },
    position: { latitude: 26.8467, longitude: 80.9462 },
  };
  return parseAnswers(JSON.stringify(answers), 'the demo');
}

/** The answers at a survey: the consumer reads the OTP off the telephone. */
class SurveyedInputs extends AnsweredInputs {
  readonly #messages: ShortMessage[];

  constructor(answers: Answers, { messages, run }: DemoDayParts) {
    super(answers, 'the demo', run.io);
    this.#messages = messages;
  }

  override async code(): Promise<OneTimeCode> {
    return this.#messages.pop()?.code ?? super.code();
  }
}

/** The answers at a house, and what goes wrong there. */
class HouseInputs extends AnsweredInputs {
  readonly #house: House;
  readonly #meter: VirtualMeter;
  readonly #parts: DemoDayParts;
  readonly #tell: (code: MessageCode) => void;
  #isFirst = true;
  #neighbour: VirtualMeter | undefined;

  constructor(house: House, meter: VirtualMeter, parts: DemoDayParts, tell: (code: MessageCode) => void) {
    super(answersAt(house, parts.language), 'the demo', parts.run.io);
    this.#house = house;
    this.#meter = meter;
    this.#parts = parts;
    this.#tell = tell;
  }

  /** The consumer reads the OTP off the telephone, or another number first. */
  override async code(): Promise<OneTimeCode> {
    this.#notTwice('the OTP');
    if (this.#house.trouble === 'wrong-otp' && this.#isFirst) {
      this.#isFirst = false;
      return OneTimeCode.parse(WRONG_CODE);
    }
    return this.#parts.messages.pop()?.code ?? super.code();
  }

  override async documents(): Promise<readonly DocumentInput[]> {
    this.#notTwice('the documents');
    return super.documents();
  }

  /** What the survey took is asked nobody again: the demonstration ends where it is. */
  #notTwice(what: string): void {
    if (this.#house.trouble === 'surveyed') throw new Error(`${houseId(this.#house)}: ${what} asked twice`);
  }

  /** The probe is put on the meter; at one house on that of the neighbour first. */
  override async newMeter(): Promise<NewMeterInput> {
    const { probe } = this.#parts;
    if (this.#house.trouble === 'wrong-meter' && this.#isFirst) {
      this.#isFirst = false;
      this.#neighbour = neighbourOf(this.#house);
      await probe.put(this.#neighbour);
    } else {
      await probe.put(this.#meter);
      this.#neighbour?.stop();
    }
    return super.newMeter();
  }

  override async supplyMayBeCut(): Promise<boolean> {
    if (this.#house.trouble === 'pulled-probe' && this.#isFirst) {
      this.#isFirst = false;
      this.#parts.probe.pullWhenOpen(this.#meter, PULLED, () => this.#tell('day-demo-pulled'));
    }
    return super.supplyMayBeCut();
  }

  override async afterRefusal(_step: StepId, { code }: Refusal, choices: readonly Choice[]): Promise<Choice> {
    const isExpected = code === 'otp-wrong' || code === 'wrong-meter' || this.#house.trouble === 'pulled-probe';
    return isExpected && choices.includes('again') ? 'again' : 'stop';
  }
}

/** The meter next door: of the same delivery, so that the same keys open it. */
function neighbourOf({ number }: House): VirtualMeter {
  return createMeter('is15959-1ph', { clock: systemClock, crypto: nodeCrypto, seed: number, serial: '10009999' });
}
