/** `cosem index` */

import { Decimal, systemClock } from 'cosem';
import { confirm, Ended, EXIT, type Json, languageOf, type Run, UsageError, wholeIn } from 'cosem/command';
import { counted, dateText, suggestion } from 'cosem/inspect';
import {
  exportCsv,
  exportGeoJson,
  exportJson,
  type IndexRow,
  type Installation,
  importInto,
  importSentence,
  type ReadingSet,
  readCsv,
  readJson,
  say,
  type Workspace,
  writeWholeFile,
} from '../src/index.js';
import { refusalDocument } from './day.js';
import { folderOf, openFolder } from './folder.js';
import { textFile } from './text-file.js';

const ACTIVE_IMPORT = '1.0.1.8.0.255';

async function opened(run: Run): Promise<Workspace> {
  return openFolder(run, folderOf(run), 'en');
}

export async function listIndex(run: Run): Promise<void> {
  using workspace = await opened(run);
  const { output, options } = run;
  const rows = chosenRows(workspace, options.all === true);
  const personal = options.personal === true;
  const waiting = workspace.waitingForMeter();
  output.document({
    command: 'index list',
    rows: rows.map((row) => rowDocument(row, personal)),
    waiting: waiting.map((survey) => waitingDocument(survey, personal)),
  });
  if (rows.length === 0) output.line('The index is empty.');
  const columns = [
    { title: 'Row', align: 'right' as const },
    { title: 'Meter' },
    { title: 'Feeder' },
    { title: 'Transformer' },
    { title: 'Pole' },
    { title: 'kW', align: 'right' as const },
    { title: 'Since' },
    ...(options.all === true ? [{ title: 'Until' }] : []),
    { title: 'Order' },
    ...(personal ? [{ title: 'Consumer' }] : []),
  ];
  output.table(
    columns,
    rows.map((row) => [
      String(row.row),
      row.meter,
      row.feeder,
      row.transformer,
      row.pole,
      String(row.sanctionedLoad / 1000),
      day(row.installedAt, workspace),
      ...(options.all === true ? [row.removedAt === undefined ? '' : day(row.removedAt, workspace)] : []),
      row.workOrder,
      ...(personal ? [consumerText(row)] : []),
    ]),
  );
  showWaiting(run, waiting, personal);
}

type Survey = ReturnType<Workspace['waitingForMeter']>[number];

/** A consumer who was surveyed and waits for a meter. */
function waitingDocument({ signed: { record }, person }: Survey, personal: boolean): Json {
  const { workOrder, at, network, oldMeter } = record;
  const { name, address, mobileLast4, position = null } = person;
  const whole = { number: record.consumer.number, name, address, mobileLast4, position: position && { ...position } };
  return {
    survey: workOrder.id,
    at,
    by: record.installer.name,
    ...network,
    oldMeter: oldMeter?.serial ?? null,
    ...(personal ? { consumer: whole } : {}),
  };
}

function showWaiting({ output, io }: Run, surveys: readonly Survey[], personal: boolean): void {
  if (surveys.length === 0) return;
  output.line();
  output.heading(`${say(languageOf(io), 'index-waiting')}: ${surveys.length}`);
  output.table(
    ['Survey', 'Old meter', 'Feeder', 'Transformer', 'Pole', 'Since', ...(personal ? ['Consumer'] : [])].map(
      (title) => ({ title }),
    ),
    surveys.map(({ signed: { record }, person }) => [
      record.workOrder.id,
      record.oldMeter?.serial ?? '–',
      record.network.feeder,
      record.network.transformer,
      record.network.pole,
      dateText(record.at.slice(0, 10)),
      ...(personal ? [`${person.name}, ${record.consumer.number}`] : []),
    ]),
  );
}

export async function showIndex(run: Run, what: string): Promise<void> {
  using workspace = await opened(run);
  const { index } = workspace;
  const ofOrder = index.ofOrder(what);
  const history = [index.historyOfMeter(what), index.historyOfConsumer(what)].find(({ length }) => length > 0);
  const rows = history ?? (ofOrder === undefined ? [] : [ofOrder]);
  if (rows.length === 0) {
    throw new UsageError(
      `the index knows ${what} neither as a meter nor as a consumer nor as a work order`,
      'cosem index list shows what it knows',
    );
  }
  run.output.document({ command: 'index show', rows: rows.map((row) => rowDocument(row, true)) });
  for (const row of rows) showRow(run, row, workspace);
}

