import * as fs from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { durableReplace, systemErrorCode } from 'cosem/node';
import { StorageError } from '../storage-error.js';
import { storageError } from './node-log-file.js';

/** The text of a file; undefined where there is none. @throws StorageError. */
export function readTextFile(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw storageError(path, 'read', error);
  }
}

/**
 * The octets of a file, or what a device or pipe gives.
 * @param most reading stops one octet after this many.
 * @throws StorageError, also when the file does not exist.
 */
export function readOctets(path: string, most: number): Uint8Array {
  try {
    const file = fs.openSync(path, 'r');
    try {
      return readUpTo(file, most + 1);
    } finally {
      fs.closeSync(file);
    }
  } catch (error) {
    throw storageError(path, 'read', error);
  }
}

function readUpTo(file: number, most: number): Uint8Array {
  const chunks: Buffer[] = [];
  for (let length = 0; length < most; ) {
    const chunk = Buffer.alloc(Math.min(1 << 20, most - length));
    const read = fs.readSync(file, chunk);
    if (read === 0) break;
    chunks.push(chunk.subarray(0, read));
    length += read;
  }
  return Buffer.concat(chunks);
}

/** Whether the path is a regular file: not a folder, device or pipe. */
export function isPlainFile(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/**
 * Writes a whole file atomically: whatever happens, afterwards it has either the new content or the old. Only its owner may read it.
 * @throws StorageError.
 */
export function writeWholeFile(path: string, content: string | Uint8Array): void {
  try {
    durableReplace(path, content);
  } catch (error) {
    throw storageError(path, 'written', error);
  }
}

/** Removes a file, where there is one. @throws StorageError. */
export function removeFile(path: string): boolean {
  try {
    fs.unlinkSync(path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw storageError(path, 'written', error);
  }
}

/** Makes folders, those above them too. @throws StorageError. */
export function makeFolder(path: string): void {
  try {
    fs.mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw storageError(path, 'written', error);
  }
}

/** Paths of the files in a folder whose name is `name`, a dot and anything. */
export function filesOf(folder: string, name: string): string[] {
  return namesIn(folder)
    .filter((file) => file.startsWith(`${name}.`))
    .map((file) => join(folder, file));
}

/** JSON files of a folder with their text, by name; none where there is no such folder. */
export function jsonFilesOf(folder: string): { readonly name: string; readonly text: string }[] {
  return namesIn(folder)
    .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
    .sort()
    .map((name) => ({ name, text: readTextFile(join(folder, name)) ?? '' }));
}

/** Names of what is in a folder; nothing where there is none. @throws StorageError. */
export function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw storageError(folder, 'read', error);
  }
}

/**
 * Locks a folder for this process. A lock that a dead process left is taken over.
 * @returns a function that releases the lock.
 * @throws StorageError `locked` while another process works in the folder.
 */
export function lockFolder(path: string): () => void {
  const lock = join(path, 'lock');
  const own = `process ${process.pid} on ${hostname()}`;
  for (let tries = 0; tries < 2; tries++) {
    if (tookLock(lock, own)) {
      held.add(lock);
      return () => {
        held.delete(lock);
        fs.rmSync(lock, { force: true });
      };
    }
    const owner = readTextFile(lock) ?? '';
    if (held.has(lock) || !isStale(owner)) {
      throw new StorageError('locked', `${path} is in use by ${owner || 'another program'}`, {
        hint: `if no such program runs, remove ${lock}`,
      });
    }
    fs.rmSync(lock, { force: true });
  }
  throw new StorageError('locked', `${path} is in use by another program`);
}

function tookLock(lock: string, own: string): boolean {
  try {
    fs.writeFileSync(lock, own, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    // On a full disk the file can be created but not written.
    fs.rmSync(lock, { force: true });
    throw storageError(lock, 'written', error);
  }
}

/** The locks of this process. They are remembered because in a container a dead process may have had the same process id. */
const held = new Set<string>();

/** An empty lock file was left by a power cut. */
function isStale(owner: string): boolean {
  const [, pid, host] = /^process (\d+) on (.*)$/.exec(owner) ?? [];
  if (pid === undefined) return true;
  if (host !== hostname()) return false;
  if (Number(pid) === process.pid) return true;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return systemErrorCode(error) === 'ESRCH';
  }
}
