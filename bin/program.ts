import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { Ended } from './command.js';
import { defineCall } from './commands/call.js';
import { defineClock } from './commands/clock.js';
import { defineDecode } from './commands/decode.js';
import { defineDemo } from './commands/demo.js';
import { defineDiscover } from './commands/discover.js';
import { defineDoctor } from './commands/doctor.js';
import { defineDump } from './commands/dump.js';
import { defineFirmware } from './commands/firmware.js';
import { defineGet } from './commands/get.js';
import { defineKeys } from './commands/keys.js';
import { defineListen } from './commands/listen.js';
import { defineMonitor } from './commands/monitor.js';
import { defineObjects } from './commands/objects.js';
import { definePorts } from './commands/ports.js';
import { defineProfile } from './commands/profile.js';
import { defineQuirks } from './commands/quirks.js';
import { defineRead } from './commands/read.js';
import { defineReadout } from './commands/readout.js';
import { defineRelay } from './commands/relay.js';
import { defineSet } from './commands/set.js';
import { defineSimulate } from './commands/simulate.js';
import { defineWatch } from './commands/watch.js';
import { EXIT, type Failure, failureOf } from './failure.js';
import type { Io } from './io.js';
import { Output } from './output.js';
import { announce, type Commands, commandsFor } from './packages.js';

/** In the order of the help; those of packages by their names. */
const COMMANDS: readonly (((program: Command, io: Io) => void) | string)[] = [
  defineRead,
  defineWatch,
  defineProfile,
  defineRelay,
  defineClock,
  defineObjects,
  defineGet,
  defineSet,
  defineCall,
  defineFirmware,
  defineKeys,
  defineDecode,
  defineListen,
  defineMonitor,
  defineReadout,
  defineDiscover,
  defineDoctor,
  definePorts,
  defineQuirks,
  'verify',
  defineDump,
  'commission',
  'index',
  'sync',
  defineSimulate,
  defineDemo,
];

/** Runs one command line (without `node cosem`) and gives the exit code. Never throws. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    const root = program(io, await commandsFor(argv));
    await root.parseAsync(unknownHelp(argv, root) ?? argv, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof Ended) return error.exit;
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    // The help was asked for by saying nothing, and is shown already.
    if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage;
    if (io.env.COSEM_DEBUG && error instanceof Error) new Output(io, false).note(...stackOf(error));
    return tell(error instanceof CommanderError ? usageFailure(error) : failureOf(error), argv, io);
  }
}

/**
 * @internal All commands, for who looks at their help.
 * @param added those of a package that was loaded, in place of their lines in the help.
 */
export function program(io: Io, added?: Commands): Command {
  const root = new Command('cosem')
    .description('Reads DLMS/COSEM (IEC 62056) electricity meters, and is one when asked.')
    .version(version(), '-V, --version')
    .exitOverride()
    // Options behind a command are its own, also where it has commands of its own.
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => new Output(io, false).file(text),
      writeErr: (text) => new Output(io, false).note(...text.trimEnd().split('\n')),
      // What is wrong is told by `tell`, in one form for all failures.
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
  added?.(root, io);
  for (const command of COMMANDS) {
    if (typeof command !== 'string') command(root, io);
    else if (root.commands.every((one) => one.name() !== command)) announce(root, command);
  }
  return root;
}

/** `help nosuch` as `nosuch`, which says that there is no such command; undefined for anything else. */
function unknownHelp([help, name = '-', ...rest]: readonly string[], root: Command): string[] | undefined {
  const known = name.startsWith('-') || name === 'help' || root.commands.some((command) => command.name() === name);
  return help === 'help' && !known ? [name, ...rest] : undefined;
}

function version(): string {
  // From dist/bin and from bin alike: the nearest package.json above is ours.
  for (const up of ['../package.json', '../../package.json']) {
    try {
      const manifest = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8'));
      if (manifest.name === 'cosem') return manifest.version;
    } catch {
      // Not there: one step up.
    }
  }
  return 'unknown';
}

function usageFailure(error: CommanderError): Failure {
  // The suggestion (Did you mean …?) comes on a line of its own.
  const message = error.message.replace(/^error: /, '').replace(/\n\(Did/, ' (did');
  return { code: 'usage', message, hint: 'cosem COMMAND --help shows what there is', exit: EXIT.usage };
}

/** The message in one line, and where it came from. */
function stackOf({ name, message, stack = '' }: Error): string[] {
  return [`${name}: ${message}`, ...stack.split('\n').filter((line) => /^ +at /.test(line))];
}

/** One sentence and what to try, on stderr; with --json also the one document on stdout. */
function tell({ code, message, hint, exit }: Failure, argv: readonly string[], io: Io): number {
  const output = new Output(io, argv.includes('--json'));
  output.document({ error: hint === undefined ? { code, message } : { code, message, hint }, exit });
  // Of a file with several faults each stands in its line; whoever wrote the file makes none of them.
  const [first = '', ...more] = code === 'document' ? message.split('\n') : [message];
  output.note(`cosem: ${first}`, ...more, ...(hint === undefined ? [] : [`       hint: ${hint}`]));
  return exit;
}
