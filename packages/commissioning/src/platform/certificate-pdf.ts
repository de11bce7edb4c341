import { visibleJson } from 'cosem/inspect';
import { canonicalJson } from '../canonical.js';
import { certificatePage } from '../certificate/page.js';
import type { CertificatePage, Row, Section } from '../certificate/page-parts.js';
import { qrCode } from '../certificate/qr-code.js';
import { WORDS, type Words } from '../certificate/words.js';
import type { Certificate } from '../record/record-base.js';
import { certificateFonts } from './certificate-fonts.js';
import { newPdf } from './pdf-document.js';
import { PdfPen, type TextStyle } from './pdf-pen.js';

const PAGE = { width: 595.28, height: 841.89 };
const MARGIN = { side: 34, top: 30, bottom: 26 };
const WIDTH = PAGE.width - 2 * MARGIN.side;
const GAP = 22;
const GREEN = '#0b6b3a';
const GREY = '#4c525d';
const QR_SIDE = 125;
/** The sizes that are tried, until everything fits on the page. */
const SCALES = [1, 0.96, 0.92, 0.88, 0.84, 0.8, 0.76, 0.72, 0.68, 0.64, 0.6, 0.55];
const SMALLEST = 0.5;

/** The number rises whenever the form of the page changes, because the same record then gives another file. */
const FORM = 'cosem certificate, form 2';
/** File name of the attached record. */
export const ATTACHED = 'certificate.json';

/** The name of what made a page, which the page contains. The version is that of the package that writes the file. */
export function pdfMaker(): string {
  return `${FORM}, fonts ${certificateFonts().web.digest}, pdfkit 0.20.2`;
}

/**
 * The certificate as PDF: one page of A4, fonts inside, the signed record attached. Deterministic, and not compressed: compressors differ
 * from one version to the next.
 */
export async function certificatePdf(certificate: Certificate): Promise<Uint8Array> {
  const page = certificatePage(certificate);
  const signedAt = new Date(page.at);
  const { pdf, octets } = await newPdf({
    title: `${page.title.hi} / ${page.title.en} ${page.id}`,
    author: page.utility,
    producer: pdfMaker(),
    at: signedAt,
  });
  const pen = new PdfPen(pdf, false);
  const scale = SCALES.find((candidate) => drawPage(pen, page, candidate)) ?? SMALLEST;
  const whole = pdf.struct('Document');
  pdf.addStructure(whole);
  drawPage(pen.as(true, whole), page, scale);
  whole.end();
  pdf.file(Buffer.from(visibleJson(canonicalJson(certificate))), {
    name: ATTACHED,
    type: 'application/json',
    creationDate: signedAt,
    modifiedDate: signedAt,
  });
  pdf.end();
  return new Uint8Array(await octets);
}

/** @returns whether the page held it all. */
function drawPage(pen: PdfPen, page: CertificatePage, scale: number): boolean {
  const draft = new Draft(pen, scale);
  let y = draft.header(page, MARGIN.top);
  y = draft.free(page, y + 8 * scale);
  y = draft.columns(page, y + 10 * scale);
  y = draft.see(page, y + 8 * scale);
  const foot = draft.check(page, PAGE.height - MARGIN.bottom);
  return y + 8 * scale <= foot;
}

/** Draws the parts of the page from top to bottom. Each method returns the y at which its part ends. */
class Draft {
  readonly #pen: PdfPen;
  readonly #scale: number;

  constructor(pen: PdfPen, scale: number) {
    this.#pen = pen;
    this.#scale = scale;
  }

  #measuring(): Draft {
    return new Draft(this.#pen.as(false), this.#scale);
  }

  header(page: CertificatePage, y: number): number {
    const right = WIDTH * 0.3;
    const left = WIDTH - right - 10;
    const x = MARGIN.side;
    let at = y + this.#text(page.utility, x, y, left, { size: 10.5, bold: true, color: GREEN });
    at += this.#text(page.title.hi, x, at, left, { size: 19, bold: true, role: 'H1' });
    at += this.#text(page.title.en, x, at, left, { size: 10.5, color: GREY });
    const edge = x + WIDTH - right;
    const number = this.#text(page.id, edge, y, right, { size: 11, bold: true, align: 'right' });
    this.#text(`No. ${page.sequence}`, edge, y + number, right, { size: 9, color: GREY, align: 'right' });
    this.#pen.rule(x, at + 3, WIDTH, GREEN, 1.6);
    return at + 5;
  }

