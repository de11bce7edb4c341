import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { sentence } from '../src/messages.js';
import { readExif, writeExif } from '../src/photo/exif.js';
import { cleanJpeg } from '../src/photo/jpeg.js';
import type { PhotoInput, PhotoKind } from '../src/photo/photo.js';
import { checkPhotos, cleanPhoto, PhotoFolder, readPhoto } from '../src/platform/photo-folder.js';
import { cleanPng } from '../src/platform/png.js';
import { defaultPolicy } from '../src/policy.js';
import { RefusedError } from '../src/refused.js';
import { Bench, OLD_METER, SEALS } from './bench.js';
import {
  ascii,
  chunk,
  JPEG,
  joined,
  PNG,
  phoneExif,
  recompressed,
  segment,
  tiff,
  withChunks,
  withSegments,
} from './photo-samples.js';

const MARKER = 'ASHA-DEVI-9812344321';
const LUCKNOW = { latitude: 26.8467, longitude: 80.9462 };
const FACTS = { takenAt: '2026-11-23T14:05:00+05:30', position: LUCKNOW, orientation: 6 };
const EXIF = ascii('Exif\0\0');

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'cosem-photos-'));
  folders.push(made);
  return made;
}

/** Whether a text is in there, in any of the codings that metadata has. */
function holds(octets: Uint8Array, text: string): boolean {
  const buffer = Buffer.from(octets);
  const wide = Buffer.from(text, 'utf16le');
  return [Buffer.from(text), wide, Buffer.from(wide).swap16()].some((one) => buffer.includes(one));
}

const photo = (octets: Uint8Array, kind: PhotoKind = 'site', name = 'IMG_1.jpg'): PhotoInput => ({
  kind,
  name,
  read: () => octets,
});

function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof RefusedError) return error.message;
    throw error;
  }
  return 'taken';
}

/** Each segment that can carry something, with a marker in it. */
const SEGMENTS: Readonly<Record<string, Uint8Array>> = {
  exif: segment(0xe1, joined(EXIF, phoneExif(MARKER))),
  'exif, big endian': segment(0xe1, joined(EXIF, phoneExif(MARKER, false))),
  xmp: segment(0xe1, ascii(`http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>${MARKER}</x:xmpmeta>`)),
  'extended xmp': segment(0xe1, ascii(`http://ns.adobe.com/xmp/extension/\0${MARKER}`)),
  comment: segment(0xfe, ascii(MARKER)),
  icc: segment(0xe2, ascii(`ICC_PROFILE\0\x01\x01${MARKER}`)),
  mpf: segment(0xe2, ascii(`MPF\0${MARKER}`)),
  iptc: segment(0xed, ascii(`Photoshop 3.0\x008BIM${MARKER}`)),
  ducky: segment(0xec, ascii(`Ducky${MARKER}`)),
  'jfif thumbnail': segment(0xe0, joined(ascii('JFIF\0\x01\x02\0\0H\0H\x01\x01'), ascii(MARKER))),
  jfxx: segment(0xe0, ascii(`JFXX\0\x10${MARKER}`)),
  adobe: segment(0xee, joined(ascii('Adobe\0\x64\0\0\0\0\x01'), ascii(MARKER))),
  unknown: segment(0xef, ascii(MARKER)),
};

const CHUNKS: Readonly<Record<string, Uint8Array>> = {
  eXIf: chunk('eXIf', phoneExif(MARKER)),
  tEXt: chunk('tEXt', ascii(`Author\0${MARKER}`)),
  iTXt: chunk('iTXt', ascii(`XML:com.adobe.xmp\0\0\0\0\0${MARKER}`)),
  zTXt: chunk('zTXt', ascii(`Comment\0\0${MARKER}`)),
  iCCP: chunk('iCCP', ascii(`${MARKER}\0\0x`)),
  sPLT: chunk('sPLT', ascii(`${MARKER}\0\x08`)),
  caNv: chunk('caNv', ascii(MARKER)),
  tIME: chunk('tIME', Uint8Array.of(7, 234, 11, 23, 9, 0, 0)),
};

