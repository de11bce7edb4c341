import { checkDocument, DocumentError, type DocumentProblem } from '../document.js';
import { type MessageCode, type MessageParams, messages } from '../messages.js';
import { workOrderSchema } from '../work-order.js';
import { type CellValue, cellValue } from './cell-text.js';
import { type FieldSource, ORDER_FIELDS, type OrderMapping } from './mapping.js';
import { cellText, type Sheet, SheetError, type SheetRow } from './sheet.js';

/** A work order as the utility writes it, read from a row. */
export interface SheetOrder {
  readonly row: number;
  readonly id: string;
  readonly order: Readonly<Record<string, unknown>>;
}

/** What is wrong with a row: `says` and `params` give reason and what to write in each language. No value of the row is repeated. */
export interface RowProblem {
  readonly row: number;
  /** The order of the row, where its id can be read. */
  readonly id: string;
  /** The heading of the column; the name of the field where no column gives it. */
  readonly column: string;
  readonly says: MessageCode;
  readonly params: MessageParams;
}

export interface SheetOrders {
  readonly orders: readonly SheetOrder[];
  readonly refused: readonly RowProblem[];
}

/** Reads every row below the headings: the good ones become orders, each other says what is wrong. @throws SheetError for the sheet as a whole. */
export function ordersIn(sheet: Sheet, mapping: OrderMapping): SheetOrders {
  const headings = sheet.rows.find(({ number }) => number === mapping.headingRow);
  if (headings === undefined) throw new SheetError('sheet-no-headings', { row: mapping.headingRow });
  const columns = columnsOf(headings, mapping);
  const rows = sheet.rows.filter(({ number }) => number > mapping.headingRow);
  if (rows.length === 0) throw new SheetError('sheet-empty', { row: mapping.headingRow });
  const orders: SheetOrder[] = [];
  const refused: RowProblem[] = [];
  const seen = new Map<string, number>();
  for (const row of rows) {
    const { id, order, problems } = readRow(row, mapping, columns);
    // File systems differ in whether they tell large letters from small ones.
    const twin = seen.get(id.toLowerCase());
    if (problems.length === 0 && twin !== undefined) {
      const column = columnNamed(mapping.fields.id) ?? 'id';
      refused.push({ row: row.number, id, column, says: 'row-twice', params: { column, twin } });
    } else if (problems.length === 0) orders.push({ row: row.number, id, order });
    else refused.push(...problems);
    if (id !== '' && twin === undefined) seen.set(id.toLowerCase(), row.number);
  }
  return { orders, refused };
}

type Columns = ReadonlyMap<string, number>;

/** Where each heading that the mapping names stands. */
function columnsOf({ cells }: SheetRow, { fields, headingRow }: OrderMapping): Columns {
  const there = cells.map((cell) => headingText(cellText(cell)));
  const found = new Map<string, number>();
  for (const name of Object.values(fields).flatMap(namesOf)) {
    const wanted = headingText(name);
    const at = there.indexOf(wanted);
    if (at < 0) {
      const names = cells.map(cellText).filter((text) => text !== '');
      const shown = names.slice(0, 30).join(', ').slice(0, 600);
      throw new SheetError('sheet-no-column', { column: name, row: headingRow, there: shown });
    }
    if (there.indexOf(wanted, at + 1) >= 0) throw new SheetError('sheet-column-twice', { column: name });
    found.set(name, at);
  }
  return found;
}

/** Headings are compared as people read them. */
function headingText(text: string): string {
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim().toLowerCase();
}

function namesOf({ column }: FieldSource): readonly string[] {
  return column === undefined ? [] : typeof column === 'string' ? [column] : column;
}

function columnNamed(source: FieldSource | undefined): string | undefined {
  return source && (namesOf(source).join(' + ') || undefined);
}

interface ReadRow {
  readonly id: string;
  readonly order: Readonly<Record<string, unknown>>;
  readonly problems: readonly RowProblem[];
}

function readRow({ number: row, cells }: SheetRow, mapping: OrderMapping, columns: Columns): ReadRow {
  const order: Record<string, unknown> = { format: 'cosem-work-order-1' };
  const found: { readonly field: string; readonly says: MessageCode; readonly params: MessageParams }[] = [];
  for (const [field, source] of Object.entries(mapping.fields)) {
    const value = fieldValue(field, source, cells, columns, mapping.zone);
    if (value === undefined) continue;
    if ('problem' in value) found.push({ field, says: value.problem.says, params: value.problem.params ?? {} });
    else put(order, field, value.value);
  }
  // An order without an old meter says so; what else is not there is missing.
  if (order.oldMeter === undefined && mapping.fields['oldMeter.serial'] !== undefined) order.oldMeter = null;
  const atFault = new Set(found.map(({ field }) => field));
  for (const problem of problemsOf(order)) {
    const { field } = problem;
    const covered = [...atFault].some((one) => one === field || one.startsWith(`${field}.`));
    if (!covered) found.push({ field, ...wordsFor(problem, mapping) });
  }
  const id = typeof order.id === 'string' ? order.id : '';
  return {
    id,
    order,
    problems: found.map(({ field, says, params }) => {
      const column = columnNamed(mapping.fields[field]) ?? field;
      return { row, id, column, says, params: { ...params, column, field } };
    }),
  };
}

function fieldValue(
  field: string,
  source: FieldSource,
  cells: SheetRow['cells'],
  columns: Columns,
  zone: string,
): CellValue {
  const kind = ORDER_FIELDS.get(field) ?? 'text';
  const names = namesOf(source);
  const given = names.map((name) => cells[columns.get(name) ?? -1]).filter((cell) => cellText(cell) !== '');
  const cell = given.length > 1 ? given.map(cellText).join(source.join) : given[0];
  const value = cellValue(cell, kind, source, field, zone);
  if (value !== undefined || source.constant === undefined) return value;
  return { value: source.constant };
}

function put(order: Record<string, unknown>, field: string, value: unknown): void {
  const names = field.split('.');
  const last = names.pop() as string;
  let part = order;
  for (const name of names) {
    part[name] ??= {};
    part = part[name] as Record<string, unknown>;
  }
  part[last] = value;
}

function problemsOf(order: Readonly<Record<string, unknown>>): readonly DocumentProblem[] {
  try {
    checkDocument(workOrderSchema, order, '');
    return [];
  } catch (error) {
    if (error instanceof DocumentError) return error.problems.flatMap((problem) => missingWithin(problem, order));
    throw error;
  }
}

/** Of a part that is missing as a whole, its fields. */
function missingWithin(problem: DocumentProblem, order: Readonly<Record<string, unknown>>): readonly DocumentProblem[] {
  const { field } = problem;
  if (field.includes('.') || order[field] !== undefined) return [problem];
  const within = [...ORDER_FIELDS.keys()].filter((one) => one.startsWith(`${field}.`));
  return within.length === 0 ? [problem] : within.map((one) => ({ ...problem, field: one }));
}

/** Reason and what to write, in words of each language. */
function wordsFor(
  { field, reason, fix }: DocumentProblem,
  { fields }: OrderMapping,
): { readonly says: MessageCode; readonly params: MessageParams } {
  if (reason === 'is missing') {
    return fields[field] === undefined ? { says: 'field-unmapped', params: {} } : { says: 'field-empty', params: {} };
  }
  const own = `field-${field}`;
  if (Object.hasOwn(messages, own)) return { says: own as MessageCode, params: {} };
  return { says: 'field-other', params: { reason, fix } };
}
