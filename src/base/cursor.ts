import { DecodeError, type DecodeReason, StateError } from './errors.js';
import { counted } from './words.js';

/**
 * A bounds-checked reader over octets that a peer sent. Reading past the end throws {@link DecodeError} `truncated`. Numbers are big-endian.
 * `take` gives views, never copies.
 */
export class Reader {
  readonly bytes: Uint8Array;
  readonly end: number;
  offset: number;
  /** Name of the field being read, with dots between levels: decoders set it as they go, and it becomes the path of an error. */
  field = '';
  // Kept because asking a Uint8Array for its buffer costs as much as making a view.
  readonly #buffer: ArrayBufferLike;
  readonly #start: number;
  #view: DataView | undefined;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.#buffer = bytes.buffer;
    this.#start = bytes.byteOffset;
    this.offset = offset;
    this.end = end;
  }

  /** Number of octets that are left. */
  get remaining(): number {
    return this.end - this.offset;
  }

  /** Throws a {@link DecodeError} at the present offset, or at the one given. */
  fail(reason: DecodeReason, what: string, offset = this.offset): never {
    throw new DecodeError(reason, what, offset);
  }

  /** Throws `truncated` unless n more octets are there. */
  need(n: number): void {
    if (n > this.end - this.offset)
      this.fail('truncated', `${counted(n, 'octet')} expected, ${this.end - this.offset} left`);
  }

  /** The next octet, which stays unread. */
  peek(): number {
    this.need(1);
    return this.bytes[this.offset] as number;
  }

  u8(): number {
    if (this.offset >= this.end) this.need(1);
    return this.bytes[this.offset++] as number;
  }

  i8(): number {
    return (this.u8() << 24) >> 24;
  }

  u16(): number {
    this.need(2);
    const { bytes, offset } = this;
    this.offset = offset + 2;
    return ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number);
  }

  i16(): number {
    return (this.u16() << 16) >> 16;
  }

  u32(): number {
    return this.i32() >>> 0;
  }

  i32(): number {
    this.need(4);
    const { bytes, offset } = this;
    this.offset = offset + 4;
    return (
      ((bytes[offset] as number) << 24) |
      ((bytes[offset + 1] as number) << 16) |
      ((bytes[offset + 2] as number) << 8) |
      (bytes[offset + 3] as number)
    );
  }

  u64(): bigint {
    this.need(8);
    const value = this.#dataView().getBigUint64(this.offset);
    this.offset += 8;
    return value;
  }

  i64(): bigint {
    this.need(8);
    const value = this.#dataView().getBigInt64(this.offset);
    this.offset += 8;
    return value;
  }

  f32(): number {
    this.need(4);
    const value = this.#dataView().getFloat32(this.offset);
    this.offset += 4;
    return value;
  }

  f64(): number {
    this.need(8);
    const value = this.#dataView().getFloat64(this.offset);
    this.offset += 8;
    return value;
  }

  /** A view of the next n octets. */
  take(n: number): Uint8Array {
    this.need(n);
    const { offset } = this;
    this.offset = offset + n;
    // Not subarray: this is twice as fast, and gives plain views of a Node Buffer too.
    return new Uint8Array(this.#buffer, this.#start + offset, n);
  }

  /** A view of all octets left. */
  rest(): Uint8Array {
    return this.take(this.end - this.offset);
  }

  /**
   * An A-XDR length (IEC 61334-6): one octet below 128, else 0x80 + number of octets that follow. At most four follow here.
   * The length is not checked against what is left: `take` does that before anything is allocated.
   */
  length(): number {
    const first = this.u8();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > 4) this.fail('bad-length', `a length of ${counted(count, 'octet')}`, this.offset - 1);
    this.need(count);
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 256 + (this.bytes[this.offset++] as number);
    return value;
  }

  /** Asserts that everything was read. */
  done(what = 'message'): void {
    if (this.offset !== this.end)
      this.fail('trailing-bytes', `${counted(this.end - this.offset, 'octet follows', 'octets follow')} the ${what}`);
  }

  #dataView(): DataView {
    this.#view ??= new DataView(this.#buffer, this.#start, this.bytes.byteLength);
    return this.#view;
  }
}

