import { Writer } from '../base/cursor.js';

/** The most octets of a message that comes in parts. */
const MAX_MESSAGE = 256 * 1024;
/** The most senders whose parts are kept at a time; the oldest is dropped first. There may be many senders, and forged ones. */
const MAX_SENDERS = 32;
/** The most octets of all incomplete messages together: enough for one of the longest beside others. */
const MAX_KEPT = 2 * MAX_MESSAGE;

/** What came of a part: a complete message, a refusal, or neither when more parts must come. */
export interface Joined {
  /** The complete message. */
  readonly message?: Uint8Array;
  /** Incomplete messages that were dropped, in words; also those of other senders, where there was no room left. */
  readonly lost: readonly string[];
  /** Why the part itself was refused, in words. */
  readonly refused?: string;
}

export interface Part {
  readonly bytes: Uint8Array;
  /** Whether it begins a message. Undefined where the part does not tell: it begins one when none is open. */
  readonly first: boolean | undefined;
  readonly last: boolean;
  /** Its number, where parts are numbered. */
  readonly number?: number;
}

interface Open {
  readonly whole: Writer;
  /** What has come of it and what is missing, in words. */
  readonly state: () => string;
  parts: number;
  number: number | undefined;
}

/** Keeps incomplete messages. Several joiners share one, so that one bound holds for all that a peer can make us keep. */
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

  /** Adds a message that begins. @returns in words, which message was dropped for it. */
  put(key: string, open: Open): string[] {
    const gone = this.#open.size < MAX_SENDERS ? [] : this.#evict(undefined);
    this.#open.set(key, open);
    return gone;
  }

  /** Adds octets to a message. @returns in words, which messages were dropped for them. */
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

  /** Drops the oldest message other than `kept`. */
  #evict(kept: Open | undefined): string[] {
    for (const [key, open] of this.#open) {
      if (open === kept) continue;
      const reason = `a message is dropped, because too many are incomplete: ${open.state()}`;
      this.delete(key);
      return [reason];
    }
    return [];
  }
}

/** Joins messages that come in parts, separately for each sender: segments of HDLC or of the M-Bus, blocks of general-block-transfer. */
export class PartJoiner {
  /** What messages call a part: `segment`, `block`. */
  readonly #name: string;
  readonly #next: (number: number) => number;
  readonly #shelf: PartShelf;

  /** @param next gives the number that follows a number. */
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
      return { refused: `${this.#name}${which} of a message whose beginning is missing`, lost };
    }
    if (part.number !== undefined && open.number !== undefined && part.number !== this.#next(open.number)) {
      const due = this.#next(open.number);
      this.#shelf.delete(key);
      const what = `${this.#name} ${part.number} came instead of ${this.#name} ${due}`;
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

  /** Whether a message of this sender has begun and is incomplete. */
  isOpen(sender: string): boolean {
    return this.#shelf.get(this.#key(sender)) !== undefined;
  }

  /** Nothing more will come. @returns in words, which messages are incomplete. */
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
