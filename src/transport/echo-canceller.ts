import { concat } from '../base/bytes.js';
import type { Millis } from '../base/clock.js';
import { isEven } from '../base/parity.js';

/**
 * A damaged echo counts as found again when this many octets in a row agree. Fewer could agree by chance between a request and its answer.
 */
const RUN = 6;
/**
 * An answer differs from the echo of its request within this many octets: flag, format and both addresses in HDLC, the header in the
 * wrapper.
 */
const ALIKE = 8;
/** After this many octets that agree nowhere, the rest of the echo is given up as lost. */
const LOST = 32;
/** A damaged echo may contain this many octets too many. */
const SURPLUS = 3;
/** A frame of at least this many octets that comes back proves an echo, if nothing else was heard before. */
const FIRST_PROOF = 5;
/** Later, the frame must be longer, because RR of HDLC and the acknowledgement of IEC 62056-21 may equal an answer. */
const LATER_PROOF = 10;
/** After this much silence held octets must be handed over. */
const HOLD: Millis = 300;
/** The same when the line echoes and less came than most answers have: the rest of a damaged echo may be late. */
const HOLD_FEW: Millis = 1000;
/** After this many answers in a row without an echo, the line counts as not echoing. */
const FORGOTTEN = 3;
/** The echoes of at most this many frames are awaited. */
const MOST = 32;

/** The flag of HDLC: it ends one frame and begins the next. */
const FLAG = 0x7e;

const NOTHING = new Uint8Array(0);

/**
 * Removes our own octets, which an optical probe or a two-wire line sends back, from what is heard: octet by octet, in any chunking and any
 * framing. It is told every frame before the frame is sent. An echo comes in the order of sending and before the answer. Octets of it may
 * be lost, changed or doubled: the echo is found again where {@link RUN} octets agree. Octets that agree with nothing are passed on.
 *
 * With `auto` nothing is removed before a complete frame came back as the first thing heard after it was sent.
 */
export class EchoCanceller {
  readonly #forced: boolean;
  /** Called with each frame whose echo was removed, as it was sent. */
  cancelled: ((frame: Uint8Array) => void) | undefined;
  /** How many octets were not echo. */
  passed = 0;
  #echoing: boolean;
  /** Frames whose echo is awaited, and how many octets of the first have come. */
  #frames: Uint8Array[] = [];
  #at = 0;
  /** Undecided octets. The first `#agreed` of them agree with the frame. */
  #held: number[] = [];
  #agreed = 0;
  /** One of the held octets is not the expected one. */
  #broken = false;
  /** Enough of the first frame came to be sure that it is not an answer. */
  #certain = false;
  /** The answer has begun: everything is passed on until we send again. */
  #passing = true;
  /** The last removed octet was a flag of HDLC. */
  #flagTaken = false;
  /** Something other than echo was heard. */
  #answered = false;
  /** Whether an echo came since the last answer without one, and how many answers came without. */
  #came = false;
  #missed = 0;
  #lastOctet: Millis = 0;

  constructor(mode: 'auto' | true, cancelled?: (frame: Uint8Array) => void) {
    this.#forced = mode === true;
    this.#echoing = this.#forced;
    this.cancelled = cancelled;
  }

  /** Whether the line echoes, as far as is known. */
  get echoing(): boolean {
    return this.#echoing;
  }

