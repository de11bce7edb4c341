/** What can be done in a scenario: parser, messages and documents are made from this one table. */

import { StateError } from '../../src/base/errors.js';
import { parseDay, parseDuration, parseTimeOfDay } from '../duration.js';
import type { Faults } from '../faults/faults.js';
import { type Fault, parseFault } from '../faults/parse.js';
import { FAULT_NAMES, type FaultName } from '../faults/table.js';
import type { MeterControls, PhaseChoice } from './controls.js';
import { WordError, type Words } from './words.js';

/** What the steps of a scenario act on. */
export interface ScenarioTarget {
  /** What people, the grid and the weather do to the meter. */
  readonly controls: MeterControls;
  /** The faults of the meter's lines and answers. */
  readonly faults: Faults;
}

/** What a step does, and how it is undone. */
export interface ScenarioAction {
  /** Does it. */
  readonly do: (target: ScenarioTarget) => void;
  /** Undoes it. Left out where it cannot be undone. */
  readonly undo?: (target: ScenarioTarget) => void;
  /** Whether it only concerns lines, so that any meter can do it. */
  readonly faultsOnly?: boolean;
}

export interface Verb {
  /** What follows the verb: `on|off`. */
  readonly form: string;
  readonly what: string;
  readonly example: string;
  readonly parse: (words: Words) => ScenarioAction;
}

const PHASES = ['R', 'Y', 'B'] as const;

function phaseIn(words: Words): PhaseChoice {
  const phase = (PHASES as readonly (string | undefined)[]).indexOf(words.peek());
  if (phase < 0) return undefined;
  words.take('a phase');
  return phase as PhaseChoice;
}

/** A verb with two states, under any two words. */
function toggle(
  [on, off]: readonly [string, string],
  set: (controls: MeterControls, on: boolean) => void,
): (words: Words) => ScenarioAction {
  return (words) => {
    const wanted = words.oneOf([on, off]) === on;
    return { do: ({ controls }) => set(controls, wanted), undo: ({ controls }) => set(controls, !wanted) };
  };
}

const VOLTAGES: Readonly<Record<string, number | undefined>> = {
  over: 2_900,
  under: 1_700,
  missing: 0,
  normal: undefined,
};
/** Current in mA that an earthed load returns through earth. */
const EARTH_LOAD = 4_000;
const BYPASSED = 40;

