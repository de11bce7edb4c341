/** Counting what crosses the meter's lines. */

import type { Framing } from '../../../src/index.js';
import type { LinkEvent } from '../../../src/protocol.js';

/** The part of `attach` that watches a line. */
export interface Watch {
  readonly trace: (entry: { readonly direction: 'sent' | 'received'; readonly bytes: Uint8Array }) => void;
  readonly onLinkEvent: (event: LinkEvent) => void;
}

const FLAG = 0x7e;
/** Format, two addresses, control, FCS: the least between two flags. */
const SHORTEST_FRAME = 7;
const WRAPPER_HEADER = 8;

/** Counts frames and connections of a meter on all of its lines. Noise between frames is not counted. */
export class FrameCounts {
  received = 0;
  sent = 0;
  /** How many received frames were discarded, and why the last one was. */
  discarded = 0;
  reason: string | undefined;
  /** Lines that are open. */
  lines = 0;

  /** Watches one more line. */
  watch(framing: Framing): Watch {
    const count = framing === 'hdlc' || framing === 'mode-e' ? betweenFlags() : byLength();
    return {
      trace: ({ direction, bytes }) => {
        // The meter's link writes frame by frame; received octets come in any chunks.
        if (direction === 'sent') this.sent++;
        else this.received += count(bytes);
      },
      onLinkEvent: (event) => {
        if (event.type !== 'discarded') return;
        this.discarded++;
        this.reason = event.reason;
      },
    };
  }
}

/** Counts HDLC frames in a stream. */
function betweenFlags(): (chunk: Uint8Array) => number {
  let octets = 0;
  return (chunk) => {
    let frames = 0;
    for (const octet of chunk) {
      if (octet !== FLAG) octets++;
      else {
        if (octets >= SHORTEST_FRAME) frames++;
        octets = 0;
      }
    }
    return frames;
  };
}

/** Counts WPDUs in a stream: the length stands in the last two octets of the header. */
function byLength(): (chunk: Uint8Array) => number {
  let header = 0;
  let length = 0;
  let left = 0;
  return (chunk) => {
    let frames = 0;
    for (const octet of chunk) {
      if (header < WRAPPER_HEADER) {
        header++;
        if (header > WRAPPER_HEADER - 2) length = ((length << 8) | octet) & 0xffff;
        left = length;
      } else left--;
      if (header === WRAPPER_HEADER && left === 0) {
        frames++;
        header = 0;
      }
    }
    return frames;
  };
}
