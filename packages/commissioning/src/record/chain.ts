import { AppendLog, type LogFile } from '../append-log.js';
import { canonicalDigest } from '../canonical.js';
import { StorageError } from '../storage-error.js';
import type { AnyRecord } from './kinds.js';
import { signRecord, verifyRecord } from './record.js';
import type { RecordBase, SignedRecord } from './record-base.js';
import type { Signer, TrustedSigner, Verdict } from './signing.js';

/** The hash that the first record names as its predecessor. */
export const NO_RECORD = '0'.repeat(64);

/** A record without what the chain adds to it. */
export type RecordContent<R extends RecordBase> = Omit<R, 'sequence' | 'previous'>;

/** The records of a folder, of all kinds, one for each work order; each contains the hash of the one before. */
export class RecordChain {
  readonly #log: AppendLog<SignedRecord>;

  /** @throws StorageError when the file cannot be read or is damaged, or when a record does not follow the one before. */
  constructor(file: LogFile) {
    this.#log = new AppendLog(file);
    const broken = brokenLink(this.#log.entries);
    if (broken !== undefined) {
      throw new StorageError('damaged', `record ${broken + 1} of ${file.name} does not follow the one before`, {
        hint: 'the chain was changed: put a back-up in its place, or ask the utility',
      });
    }
  }

  get records(): readonly SignedRecord[] {
    return this.#log.entries;
  }

  find(workOrder: string): SignedRecord | undefined {
    return this.records.find(({ record }) => record.workOrder.id === workOrder);
  }

  /**
   * Signs a record and appends it. If the work order already has a record, that one is returned.
   * @throws StorageError when it could not be written.
   */
  add<R extends RecordBase>(content: RecordContent<R>, signer: Signer): SignedRecord<R> {
    const existing = this.find(content.workOrder.id);
    // An order is done once, and a record of another kind would be of another order.
    if (existing !== undefined) return existing as SignedRecord<R>;
    const sequence = this.records.length + 1;
    const previous = this.records.at(-1)?.hash ?? NO_RECORD;
    const signed = signRecord({ ...content, sequence, previous } as unknown as R, signer);
    this.#log.append(signed);
    return this.records.at(-1) as SignedRecord<R>;
  }
}

/** Index of the first record that does not follow the one before. */
function brokenLink(records: readonly SignedRecord[]): number | undefined {
  const broken = records.findIndex(({ record, hash }, i) => {
    const previous = records[i - 1]?.hash ?? NO_RECORD;
    return record.sequence !== i + 1 || record.previous !== previous || canonicalDigest(record) !== hash;
  });
  return broken < 0 ? undefined : broken;
}

/** Checks a chain from any source. @returns the first verdict that is not `valid`, or else that of the last record. */
export function verifyChain(records: readonly SignedRecord[], trusted: readonly TrustedSigner[]): Verdict<AnyRecord> {
  let last: Verdict<AnyRecord> = { verdict: 'altered', reason: 'there is no record' };
  for (const [i, signed] of records.entries()) {
    last = verifyRecord(signed, trusted);
    if (last.verdict !== 'valid') return last;
    // A certificate contains a record and is valid by itself, but it is not a link of a chain.
    if (signed.record === undefined) return { verdict: 'altered', reason: `record ${i + 1} is no signed record` };
  }
  const broken = brokenLink(records);
  if (broken === undefined) return last;
  return { verdict: 'altered', reason: `record ${broken + 1} does not follow the one before` };
}

/**
 * Why records of one or several installers, in any order, are not complete chains: one problem for each record whose predecessor is
 * missing, or that shares its predecessor with another. A record missing at the end cannot be noticed.
 */
export function chainProblems(records: readonly SignedRecord[]): readonly string[] {
  const byHash = new Map(records.map((signed) => [signed.hash, signed]));
  const followed = new Set<string>();
  return [...byHash.values()].flatMap(({ record }) => {
    const { sequence, previous, workOrder } = record;
    const name = `record ${sequence} (${workOrder.id})`;
    if (previous === NO_RECORD) return sequence === 1 ? [] : [`${name} says that it is the first`];
    if (followed.has(previous)) return [`${name} is not the only one that follows record ${sequence - 1}`];
    followed.add(previous);
    const before = byHash.get(previous);
    if (before === undefined) return [`the record before ${name} is missing`];
    return before.record.sequence === sequence - 1 ? [] : [`${name} follows record ${before.record.sequence}`];
  });
}
