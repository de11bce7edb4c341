import { stripVTControlCharacters } from 'node:util';
import type { Command } from 'commander';
import { companionWords } from '../../src/classes.js';
import { errorCodes, STAGES, visibleText, wordCause, wordProgress } from '../../src/inspect.js';
import { listPorts } from '../../src/node.js';
import { type DiagnoseOptions, type Diagnosis, diagnose } from '../../src/tools.js';
import { ANNOUNCED } from '../announced.js';
import { define, Ended, type Run } from '../command.js';
import { lineTo, openOptions } from '../connect.js';
import { failureOf, UsageError } from '../failure.js';
import { wrapWords } from '../format.js';
import type { Io } from '../io.js';
import { languageOf } from '../language.js';
import { addConnectionOptions, connectionSettings } from '../settings.js';
import { Tracer } from '../trace.js';
import { UDEV_RULES } from '../troubleshooting.js';
import { lineKnown } from '../why.js';

/** `cosem doctor` */
export function defineDoctor(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.doctor,
      description:
        'Give it the options that do not work. It opens the port, connects, associates and reads one value; where it stops, it looks for what ' +
        'would work. Nothing is written to the meter. All its sentences stand in docs/troubleshooting.md.',
      examples: [
        'cosem doctor --serial /dev/ttyUSB0',
        'cosem doctor --config meter.json --connection reader',
        'cosem doctor --udev-rules | sudo tee /etc/udev/rules.d/70-cosem.rules',
      ],
    },
    doctor,
  );
  command.option('--udev-rules', 'print a rule file for Linux that lets you use the usual adapters');
  addConnectionOptions(command);
}

const MARKS = { en: { ok: 'ok', no: 'no' }, hi: { ok: '✔ ', no: '✖ ' } } as const;
const TRY = { en: 'Try, the likely first:', hi: 'ये उपाय करें, सबसे संभावित पहले:' } as const;

async function doctor(run: Run): Promise<void> {
  const { output, options } = run;
  if (options.udevRules === true) {
    output.file(UDEV_RULES);
    return;
  }
  if (options.traceFile !== undefined || options.deciphered === true) {
    throw new UsageError(
      '--trace-file is for one conversation, and doctor tries many',
      'record the command that does not work: cosem read nameplate --trace-file FILE.pcapng',
    );
  }
  const language = languageOf(run.io);
  const passed: string[] = [];
  const onPassed: Reported['onPassed'] = (id, facts) => {
    const name = typeof facts?.name === 'string' ? companionWords(facts.name, language) : undefined;
    const words = wordProgress(id, { ...facts, ...(name && { name }) }, language);
    passed.push(words);
    say(run, output.style('green', MARKS[language].ok), words);
  };
  const onTrying: Reported['onTrying'] = (what, facts) =>
    output.progress(typeof what === 'string' ? wordProgress(what, facts, language) : what.probe);
  const diagnosis = (await withoutPort(run)) ?? (await examined(run, { onPassed, onTrying }));
  output.endProgress();
  if (diagnosis === undefined) {
    output.document({ command: 'doctor', passed, mistake: null });
    output.line(wordProgress('all', {}, language));
    return;
  }
  const { id, facts, cause } = diagnosis;
  const { stage, sentence, try: tries, exit } = wordCause(id, facts, language);
  const error = cause === undefined ? null : failureOf(cause).message;
  const behind = language === 'en' ? error : errorCodes(cause);
  output.document({ command: 'doctor', passed, mistake: id, stage, sentence, try: tries, error });
  say(run, output.style('red', MARKS[language].no), sentence, (line) => output.style('bold', line));
  output.line();
  output.line(TRY[language]);
  for (const step of tries) say(run, '  -', step, undefined, 1);
  if (error !== null) {
    output.line();
    say(run, '', `${STAGES[stage][language]}: ${behind}`, (line) => output.style('dim', line), 0);
  }
  throw new Ended(exit);
}

/** Without a line in the options, checks whether there is any port at all. */
async function withoutPort({ options, io }: Run): Promise<Diagnosis | undefined> {
  const named = ['serial', 'tcp', 'udp', 'config'].some(
    (name) => options[name] !== undefined || io.env[`COSEM_${name.toUpperCase()}`],
  );
  if (named) return undefined;
  const { ports } = await listPorts();
  if (ports.length === 0) return { id: 'no-port', facts: {} };
  throw new UsageError(
    'which line shall be examined?',
    `add --serial with one of ${ports.map(({ path }) => path).join(', ')}, or --tcp HOST:PORT; cosem discover tries them all`,
  );
}

/** Writes a mark and its text; on a terminal in lines that fit, with the words aligned. */
function say(
  { output }: Run,
  mark: string,
  words: string,
  style: (line: string) => string = (line) => line,
  gap = 3,
): void {
  const indent = stripVTControlCharacters(mark).length + gap;
  const lines = wrapWords(visibleText(words), Math.max(output.width - indent, LEAST_WIDTH)).split('\n');
  lines.forEach((line, i) => {
    output.line((i === 0 ? mark + ' '.repeat(gap) : ' '.repeat(indent)) + style(line));
  });
}

const LEAST_WIDTH = 20;

type Reported = Required<Pick<DiagnoseOptions, 'onPassed' | 'onTrying'>>;

async function examined(run: Run, reported: Reported): Promise<Diagnosis | undefined> {
  const settings = connectionSettings(run.options, run.io);
  const tracer = run.options.trace === true ? new Tracer(settings, run.output) : undefined;
  const examination = diagnose(() => lineTo(settings, run.io), openOptions(settings, run, tracer), {
    ...reported,
    ...lineKnown(settings),
  });
  return await examination.finally(() => tracer?.end());
}
