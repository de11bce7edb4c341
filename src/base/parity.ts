import { equalBytes } from './bytes.js';

/**
 * Even parity in software: IEC 62056-21 sends seven bits with even parity, which on the line is the same as eight bits without, the
 * eighth being the parity. So a port may stand at 8N1 from the sign-on to HDLC, and nothing is lost by changing its format.
 */

/** Text of seven bits with its parity as the eighth. */
export function withEvenParity(text: Uint8Array): Uint8Array {
  return text.map((octet) => {
    const data = octet & 0x7f;
    return isEven(data) ? data : data | 0x80;
  });
}

/**
 * Whether the octets may be text as it was sent: all with even parity; all with odd parity, or all with the bit set, as some meters have
 * it; or none with the bit set, where the line took it away. A mixture is damaged.
 */
function parityHolds(octets: Uint8Array): boolean {
  return (
    octets.every((octet) => octet < 0x80) ||
    octets.every(isEven) ||
    octets.every((octet) => !isEven(octet)) ||
    octets.every((octet) => octet >= 0x80)
  );
}

/** Whether the number of bits set is even. */
export function isEven(octet: number): boolean {
  let bits = octet ^ (octet >> 4);
  bits ^= bits >> 2;
  return ((bits ^ (bits >> 1)) & 1) === 0;
}

/**
 * Judges messages of a line by the parity of their octets: one damaged bit shows so, and block checks of eight bits overlook some two.
 * A message that comes a second time with the same octets was meant so: eight-bit letters in a text without parity.
 */
export class ParityCheck {
  #doubted: Uint8Array | undefined;

  /** Whether the message is to be refused. */
  refuses(octets: Uint8Array): boolean {
    const before = this.#doubted;
    this.#doubted = undefined;
    if (parityHolds(octets) || (before !== undefined && equalBytes(before, octets))) return false;
    this.#doubted = octets.slice();
    return true;
  }
}
