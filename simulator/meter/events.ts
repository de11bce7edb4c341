import type { Millis } from '../../src/base/clock.js';
import type { BitString } from '../../src/codec/data.js';
import { EVENT_LOGS, eventOf, STATUS_WORD_BITS } from '../../src/companion/is15959/events.js';

/** A line of an event log. */
export interface LoggedEvent {
  readonly at: Millis;
  readonly code: number;
  /** Cumulative tamper count when it was logged. */
  readonly tampers: number;
}

/** Bits of the status word that a meter counts as worth a push unless told otherwise: those that field meters of category D1 have. */
const DEFAULT_FILTER = [3, 4, 6, 11, 12, 51, 81, 82, 83, 84, 85, 86, 87];
const TRANSACTIONS = 3;
const NON_ROLLOVER = 5;

/** Event logs 0 to 6, the counters that go with them, and the event status word. */
export class EventLogs {
  readonly #logs: LoggedEvent[][] = EVENT_LOGS.map(() => []);
  readonly #last: number[] = EVENT_LOGS.map(() => 0);
  readonly #capacity: readonly number[];
  readonly #status = new Uint8Array(STATUS_WORD_BITS / 8);
  filter: BitString = { bytes: bitsOf(DEFAULT_FILTER), length: STATUS_WORD_BITS };
  tampers = 0;
  programmings = 0;
  /** Told when a bit that the filter lets pass has changed. */
  onStatusChange: ((at: Millis) => void) | undefined;

  /** @param capacity entries of each log. */
  constructor(capacity: readonly number[]) {
    this.#capacity = capacity;
  }

  /** Logs an event, with what follows from it: counters, status bits. */
  record(code: number, at: Millis): void {
    const event = eventOf(code);
    if (event === undefined) return;
    if (event.kind === 'occurrence' && event.log !== 2 && event.log !== 6) this.tampers++;
    if (event.log === TRANSACTIONS) this.programmings++;
    const log = this.#logs[event.log] as LoggedEvent[];
    const capacity = this.#capacity[event.log] ?? 0;
    this.#last[event.log] = code;
    if (event.log !== NON_ROLLOVER || log.length < capacity) log.push({ at, code, tampers: this.tampers });
    if (log.length > capacity) log.shift();
    if (event.statusBit !== undefined) this.setStatus(event.statusBit, event.kind === 'occurrence', at);
  }

  /** Lines of a log, the oldest first. */
  log(index: number): readonly LoggedEvent[] {
    return this.#logs[index] ?? [];
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

  /** Clears a bit that stands only until it was pushed. */
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