describe('a JPEG', () => {
  test('keeps time, position and how it is held, and nothing else', () => {
    const clean = cleanJpeg(withSegments(...Object.values(SEGMENTS)))!;
    expect(clean).toMatchObject({ width: 16, height: 8, facts: FACTS });
    expect(holds(clean.octets, MARKER)).toBe(false);
    // What is left of metadata is what was written anew.
    const again = cleanJpeg(clean.octets)!;
    expect(again.facts).toEqual(FACTS);
    expect(Buffer.compare(again.octets, clean.octets)).toBe(0);
    expect(clean.octets.length).toBeLessThan(JPEG.length + 250);
  });

  test.each(Object.keys(SEGMENTS))('has no marker left of %s', (name) => {
    const clean = cleanJpeg(withSegments(SEGMENTS[name]!))!;
    expect(holds(withSegments(SEGMENTS[name]!), MARKER)).toBe(true);
    expect(holds(clean.octets, MARKER)).toBe(false);
  });

  test('has no marker left, whatever stands beside the picture and in which order', () => {
    const names = Object.keys(SEGMENTS);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...names), { maxLength: 20 }),
        fc.integer({ min: 0, max: 5 }),
        fc.boolean(),
        (chosen, fill, trailing) => {
          const fills = new Uint8Array(fill).fill(0xff);
          const parts = chosen.map((name) => joined(fills, SEGMENTS[name]!));
          const behind = trailing ? joined(ascii(MARKER), withSegments(SEGMENTS.exif!)) : new Uint8Array();
          const clean = cleanJpeg(joined(withSegments(...parts), behind))!;
          expect(holds(clean.octets, MARKER)).toBe(false);
          expect(clean.facts).toEqual(chosen.some((name) => name.startsWith('exif')) ? FACTS : {});
        },
      ),
    );
  });

  test.each([
    ['behind a Huffman table', 0xc4],
    ['behind a quantisation table', 0xdb],
    ['behind the frame', 0xc0],
    ['behind the head of a scan', 0xda],
  ])('is refused where something stands %s', (_, marker) => {
    const at = Buffer.from(JPEG).indexOf(Buffer.of(0xff, marker));
    const length = Buffer.from(JPEG).readUInt16BE(at + 2);
    const longer = segment(marker, joined(JPEG.subarray(at + 4, at + 2 + length), ascii(MARKER)));
    expect(cleanJpeg(joined(JPEG.subarray(0, at), longer, JPEG.subarray(at + 2 + length)))).toBeUndefined();
  });

  test('of many scans with restarts keeps them all, and drops what stands between them', () => {
    const scan = Buffer.from(JPEG).indexOf(Buffer.of(0xff, 0xda));
    const first = joined(JPEG.subarray(scan, -2), Uint8Array.of(0xff, 0xd0, 0x12, 0xff, 0x00, 0xff, 0xd7, 0x34));
    const frame = Uint8Array.from(JPEG.subarray(0, scan));
    frame[Buffer.from(frame).indexOf(Buffer.of(0xff, 0xc0)) + 1] = 0xc2;
    const progressive = joined(frame, first, SEGMENTS.comment!, first, JPEG.subarray(-2));
    const clean = cleanJpeg(progressive)!;
    expect(Buffer.from(clean.octets).toString('hex').split(Buffer.from(first).toString('hex'))).toHaveLength(3);
    expect(holds(clean.octets, MARKER)).toBe(false);
  });

  test('that ends early is no photo', () => {
    for (let length = 0; length < JPEG.length; length++) expect(cleanJpeg(JPEG.subarray(0, length))).toBeUndefined();
  });

  test('with any octets changed gives a picture without the marker, or none, and never throws', () => {
    const whole = withSegments(SEGMENTS.exif!, SEGMENTS.icc!);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 }),
        fc.nat(whole.length),
        (changes, length) => {
          const octets = Uint8Array.from(whole);
          for (const [at, value] of changes) octets[at] = value;
          for (const tried of [octets, octets.subarray(0, length)]) {
            const clean = cleanJpeg(tried);
            if (clean !== undefined) expect(cleanJpeg(clean.octets)?.facts).toEqual(clean.facts);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a PNG', () => {
  test.each(Object.keys(CHUNKS))('has nothing left of %s', (name) => {
    const clean = cleanPng(withChunks(CHUNKS[name]!))!;
    expect(clean.facts).toEqual(name === 'eXIf' ? FACTS : {});
    expect(holds(clean.octets, MARKER)).toBe(false);
    expect(holds(clean.octets, name)).toBe(name === 'eXIf');
    expect(Buffer.compare(cleanPng(clean.octets)!.octets, clean.octets)).toBe(0);
  });

  test('has nothing behind its end', () => {
    expect(holds(cleanPng(joined(PNG, ascii(MARKER)))!.octets, MARKER)).toBe(false);
  });

  test('has nothing behind its compressed pixels, and no pixels that are not drawn', () => {
    const behind = chunk('IDAT', ascii(MARKER));
    const end = PNG.length - 12;
    expect(holds(cleanPng(joined(PNG.subarray(0, end), behind, PNG.subarray(end)))!.octets, MARKER)).toBe(false);
    expect(cleanPng(recompressed(PNG, (drawn) => drawn))).toMatchObject({ width: 16, height: 8 });
    expect(cleanPng(recompressed(PNG, (drawn) => joined(drawn, ascii(MARKER))))).toBeUndefined();
    expect(cleanPng(recompressed(PNG, (drawn) => drawn.subarray(1)))).toBeUndefined();
  });

  test('that claims to be huge costs nothing', () => {
    const head = Buffer.alloc(13);
    head.writeUInt32BE(0x7fffffff, 0);
    head.writeUInt32BE(0x7fffffff, 4);
    head.set([16, 6, 0, 0, 0], 8);
    expect(cleanPng(joined(PNG.subarray(0, 8), chunk('IHDR', head), PNG.subarray(33)))).toBeUndefined();
  });

  test('with any octet changed is refused or the same, and never throws', () => {
    fc.assert(
      fc.property(fc.nat(PNG.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const octets = Uint8Array.from(PNG);
        octets[at]! ^= flip;
        expect(cleanPng(octets)).toBeUndefined();
      }),
    );
  });
});

