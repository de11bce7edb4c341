import * as nodeFs from 'node:fs';
import { dirname } from 'node:path';
import { systemErrorCode } from '../base/system-error.js';

/** The functions of `node:fs` that replace a file. They are an argument, so that tests can cut the power at every step. */
export type DurableFileSystem = Pick<
  typeof nodeFs,
  'closeSync' | 'fsyncSync' | 'openSync' | 'renameSync' | 'unlinkSync' | 'writeSync'
>;

/**
 * Replaces a file durably, or leaves it as it was: a temporary file beside it, fsync, rename, fsync of the folder. Whatever happens
 * meanwhile (a kill, a power cut, a full disk), the file has either the whole old content or the whole new one, and the new one when this
 * returns. Only its owner may read it. Two processes must not replace one file at the same time.
 * @throws what the file system throws; the temporary file is then removed.
 */
export function durableReplace(path: string, content: string | Uint8Array, fs: DurableFileSystem = nodeFs): void {
  const temporary = `${path}.tmp`;
  // After a power cut between rename and folder sync this may be a second name of the live file. So the name is removed, and the file is
  // never emptied.
  remove(temporary, fs);
  try {
    synced(temporary, 'wx', (file) => writeAll(file, content, fs), fs);
    fs.renameSync(temporary, path);
  } catch (error) {
    // The first failure is reported. On a full disk what was written would only waste room.
    try {
      remove(temporary, fs);
    } catch {}
    throw error;
  }
  syncFolder(dirname(path), fs);
}

/**
 * Opens a file, acts on it, and returns when that is on the disk. A file that is made is its owner's alone.
 * @param flags as of `openSync` of `node:fs`.
 * @throws what the file system throws.
 */
export function synced(
  path: string,
  flags: string,
  act: (file: number) => void,
  fs: Pick<typeof nodeFs, 'closeSync' | 'fsyncSync' | 'openSync'>,
): void {
  const file = fs.openSync(path, flags, 0o600);
  try {
    act(file);
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

/** Writes everything, however little the file system takes at once. */
export function writeAll(file: number, content: string | Uint8Array, fs: Pick<typeof nodeFs, 'writeSync'>): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  for (let offset = 0; offset < bytes.length; ) offset += fs.writeSync(file, bytes, offset);
}

/** Makes the names in a folder durable. Windows cannot open folders, and does not need it. */
export function syncFolder(path: string, fs: Pick<typeof nodeFs, 'closeSync' | 'fsyncSync' | 'openSync'>): void {
  if (process.platform === 'win32') return;
  synced(path, 'r', () => {}, fs);
}

function remove(path: string, fs: Pick<typeof nodeFs, 'unlinkSync'>): void {
  try {
    fs.unlinkSync(path);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
}
