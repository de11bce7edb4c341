import { Writer } from '../base/cursor.js';

/** How much a message may have that comes in parts. */
const MAX_MESSAGE = 256 * 1024;
/** Senders whose parts are kept at a time, the oldest going first: they may be many, or made up. */
const MAX_SENDERS = 16;

/** What a part led to: a message that is whole, or in words why there is none; undefined when more must come. */
export interface Joined {
  readonly message?: Uint8Array;
  /** What was begun before and is lost now. */
  readonly lost?: string;
  /** Why the part itself is of no use. */
  readonly refused?: string;
}

export interface Part {
  readonly bytes: Uint8Array;
  /** Whether it begins a message. Undefined where nothing says so: it does when none is open. */
  readonly first: boolean | undefined;
  readonly last: boolean;
  /** Its number, where parts are numbered. */
  readonly number?: number;
}

interface Open {
  readonly whole: Writer;
  parts: number;
  number: number | undefined;
}

/** Joins messages that come in parts, each sender's by itself: segments of HDLC, of the M-Bus, blocks of general block transfer. */
export class PartJoiner {
  /** What parts are called: `segment`, `block`. */
  readonly #name: string;
  readonly #next: (number: number) => number;
  readonly #open = new Map<string, Open>();

  /** @param next the number behind a number. */
  constructor(name: string, next: (number: number) => number = (number) => number + 1) {
    this.#name = name;
    this.#next = next;
  }

  add(sender: string, part: Part): Joined {
    const before = this.#open.get(sender);
    const begins = part.first ?? before === undefined;
    const lost = before !== undefined && begins ? this.#lost(sender) : undefined;
    const with_ = (joined: Joined): Joined => (lost === undefined ? joined : { ...joined, lost });
    if (begins && part.last) return with_({ message: part.bytes });
    const open = begins ? this.#begin(sender) : before;
    if (open === undefined) {
      const which = part.number === undefined ? '' : ` ${part.number}`;
      return { refused: `${this.#name}${which} of a message whose beginning did not come` };
    }
    if (part.number !== undefined && open.number !== undefined && part.number !== this.#next(open.number)) {
      const due = this.#next(open.number);
      this.#open.delete(sender);
      const what = `${this.#name} ${part.number} came where ${this.#name} ${due} was due`;
      return with_({ refused: `${what}: the message is dropped` });
    }
    if (open.whole.offset + part.bytes.length > MAX_MESSAGE) {
      this.#open.delete(sender);
      return with_({ refused: `a message of more than ${MAX_MESSAGE} octets` });
    }
    open.whole.bytes(part.bytes);
    open.parts++;
    open.number = part.number;
    if (!part.last) return with_({});
    this.#open.delete(sender);
    return with_({ message: open.whole.finish() });
  }

  /** Whether a message of this sender has begun and is not whole. */
  isOpen(sender: string): boolean {
    return this.#open.has(sender);
  }

  /** Nothing more will come: what has begun, in words. */
  flush(): string[] {
    return [...this.#open.keys()].map((sender) => this.#lost(sender));
  }

  #begin(sender: string): Open {
    const open: Open = { whole: new Writer(256), parts: 0, number: undefined };
    if (this.#open.size >= MAX_SENDERS) this.#open.delete(this.#open.keys().next().value as string);
    this.#open.set(sender, open);
    return open;
  }

  #lost(sender: string): string {
    const { parts, number } = this.#open.get(sender) as Open;
    this.#open.delete(sender);
    const came = parts === 1 ? `its first ${this.#name} came` : `${parts} ${this.#name}s of it came`;
    const missing = number === undefined ? `the last ${this.#name}` : `${this.#name} ${this.#next(number)}`;
    return `a message is incomplete: ${came}, ${missing} is missing`;
  }
}
