import { shownOctets } from '../base/shown.js';
import { counted } from '../base/words.js';
import { FLAG, FRAME_FAULTS, FrameScan, type HdlcFrame } from './hdlc-frame.js';

/** Is called with octets that are not a frame, and the reason. */
export type DiscardSink = (bytes: Uint8Array, reason: string) => void;

const CAPACITY = 4096;
/** The most octets without a flag that are kept before they are discarded; longer than any frame. */
const GARBAGE = 2048;
const NO_FLAG = 'no opening flag';

/**
 * Cuts a stream of octets into frames. Any chunking gives the same frames and discards, and never more than a frame is kept. After a bad frame the
 * search continues at the next flag inside it, so that a good frame after a wrong length, or after lost octets, is found.
 */
export class FrameSplitter {
  readonly #discard: DiscardSink;
  readonly #scan = new FrameScan();
  /** Undecided octets are `#bytes` from `#start` to `#end`. Before `#start` there may be views of the array elsewhere. */
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  /** Whether `#bytes` is our own array, so that we may append to it. */
  #own = false;
  /** Whether the octet at `#start` is a flag that may open a frame. If not, the search for a flag continues at `#searched`. */
  #opened = false;
  #searched = 0;
  #reason = NO_FLAG;
  #flushing = false;
  /** Octets of the stream before `#bytes`. */
  #before = 0;
  #frame: Uint8Array = new Uint8Array(0);

  constructor(discard: DiscardSink) {
    this.#discard = discard;
  }

  /** Whether more than a single flag is waiting: an incomplete frame, or garbage. */
  get partial(): boolean {
    return this.#end - this.#start > (this.#opened ? 1 : 0);
  }

  /** Position of the first undecided octet in the stream: in a discard the beginning of its octets, after a frame its closing flag. */
  get position(): number {
    return this.#before + this.#start;
  }

  /** The octets of the last frame of {@link next}, with its flags. */
  get octets(): Uint8Array {
    return this.#frame;
  }

  /** In words, what has come of an incomplete frame, or without a frame. */
  get pending(): string | undefined {
    if (!this.partial) return undefined;
    const bytes = this.#bytes.subarray(this.#start, this.#end);
    if (!this.#opened) return `${counted(bytes.length, 'octet')} without a frame: ${shownOctets(bytes)}`;
    const { header, length } = this.#scan;
    const of = header === 0 ? '' : `, ${length + 2} were announced,`;
    return `of a frame ${counted(bytes.length, 'octet')} came${of} and its end is missing`;
  }

  /** Takes octets; then call {@link next} until it gives undefined. Views of the chunk may be kept. */
  push(chunk: Uint8Array): void {
    const kept = this.#end - this.#start;
    // The closing flag of a frame is left over. When the next chunk has an opening flag of its own, nothing is copied.
    if (kept === 0 || (kept === 1 && this.#opened && chunk[0] === FLAG)) {
      this.#adopt(chunk, false, chunk.length);
    } else if (this.#own && this.#end + chunk.length <= this.#bytes.length) {
      this.#bytes.set(chunk, this.#end);
      this.#end += chunk.length;
    } else {
      const bytes = new Uint8Array(Math.max(CAPACITY, 2 * (kept + chunk.length)));
      bytes.set(this.#bytes.subarray(this.#start, this.#end));
      bytes.set(chunk, kept);
      this.#adopt(bytes, true, kept + chunk.length);
    }
  }

  #adopt(bytes: Uint8Array, own: boolean, end: number): void {
    this.#searched -= this.#start;
    this.#before += this.#start;
    this.#bytes = bytes;
    this.#own = own;
    this.#start = 0;
    this.#end = end;
  }

  /** Nothing will follow: {@link next} gives the frames that are left, and the rest is discarded. */
  flush(): void {
    this.#flushing = true;
  }

  /** The next frame; undefined when more octets are needed. */
  next(): HdlcFrame | undefined {
    for (;;) {
      if (!this.#opened && !this.#findFlag()) return undefined;
      while (this.#start + 1 < this.#end && this.#bytes[this.#start + 1] === FLAG) this.#start++;
      const scan = this.#scan;
      const offset = this.#start + 1;
      if (scan.header === 0) scan.readHeader(this.#bytes, offset, this.#end);
      if (scan.fault !== undefined) {
        this.#fail(FRAME_FAULTS[scan.fault]);
      } else if (scan.header === 0 || offset + scan.length >= this.#end) {
        if (!this.#flushing) return undefined;
        this.#fail('the frame is incomplete');
      } else if (this.#bytes[offset + scan.length] !== FLAG) {
        this.#fail('no closing flag where the length field says');
      } else {
        const frame = scan.readFrame(this.#bytes, offset);
        if (frame !== undefined) {
          this.#frame = this.#bytes.subarray(this.#start, offset + scan.length + 1);
          this.#start = offset + scan.length;
          scan.header = 0;
          return frame;
        }
        this.#fail(FRAME_FAULTS['bad-fcs']);
      }
    }
  }

  /** No frame begins at the flag at `#start`. */
  #fail(reason: string): void {
    this.#scan.header = 0;
    this.#start++;
    this.#opened = false;
    this.#searched = this.#start;
    this.#reason = reason;
  }

  /** Goes to the next flag and discards what is before it. False when there is none yet. */
  #findFlag(): boolean {
    let flag = this.#searched;
    while (flag < this.#end && this.#bytes[flag] !== FLAG) {
      flag++;
      // The limit counts octets, so that any chunking gives the same result.
      if (flag - this.#start === GARBAGE) this.#drop(flag);
    }
    this.#searched = flag;
    const found = flag < this.#end;
    if (found || this.#flushing) this.#drop(flag);
    this.#opened = found;
    if (!found) this.#flushing = false;
    return found;
  }

  #drop(end: number): void {
    if (end > this.#start) this.#discard(this.#bytes.subarray(this.#start, end), this.#reason);
    this.#start = end;
    this.#reason = NO_FLAG;
  }
}
