import type { Command } from 'commander';
import { type EventSpec, objectTitle, unitSymbol } from '../../src/classes.js';
import {
  AccessError,
  type Companion,
  CosemDateTime,
  type Meter,
  type Profile,
  ProfileRow,
  type ProfileRowJson,
  type Reading,
  systemClock,
} from '../../src/index.js';
import { counted } from '../../src/inspect.js';
import { LineFile } from '../../src/node.js';
import { parseLogicalName } from '../../src/protocol.js';
import {
  eventOf,
  inWordsOf,
  isNumbered,
  type ProfileColumn,
  type ProfileProgress,
  parseMomentOrWords,
  type RelativeMoment,
  RowLog,
  type RowSelection,
  rowLogHeader,
  scalerUnitIn,
  selectionBehind,
} from '../../src/tools.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { type MeterOnLine, withMeter } from '../connect.js';
import { asUsage, UsageError } from '../failure.js';
import { alignNumbers, columnTitle, quantityOf, targetText, unitText, wrapWords } from '../format.js';
import type { Io } from '../io.js';
import type { Json, Output } from '../output.js';
import { Pace, rowsProgress } from '../progress.js';
import { addConnectionOptions, wholeIn } from '../settings.js';

/** `cosem profile` */
export function defineProfile(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.profile,
      description: 'In India 1.0.99.1.0.255 is block load, 1.0.99.2.0.255 daily load, 1.0.98.1.0.255 billing.',
      examples: [
        'cosem profile 1.0.99.1.0.255 --last 10 --config meter.json --connection reader',
        'cosem profile 1.0.99.1.0.255 --from yesterday --to yesterday --config meter.json --connection reader',
        'cosem profile 1.0.99.1.0.255 --resume load.jsonl --config meter.json --connection reader',
        "cosem profile 1.0.99.2.0.255 --from 2026-11-01 --to '2026-11-07 12:00' --config meter.json --connection reader",
      ],
    },
    (run, [obis = '']) => {
      const name = parseLogicalName(obis);
      const selection = selectionOf(run.options);
      return withMeter(run, (connected) => profile(run, connected, name, selection));
    },
  );
  command
    .option(
      '--from <time>',
      "first row: 2026-11-23, '2026-11-23 14:05', with +05:30 or in the meter's time; yesterday, '7 days ago', -7d, -12h",
    )
    .option('--to <time>', 'last row: the same; a day is its last second')
    .option('--last <n>', 'the newest rows')
    .option('--resume <file>', 'keep rows in this file as they come; what it holds already is not read again');
  addConnectionOptions(command);
}

/** The wanted rows as the person gives them; days and hours relative to now are resolved once the meter's clock is known. */
type Wanted = { readonly last: number } | { readonly from?: Bound; readonly to?: Bound };
type Bound = CosemDateTime | Date | RelativeMoment;

function selectionOf({ from, to, last }: Readonly<Record<string, unknown>>): Wanted {
  if (typeof last === 'string') {
    if (from !== undefined || to !== undefined)
      throw new UsageError('--last and a range at once', 'give --last, or --from and --to');
    return { last: wholeIn(last, '--last', 1, 1_000_000) };
  }
  return {
    ...(typeof from === 'string' ? { from: asUsage(() => parseMomentOrWords(from, '--from', 'begin')) } : {}),
    ...(typeof to === 'string' ? { to: asUsage(() => parseMomentOrWords(to, '--to', 'end')) } : {}),
  };
}

/** Resolves them with the time of the meter's clock, which its rows use. */
async function resolved(run: Run, meter: Meter, wanted: Wanted): Promise<RowSelection> {
  if ('last' in wanted) return wanted;
  const { from, to } = wanted;
  const isRelative = typeof from === 'function' || typeof to === 'function';
  const now = isRelative ? await meterTime(run, meter) : undefined;
  const at = (bound: Bound) => (typeof bound === 'function' ? bound(now as CosemDateTime) : bound);
  return { ...(from === undefined ? {} : { from: at(from) }), ...(to === undefined ? {} : { to: at(to) }) };
}

async function meterTime({ output }: Run, meter: Meter): Promise<CosemDateTime> {
  const machine = () => {
    const now = new Date(systemClock.now());
    return CosemDateTime.fromDate(now, now.getTimezoneOffset());
  };
  try {
    const time = meter.understood(await meter.get(meter.clock().time));
    if (time.isSpecified()) return time;
    output.note("The meter's clock is not set: days are counted from this machine's time.");
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    output.note("The meter's clock is not told to this client: days are counted from this machine's time.");
  }
  return machine();
}

/** What a profile's rows are shown from. */
interface Shown {
  readonly output: Output;
  readonly events: Events;
  readonly columns: readonly ProfileColumn[];
  readonly names: readonly string[];
  readonly rows: readonly ProfileRow[];
}

async function profile(run: Run, { meter, companion }: MeterOnLine, name: string, wanted: Wanted): Promise<void> {
  const { output } = run;
  const title = objectTitle(companion, name) ?? name;
  output.progress(`reading the columns of ${title}`);
  const source = meter.profile(name);
  await source.columns();
  const selection = await resolved(run, meter, wanted);
  output.progress(`reading rows of ${title}`);
  const events: Events = (reading) => eventOf(companion, meter.quirks, reading);
  const found = await readRows(run, meter, source, selection, title);
  const rows = found.map(
    ({ time, values }) =>
      new ProfileRow(
        time,
        values.map((value) => inWordsOf(companion, value)),
      ),
  );
  output.endProgress();
  // Reading the rows may have changed the columns.
  const columns = await source.columns();
  output.document({
    command: 'profile',
    profile: name,
    name: title,
    columns: columns.map((column, i) => ({
      object: isNumbered(column) ? null : targetText({ ...column, attributeId: column.attributeIndex }),
      name: titleOf(column, companion),
      unit: currencyIn(rows, i) ?? scalerOf(column)?.unit ?? null,
      scaler: scalerOf(column)?.scaler ?? null,
    })),
    rows: rows.map((row) => ({ ...rowJson(row), ...eventsIn(row.values, events) })),
  });
  showRows({ output, events, columns, names: columns.map((column) => titleOf(column, companion)), rows });
  output.note(`${title}: ${counted(rows.length, 'row')}`);
}

