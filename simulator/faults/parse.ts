import type { Millis } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import { quoted } from '../../src/base/words.js';
import { DURATION_FORM, parseDuration, parseLocalMoment, parseTimeOfDay } from '../duration.js';
import { DAY } from '../meter/time.js';
import { FAULT_NAMES, type FaultName, faultForm, faultKind } from './table.js';

/** When a fault strikes, in local time: each day between two times, or once between two moments. */
export type FaultWindow =
  | {
      /** Each day, between two local times of day. */
      readonly daily: true;
      /** Milliseconds since local midnight. */
      readonly from: Millis;
      /** Milliseconds since local midnight. When it is before `from` the window goes over midnight. */
      readonly to: Millis;
    }
  | {
      /** Once, between two local moments. */
      readonly daily: false;
      /** Milliseconds since 1970, as if local time were UTC. */
      readonly from: Millis;
      /** Milliseconds since 1970, as if local time were UTC. */
      readonly to: Millis;
    };

/** A fault as {@link parseFault} reads it. */
export interface Fault {
  /** Which fault, as in {@link FAULTS}. */
  readonly name: FaultName;
  /** Probability, 0 to 1, that it strikes a frame, an answer or an association; undefined for a fault that strikes once. */
  readonly rate: number | undefined;
  /** The value behind `=`: a probability for bits and octets, or a duration in milliseconds. 0 where there is none. */
  readonly amount: number;
  /** The word behind `=`, such as `transient`; empty where the fault takes none. */
  readonly word: string;
  /** When it can strike; undefined for always. */
  readonly window: FaultWindow | undefined;
  /** The text that it was read from. */
  readonly text: string;
}

/**
 * Reads a fault: its name, `=VALUE` where it has one, `@RATE` where it strikes by chance, `@WINDOW` where it strikes at times only.
 * `bit-errors=1e-4`, `silence=2s@10%`, `drop-frames@5%@18:00-19:00`, `busy=5s@2026-12-01..2026-12-02T06:00`.
 * @throws StateError that says what is wrong, with the faults there are.
 */
export function parseFault(text: string): Fault {
  const [head = '', ...parts] = text.trim().split('@');
  const equals = head.indexOf('=');
  const name = (equals < 0 ? head : head.slice(0, equals)).trim();
  if (!FAULT_NAMES.includes(name as FaultName)) {
    throw new StateError(`there is no fault ${quoted(name)}`, { hint: `known are ${FAULT_NAMES.join(', ')}` });
  }
  const known = name as FaultName;
  const fault = readValue(known, equals < 0 ? undefined : head.slice(equals + 1).trim());
  let { rate } = fault;
  let window: FaultWindow | undefined;
  for (const part of parts.map((one) => one.trim())) {
    const probability = parseProbability(part);
    if (probability !== undefined) {
      if (faultKind(known).each === undefined) throw misfit(known, `it has no rate, but '@${part}' is given`);
      if (rate !== undefined) throw misfit(known, 'two rates are given');
      rate = probability;
    } else {
      if (window !== undefined) throw misfit(known, 'two times are given');
      window = parseWindow(known, part);
    }
  }
  const { once, each } = faultKind(known);
  const standard = each === undefined || once !== true ? 1 : undefined;
  return { name: known, ...fault, rate: rate ?? standard, window, text: text.trim() };
}

type Value = Pick<Fault, 'amount' | 'word'> & { readonly rate: number | undefined };

function readValue(name: FaultName, text: string | undefined): Value {
  const { value, each, standard, words } = faultKind(name);
  const none: Value = { amount: 0, word: '', rate: undefined };
  switch (value) {
    case 'none': {
      if (text === undefined) return none;
      const rate = each === undefined ? undefined : parseProbability(text);
      if (rate === undefined) throw misfit(name, `'${text}' is no rate`);
      return { ...none, rate };
    }
    case 'probability': {
      const amount = text === undefined ? undefined : parseProbability(text);
      if (amount === undefined) throw misfit(name, text === undefined ? 'how often?' : `'${text}' is no probability`);
      return { ...none, amount };
    }
    case 'word': {
      const word = text ?? String(standard);
      if (words?.includes(word) !== true) throw misfit(name, `'${word}' is not known`);
      return { ...none, word };
    }
    default: {
      if (text === undefined && standard !== undefined) return { ...none, amount: Number(standard) };
      const amount = text === undefined ? undefined : parseDuration(text);
      if (amount === undefined) throw misfit(name, text === undefined ? 'for how long?' : `'${text}' is no duration`);
      return { ...none, amount };
    }
  }
}

/** The probability in `10%`, `0.1` or `1e-4`; undefined for other text. */
function parseProbability(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?(?:e-?\d+)?)(%?)$/i.exec(text);
  if (match === null) return undefined;
  const value = Number(match[1]) / (match[2] === '%' ? 100 : 1);
  return value <= 1 ? value : undefined;
}

function parseWindow(name: FaultName, text: string): FaultWindow {
  const moments = text.split('..');
  if (moments.length === 2) {
    const [from, to] = moments.map((moment) => (moment === '' ? undefined : parseLocalMoment(moment)));
    const empty = moments.map((moment) => moment === '');
    if ((from !== undefined || empty[0]) && (to !== undefined || empty[1])) {
      const window = {
        daily: false,
        from: from ?? Number.NEGATIVE_INFINITY,
        to: to ?? Number.POSITIVE_INFINITY,
      } as const;
      if (window.to > window.from) return window;
      throw misfit(name, `'@${text}' ends before it begins`);
    }
  }
  const times = text.split('-').map(parseTimeOfDay);
  const [from, to] = times;
  if (times.length === 2 && from !== undefined && to !== undefined && from !== to) return { daily: true, from, to };
  throw misfit(name, `'@${text}' is neither a rate nor a time`);
}

/** Whether a window is open at a local time. One that ends before it begins goes over midnight. */
export function isOpen(window: FaultWindow | undefined, wall: Millis): boolean {
  if (window === undefined) return true;
  const { from, to } = window;
  if (!window.daily) return wall >= from && wall < to;
  const time = ((wall % DAY) + DAY) % DAY;
  return from < to ? time >= from && time < to : time >= from || time < to;
}

function misfit(name: FaultName, what: string): StateError {
  const { each, example, value } = faultKind(name);
  const forms = [
    `write ${faultForm(name)}, such as ${example}`,
    ...(value === 'duration' || value === 'optional-duration' ? [`a time is ${DURATION_FORM}`] : []),
    ...(each === undefined ? [] : ['a rate is 10% or 0.1']),
    '@18:00-19:00 or @2026-12-01..2026-12-02 says when',
  ];
  return new StateError(`fault ${name}: ${what}`, { hint: forms.join('; ') });
}
