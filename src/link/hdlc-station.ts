import { Writer } from '../base/cursor.js';
import { counted } from '../base/words.js';
import { type Control, type HdlcFrame, iControl } from './hdlc-frame.js';
import type { HdlcParameters } from './hdlc-parameters.js';

/** Segments that may be as short as they like; of more than these each brings so many octets, one with the other. */
const FREE_SEGMENTS = 1024;
const OCTETS_A_SEGMENT = 4;
/** Segments without octets that are borne in one payload. */
const MAX_EMPTY = 8;

/** Joins segments to one payload, never longer than allowed, and never of segments that bring nothing. */
export class SegmentJoiner {
  readonly #most: number;
  #joined: Writer | undefined;
  #segments = 0;
  #empty = 0;
  /** Why a payload was `too-long`, in words. */
  excess = '';

  /** @param most Longest payload, in octets. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether segments wait for more. */
  get open(): boolean {
    return this.#joined !== undefined;
  }

  /** What has come of a payload whose last segment has not, in words. */
  get pending(): string | undefined {
    if (this.#joined === undefined) return undefined;
    return `a message in several frames began to come (${counted(this.#joined.offset, 'octet')}) and its last frame is missing`;
  }

  /** Forgets what was joined. */
  reset(): void {
    this.#joined = undefined;
  }

  /**
   * Takes the next segment. Gives the payload when it is the last one (a view where it was the only one), `more` when others must
   * follow, `too-long` when the payload would exceed the limit: what was joined is then forgotten.
   */
  add(segment: Uint8Array, more: boolean): Uint8Array | 'more' | 'too-long' {
    const length = (this.#joined?.offset ?? 0) + segment.length;
    if (this.#joined === undefined) {
      this.#segments = 0;
      this.#empty = 0;
    }
    this.#segments++;
    if (segment.length === 0) this.#empty++;
    const endless = this.#empty > MAX_EMPTY || (this.#segments - FREE_SEGMENTS) * OCTETS_A_SEGMENT > length;
    if (length > this.#most || endless) {
      this.#joined = undefined;
      this.excess = endless
        ? `a payload without end: ${this.#segments} segments brought ${counted(length, 'octet')}`
        : 'a payload beyond the limit';
      return 'too-long';
    }
    if (this.#joined === undefined && !more) return segment;
    // Copied, not kept as views: a view would hold the whole chunk that it came in.
    this.#joined ??= new Writer(2 * segment.length);
    this.#joined.bytes(segment);
    if (more) return 'more';
    const payload = this.#joined.finish();
    this.#joined = undefined;
    return payload;
  }
}

interface Segment {
  readonly information: Uint8Array;
  readonly more: boolean;
}

/** Sends one I frame. */
export type SendSegment = (control: Control, segmented: boolean, information: Uint8Array) => void;

/** What became of an I frame: taken; got before; before it another one is missing; the payload grew too long. */
export type Sequence = 'taken' | 'repeated' | 'gap' | 'too-long';

/**
 * One end of a connection in normal response mode (IEC 62056-46, 6.4.4.4): the sequence numbers, what is sent and not acknowledged,
 * segmentation both ways. Client and server are alike here; who may speak when is theirs to know.
 */
export class HdlcStation {
  readonly parameters: HdlcParameters;
  /** The other end said RNR: it takes no I frames. */
  peerBusy = false;
  /** An I frame before one that came is missing: the other end must repeat. */
  missed = false;
  /** Whether of the window sent last a frame was sent before: the other end may have had it. */
  repeated = false;
  /** V(R): N(S) of the next I frame to come. */
  vr = 0;
  /** N(S) of the first I frame not acknowledged. */
  #va = 0;
  readonly #payloads: Uint8Array[] = [];
  /** Octets of the first payload that are cut into segments already. */
  #cut = 0;
  readonly #unacknowledged: Segment[] = [];
  readonly #joiner: SegmentJoiner;
  #payload: Uint8Array | undefined;

  constructor(parameters: HdlcParameters, maxPayload: number) {
    this.parameters = parameters;
    this.#joiner = new SegmentJoiner(maxPayload);
  }

  /** V(S): N(S) of the next I frame never sent before. */
  get vs(): number {
    return (this.#va + this.#unacknowledged.length) & 7;
  }

  /** I frames sent and not acknowledged. */
  get unacknowledged(): number {
    return this.#unacknowledged.length;
  }

  /** Whether anything waits to be sent, or sent again. */
  get hasWork(): boolean {
    return this.#unacknowledged.length > 0 || this.#payloads.length > 0;
  }

  /** Whether a payload has begun to come and is not whole. */
  get joining(): boolean {
    return this.#joiner.open;
  }

  /** What was sent where a frame was `too-long`, in words. */
  get excess(): string {
    return this.#joiner.excess;
  }

  /** What of a payload has come that is not whole, in words. */
  get pending(): string | undefined {
    return this.#joiner.pending;
  }

  /** Queues information to be sent in as many I frames as it takes. */
  queue(information: Uint8Array): void {
    this.#payloads.push(information);
  }

  /** Takes an N(R). Gives the number of I frames that it newly acknowledges, -1 when it acknowledges what was never sent. */
  acknowledge(nr: number): number {
    const count = (nr - this.#va) & 7;
    if (count > this.#unacknowledged.length) return -1;
    if (count > 0) this.#unacknowledged.splice(0, count);
    this.#va = nr;
    return count;
  }

  /**
   * Sends the window: first again all that is not acknowledged (in half duplex the other end has had its say, so these are lost),
   * then new frames. The last one carries P/F. Call only when there is work.
   */
  burst(send: SendSegment): void {
    this.repeated = this.#unacknowledged.length > 0;
    this.#fill();
    const last = this.#unacknowledged.length - 1;
    let ns = this.#va;
    for (let i = 0; i <= last; i++) {
      const segment = this.#unacknowledged[i] as Segment;
      send(iControl(ns, this.vr, i === last), segment.more, segment.information);
      ns = (ns + 1) & 7;
    }
    this.missed = false;
  }

  #fill(): void {
    const { maxInfoTransmit, windowTransmit } = this.parameters;
    while (this.#unacknowledged.length < windowTransmit) {
      const payload = this.#payloads[0];
      if (payload === undefined) return;
      const end = this.#cut + maxInfoTransmit;
      const more = end < payload.length;
      const whole = this.#cut === 0 && !more;
      this.#unacknowledged.push({ information: whole ? payload : payload.subarray(this.#cut, end), more });
      if (more) this.#cut = end;
      else {
        this.#payloads.shift();
        this.#cut = 0;
      }
    }
  }

  /** Takes an I frame's N(S) and information. When a payload is whole, {@link takePayload} gives it. */
  receive({ control, information, segmented }: HdlcFrame): Sequence {
    const ahead = (control.ns - this.vr) & 7;
    if (ahead !== 0) {
      if (ahead >= this.parameters.windowReceive) return 'repeated';
      this.missed = true;
      return 'gap';
    }
    this.vr = (this.vr + 1) & 7;
    this.missed = false;
    const joined = this.#joiner.add(information, segmented);
    if (joined === 'too-long') return 'too-long';
    if (joined !== 'more') this.#payload = joined;
    return 'taken';
  }

  /** The payload that the last I frame completed, once. */
  takePayload(): Uint8Array | undefined {
    const payload = this.#payload;
    this.#payload = undefined;
    return payload;
  }
}
