import { toLatin1 } from '../base/bytes.js';

export const SOH = 0x01;
export const STX = 0x02;
export const ACK = 0x06;
export const NAK = 0x15;

/** The octets as text. */
export function textOf(octets: Uint8Array): string {
  return toLatin1(octets);
}

/**
 * Takes our own octets, come back from an optical probe or a two-wire line, out of what is heard. An echo begins with the first octet heard
 * after sending; as soon as one differs, nothing of it was an echo.
 */
export class EchoSkipper {
  #awaited: number[] = [];
  /** How many of them came back. */
  #returned = 0;

  sent(octets: Uint8Array): void {
    for (const octet of octets) this.#awaited.push(octet & 0x7f);
  }

  /** What of the chunk, and of what was held back before it, is not echo. */
  strip(chunk: Uint8Array): Uint8Array {
    let at = 0;
    for (; at < chunk.length && this.#returned < this.#awaited.length; at++, this.#returned++) {
      if (((chunk[at] as number) & 0x7f) === this.#awaited[this.#returned]) continue;
      // An answer may begin as our question did.
      const held = this.#awaited.slice(0, this.#returned);
      this.#forget();
      return Uint8Array.from([...held, ...chunk.subarray(at)]);
    }
    if (this.#returned === this.#awaited.length) this.#forget();
    return chunk.subarray(at);
  }

  #forget(): void {
    this.#awaited = [];
    this.#returned = 0;
  }
}
