import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '../base/bytes.js';
import { durableReplace } from './node-durable.js';

/** Of a firmware image what tells it from others. */
export interface NotedImage {
  /** The identification under which the meter knows it. */
  readonly identification: Uint8Array;
  /** The image. */
  readonly octets: Uint8Array;
}

/** A transfer that was begun and is not finished, as the file has it. */
interface Begun {
  readonly identification: string;
  readonly octets: number;
  readonly sha256: string;
}

/**
 * Remembers in a file which firmware image is being transferred to a meter, so that an interrupted transfer can be continued by another
 * run of the program: a meter does not say which image its blocks belong to. The file holds nothing secret.
 *
 * ```ts
 * const note = new FileImageNote('/var/lib/firmware', deviceName, image);
 * const resume = note.read() === 'this';
 * note.write();
 * await update.transfer(image, { resume });
 * ```
 */
export class FileImageNote {
  readonly #folder: string;
  readonly #file: string;
  readonly #own: Begun;

  /**
   * @param folder where the notes of all meters are; it is made when the note is written.
   * @param meter what tells the meter from others: its logical device name.
   */
  constructor(folder: string, meter: Uint8Array, { identification, octets }: NotedImage) {
    this.#folder = folder;
    this.#file = join(folder, `${toHex(meter)}.json`);
    const sha256 = createHash('sha256').update(octets).digest('hex');
    this.#own = { identification: toHex(identification), octets: octets.length, sha256 };
  }

  /** Whether a transfer was begun at this meter, of this image or of another one. A note that cannot be read is `none`. */
  read(): 'this' | 'another' | 'none' {
    let begun: Partial<Begun> | null;
    try {
      begun = JSON.parse(readFileSync(this.#file, 'utf8')) as Partial<Begun> | null;
    } catch {
      // The note is missing or damaged: nothing is known, so the transfer is not continued.
      return 'none';
    }
    const { identification, octets, sha256 } = this.#own;
    const same = begun?.identification === identification && begun.octets === octets && begun.sha256 === sha256;
    return same ? 'this' : 'another';
  }

  /**
   * Writes the note. Do it before the meter is told, so that it never names an image of which the meter has nothing.
   * @throws what the file system throws.
   */
  write(): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    durableReplace(this.#file, JSON.stringify(this.#own));
  }

  /** Removes the note: the transfer is finished. */
  remove(): void {
    rmSync(this.#file, { force: true });
  }
}
