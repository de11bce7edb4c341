import { Writer } from '../base/cursor.js';
import { counted } from '../base/words.js';
import { type Control, type HdlcFrame, iControl } from './hdlc-frame.js';
import type { HdlcParameters } from './hdlc-parameters.js';

/** So many segments may be of any length; all further ones must bring so many octets each on average. */
const FREE_SEGMENTS = 1024;
const OCTETS_A_SEGMENT = 4;
/** The most empty segments in one payload. */
const MAX_EMPTY = 8;

/** Joins segments to one payload, up to a limit, and gives up when the segments bring next to nothing. */
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

  /** In words, what has come of a payload whose last segment is missing. */
  get pending(): string | undefined {
    if (this.#joined === undefined) return undefined;
    return `a message in several frames began to come (${counted(this.#joined.offset, 'octet')}) and its last frame is missing`;
  }

  /** Forgets the segments so far. */
  reset(): void {
    this.#joined = undefined;
  }

  /**
   * Takes the next segment. Gives the payload after the last one (a view when there was only one), `more` when others must follow, or `too-long` when
   * the payload would exceed the limit: the segments so far are then forgotten.
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
    // Copied: a view would keep the whole chunk in memory.
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

/** What became of an I frame: taken; it came before; another one before it is missing; the payload became too long. */
export type Sequence = 'taken' | 'repeated' | 'gap' | 'too-long';

/**
 * One end of a connection in normal response mode (IEC 62056-46, 6.4.4.4): sequence numbers, frames that are not acknowledged, and segmentation in both
 * directions. It is the same for client and server, which decide themselves when they may send.
 */
export class HdlcStation {
  readonly parameters: HdlcParameters;
  /** The other end has sent RNR: it accepts no I frames at present. */
  peerBusy = false;
  /** An I frame is missing before one that came: the other end must repeat it. */
  missed = false;
  /** Whether a frame of the last window was a repetition, which the other end may have received before. */
  repeated = false;
  /** V(R): N(S) of the next I frame that is expected. */
  vr = 0;
  /** N(S) of the first I frame not acknowledged. */
  #va = 0;
  readonly #payloads: Uint8Array[] = [];
  /** Octets of the first payload that were cut into segments already. */
  #cut = 0;
  readonly #unacknowledged: Segment[] = [];
  readonly #joiner: SegmentJoiner;
  #payload: Uint8Array | undefined;

  constructor(parameters: HdlcParameters, maxPayload: number) {
    this.parameters = parameters;
    this.#joiner = new SegmentJoiner(maxPayload);
  }

  /** V(S): N(S) of the next new I frame. */
  get vs(): number {
    return (this.#va + this.#unacknowledged.length) & 7;
  }

  /** Number of I frames that were sent and are not acknowledged. */
  get unacknowledged(): number {
    return this.#unacknowledged.length;
  }

  /** Whether anything must be sent or repeated. */
  get hasWork(): boolean {
    return this.#unacknowledged.length > 0 || this.#payloads.length > 0;
  }

  /** Whether a payload has come in part. */
  get joining(): boolean {
    return this.#joiner.open;
  }

  /** In words, why a payload was `too-long`. */
  get excess(): string {
    return this.#joiner.excess;
  }

  /** In words, what has come of an incomplete payload. */
  get pending(): string | undefined {
    return this.#joiner.pending;
  }

  /** Queues information, which is sent in as many I frames as needed. */
  queue(information: Uint8Array): void {
    this.#payloads.push(information);
  }

  /** Takes an N(R). @returns how many I frames it newly acknowledges; -1 when it acknowledges frames that were never sent. */
  acknowledge(nr: number): number {
    const count = (nr - this.#va) & 7;
    if (count > this.#unacknowledged.length) return -1;
    if (count > 0) this.#unacknowledged.splice(0, count);
    this.#va = nr;
    return count;
  }

  /**
   * Sends a window: first repeats all frames that are not acknowledged (in half duplex the other end has answered, so they are lost), then sends new
   * ones. The last frame has P/F set. Call it only when there is work.
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

  /** Takes N(S) and information of an I frame. When a payload is complete, {@link takePayload} gives it. */
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

  /** The payload that the last I frame completed; it is given only once. */
  takePayload(): Uint8Array | undefined {
    const payload = this.#payload;
    this.#payload = undefined;
    return payload;
  }
}
