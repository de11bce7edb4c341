import { isText, shownOctets } from '../../base/shown.js';
import type { Framing, LinkEvent } from '../../contracts/link.js';
import type { TraceEvent } from '../options.js';

/** Octets that come when a port is opened; nobody says anything in so few. */
const NOISE = 2;
/** Least octets that tell text at 7E1 from noise. */
const ENOUGH = 12;

/** Sees how far an attempt to open came, and what the answers look like. */
export class LineWatch {
  linked = false;
  /** Text that came last in place of an answer, as a sentence quotes it. */
  text: string | undefined;
  readonly #proof: 'payload' | 'connected';
  readonly #heard: number[] = [];

  constructor(framing: Framing) {
    // The wrapper connects nothing by itself: there the first answer tells.
    this.#proof = framing.startsWith('wrapper') ? 'payload' : 'connected';
  }

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
    // Text in a payload is no answer of a meter.
    if (event.type === this.#proof && text === undefined) this.linked = true;
  }

  /** Whether anything came that could be somebody's words. */
  get heard(): boolean {
    return this.#heard.length > NOISE;
  }

  /** Even parity in every octet, printable below it, and the parity bit used: 7E1 text, heard as 8N1. */
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
