import { Argument, type Command } from 'commander';
import { CosemDateTime, DEVIATION_UNSPECIFIED, systemClock } from '../../src/index.js';
import { define, type Run } from '../command.js';
import { confirm } from '../confirm.js';
import { type Connected, withMeter } from '../connect.js';
import type { Io } from '../io.js';
import { addConnectionOptions } from '../settings.js';

/** `cosem clock` */
export function defineClock(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      usage: 'clock',
      summary: "show the meter's clock, or set it to this machine's time",
      examples: [
        'cosem clock show --config meter.json --connection public',
        'cosem clock sync --config meter.json --connection utility',
      ],
    },
    (run, [action = 'show']) => withMeter(run, (connected) => clock(run, connected, action)),
  );
  command.addArgument(new Argument('[action]', 'what to do').choices(['show', 'sync']).default('show'));
  command.option('-y, --yes', 'do not ask first');
  addConnectionOptions(command);
}

async function clock(run: Run, { meter }: Connected, action: string): Promise<void> {
  const { output } = run;
  const { time } = meter.clock();
  const before = await meter.get(time);
  let shown = before;
  let done = false;
  if (action === 'sync') {
    const question = `Set the meter's clock, which is ${aheadText(behind(before))}, to this machine's time?`;
    done = await confirm(run, question);
    if (done) {
      await meter.set(time, now(before));
      shown = await meter.get(time);
    }
  }
  const seconds = behind(shown);
  output.document({
    command: 'clock',
    action,
    done: action === 'show' || done,
    time: shown.toText(),
    status: shown.statusNames(),
    instant: shown.toDate(localDeviation())?.toISOString() ?? null,
    aheadSeconds: seconds ?? null,
    ...(action === 'sync' ? { before: before.toText() } : {}),
  });
  output.table(
    [{ title: '' }, { title: '' }],
    [
      ['Meter', output.style('bold', shown.toText())],
      [
        'This machine',
        CosemDateTime.fromDate(new Date(systemClock.now()), deviationOf(shown)).with({ hundredths: 0xff }).toText(),
      ],
      ['The meter is', aheadText(seconds)],
      ...(shown.statusNames().length > 0 ? [['Status', shown.statusNames().join(', ')]] : []),
    ],
  );
}

/** This machine's time, in the meter's deviation. */
function now(meters: CosemDateTime): CosemDateTime {
  return CosemDateTime.fromDate(new Date(systemClock.now()), deviationOf(meters)).with({ hundredths: 0 });
}

/** Minutes, UTC = local + deviation: the meter's, or this machine's where the meter tells none. */
function deviationOf({ deviation }: CosemDateTime): number {
  return deviation === DEVIATION_UNSPECIFIED ? localDeviation() : deviation;
}

/** JavaScript counts as COSEM does: UTC minus local time. */
function localDeviation(): number {
  return new Date(systemClock.now()).getTimezoneOffset();
}

/** Seconds that the meter is ahead of this machine; undefined where its time is not a time. */
function behind(meters: CosemDateTime): number | undefined {
  const millis = meters.toMillis(localDeviation());
  return millis === undefined ? undefined : Math.round((millis - systemClock.now()) / 1000);
}

function aheadText(seconds: number | undefined): string {
  if (seconds === undefined) return 'not set to a time';
  if (Math.abs(seconds) <= 1) return 'right';
  const distance = Math.abs(seconds);
  const amount =
    distance < 120
      ? `${distance} s`
      : distance < 7200
        ? `${Math.round(distance / 60)} min`
        : `${Math.round(distance / 3600)} h`;
  return `${amount} ${seconds > 0 ? 'ahead' : 'behind'}`;
}
