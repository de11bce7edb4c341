import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { jsonText } from 'cosem/inspect';
import { zipSync } from 'fflate';
import { exportCsv } from '../index/export.js';
import { StorageError } from '../storage-error.js';
import { namesIn, readOctets, readTextFile, writeWholeFile } from './files.js';
import type { Workspace } from './workspace.js';

/** A file of the bundle: its path in it, and its octets. */
export interface HandedOver {
  readonly path: string;
  readonly content: Uint8Array;
}

/** The largest certificate or other file that is taken in. */
const LARGEST = 50_000_000;
const CHECKSUMS = 'SHA256SUMS';
const encoder = new TextEncoder();

/** Certificates of the folder, signed records and what stands beside them. Nothing else of its folder is one. */
const CERTIFICATE = /^[A-Za-z0-9][A-Za-z0-9_.-]*\.(?:json|pdf|html)$/;
const PHOTO = /^[A-Za-z0-9][A-Za-z0-9_.-]*\.jpe?g$/;

/**
 * What the utility gets of a folder: signed records as a chain, certificates, photos, the consumer index without personal data, the public key of
 * the signer, the report, and checksums of all. It is chosen file by file: keys, codes, work orders, journals and tries are never among them.
 * @param report files of the day's report.
 */
export function handOver(workspace: Workspace, report: readonly HandedOver[]): readonly HandedOver[] {
  const { paths, chain, index } = workspace;
  const records = `${chain.records.map((record) => jsonText(record)).join('\n')}\n`;
  const trusted = readTextFile(paths.trusted);
  const log = readTextFile(join(paths.state, 'records.log'));
  const files: HandedOver[] = [
    ...report,
    { path: 'records/records.jsonl', content: encoder.encode(records) },
    ...(log === undefined ? [] : [{ path: 'records/chain.log', content: encoder.encode(log) }]),
    ...filesIn(paths.certificates, 'certificates', CERTIFICATE),
    ...filesIn(paths.photos, 'photos', PHOTO),
    { path: 'index/consumer-index.csv', content: encoder.encode(exportCsv(index.rows())) },
    ...(trusted === undefined ? [] : [{ path: 'trusted-signers.json', content: encoder.encode(trusted) }]),
  ];
  return [...files, { path: CHECKSUMS, content: encoder.encode(checksums(files)) }];
}

function filesIn(folder: string, name: string, form: RegExp): readonly HandedOver[] {
  return namesIn(folder)
    .filter((file) => form.test(file))
    .sort()
    .map((file) => ({ path: `${name}/${file}`, content: readOctets(join(folder, file), LARGEST) }));
}

/** As `sha256sum --check` reads them. */
function checksums(files: readonly HandedOver[]): string {
  return files.map(({ path, content }) => `${createHash('sha256').update(content).digest('hex')}  ${path}\n`).join('');
}

/** Writes the bundle: whole, or not at all. @throws StorageError also where there is such a file already. */
export function writeHandOver(file: string, files: readonly HandedOver[]): void {
  if (readTextFile(file) !== undefined) {
    throw new StorageError('failed', `${file} is there already`, { hint: 'name another file, or remove it' });
  }
  writeWholeFile(file, zipSync(Object.fromEntries(files.map(({ path, content }) => [path, content])), { level: 6 }));
}
