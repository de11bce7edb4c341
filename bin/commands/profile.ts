import type { Command } from 'commander';
import {
  type Companion,
  dataToJson,
  objectTitle,
  type ProfileColumn,
  type ProfileRow,
  parseLogicalName,
  type Reading,
  type RowSelection,
} from '../../src/index.js';
import { define, type Run } from '../command.js';
import { type Connected, withMeter } from '../connect.js';
import { UsageError } from '../failure.js';
import { alignNumbers, plainValue, quantityOf, targetText, unitText, wrapWords } from '../format.js';
import type { Io } from '../io.js';
import { parseMoment } from '../moment.js';
import type { Output } from '../output.js';
import { addConnectionOptions, wholeIn } from '../settings.js';

/** `cosem profile` */
export function defineProfile(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      usage: 'profile <obis>',
      summary: 'read rows of a profile: load profile, daily values, billing, event log',
      description: 'In India 1.0.99.1.0.255 is block load, 1.0.99.2.0.255 daily load, 1.0.98.1.0.255 billing.',
      examples: [
        'cosem profile 1.0.99.1.0.255 --last 10 --config meter.json --connection reader',
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
    .option('--from <time>', "first row: 2026-11-23, '2026-11-23 14:05', with +05:30 or in the meter's time")
    .option('--to <time>', 'last row')
    .option('--last <n>', 'the newest rows');
  addConnectionOptions(command);
}

function selectionOf({ from, to, last }: Readonly<Record<string, unknown>>): RowSelection {
  if (typeof last === 'string') {
    if (from !== undefined || to !== undefined)
      throw new UsageError('--last and a range at once', 'give --last, or --from and --to');
    return { last: wholeIn(last, '--last', 0, 1_000_000) };
  }
  return {
    ...(typeof from === 'string' ? { from: parseMoment(from, '--from', 'begin') } : {}),
    ...(typeof to === 'string' ? { to: parseMoment(to, '--to', 'end') } : {}),
  };
}

/** What a profile's rows are shown from. */
interface Shown {
  readonly output: Output;
  readonly companion: Companion;
  readonly columns: readonly ProfileColumn[];
  readonly names: readonly string[];
  readonly rows: readonly ProfileRow[];
}

async function profile(
  { output }: Run,
  { meter, companion }: Connected,
  name: string,
  selection: RowSelection,
): Promise<void> {
  const title = objectTitle(companion, name) ?? name;
  output.progress(`reading the columns of ${title}`);
  const source = meter.profile(name);
  const columns = await source.columns();
  output.progress(`reading rows of ${title}`);
  const rows = await source.rows(selection);
  output.endProgress();
  const nameOf = (column: ProfileColumn) => objectTitle(companion, column.logicalName) ?? column.name;
  output.document({
    command: 'profile',
    profile: name,
    name: title,
    columns: columns.map((column) => ({
      object: targetText({ ...column, attributeId: column.attributeIndex }),
      name: nameOf(column),
      unit: scalerOf(column)?.unit ?? null,
      scaler: scalerOf(column)?.scaler ?? null,
    })),
    rows: rows.map(({ time, values }) => ({
      time: time?.toText() ?? null,
      values: values.map(plainValue),
      data: values.map(({ data }) => dataToJson(data)),
    })),
  });
  showRows({ output, companion, columns, names: columns.map(nameOf), rows });
  output.note(`${title}: ${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`);
}

/** More columns than this are shown row by row: no terminal is wide enough. */
const MOST_COLUMNS = 12;
const HEADING = 14;

function showRows({ output, companion, columns, names, rows }: Shown): void {
  const units = columns.map((column) => unitText(scalerOf(column)?.unit));
  const cells = columns.map((column, i) =>
    alignNumbers(rows.map(({ values }) => cellText(values[i] as Reading, column, companion))),
  );
  if (columns.length <= MOST_COLUMNS) {
    const titles = names.map((name, i) => wrapWords(name, HEADING) + (units[i] === '' ? '' : `\n${units[i]}`));
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

/** What a code of an event log means, in words; any other value as it is. */
function cellText(reading: Reading, { classId, logicalName }: ProfileColumn, companion: Companion): string {
  const { value } = quantityOf(reading);
  const isEvent = classId === 1 && /^0\.0\.96\.11\.\d+\.255$/.test(logicalName);
  const meaning = isEvent ? companion.event(Number(value))?.meaning : undefined;
  return meaning === undefined ? value : `${value} ${meaning}`;
}

function scalerOf({ scalerUnit }: ProfileColumn) {
  return scalerUnit === 'unknown' ? undefined : scalerUnit;
}
