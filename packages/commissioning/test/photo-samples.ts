/** Pictures as programs make them, and everything that cameras and others put beside a picture. */

import { crc32, deflateSync, inflateSync } from 'node:zlib';

const octets = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'));

/** 16 by 8 pixels from red to blue, by Chromium. */
export const JPEG = octets(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/' +
    '2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAARCAAIABADASIAAhEBAxEB/8QA' +
    'FgABAQEAAAAAAAAAAAAAAAAAAAQG/8QAFhABAQEAAAAAAAAAAAAAAAAAAAID/8QAFAEBAAAAAAAAAAAAAAAAAAAABf/EABkRAAIDAQAAAAAAAAAAAAAAAAAC' +
    'AQQhBf/aAAwDAQACEQMRAD8Az2lJtKAvzkXBe+86f//Z',
);

/** The same, with transparency. */
export const PNG = octets(
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAAICAYAAADwdn+XAAAAnUlEQVR4AaSQLQ7CQBCFv2xCCSfgAFwAh8HhUCgUDofB4VAoFA6HweFQKBQOxwG4AAdAtBWv' +
    'P9tmm9Z0U/UyM3k/88yfgX4M9WWkD2O9mOrBXDeWurDWia0O7LXjqA1nrbhqwV0znprwlonoE9LDYlBg+9mE+JOsmTUpEpQi/lhJ4E/Okpg4f8GRfedagiAt' +
    '1IlFqbjrKNs37507SAAAAP//14d/dwAAAAZJREFUAwDqjI/thS8ylwAAAABJRU5ErkJggg==',
);

export const ascii = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));
export const joined = (...parts: Uint8Array[]) => Uint8Array.from(Buffer.concat(parts));

/** A segment of a JPEG. */
export function segment(marker: number, content: Uint8Array): Uint8Array {
  const length = content.length + 2;
  return joined(Uint8Array.of(0xff, marker, length >> 8, length & 255), content);
}

/** Segments behind the start of a JPEG. */
export function withSegments(...segments: Uint8Array[]): Uint8Array {
  return joined(JPEG.subarray(0, 2), ...segments, JPEG.subarray(2));
}

/** A chunk of a PNG. */
export function chunk(type: string, content: Uint8Array): Uint8Array {
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(joined(ascii(type), content)));
  return joined(length, ascii(type), content, sum);
}

/** Chunks behind the header of a PNG. */
export function withChunks(...chunks: Uint8Array[]): Uint8Array {
  return joined(PNG.subarray(0, 33), ...chunks, PNG.subarray(33));
}

/** A field of a TIFF directory: text, SHORT, RATIONALs, undefined octets or a directory. */
export type Field = readonly [
  tag: number,
  value: string | number | readonly (readonly [number, number])[] | Uint8Array | { readonly fields: readonly Field[] },
];

/** A TIFF structure; `next` is its second directory, where cameras put a thumbnail. */
export function tiff(fields: readonly Field[], little: boolean, next: readonly Field[] = []): Uint8Array {
  const out = Buffer.alloc(60_000);
  const u16 = (value: number, at: number) => (little ? out.writeUInt16LE(value, at) : out.writeUInt16BE(value, at));
  const u32 = (value: number, at: number) => (little ? out.writeUInt32LE(value, at) : out.writeUInt32BE(value, at));
  out.write(little ? 'II' : 'MM', 0, 'latin1');
  u16(42, 2);
  u32(8, 4);
  let end = 8;
  const directory = (list: readonly Field[], behind: readonly Field[]): number => {
    const start = end;
    u16(list.length, start);
    end = start + 2 + 12 * list.length + 4;
    for (const [i, [tag, value]] of list.entries()) {
      const at = start + 2 + 12 * i;
      u16(tag, at);
      const head = (type: number, count: number) => {
        u16(type, at + 2);
        u32(count, at + 4);
      };
      if (typeof value === 'number') {
        head(3, 1);
        u16(value, at + 8);
      } else if (typeof value === 'string' || value instanceof Uint8Array) {
        const octets = typeof value === 'string' ? ascii(`${value}\0`) : value;
        head(typeof value === 'string' ? 2 : 7, octets.length);
        const place = octets.length <= 4 ? at + 8 : end;
        if (place === end) {
          u32(end, at + 8);
          end += octets.length + (octets.length % 2);
        }
        out.set(octets, place);
      } else if ('fields' in value) {
        head(4, 1);
        u32(directory(value.fields, []), at + 8);
      } else {
        head(5, value.length);
        u32(end, at + 8);
        for (const [numerator, denominator] of value) {
          u32(numerator, end);
          u32(denominator, end + 4);
          end += 8;
        }
      }
    }
    if (behind.length > 0) u32(directory(behind, []), start + 2 + 12 * list.length);
    return start;
  };
  directory(fields, next);
  return Uint8Array.from(out.subarray(0, end));
}

/** EXIF of a telephone, with a text in each place where one can be; the picture is Lucknow's, held upright. */
export function phoneExif(marker: string, little = true): Uint8Array {
  const secret = ascii(marker);
  const photo: Field[] = [
    [0x9003, '2026:11:23 14:05:00'],
    [0x9004, '2026:11:23 14:05:01'],
    [0x9011, '+05:30'],
    [0x9286, joined(ascii('ASCII\0\0\0'), secret)],
    [0x927c, joined(ascii('Apple iOS\0'), secret)],
    [0xa420, marker],
    [0xa430, marker],
    [0xa431, marker],
    [0xa434, marker],
    [0x9000, ascii('0232')],
  ];
  const gps: Field[] = [
    [1, 'N'],
    [
      2,
      [
        [26, 1],
        [50, 1],
        [4812, 100],
      ],
    ],
    [3, 'E'],
    [
      4,
      [
        [80, 1],
        [56, 1],
        [4632, 100],
      ],
    ],
    [5, Uint8Array.of(0)],
    [6, [[123, 1]]],
    [0x1b, joined(ascii('ASCII\0\0\0'), secret)],
    [0x1c, joined(ascii('ASCII\0\0\0'), secret)],
    [0x1d, '2026:11:23'],
  ];
  const main: Field[] = [
    [0x10e, marker],
    [0x10f, marker],
    [0x110, marker],
    [0x112, 6],
    [0x131, marker],
    [0x132, '2026:11:24 09:00:00'],
    [0x13b, marker],
    [0x8298, marker],
    [0x9c9c, Uint8Array.from(Buffer.from(marker, 'utf16le'))],
    [0x8769, { fields: photo }],
    [0x8825, { fields: gps }],
    [0x83bb, secret],
  ];
  return tiff(main, little, [
    [0x103, 6],
    [0x201, joined(JPEG, secret)],
  ]);
}

/** A PNG with its rows changed. */
export function recompressed(png: Uint8Array, change: (drawn: Uint8Array) => Uint8Array): Uint8Array {
  const buffer = Buffer.from(png);
  const pixels: Uint8Array[] = [];
  let end = buffer.length;
  for (let at = 8; at < buffer.length; at += 12 + buffer.readUInt32BE(at)) {
    if (buffer.toString('latin1', at + 4, at + 8) !== 'IDAT') continue;
    end = Math.min(end, at);
    pixels.push(buffer.subarray(at + 8, at + 8 + buffer.readUInt32BE(at)));
  }
  const drawn = inflateSync(joined(...pixels));
  return joined(png.subarray(0, end), chunk('IDAT', deflateSync(change(drawn))), chunk('IEND', new Uint8Array()));
}
