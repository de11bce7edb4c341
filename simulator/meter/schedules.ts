/** Single action schedules, the scripts they run, and the one timer that a meter keeps. */

import type { Clock, Millis } from '../../src/base/clock.js';
import { AccessError } from '../../src/base/errors.js';
import type { Type } from '../../src/codec/type.js';
import { SingleActionSchedule } from '../../src/cosem/classes/time.js';
import type { Writable } from '../state/parts.js';
import { type ExecutionTime, nextExecution } from './billing.js';
import type { Core } from './core.js';
import type { MeterModel } from './model.js';
import type { Process } from './process.js';
import type { Profiles } from './profiles.js';
import type { Pushes } from './push.js';
import { type ScriptStep, tariffScripts } from './scheduling.js';
import { HOUR } from './time.js';

const MD_RESET = '0.0.10.0.1.255';
const TARIFFICATION = '0.0.10.0.100.255';
const IMAGE_ACTIVATION = '0.0.10.0.107.255';
const PUSH = '0.0.10.0.108.255';
const BILLING_DATES_CHANGED = 154;
const IMAGE_SCHEDULE_CHANGED = 169;
/** The push setups that scripts 1 to 5 of the push script table start. */
const PUSH_SETUPS = [0, 1, 2, 3, 4].map((index) => `0.${index}.25.9.0.255`);

/** The push setups that the two push schedules start. */
const PUSHED_BY_TIME = ['0.0.25.9.0.255', '0.3.25.9.0.255'];
/** Timers of the platform cannot wait for a month. */
const LONGEST_SLEEP = 12 * HOUR;

const executionTimes: Type<readonly ExecutionTime[]> = SingleActionSchedule.attributes.executionTime.type;
type Times = Writable<readonly ExecutionTime[]>;

/** What scripts act on. */
export interface Targets {
  readonly core: Core;
  readonly model: MeterModel;
  readonly pushes: Pushes;
  readonly profiles: Profiles;
  readonly activateImage: () => void;
}

/** The script tables by logical name. */
export function scripts(targets: Targets): [string, ReadonlyMap<number, readonly ScriptStep[]>][] {
  const { model, profiles, pushes, activateImage } = targets;
  const one = (classId: number, logicalName: string, method: number, run: (now: Millis) => void) => [
    { classId, logicalName, method, run },
  ];
  return [
    [MD_RESET, new Map([[1, one(7, '1.0.98.1.0.255', 2, (now) => profiles.resetDemand(now))]])],
    [TARIFFICATION, tariffScripts(model)],
    [IMAGE_ACTIVATION, new Map([[1, one(18, '0.0.44.0.0.255', 4, activateImage)]])],
    [PUSH, new Map(PUSH_SETUPS.map((setup, i) => [i + 1, one(40, setup, 1, () => pushes.push(setup))]))],
  ];
}

export interface Schedule {
  readonly logicalName: string;
  readonly script: { readonly table: string; readonly selector: number };
  readonly times: Writable<readonly ExecutionTime[]>;
}

/** Runs an action of a schedule. There is nobody to report a refusal to, so what cannot be done is skipped. */
function ifItCan(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
  }
}

/** An action that runs at the times of a schedule. */
class Timetable implements Process {
  readonly #core: Core;
  readonly #times: Times;
  readonly #run: () => void;
  /** The last answer, with the times and the clock setting that it was computed from. */
  #found:
    | { readonly times: readonly ExecutionTime[]; readonly shift: Millis; readonly at: Millis | undefined }
    | undefined;

  constructor(core: Core, times: Times, run: () => void) {
    this.#core = core;
    this.#times = times;
    this.#run = run;
  }

  next(after: Millis): Millis | undefined {
    const times = this.#times.get();
    if (times.length === 0) return undefined;
    const { time } = this.#core;
    const wall = time.wall(after);
    const shift = wall - after;
    const known = this.#found;
    const same = known?.times === times;
    if (same && known.shift === shift) return known.at;
    // An action whose time the clock was set to or past runs at once.
    const skipped = same && known.at !== undefined && known.at + known.shift <= wall;
    const next = skipped ? wall : nextExecution(times, wall);
    const at = next === undefined ? undefined : time.trueTime(next, after);
    this.#found = { times, shift, at };
    return at;
  }

