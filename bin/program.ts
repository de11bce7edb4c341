import { Command, CommanderError } from 'commander';
import { ANNOUNCED } from './announced.js';
import { Ended } from './command.js';
import { addCommands } from './commands.js';
import { EXIT, type Failure, failureOf } from './failure.js';
import { lineFault } from './failure-words.js';
import type { Io } from './io.js';
import { languageIn } from './language.js';
import { LOG_WORDS, logFileIn } from './log-option.js';
import { maskedWords } from './masked-words.js';
import { Output } from './output.js';
import { RunLog } from './run-log.js';
import { tell } from './tell.js';
import { cosemVersion } from './version.js';

/** Runs one command line (without `node cosem`) and gives the exit code. Never throws. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const file = logFileIn(argv, io.env);
  if (file === undefined) return run(argv, io, undefined);
  const log = new RunLog(file, (why) => {
    const words = LOG_WORDS.notWritten[languageIn(argv, io)];
    new Output(io, false).sentence('cosem: ', words(file, why));
  });
  const { stdin, stdout, stderr, env, signal, clock, lines } = io;
  const logged = { ...{ stdin, stdout, stderr, env, signal, log }, ...(clock && { clock }), ...(lines && { lines }) };
  const exit = await run(argv, logged, log);
  log.end(exit);
  return exit;
}

async function run(argv: readonly string[], io: Io, log: RunLog | undefined): Promise<number> {
  let root: Command | undefined;
  try {
    try {
      root = await program(io, argv);
    } finally {
      log?.begin(maskedWords(argv, root, Object.keys(ANNOUNCED)));
    }
    await root.parseAsync(unknownHelp(argv, root) ?? argv, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof Ended) return error.exit;
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    // Without arguments the help was already shown.
    if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage;
    if (io.env.COSEM_DEBUG && error instanceof Error) new Output(io, false).note(...stackOf(error));
    return tell(error instanceof CommanderError ? usageFailure(error) : failureOf(error), error, argv, io);
  }
}

/**
 * @internal The program with the command that a command line calls.
 * @param argv left out: with all commands, for who looks at their help.
 */
export async function program(io: Io, argv?: readonly string[]): Promise<Command> {
  const root = new Command('cosem')
    .description('Reads DLMS/COSEM (IEC 62056) electricity meters, and is one when asked.')
    .version(cosemVersion(), '-V, --version')
    .exitOverride()
    // Options behind a command are its own, also where it has commands of its own.
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => new Output(io, false).file(text),
      writeErr: (text) => new Output(io, false).note(...text.trimEnd().split('\n')),
      // `tell` reports errors, in one form for all failures.
      outputError: () => {},
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp({ showGlobalOptions: false })
    .addHelpText(
      'after',
      `
Examples:
  $ cosem simulate --tcp 127.0.0.1:4059 --write-config meter.json
  $ cosem read all --config meter.json --connection reader

Exit codes: 0 done, 1 a fault of cosem, 2 usage, 3 could not connect,
4 the meter refused, 5 bad answer, 6 a change was sent and it is not known
whether it was made, 130 interrupted.`,
    );
  await addCommands(root, io, argv);
  return root;
}

/** `help nosuch` as `nosuch`, which says that there is no such command; undefined for anything else. */
function unknownHelp([help, name = '-', ...rest]: readonly string[], root: Command): string[] | undefined {
  const known = name.startsWith('-') || name === 'help' || root.commands.some((command) => command.name() === name);
  return help === 'help' && !known ? [name, ...rest] : undefined;
}

function usageFailure(error: CommanderError): Failure {
  // The suggestion (Did you mean …?) comes on a line of its own.
  const message = error.message.replace(/^error: /, '').replace(/\n\(Did/, ' (did');
  const words = lineFault(message, 'cosem COMMAND');
  return { code: 'usage', message, hint: words.hint?.en, exit: EXIT.usage, words };
}

/** The message in one line, and where it came from. */
function stackOf({ name, message, stack = '' }: Error): string[] {
  return [`${name}: ${message}`, ...stack.split('\n').filter((line) => /^ +at /.test(line))];
}
