import type { Command } from 'commander';
import { CosemDateTime, systemClock } from '../../src/index.js';
import { DEVIATION_UNSPECIFIED } from '../../src/protocol.js';
import { readClock, syncClock } from '../../src/tools.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { addChangeOptions, confirm, doneIn, mustBeAskable } from '../confirm.js';
import { type MeterOnLine, withMeter } from '../connect.js';
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

async function clock(run: Run, { meter }: MeterOnLine, action: string): Promise<void> {
  const { output } = run;
  const before = await readClock(meter);
  let last = before;
  let done = false;
  if (action === 'sync') {
    done = await confirm(run, `Set the meter's clock, which is ${before.text}, to this machine's time`);
    if (done) last = (await syncClock(meter, { before })).after;
  }
  const { time } = last;
  const right = meter.understood(time);
  output.document({
    command: 'clock',
    action,
    ...(action === 'show' ? { done: true } : doneIn(run, done)),
    time: time.toText(),
    status: time.statusNames(),
    instant: right.toDate(localDeviation())?.toISOString() ?? null,
    aheadSeconds: last.ahead ?? null,
    ...(action === 'sync' ? { before: before.time.toText(), beforeAheadSeconds: before.ahead ?? null } : {}),
  });
  if (action === 'sync' && done) output.line(`The clock was ${before.text}; it was set to this machine's time.`);
  const deviation = right.deviation === DEVIATION_UNSPECIFIED ? localDeviation() : right.deviation;
  // Of the same moment: whoever said No may have thought about it for long.
  const here = CosemDateTime.fromDate(new Date(last.at), deviation).with({ hundredths: 0xff });
  output.table(
    [{ title: '' }, { title: '' }],
    [
      ['Meter', output.style('bold', time.toText())],
      ['This machine', here.toText()],
      ['The meter is', last.text],
      ...(time.statusNames().length > 0 ? [['Status', time.statusNames().join(', ')]] : []),
    ],
  );
}

/** The deviation of this machine in minutes; JavaScript counts as COSEM does: UTC minus local time. */
function localDeviation(): number {
  return new Date(systemClock.now()).getTimezoneOffset();
}
