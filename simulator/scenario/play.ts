import type { Clock, Millis } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import { checkOptions, type OptionNames } from '../../src/base/known-options.js';
import type { Faults } from '../faults/faults.js';
import { IST_DEVIATION, MINUTE } from '../meter/time.js';
import type { MeterControls } from './controls.js';
import { nextTime, type Scenario, type ScenarioStep } from './steps.js';
import type { ScenarioTarget } from './verbs.js';

/** What happened in a scenario. */
export interface ScenarioMoment {
  readonly step: ScenarioStep;
  /** Whether what the step did was taken back. */
  readonly undone: boolean;
  readonly at: Millis;
  /** What the meter said against it. */
  readonly error: unknown;
}

export interface PlayOptions {
  readonly clock: Clock;
  readonly faults: Faults;
  /** Left out for a meter that has a line only: then the scenario may hold faults alone. */
  readonly controls?: MeterControls;
  /** Local time that steps are in: minutes, UTC = local + deviation. India (-330) unless told. */
  readonly deviation?: number;
  /** Told of everything that happens. Must not throw. */
  readonly onMoment?: (moment: ScenarioMoment) => void;
}

/** A step that comes again, or what takes one back. */
interface Entry {
  readonly step: ScenarioStep;
  readonly undone: boolean;
  /** Local time. */
  time: Millis;
}

/** A scenario under way. */
export interface Playing {
  /** When something happens next; undefined when all is over. */
  readonly next: Millis | undefined;
  /** Nothing more happens; what was done stays. */
  stop(): void;
}

/**
 * Lets a scenario happen from now on. Steps at one moment come in the order in which they are written; what is over before a step
 * begins again at that moment is taken back first.
 * @throws StateError when a step needs more than the meter has.
 */
export function playScenario(scenario: Scenario, options: PlayOptions): Playing {
  checkOptions(options, PLAY_OPTIONS, 'play');
  const { controls } = options;
  const foreign = scenario.steps.find(({ action }) => controls === undefined && action.faultsOnly !== true);
  if (foreign !== undefined) {
    throw new StateError(`${foreign.place}: this meter can only be given faults, not '${foreign.text}'`, {
      hint: 'a recorded meter has no terminals and no cover: leave --template away',
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

  /** The earliest that is due: what is taken back comes first, then as it is written. */
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
      // One that begins again before it is over lasts on.
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
