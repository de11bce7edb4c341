/** Octets changed as an attacker changes them: who knows what is a length, a tag, a count, and what lies in what. */

import type { Random } from '../../../simulator/random.js';
import { concat } from '../../../src/base/bytes.js';

/** Longest input made: nesting and repetition grow it. */
const MOST = 4096;

/** Something with a tag, a length and a content, as A-XDR and BER have it. */
interface Span {
  readonly tag: number;
  /** Where its length or count stands, in so many octets. */
  readonly lengthAt: number;
  readonly lengthSize: number;
  readonly start: number;
  /** Behind its content; of arrays and structures, which are counted, where their first element begins. */
  readonly end: number;
}

const ARRAY = 1;
const STRUCTURE = 2;
const OCTET_STRING = 9;
/** Tags of data with a length, ciphered APDUs, and of ACSE whatever is constructed or of the context class. */
const WITH_LENGTH = new Set([4, 9, 10, 12, 0x13, 0x21, 0x28, 0x30, 0xc8, 0xcc, 0xd0, 0xd4, 0xdb, 0xdc]);
const isTag = (octet: number) =>
  octet === ARRAY || octet === STRUCTURE || WITH_LENGTH.has(octet) || (octet >= 0x60 && octet <= 0xbf);

/** What may be a tag with a length that fits. Some are none: an attacker errs too. */
function spansOf(octets: Uint8Array): Span[] {
  const spans: Span[] = [];
  for (let at = 0; at + 1 < octets.length && spans.length < 200; at++) {
    const tag = octets[at] as number;
    if (!isTag(tag)) continue;
    const first = octets[at + 1] as number;
    const more = first > 0x80 && first <= 0x84 ? first - 0x80 : 0;
    if (first === 0x80 || first > 0x84 || at + 2 + more > octets.length) continue;
    let length = first;
    if (more > 0) length = octets.subarray(at + 2, at + 2 + more).reduce((sum, octet) => sum * 256 + octet, 0);
    const start = at + 2 + more;
    const isCounted = tag === ARRAY || tag === STRUCTURE;
    if (start + length > octets.length) continue;
    spans.push({ tag, lengthAt: at + 1, lengthSize: 1 + more, start, end: isCounted ? start : start + length });
  }
  return spans;
}

/** A length in its short or a long form. */
function lengthOctets(length: number, form = length < 0x80 ? 0 : length < 0x100 ? 1 : 2): number[] {
  if (form === 0) return [length & 0xff];
  const octets: number[] = [];
  for (let i = form - 1; i >= 0; i--) octets.push(Math.floor(length / 256 ** i) & 0xff);
  return [0x80 + form, ...octets];
}

function replaced(octets: Uint8Array, from: number, to: number, by: Uint8Array | readonly number[]): Uint8Array {
  const middle = by.length > MOST ? by.slice(0, MOST) : by;
  return concat(octets.subarray(0, from), Uint8Array.from(middle), octets.subarray(to)).subarray(0, MOST);
}

/** As {@link replaced}, and the one-octet lengths of what lies around it are set right, so that only what is inside is odd. */
function replacedWithin(octets: Uint8Array, from: number, to: number, by: Uint8Array | readonly number[]): Uint8Array {
  const made = replaced(octets, from, to, by).slice();
  const grown = made.length - octets.length;
  for (const { lengthAt, lengthSize, start, end } of spansOf(octets)) {
    if (lengthSize !== 1 || start > from || end < to || lengthAt >= from) continue;
    const length = (octets[lengthAt] as number) + grown;
    if (length >= 0 && length < 0x80) made[lengthAt] = length;
  }
  return made;
}

const EXTREMES = [0, 1, 2, 3, 9, 0x0f, 0x10, 0x20, 0x7e, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x84, 0xc4, 0xfe, 0xff];
const pick = <T>(random: Random, from: readonly T[]): T => from[random.below(from.length)] as T;

type Mutation = (octets: Uint8Array, random: Random, corpus: readonly Uint8Array[]) => Uint8Array;

/** A place within, or the whole: `[from, to)`. */
function slice(octets: Uint8Array, random: Random, most = 32): [from: number, to: number] {
  const from = random.below(octets.length + 1);
  return [from, Math.min(octets.length, from + 1 + random.below(most))];
}

const withSpan =
  (change: (octets: Uint8Array, span: Span, random: Random, corpus: readonly Uint8Array[]) => Uint8Array): Mutation =>
  (octets, random, corpus) => {
    const spans = spansOf(octets);
    return spans.length === 0 ? flip(octets, random) : change(octets, pick(random, spans), random, corpus);
  };

function flip(octets: Uint8Array, random: Random): Uint8Array {
  if (octets.length === 0) return Uint8Array.of(random.below(256));
  const copy = octets.slice();
  const at = random.below(copy.length);
  copy[at] = (copy[at] as number) ^ (1 << random.below(8));
  return copy;
}

/** A length that lies: one more or less, twice, in a long form, the largest. */
const liedLength = withSpan((octets, { lengthAt, lengthSize, start, end }, random) => {
  const length = lengthSize === 1 ? (octets[lengthAt] as number) : end - start;
  const lies = [
    lengthOctets(Math.max(0, length - 1)),
    lengthOctets(length + 1),
    lengthOctets(length * 2),
    lengthOctets(length, 1),
    lengthOctets(length, 2),
    lengthOctets(length, 4),
    lengthOctets(length, 9),
    [0x80],
    [0x81, 0xff],
    [0x82, 0xff, 0xff],
    [0x84, 0xff, 0xff, 0xff, 0xff],
    [0x84, 0x7f, 0xff, 0xff, 0xff],
    [0x88, 0, 0, 0, 0, 0, 0, 0, length & 0xff],
    [0],
    [0xff],
  ];
  return replaced(octets, lengthAt, lengthAt + lengthSize, pick(random, lies));
});

