import type { Command } from 'commander';
import {
  AssociationError,
  type DiscoveredMeter,
  type Discovery,
  discover,
  systemClock,
  type Transport,
} from '../../src/index.js';
import { counted, visibleText } from '../../src/inspect.js';
import { adapterOf, likelyFirst, listPorts, nodeCrypto, type SerialPortInfo, serial, tcp } from '../../src/node.js';
import { leastAddressSize } from '../../src/tools.js';
import { ANNOUNCED } from '../announced.js';
import { define, Ended, type Run } from '../command.js';
import { type StoredConnection, saveConnection } from '../config.js';
import { EXIT, failureOf, UsageError } from '../failure.js';
import { Interrupted, type Io } from '../io.js';
import { hostAndPort, wholeIn } from '../settings.js';

const DEFAULT_PORT = 4059;
const DEFAULT_CONFIG = 'cosem.json';
/** The settings that a search finds out; they are removed from an older connection of that name. */
const FOUND_SETTINGS = [
  ...['serial', 'tcp', 'udp', 'baud', 'framing', 'server', 'physical', 'address-size'],
  ...['wake-up', 'sign-on-baud', 'hdlc-baud', 'companion'],
];

const SPEAKS = { hdlc: 'HDLC', 'mode-e': 'HDLC after the sign-on of mode E', wrapper: 'the wrapper' };

/** `cosem discover` */
export function defineDiscover(program: Command, io: Io): void {
  define(
    program,
    io,
    {
      ...ANNOUNCED.discover,
      description:
        'Tries every serial port, likely probes first: HDLC at 9600 baud, the sign-on of IEC 62056-21 mode E, HDLC at the other speeds, each ' +
        'with the addresses that meters have. It reads the name plate as the public client, changes nothing in the meter, and prints the ' +
        'options that worked. It ends with the first port at which a meter answers.',
      examples: [
        'cosem discover',
        'cosem discover --serial /dev/ttyUSB0 --save meter',
        'cosem discover --serial COM3 --baud 9600 --range 1-32',
        'cosem discover --tcp 192.168.1.10:4059',
      ],
    },
    (run) => discoverMeters(run),
  )
    .option('--serial <path>', 'this port only')
    .option('--tcp <host:port>', `a converter or gateway: both framings are tried; port ${DEFAULT_PORT} when left out`)
    .option('--baud <n>', 'HDLC at this speed only')
    .option('--server <n>', 'logical device asked (1)')
    .option('--client <n>', "who asks, the client's SAP (16)")
    .option('--deep', 'when the usual addresses give nothing, try all: this takes long')
    .option(
      '--range <from-to>',
      'several meters on one line: ask every lower address of the range, and list who answers',
    )
    .option('--save <name>', 'keep what worked as this connection of the configuration file')
    .option('--config <file>', `that file (COSEM_CONFIG, or ${DEFAULT_CONFIG})`);
}

/** One place to search. */
interface Place {
  readonly type: 'serial' | 'tcp';
  readonly name: string;
  /** Description for people, after the name. */
  readonly what: string;
  connect(): Transport;
}

/** What was found at a place. */
interface PlaceFound extends Partial<Discovery> {
  readonly place: Place;
  readonly error?: unknown;
}

async function discoverMeters(run: Run): Promise<void> {
  const { output, options } = run;
  const started = systemClock.now();
  const places = await placesOf(run);
  const results: PlaceFound[] = [];
  for (const place of places) {
    const result = await look(run, place);
    results.push(result);
    if ((result.meters?.length ?? 0) > 0) break;
  }
  output.endProgress();
  const { place, meters = [] } = results.at(-1) ?? {};
  if (place === undefined || meters.length === 0) {
    nothing(run, results);
    throw new Ended(EXIT.notConnected);
  }
  const seconds = (systemClock.now() - started) / 1000;
  const saved = save(run, place, meters);
  output.document({
    command: 'discover',
    seconds,
    config: saved ?? null,
    meters: meters.map((meter) => meterDocument(place, meter, results.at(-1)?.echo === true)),
  });
  for (const meter of meters) show(run, place, meter, results.at(-1)?.echo === true);
  output.line(`Found in ${seconds.toFixed(1)} s.`);
  if (saved !== undefined) {
    output.line(`Kept in ${saved}. Now: cosem read all --config ${saved} --connection ${String(options.save)}`);
  }
}

async function placesOf(run: Run): Promise<readonly Place[]> {
  const { options, output } = run;
  const { serial: path, tcp: network } = options;
  if (typeof path === 'string' && typeof network === 'string') {
    throw new UsageError('--serial and --tcp at once', 'a meter is reached by one of them');
  }
  if (typeof path === 'string') return [serialPlace({ path })];
  if (typeof network === 'string') {
    const { host, port } = hostAndPort(network, '--tcp', DEFAULT_PORT);
    return [{ type: 'tcp', name: network, what: '', connect: () => tcp(host, port) }];
  }
  const { ports, note } = await listPorts();
  if (note !== undefined) output.note(note);
  return likelyFirst(ports).map(serialPlace);
}

