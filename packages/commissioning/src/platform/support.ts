/**
 * What a commissioning folder tells for a support file (`cosem support`). Of files only what cannot be secret or personal is taken: known words,
 * numbers, times. Nothing is written, no key is opened, no lock is taken.
 */

import { existsSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CosemError, systemClock } from 'cosem';
import { causes } from 'cosem/inspect';
import { AppendLog } from '../append-log.js';
import type { Json } from '../canonical.js';
import type { DayEntry } from '../day.js';
import type { AnyIntent, JournalEntry } from '../journal.js';
import { policyJsonSchema, workOrderJsonSchema } from '../json-schemas.js';
import { localTime, messages } from '../messages.js';
import { Outbox } from '../outbox.js';
import { STEPS_OF } from '../steps.js';
import { namesIn } from './files.js';
import { NodeLogFile } from './node-log-file.js';
import { listDay, readPolicy, readTrustedSigners, workspacePaths } from './workspace.js';

/** Orders, and entries of a journal, that are told at most: the last ones. */
const MOST_ORDERS = 200;
const MOST_ENTRIES = 60;

const TYPES: readonly string[] = ['opened', 'begun', 'done', 'skipped', 'failed'] satisfies JournalEntry['type'][];
const ACTION = /^[a-z][a-z-]{1,24}$/;

/** An entry of the journal of any kind of order. */
type AnyEntry = JournalEntry<Readonly<Record<string, unknown>>, AnyIntent>;

/** The part of a support file about a folder; `folder: false` where there is none. It never throws. */
export function folderSupport(folder: string): Json {
  const paths = workspacePaths(folder);
  if (!existsSync(paths.orders)) return { folder: false };
  const orders = part(() =>
    listDay(folder)
      .slice(-MOST_ORDERS)
      .map((entry) => orderFacts(entry, paths.state)),
  );
  const log = (name: string) => new NodeLogFile(join(paths.state, name));
  return {
    folder: true,
    freeOctets: part(() => {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    }),
    files: {
      keys: existsSync(paths.keys),
      index: part(() => statSync(paths.index, { throwIfNoEntry: false })?.size ?? null),
      locked: existsSync(join(paths.state, 'lock')),
      state: part(() => namesIn(paths.state).length),
      certificates: part(() => namesIn(paths.certificates).length),
    },
    policy: part(() => {
      const { services } = readPolicy(folder);
      return { verification: services.verification !== undefined, records: services.records !== undefined };
    }),
    trustedSigners: part(() => readTrustedSigners(paths.trusted).length),
    records: part(() => {
      const { waiting, refused } = new Outbox(log('outbox.log'), systemClock);
      return { waiting: waiting.length, refused: refused.length };
    }),
    orders,
  };
}

/** Runs a part that may fail. Of an error only its code is told, and which fields it names. */
function part(work: () => Json): Json {
  try {
    return work();
  } catch (error) {
    const code = error instanceof CosemError ? error.code : 'unexpected';
    const reason = (error as { reason?: unknown }).reason;
    const problems = (error as { problems?: readonly { readonly field: string }[] }).problems;
    return {
      failed: code,
      ...(typeof reason === 'string' && /^[a-z-]{1,30}$/.test(reason) ? { reason } : {}),
      ...(problems === undefined ? {} : { fields: fieldsOf(problems) }),
    };
  }
}

function orderFacts(entry: DayEntry, state: string): Json {
  if (entry.status === 'unreadable') return { status: entry.status, fields: fieldsOf(entry.problems) };
  const { id, kind } = entry.order;
  const journal = new NodeLogFile(join(state, `journal-${id}.log`));
  return {
    order: id,
    kind,
    status: entry.status,
    stepsDone: entry.stepsDone,
    next: entry.next ?? null,
    otp: entry.credential?.type ?? null,
    journal: part(() =>
      new AppendLog<AnyEntry>(journal).entries.slice(-MOST_ENTRIES).map((one) => entryFacts(one, STEPS_OF[kind])),
    ),
  };
}

/** An entry of a journal: what, when, and how it ended. Evidence, reasons and explanations are left out. */
function entryFacts(entry: AnyEntry, steps: readonly string[]): Json {
  const { at, type } = entry;
  const failure = type === 'failed' ? entry.refusal : undefined;
  const cause = failure?.cause?.id;
  return {
    at: Number.isSafeInteger(at) && Math.abs(at) < 1e14 ? localTime(at) : null,
    type: known(type, TYPES),
    ...(type === 'opened' ? {} : { step: known(entry.step, steps) }),
    ...(type === 'begun' ? { action: ACTION.test(entry.intent.action) ? entry.intent.action : 'unknown' } : {}),
    ...(failure === undefined ? {} : { code: known(failure.code, Object.keys(messages)) }),
    ...(cause === undefined ? {} : { cause: known(cause, Object.keys(causes)) }),
    ...(failure?.supplyMayBeOff === true ? { supplyMayBeOff: true } : {}),
    ...(type === 'failed' ? { settled: entry.settled === true } : {}),
  };
}

/** A word of a file, where it is one that we write. */
function known(word: string, words: readonly string[]): string {
  return words.includes(word) ? word : 'unknown';
}

/** Paths of fields, where they are of our schemas: whoever wrote a file may have made names of fields of anything. */
function fieldsOf(problems: readonly { readonly field: string }[]): Json {
  const names = new Set([workOrderJsonSchema(), policyJsonSchema()].flatMap(propertiesOf));
  const isKnown = (name: string) => name === '' || /^\d{1,4}$/.test(name) || names.has(name);
  return problems.map(({ field }) => (field.split(/[.[\]]/).every(isKnown) ? field : '(another field)'));
}

function propertiesOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties } = schema as { properties?: object };
  return [...Object.keys(properties ?? {}), ...Object.values(schema).flatMap(propertiesOf)];
}
