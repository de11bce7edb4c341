import { buffer } from 'node:stream/consumers';
import { certificateFonts } from './certificate-fonts.js';
import { PdfPen } from './pdf-pen.js';

/** What a file says of itself. */
export interface PdfFacts {
  readonly title: string;
  readonly author: string;
  /** What made it. */
  readonly producer?: string | undefined;
  readonly at: Date;
}

/**
 * A new PDF on A4: tagged, fonts inside, not compressed, because compressors differ from one version to the next.
 * @returns `octets` is there when the document has ended.
 */
export async function newPdf({ title, author, producer, at }: PdfFacts) {
  // Loaded only here, because it is large and needed for nothing else.
  const { default: PDFDocument } = await import('pdfkit');
  const pdf = new PDFDocument({
    size: 'A4',
    margin: 0,
    compress: false,
    pdfVersion: '1.7',
    tagged: true,
    lang: 'hi',
    displayTitle: true,
    info: {
      Title: title,
      Author: author,
      Creator: 'cosem',
      ...(producer === undefined ? {} : { Producer: producer }),
      CreationDate: at,
      ModDate: at,
    },
  });
  const octets = buffer(pdf);
  PdfPen.registerFonts(pdf, certificateFonts().files);
  return { pdf, octets };
}
