import type { Position } from '../work-order.js';

/** What of a photo's metadata is kept: when and where it was taken, and how it is held. */
export interface PhotoFacts {
  /** The camera's time, with its offset where the camera wrote one: `2026-11-23T14:05:00+05:30`. */
  readonly takenAt?: string | undefined;
  readonly position?: Position | undefined;
  /** 1 to 8 as in EXIF; left out where the picture stands upright. */
  readonly orientation?: number | undefined;
}

/** Tags of EXIF 2.32, and the types that are read. */
const TAG = { orientation: 0x112, exif: 0x8769, gps: 0x8825, original: 0x9003, offset: 0x9011 } as const;
const GPS = { latitudeRef: 1, latitude: 2, longitudeRef: 3, longitude: 4 } as const;
const ASCII = 2;
const SHORT = 3;
const LONG = 4;
const RATIONAL = 5;
/** A directory has some tens of entries; a hostile one has no more of our time. */
const MOST_ENTRIES = 512;
/** Six decimals of a degree are eleven centimetres. */
const MILLIONTHS = 1_000_000;

interface Entry {
  readonly type: number;
  readonly count: number;
  /** Where its value or the offset of its value stands. */
  readonly at: number;
}

/**
 * Reads {@link PhotoFacts} from a TIFF structure of EXIF. Only these tags are looked at, each once, so work is bounded whatever the file
 * says. What is not right counts as not there.
 */
export function readExif(tiff: Uint8Array): PhotoFacts {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (tiff.length < 8) return {};
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return {};
  const little = order === 0x4949;
  if (view.getUint16(2, little) !== 42) return {};
  const reader = new TiffReader(view, little);
  const main = reader.directory(view.getUint32(4, little));
  const photo = reader.directory(reader.number(main.get(TAG.exif), LONG));
  const gps = reader.directory(reader.number(main.get(TAG.gps), LONG));
  const takenAt = timeOf(reader.text(photo.get(TAG.original)), reader.text(photo.get(TAG.offset)));
  const position = positionOf(reader, gps);
  const orientation = reader.number(main.get(TAG.orientation), SHORT);
  return {
    ...(takenAt === undefined ? {} : { takenAt }),
    ...(position === undefined ? {} : { position }),
    ...(orientation !== undefined && orientation > 1 && orientation <= 8 ? { orientation } : {}),
  };
}

class TiffReader {
  readonly #view: DataView;
  readonly #little: boolean;

  constructor(view: DataView, little: boolean) {
    this.#view = view;
    this.#little = little;
  }

