/** What a failure of the file system or of a process is called: `ENOENT`; undefined for an error of something else. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** Failures of the file system that people meet. */
const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'that is not permitted',
  EBUSY: 'another program uses it',
  EDQUOT: 'your share of the disk is full',
  EEXIST: 'it is there already',
  EFBIG: 'it is too large for this disk',
  EIO: 'the disk reports an error',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'this process has too many files open',
  ENAMETOOLONG: 'its name is too long',
  ENFILE: 'this machine has too many files open',
  ENODEV: 'there is no such device',
  ENOENT: 'there is no such file or folder',
  ENOEXEC: 'it is no program',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is no folder',
  ENXIO: 'there is no such device',
  EPERM: 'that is not permitted',
  EROFS: 'the disk cannot be written to',
  ETXTBSY: 'a program runs from it',
};

/**
 * Why a file or a program failed, in words, to follow a colon: `there is no such file or folder (ENOENT)`. Of an error of something else
 * its message.
 */
export function systemErrorText(error: unknown): string {
  const code = systemErrorCode(error);
  if (!(error instanceof Error) || code === undefined) return error instanceof Error ? error.message : String(error);
  // Node writes `EFOO: the words of the system, open 'path'`.
  return `${WORDS[code] ?? /^E[A-Z0-9]+: ([^,]+)/.exec(error.message)?.[1] ?? error.message} (${code})`;
}
