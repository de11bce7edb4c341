import { closeSync, existsSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import type { Data, ProfileRow } from '../src/index.js';
import { jsonText } from '../src/inspect.js';
import { type DataJson, dataFromJson, dataToJson } from '../src/protocol.js';
import { UsageError } from './failure.js';

/** What a file of rows belongs to. */
export interface RowFileHeader {
  readonly profile: string;
  /** Logical device name of the meter; null where it does not tell. */
  readonly meter: string | null;
  readonly columns: readonly string[];
}

/**
 * Rows of a profile on disk, a line of JSON each behind a first line that says whose they are. Rows are written as they come, so that a
 * reading that was broken off, or killed, goes on behind the last whole one.
 */
export class RowFile {
  /** The rows that were there already. */
  readonly rows: readonly (readonly Data[])[];
  readonly #file: number;
  /** How often each line was there already, and how often it came since: a row that comes again is not written again. */
  readonly #kept = new Map<string, number>();
  readonly #came = new Map<string, number>();

  /** @throws UsageError when the file is not one of rows, or belongs to something else. */
  constructor(path: string, header: RowFileHeader) {
    const lines = existsSync(path) ? wholeLines(path) : [];
    const [first, ...rest] = lines;
    if (first !== undefined) checkHeader(path, first, header);
    try {
      this.rows = rest.map((line) => (JSON.parse(line) as DataJson[]).map(dataFromJson));
    } catch (cause) {
      throw new UsageError(
        `${path} holds a row that cannot be read`,
        `remove the file, or name another (${String(cause)})`,
      );
    }
    for (const line of rest) this.#kept.set(line, (this.#kept.get(line) ?? 0) + 1);
    try {
      this.#file = openSync(path, 'a');
    } catch (cause) {
      throw new UsageError(`${path} cannot be written (${(cause as NodeJS.ErrnoException).code})`);
    }
    if (first === undefined) writeSync(this.#file, `${jsonText(header)}\n`);
  }

  /** Keeps a row, unless the file had it when it was opened. @returns whether it is a new one. */
  add({ values }: ProfileRow): boolean {
    const line = jsonText(values.map(({ data }) => dataToJson(data)));
    const times = (this.#came.get(line) ?? 0) + 1;
    this.#came.set(line, times);
    if (times <= (this.#kept.get(line) ?? 0)) return false;
    writeSync(this.#file, `${line}\n`);
    return true;
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** The lines of a file; one that was cut off is cut away. */
function wholeLines(path: string): string[] {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) truncateSync(path, end);
  return bytes
    .subarray(0, end)
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}

function checkHeader(path: string, line: string, wanted: RowFileHeader): void {
  let found: Partial<RowFileHeader>;
  try {
    found = JSON.parse(line);
  } catch {
    found = {};
  }
  for (const [name, what] of [
    ['profile', 'profile'],
    ['meter', 'meter'],
    ['columns', 'columns'],
  ] as const) {
    if (JSON.stringify(found[name]) !== JSON.stringify(wanted[name])) {
      throw new UsageError(
        `${path} is not a file of rows of this ${what}`,
        'name another file, or remove it to begin anew',
      );
    }
  }
}
