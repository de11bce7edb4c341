/** The steps of a scenario: when, and what. The YAML that they stand in is read in `parse.ts`. */

import type { Millis } from '../../src/base/clock.js';
import { DURATION_FORM, parseDay, parseDuration, parseTimeOfDay } from '../duration.js';
import { DAY } from '../meter/time.js';
import { type ScenarioAction, VERB_NAMES, VERBS } from './verbs.js';
import { WordError, Words } from './words.js';

/** When a step happens. Times are local, in milliseconds as if they were UTC. */
export type When =
  /** The first such time of day after the scenario starts. */
  | {
      /** Once, at a time of day. */
      readonly type: 'at-time';
      /** Time of day in milliseconds. */
      readonly time: Millis;
    }
  /** One local moment. */
  | {
      /** Once, at a moment. */
      readonly type: 'at-moment';
      /** The moment in milliseconds. */
      readonly moment: Millis;
    }
  /** A duration after the scenario starts. */
  | {
      /** Once, after a duration. */
      readonly type: 'after';
      /** Milliseconds after the start. */
      readonly duration: Millis;
    }
  /** Repeatedly, at this distance, counted from the start. */
  | {
      /** Repeatedly. */
      readonly type: 'every';
      /** Milliseconds between two times. */
      readonly duration: Millis;
    }
  /** Each day at a time of day, or on one day of the week: 0 is Sunday. */
  | {
      /** Each day, or each such day of the week. */
      readonly type: 'daily';
      /** Time of day in milliseconds. */
      readonly time: Millis;
      /** Day of the week, 0 is Sunday; undefined for each day. */
      readonly weekday: number | undefined;
    };

/** A step of a scenario: when something happens, what happens, and for how long. */
export interface ScenarioStep {
  /** When it happens. */
  readonly when: When;
  /** What happens, and how it is undone. */
  readonly action: ScenarioAction;
  /** After how many milliseconds it is undone; undefined for never. */
  readonly lasts: Millis | undefined;
  /** The text of the step. */
  readonly text: string;
  /** Where the step stands: `night.yaml:3:5`. */
  readonly place: string;
}

/** A scenario that a virtual meter can play; `parseScenario` of `cosem/scenario` reads one. */
export interface Scenario {
  /** Its name, where one is given. */
  readonly name: string | undefined;
  /** Its steps, in the order in which they are written. */
  readonly steps: readonly ScenarioStep[];
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const WHEN_FORM = 'at 18:00, at 2026-12-01 18:00, after 2h, every day at 07:00, every monday at 07:00 or every 30m';

/** Reads one step. @throws WordError with the position of the character that is wrong. */
export function parseStep(text: string): Omit<ScenarioStep, 'text' | 'place'> {
  const words = new Words(text);
  const when = parseWhen(words);
  const verb = words.take('a verb');
  const found = Object.hasOwn(VERBS, verb.text) ? VERBS[verb.text] : undefined;
  if (found === undefined) {
    throw new WordError(`there is no verb '${verb.text}'`, verb.at, `known are ${VERB_NAMES.join(', ')}`);
  }
  const hint = `write ${verb.text} ${found.form}, such as ${found.example}`;
  let action: ScenarioAction;
  try {
    action = found.parse(words);
  } catch (error) {
    if (error instanceof WordError) throw new WordError(`${verb.text}: ${error.message}`, error.at, error.hint || hint);
    throw error;
  }
  let lasts: Millis | undefined;
  if (words.peek() === 'for') {
    const word = words.take('for');
    if (action.undo === undefined) throw new WordError(`${verb.text}: it is not for a time`, word.at, hint);
    lasts = words.duration();
  }
  words.end(hint);
  return { when, action, lasts };
}

function parseWhen(words: Words): When {
  const word = words.take('a time');
  switch (word.text) {
    case 'at': {
      const day = parseDay(words.peek() ?? '');
      if (day === undefined) return { type: 'at-time', time: timeOfDay(words) };
      words.take('a day');
      return { type: 'at-moment', moment: day + timeOfDay(words) };
    }
    case 'after':
      return { type: 'after', duration: words.duration() };
    case 'every':
      return parseEvery(words);
    default:
      throw new WordError(`'${word.text}' is no time`, word.at, WHEN_FORM);
  }
}

function parseEvery(words: Words): When {
  const day = words.peek() ?? '';
  const weekday = WEEKDAYS.indexOf(day.toLowerCase());
  if (day === 'day' || weekday >= 0) {
    words.take('a day');
    if (!words.takes('at')) words.oneOf(['at']);
    return { type: 'daily', time: timeOfDay(words), weekday: weekday < 0 ? undefined : weekday };
  }
  const hint = `day, ${WEEKDAYS.join(', ')}, or ${DURATION_FORM}`;
  const duration = words.read('a day or a duration', hint, (text) => parseDuration(text) || undefined);
  return { type: 'every', duration };
}

function timeOfDay(words: Words): Millis {
  return words.read('a time of day', 'such as 18:00 or 18:00:30', parseTimeOfDay);
}

/** When a step happens next: after `from`, or also at `from` when `inclusive`. Local time; undefined when never again. */
export function nextTime(when: When, start: Millis, from: Millis, inclusive: boolean): Millis | undefined {
  const fits = (time: Millis) => (inclusive ? time >= from : time > from);
  switch (when.type) {
    case 'at-moment':
      return fits(when.moment) ? when.moment : undefined;
    case 'after':
      return fits(start + when.duration) ? start + when.duration : undefined;
    case 'at-time': {
      const first = onDay(start, when.time, start);
      return fits(first) ? first : undefined;
    }
    case 'every': {
      const passed = Math.max(1, Math.ceil((from - start) / when.duration));
      const time = start + passed * when.duration;
      return fits(time) ? time : time + when.duration;
    }
    case 'daily': {
      let time = onDay(from, when.time, from);
      while (!fits(time) || (when.weekday !== undefined && new Date(time).getUTCDay() !== when.weekday)) time += DAY;
      return time;
    }
  }
}

/** That time of day on the day of a moment, or on the next day where it is before `least`. */
function onDay(moment: Millis, time: Millis, least: Millis): Millis {
  const first = Math.floor(moment / DAY) * DAY + time;
  return first >= least ? first : first + DAY;
}
