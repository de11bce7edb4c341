import { toLatin1 } from '../base/bytes.js';

export const SOH = 0x01;
export const STX = 0x02;
export const ACK = 0x06;
export const NAK = 0x15;

/** The octets as text. */
export function textOf(octets: Uint8Array): string {
  return toLatin1(octets);
}
