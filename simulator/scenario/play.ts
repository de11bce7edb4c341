import type { Clock, Millis } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import { checkOptions, type OptionNames } from '../../src/base/known-options.js';
import type { Faults } from '../faults/faults.js';
import { IST_DEVIATION, MINUTE } from '../meter/time.js';
import type { MeterControls } from './controls.js';
import { nextTime, type Scenario, type ScenarioStep } from './steps.js';
import type { ScenarioTarget } from './verbs.js';

/** A step of a scenario that was done or undone. */
export interface ScenarioMoment {
  /** The step. */
  readonly step: ScenarioStep;
  /** False when the step was done, true when what it did was undone. */
  readonly undone: boolean;
  /** When it happened, by the clock. */
  readonly at: Millis;
  /** The error with which it failed; undefined when it succeeded. */
  readonly error: unknown;
}

/** What a scenario plays on. */
export interface PlayOptions {
  /** The clock that its times are counted by. */
  readonly clock: Clock;
  /** The faults that its steps add and remove. */
  readonly faults: Faults;
  /** The controls of the meter. Left out for a meter that only has lines; the scenario may then hold only faults. */
  readonly controls?: MeterControls;
  /** The time zone of the steps, as the deviation of the standard in minutes: UTC = local + deviation. Default -330 (India). */
  readonly deviation?: number;
  /** Called for everything that happens. It must not throw. */
  readonly onMoment?: (moment: ScenarioMoment) => void;
}

/** A step that will happen, or the undoing of one. */
interface Entry {
  readonly step: ScenarioStep;
  readonly undone: boolean;
  /** Local time. */
  time: Millis;
}

/** A scenario that is being played. */
export interface Playing {
  /** When something happens next; undefined when the scenario is over. */
  readonly next: Millis | undefined;
  /** Ends the scenario. What was done is not undone. */
  stop(): void;
}

/**
 * Plays a scenario from now on. Steps of one moment happen in the order in which they are written. If a step begins again at the moment at
 * which it ends, it is first undone.
 * @throws StateError when a step needs more than the meter has.
 */
export function playScenario(scenario: Scenario, options: PlayOptions): Playing {
  checkOptions(options, PLAY_OPTIONS, 'play');
  const { controls } = options;
  const foreign = scenario.steps.find(({ action }) => controls === undefined && action.faultsOnly !== true);
  if (foreign !== undefined) {
    throw new StateError(`${foreign.place}: this meter can only be given faults, not '${foreign.text}'`, {
      hint: 'a recorded meter has no terminals and no cover: leave out --template',
    });
  }
  return new Player(scenario, options);
}

const PLAY_OPTIONS: OptionNames<PlayOptions> = {
  clock: true,
  faults: true,
  controls: true,
  deviation: true,
  onMoment: true,
};

class Player implements Playing {
  readonly #options: PlayOptions;
  readonly #start: Millis;
  readonly #shift: Millis;
  #entries: Entry[];
  #cancel: (() => void) | undefined;

  constructor({ steps }: Scenario, options: PlayOptions) {
    this.#options = options;
    this.#shift = -(options.deviation ?? IST_DEVIATION) * MINUTE;
    this.#start = options.clock.now() + this.#shift;
    this.#entries = steps.flatMap((step): Entry[] => {
      const time = nextTime(step.when, this.#start, this.#start, true);
      return time === undefined ? [] : [{ step, undone: false, time }];
    });
    this.#arm();
  }

  get next(): Millis | undefined {
    const time = Math.min(...this.#entries.map((entry) => entry.time));
    return this.#entries.length === 0 ? undefined : time - this.#shift;
  }

  stop(): void {
    this.#cancel?.();
    this.#entries = [];
  }

  #arm(): void {
    const { next } = this;
    this.#cancel = next === undefined ? undefined : this.#options.clock.at(next, () => this.#ring());
  }

  #ring(): void {
    const now = this.#options.clock.now() + this.#shift;
    for (let entry = this.#due(now); entry !== undefined; entry = this.#due(now)) this.#happen(entry);
    this.#arm();
  }

  /** The earliest entry that is due. Undoing comes first, then the order in which steps are written. */
  #due(now: Millis): Entry | undefined {
    let due: Entry | undefined;
    for (const entry of this.#entries) {
      if (entry.time > now) continue;
      const earlier =
        due === undefined || entry.time < due.time || (entry.time === due.time && entry.undone && !due.undone);
      if (earlier) due = entry;
    }
    return due;
  }

  #happen(entry: Entry): void {
    const { step, undone, time } = entry;
    const again = undone ? undefined : nextTime(step.when, this.#start, time, false);
    if (again === undefined) this.#entries = this.#entries.filter((other) => other !== entry);
    else entry.time = again;
    if (!undone && step.lasts !== undefined) {
      // A step that begins again before it ends lasts on.
      this.#entries = this.#entries.filter((other) => !(other.undone && other.step === step));
      this.#entries.push({ step, undone: true, time: time + step.lasts });
    }
    const { clock, onMoment } = this.#options;
    const act = undone ? step.action.undo : step.action.do;
    let error: unknown;
    try {
      act?.(this.#options as ScenarioTarget);
    } catch (thrown) {
      error = thrown;
    }
    onMoment?.({ step, undone, at: clock.now(), error });
  }
}
