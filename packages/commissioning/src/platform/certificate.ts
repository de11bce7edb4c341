import { certificateHtml } from '../certificate/html.js';
import type { CertificateRenderer } from '../certificate/render.js';
import { certificateFonts } from './certificate-fonts.js';
import { certificatePdf } from './certificate-pdf.js';

/**
 * PDF and HTML of a certificate, in Hindi and English: one page of A4 each, with the signed record inside; files that need nothing beside
 * them.
 * @throws StorageError when the fonts are not there.
 */
export const renderCertificate: CertificateRenderer = async (certificate) => [
  { extension: 'pdf', content: await certificatePdf(certificate) },
  { extension: 'html', content: certificateHtml(certificate, certificateFonts().web) },
];
