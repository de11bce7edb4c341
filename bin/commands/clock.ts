import type { Command } from 'commander';
import type { AttributeRef } from '../../src/classes.js';
import { AccessError, CosemDateTime, type Meter, setClock, systemClock } from '../../src/index.js';
import { DEVIATION_UNSPECIFIED } from '../../src/protocol.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { addChangeOptions, confirm, doneIn, mustBeAskable } from '../confirm.js';
import { type Connected, withMeter } from '../connect.js';
import type { Io } from '../io.js';
import { addConnectionOptions } from '../settings.js';
import { wordArgument } from '../suggest.js';

/** `cosem clock` */
export function defineClock(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.clock,
      examples: [
        'cosem clock show --config meter.json --connection public',
        'cosem clock sync --config meter.json --connection utility',
      ],
    },
    (run, [action = 'show']) => {
      if (action === 'sync') mustBeAskable(run);
      return withMeter(run, (connected) => clock(run, connected, action));
    },
  );
  wordArgument(command, 'action', 'what to do', ['show', 'sync'], 'show');
  addConnectionOptions(addChangeOptions(command));
}

async function clock(run: Run, { meter }: Connected, action: string): Promise<void> {
  const { output } = run;
  const { time } = meter.clock();
  const first = await read(meter, time);
  const { value: before } = first;
  const off = behind(meter, first);
  let last = first;
  let done = false;
  if (action === 'sync') {
    done = await confirm(run, `Set the meter's clock, which is ${aheadText(off)}, to this machine's time`);
    if (done) {
      await setClock(meter, timeToSet(meter, first));
      last = await read(meter, time);
      const left = behind(meter, last);
      if (!isSet(off, left, last.transit / 1000)) throw notSet(last.value, off, left);
    }
  }
  const { value: shown } = last;
  const right = meter.understood(shown);
  const seconds = behind(meter, last);
  output.document({
    command: 'clock',
    action,
    ...(action === 'show' ? { done: true } : doneIn(run, done)),
    time: shown.toText(),
    status: shown.statusNames(),
    instant: right.toDate(localDeviation())?.toISOString() ?? null,
    aheadSeconds: seconds ?? null,
    ...(action === 'sync' ? { before: before.toText(), beforeAheadSeconds: off ?? null } : {}),
  });
  if (action === 'sync' && done) {
    output.line(`The clock was ${aheadText(off)}; it was set to this machine's time.`);
  }
  output.table(
    [{ title: '' }, { title: '' }],
    [
      ['Meter', output.style('bold', shown.toText())],
      [
        'This machine',
        CosemDateTime.fromDate(new Date(systemClock.now()), deviationOf(right)).with({ hundredths: 0xff }).toText(),
      ],
      ['The meter is', aheadText(seconds)],
      ...(shown.statusNames().length > 0 ? [['Status', shown.statusNames().join(', ')]] : []),
    ],
  );
}

/** How many seconds a clock may be wrong after it was set: some meters apply whole minutes late, none hours. */
const LEEWAY = 15;
/** How many seconds a clock may be wrong if setting it brought it no closer. */
const UNMOVED_LEEWAY = 2;

/** Whether a clock was evidently set. All times in seconds; one of them may come from rounding. */
function isSet(before: number | undefined, left: number | undefined, transit: number): boolean {
  if (left === undefined) return false;
  const rest = Math.abs(left) - transit;
  const moved = before === undefined || Math.abs(left) < Math.abs(before) - 1;
  return rest <= (moved ? LEEWAY : UNMOVED_LEEWAY);
}

/** The error for a meter that accepted the time although its clock does not show it. */
function notSet(shown: CosemDateTime, before: number | undefined, after: number | undefined): AccessError {
  return new AccessError(
    'not-done',
    '8:0.0.1.0.0.255:2',
    `the meter took the time, but its clock shows ${shown.toText()}: it is ${aheadText(after)} (before: ${aheadText(before)})`,
    {
      hint: 'does it keep a deviation of its own (cosem get 8:0.0.1.0.0.255:3)? is it set by somebody else, such as the network?',
    },
  );
}

/** What the clock showed, and the moment of this machine's clock for which it showed it: half way between request and answer. */
interface ClockReading {
  readonly value: CosemDateTime;
  readonly at: number;
  /** Milliseconds that a message takes one way, about. */
  readonly transit: number;
}

async function read(meter: Meter, time: AttributeRef<CosemDateTime>): Promise<ClockReading> {
  const asked = systemClock.now();
  const value = await meter.get(time);
  const transit = (systemClock.now() - asked) / 2;
  return { value, at: asked + transit, transit };
}

/** The time to set: what this machine's clock will show when the request reaches the meter, in the meter's form, to the nearest second. */
function timeToSet(meter: Meter, { value, transit }: ClockReading): CosemDateTime {
  const heard = Math.round((systemClock.now() + transit) / 1000) * 1000;
  return meter.timeLike(new Date(heard), value, localDeviation()).with({ hundredths: 0 });
}

/** The deviation in minutes, UTC = local + deviation: the meter's, or this machine's where the meter gives none. */
function deviationOf({ deviation }: CosemDateTime): number {
  return deviation === DEVIATION_UNSPECIFIED ? localDeviation() : deviation;
}

/** JavaScript counts as COSEM does: UTC minus local time. */
function localDeviation(): number {
  return new Date(systemClock.now()).getTimezoneOffset();
}

/** How many seconds the meter is ahead of this machine; undefined where its time is not valid. */
function behind(meter: Meter, { value, at }: ClockReading): number | undefined {
  const millis = meter.understood(value).toMillis(localDeviation());
  return millis === undefined ? undefined : Math.round((millis - at) / 1000);
}

function aheadText(seconds: number | undefined): string {
  if (seconds === undefined) return 'not set to a time';
  if (Math.abs(seconds) <= 1) return 'right';
  const amount = durationText(Math.abs(seconds));
  return `${amount} ${seconds > 0 ? 'ahead' : 'behind'}`;
}

/** `3 d 4 h`, `2 h 10 min`, `1 min 30 s`: the two largest units, truncated. */
export function durationText(seconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}