/** Where the meter does not tell what it captures, a column has a number only. */
function titleOf(column: ProfileColumn, companion: Companion): string {
  return isNumbered(column) ? column.name : columnTitle(column, companion);
}

/** The rows, preceded by those that a file already has. */
async function readRows(
  { output, options }: Run,
  meter: Meter,
  source: Profile,
  selection: RowSelection,
  title: string,
): Promise<readonly ProfileRow[]> {
  const pace = new Pace();
  const onProgress = (progress: ProfileProgress) => {
    output.progress(`reading rows of ${title}: ${rowsProgress(progress, pace)}`);
  };
  if (typeof options.resume !== 'string') return source.rows(selection, { onProgress });
  const path = options.resume;
  const header = await rowLogHeader(meter, source);
  const file = asUsage(() => new LineFile(path));
  try {
    const log = asUsage(() => new RowLog(file, header));
    const kept = await source.restored(log.rows);
    if (kept.length > 0) output.note(`${path} holds ${counted(kept.length, 'row')} already: going on behind them.`);
    const added: ProfileRow[] = [];
    await source.rows(
      asUsage(() => selectionBehind(kept, selection), 'read it without --resume'),
      {
        onProgress,
        onRow: (row) => {
          if (log.add(row)) added.push(row);
        },
      },
    );
    return [...kept, ...added];
  } finally {
    file.close();
  }
}

/** More columns than this are shown row by row, and what is wider than the terminal: no terminal is wide enough for them. */
const MOST_COLUMNS = 12;
const HEADING = 14;
/** Blanks between the columns of a table. */
const GAP = 2;

function widest(lines: readonly string[]): number {
  return Math.max(0, ...lines.map((line) => line.length));
}

function showRows({ output, events, columns, names, rows }: Shown): void {
  const units = columns.map((column, i) => currencyIn(rows, i) ?? unitText(scalerOf(column)?.unit));
  const cells = columns.map((_, i) => alignNumbers(rows.map(({ values }) => cellText(values[i] as Reading, events))));
  const titles = names.map((name, i) => wrapWords(name, HEADING) + (units[i] === '' ? '' : `\n${units[i]}`));
  const widths = titles.map((title, i) => widest([...title.split('\n'), ...(cells[i] as string[])]));
  const width = widths.reduce((sum, column) => sum + column + GAP, -GAP);
  if (columns.length <= MOST_COLUMNS && width <= output.width) {
    output.table(
      columns.map((column, i) => ({
        title: titles[i] as string,
        align: column.scalerUnit === undefined ? 'left' : 'right',
      })),
      rows.map((_, row) => cells.map((column) => column[row] as string)),
    );
    return;
  }
  rows.forEach(({ time }, row) => {
    output.heading(time?.toText() ?? `row ${row + 1}`);
    const values = alignNumbers(cells.map((column) => (column[row] as string).trim()));
    output.table(
      [{ title: '' }, { title: '' }],
      names.map((name, i) => [name, `${values[i]} ${units[i]}`]),
      '  ',
    );
    output.line();
  });
}

/** What a code of an event log means, in words; scaler and unit as people write them; any other value as it is. */
function cellText(reading: Reading, events: Events): string {
  const { value } = quantityOf(reading);
  const event = events(reading);
  if (event !== undefined) return `${value} ${event.meaning}${EVENT_KINDS[event.kind]}`;
  return scalerUnitText(reading) ?? value;
}

/** An event and its end have the same meaning: these words tell them apart. */
const EVENT_KINDS: Readonly<Record<EventSpec['kind'], string>> = {
  occurrence: ', begins',
  restoration: ', ends',
  event: '',
};

/** The event that a reading tells of, if it is one. */
type Events = (reading: Reading) => EventSpec | undefined;

/** The event of a row, for programs. */
/** A row without its columns, which the document has once. */
function rowJson(row: ProfileRow): Omit<ProfileRowJson, 'columns'> {
  const { columns: _, ...rest } = row.toJSON();
  return rest;
}

function eventsIn(values: readonly Reading[], events: Events): { event?: Json } {
  const event = values.map(events).find((found) => found !== undefined);
  return event === undefined ? {} : { event: { code: event.code, meaning: event.meaning, kind: event.kind } };
}

/** A column of a scaler profile: `10^-2, Wh`. */
function scalerUnitText(reading: Reading): string | undefined {
  const known = scalerUnitIn(reading);
  if (known === undefined) return undefined;
  const symbol = unitSymbol(known.unit);
  return `10^${known.scaler}${symbol === '' ? '' : ` ${symbol}`}`;
}

/** The currency of a column of money. */
function currencyIn(rows: readonly ProfileRow[], column: number): string | undefined {
  return rows[0]?.values[column]?.currency;
}

function scalerOf({ scalerUnit }: ProfileColumn) {
  return scalerUnit === 'unknown' ? undefined : scalerUnit;
}
