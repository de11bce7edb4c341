import { type Command, Option } from 'commander';
import { LANGUAGES, type Language, STAGES, systemClock, wordCause } from '../../src/index.js';
import { listPorts } from '../../src/node.js';
import { define, Ended, type Run } from '../command.js';
import { transportOf } from '../connect.js';
import { type Diagnosis, examine } from '../doctor/examine.js';
import { UDEV_RULES } from '../doctor/troubleshooting.js';
import { failureOf, UsageError } from '../failure.js';
import type { Io } from '../io.js';
import { addConnectionOptions, connectionSettings, lineText } from '../settings.js';
import { connectionOf, flagsOf } from './discover.js';

/** `cosem doctor` */
export function defineDoctor(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      usage: 'doctor',
      summary: 'say in words where the way to a reading ends, and what to do',
      description:
        'Give it the options that do not work. It opens the port, connects, associates and reads one value; where it stops, it looks for what\n' +
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
  command.addOption(new Option('--language <code>', 'say what is wrong in en or hi').choices(LANGUAGES));
  addConnectionOptions(command);
}

const TRY = { en: 'Try, the likely first:', hi: 'ये उपाय करें, सबसे संभावित पहले:' } as const;

async function doctor(run: Run): Promise<void> {
  const { io, output, options } = run;
  if (options.udevRules === true) {
    io.stdout.write(UDEV_RULES);
    return;
  }
  if (options.traceFile !== undefined || options.deciphered === true) {
    throw new UsageError(
      '--trace-file is for one conversation, and doctor tries many',
      'record the command that does not work: cosem read nameplate --trace-file FILE.pcapng',
    );
  }
  const passed: string[] = [];
  const pass = (words: string) => {
    passed.push(words);
    output.line(`${output.style('green', 'ok')}   ${words}`);
  };
  const diagnosis = (await withoutPort(run)) ?? (await examined(run, pass));
  output.endProgress();
  if (diagnosis === undefined) {
    output.document({ command: 'doctor', passed, mistake: null });
    output.line('Everything works.');
    return;
  }
  const { id, facts, cause } = diagnosis;
  const language = (options.language as Language | undefined) ?? 'en';
  const { stage, sentence, try: tries, exit } = wordCause(id, facts, language);
  const error = cause === undefined ? null : failureOf(cause).message;
  output.document({ command: 'doctor', passed, mistake: id, stage, sentence, try: tries, error });
  output.line(`${output.style('red', 'no')}   ${output.style('bold', sentence)}`);
  output.line();
  output.line(TRY[language]);
  for (const step of tries) output.line(`  - ${step}`);
  if (error !== null) output.line(output.style('dim', `\n${STAGES[stage][language]}: ${error}`));
  throw new Ended(exit);
}

/** Without a line in the options: whether there is any port at all. */
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

function examined(run: Run, passed: (words: string) => void): Promise<Diagnosis | undefined> {
  const settings = connectionSettings(run.options, run.io);
  const { line } = settings;
  return examine(run, {
    settings,
    clock: systemClock,
    connect: () => transportOf(settings),
    optionsOf: (found) =>
      flagsOf(connectionOf({ type: line.type === 'serial' ? 'serial' : 'tcp', name: lineText(line) }, found)),
    passed,
    trying: (words) => run.output.progress(words),
  });
}
