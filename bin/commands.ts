/** All commands in the order of the help, and where each is found. None is loaded before it is called. */

import type { Command } from 'commander';
import { ANNOUNCED, type CommandName } from './announced.js';
import type { Io } from './io.js';
import { type Commands, loadCommands } from './packages.js';

/** Where each command is found: in a file of its own, or in a package. */
const FOUND: Readonly<Record<CommandName, (() => Promise<Commands>) | string>> = {
  read: async () => (await import('./commands/read.js')).defineRead,
  watch: async () => (await import('./commands/watch.js')).defineWatch,
  profile: async () => (await import('./commands/profile.js')).defineProfile,
  relay: async () => (await import('./commands/relay.js')).defineRelay,
  clock: async () => (await import('./commands/clock.js')).defineClock,
  objects: async () => (await import('./commands/objects.js')).defineObjects,
  get: async () => (await import('./commands/get.js')).defineGet,
  set: async () => (await import('./commands/set.js')).defineSet,
  call: async () => (await import('./commands/call.js')).defineCall,
  firmware: async () => (await import('./commands/firmware.js')).defineFirmware,
  keys: async () => (await import('./commands/keys.js')).defineKeys,
  decode: async () => (await import('./commands/decode.js')).defineDecode,
  listen: async () => (await import('./commands/listen.js')).defineListen,
  monitor: async () => (await import('./commands/monitor.js')).defineMonitor,
  readout: async () => (await import('./commands/readout.js')).defineReadout,
  discover: async () => (await import('./commands/discover.js')).defineDiscover,
  doctor: async () => (await import('./commands/doctor.js')).defineDoctor,
  support: async () => (await import('./commands/support.js')).defineSupport,
  ports: async () => (await import('./commands/ports.js')).definePorts,
  quirks: async () => (await import('./commands/quirks.js')).defineQuirks,
  verify: 'cosem-commissioning',
  dump: async () => (await import('./commands/dump.js')).defineDump,
  commission: 'cosem-commissioning',
  day: 'cosem-commissioning',
  reconnect: 'cosem-commissioning',
  'payment-mode': 'cosem-commissioning',
  'compare-meters': 'cosem-commissioning',
  survey: 'cosem-commissioning',
  index: 'cosem-commissioning',
  sync: 'cosem-commissioning',
  pki: 'cosem-pki',
  simulate: async () => (await import('./commands/simulate.js')).defineSimulate,
  demo: async () => (await import('./commands/demo.js')).defineDemo,
};

const NAMES = Object.keys(ANNOUNCED) as CommandName[];

/**
 * Adds the commands to the program: the called one completely, the others by their lines in the help.
 * @param argv left out to add all commands completely, to look at their help.
 * @throws UsageError when the package of the called command is not installed.
 */
export async function addCommands(program: Command, io: Io, argv?: readonly string[]): Promise<void> {
  const called = argv && calledBy(argv);
  for (const name of NAMES) {
    if (called !== undefined ? name !== called : argv !== undefined || has(program, name)) continue;
    const found = FOUND[name];
    const add = typeof found === 'string' ? await loadCommands(found, `cosem ${name}`) : await found();
    add(program, io);
  }
  for (const name of NAMES) if (!has(program, name)) announce(program, name);
}

/** The word of a command line that may be a command; in `help NAME` that is NAME. */
function calledBy(argv: readonly string[]): string | undefined {
  const [first, second] = argv.filter((word) => !word.startsWith('-'));
  return first === 'help' ? second : first;
}

function announce(program: Command, name: CommandName): void {
  const line = ANNOUNCED[name];
  const added = program.command(line.usage).summary(line.summary);
  // So the help shows that the command has options.
  if (!('options' in line)) added.option('--json');
}

function has(program: Command, name: CommandName): boolean {
  return program.commands.some((one) => one.name() === name);
}
