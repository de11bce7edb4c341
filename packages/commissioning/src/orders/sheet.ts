import { CosemError } from 'cosem';
import { type MessageCode, type MessageParams, say } from '../messages.js';

/** A number as the sheet has it, exactly: `9123456789`, `9.12345e9`, `2.5`. */
export interface NumberCell {
  readonly number: string;
}

/** A date and time without a zone, as spreadsheets keep them: `2026-11-23T00:00:00`. */
export interface DateCell {
  readonly date: string;
}

/** What stands in a cell; undefined where nothing does. In CSV everything is text. */
export type Cell = string | NumberCell | DateCell | undefined;

/** The rows of a sheet, in the order in which a spreadsheet shows them. */
export interface Sheet {
  readonly rows: readonly SheetRow[];
}

export interface SheetRow {
  /** As the spreadsheet counts: the first is 1. */
  readonly number: number;
  readonly cells: readonly Cell[];
}

/** More than any utility gives one person; a sheet beyond is a mistake or an attack. */
export const SHEET_LIMITS = {
  octets: 20_000_000,
  unpacked: 64_000_000,
  rows: 20_000,
  columns: 200,
  cell: 4000,
} as const;

/** A sheet that cannot be read as a whole. `reason` and `params` give the sentence in each language. */
export class SheetError extends CosemError {
  readonly code = 'sheet';
  readonly reason: MessageCode;
  readonly params: MessageParams;

  constructor(reason: MessageCode, params: MessageParams = {}) {
    super(say('en', reason, params));
    this.reason = reason;
    this.params = params;
  }
}

/** The text of a cell as a person would read it; empty where nothing stands. */
export function cellText(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'string') return cell.trim();
  return 'number' in cell ? cell.number : cell.date;
}

/** Drops rows without anything. @throws SheetError where there are more rows or columns than {@link SHEET_LIMITS}, or a cell is longer. */
export function boundedSheet(rows: readonly SheetRow[]): Sheet {
  const filled = rows.filter(({ cells }) => cells.some((cell) => cellText(cell) !== ''));
  if (filled.length > SHEET_LIMITS.rows) throw new SheetError('sheet-too-long', { rows: SHEET_LIMITS.rows });
  for (const { number, cells } of filled) {
    if (cells.length > SHEET_LIMITS.columns) {
      throw new SheetError('sheet-too-wide', { row: number, columns: SHEET_LIMITS.columns });
    }
    if (cells.some((cell) => cellText(cell).length > SHEET_LIMITS.cell)) {
      throw new SheetError('sheet-cell-long', { row: number, letters: SHEET_LIMITS.cell });
    }
  }
  return { rows: filled };
}
