import { concat } from '../base/bytes.js';
import type { Millis } from '../base/clock.js';
import { isEven } from '../base/parity.js';

/** Octets in a row that must agree before a broken echo counts as found again. Fewer are alike in a question and its answer by chance. */
const RUN = 6;
/** An answer is told from the echo of its question within so many octets: flag, format and both addresses of HDLC, header of the wrapper. */
const ALIKE = 8;
/** Octets that agree nowhere, after which the rest of the echo is given up for lost. */
const LOST = 32;
/** Octets that a broken echo may have too many. */
const SURPLUS = 3;
/** A frame of so many octets that comes back proves an echo, when nothing else was heard before; */
const FIRST_PROOF = 5;
/** and later: RR of HDLC and the acknowledgement of IEC 62056-21 are shorter, and an answer may equal them. */
const LATER_PROOF = 10;
/** Silence after which what is held back has to be told. */
const HOLD: Millis = 300;
/** The same where the line echoes and what came is too little for most answers: the rest of a broken echo may be late. */
const HOLD_FEW: Millis = 1000;
/** Answers in a row without an echo before them, after which the line is not taken to echo any more. */
const FORGOTTEN = 3;
/** Frames whose echo is awaited at most. */
const MOST = 32;

/** Of HDLC: it ends one frame and begins the next. */
const FLAG = 0x7e;

const NOTHING = new Uint8Array(0);

/**
 * Takes our own octets, come back from an optical probe or a two-wire line, out of what is heard, octet by octet and in any chunking,
 * whichever framing they carry. It is told every frame before it is sent. An echo comes in the order of sending and before the answer;
 * octets of it may be lost, changed or doubled: it is found again where {@link RUN} octets agree. What agrees with nothing is passed on.
 *
 * With `auto` nothing is taken out before a whole frame came back as the first thing heard after it was sent.
 */
export class EchoCanceller {
  readonly #forced: boolean;
  /** Told each frame whose echo was taken out, as it was sent. */
  cancelled: ((frame: Uint8Array) => void) | undefined;
  /** How many octets were no echo. */
  passed = 0;
  #echoing: boolean;
  /** Frames whose echo has not come, and how many octets of the first have. */
  #frames: Uint8Array[] = [];
  #at = 0;
  /** Octets not decided upon; the first of them, `#agreed`, are those of the frame as they should come. */
  #held: number[] = [];
  #agreed = 0;
  /** An octet among those held is not the one that was awaited. */
  #broken = false;
  /** So much of the first frame came that it is no answer. */
  #certain = false;
  /** The answer has begun: everything passes until we speak again. */
  #passing = true;
  /** The last octet taken out was a flag of HDLC. */
  #flagTaken = false;
  /** Something that is no echo was heard. */
  #answered = false;
  /** Whether any echo came since the last answer without one, and how many came without. */
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

  /** This frame goes out now, behind those before it. */
  sent(frame: Uint8Array): void {
    if (this.#passing || this.#frames.length === MOST) this.#forget();
    if (this.#frames.length === 0) this.#came = false;
    this.#passing = false;
    this.#flagTaken = false;
    if (frame.length > 0) this.#frames.push(frame);
  }

  /** What of the chunk, and of what was held back before it, is not echo. */
  receive(chunk: Uint8Array, now: Millis): Uint8Array {
    const octets = this.#without(chunk, now);
    this.passed += octets.length;
    return octets;
  }

  #without(chunk: Uint8Array, now: Millis): Uint8Array {
    this.#lastOctet = now;
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

  /** When {@link handleTimeout} wants to be called. */
  pollTimeout(): Millis | undefined {
    // On a line that echoes what agrees so far is echo, however late the rest of it comes.
    const undecided = this.#held.length > 0 && (this.#broken || !this.#echoing);
    if (!undecided) return undefined;
    return this.#lastOctet + (this.#echoing && this.#held.length < RUN ? HOLD_FEW : HOLD);
  }

  /** What was held back, once nothing more came. */
  handleTimeout(now: Millis): Uint8Array {
    const due = this.pollTimeout();
    if (due === undefined || now < due) return NOTHING;
    const out: number[] = [];
    this.#release(out);
    this.passed += out.length;
    return Uint8Array.from(out);
  }

  /** It may have been the opening one of the answer, where the closing one of the echo was lost: one is as good as the other. */
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

  /** The octet awaited came. */
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

  /** Looks for the place in what is awaited where the octets heard last stand. */
  #seek(out: number[]): void {
    const base = this.#at - this.#agreed;
    const held = this.#held.length;
    const text = isText(this.#frames[0] as Uint8Array);
    // Octets are lost more often than doubled: what was heard is hardly ahead of what was sent.
    const least = Math.max(base, base + held - RUN - SURPLUS);
    let start = 0;
    for (const [index, frame] of this.#frames.entries()) {
      // The frame under way comes before those after it, which may be its like. They all begin and end alike: the run is within one.
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

  /** The echo has come up to that octet of the frames awaited: all that is held was echo. */
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

  /** What is held is no echo, nor is what follows. */
  #release(out: number[]): void {
    const first = this.#frames[0]?.[0];
    // A frame that begins anew in the midst of another: the echo broke off, and this is the answer.
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

  /** No echo is awaited any more: of what was sent before, none will come. */
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

/** With its parity or without: an adapter that stands at 7E1 strips from the echo what we made. */
function isText(frame: Uint8Array): boolean {
  return frame.every((octet) => octet < 0x80) || frame.every(isEven);
}
