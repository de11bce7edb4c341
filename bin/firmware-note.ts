/**
 * Remembers which image transfer was begun at which meter, between runs of `cosem firmware`, because a meter does not say which image its
 * blocks belong to. Nothing of it is secret.
 */

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '../src/index.js';
import { durableReplace } from '../src/node.js';
import type { Image } from '../src/tools.js';
import type { Io } from './io.js';
import { stateFolder } from './state-folder.js';

/** A transfer that was begun and is not finished. */
interface Begun {
  readonly identification: string;
  readonly octets: number;
  readonly sha256: string;
}

export class FirmwareNote {
  readonly #folder: string;
  readonly #file: string;
  readonly #own: Begun;

  /** @param meter the logical device name of the meter. */
  constructor(io: Pick<Io, 'env'>, meter: Uint8Array, { identification, octets }: Image) {
    this.#folder = join(stateFolder(io), 'firmware');
    this.#file = join(this.#folder, `${toHex(meter)}.json`);
    const sha256 = createHash('sha256').update(octets).digest('hex');
    this.#own = { identification: toHex(identification), octets: octets.length, sha256 };
  }

  /** Whether a transfer was begun at this meter, of this image or of another one. */
  read(): 'this' | 'another' | 'none' {
    let begun: Partial<Begun>;
    try {
      begun = JSON.parse(readFileSync(this.#file, 'utf8')) as Partial<Begun>;
    } catch {
      // The note is missing or damaged: nothing is known, so the transfer is not continued.
      return 'none';
    }
    const { identification, octets, sha256 } = this.#own;
    const same = begun.identification === identification && begun.octets === octets && begun.sha256 === sha256;
    return same ? 'this' : 'another';
  }

  /** Writes the note before the meter is told, so that it never names an image of which the meter has nothing. */
  write(): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    durableReplace(this.#file, JSON.stringify(this.#own));
  }

  remove(): void {
    rmSync(this.#file, { force: true });
  }
}
