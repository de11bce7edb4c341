import type { ServerResponse } from 'node:http';

/** Readers that are kept up to date at a time. */
const MOST_READERS = 20;
/** What may wait for a reader that does not read: then it is let go. */
const MOST_WAITING = 1_000_000;
/** A sign of life for those who read, and a test of whether they do. */
const HEARTBEAT = 15_000;

/** Server-sent events for a bounded number of readers, each of which gets the present state at once and then what is new. */
export class EventStream {
  readonly #readers = new Set<ServerResponse>();
  readonly #state: () => string;
  #heartbeat: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param state one line of text: what there is to be known now. */
  constructor(state: () => string) {
    this.#state = state;
  }

  get size(): number {
    return this.#readers.size;
  }

  /** Whether there is room for another reader. */
  get open(): boolean {
    return !this.#closed && this.#readers.size < MOST_READERS;
  }

  /** Takes a reader whose answer has not begun. */
  subscribe(reader: ServerResponse): void {
    reader.writeHead(200, { 'content-type': 'text/event-stream' });
    this.#readers.add(reader);
    reader.on('close', () => this.#forget(reader));
    this.#heartbeat ??= setInterval(() => this.#write(': \n\n'), HEARTBEAT).unref();
    reader.write(this.#event());
  }

  /** Tells every reader the state as it is now. */
  update(): void {
    if (this.#readers.size > 0) this.#write(this.#event());
  }

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