  directory(offset: number | undefined): ReadonlyMap<number, Entry> {
    const entries = new Map<number, Entry>();
    if (offset === undefined || !this.#holds(offset, 2)) return entries;
    const count = Math.min(this.#view.getUint16(offset, this.#little), MOST_ENTRIES);
    for (let i = 0; i < count; i++) {
      const at = offset + 2 + 12 * i;
      if (!this.#holds(at, 12)) break;
      const tag = this.#view.getUint16(at, this.#little);
      const type = this.#view.getUint16(at + 2, this.#little);
      if (!entries.has(tag)) entries.set(tag, { type, count: this.#view.getUint32(at + 4, this.#little), at: at + 8 });
    }
    return entries;
  }

  number(entry: Entry | undefined, type: typeof SHORT | typeof LONG): number | undefined {
    if (entry === undefined || entry.type !== type || entry.count !== 1) return undefined;
    return type === SHORT ? this.#view.getUint16(entry.at, this.#little) : this.#view.getUint32(entry.at, this.#little);
  }

  /** Short texts alone: the times and letters that are read have at most 20 characters. */
  text(entry: Entry | undefined): string | undefined {
    if (entry === undefined || entry.type !== ASCII || entry.count > 20) return undefined;
    const at = entry.count <= 4 ? entry.at : this.#view.getUint32(entry.at, this.#little);
    if (!this.#holds(at, entry.count)) return undefined;
    let text = '';
    for (let i = 0; i < entry.count; i++) {
      const octet = this.#view.getUint8(at + i);
      if (octet === 0) break;
      text += String.fromCharCode(octet);
    }
    return text;
  }

  /** Degrees, minutes and seconds as degrees. */
  degrees(entry: Entry | undefined): number | undefined {
    if (entry === undefined || entry.type !== RATIONAL || entry.count !== 3) return undefined;
    const at = this.#view.getUint32(entry.at, this.#little);
    if (!this.#holds(at, 24)) return undefined;
    const [degrees = 0, minutes = 0, seconds = 0] = [0, 8, 16].map(
      (i) => this.#view.getUint32(at + i, this.#little) / this.#view.getUint32(at + i + 4, this.#little),
    );
    return degrees + minutes / 60 + seconds / 3600;
  }

  #holds(offset: number, length: number): boolean {
    return offset + length <= this.#view.byteLength;
  }
}

/** EXIF writes `2026:11:23 14:05:00`, and `+05:30` beside it. */
function timeOf(text: string | undefined, offset: string | undefined): string | undefined {
  const [, year, month, day, time] = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(text?.trim() ?? '') ?? [];
  const iso = `${year}-${month}-${day}T${time}`;
  const at = Date.parse(`${iso}Z`);
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 19) !== iso) return undefined;
  return /^[+-](?:0\d|1[0-4]):[0-5]\d$/.test(offset ?? '') ? `${iso}${offset}` : iso;
}

function positionOf(reader: TiffReader, gps: ReadonlyMap<number, Entry>): Position | undefined {
  const latitude = signed(reader, gps, GPS.latitude, GPS.latitudeRef, 'NS', 90);
  const longitude = signed(reader, gps, GPS.longitude, GPS.longitudeRef, 'EW', 180);
  if (latitude === undefined || longitude === undefined) return undefined;
  // Cameras without a fix write zeros.
  return latitude === 0 && longitude === 0 ? undefined : { latitude, longitude };
}

function signed(
  reader: TiffReader,
  gps: ReadonlyMap<number, Entry>,
  tag: number,
  refTag: number,
  letters: string,
  most: number,
): number | undefined {
  const degrees = reader.degrees(gps.get(tag));
  const ref = reader.text(gps.get(refTag));
  if (degrees === undefined || !(degrees <= most) || ref?.length !== 1 || !letters.includes(ref)) return undefined;
  const rounded = Math.round(degrees * MILLIONTHS) / MILLIONTHS;
  return ref === letters[1] && rounded !== 0 ? -rounded : rounded;
}

/** Writes a TIFF structure that holds these facts and nothing else; undefined where there are none. */
export function writeExif({ takenAt, position, orientation }: PhotoFacts): Uint8Array | undefined {
  const photo: Field[] = [];
  if (takenAt !== undefined) {
    photo.push(asciiField(TAG.original, takenAt.slice(0, 19).replace('T', ' ').replaceAll('-', ':')));
    if (takenAt.length > 19) photo.push(asciiField(TAG.offset, takenAt.slice(19)));
  }
  const gps: Field[] = [];
  if (position !== undefined) {
    const { latitude, longitude } = position;
    gps.push(asciiField(GPS.latitudeRef, latitude < 0 ? 'S' : 'N'), degreesField(GPS.latitude, latitude));
    gps.push(asciiField(GPS.longitudeRef, longitude < 0 ? 'W' : 'E'), degreesField(GPS.longitude, longitude));
  }
  const main: Field[] =
    orientation === undefined
      ? []
      : [{ tag: TAG.orientation, type: SHORT, count: 1, octets: [orientation >> 8, orientation & 255] }];
  if (photo.length > 0) main.push({ tag: TAG.exif, type: LONG, count: 1, octets: [], points: photo });
  if (gps.length > 0) main.push({ tag: TAG.gps, type: LONG, count: 1, octets: [], points: gps });
  if (main.length === 0) return undefined;
  const out = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8];
  writeDirectory(out, main);
  return Uint8Array.from(out);
}

interface Field {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly octets: readonly number[];
  /** The directory that its value is the offset of. */
  readonly points?: readonly Field[];
}

function asciiField(tag: number, text: string): Field {
  return {
    tag,
    type: ASCII,
    count: text.length + 1,
    octets: [...text].map((letter) => letter.charCodeAt(0)).concat(0),
  };
}

function degreesField(tag: number, degrees: number): Field {
  const millionths = Math.round(Math.abs(degrees) * MILLIONTHS);
  const octets = [
    [millionths, MILLIONTHS],
    [0, 1],
    [0, 1],
  ]
    .flat()
    .flatMap(word);
  return { tag, type: RATIONAL, count: 3, octets };
}

function word(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

/** Big endian. The values that do not fit stand behind the directory, then the directories that it points to. */
function writeDirectory(out: number[], fields: readonly Field[]): void {
  const start = out.length;
  const behind: number[] = [];
  const later: { readonly at: number; readonly fields: readonly Field[] }[] = [];
  const base = start + 2 + 12 * fields.length + 4;
  out.push(fields.length >> 8, fields.length & 255);
  for (const { tag, type, count, octets, points } of fields) {
    out.push(tag >> 8, tag & 255, type >> 8, type & 255, ...word(count));
    if (points !== undefined) later.push({ at: out.length, fields: points });
    if (octets.length <= 4) out.push(...octets, ...Array<number>(4 - octets.length).fill(0));
    else {
      out.push(...word(base + behind.length));
      behind.push(...octets, ...(octets.length % 2 === 1 ? [0] : []));
    }
  }
  out.push(0, 0, 0, 0, ...behind);
  for (const { at, fields: directory } of later) {
    out.splice(at, 4, ...word(out.length));
    writeDirectory(out, directory);
  }
}
