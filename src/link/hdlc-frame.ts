import crc16kermit from 'crc/calculators/crc16kermit';
import { leastAddressSize } from '../base/address-size.js';
import { DecodeError, StateError } from '../base/errors.js';
import { counted } from '../base/words.js';

/**
 * Frames of frame format type 3 (IEC 62056-46, 6.4): flag, format, destination, source, control, HCS, information, FCS, flag.
 * Without information there is no HCS. A flag octet inside a frame is legal: the length field says where the frame ends.
 */

/** The octet that opens and closes a frame; one may do both (IEC 62056-46, 6.4.3.2). */
export const FLAG = 0x7e;
/** The length field has 11 bits. */
export const MAX_FRAME_LENGTH = 0x7ff;
/** Format field, two addresses and the control field of one octet each, FCS. */
export const MIN_FRAME_LENGTH = 7;

/**
 * An HDLC address. Clients have one octet, servers one (`upper` alone), two or four (`upper` and `lower`); `upper` is the
 * logical device, `lower` the physical one (IEC 62056-46, 6.4.4.2).
 */
export interface HdlcAddress {
  /** Client SAP, or the logical device of a server. */
  readonly upper: number;
  /** The physical device; undefined exactly when `size` is 1. */
  readonly lower: number | undefined;
  /** Octets on the wire. */
  readonly size: 1 | 2 | 4;
}

export type ControlType = 'I' | 'RR' | 'RNR' | 'SNRM' | 'DISC' | 'UA' | 'DM' | 'FRMR' | 'UI' | 'unknown';

/** A control field (IEC 62056-46, 6.4.3.8). */
export interface Control {
  readonly type: ControlType;
  /** The field itself. */
  readonly octet: number;
  /** P in a command, F in a response. */
  readonly pf: boolean;
  /** N(S) of an I frame, else 0. */
  readonly ns: number;
  /** N(R) of an I, RR or RNR frame, else 0. */
  readonly nr: number;
}

export interface HdlcFrame {
  readonly destination: HdlcAddress;
  readonly source: HdlcAddress;
  readonly control: Control;
  /** More segments of the same APDU follow. */
  readonly segmented: boolean;
  /** May be empty. After decoding a view of the input. */
  readonly information: Uint8Array;
}

const PF = 0x10;
const UNNUMBERED: ReadonlyMap<number, ControlType> = new Map<number, ControlType>([
  [0x83, 'SNRM'],
  [0x43, 'DISC'],
  [0x63, 'UA'],
  [0x0f, 'DM'],
  [0x87, 'FRMR'],
  [0x03, 'UI'],
]);

function readControl(octet: number): Control {
  const pf = (octet & PF) !== 0;
  const nr = octet >> 5;
  if ((octet & 1) === 0) return { type: 'I', octet, pf, ns: (octet >> 1) & 7, nr };
  if ((octet & 0x0f) === 0x01) return { type: 'RR', octet, pf, ns: 0, nr };
  if ((octet & 0x0f) === 0x05) return { type: 'RNR', octet, pf, ns: 0, nr };
  return { type: UNNUMBERED.get(octet & ~PF) ?? 'unknown', octet, pf, ns: 0, nr: 0 };
}

/** Every control field by its octet, made once. */
export const CONTROLS: readonly Control[] = Array.from({ length: 256 }, (_, octet) =>
  Object.freeze(readControl(octet)),
);

/** The control field of that octet. */
export function control(octet: number): Control {
  return CONTROLS[octet & 0xff] as Control;
}

/** An I frame's control field. */
export function iControl(ns: number, nr: number, pf: boolean): Control {
  return control((ns << 1) | (nr << 5) | (pf ? PF : 0));
}

/** A control field without N(S). `nr` is used for RR and RNR only. */
export function commandControl(type: Exclude<ControlType, 'I' | 'unknown'>, pf: boolean, nr = 0): Control {
  return control(BASE[type] | (pf ? PF : 0) | (type === 'RR' || type === 'RNR' ? nr << 5 : 0));
}

const BASE = { RR: 0x01, RNR: 0x05, SNRM: 0x83, DISC: 0x43, UA: 0x63, DM: 0x0f, FRMR: 0x87, UI: 0x03 } as const;