describe('EXIF', () => {
  const millionths = (most: number) => fc.integer({ min: -most * 1e6, max: most * 1e6 }).map((value) => value / 1e6);
  const position = fc
    .record({ latitude: millionths(90), longitude: millionths(180) })
    .filter(({ latitude, longitude }) => latitude !== 0 || longitude !== 0);
  const takenAt = fc
    .tuple(
      fc.date({ min: new Date('1990-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
      fc.constantFrom('', '+05:30', '-03:00'),
    )
    .map(([date, offset]) => date.toISOString().slice(0, 19) + offset);

  test('is read as it was written', () => {
    const facts = fc.record({ takenAt, position, orientation: fc.integer({ min: 2, max: 8 }) }, { requiredKeys: [] });
    fc.assert(
      fc.property(facts, (written) => {
        const octets = writeExif(written);
        expect(octets === undefined ? {} : readExif(octets)).toEqual(written);
      }),
    );
  });

  test('of both orders of octets is read, and what is impossible is not there', () => {
    for (const little of [true, false]) {
      expect(readExif(phoneExif('x', little))).toEqual(FACTS);
      const odd = tiff(
        [
          [0x112, 9],
          [
            0x8769,
            {
              fields: [
                [0x9003, '2026:02:30 14:05:00'],
                [0x9011, '+99:99'],
              ],
            },
          ],
          [
            0x8825,
            {
              fields: [
                [1, 'N'],
                [
                  2,
                  [
                    [95, 1],
                    [0, 1],
                    [0, 1],
                  ],
                ],
                [3, 'E'],
                [
                  4,
                  [
                    [80, 0],
                    [0, 1],
                    [0, 1],
                  ],
                ],
              ],
            },
          ],
        ],
        little,
      );
      expect(readExif(odd)).toEqual({});
    }
  });

  test('of a camera without a fix has no position', () => {
    const zero = [
      [0, 1],
      [0, 1],
      [0, 1],
    ] as const;
    expect(
      readExif(
        tiff(
          [
            [
              0x8825,
              {
                fields: [
                  [1, 'N'],
                  [2, zero],
                  [3, 'E'],
                  [4, zero],
                ],
              },
            ],
          ],
          true,
        ),
      ),
    ).toEqual({});
  });

  test('of any octets is read or not, and never throws', () => {
    const whole = phoneExif('x');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 40 }), (changes) => {
        const octets = Uint8Array.from(whole);
        for (const [at, value] of changes) octets[at] = value;
        readExif(octets);
      }),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => void readExif(octets)));
  });
});

