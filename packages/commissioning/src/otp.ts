import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { scrypt } from '@noble/hashes/scrypt.js';
import { type Millis, StateError, toHex } from 'cosem';
import { fromLatin1 } from 'cosem/protocol';
import type { OneTimeCode } from './verification.js';

/** Work factors of scrypt (RFC 7914): N is a power of two. Memory is 128·N·r octets. */
export interface ScryptWork {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** A guess takes about half a second and 128 MiB. A million guesses take days on one processor, longer than a code should be valid. */
export const DEFAULT_WORK: ScryptWork = { n: 2 ** 17, r: 8, p: 1 };

/** A code as the utility provisions it: its hash, never the code. Salt and hash are hexadecimal, `expires` is an ISO 8601 instant. */
export interface HashedCode {
  readonly id: string;
  readonly salt: string;
  readonly hash: string;
  readonly expires: string;
}

/**
 * What the utility puts into a work order so that a code can be checked without a network. Either hashed one-time codes, salted and
 * slow to guess, or the seed (hexadecimal) that it shares for RFC 4226 (HOTP) or RFC 6238 (TOTP) codes. Whoever holds a seed can make
 * codes: it is for laptops that the utility controls.
 */
export type OfflineCredential =
  | ({ readonly type: 'hashed'; readonly codes: readonly HashedCode[] } & ScryptWork)
  | {
      readonly type: 'hotp';
      readonly seed: string;
      /** The counter of the first unused code. */
      readonly counter: number;
      /** How many counters ahead a code may be. Default 4. */
      readonly window?: number | undefined;
      readonly expires: string;
    }
  | {
      readonly type: 'totp';
      readonly seed: string;
      /** For how many seconds a code is valid. Default 30. */
      readonly step?: number | undefined;
      /** How many steps before and after the present one are also accepted. Default 1. */
      readonly skew?: number | undefined;
      readonly expires: string;
    };

/**
 * Six digits of RFC 4226 for a counter.
 * @throws StateError when the counter is no whole number from 0.
 */
export function hotp(seed: Uint8Array, counter: number): string {
  if (!Number.isSafeInteger(counter) || counter < 0) throw new StateError('the HOTP counter is a whole number from 0');
  const message = new Uint8Array(8);
  new DataView(message.buffer).setBigUint64(0, BigInt(counter));
  const mac = hmac(sha1, seed, message);
  const offset = (mac[19] as number) & 15;
  const value = new DataView(mac.buffer, mac.byteOffset).getUint32(offset) & 0x7fffffff;
  return String(value % 1_000_000).padStart(6, '0');
}

/** The counter of RFC 6238 at a time. */
export function totpCounter(now: Millis, step = 30): number {
  return Math.floor(now / 1000 / step);
}

/** RFC 7914 scrypt of six digits; 32 octets. */
export function hashCode(digits: string, salt: Uint8Array, { n, r, p }: ScryptWork): Uint8Array {
  return scrypt(fromLatin1(digits), salt, { N: n, r, p, dkLen: 32 });
}

/** One code as a utility provisions it. @param salt sixteen random octets, for this code alone. */
export function provisionCode(
  id: string,
  code: OneTimeCode,
  salt: Uint8Array,
  expires: string,
  work: ScryptWork = DEFAULT_WORK,
): Extract<OfflineCredential, { type: 'hashed' }> {
  const hash = toHex(hashCode(code.reveal(), salt, work));
  return { type: 'hashed', ...work, codes: [{ id, salt: toHex(salt), hash, expires }] };
}
