import { equalBytes } from './bytes.js';

/**
 * Even parity in software. IEC 62056-21 sends seven bits with even parity (7E1). On the line that looks like eight bits without parity (8N1)
 * whose eighth bit is the parity. So a port stays at 8N1 from the sign-on to HDLC, and no octet is lost by changing its format.
 */

/** Text of seven bits, with the parity as the eighth bit. */
export function withEvenParity(text: Uint8Array): Uint8Array {
  return text.map((octet) => {
    const data = octet & 0x7f;
    return isEven(data) ? data : data | 0x80;
  });
}

/**
 * Whether the octets can be undamaged text: all with even parity; all with odd parity or all with the eighth bit set, as some meters send;
 * or none with the eighth bit set, where the line removed it. A mixture is damaged.
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
 * Judges messages by the parity of their octets: this finds every single damaged bit, while block checks of eight bits miss some damage.
 * A message that comes a second time with the same octets is accepted: it is eight-bit text without parity.
 */
export class ParityCheck {
  #doubted: Uint8Array | undefined;

  /** Whether the message is damaged and must be refused. */
  refuses(octets: Uint8Array): boolean {
    const before = this.#doubted;
    this.#doubted = undefined;
    if (parityHolds(octets) || (before !== undefined && equalBytes(before, octets))) return false;
    this.#doubted = octets.slice();
    return true;
  }
}
