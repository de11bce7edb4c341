import type { Millis } from '../../src/base/clock.js';
import type { BitString } from '../../src/codec/data.js';
import { EVENT_LOGS, STATUS_WORD_BITS } from '../../src/companion/is15959/events.js';
import { loggedEvent } from './vendor-events.js';

/** An entry of an event log. */
export interface EventLogEntry {
  readonly at: Millis;
  readonly code: number;
  /** Cumulative tamper count when it was logged. */
  readonly tampers: number;
}

const TRANSACTIONS = 3;
const NON_ROLLOVER = 5;

/** Event logs 0 to 6, the counters that go with them, and the event status word. */
export class EventLogs {
  readonly #logs: EventLogEntry[][] = EVENT_LOGS.map(() => []);
  readonly #last: number[] = EVENT_LOGS.map(() => 0);
  readonly #capacity: readonly number[];
  readonly #status = new Uint8Array(STATUS_WORD_BITS / 8);
  filter: BitString;
  tampers = 0;
  programmings = 0;
  /** Called when a bit that passes the filter has changed. */
  onStatusChange: ((at: Millis) => void) | undefined;

  /** @param capacity number of entries of each log. @param filter bits of the status word that are pushed by default. */
  constructor(capacity: readonly number[], filter: readonly number[]) {
    this.#capacity = capacity;
    this.filter = { bytes: bitsOf(filter), length: STATUS_WORD_BITS };
  }

  /** Logs an event, with what follows from it: counters, status bits. */
  record(code: number, at: Millis): void {
    const event = loggedEvent(code);
    if (event === undefined) return;
    if (event.kind === 'occurrence' && event.log !== 2 && event.log !== 6) this.tampers++;
    if (event.log === TRANSACTIONS) this.programmings++;
    const log = this.#logs[event.log] as EventLogEntry[];
    const capacity = this.#capacity[event.log] ?? 0;
    this.#last[event.log] = code;
    if (event.log !== NON_ROLLOVER || log.length < capacity) log.push({ at, code, tampers: this.tampers });
    if (log.length > capacity) log.shift();
    if (event.statusBit !== undefined) this.setStatus(event.statusBit, event.kind === 'occurrence', at);
  }

  /** The entries of a log, oldest first. */
  log(index: number): readonly EventLogEntry[] {
    return this.#logs[index] ?? [];
  }

  /** The entries of all logs, in no particular order. */
  all(): EventLogEntry[] {
    return this.#logs.flat();
  }

  clear(index: number): void {
    const log = this.#logs[index];
    if (log !== undefined) log.length = 0;
  }

  lastCode(index: number): number {
    return this.#last[index] ?? 0;
  }

  get status(): BitString {
    return { bytes: this.#status.slice(), length: STATUS_WORD_BITS };
  }

  save() {
    return {
      logs: this.#logs.map((log) => log.map(({ at, code, tampers }) => [at, code, tampers])),
      last: this.#last.slice(),
      status: this.#status.slice(),
      filter: this.filter.bytes,
      tampers: this.tampers,
      programmings: this.programmings,
    };
  }

  load(saved: ReturnType<EventLogs['save']>): void {
    saved.logs.forEach((lines, index) => {
      this.#logs[index] = lines.map(([at = 0, code = 0, tampers = 0]) => ({ at, code, tampers }));
    });
    this.#last.splice(0, this.#last.length, ...saved.last);
    this.#status.set(saved.status);
    this.filter = { bytes: saved.filter, length: STATUS_WORD_BITS };
    this.tampers = saved.tampers;
    this.programmings = saved.programmings;
  }

  /** Clears a bit that is only set until it was pushed, without starting another push. */
  clearQuietly(bit: number): void {
    this.#status[bit >> 3] = (this.#status[bit >> 3] as number) & ~(0x80 >> (bit & 7));
  }

  setStatus(bit: number, on: boolean, at: Millis): void {
    const mask = 0x80 >> (bit & 7);
    const octet = this.#status[bit >> 3] as number;
    if (((octet & mask) !== 0) === on) return;
    this.#status[bit >> 3] = octet ^ mask;
    if (((this.filter.bytes[bit >> 3] ?? 0) & mask) !== 0) this.onStatusChange?.(at);
  }
}

function bitsOf(bits: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(STATUS_WORD_BITS / 8);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] as number) | (0x80 >> (bit & 7));
  return bytes;
}
