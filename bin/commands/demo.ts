import type { Command } from 'commander';
import { createMeter, VirtualLine, type VirtualMeter } from '../../simulator/index.js';
import { readingsOf, systemClock, type Transport } from '../../src/index.js';
import { nodeCrypto, serial } from '../../src/node.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { withMeterOn } from '../connect.js';
import type { Io } from '../io.js';
import { ptyPair } from '../pty-pair.js';
import { storedSettings } from '../settings.js';
import { configOf } from '../simulate/connections.js';
import { simulatedCounters } from '../simulate/counters.js';
import { readingDocument, showReadings } from './read.js';

const BAUD = 9600;
const TOPICS = ['energy', 'balance', 'relay'] as const;

/** `cosem demo` */
export function defineDemo(program: Command, io: Io): void {
  define(
    program,
    io,
    {
      ...ANNOUNCED.demo,
      description:
        'With socat installed the line is a real pair of pseudo-terminals, otherwise one inside this program.',
      examples: ['cosem demo'],
    },
    demo,
  ).option('--trace', 'show the frames, decoded, on stderr; keys and secrets are masked');
}

/** Both ends of a serial line. */
interface SerialLine {
  readonly meter: Transport;
  readonly reader: Transport;
  /** What it is, in words. */
  readonly kind: string;
  close(): void;
}

async function serialLine(): Promise<SerialLine> {
  const pair = await ptyPair();
  if (pair === undefined) {
    const { a, b } = new VirtualLine(systemClock, { baudRate: BAUD });
    return { meter: b, reader: a, kind: 'an in-process line at 9600 baud (socat is not installed)', close: () => {} };
  }
  const [meter, reader] = [pair.meter, pair.reader].map((path) => serial(path, { baudRate: BAUD })) as [
    Transport,
    Transport,
  ];
  return { meter, reader, kind: `a pair of pseudo-terminals made by socat, ${pair.reader}`, close: () => pair.close() };
}

async function demo(run: Run): Promise<void> {
  const line = await serialLine();
  const meter = createMeter('is15959-1ph', {
    clock: systemClock,
    seed: 1,
    crypto: nodeCrypto,
    ...simulatedCounters(run),
  });
  try {
    const served = await meter.attach(line.meter, { framing: 'hdlc' });
    try {
      await readIt(run, meter, line);
    } finally {
      await served.close();
    }
  } finally {
    meter.stop();
    line.close();
  }
}

async function readIt(run: Run, virtual: VirtualMeter, line: SerialLine): Promise<void> {
  const { output } = run;
  const place = { type: 'serial', path: line.reader.name, baud: BAUD } as const;
  const { reader = {} } = configOf(virtual, place, 'hdlc').connections;
  const settings = storedSettings({ ...reader, serial: line.reader.name });
  output.line(`A virtual Indian smart meter, ${virtual.identity.logicalDeviceName} (IS 15959, single phase, prepaid),`);
  output.line(`read over a serial line: ${line.kind}.`);
  output.line('HDLC, client 32 (meter reader), low level security, every answer ciphered.');
  output.line();
  const started = systemClock.now();
  await withMeterOn(line.reader, settings, run, async ({ meter, companion }) => {
    output.progress('reading energy, balance and relay');
    const topics = [];
    for (const topic of TOPICS) topics.push({ topic, outcomes: await meter.readings(readingsOf(companion, topic)) });
    output.endProgress();
    output.document({
      command: 'demo',
      line: line.kind,
      readings: topics.flatMap(({ topic, outcomes }) => readingDocument(companion, topic, outcomes)),
    });
    for (const { topic, outcomes } of topics) showReadings(output, companion, topic, outcomes);
    output.line(`Read in ${((systemClock.now() - started) / 1000).toFixed(1)} s. Your own meter:`);
    output.line('  cosem read nameplate --serial /dev/ttyUSB0 --client 16');
  });
}
