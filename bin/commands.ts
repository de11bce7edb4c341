/** What commands there are, in the order of the help, and where each is found. None is loaded before it is called. */

import { Command } from 'commander';
import type { Io } from './io.js';
import { type Commands, loadCommands } from './packages.js';

/** A command as the help of `cosem` has it; the command itself says the same, and a test that it does. */
type Announced = {
  /** Name and arguments. */
  readonly usage: string;
  readonly summary: string;
  /** False of one that has commands of its own alone. */
  readonly options?: false;
} & ({ readonly load: () => Promise<Commands> } | { readonly package: string });

const COMMANDS: readonly Announced[] = [
  {
    usage: 'read [topic]',
    summary: 'read what people ask for: energy, balance, relay, clock, name plate',
    load: async () => (await import('./commands/read.js')).defineRead,
  },
  {
    usage: 'watch',
    summary: "the consumer's view: usage and balance, live",
    load: async () => (await import('./commands/watch.js')).defineWatch,
  },
  {
    usage: 'profile <obis>',
    summary: 'read rows of a profile: load profile, daily values, billing, event log',
    load: async () => (await import('./commands/profile.js')).defineProfile,
  },
  {
    usage: 'relay [action]',
    summary: 'show, disconnect or reconnect the supply',
    load: async () => (await import('./commands/relay.js')).defineRelay,
  },
  {
    usage: 'clock [action]',
    summary: "show the meter's clock, or set it to this machine's time",
    load: async () => (await import('./commands/clock.js')).defineClock,
  },
  {
    usage: 'objects',
    summary: 'list the objects of the meter and what this client may do with them',
    load: async () => (await import('./commands/objects.js')).defineObjects,
  },
  {
    usage: 'get <target>',
    summary: 'read one attribute, CLASS:OBIS:ATTRIBUTE',
    load: async () => (await import('./commands/get.js')).defineGet,
  },
  {
    usage: 'set <target> <value>',
    summary: 'write one attribute, CLASS:OBIS:ATTRIBUTE',
    load: async () => (await import('./commands/set.js')).defineSet,
  },
  {
    usage: 'call <target> [value]',
    summary: 'call one method, CLASS:OBIS:METHOD',
    load: async () => (await import('./commands/call.js')).defineCall,
  },
  {
    usage: 'firmware <file>',
    summary: 'bring new firmware into a meter: transfer, verify, compare, activate',
    load: async () => (await import('./commands/firmware.js')).defineFirmware,
  },
  {
    usage: 'keys [action] [n]',
    summary: 'show invocation counters, change keys and secrets',
    load: async () => (await import('./commands/keys.js')).defineKeys,
  },
  {
    usage: 'decode [hex|file...]',
    summary: 'take octets apart: frames, APDUs, values, whichever it recognises',
    load: async () => (await import('./commands/decode.js')).defineDecode,
  },
  {
    usage: 'listen',
    summary: 'receive what meters push, on a customer port or over a network, and show it',
    load: async () => (await import('./commands/listen.js')).defineListen,
  },
  {
    usage: 'monitor [file]',
    summary: 'listen to the conversation between another master and a meter, and show it decoded',
    load: async () => (await import('./commands/monitor.js')).defineMonitor,
  },
  {
    usage: 'readout',
    summary: 'read an older meter without HDLC: the data readout of IEC 62056-21',
    load: async () => (await import('./commands/readout.js')).defineReadout,
  },
  {
    usage: 'discover',
    summary: 'find the meter: which port, which speed, which framing, which address',
    load: async () => (await import('./commands/discover.js')).defineDiscover,
  },
  {
    usage: 'doctor',
    summary: 'say in words where the way to a reading ends, and what to do',
    load: async () => (await import('./commands/doctor.js')).defineDoctor,
  },
  {
    usage: 'ports',
    summary: 'list the serial ports of this machine',
    load: async () => (await import('./commands/ports.js')).definePorts,
  },
  {
    usage: 'quirks [file]',
    summary: 'list what meters are known to do otherwise than the standard, or check a file of it',
    load: async () => (await import('./commands/quirks.js')).defineQuirks,
  },
  {
    usage: 'verify <file>',
    summary: 'check a certificate or a record of commissioning: valid, altered, or signed by somebody unknown',
    package: 'cosem-commissioning',
  },
  {
    usage: 'dump',
    summary: 'record a meter into a file that cosem simulate --template can be',
    load: async () => (await import('./commands/dump.js')).defineDump,
  },
  {
    usage: 'commission [order]',
    summary: 'install a smart meter by a work order: free of charge for the consumer',
    package: 'cosem-commissioning',
  },
  {
    usage: 'index',
    options: false,
    summary: 'the consumer index: which meter serves which consumer',
    package: 'cosem-commissioning',
  },
  {
    usage: 'sync',
    summary: 'send finished records of commissioned meters to the utility',
    package: 'cosem-commissioning',
  },
  {
    usage: 'simulate [command...]',
    summary: 'be a meter: a virtual smart meter of IS 15959, single phase, three phase or behind CTs',
    load: async () => (await import('./commands/simulate.js')).defineSimulate,
  },
  {
    usage: 'demo',
    summary: 'read a virtual meter over a serial line, to see how it works',
    load: async () => (await import('./commands/demo.js')).defineDemo,
  },
];

/**
 * Adds the commands to the program: the one that a command line calls, the others by their lines in the help.
 * @param argv left out: all of them, as nobody calls them, who wants to look at their help.
 * @throws UsageError when the package of the command that is called is not installed.
 */
export async function addCommands(program: Command, io: Io, argv?: readonly string[]): Promise<void> {
  const called = argv && calledBy(argv);
  for (const command of COMMANDS) {
    if (called !== undefined ? nameOf(command) !== called : argv !== undefined || has(program, command)) continue;
    const add =
      'load' in command ? await command.load() : await loadCommands(command.package, `cosem ${nameOf(command)}`);
    add(program, io);
  }
  for (const command of COMMANDS) if (!has(program, command)) announce(program, command);
}

/** The word of a command line that may be a command: `help NAME` is about one. */
function calledBy(argv: readonly string[]): string | undefined {
  const [first, second] = argv.filter((word) => !word.startsWith('-'));
  return first === 'help' ? second : first;
}

function announce(program: Command, command: Announced): void {
  const added = new Command(nameOf(command)).summary(command.summary);
  // The help says that there are some.
  if (command.options !== false) added.option('--json');
  for (const argument of command.usage.split(' ').slice(1)) added.argument(argument);
  program.addCommand(added);
}

function nameOf({ usage }: Announced): string {
  return usage.replace(/ .*/, '');
}

function has(program: Command, command: Announced): boolean {
  return program.commands.some((one) => one.name() === nameOf(command));
}