const SLAB = 8192;
const LARGEST_CUT = 1024;
let slab = new ArrayBuffer(SLAB);
let slabUsed = 0;

/**
 * Memory for a message. Small pieces are cut from a shared slab, as Node's `Buffer` does it, because making an ArrayBuffer takes longer than
 * writing a short message. No octet is given out twice. Everything that a platform's own code will look into is best made so: for an array
 * with memory of its own, V8 first makes an ArrayBuffer then.
 */
export function allocate(length: number): Uint8Array {
  if (length > LARGEST_CUT) return new Uint8Array(length);
  if (slabUsed + length > SLAB) {
    slab = new ArrayBuffer(SLAB);
    slabUsed = 0;
  }
  const bytes = new Uint8Array(slab, slabUsed, length);
  slabUsed += length;
  return bytes;
}

/** A growing writer. `finish` gives a view of what was written; the writer must not be used after it. */
export class Writer {
  #bytes: Uint8Array;
  /** The slab in which these octets end there; undefined where they have memory of their own. */
  #cut: ArrayBuffer | undefined;
  #end: number;
  #view: DataView | undefined;
  #offset = 0;

  constructor(capacity = 64) {
    this.#bytes = allocate(capacity);
    this.#cut = capacity > LARGEST_CUT ? undefined : slab;
    this.#end = slabUsed;
  }

  /** Number of octets written so far. */
  get offset(): number {
    return this.#offset;
  }

  u8(value: number): this {
    if (this.#offset === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#offset++] = value;
    return this;
  }

  u16(value: number): this {
    this.#grow(2);
    this.#bytes[this.#offset++] = value >>> 8;
    this.#bytes[this.#offset++] = value;
    return this;
  }

  u32(value: number): this {
    this.#grow(4);
    this.#bytes[this.#offset++] = value >>> 24;
    this.#bytes[this.#offset++] = value >>> 16;
    this.#bytes[this.#offset++] = value >>> 8;
    this.#bytes[this.#offset++] = value;
    return this;
  }

  u64(value: bigint): this {
    this.#grow(8);
    this.#dataView().setBigUint64(this.#offset, value);
    this.#offset += 8;
    return this;
  }

  f32(value: number): this {
    this.#grow(4);
    this.#dataView().setFloat32(this.#offset, value);
    this.#offset += 4;
    return this;
  }

  f64(value: number): this {
    this.#grow(8);
    this.#dataView().setFloat64(this.#offset, value);
    this.#offset += 8;
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#offset);
    this.#offset += bytes.length;
    return this;
  }

  /** An A-XDR length in its shortest form. */
  length(value: number): this {
    if (value < 0x80) return this.u8(value);
    if (value <= 0xff) return this.u8(0x81).u8(value);
    if (value <= 0xffff) return this.u8(0x82).u16(value);
    if (value <= 0xffffffff) return this.u8(0x84).u32(value);
    throw new StateError(`a length of ${counted(value, 'octet')} cannot be sent`);
  }

  /** An A-XDR length, then the octets themselves. */
  octets(bytes: Uint8Array): this {
    return this.length(bytes.length).bytes(bytes);
  }

  /** A view of all that was written. */
  finish(): Uint8Array {
    const bytes = this.#bytes;
    const cut = this.#cut;
    if (this.#offset === bytes.length) return bytes;
    if (cut === undefined) return bytes.subarray(0, this.#offset);
    const start = this.#end - bytes.length;
    // What was not written to is given to the next writer, if none has begun since.
    if (cut === slab && this.#end === slabUsed) slabUsed = start + this.#offset;
    this.#cut = undefined;
    return new Uint8Array(cut, start, this.#offset);
  }

  #grow(n: number): void {
    const needed = this.#offset + n;
    if (needed <= this.#bytes.length) return;
    const larger = allocate(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#offset));
    this.#bytes = larger;
    this.#cut = larger.length > LARGEST_CUT ? undefined : slab;
    this.#end = slabUsed;
    this.#view = undefined;
  }

  #dataView(): DataView {
    this.#view ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    return this.#view;
  }
}