export const VERBS: Readonly<Record<string, Verb>> = {
  magnet: {
    form: 'on|off',
    what: 'a magnet is held against the meter',
    example: 'at 18:00 magnet on for 20m',
    parse: toggle(['on', 'off'], (controls, on) => controls.magnet(on)),
  },
  cover: {
    form: 'open|close',
    what: 'the cover is opened',
    example: 'at 2026-12-01 03:15 cover open for 2m',
    parse: toggle(['open', 'close'], (controls, on) => controls.cover(on)),
  },
  module: {
    form: 'out|in',
    what: 'the communication module is pulled out',
    example: 'after 1d module out for 5m',
    parse: toggle(['out', 'in'], (controls, on) => controls.module(on)),
  },
  neutral: {
    form: 'disturbed|missing|sound',
    what: 'the neutral is disturbed by a foreign voltage, or is missing',
    example: 'at 20:00 neutral missing for 30m',
    parse: (words) => {
      const state = words.oneOf(['disturbed', 'missing', 'sound']);
      return { do: ({ controls }) => controls.neutral(state), undo: ({ controls }) => controls.neutral('sound') };
    },
  },
  'neutral-disturbance': {
    form: 'on|off',
    what: 'the same as neutral disturbed',
    example: 'at 21:00 neutral-disturbance on for 15m',
    parse: toggle(['on', 'off'], (controls, on) => controls.neutral(on ? 'disturbed' : 'sound')),
  },
  'earth-load': {
    form: 'on|off',
    what: `${EARTH_LOAD / 1000} A return through earth and not through the neutral`,
    example: 'every day at 19:00 earth-load on for 1h',
    parse: toggle(['on', 'off'], (controls, on) => controls.earthLoad(on ? EARTH_LOAD : 0)),
  },
  'reverse-current': {
    form: '[R|Y|B] on|off',
    what: 'the current of a phase flows through the meter in the wrong direction',
    example: 'at 10:00 reverse-current on for 2h',
    parse: (words) => currents(words, -100),
  },
  'current-bypass': {
    form: '[R|Y|B] on|off',
    what: `the meter sees only ${BYPASSED} % of the current`,
    example: 'at 10:00 current-bypass on for 2h',
    parse: (words) => currents(words, BYPASSED),
  },
  voltage: {
    form: '[R|Y|B] over|under|missing|normal|VOLTS',
    what: 'the voltage at the terminals; VOLTS is a number such as 265',
    example: 'at 14:00 voltage over for 10m',
    parse: (words) => {
      const phase = phaseIn(words);
      const volts = words.read('a voltage', 'over, under, missing, normal or volts such as 265', voltageOf);
      return {
        do: ({ controls }) => controls.voltage(volts.tenths, phase),
        undo: ({ controls }) => controls.voltage(undefined, phase),
      };
    },
  },
  power: {
    form: 'off|on',
    what: 'the grid fails',
    example: 'after 2h power off for 10m',
    parse: toggle(['off', 'on'], (controls, off) => controls.power(!off)),
  },
  load: {
    form: 'add NAME WATTS [R|Y|B] | remove NAME | set WATTS | normal',
    what: 'an appliance is switched on or off; `set` makes the load exactly so many watts',
    example: 'every day at 06:30 load add geyser 2000 for 25m',
    parse: loads,
  },
  relay: {
    form: 'stuck|free|open|close|mode 0-6',
    what: "the relay's contacts are welded and stay as they are; or the utility opens or closes the relay, or sets its control mode",
    example: 'at 00:00 relay stuck for 1d',
    parse: relays,
  },
  balance: {
    form: 'RUPEES|-RUPEES',
    what: 'the balance becomes so much, without a recharge',
    example: 'at 09:00 balance -12.50',
    parse: (words) => {
      const paise = words.read('an amount', 'rupees, such as 500 or -12.50', (text) => {
        const amount = paiseOf(text.replace(/^-/, ''));
        return amount === undefined ? undefined : text.startsWith('-') ? -amount : amount;
      });
      return { do: ({ controls }) => controls.balance(paise) };
    },
  },
  recharge: {
    form: 'RUPEES',
    what: 'money is paid in',
    example: 'every day at 07:00 recharge 500',
    parse: (words) => {
      const paise = words.read('an amount', 'rupees, such as 500 or 499.50', paiseOf);
      return { do: ({ controls }) => controls.recharge(paise) };
    },
  },
  clock: {
    form: 'jump [+|-]TIME | set YYYY-MM-DD HH:MM',
    what: "the meter's own clock goes wrong",
    example: 'at 2026-12-01 12:00 clock jump -90m',
    parse: clocks,
  },
  fault: {
    form: 'FAULT | off NAME|all',
    what: 'lines and answers fail: see the table of faults',
    example: 'at 2026-12-01 00:00 fault silence=5s',
    parse: faulty,
  },
};

/** The verbs that a step can have, such as `magnet`. */
export const VERB_NAMES = Object.keys(VERBS);

function relays(words: Words): ScenarioAction {
  const what = words.oneOf(['stuck', 'free', 'open', 'close', 'mode']);
  if (what === 'mode') {
    const mode = words.read('a control mode', '0 to 6', (text) => (/^[0-6]$/.test(text) ? Number(text) : undefined));
    return { do: ({ controls }) => controls.controlMode(mode) };
  }
  if (what === 'open' || what === 'close') {
    const back = what === 'open' ? 'close' : 'open';
    return { do: ({ controls }) => controls.relayOrder(what), undo: ({ controls }) => controls.relayOrder(back) };
  }
  const on = what === 'stuck';
  return { do: ({ controls }) => controls.relayStuck(on), undo: ({ controls }) => controls.relayStuck(!on) };
}

function currents(words: Words, percent: number): ScenarioAction {
  const phase = phaseIn(words);
  const on = words.oneOf(['on', 'off']) === 'on';
  return {
    do: ({ controls }) => controls.current(on ? percent : 100, phase),
    undo: ({ controls }) => controls.current(on ? 100 : percent, phase),
  };
}