describe('a file', () => {
  test.each([
    ['....ftypheic....', 'IMG_1.jpg is a HEIC file; JPEG and PNG are taken.'],
    ['RIFF....WEBPVP8 ', 'IMG_1.jpg is a WebP file'],
    ['%PDF-1.7', 'IMG_1.jpg is a PDF file'],
    ['<html>', 'IMG_1.jpg is no photo.'],
    ['', 'IMG_1.jpg is no photo.'],
    ['\xff\xd8\xff\xe0', 'IMG_1.jpg is damaged'],
  ])('that begins with %j is refused in words', (content, words) => {
    expect(refusalOf(() => cleanPhoto(photo(ascii(content)), 1e6))).toContain(words);
  });

  test('is refused with its size where it is too large without its metadata, not with it', () => {
    const loaded = withSegments(...Array.from({ length: 20 }, () => segment(0xef, new Uint8Array(60_000))));
    expect(cleanPhoto(photo(loaded), 1000).octets.length).toBeLessThan(1000);
    expect(refusalOf(() => cleanPhoto(photo(JPEG), 100))).toMatch(
      /^IMG_1.jpg has 0\.01 MB; at most 0\.01 MB are kept\./,
    );
    expect(refusalOf(() => readPhoto(join(folder(), 'none.jpg')))).toContain('There is no file');
    expect(refusalOf(() => readPhoto(folder()))).toContain('There is no file');
  });
});

describe('the folder', () => {
  test('keeps a photo once, by order and hash, for its owner alone', () => {
    const place = join(folder(), 'photos');
    const store = new PhotoFolder(place);
    const first = store.add('WO-1', photo(withSegments(SEGMENTS.exif!)), 1e6);
    expect(store.add('WO-1', photo(withSegments(SEGMENTS.exif!)), 1e6)).toEqual(first);
    expect(first).toEqual({
      kind: 'site',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      bytes: statSync(join(place, `WO-1.${first.hash}.jpg`)).size,
      takenAt: FACTS.takenAt,
      position: LUCKNOW,
    });
    expect(readdirSync(place)).toEqual([`WO-1.${first.hash}.jpg`]);
    expect(statSync(join(place, `WO-1.${first.hash}.jpg`)).mode & 0o077).toBe(0);
  });

  test('is compared with its hashes and with what records name', () => {
    const place = folder();
    const store = new PhotoFolder(place);
    const one = store.add('WO-1', photo(JPEG), 1e6);
    const two = store.add('WO-1', photo(PNG, 'seal'), 1e6);
    const names = [one, two].map(({ hash, kind }) => ({ order: 'WO-1', hash, kind }));
    expect(checkPhotos(place, names)).toEqual({ named: 2, whole: 2, altered: [], missing: [] });
    const path = join(place, `WO-1.${two.hash}.png`);
    writeFileSync(path, joined(readFileSync(path), ascii(' ')));
    rmSync(join(place, `WO-1.${one.hash}.jpg`));
    mkdirSync(join(place, `WO-1.${'0'.repeat(64)}.jpg`));
    expect(checkPhotos(place, names)).toEqual({ named: 2, whole: 0, altered: [path], missing: [names[0]] });
    expect(checkPhotos(join(place, 'none'), [])).toEqual({ named: 0, whole: 0, altered: [], missing: [] });
  });
});