/** Register of CRC-16/X-25 before the first octet. The `crc` package's Kermit CRC has the same polynomial. */
const CRC_START = 0xffff;
/**
 * The register after any octets that are followed by their own check sequence. So the HCS is right when header and HCS together give this value, and
 * the FCS, which covers both, continues from here over the information: one pass computes both.
 */
const CRC_GOOD = 0xf0b8;

/** CRC-16/X-25 (ISO/IEC 13239) of octets: an HCS or FCS, transmitted least significant octet first. */
export function checkSequence(bytes: Uint8Array): number {
  return crc16kermit(bytes, CRC_START) ^ 0xffff;
}

/** Arrays for a copy of a header, by its length: the CRC needs an array of that length, and a view costs more than a copy. */
const HEADERS: readonly Uint8Array[] = Array.from({ length: 16 }, (_, length) => new Uint8Array(length));

function headerCrc(bytes: Uint8Array, offset: number, length: number): number {
  const header = HEADERS[length] as Uint8Array;
  for (let i = 0; i < length; i++) header[i] = bytes[offset + i] as number;
  return crc16kermit(header, CRC_START);
}

/** Whether the two octets at `offset` are the check sequence of `register`. */
function isCheck(bytes: Uint8Array, offset: number, register: number): boolean {
  return ((bytes[offset] as number) | ((bytes[offset + 1] as number) << 8)) === (register ^ 0xffff);
}

/** Octets of the address at `offset`: 1, 2 or 4; 0 when more must arrive; -1 for any other length. */
function addressSize(bytes: Uint8Array, offset: number, end: number): number {
  for (let size = 1; size <= 4; size++) {
    if (offset + size > end) return 0;
    if (((bytes[offset + size - 1] as number) & 1) !== 0) return size === 3 ? -1 : size;
  }
  return -1;
}

function addressAt(bytes: Uint8Array, offset: number, size: number): HdlcAddress {
  const first = (bytes[offset] as number) >> 1;
  if (size === 1) return { upper: first, lower: undefined, size: 1 };
  const second = (bytes[offset + 1] as number) >> 1;
  if (size === 2) return { upper: first, lower: second, size: 2 };
  const lower = (((bytes[offset + 2] as number) >> 1) << 7) | ((bytes[offset + 3] as number) >> 1);
  return { upper: (first << 7) | second, lower, size: 4 };
}

/**
 * Reads an address of 1, 2 or 4 octets.
 * @throws DecodeError `bad-address` for any other length.
 */
export function decodeAddress(bytes: Uint8Array): HdlcAddress {
  const size = addressSize(bytes, 0, bytes.length);
  if (size <= 0 || size !== bytes.length) {
    throw new DecodeError(
      'bad-address',
      `an HDLC address has 1, 2 or 4 octets, the last one odd; ${bytes.length} came`,
    );
  }
  return addressAt(bytes, 0, size);
}

/** Octets of an address. */
export function encodeAddress(address: HdlcAddress): Uint8Array {
  const bytes = new Uint8Array(address.size);
  writeAddress(bytes, 0, address);
  return bytes;
}

function writeAddress(bytes: Uint8Array, offset: number, { upper, lower, size }: HdlcAddress): number {
  if (size === 4) {
    bytes[offset++] = (upper >> 7) << 1;
    bytes[offset++] = (upper << 1) & 0xfe;
    bytes[offset++] = ((lower as number) >> 7) << 1;
    bytes[offset++] = ((lower as number) << 1) | 1;
  } else if (size === 2) {
    bytes[offset++] = upper << 1;
    bytes[offset++] = ((lower as number) << 1) | 1;
  } else bytes[offset++] = (upper << 1) | 1;
  return offset;
}

/**
 * An address of so many octets; without `size`, of as few as possible.
 * @throws StateError when the numbers do not fit.
 */
