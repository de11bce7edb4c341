import { Writer } from '../base/cursor.js';

/** How much a message may have that comes in parts. */
const MAX_MESSAGE = 256 * 1024;
/** Senders whose parts are kept at a time, the oldest going first: they may be many, or made up. */
const MAX_SENDERS = 32;
/** Octets of all messages that are not whole: enough for one of the longest beside others. */
const MAX_KEPT = 2 * MAX_MESSAGE;

/** What a part led to: a message that is whole, or in words why there is none; undefined when more must come. */
export interface Joined {
  readonly message?: Uint8Array;
  /** What was begun before and is lost now, of others too where there was no room for them. */
  readonly lost: readonly string[];
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
  /** What came of it and what is missing, in words. */
  readonly state: () => string;
  parts: number;
  number: number | undefined;
}

/** What joiners keep of messages that are not whole. Several share one, so that what a peer makes us keep is bounded once for all. */
export class PartShelf {
  readonly #open = new Map<string, Open>();
  #octets = 0;

  /** Octets kept now. */
  get octets(): number {
    return this.#octets;
  }

  get(key: string): Open | undefined {
    return this.#open.get(key);
  }

  keys(): string[] {
    return [...this.#open.keys()];
  }

  /** Puts a message there that begins; gives in words what had to go for it. */
  put(key: string, open: Open): string[] {
    const gone = this.#open.size < MAX_SENDERS ? [] : this.#evict(undefined);
    this.#open.set(key, open);
    return gone;
  }

  /** Adds octets to a message that is there; gives in words what had to go for them. */
  append(open: Open, bytes: Uint8Array): string[] {
    const gone: string[] = [];
    while (this.#octets + bytes.length > MAX_KEPT) {
      const evicted = this.#evict(open);
      if (evicted.length === 0) break;
      gone.push(...evicted);
    }
    open.whole.bytes(bytes);
    this.#octets += bytes.length;
    return gone;
  }

  delete(key: string): void {
    const open = this.#open.get(key);
    if (open === undefined) return;
    this.#octets -= open.whole.offset;
    this.#open.delete(key);
  }

  /** The oldest goes, but not this one. */
  #evict(kept: Open | undefined): string[] {
    for (const [key, open] of this.#open) {
      if (open === kept) continue;
      const reason = `a message is dropped, since too many are not whole: ${open.state()}`;
      this.delete(key);
      return [reason];
    }
    return [];
  }
}

/** Joins messages that come in parts, each sender's by itself: segments of HDLC, of the M-Bus, blocks of general block transfer. */
export class PartJoiner {
  /** What parts are called: `segment`, `block`. */
  readonly #name: string;
  readonly #next: (number: number) => number;
  readonly #shelf: PartShelf;

  /** @param next the number behind a number. */
  constructor(name: string, shelf = new PartShelf(), next: (number: number) => number = (number) => number + 1) {
    this.#name = name;
    this.#next = next;
    this.#shelf = shelf;
  }

  add(sender: string, part: Part): Joined {
    const key = this.#key(sender);
    const before = this.#shelf.get(key);
    const begins = part.first ?? before === undefined;
    const lost = before !== undefined && begins ? [this.#lost(key, before)] : [];
    if (begins && part.last) return { message: part.bytes, lost };
    const open = begins ? this.#begin(key, lost) : before;
    if (open === undefined) {
      const which = part.number === undefined ? '' : ` ${part.number}`;
      return { refused: `${this.#name}${which} of a message whose beginning did not come`, lost };
    }
    if (part.number !== undefined && open.number !== undefined && part.number !== this.#next(open.number)) {
      const due = this.#next(open.number);
      this.#shelf.delete(key);
      const what = `${this.#name} ${part.number} came where ${this.#name} ${due} was due`;
      return { refused: `${what}: the message is dropped`, lost };
    }
    if (open.whole.offset + part.bytes.length > MAX_MESSAGE) {
      this.#shelf.delete(key);
      return { refused: `a message of more than ${MAX_MESSAGE} octets`, lost };
    }
    lost.push(...this.#shelf.append(open, part.bytes));
    open.parts++;
    open.number = part.number;
    if (!part.last) return { lost };
    this.#shelf.delete(key);
    return { message: open.whole.finish(), lost };
  }

  /** Whether a message of this sender has begun and is not whole. */
  isOpen(sender: string): boolean {
    return this.#shelf.get(this.#key(sender)) !== undefined;
  }

  /** Nothing more will come: what has begun, in words. */
  flush(): string[] {
    const own = this.#shelf.keys().filter((key) => key.startsWith(this.#key('')));
    return own.map((key) => this.#lost(key, this.#shelf.get(key) as Open));
  }

  #key(sender: string): string {
    return `${this.#name} ${sender}`;
  }

  #begin(key: string, lost: string[]): Open {
    const open: Open = { whole: new Writer(256), state: () => this.#state(open), parts: 0, number: undefined };
    lost.push(...this.#shelf.put(key, open));
    return open;
  }

  #lost(key: string, open: Open): string {
    this.#shelf.delete(key);
    return `a message is incomplete: ${open.state()}`;
  }

  #state({ parts, number }: Open): string {
    const came = parts === 1 ? `its first ${this.#name} came` : `${parts} ${this.#name}s of it came`;
    const missing = number === undefined ? `the last ${this.#name}` : `${this.#name} ${this.#next(number)}`;
    return `${came}, ${missing} is missing`;
  }
}
