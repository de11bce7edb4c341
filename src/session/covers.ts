import type { Protection } from '../contracts/protection.js';
import { protectionBits } from '../security/ciphering.js';

/** Whether a security control byte, undefined for a message in clear, protects at least as demanded. */
export function covers(control: number | undefined, demanded: Protection): boolean {
  const wanted = protectionBits[demanded];
  return ((control ?? 0) & wanted) === wanted;
}
