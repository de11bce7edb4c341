import type { ServerResponse } from 'node:http';

/** The most readers at a time. */
const MOST_READERS = 20;
/** Octets that may wait for a slow reader; with more it is disconnected. */
const MOST_WAITING = 1_000_000;
/** Milliseconds between heartbeats, which also show whether a reader still reads. */
const HEARTBEAT = 15_000;

/**
 * Server-sent events for a bounded number of readers. Each reader gets the present state at once, and the new state at each `update`.
 *
 * @example
 * ```ts
 * const events = new EventStream(() => JSON.stringify(state));
 * const routes = [{ method: 'GET', path: '/events', events }] as const;
 * events.update(); // whenever `state` has changed
 * ```
 */
export class EventStream {
  readonly #readers = new Set<ServerResponse>();
  readonly #state: () => string;
  #heartbeat: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param state gives the present state as one line of text. */
  constructor(state: () => string) {
    this.#state = state;
  }

  /** Number of readers. */
  get size(): number {
    return this.#readers.size;
  }

  /** Whether there is room for another reader. */
  get open(): boolean {
    return !this.#closed && this.#readers.size < MOST_READERS;
  }

  /** Adds a reader: a response whose head was not sent yet. */
  subscribe(reader: ServerResponse): void {
    reader.writeHead(200, { 'content-type': 'text/event-stream' });
    this.#readers.add(reader);
    reader.on('close', () => this.#forget(reader));
    this.#heartbeat ??= setInterval(() => this.#write(': \n\n'), HEARTBEAT).unref();
    reader.write(this.#event());
  }

  /** Sends the present state to every reader. */
  update(): void {
    if (this.#readers.size > 0) this.#write(this.#event());
  }

  /** Ends the streams of all readers; no further reader is taken. */
  close(): void {
    this.#closed = true;
    for (const reader of [...this.#readers]) {
      this.#forget(reader);
      reader.end();
    }
  }

  #event(): string {
    return `data: ${this.#state()}\n\n`;
  }

  #write(text: string): void {
    for (const reader of [...this.#readers]) {
      if (reader.destroyed || reader.writableLength > MOST_WAITING) {
        this.#forget(reader);
        reader.destroy();
      } else reader.write(text);
    }
  }

  #forget(reader: ServerResponse): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }
}
