import type { Certificate } from '../record/record-base.js';

/** A file beside the JSON of a certificate, named after its work order. */
export interface CertificateFile {
  readonly extension: 'pdf' | 'html';
  readonly content: string | Uint8Array;
}

/** Draws a certificate for people. The same certificate gives the same files, so that it can be drawn again after a power cut. */
export type CertificateRenderer = (certificate: Certificate) => Promise<readonly CertificateFile[]>;
