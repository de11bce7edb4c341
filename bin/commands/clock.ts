import type { Command } from 'commander';
import { CosemDateTime, systemClock } from '../../src/index.js';
import { DEVIATION_UNSPECIFIED } from '../../src/protocol.js';
import { readClock, syncClock } from '../../src/tools.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { addChangeOptions, confirm, doneIn, mustBeAskable } from '../confirm.js';
import { type MeterOnLine, withMeter } from '../connect.js';
import type { Io } from '../io.js';
import { languageOf } from '../language.js';
import { CLOCK_WORDS } from '../read-words.js';
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
  const words = CLOCK_WORDS[languageOf(run.io)];
  const before = await readClock(meter);
  let last = before;
  let done = false;
  if (action === 'sync') {
    done = await confirm(run, words.ask(words.off(before.text, before.ahead)));
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
  if (action === 'sync' && done) output.text(words.done(words.off(before.text, before.ahead)));
  const deviation = right.deviation === DEVIATION_UNSPECIFIED ? localDeviation() : right.deviation;
  // Of the same moment: whoever said No may have thought about it for long.
  const here = CosemDateTime.fromDate(new Date(last.at), deviation).with({ hundredths: 0xff });
  output.table(
    [{ title: '' }, { title: '' }],
    [
      [words.meter, output.style('bold', shown(time))],
      [words.here, shown(here)],
      [words.is, words.off(last.text, last.ahead)],
      ...(time.statusNames().length > 0 ? [[words.status, time.statusNames().join(', ')]] : []),
    ],
  );
}

/** A time of a meter with its day first; one with unknown parts as it is. */
function shown(time: CosemDateTime): string {
  return time.toText().replace(/^(\d{4})-(\d\d)-(\d\d)/, '$3-$2-$1');
}

/** The deviation of this machine in minutes; JavaScript counts as COSEM does: UTC minus local time. */
function localDeviation(): number {
  return new Date(systemClock.now()).getTimezoneOffset();
}
