import * as nodeFs from 'node:fs';
import { StateError } from '../base/errors.js';
import { systemErrorText } from '../base/system-error.js';
import type { LineStore } from '../contracts/line-store.js';
import { writeAll } from './node-durable.js';

/**
 * A text file to which lines are added as they come. The end of a line that was cut off, by a kill or a power failure, is cut away before
 * the next line; until one is added the file stays as it was.
 */
export class LineFile implements LineStore {
  readonly name: string;
  readonly lines: readonly string[];
  readonly #file: number;
  /** Where the last whole line ends, as long as what is behind it stands there. */
  #whole: number | undefined;

  /** @throws StateError when the file cannot be read or written. */
  constructor(path: string) {
    this.name = path;
    try {
      const bytes = nodeFs.existsSync(path) ? nodeFs.readFileSync(path) : new Uint8Array();
      const end = bytes.lastIndexOf(0x0a) + 1;
      this.#whole = end < bytes.length ? end : undefined;
      this.lines = new TextDecoder()
        .decode(bytes.subarray(0, end))
        .split('\n')
        .filter((line) => line !== '');
      this.#file = nodeFs.openSync(path, 'a');
    } catch (cause) {
      throw new StateError(`${path} cannot be written: ${systemErrorText(cause)}`, {
        hint: 'does its folder exist, and may you write there?',
        cause,
      });
    }
  }

  append(line: string): void {
    if (this.#whole !== undefined) nodeFs.ftruncateSync(this.#file, this.#whole);
    this.#whole = undefined;
    writeAll(this.#file, `${line}\n`, nodeFs);
  }

  /** Closes the file; lines written before are in it. */
  close(): void {
    nodeFs.closeSync(this.#file);
  }
}
