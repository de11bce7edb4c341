import { Command } from 'commander';
import { CUSTOMER_PORTS, customerPorts, type PushedNotification } from '../../simulator/index.js';
import { type Framing, toHex } from '../../src/index.js';
import { counted } from '../../src/inspect.js';
import { ANNOUNCED } from '../announced.js';
import { define, Ended, type Run } from '../command.js';
import { writeGenerated } from '../config.js';
import { EXIT, UsageError } from '../failure.js';
import { aborted, type Io } from '../io.js';
import { MAX_CONNECTIONS } from '../limits.js';
import { loadCommands } from '../packages.js';
import { hostAndPort, type Line, lineText, wholeIn } from '../settings.js';
import { configOf, flagsOf, framingName, OFFERED } from '../simulate/connections.js';
import { simulatedCounters } from '../simulate/counters.js';
import { customerPortOf, type ServedCustomerPort, serveCustomerPort } from '../simulate/customer-port.js';
import { simulateFleet } from '../simulate/fleet.js';
import { lifeOf } from '../simulate/life.js';
import { DEFAULT_PORT, HANDSHAKE_LIMIT, IDLE_LIMIT, placeOf, serve } from '../simulate/place.js';
import { send } from '../simulate/push.js';
import { Fitness, runAgainst, type Service, serviceOptions, startService } from '../simulate/service.js';
import { FrameCounts } from '../simulate/ui/frames.js';
import { checkScreen, isVirtual, showFace, silenced } from '../simulate/ui/ui.js';
import { addMeterOptions, meterTitle, playScenarioFile, type SimulatedMeter, simulatedMeter } from '../simulated.js';

/** `cosem simulate` */
export function defineSimulate(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.simulate,
      description:
        'It serves until Ctrl-C. Everything in it follows from --seed and the time. With --json one line on stdout says that it is ready.\n' +
        'Its keys are printed and protect nothing.\n\n' +
        'With a command behind -- it serves until that ends, and ends with its exit code. The command finds the meter by COSEM_HOST and ' +
        'COSEM_PORT, and with --write-config by COSEM_CONFIG. After a step of a scenario that failed the exit code is 2 at least.',
      examples: [
        'cosem simulate --tcp 127.0.0.1:0 --framing hdlc --write-config meter.json',
        'cosem simulate --serial /dev/pts/3 --seed 7',
        'cosem simulate --state meter.db --speed 3600',
        'cosem simulate --ui --speed 60',
        'cosem simulate --verification-service 8080',
        'cosem simulate --customer-port 127.0.0.1:2001 --customer-form p1',
        'cosem simulate --fleet 10000 --gateway --write-config town.json',
        'cosem simulate --tcp 127.0.0.1:0 --port-file meter.port --health 8081',
        'cosem simulate --tcp 127.0.0.1:0 --write-config meter.json -- npm test',
      ],
    },
    // The words of the command come as one list.
    (run, [words]) => simulate(run, (words ?? []) as unknown as readonly string[]),
  );
  addMeterOptions(command)
    .option('--tcp <host:port>', `listen for connections; port 0 picks one (127.0.0.1:${DEFAULT_PORT})`)
    .option('--udp <host:port>', 'listen for datagrams')
    .option('--serial <path>', 'serve a serial port')
    .option('--baud <n>', 'speed of the serial port (9600)')
    .option(
      '--framing <name>',
      'hdlc or wrapper; mode-e on a serial port (wrapper on a network, hdlc on a serial port)',
    )
    .option('--mode-e', 'want the sign-on of IEC 62056-21 first: the same as --framing mode-e')
    .option('--physical <n>', 'HDLC: answer to this lower address only')
    .option('--seed <n>', 'another number, another meter (1)')
    .option('--write-config <file>', `write connections ${OFFERED.join(', ')} and more for --config`)
    .option('--port-file <file>', 'write the port there as soon as it listens, and remove the file at the end')
    .option('--health <port>', 'tell at http://127.0.0.1:PORT/health how it is: 200 while all is well')
    .option('--force', 'replace that file though something else wrote it')
    .option('--peer <path>', 'the other end of --serial, where clients are: goes into the configuration')
    .option('--push <host:port>', 'send what it pushes there, in the wrapper')
    .option('--customer-port <where>', 'send what a customer port sends: HOST:PORT to listen on, or a serial line')
    .option('--customer-form <name>', `which port: ${CUSTOMER_PORTS.join(', ')} (p1)`)
    .option('--customer-ek <key>', 'encryption key of the customer, for ports that cipher')
    .option('--customer-ak <key>', 'authentication key of the customer')
    .option(
      '--state <file>',
      'keep what it is told there: it survives a kill, and the time without it is a power failure',
    )
    .option(
      '--idle-limit <seconds>',
      `a connection over which nothing came for so long is closed; 0: none is (${IDLE_LIMIT})`,
    )
    .option(
      '--handshake-limit <seconds>',
      `a connection without an association after so long is closed; 0: none is (${HANDSHAKE_LIMIT})`,
    )
    .option(
      '--max-connections <n>',
      `connections at a time (${MAX_CONNECTIONS}): for one more the longest silent is closed, who proved nothing first`,
    )
    .option('--ui', 'show its face in this terminal: display, lamps, load, events, and keys to tamper and to pay')
    .option('--realistic', 'take the time that a real meter takes on a line of 9600 baud')
    .option('--speed <n>', 'let time pass so many times faster: 3600 is an hour in a second (1)')
    .option(
      '--fleet <n>',
      'be so many meters, each on a port of its own from that of --tcp on; --seed is that of the first',
    )
    .option(
      '--verification-service [port]',
      'be no meter but the OTP service of a utility, for cosem commission; also takes finished records',
    )
    .option(
      '--gateway [header]',
      'the fleet behind one address: each meter a wPort from 256 on, or an HDLC physical address from 16 on; with header: written for clients that send the header of a gateway, in which meter 0 is 0/256 or 0/16, and pushed with it',
    );
}

