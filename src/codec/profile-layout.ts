import type { Reader } from '../base/cursor.js';
import { sizeOf } from './compact.js';
import type { TypeDescription } from './data.js';
import { sizeOfTag, TAG } from './tags.js';

/**
 * Where the values of a row are. Rows of a profile mostly look alike, and then a column can be read in one go, several times as fast as
 * value by value.
 */
export interface Layout {
  /** Octets of a row. */
  readonly stride: number;
  /** Tag of each value. */
  readonly tags: readonly number[];
  /** Offset of each value behind its tag. */
  readonly offsets: readonly number[];
  /** Offsets of the octets that are not part of a value: tags, counts, lengths. */
  readonly marks: readonly number[];
  /** What is at the marks. A row that has the same there has the same layout. */
  readonly marked: readonly number[];
}

/** The layout of the row at the reader; undefined when it has values of many octets, is not whole or not right. */
export function layoutOfRow({ bytes, offset: start, end }: Reader, width: number): Layout | undefined {
  if (bytes[start] !== TAG.structure || bytes[start + 1] !== width || width >= 0x80) return undefined;
  const tags: number[] = [];
  const offsets: number[] = [];
  const marks = [0, 1];
  let at = start + 2;
  for (let column = 0; column < width && at < end; column++) {
    const tag = bytes[at] as number;
    const isOctets = tag === TAG['octet-string'];
    const size = isOctets ? 1 + (bytes[at + 1] ?? 0) : sizeOfTag(tag);
    if (size === undefined || size > 0x80) return undefined;
    marks.push(at - start);
    if (isOctets) marks.push(at - start + 1);
    tags.push(tag);
    offsets.push(at - start + 1);
    at += 1 + size;
  }
  if (tags.length < width || at > end) return undefined;
  return { stride: at - start, tags, offsets, marks, marked: marks.map((mark) => bytes[start + mark] as number) };
}

/** The layout of rows that have no tags; undefined when their sizes vary. */
export function layoutOf(elements: readonly TypeDescription[]): Layout | undefined {
  const offsets: number[] = [];
  let stride = 0;
  for (const element of elements) {
    const size = sizeOf(element);
    if (size === undefined) return undefined;
    offsets.push(stride);
    stride += size;
  }
  return { stride, tags: elements.map(({ type }) => TAG[type]), offsets, marks: [], marked: [] };
}

/** How many rows from here on, `most` at most, have the layout of the first. */
export function rowsAlike({ bytes, offset, end }: Reader, { stride, marks, marked }: Layout, most: number): number {
  const whole = Math.min(most, Math.floor((end - offset) / stride));
  const count = marks.length;
  for (let run = 1, at = offset + stride; run < whole; run++, at += stride) {
    for (let i = 0; i < count; i++) if (bytes[at + (marks[i] as number)] !== marked[i]) return run;
  }
  return whole;
}
