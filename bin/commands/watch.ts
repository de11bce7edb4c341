import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { Decimal, type Usage } from '../../src/index.js';
import { UsageWatch } from '../../src/tools.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { type MeterOnLine, withMeter } from '../connect.js';
import { UsageError } from '../failure.js';
import { Interrupted, type Io } from '../io.js';
import { languageOf } from '../language.js';
import { addConnectionOptions, wholeIn } from '../settings.js';
import { type Console, Terminal } from '../simulate/ui/terminal.js';
import { usageJson, usageLines } from '../watch/show.js';
import { WORDS } from '../watch/words.js';

/** `cosem watch` */
export function defineWatch(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.watch,
      description:
        'Power now, energy of today, of this month and of the last days, the balance and how long it lasts. Ctrl-C ends and releases the ' +
        'meter. --web shows the same as a page in a browser on this machine, in Hindi and English. With --json each refresh is a line, with ' +
        '--once it is one document. The days left are reckoned from what was spent since the last recharge, or with --price from the energy ' +
        'of the last seven days.',
      examples: [
        'cosem watch --config meter.json --connection reader',
        'cosem watch --web --port 8080 --config meter.json --connection reader',
        'cosem watch --language hi --config meter.json --connection reader',
        'cosem watch --once --json --price 6.50 --config meter.json --connection reader',
      ],
    },
    (run) => watch(run),
  );
  command
    .option('--interval <seconds>', 'between two refreshes (10)')
    .option('--days <n>', 'how many days before today, 1 to 30 (14)')
    .option('--price <rupees>', 'of a kWh, for the days left: 6.50')
    .option('--once', 'read once and end')
    .option('--web', 'a page on a port of this machine instead of the terminal')
    .option('--port <n>', 'of that page (any that is free)');
  addConnectionOptions(command);
}

interface WatchSettings {
  readonly interval: number;
  readonly days: number;
  readonly price: Decimal | undefined;
  readonly port: number | undefined;
}

async function watch(run: Run): Promise<void> {
  const settings = watchSettings(run);
  let began = false;
  try {
    await withMeter(run, async (connected) => {
      const source = usageSource(run, connected, settings);
      const first = await source();
      began = true;
      if (run.options.once === true) show(run, first, true);
      else if (run.options.web === true) await serve(run, first, source, settings);
      else await follow(run, first, source, settings);
    });
  } catch (error) {
    // Ctrl-C is the way to stop it; the meter was released.
    if (error instanceof Interrupted && began) return;
    throw error;
  }
}

function watchSettings({ options }: Run): WatchSettings {
  const { interval = '10', days = '14', price, port } = options as Record<string, string | undefined>;
  if (options.web !== true && port !== undefined) throw new UsageError('--port without --web', 'say --web too');
  if (options.web === true && options.once === true)
    throw new UsageError('--once and --web at once', 'leave one of them out');
  return {
    interval: wholeIn(interval, '--interval', 1, 86_400) * 1000,
    days: wholeIn(days, '--days', 1, 30),
    price: price === undefined ? undefined : priceOf(price),
    port: port === undefined ? undefined : wholeIn(port, '--port', 1, 65_535),
  };
}

function priceOf(text: string): Decimal {
  if (!/^\d{1,4}(?:\.\d{1,4})?$/.test(text) || Number(text) === 0) {
    throw new UsageError(`--price '${text}' is no price`, 'rupees of a kWh, such as 6.50');
  }
  return Decimal.parse(text);
}

type Source = () => Promise<Usage>;

function usageSource({ io, output }: Run, { meter, companion }: MeterOnLine, { days, price }: WatchSettings): Source {
  const usage = new UsageWatch(meter, companion, { days, ...(price === undefined ? {} : { price }) });
  let first = true;
  return async () => {
    if (first) output.progress(WORDS[languageOf(io)].reading);
    try {
      return await usage.refresh({ signal: io.signal });
    } finally {
      if (first) output.endProgress();
      first = false;
    }
  };
}

function show({ io, output }: Run, usage: Usage, whole: boolean): void {
  const document = { command: 'watch', ...usageJson(usage) };
  if (whole) output.document(document);
  else output.documentLine(document);
  const { columns = 100 } = io.stdout as Console['stdout'];
  const lines = usageLines(usage, columns, (style, text) => output.style(style, text), languageOf(io));
  for (const line of lines) output.line(line);
}

async function follow(run: Run, first: Usage, source: Source, { interval }: WatchSettings): Promise<void> {
  const { io, output } = run;
  const language = languageOf(io);
  if (output.json || !io.stdout.isTTY || !io.stdin.isTTY) {
    show(run, first, false);
    for await (const usage of refreshes(io, source, interval)) {
      output.line();
      show(run, usage, false);
    }
    return;
  }
  let latest = first;
  const stop = new AbortController();
  const console = { stdin: io.stdin, stdout: io.stdout } as Console;
  const terminal = new Terminal(console, {
    // In raw mode Ctrl-C is a key like any other.
    key: (key) => {
      if (key === 'q' || key === '\u0003') stop.abort(new Interrupted());
    },
    redraw: () => draw(),
  });
  const draw = () => {
    const { columns, rows } = terminal.size;
    const lines = usageLines(latest, columns, (style, text) => output.style(style, text), language, rows - 2);
    const foot = output.style('dim', WORDS[language].every(interval / 1000));
    terminal.show([...lines.slice(0, Math.max(0, rows - 2)), '', foot]);
  };
  terminal.open();
  try {
    for await (const usage of refreshes(io, source, interval, stop.signal)) {
      latest = usage;
      draw();
    }
  } finally {
    terminal.close();
  }
  // The last values stay on the terminal.
  show(run, latest, false);
}

/** One after the other until Ctrl-C. */
async function* refreshes(io: Io, source: Source, interval: number, stop?: AbortSignal): AsyncGenerator<Usage> {
  const signal = stop === undefined ? io.signal : AbortSignal.any([io.signal, stop]);
  while (!signal.aborted) {
    await sleep(interval, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) yield await source();
  }
}

async function serve(run: Run, first: Usage, source: Source, { interval, port }: WatchSettings): Promise<void> {
  const { io, output } = run;
  // What serves is loaded where something is served.
  const { UsageSite } = await import('../watch/site.js');
  const site = await UsageSite.open(first, port);
  try {
    output.documentLine({ event: 'ready', url: site.url });
    output.note(WORDS[languageOf(io)].served(site.url));
    for await (const usage of refreshes(io, source, interval)) site.update(usage);
  } finally {
    await site.close();
  }
}