/** The OTP service is a part of commissioning, which has a command for it. */
async function serveVerification({ io, output, options }: Run): Promise<void> {
  const commands = await loadCommands('cosem-commissioning', 'cosem simulate --verification-service');
  const program = new Command().exitOverride();
  commands(program, io);
  const port = options.verificationService;
  const argv = [
    'verification-service',
    ...(typeof port === 'string' ? [port] : []),
    ...(output.json ? ['--json'] : []),
  ];
  await program.parseAsync(argv, { from: 'user' });
}

async function simulate(told: Run, command: readonly string[]): Promise<void> {
  const { io, output, options } = told;
  if (options.verificationService !== undefined) return serveVerification(told);
  if (options.ui === true) checkScreen(told);
  // What is said while there is a screen is said on it.
  const screen = options.ui === true ? silenced(told) : undefined;
  const run = screen?.run ?? told;
  const place = placeOf(options);
  const seed = typeof options.seed === 'string' ? wholeIn(options.seed, '--seed', 0, Number.MAX_SAFE_INTEGER) : 1;
  const lower = typeof options.physical === 'string' ? wholeIn(options.physical, '--physical', 0, 0x3fff) : undefined;
  const push = typeof options.push === 'string' ? hostAndPort(options.push, '--push', DEFAULT_PORT) : undefined;
  const service = serviceOptions(options, command);
  const customer = customerPortOf(run);
  if (options.fleet !== undefined && customer !== undefined)
    throw new UsageError('a fleet has no customer port', 'leave out --customer-port or --fleet');
  if (options.fleet !== undefined) return simulateFleet(run, place, seed, push, service);
  if (options.gateway !== undefined) throw new UsageError('a gateway has many meters behind it', 'add --fleet N');
  const life = await lifeOf(run, { seed });
  const lost = new AbortController();
  const fitness = new Fitness();
  let exit = 0;
  const meter = simulatedMeter(run, seed, {
    ...life.options,
    ...simulatedCounters(run),
    ...(push === undefined ? {} : { onPush: (pushed: PushedNotification) => send(run, push, pushed) }),
  });
  try {
    await playScenarioFile(meter, run, (step) => fitness.fail(step));
    const frames = screen === undefined ? undefined : new FrameCounts();
    const served = await serve(run, meter, place, lower, lost, frames);
    let found: Service | undefined;
    let customer: ServedCustomerPort | undefined;
    try {
      customer = await serveCustomerPort(run, meter);
      found = await startService(service, served.line, fitness);
      announce(run, meter, served.line, place.framing, seed, found.health, customer);
      if (command.length > 0) exit = await runAgainst(io, command, served.line, configFile(options));
      else if (screen !== undefined && frames !== undefined && isVirtual(meter)) {
        const around = {
          title: `${meter.identity.logicalDeviceName}, ${meter.title}`,
          place: placeText(run, served.line, place.framing, life.speed),
          frames,
          notes: screen.notes,
        };
        await showFace(told, meter, around, AbortSignal.any([io.signal, lost.signal]));
      } else await Promise.race([aborted(io.signal), aborted(lost.signal)]);
      if (lost.signal.aborted) throw lost.signal.reason;
    } finally {
      await found?.close();
      await customer?.close();
      await served.close();
    }
  } finally {
    meter.stop();
    life.close();
  }
  output.note('The meter has stopped.');
  if (fitness.failure !== undefined) output.note(`A step of the scenario failed: ${fitness.failure}`);
  if (exit !== 0) throw new Ended(exit);
  if (fitness.failure !== undefined) throw new Ended(EXIT.usage);
}

