import { certificateHtml } from '../certificate/html.js';
import type { Certificate } from '../record/record.js';
import { certificateFonts } from './certificate-fonts.js';
import { certificatePdf } from './certificate-pdf.js';

/** A certificate to look at and to print. */
export interface RenderedCertificate {
  /** One file that needs nothing beside it. */
  readonly html: string;
  /** One page of A4. */
  readonly pdf: Uint8Array;
}

/**
 * Prints a certificate, in Hindi and English, with the signed record inside. The same certificate gives the same octets.
 * @throws StorageError when the fonts are not there.
 */
export async function renderCertificate(certificate: Certificate): Promise<RenderedCertificate> {
  return { html: certificateHtml(certificate, certificateFonts().web), pdf: await certificatePdf(certificate) };
}
