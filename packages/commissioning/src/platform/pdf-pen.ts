import type PDFDocument from 'pdfkit';
import type { FontFiles, FontScript } from './certificate-fonts.js';

type Pdf = InstanceType<typeof PDFDocument>;

/** What a text is for a program that reads the page aloud. */
export type TextRole = 'H1' | 'H2' | 'P';

export interface TextStyle {
  /** Points. */
  readonly size: number;
  readonly bold?: boolean;
  readonly color?: string;
  /** Distance of lines, of the size. */
  readonly leading?: number;
  readonly align?: 'left' | 'right' | 'center';
  /** Default a paragraph. */
  readonly role?: TextRole;
}

/** Letters of one font, side by side. */
interface Run {
  readonly font: string;
  readonly text: string;
  readonly width: number;
}

type Line = readonly Run[];

const DEVANAGARI = /[\u0900-\u097F\u1CD0-\u1CF9\u20B9\uA830-\uA839\uA8E0-\uA8FF]/;
const LATIN = /[\u0020-\u00FF\u0131\u0152\u0153\u2000-\u206F\u20AC\u2122\u2212]/;

/**
 * Writes text of several scripts into boxes of a page. With `draws` off it only measures, so that a page can first be laid out and then
 * drawn in the same way.
 */
export class PdfPen {
  readonly pdf: Pdf;
  readonly draws: boolean;
  /** What the drawn texts are parts of, in the order in which they are drawn. */
  readonly #whole: PDFKit.PDFStructureElement | undefined;
  /** Widths at a size of one point, by font and letters. They are kept because shaping the letters is slow. */
  readonly #widths: Map<string, number>;

  constructor(
    pdf: Pdf,
    draws: boolean,
    whole: PDFKit.PDFStructureElement | undefined = undefined,
    widths = new Map<string, number>(),
  ) {
    this.pdf = pdf;
    this.draws = draws;
    this.#whole = whole;
    this.#widths = widths;
  }

  /** A pen for the same page that draws, or only measures. @param whole what becomes of the drawn texts; it must be in the file. */
  as(draws: boolean, whole = this.#whole): PdfPen {
    return new PdfPen(this.pdf, draws, whole, this.#widths);
  }

  /** Registers the fonts under the names that this pen uses. */
  static registerFonts(pdf: Pdf, files: FontFiles): void {
    for (const script of Object.keys(files) as FontScript[]) {
      const [regular, bold] = files[script];
      pdf.registerFont(fontName(script, false), asBuffer(regular));
      pdf.registerFont(fontName(script, true), asBuffer(bold));
    }
  }

  /** Writes a text downwards from its upper edge, broken between words to the width. @returns its height. */
  text(text: string, x: number, y: number, width: number, style: TextStyle): number {
    const lines = this.#broken(text, width, style);
    const { size, leading = 1.28, align = 'left', color = '#16181d', role = 'P' } = style;
    this.#marked(role, text, () => {
      this.pdf.fillColor(color);
      lines.forEach((line, i) => {
        const wide = line.reduce((sum, run) => sum + run.width, 0);
        const free = align === 'left' ? 0 : align === 'right' ? width - wide : (width - wide) / 2;
        // The letters are centred on their line, because signs above and below Devanagari letters need both halves.
        this.#write(line, x + free, y + (i + 0.5) * size * leading + 0.36 * size, size);
      });
    });
    return lines.length * size * leading;
  }

  /** The width that a text takes on one line. */
  widthOf(text: string, style: TextStyle): number {
    return this.#runs(text, style).reduce((sum, run) => sum + run.width, 0);
  }

  rule(x: number, y: number, width: number, color: string, thickness: number): void {
    this.ornament(() => this.pdf.rect(x, y, width, thickness).fill(color));
  }

  /** Draws what says nothing, such as a line or a frame. */
  ornament(draw: () => void): void {
    if (!this.draws) return;
    this.pdf.markContent('Artifact', { type: 'Layout' });
    draw();
    this.pdf.endMarkedContent();
  }

  /** Draws a figure. @param alt what it is, in words. */
  figure(alt: string, draw: () => void): void {
    if (this.draws) this.#whole?.add(this.pdf.struct('Figure', { alt }, [draw]));
  }

  /**
   * Draws letters with the text that they show: the glyphs of Devanagari are in another order than its letters, and some stand for several,
   * so that nobody could read or search the text without it.
   */
  #marked(role: TextRole, text: string, draw: () => void): void {
    if (!this.draws) return;
    const lang = DEVANAGARI.test(text) ? 'hi' : 'en';
    const drawn = () => {
      this.pdf.markContent('Span', { actual: text, lang });
      draw();
      this.pdf.endMarkedContent();
    };
    this.#whole?.add(this.pdf.struct(role, { lang }, [drawn]));
  }

  #write(line: Line, x: number, baseline: number, size: number): void {
    let at = x;
    for (const { font, text, width } of line) {
      this.pdf.font(font).fontSize(size).text(text, at, baseline, { lineBreak: false, baseline: 'alphabetic' });
      at += width;
    }
  }

  #broken(text: string, width: number, style: TextStyle): Line[] {
    const lines: string[] = [''];
    for (const word of text.split(' ')) {
      const line = lines.at(-1) as string;
      const longer = line === '' ? word : `${line} ${word}`;
      if (this.widthOf(longer, style) <= width) lines[lines.length - 1] = longer;
      else if (line !== '' && this.widthOf(word, style) <= width) lines.push(word);
      else this.#breakWord(line === '' ? word : `${line} ${word}`, width, style, lines);
    }
    return lines.map((line) => this.#runs(line, style));
  }

  /** A word that is too long for a line is broken between letters, never within one. */
  #breakWord(text: string, width: number, style: TextStyle, lines: string[]): void {
    lines.pop();
    let line = '';
    for (const { segment } of GRAPHEMES.segment(text)) {
      if (line !== '' && this.widthOf(line + segment, style) > width) {
        lines.push(line.trimEnd());
        line = segment.trimStart();
      } else line += segment;
    }
    lines.push(line);
  }

  #runs(text: string, { size, bold = false }: TextStyle): Run[] {
    const runs: { script: FontScript; text: string }[] = [];
    for (const letter of text) {
      const last = runs.at(-1);
      const script = scriptOf(letter, last?.script);
      if (last?.script === script) last.text += letter;
      else runs.push({ script, text: letter });
    }
    return runs.map(({ script, text: letters }) => {
      const font = fontName(script, bold);
      return { font, text: letters, width: this.#widthAtOnePoint(font, letters) * size };
    });
  }

  #widthAtOnePoint(font: string, letters: string): number {
    const key = `${font}:${letters}`;
    const known = this.#widths.get(key);
    if (known !== undefined) return known;
    const width = this.pdf.font(font).fontSize(1000).widthOfString(letters) / 1000;
    this.#widths.set(key, width);
    return width;
  }
}

const GRAPHEMES = new Intl.Segmenter('hi', { granularity: 'grapheme' });

function scriptOf(letter: string, before: FontScript | undefined): FontScript {
  // Joiners belong to the letters that they join.
  if (letter === '\u200C' || letter === '\u200D') return before ?? 'devanagari';
  if (DEVANAGARI.test(letter)) return 'devanagari';
  return LATIN.test(letter) ? 'latin' : 'latin-ext';
}

function fontName(script: FontScript, bold: boolean): string {
  return `${script}${bold ? ' bold' : ''}`;
}

function asBuffer(octets: Uint8Array): Buffer {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}