function configFile(options: Run['options']): string | undefined {
  return typeof options.writeConfig === 'string' ? options.writeConfig : undefined;
}

/** Where the meter is, in one line. */
function placeText({ options }: Run, line: Line, framing: Framing, speed: number): string {
  return [
    `${line.type} ${lineText(line)}`,
    framingName(framing),
    ...(speed === 1 ? [] : [`time ${counted(speed, 'time')} faster`]),
    ...(typeof options.state === 'string' ? [`kept in ${options.state}`] : []),
    ...(typeof options.writeConfig === 'string' ? [`--config ${options.writeConfig}`] : []),
  ].join(', ');
}

/** Says where the meter is and how to connect, and writes the configuration. */
function announce(
  { output, options }: Run,
  meter: SimulatedMeter,
  line: Line,
  framing: Framing,
  seed: number,
  health: string | undefined,
  customer: ServedCustomerPort | undefined,
): void {
  const file = configFile(options);
  const peer = typeof options.peer === 'string' ? options.peer : undefined;
  const config = configOf(meter, line, framing, peer);
  if (file !== undefined) writeGenerated(file, config, 'cosem simulate', options.force === true);
  const { serial: serialNumber, logicalDeviceName, systemTitle } = meter.identity;
  output.documentLine({
    event: 'ready',
    ...(line.type === 'serial'
      ? { serial: line.path, baud: line.baud }
      : { [line.type]: lineText(line), host: line.host, port: line.port }),
    framing: framingName(framing),
    meter: { serialNumber, logicalDeviceName, systemTitle: toHex(systemTitle), seed },
    config: file ?? null,
    ...(health === undefined ? {} : { health }),
    connections: Object.keys(config.connections),
    ...(customer === undefined ? {} : { customerPort: { at: customer.where, form: customer.form } }),
  });
  output.heading(meterTitle(meter, options, seed));
  output.line(`Listening on ${line.type} ${lineText(line)}, ${framingName(framing)}. Ctrl-C stops it.`);
  if (health !== undefined) output.line(`Health: ${health}`);
  if (customer !== undefined) output.line(`Customer port: ${customer.where}, ${customerPorts[customer.form].title}`);
  output.line();
  output.line('Read it with');
  const where = line.type === 'serial' ? ` --serial ${peer ?? 'OTHER-END'}` : '';
  if (file === undefined) {
    for (const connection of Object.values(config.connections).slice(0, 3))
      output.line(`  ${output.style('bold', `cosem read all ${flagsOf(connection, where)}`)}`);
  } else {
    const names = Object.keys(config.connections);
    output.line(`  ${output.style('bold', `cosem read all${where} --config ${file} --connection ${config.default}`)}`);
    output.line(`Connections in ${file}: ${names.join(', ')}.`);
  }
}
