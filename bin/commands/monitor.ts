import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { fromHex, LinkError, systemClock } from '../../src/index.js';
import {
  type Inspected,
  Inspector,
  type InspectorOptions,
  renderLine,
  renderText,
  Speakers,
} from '../../src/inspect.js';
import { nodeCrypto, serial, systemErrorText } from '../../src/node.js';
import { isPrintable, toLatin1 } from '../../src/protocol.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { UsageError } from '../failure.js';
import { aborted, type Io } from '../io.js';
import { lineFormat } from '../listen/port-search.js';
import { addKeyOptions, keySettings, wholeIn } from '../settings.js';

/** `cosem monitor` */
export function defineMonitor(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.monitor,
      description:
        'It sends nothing. FILE, or - for standard input, holds a recording instead: hexadecimal digits, one piece a line; a time, an arrow or ' +
        'a # remark before them is allowed. Who speaks is told from the addresses. With --json each line on stdout is a document.',
      examples: [
        'cosem monitor --serial /dev/ttyUSB1 --baud 9600',
        'cosem monitor capture.txt --ek 000102030405060708090A0B0C0D0E0F --ak D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF',
      ],
    },
    (run, [file]) => monitor(run, file),
  );
  command
    .option('--serial <path>', 'the port that listens on the line')
    .option('--baud <n>', 'its speed (9600)')
    .option('--format <name>', '8N1, 8E1, 7E1 or 7N1 (8N1)')
    .option('--full', 'every field of every frame, not one line each')
    .option('--count <n>', 'end after so many frames');
  addKeyOptions(command);
}

async function monitor(run: Run, file: string | undefined): Promise<void> {
  const { io, options } = run;
  const path = typeof options.serial === 'string' ? options.serial : undefined;
  if ((path === undefined) === (file === undefined)) {
    throw new UsageError('what shall be listened to?', 'give --serial PATH, or a FILE with a recording');
  }
  const limit =
    options.count === undefined ? Number.POSITIVE_INFINITY : wholeIn(String(options.count), '--count', 1, 1e9);
  const printer = new Printer(run, limit);
  if (path !== undefined) await listen(run, path, printer);
  else {
    const content = file === '-' ? await text(io.stdin) : readRecording(file as string);
    for (const piece of recordingOf(content)) printer.take(piece, undefined);
  }
  printer.end();
}

async function listen({ io, output, options }: Run, path: string, printer: Printer): Promise<void> {
  const baudRate = options.baud === undefined ? 9600 : wholeIn(String(options.baud), '--baud', 50, 4_000_000);
  const format = typeof options.format === 'string' ? options.format : '8n1';
  const line = serial(path, { baudRate, ...lineFormat(format) });
  const lost = new AbortController();
  await line.open({
    data: (chunk) => printer.take(chunk, systemClock.now()),
    closed: (error) => lost.abort(error ?? new LinkError('transport', `${line.name} closed`)),
  });
  output.documentLine({ event: 'listening', serial: path, baud: baudRate, format: format.toUpperCase() });
  output.note(`Listening on ${line.name}; nothing is sent. Ctrl-C ends.`);
  await Promise.race([aborted(io.signal), aborted(lost.signal), printer.full]);
  if (lost.signal.aborted) throw lost.signal.reason;
  await line.close();
}

function readRecording(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      `${file} cannot be read: ${systemErrorText(error)}`,
      'is it the right file? - stands for standard input',
    );
  }
}

/** Lines of a recording: `12.5 > 7EA0…`, `7E A0 …`, `# remark`. */
export function recordingOf(content: string): Uint8Array[] {
  return content.split(/\r?\n/).flatMap((line, i) => {
    const digits = line
      .replace(/#.*/, '')
      .replace(/^[\d:.\sTZ-]*\s*(?:->|<-|=>|<=|>|<|(?:client|server|sent|received|tx|rx)\b:?)\s*/i, '')
      .replace(/^\d+(?:[.:]\d+)+\s+/, '');
    if (digits.trim() === '') return [];
    if (!/^[\s:]*(?:[0-9a-f]{2}[\s:,]*)+$/i.test(digits)) {
      throw new UsageError(`line ${i + 1} of the recording is not hexadecimal`, 'one piece a line: 7E A0 07 …');
    }
    return [fromHex(digits.replace(/[\s:,]/g, ''))];
  });
}

/** Shows pieces of a conversation as they come. */
class Printer {
  readonly full: Promise<void>;
  readonly #run: Run;
  readonly #limit: number;
  readonly #inspector: Inspector;
  readonly #sides = new Speakers();
  #shown = 0;
  #began: number | undefined;
  #enough: () => void = () => {};

  constructor(run: Run, limit: number) {
    this.#run = run;
    this.#limit = limit;
    this.#inspector = new Inspector(inspectorOptions(run));
    this.full = new Promise((resolve) => {
      this.#enough = resolve;
    });
  }

  take(octets: Uint8Array, now: number | undefined): void {
    if (now !== undefined) this.#began ??= now;
    const seconds = now === undefined ? undefined : (now - (this.#began ?? now)) / 1000;
    for (const piece of this.#inspector.feed(octets)) this.#show(piece, seconds);
  }

  end(): void {
    for (const piece of this.#inspector.flush()) this.#show(piece, undefined);
    if (this.#shown === 0) this.#run.output.note('Nothing was heard.');
  }

  #show({ node }: Inspected, seconds: number | undefined): void {
    if (this.#shown >= this.#limit) return;
    const { output, options } = this.#run;
    const side = this.#sides.of(node);
    this.#shown++;
    output.documentLine({ event: 'frame', time: seconds ?? null, from: side ?? null, frame: node });
    const arrow = side === 'client' ? '->' : side === 'server' ? '<-' : '--';
    const time = seconds === undefined ? '' : `${seconds.toFixed(3).padStart(9)}  `;
    const signOn = textIn(node.octets);
    const words = signOn ?? (options.full === true ? '' : renderLine(node));
    const whole = signOn === undefined && options.full === true ? renderText(node).split('\n') : [];
    output.line(`${time}${output.style(side === 'server' ? 'cyan' : 'bold', arrow)} ${words}`, ...whole);
    if (this.#shown === this.#limit) this.#enough();
  }
}

/** Lines of text are the sign-on of IEC 62056-21. */
function textIn(octets: string | undefined): string | undefined {
  if (octets === undefined || octets.includes('*')) return undefined;
  const bytes = fromHex(octets).map((octet) => octet & 0x7f);
  const body = bytes[0] === 6 ? bytes.subarray(1) : bytes;
  const line = toLatin1(body).replace(/\r\n$/, '');
  if (!/\r\n$/.test(toLatin1(body)) || !isPrintable(body.subarray(0, line.length))) return undefined;
  return `${bytes[0] === 6 ? 'ACK ' : ''}${line}, sign-on of IEC 62056-21`;
}

function inspectorOptions({ options, io }: Run): InspectorOptions {
  const { companion, encryptionKey, authenticationKey, dedicatedKey, title } = keySettings(options, io);
  return {
    companion,
    crypto: nodeCrypto,
    mask: true,
    ...(options.serial === undefined ? {} : { framing: 'hdlc' }),
    keys: {
      ...(encryptionKey === undefined ? {} : { encryption: encryptionKey }),
      ...(authenticationKey === undefined ? {} : { authentication: authenticationKey }),
      ...(dedicatedKey === undefined || dedicatedKey === 'random' ? {} : { dedicated: dedicatedKey }),
    },
    titles: title === undefined ? {} : { client: title },
  };
}
