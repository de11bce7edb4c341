import { certificateHtml } from '../certificate/html.js';
import type { CertificateRenderer } from '../certificate/render.js';
import { certificateFonts } from './certificate-fonts.js';
import { certificatePdf } from './certificate-pdf.js';

/**
 * Renders a certificate as PDF and HTML, in Hindi and English: one page of A4 each, with the signed record inside. The files need no other
 * files.
 * @throws StorageError when the fonts are missing.
 */
export const renderCertificate: CertificateRenderer = async (certificate) => [
  { extension: 'pdf', content: await certificatePdf(certificate) },
  { extension: 'html', content: certificateHtml(certificate, certificateFonts().web) },
];