  free({ free, helpline }: CertificatePage, y: number): number {
    const right = 120;
    const x = MARGIN.side + 12;
    const left = WIDTH - right - 36;
    const write = (draft: Draft) => {
      let at = y + 6;
      const headline = `${free.headline.hi} · ${free.headline.en}`;
      at += draft.#text(headline, x, at, left, { size: 14, bold: true, color: GREEN });
      at += draft.#text(free.sentence.hi, x, at, left, { size: 10 });
      at += draft.#text(free.sentence.en, x, at, left, { size: 9 });
      const edge = MARGIN.side + WIDTH - right - 10;
      let beside = y + 5;
      const small: TextStyle = { size: 8, color: GREY, align: 'center' };
      beside += draft.#text(WORDS.helpline.hi, edge, beside, right, small);
      beside += draft.#text(WORDS.helpline.en, edge, beside, right, small);
      const number: TextStyle = { size: 20, bold: true, color: GREEN, align: 'center', leading: 1.15 };
      beside += draft.#text(helpline, edge, beside, right, number);
      return Math.max(at, beside) + 6;
    };
    const end = write(this.#measuring());
    if (this.#pen.draws) {
      const frame = () => this.#pen.pdf.roundedRect(MARGIN.side, y, WIDTH, end - y, 5).lineWidth(1);
      this.#pen.ornament(() => frame().fillAndStroke('#e7f5ec', GREEN));
      write(this);
    }
    return end;
  }

  columns({ columns }: CertificatePage, y: number): number {
    const width = (WIDTH - GAP) / 2;
    const ends = columns.map((sections, i) =>
      sections.reduce((at, section) => this.#section(section, MARGIN.side + i * (width + GAP), at, width), y),
    );
    return Math.max(...ends);
  }

  see({ see }: CertificatePage, y: number): number {
    let at = this.#heading(see.title, MARGIN.side, y, WIDTH);
    for (const line of see.lines) {
      this.#text('•', MARGIN.side, at, 10, { size: 8.8, color: GREEN });
      at += this.#text(line.hi, MARGIN.side + 10, at, WIDTH - 10, { size: 8.8 });
      at += this.#text(line.en, MARGIN.side + 10, at, WIDTH - 10, { size: 8, color: GREY });
    }
    return at;
  }

  /** From its lower edge; @returns its upper edge. */
  check({ check, code }: CertificatePage, bottom: number): number {
    const side = QR_SIDE;
    const x = MARGIN.side + side + 14;
    const width = WIDTH - side - 14;
    const write = (draft: Draft, y: number) => {
      let at = draft.#heading(check.title, x, y, width);
      at += draft.#text(check.how.hi, x, at, width, { size: 8.6 });
      at += draft.#text(check.how.en, x, at, width, { size: 8, color: GREY });
      return draft.#rows(check.rows, x, at + 3, width, 0.24);
    };
    const height = write(this.#measuring(), 0);
    const top = bottom - Math.max(height, side) - 6;
    this.#pen.rule(MARGIN.side, top, WIDTH, '#b9c9bf', 0.7);
    this.#pen.figure('QR code', () => this.#qr(code, MARGIN.side, top + 6, side));
    write(this, top + 6 + Math.max(0, (side - height) / 2));
    return top;
  }

  #qr(text: string, x: number, y: number, side: number): void {
    const { size, bars } = qrCode(text);
    const { pdf } = this.#pen;
    const module = side / size;
    for (const [column, row, width] of bars) {
      pdf.rect(x + column * module, y + row * module, width * module, module);
    }
    pdf.fill('#000000');
  }

  #section({ title, rows }: Section, x: number, y: number, width: number): number {
    return this.#rows(rows, x, this.#heading(title, x, y, width), width, 0.37) + 6 * this.#scale;
  }

  #heading({ hi, en }: Words, x: number, y: number, width: number): number {
    const size = 10;
    const hindi = this.#pen.widthOf(`${hi} `, { size: size * this.#scale, bold: true });
    const height = this.#text(hi, x, y, width, { size, bold: true, color: GREEN, role: 'H2' });
    const english = { size: 8.8, color: GREY, leading: (1.28 * size) / 8.8 };
    const end = Math.max(height, this.#text(en, x + hindi, y, width - hindi, english));
    this.#pen.rule(x, y + end, width, '#b9c9bf', 0.6);
    return y + end + 2 * this.#scale;
  }

  #rows(rows: readonly Row[], x: number, y: number, width: number, part: number): number {
    const label = width * part - 6;
    const from = x + width * part;
    return rows.reduce((at, row) => at + this.#row(row, x, label, from, x + width - from, at), y);
  }

  #row({ label, value, strong = false }: Row, x: number, labelWidth: number, from: number, width: number, y: number) {
    const hindi = this.#text(label.hi, x, y, labelWidth, { size: 8.8, leading: 1.2 });
    const left = hindi + this.#text(label.en, x, y + hindi, labelWidth, { size: 7.2, color: GREY, leading: 1.2 });
    const style = { size: strong ? 10 : 9, bold: strong, leading: 1.2 };
    const write = (draft: Draft, at: number) => {
      if (typeof value === 'string') return draft.#text(value, from, at, width, style);
      if (value.hi === value.en) return draft.#text(value.en, from, at, width, style);
      const first = draft.#text(value.hi, from, at, width, style);
      const second = { ...style, size: style.size - 1, color: GREY };
      return first + draft.#text(value.en, from, at + first, width, second);
    };
    const right = write(this.#measuring(), y);
    write(this, y + Math.max(0, (left - right) / 2));
    return Math.max(left, right) + 2.2 * this.#scale;
  }

  #text(text: string, x: number, y: number, width: number, style: TextStyle): number {
    return this.#pen.text(text, x, y, width, { ...style, size: style.size * this.#scale });
  }
}
