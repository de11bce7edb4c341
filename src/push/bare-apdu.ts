/**
 * Finds the end of an APDU that comes without a frame. A ciphered APDU and a block state their length. A notification ends where its value ends:
 * the value is walked through as the octets come, so that any chunking costs the same, and nothing is decoded before it is complete.
 */

import { APDU_TAGS } from '../apdu/tags.js';
import { sizeOfTag, TAG } from '../codec/tags.js';

/** What is known of an APDU that may begin somewhere: its length, `more` when more octets are needed, or undefined when none begins there. */
export type BareLength = number | 'more' | undefined;

/** Follows one APDU as its octets come. */
export interface BareWalk {
  /** @param end the end of the octets that have come so far. */
  length(bytes: Uint8Array, start: number, end: number): BareLength;
}

/** The longest notification, in octets, that is accepted without a frame around it. */
const MAX_BARE = 16 * 1024;
const MAX_DEPTH = 8;
const TITLE_LENGTH = 8;
const DATE_TIME_LENGTH = 12;
const OCTET_STRING = TAG['octet-string'];

/** Follows the APDU that begins with this tag; undefined when no pushed APDU has such a tag. */
export function walkBareApdu(tag: number): BareWalk | undefined {
  switch (tag) {
    case APDU_TAGS['data-notification']:
      return new NotificationWalk(dataNotificationHeader);
    case APDU_TAGS['event-notification-request']:
      return new NotificationWalk(eventNotificationHeader);
    case APDU_TAGS['general-glo-ciphering']:
    case APDU_TAGS['general-ded-ciphering']:
      return { length: cipheredLength };
    case APDU_TAGS['general-block-transfer']:
      return { length: blockLength };
    default:
      return undefined;
  }
}

/** A length of A-XDR and the number of octets that it takes; undefined for lengths of more than two octets, which no push has. */
function lengthAt(bytes: Uint8Array, at: number, end: number): { value: number; octets: number } | 'more' | undefined {
  if (at >= end) return 'more';
  const first = bytes[at] as number;
  if (first < 0x80) return { value: first, octets: 1 };
  const octets = first & 0x7f;
  if (octets < 1 || octets > 2) return undefined;
  if (at + octets >= end) return 'more';
  let value = 0;
  for (let i = 1; i <= octets; i++) value = value * 256 + (bytes[at + i] as number);
  return { value, octets: octets + 1 };
}

/** Tag, system title, length, security control, counter, content. */
function cipheredLength(bytes: Uint8Array, start: number, end: number): BareLength {
  const title = start + 1;
  if (title < end && bytes[title] !== TITLE_LENGTH) return undefined;
  const at = title + 1 + TITLE_LENGTH;
  const length = lengthAt(bytes, at, end);
  if (length === 'more' || length === undefined) return length;
  const control = at + length.octets;
  if (control >= end) return 'more';
  const octet = bytes[control] as number;
  // Suites 0 to 2 with some protection; anything else only looks like a ciphered APDU.
  if ((octet & 0x0f) > 2 || (octet & 0x30) === 0 || length.value < 5) return undefined;
  return whole(start, control + length.value, end);
}

/** Tag, block-control, block-number, block-number-ack, length, octets. */
function blockLength(bytes: Uint8Array, start: number, end: number): BareLength {
  const at = start + 6;
  if (end < at) return 'more';
  const number = ((bytes[start + 2] as number) << 8) | (bytes[start + 3] as number);
  // No push has more blocks, and the meter has received nothing that it could acknowledge.
  if (number === 0 || number > 0x3ff || bytes[start + 4] !== 0 || (bytes[start + 5] as number) > 1) return undefined;
  const length = lengthAt(bytes, at, end);
  if (length === 'more' || length === undefined) return length;
  return whole(start, at + length.octets + length.value, end);
}

function whole(start: number, stop: number, end: number): BareLength {
  return stop <= end ? stop - start : 'more';
}

/** Finds the length of the fields before the value. */
type Header = (bytes: Uint8Array, start: number, end: number) => BareLength;

/** Tag, long-invoke-id-and-priority, date-time (which some meters send with the tag of an octet-string). */
function dataNotificationHeader(bytes: Uint8Array, start: number, end: number): BareLength {
  const at = start + 5;
  if (at >= end) return 'more';
  const tagged = bytes[at] === OCTET_STRING ? 1 : 0;
  if (at + tagged >= end) return 'more';
  const length = bytes[at + tagged] as number;
  if (length !== DATE_TIME_LENGTH && (length !== 0 || tagged === 1)) return undefined;
  return whole(start, at + tagged + 1 + length, end);
}

/** Tag, time OPTIONAL, class, logical name, attribute. */
function eventNotificationHeader(bytes: Uint8Array, start: number, end: number): BareLength {
  if (start + 1 >= end) return 'more';
  const flag = bytes[start + 1];
  if (flag === 0) return whole(start, start + 2 + 9, end);
  if (start + 2 >= end) return 'more';
  return flag === 1 && bytes[start + 2] === DATE_TIME_LENGTH
    ? whole(start, start + 3 + DATE_TIME_LENGTH + 9, end)
    : undefined;
}

class NotificationWalk implements BareWalk {
  readonly #header: Header;
  /** How far the walk has come from the start of the APDU; 0 while its header is incomplete. */
  #at = 0;
  /** Values still to come, by level. */
  readonly #left: number[] = [1];

  constructor(header: Header) {
    this.#header = header;
  }

  length(bytes: Uint8Array, start: number, end: number): BareLength {
    if (this.#at === 0) {
      const header = this.#header(bytes, start, end);
      if (typeof header !== 'number') return header;
      this.#at = header;
    }
    while (this.#left.length > 0) {
      if (this.#left.at(-1) === 0) {
        this.#left.pop();
        continue;
      }
      if (this.#at > MAX_BARE) return undefined;
      const taken = this.#value(bytes, start + this.#at, end);
      if (typeof taken !== 'number') return taken;
      this.#at += taken;
    }
    return this.#at;
  }

  /** Octets of the next value; for an array or structure, the octets before its first element. */
  #value(bytes: Uint8Array, at: number, end: number): BareLength {
    if (at >= end) return 'more';
    const tag = bytes[at] as number;
    const size = sizeOfTag(tag);
    if (size !== undefined) return this.#took(whole(at, at + 1 + size, end));
    const length = lengthAt(bytes, at + 1, end);
    if (length === 'more' || length === undefined) return length;
    const { value, octets } = length;
    if (value > MAX_BARE) return undefined;
    switch (tag) {
      case TAG.array:
      case TAG.structure:
        if (this.#left.length >= MAX_DEPTH) return undefined;
        this.#took(octets);
        this.#left.push(value);
        return 1 + octets;
      case TAG['octet-string']:
      case TAG['visible-string']:
      case TAG['utf8-string']:
        return this.#took(whole(at, at + 1 + octets + value, end));
      case TAG['bit-string']:
        return this.#took(whole(at, at + 1 + octets + Math.ceil(value / 8), end));
      default:
        // No known meter pushes a compact-array.
        return undefined;
    }
  }

  #took(length: BareLength): BareLength {
    if (typeof length === 'number') this.#left[this.#left.length - 1] = (this.#left.at(-1) as number) - 1;
    return length;
  }
}
