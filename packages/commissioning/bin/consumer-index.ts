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
  inEach,
  type MessageCode,
  type MessageParams,
  type ReadingSet,
  readCsv,
  readJson,
  say,
  sentence,
  type Workspace,
  writeWholeFile,
} from '../src/index.js';
import { refusalDocument } from './day.js';
import { folderOf, openFolder } from './folder.js';
import { textFile } from './text-file.js';

const ACTIVE_IMPORT = '1.0.1.8.0.255';

async function opened(run: Run): Promise<Workspace> {
  const folder = folderOf(run);
  return openFolder(run, folder, languageOf(run.io));
}

export async function listIndex(run: Run): Promise<void> {
  using workspace = await opened(run);
  const { output, options } = run;
  const words = wordsOf(run);
  const rows = chosenRows(workspace, options.all === true);
  const personal = options.personal === true;
  const hasEnded = rows.some(({ removedAt }) => removedAt !== undefined);
  const waiting = workspace.waitingForMeter();
  output.document({
    command: 'index list',
    rows: rows.map((row) => rowDocument(row, personal)),
    waiting: waiting.map((survey) => waitingDocument(survey, personal)),
  });
  if (rows.length === 0) output.line(words('index-empty'));
  const columns = [
    { title: words('index-row'), align: 'right' as const },
    { title: words('index-meter') },
    { title: words('index-feeder') },
    { title: words('index-transformer') },
    { title: words('index-pole') },
    { title: 'kW', align: 'right' as const },
    { title: words('index-since') },
    ...(hasEnded ? [{ title: words('index-until') }] : []),
    { title: words('index-order') },
    ...(personal ? [{ title: words('label-consumer') }] : []),
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
      ...(hasEnded ? [row.removedAt === undefined ? '' : day(row.removedAt, workspace)] : []),
      row.workOrder,
      ...(personal ? [consumerText(row, words)] : []),
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

/** Titles of the table of consumers who wait for a meter. */
const WAITING: readonly MessageCode[] = [
  'index-survey',
  'index-old-meter',
  'index-feeder',
  'index-transformer',
  'index-pole',
  'index-since',
];

function showWaiting(run: Run, surveys: readonly Survey[], personal: boolean): void {
  if (surveys.length === 0) return;
  const { output } = run;
  const words = wordsOf(run);
  output.line();
  output.heading(`${words('index-waiting')}: ${surveys.length}`);
  output.table(
    WAITING.concat(personal ? ['label-consumer'] : []).map((title) => ({ title: words(title) })),
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
    throw new UsageError(inEach('index-unknown', { what }), inEach('index-unknown-try'));
  }
  run.output.document({ command: 'index show', rows: rows.map((row) => rowDocument(row, true)) });
  for (const row of rows) showRow(run, row, workspace);
}

function showRow(run: Run, row: IndexRow, workspace: Workspace): void {
  const { output } = run;
  const words = wordsOf(run);
  const { consumer } = row;
  const position = consumer?.position;
  const lines: [string, string | undefined][] = [
    [
      words('index-corrects'),
      row.supersedes === undefined
        ? undefined
        : words('index-corrects-row', { row: row.supersedes, reason: row.reason ?? '' }),
    ],
    [words('index-recorded'), moment(row.recordedAt, workspace)],
    [words('label-consumer'), consumerText(row, words)],
    [words('label-address'), consumer?.address],
    [words('label-mobile'), consumer === undefined ? undefined : `******${consumer.mobileLast4}`],
    [words('index-position'), position === undefined ? undefined : `${position.latitude}, ${position.longitude}`],
    [words('index-meter'), [row.meter, row.make, row.category].filter((text) => text !== undefined).join(', ')],
    [words('index-replaced'), row.oldMeter],
    [words('label-network'), `${row.feeder}, ${row.transformer}, ${row.pole}`],
    [words('label-load'), `${row.sanctionedLoad / 1000} kW`],
    [words('index-seals'), row.seals.join(', ')],
    [words('index-work-order'), row.workOrder],
    [words('index-installed'), moment(row.installedAt, workspace)],
    [words('index-taken-away'), row.removedAt === undefined ? undefined : moment(row.removedAt, workspace)],
    [words('step-readings'), energyText(row.startReadings, words)],
    [words('index-last-reading'), row.lastReadings === undefined ? undefined : energyText(row.lastReadings, words)],
  ];
  output.heading(words('index-row-title', { row: row.row }));
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
    throw new UsageError(inEach('index-json-output'), inEach('index-json-output-try'));
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
  const { length: count } = rows;
  output.text(wordsOf(run)('index-exported', { rows: counted(count, 'row'), count, file }));
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
  const words = wordsOf(run);
  for (const { row, workOrder: order, refusal } of refused) {
    output.text(words('index-import-row', { row, order, why: sentence(refusal, languageOf(run.io)) }));
  }
  const came = refused.length > 0 ? 'index-import-refused' : dryRun ? 'index-import-dry' : 'index-imported';
  output.text(words(came, { good: rows - refused.length, rows: counted(rows, 'row'), count: rows }));
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
    if (change === undefined) throw noField(field);
    changes = { ...changes, ...change(value.trim(), changed) };
    changed = { ...changed, ...changes };
  }
  const corrected = workspace.index.correct(row, changes, String(options.reason));
  output.document({ command: 'index correct', row: corrected, supersedes: row });
  output.text(wordsOf(run)('index-corrected', { new: corrected, row }));
}

export async function endIndex(run: Run, rowText: string): Promise<void> {
  const { output, options } = run;
  const row = rowNumber(rowText);
  const reading = String(options.reading);
  if (!/^\d{1,9}(?:\.\d{1,3})?$/.test(reading)) {
    throw new UsageError(inEach('index-reading-form', { reading }), inEach('index-reading-form-try'));
  }
  const at = typeof options.at === 'string' ? Date.parse(options.at) : systemClock.now();
  if (Number.isNaN(at))
    throw new UsageError(inEach('index-at-form', { at: String(options.at) }), inEach('index-at-form-try'));
  using workspace = await opened(run);
  const value = Decimal.parse(reading).shift(3).toString();
  const lastReadings = { time: new Date(at).toISOString(), values: [{ register: ACTIVE_IMPORT, value, unit: 'Wh' }] };
  const ended = workspace.index.end(row, { removedAt: at, lastReadings, reason: String(options.reason) });
  output.document({ command: 'index end', row: ended, supersedes: row });
  output.text(wordsOf(run)('index-ended', { new: ended, row }));
}

export async function eraseConsumer(run: Run, consumer: string): Promise<void> {
  const { output } = run;
  const folder = folderOf(run);
  const words = wordsOf(run);
  const meant = await confirm(
    run,
    words('index-erase-ask', { consumer }),
    words('index-erase-warn'),
    words('index-erase-object'),
  );
  if (!meant) {
    output.document({ command: 'index erase', done: false });
    return;
  }
  using workspace = await openFolder(run, folder, languageOf(run.io));
  const { indexed, files } = workspace.erase(consumer);
  output.document({ command: 'index erase', done: true, indexed, files: [...files] });
  if (!indexed && files.length === 0) {
    throw new UsageError(inEach('index-erase-unknown', { consumer }), inEach('index-erase-unknown-try'));
  }
  output.text(words(indexed ? 'index-erased-done' : 'index-erased-none'));
  for (const file of files) output.line(words('index-removed', { file }));
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
  throw new UsageError(inEach('index-row-none', { row }), inEach('index-row-none-try'));
}

function rowDocument({ consumer, ...row }: IndexRow, personal: boolean): Json {
  const shown = personal ? { ...row, consumer: consumer ?? null } : row;
  return JSON.parse(JSON.stringify(shown)) as Json;
}

function consumerText({ consumer }: IndexRow, words: Words): string {
  return consumer === undefined ? words('index-erased') : `${consumer.name}, ${consumer.number}`;
}

function energyText({ time, values }: ReadingSet, words: Words): string {
  const energy = values.find(({ register }) => register === ACTIVE_IMPORT);
  if (energy === undefined) return '';
  const shown =
    energy.unit === 'Wh' ? `${Decimal.parse(energy.value).shift(-3)} kWh` : `${energy.value} ${energy.unit}`;
  return words('index-reading-at', { energy: shown, time });
}

/** Local time of the utility. */
function moment(at: number, { policy }: Workspace): string {
  return dateText(new Date(at - policy.deviation * 60_000).toISOString().slice(0, 16));
}

function day(at: number, workspace: Workspace): string {
  return moment(at, workspace).slice(0, 10);
}

type Words = (code: MessageCode, params?: MessageParams) => string;

/** Sentences in the language of the run. */
function wordsOf({ io }: Run): Words {
  return (code, params) => say(languageOf(io), code, params);
}

function noField(field: string): UsageError {
  const fields = Object.keys(FIELDS);
  const { hi } = inEach('index-field-try', { fields: fields.map((one) => `'${one}'`).join(', ') });
  return new UsageError(inEach('index-field', { field }), { en: suggestion(field, fields), hi });
}
