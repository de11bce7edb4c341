import { StateError, toHex } from 'cosem';
import type { CertificateProvider } from 'cosem/protocol';
import { readCertificate } from './certificate.js';
import { checkCertificate } from './check.js';
import { makeRequest } from './request.js';

/**
 * X.509 for meters and clients, with these trust anchors: what `cosem` calls for HLS 7, signatures and the methods of class 64.
 * @param anchors certificates of authorities, DER: roots, or authorities below them. What they signed is accepted.
 * @throws DecodeError for what is no certificate, StateError for one that is not of an authority.
 */
export function certificateProvider(anchors: readonly Uint8Array[]): CertificateProvider {
  const trusted = anchors.map(readCertificate);
  for (const { authority, signsCertificates, subjectText } of trusted) {
    if (!authority || !signsCertificates) {
      throw new StateError(`${subjectText} is no authority, and so no trust anchor`, {
        hint: 'give the certificate of the authority that signed it',
      });
    }
  }
  const known = new Set(trusted.map(({ octets }) => toHex(octets)));
  return {
    read: readCertificate,
    check: (crypto, certificate, demand) => checkCertificate(crypto, certificate, trusted, demand).leaf,
    isAnchor: (certificate) => known.has(toHex(certificate)),
    anchors: trusted.map(({ octets }) => octets),
    request: makeRequest,
  };
}
