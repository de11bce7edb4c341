import { crc32, inflateSync } from 'node:zlib';
import { concat } from 'cosem/protocol';
import { type PhotoFacts, readExif, writeExif } from '../photo/exif.js';
import type { CleanPicture } from '../photo/jpeg.js';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Samples of a pixel, by colour type. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** What a picture may need, drawn: 48 million pixels in colour. */
const MOST_DRAWN = 150_000_000;
/** Adam7: first column and row, and the steps between. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/**
 * Takes a PNG apart (ISO/IEC 15948) and puts together only what is needed to draw it: header, palette, transparency, pixels. All other
 * chunks go, and whatever stands behind the pixels or the end. Time, position and orientation are written anew.
 * @returns undefined where it is not a whole PNG.
 */
export function cleanPng(octets: Uint8Array): CleanPicture | undefined {
  const chunks = chunksOf(octets);
  const header = chunks?.[0];
  if (chunks === undefined || header?.type !== 'IHDR' || header.content.length !== 13) return undefined;
  const drawn = drawnLength(header.content);
  const pixels = chunks.filter(({ type }) => type === 'IDAT').map(({ content }) => content);
  if (drawn === undefined || drawn > MOST_DRAWN || pixels.length === 0) return undefined;
  const compressed = compressedOf(concat(...pixels), drawn);
  if (compressed === undefined) return undefined;
  const exif = chunks.find(({ type }) => type === 'eXIf');
  const facts: PhotoFacts = exif === undefined ? {} : readExif(exif.content);
  const written = writeExif(facts);
  const one = (type: string, most: number) => {
    const found = chunks.find((candidate) => candidate.type === type);
    return found === undefined || found.content.length > most ? [] : [chunk(type, found.content)];
  };
  const parts = [
    SIGNATURE,
    chunk('IHDR', header.content),
    ...one('PLTE', 768),
    ...one('tRNS', 256),
    ...(written === undefined ? [] : [chunk('eXIf', written)]),
    chunk('IDAT', compressed),
    chunk('IEND', new Uint8Array()),
  ];
  const view = new DataView(header.content.buffer, header.content.byteOffset, 13);
  return { octets: concat(...parts), width: view.getUint32(0), height: view.getUint32(4), facts };
}

interface Chunk {
  readonly type: string;
  readonly content: Uint8Array;
}

function chunksOf(octets: Uint8Array): readonly Chunk[] | undefined {
  if (!SIGNATURE.every((octet, i) => octets[i] === octet)) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; at + 12 <= octets.length; ) {
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > octets.length || crc32(octets.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) return undefined;
    const type = String.fromCharCode(...octets.subarray(at + 4, at + 8));
    if (type === 'IEND') return chunks;
    chunks.push({ type, content: octets.subarray(at + 8, end - 4) });
    at = end;
  }
  return undefined;
}

/** How many octets the rows of a picture have, each with its filter; undefined where the header is not right. */
function drawnLength(header: Uint8Array): number | undefined {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth = 0, colour = 0, compression, filter, interlace = 0] = header.subarray(8);
  const samples = SAMPLES[colour];
  if (samples === undefined || ![1, 2, 4, 8, 16].includes(depth) || compression !== 0 || filter !== 0) return undefined;
  if (width === 0 || height === 0 || interlace > 1) return undefined;
  const rows = (columns: number, count: number) =>
    columns <= 0 || count <= 0 ? 0 : count * (1 + Math.ceil((columns * samples * depth) / 8));
  if (interlace === 0) return rows(width, height);
  return PASSES.reduce(
    (sum, [x, y, right, down]) => sum + rows(Math.ceil((width - x) / right), Math.ceil((height - y) / down)),
    0,
  );
}

/** The compressed pixels without what stands behind them; undefined where they are not as many as the header says. */
function compressedOf(octets: Uint8Array, drawn: number): Uint8Array | undefined {
  try {
    const { buffer, engine } = inflateSync(octets, { maxOutputLength: drawn + 1, info: true }) as unknown as {
      readonly buffer: Uint8Array;
      readonly engine: { readonly bytesWritten: number };
    };
    return buffer.length === drawn ? octets.subarray(0, engine.bytesWritten) : undefined;
  } catch {
    return undefined;
  }
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const made = new Uint8Array(12 + content.length);
  const view = new DataView(made.buffer);
  view.setUint32(0, content.length);
  made.set(
    [...type].map((letter) => letter.charCodeAt(0)),
    4,
  );
  made.set(content, 8);
  view.setUint32(8 + content.length, crc32(made.subarray(4, 8 + content.length)));
  return made;
}
