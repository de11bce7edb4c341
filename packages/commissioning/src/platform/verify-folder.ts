import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppendLog } from '../append-log.js';
import { chainProblems } from '../record/chain.js';
import { verifyRecord } from '../record/record.js';
import type { SignedRecord } from '../record/record-base.js';
import type { TrustedSigner } from '../record/signing.js';
import { StorageError } from '../storage-error.js';
import { isPlainFile, namesIn, readOctets } from './files.js';
import { NodeLogFile } from './node-log-file.js';
import { checkPhotos, type PhotoCheck } from './photo-folder.js';
import { type FileCheck, LARGEST_FILE, verifyFile } from './verify-file.js';
import { workspacePaths } from './workspace.js';

/** A file of a folder with the result of its check. */
export interface CheckedFile {
  readonly path: string;
  readonly check: FileCheck;
}

export interface FolderCheck {
  /** The files by name; files that do not come from commissioning are left out. */
  readonly files: readonly CheckedFile[];
  readonly chain: {
    readonly records: number;
    /** What is wrong with the chain; empty where it is complete. */
    readonly problems: readonly string[];
    /** How many of its records have a signer who is not trusted. */
    readonly unknownSigners: number;
  };
  /** Photos of the folder; undefined where neither a record names one nor one is there. */
  readonly photos?: PhotoCheck | undefined;
}

export interface VerifyFolderOptions {
  /** Called before each file. */
  readonly onFile?: (path: string) => void;
}

/**
 * Checks each certificate and record of a folder, and whether the records follow each other without a gap. In a commissioning folder the
 * chain is read from `state/records.log`; otherwise it is made from the files.
 * @throws StorageError when a file cannot be read.
 */
export async function verifyFolder(
  folder: string,
  trusted: readonly TrustedSigner[],
  { onFile }: VerifyFolderOptions = {},
): Promise<FolderCheck> {
  const { certificates, photos, state } = workspacePaths(folder);
  const place = existsSync(certificates) ? certificates : folder;
  const files: CheckedFile[] = [];
  const found: SignedRecord[] = [];
  const names = namesIn(place).filter((name) => /\.(?:json|html|pdf|txt)$/i.test(name));
  for (const name of names.sort()) {
    const path = join(place, name);
    // The folder may come from somebody else; reading a pipe or a device in it might never end.
    if (!isPlainFile(path)) continue;
    onFile?.(path);
    const octets = readOctets(path, LARGEST_FILE);
    const check = await verifyFile(octets, trusted);
    if (check === undefined) continue;
    files.push({ path, check });
    const isWhole = check.verdict.verdict === 'valid' || check.verdict.verdict === 'unknown-signer';
    if (isWhole && (check.kind === 'record' || check.kind === 'certificate')) found.push(signedIn(octets));
  }
  const log = join(state, 'records.log');
  const chain = existsSync(log) ? checkLog(log, found, trusted) : checkChain(found, trusted);
  const checked = checkPhotos(photos, photosNamed(found));
  const none = checked.named === 0 && checked.altered.length === 0;
  return { files, chain, ...(none ? {} : { photos: checked }) };
}

/** The photos that records name, each once. */
function photosNamed(records: readonly SignedRecord[]) {
  const named = records.flatMap(({ record: { workOrder, photos = [] } }) =>
    photos.map(({ hash, kind }) => ({ order: workOrder.id, hash, kind })),
  );
  return [...new Map(named.map((one) => [`${one.order} ${one.hash}`, one])).values()];
}

/** The signed record in a file that was already verified. */
function signedIn(octets: Uint8Array): SignedRecord {
  const value = JSON.parse(new TextDecoder().decode(octets).trim()) as SignedRecord | { signed: SignedRecord };
  return 'signed' in value ? value.signed : value;
}

function checkLog(
  log: string,
  found: readonly SignedRecord[],
  trusted: readonly TrustedSigner[],
): FolderCheck['chain'] {
  let records: readonly SignedRecord[];
  try {
    records = new AppendLog<SignedRecord>(new NodeLogFile(log)).entries;
  } catch (error) {
    if (!(error instanceof StorageError) || error.reason !== 'damaged') throw error;
    return { records: 0, problems: [error.message], unknownSigners: 0 };
  }
  const whole = records.filter(
    (entry) => typeof entry === 'object' && entry !== null && Object.hasOwn(entry, 'record'),
  );
  if (whole.length < records.length) {
    return { records: whole.length, problems: [`${log} contains lines that are not records`], unknownSigners: 0 };
  }
  const { problems, ...chain } = checkChain(records, trusted);
  const known = new Set(records.map(({ hash }) => hash));
  const strange = found.filter(({ hash }) => !known.has(hash));
  return {
    ...chain,
    problems: [...problems, ...strange.map(({ record }) => `the record of ${record.workOrder.id} is not in ${log}`)],
  };
}

function checkChain(records: readonly SignedRecord[], trusted: readonly TrustedSigner[]): FolderCheck['chain'] {
  const verdicts = records.map((signed) => verifyRecord(signed, trusted));
  const altered = verdicts.flatMap((verdict, i) =>
    verdict.verdict === 'altered' ? [`record ${i + 1}: ${verdict.reason}`] : [],
  );
  return {
    records: new Set(records.map(({ hash }) => hash)).size,
    problems: altered.length > 0 ? altered : chainProblems(records),
    unknownSigners: verdicts.filter(({ verdict }) => verdict === 'unknown-signer').length,
  };
}
