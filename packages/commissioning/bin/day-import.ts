/** `cosem day import`: work orders from the utility's sheet. */

import { Ended, EXIT, type Json, type Output, type Run, UsageError } from 'cosem/command';
import {
  type ImportedOrder,
  importOrders,
  inEach,
  type Language,
  type MessageCode,
  ordersIn,
  parseMapping,
  type RowProblem,
  readSheetFile,
  SheetError,
  say,
} from '../src/index.js';
import { folderLanguage, folderOf, Remembered } from './folder.js';
import { textFile } from './text-file.js';

/** Rows that are shown; the rest is counted. */
const SHOWN = 40;

export async function importSheet(run: Run, file: string): Promise<void> {
  const { options, output } = run;
  const folder = folderOf(run);
  const language = await folderLanguage(run, new Remembered(folder), false);
  const mappingFile = typeof options.mapping === 'string' ? options.mapping : undefined;
  if (mappingFile === undefined) {
    throw new UsageError(inEach('import-mapping'), inEach('import-mapping-try'));
  }
  const dryRun = options.dryRun === true;
  const mapping = parseMapping(textFile(mappingFile, '--mapping'), mappingFile);
  try {
    const { orders, refused } = ordersIn(await readSheetFile(file, mapping.sheet), mapping);
    const imported = importOrders(folder, orders, { dryRun, replace: options.replace === true });
    const isRefused = tell(output, language, { file, dryRun, imported, refused });
    if (isRefused) throw new Ended(EXIT.refused);
  } catch (error) {
    if (error instanceof SheetError) {
      const { reason, params } = error;
      const told = (one: Language) => `${file}: ${say(one, reason, params)}`;
      throw new UsageError({ en: told('en'), hi: told('hi') });
    }
    throw error;
  }
}

interface Result {
  readonly file: string;
  readonly dryRun: boolean;
  readonly imported: readonly ImportedOrder[];
  readonly refused: readonly RowProblem[];
}

const TAKEN: ReadonlySet<ImportedOrder['what']> = new Set(['new', 'same', 'replaced']);

/** @returns whether something was refused. */
function tell(output: Output, language: Language, { file, dryRun, imported, refused }: Result): boolean {
  const kept = imported.filter(({ what }) => !TAKEN.has(what));
  const count = (what: ImportedOrder['what']) => imported.filter((order) => order.what === what).length;
  const rows = new Set([...refused, ...kept].map(({ row }) => row));
  output.document({
    command: 'day import',
    sheet: file,
    dryRun,
    orders: imported.map((order) => ({ ...order })),
    refused: [...kept.map((order) => keptDocument(order)), ...refused.map((problem) => problemDocument(problem))],
  });
  if (dryRun) output.line(say(language, 'import-would'));
  const written = imported.filter(({ what }) => what === 'new' || what === 'replaced');
  for (const { id, what, row } of written.slice(0, SHOWN)) {
    output.line(`  ${output.style('green', '+')} ${id}  ${say(language, `import-${what}`)} (${row})`);
  }
  if (written.length > SHOWN) output.line(`  ${say(language, 'import-more', { count: written.length - SHOWN })}`);
  const lines = [
    ...kept.map((order) => [order.row, keptText(order, language)] as const),
    ...refused.map((problem) => [problem.row, problemText(problem, language)] as const),
  ].sort(([a], [b]) => a - b);
  for (const [, line] of lines.slice(0, SHOWN)) output.line(`${output.style('red', '✖')} ${line}`);
  if (lines.length > SHOWN) output.line(say(language, 'import-more', { count: lines.length - SHOWN }));
  const counts = { new: count('new'), replaced: count('replaced'), same: count('same'), refused: rows.size };
  output.line(say(language, 'import-count', counts));
  if (lines.length > 0) output.line(say(language, 'import-fix'));
  return lines.length > 0;
}

function problemText({ row, id, says, params }: RowProblem, language: Language): string {
  return say(language, 'row-refused', { row, order: id === '' ? '' : ` (${id})`, why: say(language, says, params) });
}

function keptText({ row, id, what, file }: ImportedOrder, language: Language): string {
  return `${say(language, 'row-refused', { row, order: '', why: id })} ${say(language, `import-${what}` as MessageCode, { file })}`;
}

function problemDocument(problem: RowProblem): Json {
  const { row, id, column, says } = problem;
  const sentence = { en: problemText(problem, 'en'), hi: problemText(problem, 'hi') };
  return { row, order: id || null, column, reason: says, sentence };
}

function keptDocument(order: ImportedOrder): Json {
  const sentence = { en: keptText(order, 'en'), hi: keptText(order, 'hi') };
  return { row: order.row, order: order.id, column: null, reason: `import-${order.what}`, sentence };
}
