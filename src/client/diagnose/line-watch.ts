import { isText, shownOctets } from '../../base/shown.js';
import type { Framing, LinkEvent } from '../../contracts/link.js';
import type { TraceEvent } from '../trace-event.js';

/** This many octets may come when a port is opened; no answer is as short. */
const NOISE = 2;
/** The least number of octets that distinguish text at 7E1 from noise. */
const ENOUGH = 12;

/** Watches how far an attempt to open gets, and what the answers look like: give its `see` all events of `trace`. */
export class LineWatch {
  /** Whether the data link came up. */
  linked = false;
  /** The last text that came instead of an answer, as a sentence quotes it. */
  text: string | undefined;
  readonly #proof: 'payload' | 'connected';
  readonly #heard: number[] = [];

  /** @param framing that of the call. */
  constructor(framing: Framing = 'hdlc') {
    // The wrapper has no connection of its own: there the first answer proves the link.
    this.#proof = framing.startsWith('wrapper') ? 'payload' : 'connected';
  }

  /** Takes an event of `trace`. */
  see(event: TraceEvent): void {
    if (event.type === 'link') this.#seeLink(event.event);
    if (event.type !== 'octets' || event.direction === 'sent' || this.#heard.length > 1000) return;
    this.#heard.push(...event.bytes.subarray(0, 1000));
  }

  #seeLink(event: LinkEvent): void {
    const text =
      (event.type === 'payload' || event.type === 'discarded') && isText(event.bytes)
        ? shownOctets(event.bytes)
        : undefined;
    this.text = text ?? this.text;
    // Text in a payload is not a meter's answer.
    if (event.type === this.#proof && text === undefined) this.linked = true;
  }

  /** Whether anything came that could be an answer. */
  get heard(): boolean {
    return this.#heard.length > NOISE;
  }

  /** Whether the octets look like 7E1 text heard as 8N1: even parity in every octet, printable without it, and the parity bit used. */
  get looks7e1(): boolean {
    const heard = this.#heard;
    return (
      heard.length >= ENOUGH &&
      heard.some((octet) => octet > 0x7f) &&
      heard.every((octet) => isEven(octet) && isOfText(octet & 0x7f))
    );
  }
}

function isEven(octet: number): boolean {
  let bits = octet ^ (octet >> 4);
  bits ^= bits >> 2;
  return ((bits ^ (bits >> 1)) & 1) === 0;
}

function isOfText(octet: number): boolean {
  return (octet >= 0x20 && octet < 0x7f) || octet === 0x0d || octet === 0x0a || (octet > 0 && octet <= 6);
}