function voltageOf(text: string): { readonly tenths: number | undefined } | undefined {
  if (Object.hasOwn(VOLTAGES, text)) return { tenths: VOLTAGES[text] };
  const match = /^(\d{1,3}(?:\.\d)?)V?$/.exec(text);
  return match === null ? undefined : { tenths: Math.round(Number(match[1]) * 10) };
}

/** The paise in a text such as `499.50`, read without floating point, because money is exact. */
function paiseOf(text: string): number | undefined {
  const match = /^(\d{1,7})(?:\.(\d{1,2}))?$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
}

/** The name of what `load set` draws. */
const WHOLE_LOAD = 'load set';

function loads(words: Words): ScenarioAction {
  const what = words.oneOf(['add', 'remove', 'set', 'normal']);
  if (what === 'normal') return { do: ({ controls }) => setLoad(controls, undefined) };
  if (what === 'remove') {
    const name = words.take('the name of an appliance').text;
    return { do: ({ controls }) => controls.appliance(name, 0, undefined) };
  }
  if (what === 'set') {
    const watts = wattsIn(words);
    return { do: ({ controls }) => setLoad(controls, watts), undo: ({ controls }) => setLoad(controls, undefined) };
  }
  const name = words.take('the name of an appliance').text;
  const watts = wattsIn(words);
  const phase = phaseIn(words);
  return {
    do: ({ controls }) => controls.appliance(name, watts, phase),
    undo: ({ controls }) => controls.appliance(name, 0, undefined),
  };
}

function wattsIn(words: Words): number {
  return words.read('a power', 'watts, such as 1500; less than 0 feeds in', (text) =>
    /^-?\d{1,7}W?$/.test(text) ? Number.parseInt(text, 10) : undefined,
  );
}

function setLoad(controls: MeterControls, watts: number | undefined): void {
  controls.household(watts === undefined);
  controls.appliance(WHOLE_LOAD, watts ?? 0, undefined);
}

function clocks(words: Words): ScenarioAction {
  if (words.oneOf(['jump', 'set']) === 'jump') {
    const by = words.read('a time to jump by', 'such as +2h, -90m or 30s', (text) => {
      const duration = parseDuration(text.replace(/^[+-]/, ''));
      return duration === undefined ? undefined : text.startsWith('-') ? -duration : duration;
    });
    return { do: ({ controls }) => controls.clock({ by }), undo: ({ controls }) => controls.clock({ by: -by }) };
  }
  const day = words.read('a day', 'such as 2026-12-01', parseDay);
  const time = words.read('a time of day', 'such as 18:00', parseTimeOfDay);
  return { do: ({ controls }) => controls.clock({ to: day + time }) };
}

function faulty(words: Words): ScenarioAction {
  if (words.takes('off')) {
    const which = words.oneOf([...FAULT_NAMES, 'all']) as FaultName | 'all';
    return { do: ({ faults }) => faults.remove(which), faultsOnly: true };
  }
  const word = words.take('a fault');
  let parsed: Fault;
  try {
    parsed = parseFault(word.text);
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    throw new WordError(error.message, word.at, error.hint ?? '');
  }
  const active = new WeakMap<Faults, Fault>();
  const remove = (faults: Faults) => {
    const fault = active.get(faults);
    if (fault !== undefined) faults.remove(fault);
  };
  return {
    faultsOnly: true,
    do: ({ faults }) => {
      remove(faults);
      // A new fault each time, so that one that strikes once does so each time the step happens.
      active.set(faults, faults.add({ ...parsed }));
    },
    undo: ({ faults }) => remove(faults),
  };
}

/** All verbs with form, meaning and example, as a table in Markdown. */
export function verbTable(): string {
  const rows = Object.entries(VERBS).map(([name, { form, what, example }]) => {
    return `| \`${name} ${form.replaceAll('|', '\\|')}\` | ${what} | \`${example}\` |`;
  });
  return ['| verb | what happens | example |', '|---|---|---|', ...rows].join('\n');
}
