import type { Command } from 'commander';
import { describeLogicalName } from '../../src/classes.js';
import { readout, type Transport } from '../../src/index.js';
import { counted, ReadoutMasker } from '../../src/inspect.js';
import { serial, tcp } from '../../src/node.js';
import type { ReadoutValue } from '../../src/tools.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { UsageError } from '../failure.js';
import { alignNumbers } from '../format.js';
import type { Io } from '../io.js';
import { type Address, hostAndPort, type Line, lineText, wholeIn } from '../settings.js';

const LISTENING_BAUD = 2400;
/** How long a telegram is waited for: the slowest come every minute, others when a button is pressed. */
const PATIENCE = 120_000;

/** `cosem readout` */
export function defineReadout(program: Command, io: Io): void {
  define(
    program,
    io,
    {
      ...ANNOUNCED.readout,
      description:
        'Signs on at 300 baud 7E1, takes the speed that the meter proposes, checks the block check and asks again for what is broken.\n' +
        'With --read it reads registers in programming mode instead.',
      examples: [
        'cosem readout --serial /dev/ttyUSB0',
        'cosem readout --serial COM3 --address 12345678 --read 1.8.0,2.8.0 --password 00000000',
        'cosem readout --tcp 192.168.1.10:4001',
        'cosem readout --serial /dev/ttyUSB0 --listen --fixed-baud 115200',
      ],
    },
    readMeter,
  )
    .option('--serial <path>', 'serial port, such as /dev/ttyUSB0 or COM3')
    .option('--tcp <host:port>', 'serial server, converter or modem before the meter, whose line keeps one speed')
    .option('--address <text>', 'device address, on a line with several meters')
    .option('--read <registers>', 'these registers, such as 1.8.0,2.8.0')
    .option('--password <text>', 'for --read, where the meter wants one; COSEM_PASSWORD keeps it out of the history')
    .option('--command <name>', 'R1 or R5, how registers are read (R1)')
    .option('--baud <n>', 'highest speed; what the meter proposes when left out')
    .option('--fixed-baud <n>', 'the meter signs on at this speed and keeps to it')
    .option(
      '--listen',
      'ask nothing: wait for the telegram of a meter that sends by itself (mode D, 2400 baud; P1: --fixed-baud 115200)',
    )
    .option('--wake-up', 'send a wake-up sequence first, for meters that run on a battery')
    .option('--strict', 'refuse by name what is wrong in the identification of a meter that sends by itself')
    .option('--trace', 'show the octets on stderr');
}

async function readMeter(run: Run): Promise<void> {
  const { io, output, options } = run;
  const text = (name: string) => (typeof options[name] === 'string' ? (options[name] as string) : undefined);
  const line = lineOf(text('serial'), text('tcp'), io.env);
  const command = text('command')?.toUpperCase() ?? 'R1';
  if (command !== 'R1' && command !== 'R5') throw new UsageError(`--command '${command}' is unknown`, 'R1 or R5');
  const registers = text('read')
    ?.split(',')
    .map((register) => register.trim());
  const password = text('password') ?? (registers === undefined ? undefined : io.env.COSEM_PASSWORD);
  const maxBaud = options.baud === undefined ? undefined : wholeIn(String(options.baud), '--baud', 300, 19_200);
  const deviceAddress = text('address');
  const fixedBaud =
    options.fixedBaud === undefined ? undefined : wholeIn(String(options.fixedBaud), '--fixed-baud', 300, 115_200);
  const listens = options.listen === true;
  const baudRate = fixedBaud ?? (listens ? LISTENING_BAUD : 300);
  const place = line.type === 'serial' ? `at ${baudRate} baud, ${line.path}` : lineText(line);
  output.progress(listens ? `listening ${place}` : `signing on ${place}`);
  let octets = 0;
  const masker = new ReadoutMasker();
  const { meter, values } = await readout(transportOf(line, baudRate), {
    command,
    signal: io.signal,
    ...(deviceAddress === undefined ? {} : { deviceAddress }),
    ...(registers === undefined ? {} : { registers }),
    ...(password === undefined ? {} : { password }),
    ...(maxBaud === undefined ? {} : { maxBaud }),
    ...(options.wakeUp === true ? { wakeUp: true } : {}),
    ...(fixedBaud === undefined ? {} : { fixedBaud }),
    ...(line.type === 'tcp' ? { fixedLine: true } : {}),
    ...(listens ? { listen: PATIENCE } : {}),
    ...(options.strict === true ? { strict: true } : {}),
    onRemark: ({ text }) => output.note(text),
    trace: (event) => {
      if (event.type !== 'octets') return;
      if (event.direction === 'received') octets += event.bytes.length;
      output.progress(`reading, ${counted(octets, 'octet')}`);
      if (options.trace === true)
        output.note(`${event.direction} ${JSON.stringify(masker.text(event.direction, event.bytes))}`);
    },
  });
  output.endProgress();
  output.document({
    command: 'readout',
    meter: { ...meter, baudRate: meter.baudRate ?? null },
    values: values.map(({ address, logicalName, value, unit }) => ({
      address,
      object: logicalName ?? null,
      value,
      unit: unit ?? null,
    })),
  });
  output.heading(`${meter.manufacturer} ${meter.identification}`);
  const numbers = alignNumbers(values.map(({ value }) => value));
  output.table(
    [{ title: '' }, { title: '' }, { title: '' }],
    values.map((value, i) => [value.address, `${numbers[i]} ${value.unit ?? ''}`.trimEnd(), titleOf(value)]),
    '  ',
  );
}

type ReadoutLine = Extract<Line, { type: 'serial' }> | ({ readonly type: 'tcp' } & Address);

function lineOf(path: string | undefined, address: string | undefined, env: Io['env']): ReadoutLine {
  if (path !== undefined && address !== undefined) {
    throw new UsageError('--serial and --tcp at once', 'a meter is reached by one of them');
  }
  const host = address ?? (path === undefined && !env.COSEM_SERIAL ? env.COSEM_TCP || undefined : undefined);
  if (host !== undefined) return { type: 'tcp', ...hostAndPort(host, '--tcp') };
  const port = path ?? env.COSEM_SERIAL;
  if (!port) throw new UsageError('which port?', 'add --serial PATH (`cosem ports` lists them) or --tcp HOST:PORT');
  return { type: 'serial', path: port, baud: 0 };
}

/** Eight bits without parity: the seven bits and their parity are made and taken apart in software. */
function transportOf(line: ReadoutLine, baudRate: number): Transport {
  return line.type === 'tcp' ? tcp(line.host, line.port) : serial(line.path, { baudRate });
}

function titleOf({ logicalName }: ReadoutValue): string {
  return logicalName === undefined ? '' : (describeLogicalName(logicalName) ?? '');
}
