import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { StateError } from '../../src/index.js';
import { jsonText } from '../../src/inspect.js';
import { durableReplace, systemErrorText } from '../../src/node.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { refuseToReplace } from '../config.js';
import { UsageError } from '../failure.js';
import { Interrupted, type Io } from '../io.js';
import { languageOf } from '../language.js';
import { safeLine } from '../output.js';
import { localTime } from '../run-log.js';
import { addSettings } from '../settings.js';
import { supportFacts } from '../support/facts.js';
import { SUPPORT_WORDS, UNASKED } from '../support/words.js';

/** `cosem support` */
export function defineSupport(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.support,
      description:
        'It collects what a helper asks for first: versions, system, serial ports, settings, the end of the log with the causes of failures, the ' +
        'course of the work orders. Keys, passwords, one-time codes and everything about consumers are left out. It shows the content and asks ' +
        'before it writes the file. Traces are named, not copied: send them apart, when they are asked for.',
      examples: [
        'cosem support',
        'cosem support --folder ~/lucknow --log cosem.log --output support.json',
        'cosem support --config meter.json --connection reader --yes',
      ],
    },
    support,
  );
  command
    .option('--folder <folder>', 'the commissioning folder (COSEM_FOLDER, or this one)')
    .option('--trace-file <file...>', 'traces to name in it')
    .option('--output <file>', 'the file; else a name with day and time, in this folder')
    .option('--force', 'replace a file that is there')
    .option('-y, --yes', 'do not ask first');
  addSettings(command);
}

async function support(run: Run): Promise<void> {
  const { output, options, io } = run;
  const language = languageOf(io);
  const words = SUPPORT_WORDS[language];
  const file = fileOf(run);
  const facts = await supportFacts(run);
  const text = jsonText(facts, 2);
  output.line(...text.split('\n'), '');
  for (const sentence of [words.shown, words.without]) output.sentence('', sentence);
  const written = options.yes === true || (await agreed(run, words));
  if (written) write(file, `${text}\n`);
  output.document({ command: 'support', file: written ? file : null, content: facts });
  output.sentence('', written ? words.written(file) : words.notWritten);

  async function agreed(asked: Run, { question, again }: typeof words): Promise<boolean> {
    const { stdin, stderr, signal } = asked.io;
    if (stdin.isTTY !== true || stderr.isTTY !== true) {
      throw new UsageError(UNASKED.why, UNASKED.hint);
    }
    const reader = createInterface({ input: stdin, output: stderr });
    try {
      for (let line = question(file); ; line = again) {
        const answer = (await reader.question(`${safeLine(line)} [y/n] `, { signal })).trim();
        if (/^(y(es)?|हाँ|हां)$/i.test(answer)) return true;
        if (/^(n(o)?|नहीं)$/i.test(answer)) return false;
      }
    } catch {
      throw new Interrupted();
    } finally {
      reader.close();
    }
  }
}

/** @throws UsageError when it is there already. */
function fileOf({ options }: Run): string {
  if (typeof options.output !== 'string') {
    return `cosem-support-${localTime(new Date()).slice(0, 19).replace('T', '-').replaceAll(':', '')}.json`;
  }
  if (existsSync(options.output) && options.force !== true) refuseToReplace(options.output);
  return options.output;
}

function write(file: string, text: string): void {
  try {
    durableReplace(file, text);
  } catch (error) {
    throw new StateError(`${file} cannot be written: ${systemErrorText(error)}`, {
      hint: 'say --output FILE with a place that you may write, and free some space if the disk is full',
    });
  }
}