  /** Must be called for each frame that is sent, in order. */
  sent(frame: Uint8Array): void {
    if (this.#passing || this.#frames.length === MOST) this.#forget();
    if (this.#frames.length === 0) this.#came = false;
    this.#passing = false;
    this.#flagTaken = false;
    if (frame.length > 0) this.#frames.push(frame);
  }

  /** The octets of the chunk, and of those held before, that are not echo. */
  receive(chunk: Uint8Array, now: Millis): Uint8Array {
    const octets = this.#without(chunk, now);
    this.passed += octets.length;
    return octets;
  }

  #without(chunk: Uint8Array, now: Millis): Uint8Array {
    this.#lastOctet = now;
    if (this.#isAnswer(chunk)) {
      this.#answered = true;
      this.#passing = true;
      this.#forget();
      return chunk;
    }
    const before = this.#held.length;
    const out: number[] = [];
    if (this.#flagTaken && this.#frames.length === 0) this.#afterFlag(chunk[0], out);
    let at = 0;
    while (at < chunk.length && !this.#passing && this.#frames.length > 0) this.#hear(chunk[at++] as number, out);
    if (at < chunk.length && !this.#echoing) this.#answered = true;
    if (at > 0 && this.#flagTaken && this.#frames.length === 0) this.#afterFlag(chunk[at], out);
    if (out.length === 0) return at === 0 ? chunk : chunk.subarray(at);
    if (before === 0 && out.length === at && at > 0) return chunk;
    return concat(Uint8Array.from(out), chunk.subarray(at));
  }

  /**
   * Whether a line of which no echo is known answers with something else than the frame that was just sent: as nearly every line does, so
   * that it is seen without going from octet to octet.
   */
  #isAnswer(chunk: Uint8Array): boolean {
    const frame = this.#frames[0];
    if (this.#echoing || this.#passing || this.#at > 0 || this.#held.length > 0 || frame === undefined) return false;
    const end = Math.min(chunk.length, frame.length);
    let at = 0;
    while (at < end && chunk[at] === frame[at]) at++;
    // Octets that differ in their parity alone may be an echo all the same.
    return at < end && (((chunk[at] as number) ^ (frame[at] as number)) & 0x7f) !== 0;
  }

  /** When {@link handleTimeout} wants to be called. */
  pollTimeout(): Millis | undefined {
    // On a line that echoes, octets that agree so far are echo, however late the rest comes.
    const undecided = this.#held.length > 0 && (this.#broken || !this.#echoing);
    if (!undecided) return undefined;
    return this.#lastOctet + (this.#echoing && this.#held.length < RUN ? HOLD_FEW : HOLD);
  }

  /** The held octets, after nothing more came. */
  handleTimeout(now: Millis): Uint8Array {
    const due = this.pollTimeout();
    if (due === undefined || now < due) return NOTHING;
    const out: number[] = [];
    this.#release(out);
    this.passed += out.length;
    return Uint8Array.from(out);
  }

  /**
   * The flag may have been the opening one of the answer, if the closing one of the echo was lost. Both are the same octet, so either will
   * do.
   */
  #afterFlag(next: number | undefined, out: number[]): void {
    if (next === undefined) return;
    this.#flagTaken = false;
    if (next !== FLAG) out.push(FLAG);
  }

  #hear(octet: number, out: number[]): void {
    this.#held.push(octet);
    const frame = this.#frames[0] as Uint8Array;
    if (!this.#broken) {
      const awaited = frame[this.#at] as number;
      if (awaited === octet || isSame(awaited, octet, isText(frame))) {
        this.#agree(frame, out);
        return;
      }
      this.#broken = true;
      if (!this.#echoing) {
        this.#release(out);
        return;
      }
    }
    this.#seek(out);
  }

  /** The expected octet came. */
  #agree(frame: Uint8Array, out: number[]): void {
    this.#at++;
    this.#agreed++;
    const whole = this.#at === frame.length;
    if (!this.#echoing) {
      if (!whole) return;
      if (frame.length < (this.#answered ? LATER_PROOF : FIRST_PROOF)) {
        this.#release(out);
        return;
      }
      this.#echoing = true;
    }
    if (whole || this.#certain || this.#at > ALIKE) this.#cameTo(this.#at);
  }

  /** Looks for the place in the awaited echo where the last octets heard belong. */
  #seek(out: number[]): void {
    const base = this.#at - this.#agreed;
    const held = this.#held.length;
    const text = isText(this.#frames[0] as Uint8Array);
    // Octets are lost more often than doubled, so what was heard is rarely ahead of what was sent.
    const least = Math.max(base, base + held - RUN - SURPLUS);
    let start = 0;
    for (const [index, frame] of this.#frames.entries()) {
      // The current frame is tried before later ones, which may be equal to it. All frames begin and end alike, so the octets must be
      // inside one frame.
      if (held < (index === 0 ? RUN : RUN + SURPLUS)) break;
      for (let p = Math.max(0, least - start); p + RUN <= frame.length; p++) {
        let alike = 0;
        while (alike < RUN && isSame(frame[p + alike] as number, this.#held[held - RUN + alike] as number, text))
          alike++;
        if (alike < RUN) continue;
        this.#cameTo(start + p + RUN);
        return;
      }
      start += frame.length;
    }
    const left = this.#frames.reduce((sum, { length }) => sum + length, 0) - base;
    if (left < RUN || held >= Math.min(LOST, left + SURPLUS)) this.#release(out);
  }

  /** The echo has reached this octet of the awaited frames: all held octets were echo. */
  #cameTo(position: number): void {
    this.#flagTaken = this.#frames[0]?.[0] === FLAG && this.#held.at(-1) === FLAG;
    this.#held = [];
    this.#agreed = 0;
    this.#broken = false;
    this.#came = true;
    this.#missed = 0;
    this.#certain = true;
    this.#at = position;
    for (let frame = this.#frames[0]; frame !== undefined && this.#at >= frame.length; frame = this.#frames[0]) {
      this.#at -= frame.length;
      this.#frames.shift();
      this.#certain = this.#at > 0;
      this.cancelled?.(frame);
    }
  }

  /** The held octets are not echo, and neither is what follows. */
  #release(out: number[]): void {
    const first = this.#frames[0]?.[0];
    // A new frame begins in the middle of another: the echo broke off, and this is the answer.
    const brokeOff = this.#echoing && this.#agreed >= 3 && this.#held[this.#agreed] === first;
    if (this.#flagTaken) this.#afterFlag(this.#held[0], out);
    for (const octet of brokeOff ? this.#held.slice(this.#agreed) : this.#held) out.push(octet);
    if (this.#echoing) {
      this.#missed = this.#came || brokeOff ? 0 : this.#missed + 1;
      this.#came = false;
      if (!this.#forced && this.#missed >= FORGOTTEN) this.#echoing = false;
    }
    this.#answered = true;
    this.#forget();
    this.#passing = true;
  }

  /** Stops waiting for echoes of what was sent so far. */
  expectNothing(): void {
    this.#passing = true;
    this.#forget();
  }

  #forget(): void {
    this.#frames = [];
    this.#at = 0;
    this.#held = [];
    this.#agreed = 0;
    this.#broken = false;
    this.#certain = false;
  }
}

/** Text goes over lines of seven bits, whose parity some adapters leave in the octets heard. */
function isSame(sent: number, heard: number, text: boolean): boolean {
  return sent === heard || (text && ((sent ^ heard) & 0x7f) === 0);
}

/** Whether a frame is text, with or without parity: an adapter set to 7E1 removes from the echo the parity that we added. */
function isText(frame: Uint8Array): boolean {
  return frame.every((octet) => octet < 0x80) || frame.every(isEven);
}

/** The canceller that an option asks for, by default `auto`; undefined for none. One that exists goes on with what it knows about the line. */
export function cancellerOf(echo: boolean | 'auto' | EchoCanceller = 'auto'): EchoCanceller | undefined {
  if (typeof echo === 'object') return echo;
  return echo === false ? undefined : new EchoCanceller(echo);
}

/**
 * What is known about the echo of a line. Give it as the option `echo` to each of several drivers that use the line one after the other.
 */
export type LineEcho = EchoCanceller;

/** A new {@link LineEcho} that knows nothing yet. */
export function lineEcho(): LineEcho {
  return new EchoCanceller('auto');
}