export function hdlcAddress(upper: number, lower?: number, size?: 1 | 2 | 4): HdlcAddress {
  const octets = size ?? leastAddressSize(upper, lower);
  const most = octets === 4 ? 0x3fff : 0x7f;
  const what = `HDLC address ${upper}${lower === undefined ? '' : `/${lower}`} of ${octets} octet${octets > 1 ? 's' : ''}`;
  if ((lower === undefined) !== (octets === 1)) {
    throw new StateError(
      `${what}: ${octets === 1 ? 'one octet has no room for a lower address' : 'the lower address is missing'}`,
      {
        hint: 'one octet holds the upper address alone, two and four hold upper and lower',
      },
    );
  }
  for (const part of [upper, lower ?? 0]) {
    if (Number.isInteger(part) && part >= 0 && part <= most) continue;
    throw new StateError(`${what}: ${part} is out of range`, {
      hint: `each part is 0 to ${most} in ${counted(octets, 'octet')}`,
    });
  }
  return { upper, lower, size: octets };
}

/** `1`, or `1/17` with the physical address. */
export function addressText({ upper, lower }: HdlcAddress): string {
  return lower === undefined ? `${upper}` : `${upper}/${lower}`;
}

/** Octets of the frame without its flags: the value of the length field. */
function frameLength(frame: HdlcFrame): number {
  const header = 3 + frame.destination.size + frame.source.size;
  const information = frame.information.length;
  return information === 0 ? header + 2 : header + 4 + information;
}

function writeFrame(out: Uint8Array, frame: HdlcFrame, length: number): void {
  const { information, destination, source } = frame;
  out[0] = FLAG;
  out[1] = 0xa0 | (frame.segmented ? 0x08 : 0) | (length >> 8);
  out[2] = length;
  const end = writeAddress(out, writeAddress(out, 3, destination), source);
  out[end] = frame.control.octet;
  let check = headerCrc(out, 1, end) ^ 0xffff;
  if (information.length > 0) {
    out[end + 1] = check;
    out[end + 2] = check >> 8;
    out.set(information, end + 3);
    check = crc16kermit(information, CRC_GOOD) ^ 0xffff;
  }
  out[length - 1] = check;
  out[length] = check >> 8;
  out[length + 1] = FLAG;
}

function checkedLength(frame: HdlcFrame): number {
  const length = frameLength(frame);
  if (length > MAX_FRAME_LENGTH) {
    throw new StateError(
      `a frame of ${counted(length, 'octet')} cannot be sent: the length field holds ${MAX_FRAME_LENGTH}`,
      {
        hint: 'cut the information into segments',
      },
    );
  }
  return length;
}

/**
 * The octets of a frame, flags included.
 * @throws StateError when it is longer than the length field allows.
 */
export function encodeFrame(frame: HdlcFrame): Uint8Array {
  const length = checkedLength(frame);
  const out = new Uint8Array(length + 2);
  writeFrame(out, frame, length);
  return out;
}

const SLAB = 4096;

/** Encodes frames into shared memory, because making an array for each costs more than filling it. */
export class FrameEncoder {
  #slab = new Uint8Array(0);
  #offset = 0;

  /** As {@link encodeFrame}; the result stays valid, but its `buffer` holds other frames too. */
  encode(frame: HdlcFrame): Uint8Array {
    const length = checkedLength(frame);
    if (this.#offset + length + 2 > this.#slab.length) {
      this.#slab = new Uint8Array(SLAB);
      this.#offset = 0;
    }
    const start = this.#offset;
    this.#offset = start + length + 2;
    const out = this.#slab.subarray(start, this.#offset);
    writeFrame(out, frame, length);
    return out;
  }
}

export type FrameFault = 'bad-frame-format' | 'bad-length' | 'bad-address' | 'bad-hcs' | 'bad-fcs';

const NONE = new Uint8Array(0);

/**
 * Reads a frame in two steps: its header as soon as that has arrived, the rest when all has arrived. It can be used for frame after frame.
 */
export class FrameScan {
  /** What is wrong with the header; undefined while nothing is. */
  fault: FrameFault | undefined;
  /** The length field; 0 while it has not arrived. */
  length = 0;
  /** Octets from the format field to the control field; 0 until the header and its check sequence have arrived. */
  header = 0;
  #destination = 0;

