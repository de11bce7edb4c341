import type { Clock, Millis } from 'cosem';
import { AppendLog, type LogFile } from './append-log.js';
import type { Json } from './canonical.js';
import { type HttpAnswer, HttpClient, type HttpOptions, type NoAnswer } from './service/http.js';

type OutboxEntry =
  | { readonly type: 'queued'; readonly id: string; readonly at: Millis; readonly body: Json }
  | { readonly type: 'sent'; readonly id: string; readonly at: Millis }
  | { readonly type: 'failed'; readonly id: string; readonly at: Millis; readonly status: number | null }
  /** The utility will never accept it: a person must look into it. */
  | { readonly type: 'refused'; readonly id: string; readonly at: Millis; readonly status: number };

/** A record that waits to be sent. */
export interface QueuedItem {
  /** The idempotency key: an item that is sent twice is accepted once. */
  readonly id: string;
  readonly body: Json;
  readonly queuedAt: Millis;
  /** How many tries failed. */
  readonly tries: number;
  /** The earliest time of the next try. */
  readonly notBefore: Millis;
}

/** The outcome of sending an item: accepted, to be tried again, or refused for good. */
export type SendOutcome =
  | { readonly result: 'taken' }
  | { readonly result: 'later'; readonly status: number | null; readonly retryAt?: Millis | undefined }
  | { readonly result: 'refused'; readonly status: number };

/** Sends an item to the utility. It must not throw because of the network. */
export interface RecordSender {
  send(id: string, body: Json): Promise<SendOutcome>;
}

const FIRST_PAUSE: Millis = 60_000;
const LONGEST_PAUSE: Millis = 6 * 3_600_000;

/** The queue of records for the utility, on disk. Each record arrives at least once, and its key makes it count once. */
export class Outbox {
  readonly #log: AppendLog<OutboxEntry>;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, QueuedItem>();
  readonly #ended = new Map<string, 'sent' | 'refused'>();

  /** @throws StorageError when the file cannot be read, or is damaged. */
  constructor(file: LogFile, clock: Clock) {
    this.#log = new AppendLog(file);
    this.#clock = clock;
    for (const entry of this.#log.entries) this.#take(entry);
  }

  /** The waiting items, in the order in which they were added. */
  get waiting(): readonly QueuedItem[] {
    return [...this.#waiting.values()];
  }

  /** Ids of the items that the utility refused. */
  get refused(): readonly string[] {
    return [...this.#ended].filter(([, end]) => end === 'refused').map(([id]) => id);
  }

  /** The state of an item; undefined for an unknown one. */
  status(id: string): 'waiting' | 'sent' | 'refused' | undefined {
    return this.#waiting.has(id) ? 'waiting' : this.#ended.get(id);
  }

  /** Adds an item to the queue. An item that was added before, sent or not, is not added again. @throws StorageError. */
  add(id: string, body: Json): void {
    if (this.status(id) === undefined) this.#append({ type: 'queued', id, at: this.#clock.now(), body });
  }

  /** Stores the outcome of sending. @throws StorageError; the item is then sent again, which does no harm. */
  note(id: string, outcome: SendOutcome): void {
    const at = this.#clock.now();
    if (outcome.result === 'taken') this.#append({ type: 'sent', id, at });
    else if (outcome.result === 'refused') this.#append({ type: 'refused', id, at, status: outcome.status });
    else this.#append({ type: 'failed', id, at, status: outcome.status });
  }

  #append(entry: OutboxEntry): void {
    this.#log.append(entry);
    this.#take(entry);
  }

  #take(entry: OutboxEntry): void {
    const { id, at } = entry;
    if (entry.type === 'queued') {
      this.#waiting.set(id, { id, body: entry.body, queuedAt: at, tries: 0, notBefore: at });
      return;
    }
    const item = this.#waiting.get(id);
    if (item === undefined) return;
    if (entry.type === 'failed') {
      const notBefore = at + Math.min(FIRST_PAUSE * 2 ** item.tries, LONGEST_PAUSE);
      this.#waiting.set(id, { ...item, tries: item.tries + 1, notBefore });
    } else {
      this.#waiting.delete(id);
      this.#ended.set(id, entry.type);
    }
  }
}

export interface SyncReport {
  readonly sent: number;
  readonly waiting: number;
  readonly refused: number;
}

export interface SyncOptions {
  /** Whether to send items also before the waiting time after a failure is over. */
  readonly now?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Sends all items that are due, one after the other. It stops at the first that cannot be delivered: without a network the rest would fail
 * as well.
 */
export async function sync(
  outbox: Outbox,
  sender: RecordSender,
  clock: Clock,
  { now = false, signal }: SyncOptions = {},
): Promise<SyncReport> {
  let sent = 0;
  let refused = 0;
  for (const { id, body, notBefore } of outbox.waiting) {
    if (signal?.aborted === true) break;
    if (!now && notBefore > clock.now()) continue;
    const outcome = await sender.send(id, body);
    outbox.note(id, outcome);
    if (outcome.result === 'later') break;
    if (outcome.result === 'taken') sent++;
    else refused++;
  }
  return { sent, refused, waiting: outbox.waiting.length };
}

/** Sends to the utility's endpoint (docs/commissioning-records.openapi.yaml). */
export class HttpRecordSender implements RecordSender {
  readonly #http: HttpClient;

  /** @throws StateError when the address is neither https nor on this machine. */
  constructor(options: HttpOptions) {
    this.#http = new HttpClient(options);
  }

  async send(id: string, body: Json): Promise<SendOutcome> {
    return outcomeOf(await this.#http.post('/v1/records', id, body));
  }
}

/** 409 says that the record is already there under this key. 401, 403 and 429 may change later; another 4xx will not. */
function outcomeOf(answer: HttpAnswer | NoAnswer): SendOutcome {
  if (typeof answer === 'string') return { result: 'later', status: null };
  const { status } = answer;
  if ((status >= 200 && status < 300) || status === 409) return { result: 'taken' };
  const final = status >= 400 && status < 500 && ![401, 403, 408, 425, 429].includes(status);
  return final ? { result: 'refused', status } : { result: 'later', status };
}