function serialPlace(port: SerialPortInfo): Place {
  const what = adapterOf(port) ?? port.manufacturer ?? '';
  return { type: 'serial', name: port.path, what, connect: () => serial(port.path) };
}

async function look(run: Run, place: Place): Promise<PlaceFound> {
  const { io, output, options } = run;
  const number = (name: string, least: number, most: number) =>
    typeof options[name] === 'string' ? wholeIn(options[name], `--${name}`, least, most) : undefined;
  const baud = number('baud', 50, 4_000_000);
  const server = number('server', 0, 0x3fff);
  const client = number('client', 1, 0x7f);
  const range = typeof options.range === 'string' ? rangeOf(options.range) : undefined;
  output.note(`${place.name}${place.what === '' ? '' : ` (${place.what})`}`);
  let last = '';
  try {
    const found = await discover(() => place.connect(), {
      line: place.type === 'serial' ? 'serial' : 'network',
      crypto: nodeCrypto,
      deep: options.deep === true,
      signal: io.signal,
      onProbe: (words, probe) => {
        output.progress(`trying ${words}`);
        // Without a terminal there is no progress line: one line for each speed, not for each address.
        const group = probe.type === 'hdlc' ? words.replace(/,.*/, '') : words;
        if (!io.stderr.isTTY && group !== last) output.note(`  trying ${group}`);
        last = group;
      },
      onSignedOn: ({ manufacturer, identification, mode, baudRate }, { wakeUp }) => {
        const asleep = wakeUp ? ' after a wake-up sequence' : '';
        output.note(
          `  a meter signs on${asleep}: ${visibleText(`${manufacturer} ${identification}`)}, mode ${mode}, ${baudRate} baud: looking for its HDLC`,
        );
      },
      // The name plate takes long on a slow line, so the meter is reported first.
      onSeen: ({ framing, baud: speed, silent, refused }) => {
        if (silent === true || refused) return;
        const at = speed === undefined ? '' : ` at ${speed} baud`;
        output.note(`  a meter answers in ${SPEAKS[framing]}${at}: reading its name plate`);
      },
      ...(baud === undefined ? {} : { bauds: [baud] }),
      ...(server === undefined ? {} : { server }),
      ...(client === undefined ? {} : { client }),
      ...(range === undefined ? {} : { range }),
    });
    return { place, ...found };
  } catch (error) {
    if (error instanceof Interrupted || error instanceof UsageError) throw error;
    const { message, hint } = failureOf(error);
    output.note(`  ${message}`, ...(hint === undefined ? [] : [`    hint: ${hint}`]));
    return { place, error };
  }
}

function rangeOf(text: string): readonly [number, number] {
  const match = /^(\d+)-(\d+)$/.exec(text);
  if (!match) throw new UsageError(`--range '${text}' is no range`, 'write FROM-TO, such as 1-32');
  const from = wholeIn(match[1] as string, 'the first of --range', 0, 0x3ffd);
  const to = wholeIn(match[2] as string, 'the last of --range', 0, 0x3ffd);
  if (from > to) throw new UsageError(`--range '${text}' is empty`, 'write the smaller number first');
  return [from, to];
}

/** The options that reach a meter, in the form of a configuration. */
export function connectionOf(place: Pick<Place, 'type' | 'name'>, meter: DiscoveredMeter): StoredConnection {
  const { framing, baud, address, client, signOnBaud, hdlcBaud, wakeUp, companion } = meter;
  const { server, lower, addressSize } = address;
  const least = leastAddressSize(server, lower);
  return {
    [place.type]: place.name,
    ...(place.type === 'serial' && baud !== undefined ? { baud } : {}),
    framing,
    ...(wakeUp === true ? { 'wake-up': 'yes' } : {}),
    ...(signOnBaud === undefined ? {} : { 'sign-on-baud': signOnBaud }),
    ...(hdlcBaud === undefined ? {} : { 'hdlc-baud': hdlcBaud }),
    client,
    server,
    ...(lower === undefined ? {} : { physical: lower }),
    ...(framing === 'wrapper' || addressSize === least ? {} : { 'address-size': addressSize }),
    ...(companion === undefined ? {} : { companion }),
  };
}

/** The flags with which `cosem readout` reads a meter without HDLC. */
export function readoutFlags(place: Pick<Place, 'name'>, { signOnBaud, wakeUp }: DiscoveredMeter): string {
  const fixed = signOnBaud === undefined ? '' : ` --fixed-baud ${signOnBaud}`;
  return `--serial ${place.name}${fixed}${wakeUp === true ? ' --wake-up' : ''}`;
}

/** A connection as flags; defaults are left out. */
export function flagsOf(connection: StoredConnection): string {
  const { client, server, ...rest } = connection;
  const usual = rest.serial === undefined ? 'wrapper' : 'hdlc';
  return Object.entries({ ...rest, ...(server === 1 ? {} : { server }), ...(client === 16 ? {} : { client }) })
    .filter(([name, value]) => !(name === 'framing' && value === usual))
    .map(([name, value]) => `--${name} ${value}`)
    .join(' ');
}

