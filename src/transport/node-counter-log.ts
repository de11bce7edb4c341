import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { systemErrorCode } from '../base/system-error.js';
import type { CounterFileSystem } from './node-counter-file.js';
import { durableReplace, synced, syncFolder, writeAll } from './node-durable.js';

/** What a log holds. */
interface LoggedNumbers {
  /** The highest number of each name. */
  readonly numbers: ReadonlyMap<string, number>;
  readonly lines: number;
  /**
   * Whether the last line is incomplete, after a loss of power or on a full disk. It does not count, and nothing may be written after it.
   */
  readonly torn: boolean;
}

/**
 * A log of numbers by name that only rise, in a file that is only written at its end: each line is `number<TAB>name<TAB>check sum`. An
 * incomplete last line does not count; a damaged line anywhere else is reported. Every call returns when its effect survives a loss of
 * power. Only one process may write at a time.
 */
export class CounterLog {
  readonly path: string;
  readonly #fs: CounterFileSystem;
  /** Whether the folder entry of the file is durable. */
  #named = false;

  constructor(path: string, fs: CounterFileSystem) {
    this.path = path;
    this.#fs = fs;
  }

  /** A text that changes with every write of any process; empty where the file does not exist. */
  version(): string {
    const stat = this.#fs.statSync(this.path, { throwIfNoEntry: false, bigint: true });
    return stat === undefined ? '' : `${stat.ino}/${stat.mtimeNs}/${stat.size}`;
  }

  /**
   * The content; undefined where the file does not exist, `damaged` where a line inside it is damaged. @throws what the file system throws.
   */
  read(): LoggedNumbers | 'damaged' | undefined {
    let text: string;
    try {
      text = this.#fs.readFileSync(this.path, 'utf8');
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
    const numbers = new Map<string, number>();
    const lines = text.split('\n');
    const rest = lines.pop();
    for (const [at, line] of lines.entries()) {
      const parsed = parse(line);
      if (parsed === undefined) {
        return at === lines.length - 1 && rest === '' ? { numbers, lines: at, torn: true } : 'damaged';
      }
      const [number, name] = parsed;
      numbers.set(name, Math.max(number, numbers.get(name) ?? 0));
    }
    return { numbers, lines: lines.length, torn: rest !== '' };
  }

  append(name: string, number: number): void {
    const body = `${number}\t${JSON.stringify(name)}`;
    synced(this.path, 'a', (file) => writeAll(file, `${body}\t${checkSum(body)}\n`, this.#fs), this.#fs);
    if (!this.#named) syncFolder(dirname(this.path), this.#fs);
    this.#named = true;
  }

  /** Empties the log. */
  clear(): void {
    durableReplace(this.path, '', this.#fs);
    this.#named = true;
  }
}

function parse(line: string): readonly [number, string] | undefined {
  const [number = '', name = '', sum] = line.split('\t');
  if (sum !== checkSum(`${number}\t${name}`)) return undefined;
  return [Number(number), JSON.parse(name) as string];
}

function checkSum(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 16);
}