const MUTATIONS: readonly Mutation[] = [
  flip,
  flip,
  // An octet that means something.
  (octets, random) => {
    if (octets.length === 0) return octets;
    const copy = octets.slice();
    copy[random.below(copy.length)] = pick(random, EXTREMES);
    return copy;
  },
  // Octets put in, taken out, said again, moved.
  (octets, random) => {
    const at = random.below(octets.length + 1);
    const added = Array.from({ length: 1 + random.below(6) }, () =>
      random.chance(0.5) ? pick(random, EXTREMES) : random.below(256),
    );
    return random.chance(0.5) ? replaced(octets, at, at, added) : replacedWithin(octets, at, at, added);
  },
  (octets, random) => replaced(octets, ...slice(octets, random), []),
  (octets, random) => replacedWithin(octets, ...slice(octets, random, 4), []),
  (octets, random) => {
    const [from, to] = slice(octets, random);
    return replaced(octets, to, to, concat(...Array<Uint8Array>(1 + random.below(12)).fill(octets.subarray(from, to))));
  },
  (octets, random) => {
    const [from, to] = slice(octets, random);
    const rest = replaced(octets, from, to, []);
    const at = random.below(rest.length + 1);
    return replaced(rest, at, at, octets.subarray(from, to));
  },
  // Cut off.
  (octets, random) => octets.slice(0, random.below(octets.length + 1)),
  (octets, random) => octets.slice(random.below(octets.length + 1)),
  liedLength,
  liedLength,
  liedLength,
  // Another tag, of what it is or of what it holds.
  withSpan((octets, { lengthAt }, random) => {
    const copy = octets.slice();
    copy[lengthAt - 1] = random.chance(0.5)
      ? random.below(32)
      : pick(random, [0x60, 0x61, 0xa1, 0xbe, 0xc8, 0xdb, 0xe0]);
    return copy;
  }),
  withSpan((octets, { start }, random) =>
    start < octets.length ? replaced(octets, start, start + 1, [random.below(32)]) : octets,
  ),
  // Nested, a few times or far deeper than anything is.
  withSpan((octets, { tag, lengthAt, start, end }, random) => {
    const depth = random.chance(0.3) ? 1000 : 1 + random.below(40);
    const at = lengthAt - 1;
    const head = tag === ARRAY || tag === STRUCTURE || tag === OCTET_STRING ? [1 + random.below(2), 1] : [tag, 0x7f];
    const heads = Array.from({ length: depth }, () => head).flat();
    return replacedWithin(octets, at, end, concat(Uint8Array.from(heads), octets.subarray(at, Math.max(start, end))));
  }),
  (octets, random) => {
    const at = random.below(octets.length + 1);
    const heads = Array.from({ length: 1 + random.below(700) }, () => [STRUCTURE, 1]).flat();
    return replaced(octets, at, at, heads);
  },
  // A part of another input in place of a part of this one.
  withSpan((octets, span, random, corpus) => {
    const other = pick(random, corpus);
    const spans = spansOf(other);
    if (spans.length === 0) return octets;
    const from = pick(random, spans);
    const part = other.subarray(from.lengthAt - 1, from.end);
    return replacedWithin(octets, span.lengthAt - 1, span.end, part);
  }),
  (octets, random, corpus) => {
    const other = pick(random, corpus);
    return replaced(
      octets,
      random.below(octets.length + 1),
      octets.length,
      other.subarray(random.below(other.length + 1)),
    );
  },
  (octets, random, corpus) => concat(octets, pick(random, corpus)).subarray(0, MOST),
  // A number of two or four octets at its end.
  (octets, random) => {
    const at = random.below(octets.length + 1);
    const extreme = pick(random, [
      [0, 0],
      [0xff, 0xff],
      [0x7f, 0xff],
      [0, 0, 0, 0],
      [0xff, 0xff, 0xff, 0xff],
      [0xff, 0xff, 0xff, 0xfe],
    ]);
    return replaced(octets, at, Math.min(octets.length, at + extreme.length), extreme);
  },
];

/** An input made of one of the corpus, by one to some six changes; sometimes as it is. */
export function mutated(random: Random, corpus: readonly Uint8Array[]): Uint8Array {
  let octets = pick(random, corpus);
  if (random.chance(0.01)) return octets.slice();
  if (random.chance(0.01)) return Uint8Array.from({ length: random.below(64) }, () => random.below(256));
  const changes = 1 + random.failuresBefore(0.6);
  for (let i = 0; i < changes; i++) octets = pick(random, MUTATIONS)(octets, random, corpus);
  return octets.slice();
}

/** The octets in some chunks, as a line brings them. */
export function chunks(octets: Uint8Array, random: Random): Uint8Array[] {
  const way = random.below(4);
  if (way < 2 || octets.length === 0) return [octets];
  const most = way === 2 ? 1 : 1 + random.below(octets.length);
  const all: Uint8Array[] = [];
  for (let at = 0; at < octets.length; ) {
    const end = Math.min(octets.length, at + 1 + random.below(most));
    all.push(octets.slice(at, end));
    at = end;
  }
  return all;
}
