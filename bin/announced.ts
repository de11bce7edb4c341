/**
 * Name, arguments and summary of each command, in the order of the help. The help of `cosem` and the commands themselves use this table.
 */

/** A command in a line. */
export interface Announced {
  /** Name and arguments as commander writes them: `profile <obis>`. */
  readonly usage: string;
  /** What it does, for the list of commands. */
  readonly summary: string;
}

/** `options` is false for a command that only has subcommands. */
type Line = Announced & { readonly options?: false };

const LINES = {
  read: {
    usage: 'read [topic]',
    summary: 'read what people ask for: energy, balance, relay, clock, name plate',
  },
  watch: {
    usage: 'watch',
    summary: "the consumer's view: usage and balance, live",
  },
  profile: {
    usage: 'profile <obis>',
    summary: 'read rows of a profile: load profile, daily values, billing, event log',
  },
  relay: {
    usage: 'relay [action]',
    summary: 'show, disconnect or reconnect the supply',
  },
  clock: {
    usage: 'clock [action]',
    summary: "show the meter's clock, or set it to this machine's time",
  },
  objects: {
    usage: 'objects',
    summary: 'list the objects of the meter and what this client may do with them',
  },
  get: {
    usage: 'get <target>',
    summary: 'read one attribute, CLASS:OBIS:ATTRIBUTE',
  },
  set: {
    usage: 'set <target> <value>',
    summary: 'write one attribute, CLASS:OBIS:ATTRIBUTE',
  },
  call: {
    usage: 'call <target> [value]',
    summary: 'call one method, CLASS:OBIS:METHOD',
  },
  firmware: {
    usage: 'firmware <file>',
    summary: 'bring new firmware into a meter: transfer, verify, compare, activate',
  },
  keys: {
    usage: 'keys [action] [n]',
    summary: 'show invocation counters, change keys and secrets',
  },
  decode: {
    usage: 'decode [hex|file...]',
    summary: 'take octets apart: frames, APDUs, values, whichever it recognises',
  },
  listen: {
    usage: 'listen',
    summary: 'receive what meters push, on a customer port or over a network, and show it',
  },
  monitor: {
    usage: 'monitor [file]',
    summary: 'listen to the conversation between another master and a meter, and show it decoded',
  },
  readout: {
    usage: 'readout',
    summary: 'read an older meter without HDLC: the data readout of IEC 62056-21',
  },
  discover: {
    usage: 'discover',
    summary: 'find the meter: which port, which speed, which framing, which address',
  },
  doctor: {
    usage: 'doctor',
    summary: 'say in words where the way to a reading ends, and what to do',
  },
  support: {
    usage: 'support',
    summary: 'collect what a helper needs in one file, without secrets and personal data',
  },
  ports: {
    usage: 'ports',
    summary: 'list the serial ports of this machine',
  },
  quirks: {
    usage: 'quirks [file]',
    summary: 'list what meters are known to do otherwise than the standard, or check a file of it',
  },
  verify: {
    usage: 'verify <file>',
    summary: 'check a certificate or a record of commissioning: valid, altered, or signed by somebody unknown',
  },
  dump: {
    usage: 'dump',
    summary: 'record a meter into a file that cosem simulate --template can be',
  },
  commission: {
    usage: 'commission [order]',
    summary: 'install a smart meter by a work order: free of charge for the consumer',
  },
  day: {
    usage: 'day',
    summary: "an installer's day: the list of orders, house by house, report and hand-over",
  },
  reconnect: {
    usage: 'reconnect [order]',
    summary: 'say why a recharged house is dark, and close its relay where order or credit allow it',
  },
  'payment-mode': {
    usage: 'payment-mode <order>',
    summary: 'change a meter between prepaid and postpaid by an order, with proof',
  },
  'compare-meters': {
    usage: 'compare-meters [order]',
    summary: 'compare a meter with a check meter over the same hours, by their accuracy classes',
  },
  survey: {
    usage: 'survey [order]',
    summary: 'survey a consumer before the meter comes: no meter, no keys, free of charge',
  },
  index: {
    usage: 'index',
    options: false,
    summary: 'the consumer index: which meter serves which consumer',
  },
  sync: {
    usage: 'sync',
    summary: 'send finished records of commissioned meters to the utility',
  },
  pki: {
    usage: 'pki',
    options: false,
    summary: 'certificates for security suites 1 and 2: a test authority, meters, clients, chains',
  },
  simulate: {
    usage: 'simulate [command...]',
    summary: 'be a meter: a virtual smart meter of IS 15959, single phase, three phase or behind CTs',
  },
  demo: {
    usage: 'demo',
    summary: 'read a virtual meter over a serial line, to see how it works',
  },
} as const satisfies Readonly<Record<string, Line>>;

/** Names of commands. */
export type CommandName = keyof typeof LINES;

/** The line of each command by its name, including those of packages: the help shows them even where the package is not installed. */
export const ANNOUNCED: Readonly<Record<CommandName, Line>> = LINES;