function namesOf({ namePlate = [] }: DiscoveredMeter): { readonly title: string; readonly text: string }[] {
  return namePlate.flatMap((outcome) => (outcome.ok ? [{ title: outcome.value.name, text: outcome.value.text }] : []));
}

function meterDocument(place: Place, meter: DiscoveredMeter, echo: boolean) {
  const { signedOn, refusal, refused } = meter;
  return {
    connection: connectionOf(place, meter),
    options: flagsOf(connectionOf(place, meter)),
    echo,
    identification: signedOn === undefined ? null : { ...signedOn },
    namePlate: Object.fromEntries(
      (meter.namePlate ?? []).flatMap((one) => (one.ok ? [[one.value.logicalName, one.value.text]] : [])),
    ),
    refused,
    silent: meter.silent === true,
    error: refusal === undefined ? null : failureOf(refusal).message,
  };
}

function show({ output }: Run, place: Place, meter: DiscoveredMeter, echo: boolean): void {
  const { signedOn, framing, baud, address, refusal, refused } = meter;
  const names = namesOf(meter);
  output.heading(names[0]?.text ?? signedOn?.identification ?? 'A meter');
  const { server, lower, addressSize } = address;
  const speaks = SPEAKS[framing];
  const noHdlc = framing === 'mode-e' && refused;
  const silent = meter.silent === true;
  const rows: [string, string][] = [
    ...names.map(({ title, text }): [string, string] => [title, text]),
    ...(signedOn === undefined
      ? []
      : [
          ['Sign-on', `${signedOn.manufacturer} ${signedOn.identification}, mode ${signedOn.mode}`] as [string, string],
        ]),
    ['Line', `${place.name}${baud === undefined ? '' : `, ${baud} baud`}${echo ? ', echoes what is sent' : ''}`],
  ];
  if (!noHdlc && !silent) {
    const size = framing === 'wrapper' ? '' : ` (${counted(addressSize, 'octet')})`;
    rows.push(['Speaks', speaks], ['Address', `${server}${lower === undefined ? '' : `/${lower}`}${size}`]);
  }
  if (refusal !== undefined) rows.push(['Name plate', `not read: ${failureOf(refusal).message}`]);
  output.table([{ title: '' }, { title: '' }], rows, '  ');
  output.line();
  if (silent) output.line('  It signed on, but did not answer in HDLC: centre the probe, or add --deep.');
  else if (noHdlc)
    output.line(`  It says that it has no HDLC. Read it with: cosem readout ${readoutFlags(place, meter)}`);
  else if (refusal instanceof AssociationError && refusal.diagnostic === 'short-name-referencing')
    output.line(`  ${output.style('bold', `cosem read all ${flagsOf(connectionOf(place, meter))} --naming sn`)}`);
  else output.line(`  ${output.style('bold', `cosem read all ${flagsOf(connectionOf(place, meter))}`)}`);
  output.line();
}

/** Saves the connections. @returns the file's name, where saving was asked for. */
function save({ io, options }: Run, place: Place, meters: readonly DiscoveredMeter[]): string | undefined {
  const { save: name, config } = options;
  const usable = meters.filter(({ framing, refused, silent }) => !(framing === 'mode-e' && (refused || silent)));
  if (typeof name !== 'string' || usable.length === 0) return undefined;
  const file = typeof config === 'string' ? config : io.env.COSEM_CONFIG || DEFAULT_CONFIG;
  usable.forEach((meter, i) => {
    const own = usable.length === 1 ? name : `${name}-${meter.address.lower ?? i + 1}`;
    saveConnection(file, own, connectionOf(place, meter), FOUND_SETTINGS);
  });
  return file;
}

function nothing({ output, options }: Run, results: readonly PlaceFound[]): void {
  output.document({
    command: 'discover',
    meters: [],
    places: results.map(({ place, error, echo, garbled }) => ({
      place: place.name,
      echo: echo ?? null,
      garbled: garbled ?? null,
      error: error === undefined ? null : failureOf(error).message,
    })),
  });
  if (results.length === 0) {
    output.note('No serial port found. Is the adapter plugged in? A network is searched with --tcp HOST:PORT.');
    return;
  }
  for (const { place, error, echo, garbled } of results) {
    if (error !== undefined) continue;
    output.note(`${place.name}: ${silence(place, echo === true, garbled === true)}`);
  }
  if (options.deep !== true) output.note('More addresses are tried with --deep; cosem doctor says what to check.');
}

function silence({ type }: Place, echo: boolean, garbled: boolean): string {
  if (garbled) return 'octets came, but no valid answer: is the probe badly placed, or in bright light?';
  if (type === 'tcp') return 'connected, but no meter answered.';
  if (echo)
    return 'only our own light came back: the probe works, the meter did not answer. Turn the probe, wake the display.';
  return 'nothing came back. Is the probe on the meter, and is the meter powered?';
}
