import { type CryptoProvider, toHex } from 'cosem';
import type { Certificate } from './certificate.js';

/** How a certificate hangs on another one of the same files. */
export interface CertificateLink {
  /** Name of its owner. */
  readonly subject: string;
  /** Name of who, as it says, signed it. */
  readonly issuer: string;
  /** `signed`: his key signed it; `false`: it did not; `absent`: his certificate is not among them; `root`: it signed itself. */
  readonly state: 'signed' | 'false' | 'absent' | 'root';
}

/** How certificates hang together, whether they are trusted or not. */
export function linksOf(crypto: CryptoProvider, certificates: readonly Certificate[]): CertificateLink[] {
  return certificates.map((one) => {
    const signs = ({ curve, publicKey }: Certificate) =>
      one.signedOn === curve && crypto.verify(curve, publicKey, one.signed, one.signature);
    const named = certificates.filter(({ subject }) => toHex(subject) === toHex(one.issuer));
    const names = { subject: one.subjectText, issuer: one.issuerText };
    if (toHex(one.subject) === toHex(one.issuer)) return { ...names, state: signs(one) ? 'root' : 'false' };
    if (named.length === 0) return { ...names, state: 'absent' };
    return { ...names, state: named.some(signs) ? 'signed' : 'false' };
  });
}
