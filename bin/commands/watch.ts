import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { AssociationError, Decimal, LinkError, TimeoutError, type Usage } from '../../src/index.js';
import { UsageWatch } from '../../src/tools.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { type MeterOnLine, withMeter } from '../connect.js';
import { UsageError } from '../failure.js';
import { Interrupted, type Io } from '../io.js';
import { languageOf, speak } from '../language.js';
import { addConnectionOptions, wholeIn } from '../settings.js';
import { LAN_WORDS } from '../watch/lan-words.js';
import { HushedOutput, LinesView, ScreenView, showUsage, type View } from '../watch/view.js';
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
        'meter. --web shows the same as a page in a browser on this machine, in Hindi and English; with --lan on a phone in the same Wi-Fi, which ' +
        'scans a code. A meter that is away is told at once and tried again. With --json each refresh is a line, with ' +
        '--once it is one document. The days left are reckoned from what was spent since the last recharge, or with --price from the energy ' +
        'of the last seven days.',
      examples: [
        'cosem watch --config meter.json --connection reader',
        'cosem watch --web --port 8080 --config meter.json --connection reader',
        'cosem watch --web --lan --config meter.json --connection reader',
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
    .option('--port <n>', 'of that page (any that is free)')
    .option(
      '--lan [address]',
      'that page for one phone in the same network, read-only; the address where there are several',
    );
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
  const stop = new AbortController();
  const { stdin, stdout, stderr, env, clock, lines, signal } = run.io;
  const io: Io = {
    ...{ stdin, stdout, stderr, env, signal: AbortSignal.any([signal, stop.signal]) },
    ...(clock === undefined ? {} : { clock }),
    ...(lines === undefined ? {} : { lines }),
  };
  speak(io, languageOf(run.io));
  const output = new HushedOutput(io, run.output.json);
  const end = () => stop.abort(new Interrupted());
  const watching: Watching = { run: { ...run, io, output }, settings, end, view: undefined };
  try {
    while (!(await untilAway(watching))) await sleep(settings.interval, undefined, { signal: io.signal });
  } catch (error) {
    // Ctrl-C is the way to stop it; the meter was released.
    if (watching.view === undefined || !(error instanceof Interrupted || io.signal.aborted)) throw error;
  } finally {
    await watching.view?.close();
  }
}

interface Watching {
  readonly run: Run & { readonly output: HushedOutput };
  readonly settings: WatchSettings;
  /** Ends it, as Ctrl-C does. */
  readonly end: () => void;
  /** Where it is shown, once there was something to show. */
  view: View | undefined;
}

/**
 * Reads and shows until it is ended.
 * @returns false when the meter was away for longer than its line is tried anew: then it is opened again, for ever.
 */
async function untilAway(watching: Watching): Promise<boolean> {
  const { run, settings } = watching;
  try {
    await withMeter(run, async (connected) => {
      const source = usageSource(run, connected, settings);
      connected.meter.on('lost', () => watching.view?.away());
      const first = await source();
      if (run.options.once === true) return showUsage(run, first, true);
      if (watching.view === undefined) watching.view = await viewOf(watching, first);
      else watching.view.update(first);
      for await (const usage of refreshes(run.io, source, settings.interval)) {
        watching.view.update(usage);
      }
    });
    return true;
  } catch (error) {
    if (watching.view === undefined || !isAway(error)) throw error;
    watching.view.away();
    return false;
  }
}

/** Whether it may be there again later, with the same settings. */
function isAway(error: unknown): boolean {
  return error instanceof LinkError || error instanceof TimeoutError || error instanceof AssociationError;
}

async function viewOf({ run, settings, end }: Watching, first: Usage): Promise<View> {
  const { io, output, options } = run;
  if (options.web === true) return pageView(run, first, settings);
  if (output.json || !io.stdout.isTTY || !io.stdin.isTTY) return new LinesView(run, first);
  return new ScreenView(run, first, settings.interval, end);
}

async function pageView(run: Run, first: Usage, { port }: WatchSettings): Promise<View> {
  const { io, output, options } = run;
  // What serves is loaded where something is served.
  const { UsageSite } = await import('../watch/site.js');
  const { lanAddress, qrLines } = await import('../watch/lan.js');
  const language = languageOf(io);
  const words = LAN_WORDS[language];
  const onEntered = () => {
    output.documentLine({ event: 'entered' });
    output.note(words.entered);
  };
  const { lan } = options;
  const onLan =
    lan === undefined ? undefined : { address: lanAddress(lan === true ? undefined : String(lan)), onEntered };
  const site = await UsageSite.open(first, port, onLan);
  const { url, link } = site;
  output.documentLine({ event: 'ready', url, ...(link === undefined ? {} : { link }) });
  if (link === undefined) output.note(WORDS[language].served(url));
  else {
    const code = await qrLines(link);
    output.line(...(code ?? [words.noCode]).map((line) => output.style(['whiteBright', 'bgBlack'], line)));
    for (const text of [words.scan(link), words.warning, words.ends]) output.sentence('', text);
  }
  let away = false;
  return {
    update: (usage) => {
      away = false;
      site.update(usage);
    },
    away: () => {
      if (away) return;
      away = true;
      site.away();
      output.documentLine({ event: 'away' });
      output.note(WORDS[language].lost);
    },
    close: () => site.close(),
  };
}

function watchSettings({ options }: Run): WatchSettings {
  const { interval = '10', days = '14', price, port } = options as Record<string, string | undefined>;
  if (options.web !== true && port !== undefined) throw new UsageError('--port without --web', 'say --web too');
  if (options.web !== true && options.lan !== undefined) throw new UsageError('--lan without --web', 'say --web too');
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

/** One after the other until Ctrl-C. */
async function* refreshes({ signal }: Io, source: Source, interval: number): AsyncGenerator<Usage> {
  while (!signal.aborted) {
    await sleep(interval, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) yield await source();
  }
}
