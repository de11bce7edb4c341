/**
 * Firmware images for virtual meters: a format of our own, so that a head end's transfer can be tested to the end, with good and with bad
 * images.
 *
 * | octets | what |
 * |---|---|
 * | 4 | `CSMI` |
 * | 1 | version of the format: 1 |
 * | 1, n | kind of meter that it is for, length and ASCII: `is15959-1ph` |
 * | 1, n | firmware version that the meter reports when it is active, length and ASCII: `COSEM-D1-1.1` |
 * | 4 | length of the payload, most significant octet first |
 * | n | payload, which has no meaning |
 * | 32 | SHA-256 of all octets before: what `image_to_activate_info` shows as signature |
 *
 * The digest shows damage on the way. It is not a signature: anybody can make an image.
 */

import { concat, equalBytes, fromLatin1, toLatin1 } from '../../src/base/bytes.js';
import { Reader, Writer } from '../../src/base/cursor.js';
import { DecodeError, StateError } from '../../src/base/errors.js';
import type { CryptoProvider } from '../../src/contracts/crypto-provider.js';

const MAGIC = fromLatin1('CSMI');
const FORMAT = 1;
const DIGEST_LENGTH = 32;
const VERSION = /^[\x21-\x7e]{1,32}$/;

/** The content of a firmware image for virtual meters. */
export interface FirmwareImage {
  /** Kind of meter that it is for, such as `is15959-1ph`. */
  readonly profile: string;
  /** The firmware version that the meter reports once the image is active. */
  readonly firmware: string;
  /** Octets without meaning, to make the image as long as wanted. Empty by default. */
  readonly payload?: Uint8Array;
}

/**
 * Makes an image that a virtual meter of that kind accepts.
 * ```ts
 * const image = makeImage(nobleCrypto, { profile: 'is15959-1ph', firmware: 'COSEM-D1-1.1' });
 * ```
 * @throws StateError when kind or version are not printable ASCII of 1 to 32 characters.
 */
export function makeImage(
  crypto: CryptoProvider,
  { profile, firmware, payload = new Uint8Array(0) }: FirmwareImage,
): Uint8Array {
  for (const text of [profile, firmware]) {
    if (!VERSION.test(text))
      throw new StateError(`'${text}' cannot be the kind or version of an image`, {
        hint: 'use 1 to 32 printable ASCII characters',
      });
  }
  const w = new Writer();
  w.bytes(MAGIC).u8(FORMAT).octets(fromLatin1(profile)).octets(fromLatin1(firmware)).u32(payload.length).bytes(payload);
  const body = w.finish();
  return concat(body, crypto.hash('sha-256', body));
}

/** An image as it was read. */
export interface ReadImage {
  readonly profile: string;
  readonly firmware: string;
  /** SHA-256 over it. */
  readonly signature: Uint8Array;
}

/**
 * Reads and verifies an image.
 * @throws DecodeError that says what is wrong with it.
 */
export function readImage(crypto: CryptoProvider, image: Uint8Array): ReadImage {
  const r = new Reader(image);
  if (!equalBytes(r.take(MAGIC.length), MAGIC)) r.fail('bad-value', 'it does not begin with CSMI', 0);
  const format = r.u8();
  if (format !== FORMAT) r.fail('bad-version', `its format is ${format}, not ${FORMAT}`, MAGIC.length);
  const profile = toLatin1(r.take(r.u8()));
  const firmware = toLatin1(r.take(r.u8()));
  r.take(r.u32());
  const body = image.subarray(0, r.offset);
  const signature = r.take(DIGEST_LENGTH);
  r.done('image');
  if (!equalBytes(crypto.hash('sha-256', body), signature)) {
    throw new DecodeError('bad-checksum', 'its digest does not hold', body.length);
  }
  if (!VERSION.test(firmware)) throw new DecodeError('bad-value', 'its version cannot be shown');
  return { profile, firmware, signature: signature.slice() };
}
