/** What a person gave: folder, passphrase, system titles, days, times. */

import { readFileSync } from 'node:fs';
import { fromHex } from 'cosem';
import { type Run, tellOfFile, UsageError } from 'cosem/command';
import { systemErrorText } from 'cosem/node';
import type { KeyUse } from 'cosem/protocol';
import { PkiFolder, type Validity } from '../src/index.js';
import { inEach } from './words.js';

const DAY = 86_400_000;
const MOST_DAYS = 36_500;

/** `--folder`, COSEM_PKI, or `pki` here. */
export function folderOf({ io, options }: Run): PkiFolder {
  return new PkiFolder(typeof options.folder === 'string' ? options.folder : io.env.COSEM_PKI || 'pki');
}

/** As {@link folderOf}. @throws UsageError where there is none. */
export function folderThere(run: Run): PkiFolder {
  const folder = folderOf(run);
  if (folder.exists) return folder;
  throw new UsageError(inEach('no-folder', folder.path), inEach('no-folder-try'));
}

/** `--passphrase-file` or COSEM_PASSPHRASE; undefined where neither is given. @throws UsageError. */
export function passphraseOf({ io, options }: Run): string | undefined {
  const { passphraseFile } = options;
  if (typeof passphraseFile !== 'string') return io.env.COSEM_PASSPHRASE || undefined;
  tellOfFile(io, passphraseFile);
  try {
    return readFileSync(passphraseFile, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new UsageError(inEach('file-unread', passphraseFile, systemErrorText(error)), inEach('file-unread-try'));
  }
}

/** A system title of sixteen hexadecimal digits; blanks and `-` or `:` between octets are forgiven. @throws UsageError. */
export function titleOf(text: string): Uint8Array {
  const digits = text.replace(/[\s:-]/g, '');
  if (/^[0-9a-f]{16}$/i.test(digits)) return fromHex(digits);
  throw new UsageError(inEach('bad-title', text), inEach('bad-title-try'));
}

/** From now on for `--days`. A minute earlier, because clocks differ. @throws UsageError. */
export function validityOf({ io, options }: Run): Validity {
  const text = String(options.days);
  const days = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > MOST_DAYS) throw new UsageError(inEach('bad-days', text), inEach('bad-days-try'));
  // To whole seconds, as certificates have it.
  const now = Math.floor(nowOf(io) / 1000) * 1000;
  return { notBefore: now - 60_000, notAfter: now + days * DAY };
}

/** The time of this machine, or of the test. */
export function nowOf(io: Run['io']): number {
  return io.clock?.now() ?? Date.now();
}

/** `--at`, or now. @throws UsageError. */
export function momentOf({ io, options }: Run): number {
  if (typeof options.at !== 'string') return nowOf(io);
  const at = /^\d{4}-\d\d-\d\d/.test(options.at) ? Date.parse(options.at) : Number.NaN;
  if (Number.isNaN(at)) throw new UsageError(inEach('bad-time', options.at), inEach('bad-time-try'));
  return at;
}

/** `--use`, where there is one; commander lets nothing else in. */
export const useOf = ({ options }: Run): KeyUse => options.use as KeyUse;
