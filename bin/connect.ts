import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type Companion,
  type Meter,
  type OpenOptions,
  open,
  type Remark,
  type SecurityOptions,
  StateError,
  type Transport,
} from '../src/index.js';
import type { Language } from '../src/inspect.js';
import { FileCacheStore, FileCounterStore, nodeCrypto, transportOf } from '../src/node.js';
import {
  explainNotServed,
  findCompanion,
  LineWatch,
  optionsOf as storedOptions,
  type TraceEvent,
} from '../src/tools.js';
import type { Run } from './command.js';
import { CONNECT_WORDS } from './connect-words.js';
import { noteFailure } from './failed-calls.js';
import { Interrupted, type Io } from './io.js';
import { languageOf } from './language.js';
import { quirkSheets } from './quirks.js';
import { remarkText } from './remark-words.js';
import { type ConnectionSettings, connectionSettings, lineText } from './settings.js';
import { stateFolder } from './state-folder.js';
import { Tracer } from './trace.js';
import { TraceFile } from './trace-file.js';

/** An open meter and what is known about it beforehand. */
export interface MeterOnLine {
  /** The open meter. */
  readonly meter: Meter;
  /** Its companion specification: the given one, or the one that it was found to follow. */
  readonly companion: Companion;
  /** What the options, the environment and the configuration say of the connection. */
  readonly settings: ConnectionSettings;
  /** Keeps what is known about an error of this meter, for whoever tells of it; `withMeter` does so for the errors that its work throws. */
  readonly note: (error: unknown) => void;
}

/**
 * Opens the meter that the options name, lets `work` do its work, and releases the meter whatever happens.
 * @throws what `work` throws; a failure to connect says what came instead of an answer.
 */
export function withMeter(run: Run, work: (connected: MeterOnLine) => Promise<void>): Promise<void> {
  const settings = connectionSettings(run.options, run.io);
  const connect = () => lineTo(settings, run.io);
  return withMeterOn(connect(), settings, run, work, connect);
}

/**
 * As `withMeter`, over a transport that is there already.
 * @param connect makes that line again, where a failure is to be looked into.
 */
export async function withMeterOn(
  transport: Transport,
  settings: ConnectionSettings,
  run: Run,
  work: (connected: MeterOnLine) => Promise<void>,
  connect?: () => Transport,
): Promise<void> {
  const lineWatch = new LineWatch(settings.framing);
  const tracer = run.options.trace === true ? new Tracer(settings, run.output) : undefined;
  const file = TraceFile.of(run, settings);
  const seen = [lineWatch, tracer, file].filter((watcher) => watcher !== undefined);
  const watch = {
    see: (event: TraceEvent) => {
      for (const watcher of seen) watcher.see(event);
    },
  };
  const options = openOptions(settings, run, watch);
  run.output.progress(CONNECT_WORDS[languageOf(run.io)].connecting(transport.name));
  let opened = false;
  let known = settings;
  const note = (error: unknown) =>
    noteFailure({ failed: { error, watch: lineWatch, opened }, settings: known, options, connect });
  try {
    const meter = tellingLosses(await open(transport, options), run);
    opened = true;
    try {
      if (!settings.companionTold) known = { ...settings, companion: await findCompanion(meter) };
      run.output.endProgress();
      await work({ meter, companion: known.companion, settings: known, note });
    } finally {
      await meter.close();
    }
  } catch (error) {
    if (opened && error instanceof Interrupted) error.released = true;
    const { client, companion, encryptionKey, security } = known;
    const ciphered = encryptionKey !== undefined && security !== 'none';
    const told = explainNotServed(error, { client, companion, ciphered });
    note(told);
    throw told;
  } finally {
    tracer?.end();
    file?.end();
  }
}

/** The line that the settings name, not open yet. */
export function lineTo(settings: ConnectionSettings, { lines }: Io): Transport {
  return lines?.(lineText(settings.line)) ?? transportOf(settings);
}

/** What `open` is told. */
export function openOptions(
  settings: ConnectionSettings,
  run: Run,
  tracer: Pick<Tracer, 'see'> | undefined,
): OpenOptions {
  const { output } = run;
  const { log } = run.io;
  const line = lineText(settings.line);
  const trace = (event: TraceEvent) => {
    tracer?.see(event);
    log?.see(line, event);
  };
  const { security, ...own } = storedOptions(settings);
  return {
    ...own,
    ...(security === undefined ? {} : { security: { ...security, ...counterStore(settings, run) } }),
    crypto: nodeCrypto,
    signal: run.io.signal,
    ...(run.io.clock === undefined ? {} : { clock: run.io.clock }),
    ...(run.options.fresh === true ? {} : { cache: new FileCacheStore(join(stateFolder(run.io), 'meters')) }),
    ...(tracer === undefined && log === undefined ? {} : { trace }),
    ...(log === undefined ? {} : { onLog: (entry) => log.entry(entry) }),
    quirks: quirkSheets(run.io, settings.quirks),
    ...(run.options.allowEchoedChallenge === true ? { allowEchoedChallenge: true } : {}),
    ...(run.options.allowOddChallenge === true ? { allowOddChallenge: true } : {}),
    ...(run.options.allowCounterReset === true ? { allowCounterReset: true } : {}),
    ...(run.options.acceptUnproven === true ? { acceptUnprovenMeter: true } : {}),
    onRemark: (remark) => {
      const isTold = remark.weight === 'note' || run.options.trace === true;
      if (isTold && isNew(run.io, remark)) output.sentence('', remarkText(remark, languageOf(run.io)));
    },
  };
}

/** What was told already of each meter, by the world that is its own: a meter that is opened again and again is as odd as before. */
const TOLD = new WeakMap<Io, Set<string>>();

function isNew(io: Io, { code, target, text }: Remark): boolean {
  const told = TOLD.get(io) ?? new Set();
  TOLD.set(io, told);
  const key = [code, target, text].join(' ');
  return !told.has(key) && told.add(key) !== undefined;
}

/** Has the person told when a meter is lost, and when it is there again. */
export function tellingLosses(meter: Meter, { output, io }: Run): Meter {
  const words = CONNECT_WORDS[languageOf(io)];
  meter.on('lost', ({ patience }) => {
    if (patience > 0) output.progress(words.lost(patience / 1000));
  });
  meter.on('resumed', (resumption) => output.note(words.resumed(resumption)));
  return meter;
}

/** Where invocation counters are kept. */
export function counterFile(io: Io, told: string | undefined): string {
  return told ?? join(stateFolder(io), 'invocation-counters');
}

/**
 * Invocation counters outlive every run: under a live key none may come twice. Where there is no place to keep them, what the meter
 * publishes must do.
 */
function counterStore({ counters }: ConnectionSettings, { io, output }: Run): Pick<SecurityOptions, 'counters'> {
  const file = counterFile(io, counters);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    return { counters: new FileCounterStore(file) };
  } catch (cause) {
    if (counters === undefined) {
      output.sentence('', CONNECT_WORDS[languageOf(io)].noCounters(file));
      return {};
    }
    throw new StateError(`the folder of the invocation counters ${file} cannot be made`, {
      hint: 'say --counters FILE with a place that you may write',
      cause,
    });
  }
}