  step(): void {
    this.#found = undefined;
    this.#run();
  }
}

/** The time for which the timer is armed. */
interface Due {
  readonly at: Millis;
  readonly setups: readonly string[];
}

/**
 * The schedules of a meter. What fell due is done when somebody looks at the meter. It keeps a timer only when somebody listens to its
 * pushes.
 */
export class Schedules {
  readonly all: readonly Schedule[];
  readonly #core: Core;
  readonly #clock: Clock;
  readonly #pushTimes: readonly Times[];
  #push: ((setup: string) => void) | undefined;
  #disarm: (() => void) | undefined;
  #armed: Due | undefined;

  /** @param activateImage what script 107 does. */
  constructor(core: Core, model: MeterModel, clock: Clock, activateImage: () => void) {
    this.#core = core;
    this.#clock = clock;
    const times = (name: string): Times => core.parts.cell(`schedule ${name}`, executionTimes, []);
    const [toHeadEnd, toDisplay] = [times('push'), times('display')];
    const { quirks } = model;
    const slipped = quirks.has('push-script-2');
    this.#pushTimes = [toHeadEnd, toDisplay];
    const imageTimes = times('image');
    core.attach(new Timetable(core, imageTimes, () => ifItCan(activateImage)));
    this.all = [
      this.#schedule('0.0.15.0.0.255', quirks.has('billing-script-107') ? IMAGE_ACTIVATION : MD_RESET, 1, {
        get: () => core.billingDates,
        set: (times) => {
          const now = core.catchUp();
          core.billingDates = times;
          core.events.record(BILLING_DATES_CHANGED, now);
        },
      }),
      this.#schedule('0.0.15.0.2.255', IMAGE_ACTIVATION, 1, {
        get: imageTimes.get,
        set: (times) => {
          const now = core.catchUp();
          imageTimes.set(times);
          core.events.record(IMAGE_SCHEDULE_CHANGED, now);
        },
      }),
      this.#schedule('0.0.15.0.4.255', PUSH, slipped ? 2 : 1, this.#arming(toHeadEnd)),
      this.#schedule('0.3.15.0.4.255', PUSH, slipped ? 2 : 4, this.#arming(toDisplay)),
    ];
  }

  /** Starts the timer: from now on pushes go out at their times, and things happen even if nobody looks. */
  start(push: (setup: string) => void): void {
    this.#push = push;
    this.rearm();
  }

  /** Computes again what is due next. Cheap when nothing changed. */
  rearm(): void {
    const due = this.#push === undefined ? undefined : this.#due();
    if (due?.at === this.#armed?.at) return;
    this.#disarm?.();
    this.#armed = due;
    this.#disarm = due && this.#clock.at(due.at, () => this.#ring(due));
  }

  /** When the next push by schedule is due. */
  get nextPush(): Millis | undefined {
    const next = Math.min(...this.#pushesAfter(this.#core.time.now()));
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  stop(): void {
    this.#push = undefined;
    this.rearm();
  }

  #ring(due: Due): void {
    this.#armed = undefined;
    this.#disarm = undefined;
    this.#core.catchUp();
    for (const setup of due.setups) this.#push?.(setup);
    this.rearm();
  }

  #due(): Due {
    const now = this.#core.time.now();
    const pushes = this.#pushesAfter(now);
    const wakeUp = Math.ceil((now + 1) / LONGEST_SLEEP) * LONGEST_SLEEP;
    const at = Math.min(...pushes, this.#core.nextDue() ?? wakeUp, wakeUp);
    return { at, setups: PUSHED_BY_TIME.filter((_, i) => pushes[i] === at) };
  }

  /** When each of the push schedules is due next. */
  #pushesAfter(now: Millis): readonly Millis[] {
    const wall = this.#core.time.wall(now);
    return this.#pushTimes.map((times) => {
      const next = nextExecution(times.get(), wall);
      return next === undefined ? Number.POSITIVE_INFINITY : this.#core.time.trueTime(next, now);
    });
  }

  #schedule(logicalName: string, table: string, selector: number, times: Schedule['times']): Schedule {
    return { logicalName, script: { table, selector }, times };
  }

  #arming(times: Required<Schedule['times']>): Schedule['times'] {
    return {
      get: times.get,
      set: (changed) => {
        times.set(changed);
        this.rearm();
      },
    };
  }
}
