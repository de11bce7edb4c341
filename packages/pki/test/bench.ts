/** Authorities and certificates for tests: made anew, because a fixed one ends some day. */

import { fromHex } from 'cosem';
import { nodeCrypto as crypto } from 'cosem/node';
import type { Curve, KeyUse } from 'cosem/protocol';
import { type Authority, type Certificate, issueCertificate, makeAuthority, makeKeyPair } from '../src/index.js';

export const TITLE = fromHex('4D4D4D0000BC614E');
export const OTHER = fromHex('4D4D4D0000000001');
const DAY = 86_400_000;
export const NOW = Date.UTC(2026, 11, 1, 12);
export const validity = { notBefore: NOW - DAY, notAfter: NOW + 365 * DAY };

/** A root and an authority below it. */
export function authorities(curve: Curve): { root: Authority; sub: Authority } {
  const long = { notBefore: NOW - 10 * DAY, notAfter: NOW + 3650 * DAY };
  const root = makeAuthority(crypto, { ...long, name: 'Test root', keys: makeKeyPair(crypto, curve), pathLength: 1 });
  const sub = makeAuthority(crypto, {
    ...{ ...long, name: 'Test authority', keys: makeKeyPair(crypto, curve), pathLength: 0 },
    by: root,
  });
  return { root, sub };
}

/** A certificate of a device, and the private key to it. */
export function entity(
  by: Authority,
  {
    use = 'digital-signature',
    curve = by.curve,
    systemTitle = TITLE,
    ...dates
  }: Partial<{ use: KeyUse; curve: Curve; systemTitle: Uint8Array; notBefore: number; notAfter: number }> = {},
): { certificate: Certificate; privateKey: Uint8Array } {
  const { privateKey } = makeKeyPair(crypto, curve);
  const publicKey = crypto.publicKey(curve, privateKey);
  const certificate = issueCertificate(crypto, by, { ...validity, ...dates, curve, publicKey, systemTitle, use });
  return { certificate, privateKey };
}