  /**
   * Reads the header at `offset` (the format field), as far as it has arrived, and checks everything possible: format type, length, lengths of the
   * addresses, and the HCS, or the FCS where no information follows. So a wrong length is found at once.
   */
  readHeader(bytes: Uint8Array, offset: number, end: number): void {
    this.fault = undefined;
    this.header = 0;
    this.length = 0;
    if (offset >= end) return;
    const format = bytes[offset] as number;
    if ((format & 0xf0) !== 0xa0) {
      this.fault = 'bad-frame-format';
      return;
    }
    if (offset + 1 >= end) return;
    const length = ((format & 7) << 8) | (bytes[offset + 1] as number);
    this.length = length;
    if (length < MIN_FRAME_LENGTH) {
      this.fault = 'bad-length';
      return;
    }
    const destination = addressSize(bytes, offset + 2, end);
    const source = destination > 0 ? addressSize(bytes, offset + 2 + destination, end) : destination;
    if (source < 0) this.fault = 'bad-address';
    if (source <= 0) return;
    const header = 3 + destination + source;
    if (length !== header + 2 && length < header + 4) {
      this.fault = 'bad-length';
      return;
    }
    if (offset + header + 2 > end) return;
    if (!isCheck(bytes, offset + header, headerCrc(bytes, offset, header))) {
      this.fault = length === header + 2 ? 'bad-fcs' : 'bad-hcs';
      return;
    }
    this.#destination = destination;
    this.header = header;
  }

  /** The frame after its header was read, when all of its `length` octets are there; undefined when its FCS does not match. */
  readFrame(bytes: Uint8Array, offset: number): HdlcFrame | undefined {
    const { header, length } = this;
    const fcs = offset + length - 2;
    let information: Uint8Array = NONE;
    if (length > header + 2) {
      if (length > header + 4) information = bytes.subarray(offset + header + 2, fcs);
      if (!isCheck(bytes, fcs, crc16kermit(information, CRC_GOOD))) return undefined;
    }
    return {
      destination: addressAt(bytes, offset + 2, this.#destination),
      source: addressAt(bytes, offset + 2 + this.#destination, header - this.#destination - 3),
      control: control(bytes[offset + header - 1] as number),
      segmented: ((bytes[offset] as number) & 0x08) !== 0,
      information,
    };
  }
}

/** What a fault means, in words. */
export const FRAME_FAULTS: Readonly<Record<FrameFault, string>> = {
  'bad-frame-format': 'the frame format type is not 3',
  'bad-length': 'the length field does not fit the frame',
  'bad-address': 'an HDLC address has 1, 2 or 4 octets',
  'bad-hcs': 'the header check sequence does not match',
  'bad-fcs': 'the frame check sequence does not match',
};

/**
 * Reads one whole frame, with its flags. The control field may be of type `unknown`: the link must answer such a frame.
 * @throws DecodeError `no-frame`, `bad-frame-format`, `truncated`, `bad-length`, `bad-frame`, `bad-address`, `bad-hcs`, `bad-fcs`.
 */
export function decodeFrame(bytes: Uint8Array): HdlcFrame {
  if (bytes[0] !== FLAG) throw new DecodeError('no-frame', 'a frame begins with 7E');
  const scan = new FrameScan();
  scan.readHeader(bytes, 1, bytes.length);
  const { fault, length } = scan;
  if (fault === 'bad-frame-format') throw new DecodeError(fault, FRAME_FAULTS[fault], 1);
  const closed = bytes.length > 1 && bytes[bytes.length - 1] === FLAG;
  if (length === 0 || (bytes.length < length + 2 && !closed)) {
    throw new DecodeError('truncated', 'the frame ends before its closing flag', bytes.length);
  }
  if (bytes.length !== length + 2) {
    throw new DecodeError(
      'bad-length',
      `length field ${length}, but ${counted(bytes.length - 2, 'octet')} between the flags`,
      1,
    );
  }
  if (!closed) throw new DecodeError('bad-frame', 'no closing flag where the length field says', length + 1);
  if (fault !== undefined) throw new DecodeError(fault, FRAME_FAULTS[fault], 1);
  const frame = scan.readFrame(bytes, 1);
  if (frame === undefined) throw new DecodeError('bad-fcs', FRAME_FAULTS['bad-fcs'], length - 1);
  return frame;
}
