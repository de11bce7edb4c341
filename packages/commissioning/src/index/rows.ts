/** Installations as rows of SQLite, and back. */

import { canonicalJson } from '../canonical.js';
import type { SqlValue } from './database.js';
import type { IndexedConsumer, IndexRow, Installation, ReadingSet } from './installation.js';
import type { IndexKeys } from './sealing.js';

/** A row as SQLite stores it, joined with its consumer. */
export interface StoredRow {
  readonly id: number;
  readonly supersedes: number | null;
  readonly reason: string | null;
  readonly recorded_at: number;
  readonly personal: string;
  readonly work_order: string;
  readonly meter: string;
  readonly make: string | null;
  readonly category: string | null;
  readonly old_meter: string | null;
  readonly feeder: string;
  readonly transformer: string;
  readonly pole: string;
  readonly seals: string;
  readonly sanctioned_load: number;
  readonly installed_at: number;
  readonly removed_at: number | null;
  readonly start_readings: string;
  readonly last_readings: string | null;
  readonly digest: string;
  readonly data_key: string | null;
}

/** The columns of an installation without its place in the history and its consumer. */
export function columnsOf(installation: Installation): Readonly<Record<string, SqlValue>> {
  const { lastReadings } = installation;
  return {
    work_order: installation.workOrder,
    meter: installation.meter,
    make: installation.make ?? null,
    category: installation.category ?? null,
    old_meter: installation.oldMeter ?? null,
    feeder: installation.feeder,
    transformer: installation.transformer,
    pole: installation.pole,
    seals: JSON.stringify(installation.seals),
    sanctioned_load: installation.sanctionedLoad,
    installed_at: installation.installedAt,
    removed_at: installation.removedAt ?? null,
    start_readings: canonicalJson(installation.startReadings),
    last_readings: lastReadings === undefined ? null : canonicalJson(lastReadings),
  };
}

export function rowOf(stored: StoredRow, keys: IndexKeys): IndexRow {
  const { digest, data_key: wrapped } = stored;
  return {
    row: stored.id,
    consumerDigest: digest,
    consumer: wrapped === null ? undefined : opened(keys, keys.dataKey(wrapped, digest), digest, stored.personal),
    recordedAt: stored.recorded_at,
    workOrder: stored.work_order,
    meter: stored.meter,
    feeder: stored.feeder,
    transformer: stored.transformer,
    pole: stored.pole,
    seals: JSON.parse(stored.seals) as string[],
    sanctionedLoad: stored.sanctioned_load,
    installedAt: stored.installed_at,
    startReadings: JSON.parse(stored.start_readings) as ReadingSet,
    ...unlessNull('supersedes', stored.supersedes),
    ...unlessNull('reason', stored.reason),
    ...unlessNull('make', stored.make),
    ...unlessNull('category', stored.category),
    ...unlessNull('oldMeter', stored.old_meter),
    ...unlessNull('removedAt', stored.removed_at),
    ...unlessNull(
      'lastReadings',
      stored.last_readings === null ? null : (JSON.parse(stored.last_readings) as ReadingSet),
    ),
  };
}

/** Whether a row has the same values as an installation. */
export function saysTheSame(row: IndexRow, installation: Installation): boolean {
  const { row: _, supersedes: __, reason: ___, recordedAt: ____, consumerDigest: _____, ...own } = row;
  return canonicalJson(own) === canonicalJson(installation);
}

/** Seals each field of a consumer by itself, as JSON of the names and what is sealed. */
export function sealed(keys: IndexKeys, key: Uint8Array, digest: string, consumer: IndexedConsumer): string {
  const fields = Object.entries(consumer).flatMap(([field, value]) =>
    value === undefined ? [] : [[field, keys.sealText(key, canonicalJson(value), `${digest} ${field}`)]],
  );
  return JSON.stringify(Object.fromEntries(fields));
}

function opened(keys: IndexKeys, key: Uint8Array, digest: string, personal: string): IndexedConsumer {
  const fields = Object.entries(JSON.parse(personal) as Record<string, string>);
  return Object.fromEntries(
    fields.map(([field, text]) => [field, JSON.parse(keys.openText(key, text, `${digest} ${field}`))]),
  ) as unknown as IndexedConsumer;
}

function unlessNull<K extends string, V>(name: K, value: V | null): { readonly [P in K]?: V } {
  return value === null ? {} : ({ [name]: value } as { [P in K]: V });
}
