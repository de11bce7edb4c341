import { concat } from 'cosem/protocol';
import { type PhotoFacts, readExif, writeExif } from './exif.js';

/** A picture without what it said beside the picture. */
export interface CleanPicture {
  readonly octets: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly facts: PhotoFacts;
}

const EXIF = [0x45, 0x78, 0x69, 0x66, 0, 0];
const ADOBE = [0x41, 0x64, 0x6f, 0x62, 0x65];
const JFIF = [0x4a, 0x46, 0x49, 0x46, 0];
/** JFIF 1.01 without a density and without a thumbnail. */
const PLAIN_JFIF = [...JFIF, 1, 1, 0, 0, 1, 0, 1, 0, 0];

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DQT = 0xdb;
const DHT = 0xc4;
const DRI = 0xdd;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP14 = 0xee;
/** Baseline, extended and progressive: what cameras make. */
const FRAMES: readonly number[] = [0xc0, 0xc1, 0xc2];

/**
 * Takes a JPEG apart (ITU-T T.81) and puts together only what is needed to draw it: tables, frame, scans. Application segments and
 * comments go, with thumbnails, maker notes, XMP and colour profiles in them, and whatever stands behind the end or within a segment
 * beyond its content. Time, position and orientation are written anew.
 * @returns undefined where it is not a whole JPEG of one picture.
 */
export function cleanJpeg(octets: Uint8Array): CleanPicture | undefined {
  return new Jpeg(octets).clean();
}

class Jpeg {
  readonly #in: Uint8Array;
  readonly #kept: Uint8Array[] = [];
  #at = 2;
  #facts: PhotoFacts | undefined;
  #jfif = false;
  #adobe: number | undefined;
  #size: { readonly width: number; readonly height: number } | undefined;
  #scans = 0;

  constructor(octets: Uint8Array) {
    this.#in = octets;
  }

  clean(): CleanPicture | undefined {
    if (this.#in[0] !== 0xff || this.#in[1] !== SOI) return undefined;
    for (;;) {
      const marker = this.#marker();
      if (marker === undefined) return undefined;
      if (marker === EOI) return this.#whole();
      const content = this.#segment();
      if (content === undefined || !this.#take(marker, content)) return undefined;
    }
  }

  /** A marker may have any number of fill octets before it; nothing else may. */
  #marker(): number | undefined {
    if (this.#in[this.#at] !== 0xff) return undefined;
    while (this.#in[this.#at] === 0xff) this.#at++;
    return this.#in[this.#at++];
  }

  #segment(): Uint8Array | undefined {
    const length = ((this.#in[this.#at] ?? 0) << 8) | (this.#in[this.#at + 1] ?? 0);
    const content = this.#in.subarray(this.#at + 2, this.#at + length);
    if (length < 2 || content.length !== length - 2) return undefined;
    this.#at += length;
    return content;
  }

  /** @returns false where the segment is not right. */
  #take(marker: number, content: Uint8Array): boolean {
    if (marker === APP0) this.#jfif ||= startsWith(content, JFIF);
    if (marker === APP1 && startsWith(content, EXIF)) this.#facts ??= readExif(content.subarray(EXIF.length));
    // Its last octet says how colours are coded; without it they would be wrong.
    if (marker === APP14 && startsWith(content, ADOBE) && content.length >= 12) this.#adobe ??= content[11];
    if ((marker >= APP0 && marker <= 0xef) || marker === 0xfe) return true;
    if (FRAMES.includes(marker)) return this.#frame(marker, content);
    if (marker === SOS) return this.#scan(content);
    if (marker === DQT)
      return tables(content, (head) => (head >> 4 <= 1 ? 64 << (head >> 4) : undefined)) && this.#keep(marker, content);
    if (marker === DHT) return tables(content, huffmanLength) && this.#keep(marker, content);
    if (marker === DRI) return content.length === 2 && this.#keep(marker, content);
    return false;
  }

  #frame(marker: number, content: Uint8Array): boolean {
    const [, h1 = 0, h2 = 0, w1 = 0, w2 = 0, components = 0] = content;
    const size = { height: (h1 << 8) | h2, width: (w1 << 8) | w2 };
    if (this.#size !== undefined || size.height === 0 || size.width === 0) return false;
    if (components < 1 || components > 4 || content.length !== 6 + 3 * components) return false;
    this.#size = size;
    return this.#keep(marker, content);
  }

  #scan(content: Uint8Array): boolean {
    const components = content[0] ?? 0;
    if (this.#size === undefined || components < 1 || components > 4 || content.length !== 4 + 2 * components)
      return false;
    this.#keep(SOS, content);
    const start = this.#at;
    // In coded data FF stands before 00, and before the markers of restarts.
    for (; this.#at < this.#in.length; this.#at++) {
      if (this.#in[this.#at] !== 0xff) continue;
      const next = this.#in[this.#at + 1] ?? 0;
      if (next !== 0 && !(next >= 0xd0 && next <= 0xd7)) break;
      this.#at++;
    }
    this.#scans++;
    this.#kept.push(this.#in.subarray(start, this.#at));
    return true;
  }

  #keep(marker: number, content: Uint8Array): true {
    this.#kept.push(segment(marker, content));
    return true;
  }

  #whole(): CleanPicture | undefined {
    if (this.#size === undefined || this.#scans === 0) return undefined;
    const facts = this.#facts ?? {};
    const exif = writeExif(facts);
    const parts = [
      Uint8Array.of(0xff, SOI),
      ...(this.#jfif ? [segment(APP0, PLAIN_JFIF)] : []),
      ...(exif === undefined ? [] : [segment(APP1, [...EXIF, ...exif])]),
      ...(this.#adobe === undefined ? [] : [segment(APP14, [...ADOBE, 0, 100, 0, 0, 0, 0, this.#adobe])]),
      ...this.#kept,
      Uint8Array.of(0xff, EOI),
    ];
    return { octets: concat(...parts), ...this.#size, facts };
  }
}

/** Whether a segment consists of tables, each with its head: nothing may stand between or behind them. */
function tables(
  content: Uint8Array,
  lengthOf: (head: number, content: Uint8Array, at: number) => number | undefined,
): boolean {
  let at = 0;
  while (at < content.length) {
    const length = lengthOf(content[at] ?? 0, content, at);
    if (length === undefined) return false;
    at += 1 + length;
  }
  return at === content.length;
}

/** Sixteen counts, and as many values. */
function huffmanLength(_head: number, content: Uint8Array, at: number): number | undefined {
  const counts = content.subarray(at + 1, at + 17);
  return counts.length === 16 ? 16 + counts.reduce((sum, count) => sum + count, 0) : undefined;
}

function startsWith(octets: Uint8Array, start: readonly number[]): boolean {
  return start.every((octet, i) => octets[i] === octet);
}

function segment(marker: number, content: ArrayLike<number>): Uint8Array {
  const made = new Uint8Array(4 + content.length);
  made.set([0xff, marker, (content.length + 2) >> 8, (content.length + 2) & 255]);
  made.set(content, 4);
  return made;
}
