import { join } from 'node:path';
import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from 'cosem';
import { type CleanPicture, cleanJpeg } from '../photo/jpeg.js';
import type { Photo, PhotoInput, PhotoStore } from '../photo/photo.js';
import { refuse } from '../refused.js';
import { isPlainFile, makeFolder, namesIn, readOctets, writeWholeFile } from './files.js';
import { cleanPng } from './png.js';

/** Octets that a photo may have before it is stripped. */
export const LARGEST_PHOTO = 64_000_000;

/** Reads the file of a photo. @throws RefusedError when there is none or it is too large; StorageError. */
export function readPhoto(path: string): Uint8Array {
  if (!isPlainFile(path)) refuse('photo-missing', { name: path });
  const octets = readOctets(path, LARGEST_PHOTO);
  if (octets.length > LARGEST_PHOTO) refuse('photo-too-large', sizes(path, octets.length, LARGEST_PHOTO));
  return octets;
}

/**
 * A photo without its metadata, as it is kept.
 * @param largest octets that it may have then.
 * @throws RefusedError when its content is no JPEG or PNG, or it is too large.
 */
export function cleanPhoto({ name, read }: PhotoInput, largest: number): CleanPicture & { readonly extension: string } {
  const octets = read();
  const form = formOf(octets);
  if (form === undefined) return refuse('photo-not-one', { name });
  if (form !== 'jpg' && form !== 'png') return refuse('photo-form', { name, form });
  const clean = form === 'jpg' ? cleanJpeg(octets) : cleanPng(octets);
  if (clean === undefined) return refuse('photo-damaged', { name });
  if (clean.octets.length > largest) refuse('photo-too-large', sizes(name, clean.octets.length, largest));
  return { ...clean, extension: form };
}

function sizes(name: string, has: number, most: number) {
  return { name, has: megabytes(has), most: megabytes(most) };
}

/** Never rounded so that too large looks like large enough. */
function megabytes(octets: number): string {
  return (Math.ceil(octets / 10_000) / 100).toFixed(2);
}

/** What a file is, by its first octets. */
function formOf(octets: Uint8Array): string | undefined {
  const start = String.fromCharCode(...octets.subarray(0, 12));
  if (start.startsWith('\xff\xd8\xff')) return 'jpg';
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (/^....ftyp(?:hei[cxms]|hev[cx]|mif1|msf1)/s.test(start)) return 'HEIC';
  if (start.startsWith('ftypavif', 4)) return 'AVIF';
  if (/^RIFF....WEBP/s.test(start)) return 'WebP';
  if (start.startsWith('GIF8')) return 'GIF';
  if (start.startsWith('%PDF-')) return 'PDF';
  return undefined;
}

/** Photos of orders in a folder: `ORDER.HASH.jpg`, so that what belongs to an order is found without reading anything. */
export class PhotoFolder implements PhotoStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  add(order: string, photo: PhotoInput, largest: number): Photo {
    const { octets, facts, extension } = cleanPhoto(photo, largest);
    const hash = hashOf(octets);
    makeFolder(this.#folder);
    writeWholeFile(join(this.#folder, `${order}.${hash}.${extension}`), octets);
    const { takenAt, position } = facts;
    return {
      kind: photo.kind,
      hash,
      bytes: octets.length,
      ...(takenAt === undefined ? {} : { takenAt }),
      ...(position === undefined ? {} : { position }),
    };
  }
}

function hashOf(octets: Uint8Array): string {
  return toHex(sha256(octets)).toLowerCase();
}

/** The photos of a folder. */
export interface PhotoCheck {
  /** Photos that records name. */
  readonly named: number;
  /** How many of those are there, and what they were. */
  readonly whole: number;
  /** Paths of files that are not what their names say: changed since they were kept. */
  readonly altered: readonly string[];
  /** Photos that a record names and that are not there, with the order of the record. */
  readonly missing: readonly { readonly order: string; readonly hash: string; readonly kind: string }[];
}

/** Compares each kept photo with its hash, and what records name with what is there. @throws StorageError. */
export function checkPhotos(
  folder: string,
  named: readonly { readonly order: string; readonly hash: string; readonly kind: string }[],
): PhotoCheck {
  const whole = new Set<string>();
  const there = new Set<string>();
  const altered: string[] = [];
  for (const name of namesIn(folder).sort()) {
    const [, hash] = /\.([0-9a-f]{64})\.(?:jpg|png)$/.exec(name) ?? [];
    const path = join(folder, name);
    if (hash === undefined || !isPlainFile(path)) continue;
    there.add(hash);
    if (hashOf(readOctets(path, LARGEST_PHOTO)) === hash) whole.add(hash);
    else altered.push(path);
  }
  const missing = named.filter(({ hash }) => !there.has(hash));
  return { named: named.length, whole: named.filter(({ hash }) => whole.has(hash)).length, altered, missing };
}