function showRow({ output }: Run, row: IndexRow, workspace: Workspace): void {
  const { consumer } = row;
  const position = consumer?.position;
  const lines: [string, string | undefined][] = [
    ['Corrects', row.supersedes === undefined ? undefined : `row ${row.supersedes}: ${row.reason ?? ''}`],
    ['Recorded', moment(row.recordedAt, workspace)],
    ['Consumer', consumerText(row)],
    ['Address', consumer?.address],
    ['Mobile', consumer === undefined ? undefined : `******${consumer.mobileLast4}`],
    ['Position', position === undefined ? undefined : `${position.latitude}, ${position.longitude}`],
    ['Meter', [row.meter, row.make, row.category].filter((text) => text !== undefined).join(', ')],
    ['Replaced', row.oldMeter],
    ['Feeder, transformer, pole', `${row.feeder}, ${row.transformer}, ${row.pole}`],
    ['Sanctioned load', `${row.sanctionedLoad / 1000} kW`],
    ['Seals', row.seals.join(', ')],
    ['Work order', row.workOrder],
    ['Installed', moment(row.installedAt, workspace)],
    ['Taken away', row.removedAt === undefined ? undefined : moment(row.removedAt, workspace)],
    ['Start reading', energyText(row.startReadings)],
    ['Last reading', row.lastReadings === undefined ? undefined : energyText(row.lastReadings)],
  ];
  output.heading(`Row ${row.row}`);
  output.table(
    [{ title: '' }, { title: '' }],
    lines.flatMap(([title, text]) => (text === undefined || text === '' ? [] : [[title, text]])),
    '  ',
  );
  output.line();
}

export async function exportIndex(run: Run): Promise<void> {
  const { output, options } = run;
  const file = typeof options.output === 'string' ? options.output : undefined;
  const named = typeof options.format === 'string' ? options.format : /\.(csv|json|geojson)$/.exec(file ?? '')?.[1];
  const write = { csv: exportCsv, json: exportJson, geojson: exportGeoJson }[named ?? 'csv'] ?? exportCsv;
  if (options.json === true && file === undefined) {
    throw new UsageError('--json tells what was done, and the index itself goes to stdout', 'add --output FILE');
  }
  using workspace = await opened(run);
  const rows = chosenRows(workspace, options.all === true);
  const text = write(rows, { personal: options.personal === true });
  if (file === undefined) {
    output.file(text);
    return;
  }
  writeWholeFile(file, text);
  output.document({ command: 'index export', file, format: named ?? 'csv', rows: rows.length });
  output.line(`${counted(rows.length, 'row')} written to ${file}.`);
}

export async function importIndex(run: Run, file: string): Promise<void> {
  const { output, options } = run;
  const text = textFile(file, 'FILE');
  const installations: readonly Installation[] = /\.json$/i.test(file) ? readJson(text, file) : readCsv(text, file);
  using workspace = await opened(run);
  const dryRun = options.dryRun === true;
  const { written, rows, refused } = importInto(workspace.index, installations, { dryRun });
  output.document({
    command: 'index import',
    dryRun,
    written,
    rows,
    refused: refused.map(({ row, workOrder, refusal }) => ({ row, workOrder, refusal: refusalDocument(refusal) })),
  });
  for (const one of refused) output.line(importSentence(one));
  const kept = `${rows - refused.length} of ${counted(rows, 'row')} can be taken`;
  if (refused.length > 0) output.line(`${kept}. Nothing was written: mend the file and import it again.`);
  else
    output.line(
      dryRun ? `${kept}. Nothing was written, as it was a dry run.` : `${counted(rows, 'row')} taken into the index.`,
    );
  if (refused.length > 0) throw new Ended(EXIT.refused);
}

type Changes = Parameters<Workspace['index']['correct']>[1];

/** What may be corrected, by the words of `--set`. */
const FIELDS: Readonly<Record<string, (value: string, row: IndexRow) => Changes>> = {
  feeder: (feeder) => ({ feeder }),
  transformer: (transformer) => ({ transformer }),
  pole: (pole) => ({ pole }),
  meter: (meter) => ({ meter }),
  make: (make) => ({ make }),
  category: (category) => ({ category }),
  'old-meter': (oldMeter) => ({ oldMeter }),
  seals: (seals) => ({ seals: seals.split(/[;,]/).map((seal) => seal.trim()) }),
  load: (load) => ({ sanctionedLoad: wholeIn(load, 'load', 1, 10_000_000) }),
  name: (name, row) => consumerWith(row, { name }),
  address: (address, row) => consumerWith(row, { address }),
  'mobile-last4': (mobileLast4, row) => consumerWith(row, { mobileLast4 }),
  position: (text, row) => {
    const [latitude = Number.NaN, longitude = Number.NaN] = text.split(/[,;]\s*/).map(Number);
    return consumerWith(row, { position: { latitude, longitude } });
  },
};

