import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from 'cosem';
import { jsonText } from 'cosem/inspect';
import { concat } from 'cosem/protocol';
import { StorageError } from './storage-error.js';

/**
 * A file that is only written at its end. Every call returns when its effect is durable, so that it survives a loss of power. Failures are
 * thrown as {@link StorageError}.
 */
export interface LogFile {
  /** For messages: its path. */
  readonly name: string;
  /** All its octets; empty where the file does not exist yet. */
  read(): Uint8Array;
  append(bytes: Uint8Array): void;
  /** Cuts it to its first `length` octets. */
  truncate(length: number): void;
}

const NEWLINE = 10;
const SPACE = 32;
const DIGEST = 32;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * A log of entries on disk: each is a line of JSON, preceded by a digest over it and the digest before. An incomplete last line, left by a
 * loss of power or a full disk, is dropped. A line that was changed anywhere else is an error and never an entry.
 */
export class AppendLog<T> {
  readonly #file: LogFile;
  readonly #entries: T[];
  #digest: string;
  /** Length of the complete lines, in octets. */
  #length: number;
  /** Whether an incomplete line may follow the complete ones. */
  #torn: boolean;

  /** @throws StorageError when the file cannot be read, or is damaged. */
  constructor(file: LogFile) {
    this.#file = file;
    const octets = file.read();
    const { entries, digest, length } = parse<T>(octets, file.name);
    this.#entries = entries;
    this.#digest = digest;
    this.#length = length;
    this.#torn = length < octets.length;
  }

  get entries(): readonly T[] {
    return this.#entries;
  }

  /**
   * Adds an entry; it is on disk when this returns.
   * @throws StorageError when it could not be written: then the log does not contain it.
   */
  append(entry: T): void {
    const json = jsonText(entry);
    const digest = digestOf(this.#digest, encoder.encode(json));
    const line = encoder.encode(`${digest} ${json}\n`);
    this.#mend();
    this.#torn = true;
    this.#file.append(line);
    this.#torn = false;
    this.#length += line.length;
    this.#digest = digest;
    this.#entries.push(JSON.parse(json) as T);
  }

  #mend(): void {
    if (!this.#torn) return;
    this.#file.truncate(this.#length);
    this.#torn = false;
  }
}

function digestOf(before: string, json: Uint8Array): string {
  return toHex(sha256(concat(encoder.encode(before), json)))
    .slice(0, DIGEST)
    .toLowerCase();
}

function parse<T>(octets: Uint8Array, name: string): { entries: T[]; digest: string; length: number } {
  const entries: T[] = [];
  let digest = '';
  let length = 0;
  for (let end = octets.indexOf(NEWLINE); end >= 0; end = octets.indexOf(NEWLINE, length)) {
    const line = octets.subarray(length, end);
    const read = readLine<T>(line, digest);
    if (read === undefined) {
      if (end === octets.length - 1) break;
      throw new StorageError('damaged', `line ${entries.length + 1} of ${name} is damaged`, {
        hint: 'it was changed, or the disk is failing: put a back-up in its place, or ask the utility',
      });
    }
    entries.push(read.entry);
    digest = read.digest;
    length = end + 1;
  }
  return { entries, digest, length };
}

/** Reads a line; undefined when it is not what was written. */
function readLine<T>(line: Uint8Array, before: string): { entry: T; digest: string } | undefined {
  const json = line.subarray(DIGEST + 1);
  const digest = digestOf(before, json);
  if (line[DIGEST] !== SPACE || decodeAscii(line.subarray(0, DIGEST)) !== digest) return undefined;
  try {
    return { entry: JSON.parse(decoder.decode(json)) as T, digest };
  } catch {
    // The digest has no key, so anybody who changes a line can also compute a matching digest.
    return undefined;
  }
}

function decodeAscii(octets: Uint8Array): string {
  return String.fromCharCode(...octets);
}