describe('a commissioning', () => {
  async function bench(photos: Partial<typeof defaultPolicy.photos>) {
    const b = new Bench({ policy: { photos: { ...defaultPolicy.photos, ...photos } } });
    folders.push(b.folder);
    await b.openIndex();
    const place = join(b.folder, 'photos');
    return { b, place, session: b.session({ photos: new PhotoFolder(place) }) };
  }

  test('wants the photos that the policy wants, and names them in the signed record without where they were taken', async () => {
    const { b, place, session } = await bench({ oldMeter: 1, seal: 2, site: 1 });
    await b.upTo(session, 'old-meter');
    const without = await session.oldMeter(OLD_METER);
    expect(without.ok ? '' : sentence(without.refusal, 'en')).toMatch(/^Photos of the old meter: 0 of 1\./);
    expect(without.ok ? '' : sentence(without.refusal, 'hi')).toMatch(/^पुराने मीटर के फ़ोटो: 1 में से 0।/);
    const damaged = await session.oldMeter({ ...OLD_METER, photos: [photo(ascii('no'), 'old-meter')] });
    expect(damaged).toMatchObject({ ok: false, refusal: { code: 'photo-not-one', params: { name: 'IMG_1.jpg' } } });
    const exif = SEGMENTS.exif!;
    const old = await session.oldMeter({ ...OLD_METER, photos: [photo(withSegments(exif), 'old-meter')] });
    expect(old).toMatchObject({ ok: true, evidence: { photos: [{ kind: 'old-meter', position: LUCKNOW }] } });
    const seals = [photo(JPEG, 'seal'), photo(PNG, 'seal')];
    const few = await b.withMeter((port) => session.newMeter(port, { ...SEALS, photos: seals.slice(1) }));
    expect(few).toMatchObject({ ok: false, refusal: { code: 'photos-too-few', params: { least: 2, count: 1 } } });
    await b.withMeter((port) => session.newMeter(port, { ...SEALS, photos: seals }));
    await b.upTo(session, 'index');
    await session.index({ photos: [photo(withSegments(exif), 'site')] });
    await b.upTo(session, undefined);
    const { record } = b.certificates[0]!.signed;
    expect(record.photos?.map(({ kind, takenAt }) => [kind, takenAt])).toEqual([
      ['old-meter', FACTS.takenAt],
      ['seal', undefined],
      ['seal', undefined],
      ['site', FACTS.takenAt],
    ]);
    expect(JSON.stringify(record)).not.toContain('26.8467');
    expect(record.meter).not.toHaveProperty('photos');
    const kept = readdirSync(place);
    expect(kept).toHaveLength(3);
    for (const { hash, bytes } of record.photos!) {
      const [name] = kept.filter((one) => one.includes(hash));
      expect(statSync(join(place, name!)).size).toBe(bytes);
    }
    b.index.close();
  });

  test('without photos has none in its record, and where nothing keeps them takes none', async () => {
    const { b, session } = await bench({});
    await b.upTo(session, undefined);
    expect(b.certificates[0]!.signed.record).not.toHaveProperty('photos');
    const other = new Bench();
    folders.push(other.folder);
    await other.openIndex();
    const plain = other.session();
    await other.upTo(plain, 'old-meter');
    const result = await plain.oldMeter({ ...OLD_METER, photos: [photo(JPEG, 'old-meter')] });
    expect(result).toMatchObject({ ok: false, refusal: { code: 'photos-not-kept' } });
    for (const one of [b, other]) one.index.close();
  });
});