function consumerWith({ consumer }: IndexRow, changes: Partial<NonNullable<IndexRow['consumer']>>): Changes {
  return consumer === undefined ? {} : { consumer: { ...consumer, ...changes } };
}

export async function correctIndex(run: Run, rowText: string): Promise<void> {
  const { output, options } = run;
  const row = rowNumber(rowText);
  using workspace = await opened(run);
  const before = rowOf(workspace, row);
  let changed = before;
  let changes: Changes = {};
  for (const text of options.set as readonly string[]) {
    const [, field = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
    const change = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
    if (change === undefined) throw new UsageError(`'${field}' is no field`, suggestion(field, Object.keys(FIELDS)));
    changes = { ...changes, ...change(value.trim(), changed) };
    changed = { ...changed, ...changes };
  }
  const corrected = workspace.index.correct(row, changes, String(options.reason));
  output.document({ command: 'index correct', row: corrected, supersedes: row });
  output.line(`Row ${corrected} corrects row ${row}.`);
}

export async function endIndex(run: Run, rowText: string): Promise<void> {
  const { output, options } = run;
  const row = rowNumber(rowText);
  const reading = String(options.reading);
  if (!/^\d{1,9}(?:\.\d{1,3})?$/.test(reading)) {
    throw new UsageError(
      `--reading '${reading}' is no number of kWh`,
      'write the digits of the register, such as 1234.5',
    );
  }
  const at = typeof options.at === 'string' ? Date.parse(options.at) : systemClock.now();
  if (Number.isNaN(at))
    throw new UsageError(`--at '${options.at}' is no time`, 'write it as 2026-11-23T14:05:00+05:30');
  using workspace = await opened(run);
  const value = Decimal.parse(reading).shift(3).toString();
  const lastReadings = { time: new Date(at).toISOString(), values: [{ register: ACTIVE_IMPORT, value, unit: 'Wh' }] };
  const ended = workspace.index.end(row, { removedAt: at, lastReadings, reason: String(options.reason) });
  output.document({ command: 'index end', row: ended, supersedes: row });
  output.line(`Row ${ended}: the meter of row ${row} serves no longer.`);
}

export async function eraseConsumer(run: Run, consumer: string): Promise<void> {
  const { output } = run;
  const folder = folderOf(run);
  const meant = await confirm(
    run,
    `Erase everything personal of consumer ${consumer}`,
    'There is no way back.',
    'the consumer index',
  );
  if (!meant) {
    output.document({ command: 'index erase', done: false });
    return;
  }
  using workspace = await openFolder(run, folder, 'en');
  const { indexed, files } = workspace.erase(consumer);
  output.document({ command: 'index erase', done: true, indexed, files: [...files] });
  if (!indexed && files.length === 0) {
    throw new UsageError(`consumer ${consumer} is neither in the index nor in a work order`, 'is the number right?');
  }
  output.line(indexed ? 'The consumer is erased from the index.' : 'The index did not have the consumer.');
  for (const file of files) output.line(`removed ${file}`);
}

// ---- rows

function chosenRows(workspace: Workspace, all: boolean): IndexRow[] {
  return workspace.index.rows().filter(({ removedAt }) => all || removedAt === undefined);
}

function rowNumber(text: string): number {
  return wholeIn(text, 'the row', 1, Number.MAX_SAFE_INTEGER);
}

function rowOf(workspace: Workspace, row: number): IndexRow {
  const found = workspace.index.rows().find((candidate) => candidate.row === row);
  if (found !== undefined) return found;
  throw new UsageError(
    `row ${row} is not in the index, or a later one corrects it`,
    'cosem index list --all shows the last word on each installation',
  );
}

function rowDocument({ consumer, ...row }: IndexRow, personal: boolean): Json {
  const shown = personal ? { ...row, consumer: consumer ?? null } : row;
  return JSON.parse(JSON.stringify(shown)) as Json;
}

function consumerText({ consumer }: IndexRow): string {
  return consumer === undefined ? '(erased)' : `${consumer.name}, ${consumer.number}`;
}

function energyText({ time, values }: ReadingSet): string {
  const energy = values.find(({ register }) => register === ACTIVE_IMPORT);
  if (energy === undefined) return '';
  const shown =
    energy.unit === 'Wh' ? `${Decimal.parse(energy.value).shift(-3)} kWh` : `${energy.value} ${energy.unit}`;
  return `${shown} at ${time}`;
}

/** Local time of the utility. */
function moment(at: number, { policy }: Workspace): string {
  return new Date(at - policy.deviation * 60_000).toISOString().slice(0, 16).replace('T', ' ');
}

function day(at: number, workspace: Workspace): string {
  return moment(at, workspace).slice(0, 10);
}
