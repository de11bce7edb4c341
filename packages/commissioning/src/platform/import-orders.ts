import { join } from 'node:path';
import { canonicalJson, type Json } from '../canonical.js';
import { DocumentError, parseDocument } from '../document.js';
import { readCsvSheet } from '../orders/csv-sheet.js';
import type { SheetOrder } from '../orders/order-rows.js';
import { SHEET_LIMITS, type Sheet, SheetError } from '../orders/sheet.js';
import { workOrderSchema } from '../work-order.js';
import { isOldExcel, isZip, readExcelSheet } from './excel-sheet.js';
import { jsonFilesOf, lockFolder, makeFolder, namesIn, readOctets, readTextFile, writeWholeFile } from './files.js';
import { type WorkspacePaths, workspacePaths } from './workspace.js';

/**
 * What became of an order of a sheet, or would become. `changed`: it is there with other content; `begun`: that, and work on it began;
 * `unreadable`: a file of its name cannot be read.
 */
export type OrderImport = 'new' | 'same' | 'replaced' | 'changed' | 'begun' | 'unreadable';

export interface ImportedOrder {
  readonly row: number;
  readonly id: string;
  readonly what: OrderImport;
  /** The name of its file in the folder of work orders. */
  readonly file: string;
}

export interface ImportOrdersOptions {
  /** Only says what would happen. */
  readonly dryRun?: boolean;
  /** Puts orders with other content in the place of those that were not begun. */
  readonly replace?: boolean;
}

/** Reads a sheet of CSV or Excel, whichever the file is. @param sheet of a workbook. @throws SheetError, StorageError */
export async function readSheetFile(path: string, sheet: string | number): Promise<Sheet> {
  const octets = readOctets(path, SHEET_LIMITS.octets);
  if (isOldExcel(octets)) throw new SheetError('sheet-old-excel');
  return isZip(octets) ? readExcelSheet(octets, sheet) : readCsvSheet(octets);
}

/**
 * Writes orders into a commissioning folder, a file each; every file is whole or not there. The same orders again change nothing.
 * @throws StorageError: what was written before stays, and the next import skips it.
 */
export function importOrders(
  folder: string,
  orders: readonly SheetOrder[],
  { dryRun = false, replace = false }: ImportOrdersOptions = {},
): readonly ImportedOrder[] {
  const paths = workspacePaths(folder);
  makeFolder(paths.state);
  // Nobody may begin an order while it is replaced.
  const unlock = replace && !dryRun ? lockFolder(paths.state) : undefined;
  try {
    const there = ordersThere(paths);
    return orders.map((order) => importOne(order, there.get(order.id.toLowerCase()), paths, { dryRun, replace }));
  } finally {
    unlock?.();
  }
}

interface OrderThere {
  readonly file: string;
  /** Undefined where the file cannot be read. */
  readonly order: Readonly<Record<string, unknown>> | undefined;
}

function importOne(
  { row, id, order }: SheetOrder,
  there: OrderThere | undefined,
  paths: WorkspacePaths,
  { dryRun, replace }: Required<ImportOrdersOptions>,
): ImportedOrder {
  const file = there?.file ?? `${id}.json`;
  const said = (what: OrderImport): ImportedOrder => ({ row, id, what, file });
  const write = (content: object) => {
    if (!dryRun) writeWholeFile(join(paths.orders, file), `${JSON.stringify(content, undefined, 2)}\n`);
  };
  if (there === undefined) {
    write(order);
    return said('new');
  }
  if (there.order === undefined) return said('unreadable');
  // Codes for OTPs come in no sheet: those of the order that is there stay.
  const { otp } = there.order;
  const whole = otp === undefined ? order : { ...order, otp };
  const isSame = canonicalOrder(whole) === canonicalOrder(there.order);
  if (isSame) return said('same');
  if (isBegun(paths, id)) return said('begun');
  if (!replace) return said('changed');
  write(whole);
  return said('replaced');
}

/** What the schema makes of it, so that defaults which are written and those that are not are the same. */
function canonicalOrder(order: object): string {
  const { $schema: _, ...rest } = workOrderSchema.parse(order) as Record<string, unknown>;
  return canonicalJson(rest as Json);
}

function ordersThere({ orders }: WorkspacePaths): ReadonlyMap<string, OrderThere> {
  const there = new Map<string, OrderThere>();
  for (const { name, text } of jsonFilesOf(orders)) {
    try {
      const order = parseDocument(workOrderSchema, text, name) as Record<string, unknown>;
      there.set(String(order.id).toLowerCase(), { file: name, order });
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      const id = name.replace(/\.json$/, '').toLowerCase();
      if (!there.has(id)) there.set(id, { file: name, order: undefined });
    }
  }
  return there;
}

/** Whether anything was written of the work on an order, whichever kind of work it is. */
function isBegun({ state }: WorkspacePaths, id: string): boolean {
  return namesIn(state).some((name) => name === `journal-${id}.log` && readTextFile(join(state, name)) !== '');
}
