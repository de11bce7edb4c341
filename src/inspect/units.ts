/** Cuts a stream of octets into units: frames, WPDUs, and octets that are neither. */

import { DecodeError } from '../base/errors.js';
import { counted } from '../base/words.js';
import { FRAME_FAULTS, type HdlcFrame } from '../link/hdlc-frame.js';
import { FrameSplitter } from '../link/hdlc-splitter.js';
import { decodeMbusFrame, isMbusStart, type MbusFrame, mbusFrameLength } from '../link/mbus.js';

/** The outermost layer of octets; `bare` is a payload without a frame. */
export type InspectedFraming = 'hdlc' | 'wrapper' | 'm-bus' | 'bare';

/** A piece of a stream, and the position of its first octet in the whole stream. */
export type StreamUnit = Piece & { readonly at: number };

/** What a piece of a stream is. */
type Piece =
  | { readonly kind: 'hdlc'; readonly octets: Uint8Array; readonly frame: HdlcFrame }
  | {
      readonly kind: 'wrapper';
      readonly octets: Uint8Array;
      /** The WPDU was cut: there are fewer octets than it announces. */
      readonly error?: DecodeError;
    }
  | { readonly kind: 'm-bus'; readonly octets: Uint8Array; readonly frame: MbusFrame }
  /** A payload without a frame: LLC header and APDU, APDU, or Data. */
  | { readonly kind: 'bare'; readonly octets: Uint8Array }
  | { readonly kind: 'garbage'; readonly octets: Uint8Array; readonly error: DecodeError };

/** Cuts one direction of a stream. Any chunking gives the same units, except for `bare`, where each chunk is a unit. */
export interface Cutter {
  push(chunk: Uint8Array): StreamUnit[];
  /** What is left when nothing more will come. */
  flush(): StreamUnit[];
}

export function cutterFor(framing: InspectedFraming): Cutter {
  switch (framing) {
    case 'hdlc':
      return new HdlcCutter();
    case 'wrapper':
      return new BufferCutter(nextWpdu);
    case 'm-bus':
      return new BufferCutter(nextMbus);
    case 'bare':
      return new BareCutter();
  }
}

class BareCutter implements Cutter {
  #at = 0;

  push(octets: Uint8Array): StreamUnit[] {
    const at = this.#at;
    this.#at += octets.length;
    return [{ kind: 'bare', octets, at }];
  }

  flush(): StreamUnit[] {
    return [];
  }
}

class HdlcCutter implements Cutter {
  readonly #units: StreamUnit[] = [];
  readonly #splitter: FrameSplitter = new FrameSplitter((octets, reason) => {
    const at = this.#splitter.position;
    this.#units.push({ kind: 'garbage', octets, at, error: new DecodeError(faultOf(reason), reason) });
  });

  push(chunk: Uint8Array): StreamUnit[] {
    this.#splitter.push(chunk);
    return this.#drain();
  }

  flush(): StreamUnit[] {
    this.#splitter.flush();
    return this.#drain();
  }

  #drain(): StreamUnit[] {
    for (let frame = this.#splitter.next(); frame !== undefined; frame = this.#splitter.next()) {
      const { octets, position } = this.#splitter;
      this.#units.push({ kind: 'hdlc', octets, at: position - octets.length + 1, frame });
    }
    return this.#units.splice(0);
  }
}

function faultOf(reason: string): keyof typeof FRAME_FAULTS | 'no-frame' | 'truncated' | 'bad-frame' {
  const fault = (Object.keys(FRAME_FAULTS) as (keyof typeof FRAME_FAULTS)[]).find(
    (key) => FRAME_FAULTS[key] === reason,
  );
  if (fault !== undefined) return fault;
  if (reason.includes('incomplete')) return 'truncated';
  return reason.includes('closing') ? 'bad-frame' : 'no-frame';
}

/** Finds the unit at the beginning of the octets so far; undefined when more must come. */
type Next = (bytes: Uint8Array, isAll: boolean) => Piece | undefined;

/** Keeps incomplete octets and appends to them. Units are views that are never overwritten. */
class BufferCutter implements Cutter {
  readonly #next: Next;
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  /** Position of the octet at `#start` in the whole stream. */
  #at = 0;

  constructor(next: Next) {
    this.#next = next;
  }

  push(chunk: Uint8Array): StreamUnit[] {
    const kept = this.#end - this.#start;
    if (this.#end + chunk.length > this.#bytes.length) {
      const larger = new Uint8Array(2 * (kept + chunk.length));
      larger.set(this.#bytes.subarray(this.#start, this.#end));
      this.#bytes = larger;
      this.#start = 0;
      this.#end = kept;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
    return this.#drain(false);
  }

  flush(): StreamUnit[] {
    return this.#drain(true);
  }

  #drain(isAll: boolean): StreamUnit[] {
    const units: StreamUnit[] = [];
    while (this.#start < this.#end) {
      const unit = this.#next(this.#bytes.subarray(this.#start, this.#end), isAll);
      if (unit === undefined) break;
      units.push({ ...unit, at: this.#at });
      this.#start += unit.octets.length;
      this.#at += unit.octets.length;
    }
    return units;
  }
}

const WPDU_HEADER = 8;
/** Octets of a long frame before those that its L field counts. */
const HEAD = 4;

function nextWpdu(bytes: Uint8Array, isAll: boolean): Piece | undefined {
  if (bytes.length >= 2 && !(bytes[0] === 0 && bytes[1] === 1)) {
    const version = ((bytes[0] as number) << 8) | (bytes[1] as number);
    return {
      kind: 'garbage',
      octets: bytes,
      error: new DecodeError('bad-version', `wrapper version ${version} instead of 1`),
    };
  }
  const length = bytes.length < WPDU_HEADER ? 0 : ((bytes[6] as number) << 8) | (bytes[7] as number);
  const end = WPDU_HEADER + length;
  if (bytes.length >= end) return { kind: 'wrapper', octets: bytes.subarray(0, end) };
  if (!isAll) return undefined;
  const error = new DecodeError(
    'truncated',
    `the WPDU has ${counted(end, 'octet')}, but only ${bytes.length} came`,
    bytes.length,
  );
  return bytes.length > WPDU_HEADER
    ? { kind: 'wrapper', octets: bytes, error }
    : { kind: 'garbage', octets: bytes, error };
}

function nextMbus(bytes: Uint8Array, isAll: boolean): Piece | undefined {
  if (!isAll && (bytes.length < HEAD || (isMbusStart(bytes) && mbusFrameLength(bytes, 0) === 'more'))) return undefined;
  try {
    const frame = decodeMbusFrame(bytes);
    return { kind: 'm-bus', octets: bytes.subarray(0, frame.length + HEAD + 2), frame };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { kind: 'garbage', octets: bytes.subarray(0, nextStart(bytes)), error };
  }
}

/** Where the next long frame may begin after a broken one. */
function nextStart(bytes: Uint8Array): number {
  let offset = 1;
  while (offset < bytes.length && !isMbusStart(bytes, offset)) offset++;
  return offset;
}
