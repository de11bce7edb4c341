import type { Command } from 'commander';
import {
  dataToJson,
  objectTitle,
  type ProfileColumn,
  type ProfileRow,
  parseLogicalName,
  type RowSelection,
} from '../../src/index.js';
import { define, type Run } from '../command.js';
import { type Connected, withMeter } from '../connect.js';
import { UsageError } from '../failure.js';
import { plainValue, quantityOf, targetText, unitText } from '../format.js';
import type { Io } from '../io.js';
import { parseMoment } from '../moment.js';
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
  showRows(output, columns.map(nameOf), columns, rows);
  output.note(`${title}: ${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`);
}

function showRows(
  output: Run['output'],
  names: readonly string[],
  columns: readonly ProfileColumn[],
  rows: readonly ProfileRow[],
): void {
  output.table(
    columns.map((column, i) => {
      const unit = unitText(scalerOf(column)?.unit);
      return {
        title: `${names[i]}${unit === '' ? '' : `\n${unit}`}`,
        align: column.scalerUnit === undefined ? 'left' : 'right',
      };
    }),
    rows.map(({ values }) => values.map((value) => quantityOf(value).value)),
  );
}

function scalerOf({ scalerUnit }: ProfileColumn) {
  return scalerUnit === 'unknown' ? undefined : scalerUnit;
}
